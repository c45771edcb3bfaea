"""Templates and scripts: drafted by one person, approved or refused by another, never changed afterwards."""

from dataclasses import dataclass, replace
from datetime import datetime

from zhizhi.core.conduct.words import CHANNELS, MARKS
from zhizhi.core.consequence.claims import claims_in
from zhizhi.core.consequence.words import Claim
from zhizhi.core.kernel.text import Text
from zhizhi.core.screening.lock_screen import telling_words
from zhizhi.core.screening.placeholders import unknown_place
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.templates import NewVersion, add_version, rule_version
from zhizhi.store.words import LOCK_SCREEN_WORDING, SIGN_IN_WORDING
from zhizhi.usecases.authority import require
from zhizhi.usecases.lock_screen import MAY_NAME
from zhizhi.usecases.refused import UseCaseRefused

KNOWN_VARIABLES = ("name", "lender", "amount", "due_on", "days")
OF_SIGN_IN = ("code", "minutes")
BODY_CHARACTERS_MAX = 2000


BAD_SIGN_IN = Text(
    "查询验证码的模板须含 `{code}`，且不得透露欠款",
    "a wording for codes names `{code}` and tells of no debt",
)


def variables_for(kind: str) -> tuple[str, ...]:
    """What a wording of this kind may name: one that carries a code of the portal, no person and no debt."""
    return {SIGN_IN_WORDING: OF_SIGN_IN, LOCK_SCREEN_WORDING: MAY_NAME}.get(kind, KNOWN_VARIABLES)


@dataclass(frozen=True, slots=True)
class DraftTemplate(NewVersion):
    """A new wording, under a new or an existing code; it is kept as it was proposed, once it is checked."""


@dataclass(frozen=True, slots=True)
class ApproveTemplate:
    """The second person's word."""

    version_id: int
    approve: bool
    by: int


def draft_template(command: DraftTemplate, at: datetime) -> int:
    """Keep a draft; answers the version's id.

    Refuses: unknown channel, mark or variable, a variable of the wording that is not named, a word of debt or an amount
    in what is to be safe on a lock screen.
    """
    require(command.by, Right.DRAFT_WORDING, lender_id=command.lender_id)
    if command.channel not in CHANNELS:
        raise UseCaseRefused("unknown_channel", Text("没有这个渠道", "there is no such channel"), "channel")
    if not 0 < len(command.body.strip()) <= BODY_CHARACTERS_MAX:
        raise UseCaseRefused(
            "bad_body",
            Text(f"正文须为 1 至 {BODY_CHARACTERS_MAX} 字", f"the body has 1 to {BODY_CHARACTERS_MAX} characters"),
            "body",
        )
    known = variables_for(command.kind)
    unknown = [name for name in command.variables if name not in known]
    _require_known_places(command, known)
    wording = command.subject + command.body
    unnamed = [name for name in known if f"{{{name}}}" in wording and name not in command.variables]
    if unknown or unnamed:
        name = (unknown + unnamed)[0]
        raise UseCaseRefused(
            "bad_variable",
            Text(
                f"变量 `{name}` 未知或未声明；可用：{'、'.join(known)}",
                f"variable `{name}` is unknown or not declared",
            ),
            "variables",
        )
    if command.kind == SIGN_IN_WORDING and (command.discloses_debt or "code" not in command.variables):
        raise UseCaseRefused("bad_sign_in", BAD_SIGN_IN, "body")
    if command.kind == LOCK_SCREEN_WORDING:
        _require_lock_screen(command)
    if command.marks is not None and not set(command.marks) <= set(MARKS):
        raise UseCaseRefused("bad_mark", Text("筛查标记未知", "a mark is unknown"), "marks")
    if not set(command.claims) <= set(Claim):
        raise UseCaseRefused("bad_claim", Text("后果断言未知", "a claim is unknown"), "claims")
    claims = claims_in(f"{command.subject} {command.body}") | {Claim(claim) for claim in command.claims}
    return add_version(replace(command, claims=tuple(sorted(claims))), at)


def _require_known_places(command: DraftTemplate, known: tuple[str, ...]) -> None:
    """What stands in braces and is no variable would leave as it stands."""
    offered = "、".join(f"{{{name}}}" for name in known)
    for field, text in (("subject", command.subject), ("body", command.body)):
        place = unknown_place(text, known)
        if place is not None:
            raise UseCaseRefused(
                "bad_variable",
                Text(
                    f"第 {place.line} 行第 {place.character} 字的 `{place.said}` 不是本类模板的变量；可用：{offered}",
                    f"`{place.said}` at line {place.line}, character {place.character} is no variable of this class;"
                    f" help: use {offered}",
                ),
                field,
            )


def _require_lock_screen(command: DraftTemplate) -> None:
    telling = telling_words(command.subject + command.body)
    if command.discloses_debt or telling:
        found = "、".join(telling) or "「内容会透露欠款」"
        raise UseCaseRefused(
            "not_for_a_lock_screen",
            Text(
                f"锁屏安全的内容不得透露债务：{found}；请改为不涉账务的服务通知",
                f"others read it on a lock screen, and it tells of a debt: {found}; help: name no debt and no amount",
            ),
            "body",
        )


def approve_template(command: ApproveTemplate, at: datetime) -> None:
    """Approve or refuse a draft. Refuses: the author himself, a version that is no draft, an unscreened wording."""
    require(command.by, Right.APPROVE_WORDING)
    rule_version(command.version_id, approve=command.approve, at=at, by=command.by)
