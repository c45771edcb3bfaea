"""An invitation goes by mail: to whom, asked for by whom, made while it is sent, and what is said where it is not.

The code is made by whoever sends it, a moment before, and is nowhere else; by hand remains possible (`inviting`).
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zhizhi.core.kernel.masks import MaskKind, View, mask
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.sign_in.invitations import invite as write_invitation
from zhizhi.store.sign_in.mails import (
    ClaimedMail,
    MailRow,
    carries,
    claim_mail,
    end_mail,
    keep_address,
    load_address,
    load_mail,
    load_undelivered,
)
from zhizhi.store.sign_in.mails import ask_mail as write_mail
from zhizhi.usecases.authority import NotAllowed, require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.sign_in.refusals import failing_closed
from zhizhi.usecases.staff.inviting import require_invitable
from zhizhi.usecases.staff.reach import target
from zhizhi.usecases.staff.refusals import StaffRefused

ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9](-?[A-Za-z0-9])*\.)+[A-Za-z]{2,24}")
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
ASKED_FOR = timedelta(hours=24)
"""What was asked for longer ago is not sent any more: nobody waits for it."""
TOLD_FOR = timedelta(days=30)

REFUSALS = {
    "no_origin": Text(
        "本系统未设网址：请运维把 `ZHIZHI_ORIGIN` 设为 https 地址；在此之前请当面交付邀请",
        "this system has no address of its own; help: the operator sets `ZHIZHI_ORIGIN` to https; until then, by hand",
    ),
    "no_mail": Text(
        "未接入邮件服务器：请运维在 `channels.toml` 的 [email] 接入 smtp；在此之前请当面交付邀请",
        "no mail server is connected; help: the operator connects smtp under [email] of `channels.toml`; until then,"
        " by hand",
    ),
    "no_domains": Text(
        "未写明本单位的邮箱域名：请运维在 `channels.toml` 的 [email] 写明 `staff_domains`",
        "no domain of the house is named; help: the operator names `staff_domains` under [email] of `channels.toml`",
    ),
    "no_address": Text("此人没有工作邮箱，请先登记", "this member has no work e-mail address; help: write it first"),
    "bad_address": Text("这不是邮箱地址", "this is no e-mail address"),
    "not_ours": Text(
        "工作邮箱须在本单位的域名下（{domains}）", "a work address is of the house's own domains: {domains}"
    ),
}
FAILURES = {
    "too_late": Text("等待超过一日，未发送", "it waited longer than a day and was not sent"),
    "inviter": Text("发起者已无权邀请此人", "whoever asked may not invite this member any more"),
    "member": Text("此人已离岗、尚未开通或已有密码", "this member has left, was not admitted, or has a password"),
    "no_address": Text("此人已没有工作邮箱", "this member has no work address any more"),
    "not_set_up": Text("后台任务未接入邮件服务器或网址", "the worker has no mail server or no address of the pages"),
    "not_ours": Text("邮箱不在本单位的域名下", "the mailbox is of none of the house's domains"),
    "not_connected": Text("连不上邮件服务器", "the mail server could not be reached"),
    "too_slow": Text("邮件服务器太慢", "the mail server is too slow"),
    "login_refused": Text("邮件服务器拒绝登录，请运维检查账号", "the mail server refused the login; tell the operator"),
    "no_answer": Text(
        "已写出，但邮件服务器没有答复：可能已送达，请向本人核实",
        "it was written and the server never answered: it may have arrived; ask the member",
    ),
    "lost": Text("多次中断，未能发送", "it was interrupted again and again"),
}
_REFUSED_BY_SERVER = Text("邮件服务器拒收（代码 {code}）", "the mail server refused it (code {code})")


class MailRefused(UseCaseRefused):
    """Nothing is sent by mail; `code` is one of `REFUSALS`."""

    def __init__(self, code: str, field_name: str | None = None, **values: object) -> None:
        super().__init__(code, REFUSALS[code].fill(**values), field_name)


@dataclass(frozen=True, slots=True)
class MailRules:
    """What this installation has: an https origin, a mail server, and domains of the house."""

    has_origin: bool = False
    is_connected: bool = False
    domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SetAddress:
    """Where a member is written to; empty: nowhere."""

    staff_id: int
    address: str = field(repr=False)
    by: int


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What the page of a member shows: the masked address, the latest mail, and why none can be sent."""

    masked: str | None
    latest: MailRow | None
    because: Text | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A mail that did not arrive, for whoever asked for it."""

    staff_id: int
    login: str
    name: str
    asked_at: datetime
    words: Text


@dataclass(frozen=True, slots=True)
class Letter:
    """What leaves now. PII: the address."""

    mail: ClaimedMail
    address: str = field(repr=False)
    code: str = field(repr=False)
    ends_at: datetime


_installed: list[MailRules] = [MailRules()]


def install(rules: MailRules) -> None:
    """Called once by `config/wiring`; a second call replaces the first (tests)."""
    _installed[:] = [rules]


def set_address(command: SetAddress, at: datetime) -> None:
    """Keep or remove a work address. Refuses: NotAllowed, StaffRefused, MailRefused with its field."""
    acting = require(command.by, Right.ASK_STAFF)
    member = target(acting, command.staff_id)
    if member.is_admitted and not member.is_active:
        raise StaffRefused("has_left")
    written = command.address.strip()
    if written:
        if not ADDRESS.fullmatch(written):
            raise MailRefused("bad_address", "address")
        local, _, domain = written.rpartition("@")
        written = f"{local}@{domain.lower()}"
        _require_set_up()
        domains = _installed[0].domains
        if domain.lower() not in domains:
            raise MailRefused("not_ours", "address", domains="、".join(sorted(domains)))
    with failing_closed():
        keep_address(member.id, written or None, acting.staff_id, at)


def ask_mail(staff_id: int, by: int, at: datetime) -> None:
    """Have an invitation sent; one under way is replaced.

    Refuses: NotAllowed, StaffRefused, MailRefused, SignInRefused where keys or the clock are away.
    """
    acting = require(by, Right.ASK_STAFF)
    member = target(acting, staff_id)
    require_invitable(member)
    _require_set_up()
    with failing_closed():
        if load_address(member.id) is None:
            raise MailRefused("no_address")
        if not write_mail(member.id, acting.staff_id, at):
            raise StaffRefused("has_password")


def next_letter(at: datetime) -> Letter | None:
    """What is to leave now, its code just made; None where nothing waits. What may not leave ends with its reason.

    Refuses: SignInRefused where keys or the clock are away; the mail is tried again later.
    """
    with failing_closed():
        while (mail := claim_mail(at)) is not None:
            letter = _letter(mail, at)
            if isinstance(letter, Letter):
                return letter
            end_mail(mail, "failed", letter, at)
        return None


def has_left(letter: Letter, at: datetime) -> None:
    """A mail server took it."""
    end_mail(letter.mail, "sent", "", at)


def may_have_left(letter: Letter, failure: str, at: datetime) -> None:
    """Nobody knows; its code opens, should it have arrived."""
    end_mail(letter.mail, "unknown", failure, at)


def did_not_leave(letter: Letter, failure: str, at: datetime, *, again: bool) -> None:
    """Proof that nothing left: its code opens nothing. `again`: another try, with another code, may do better."""
    tried = letter.mail.tries
    pause = PAUSES[tried - 1] if again and tried <= len(PAUSES) else None
    end_mail(letter.mail, "failed", failure, at, None if pause is None else at + pause)


def refuse_all(at: datetime) -> int:
    """End what waits where this worker cannot send; answers how many."""
    ended = 0
    while (mail := claim_mail(at)) is not None:
        end_mail(mail, "failed", "not_set_up", at)
        ended += 1
    return ended


def load_mailbox(staff_id: int, by: int) -> Mailbox:
    """What whoever may invite sees of a member. Refuses: NotAllowed, StaffRefused, KeyUnavailable."""
    member = target(require(by, Right.ASK_STAFF), staff_id)
    address = load_address(member.id)
    because = None
    try:
        _require_set_up()
    except MailRefused as refused:
        because = refused.text
    masked = mask(MaskKind.EMAIL, address, View.COLLECTOR) if address is not None else None
    return Mailbox(masked, load_mail(member.id), because)


def undelivered(by: int, at: datetime) -> list[Undelivered]:
    """What somebody asked for and did not arrive, or perhaps did not."""
    rows = load_undelivered(by, at - TOLD_FOR)
    return [Undelivered(row.staff_id, row.login, row.name, row.asked_at, words_of(row.failure)) for row in rows]


def words_of(failure: str) -> Text:
    """Why a mail did not leave, or may not have."""
    if failure.startswith("smtp_"):
        return _REFUSED_BY_SERVER.fill(code=failure.removeprefix("smtp_"))
    return FAILURES.get(failure, Text(failure, failure))


def _require_set_up() -> None:
    rules = _installed[0]
    if not rules.is_connected:
        raise MailRefused("no_mail")
    if not rules.domains:
        raise MailRefused("no_domains")
    if not rules.has_origin:
        raise MailRefused("no_origin")


def _letter(mail: ClaimedMail, at: datetime) -> Letter | str:
    """The letter, or why there is none: everything that was looked at when it was asked for is looked at again."""
    if at - mail.asked_at > ASKED_FOR:
        return "too_late"
    if mail.tries > len(PAUSES) + 1:
        return "lost"
    try:
        member = target(require(mail.asked_by_id, Right.ASK_STAFF), mail.staff_id)
        require_invitable(member)
    except NotAllowed:
        return "inviter"
    except StaffRefused as refused:
        return "inviter" if refused.code in ("nobody", "oneself") else "member"
    address = load_address(member.id)
    if address is None:
        return "no_address"
    made = write_invitation(member.id, mail.asked_by_id, at)
    if made is None:
        return "member"
    if not carries(mail, made.id):
        return "lost"
    return Letter(mail, address, made.code, made.ends_at)
