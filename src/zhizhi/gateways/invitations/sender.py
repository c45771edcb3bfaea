"""The mail of an invitation: its words stand here, and all that changes is a code, an end and a mailbox of the house.

No permit is asked for, since nobody is contacted about a debt; so that it is no way around permits, no text of anybody
passes through: what is not a code, not an address of the operator's own domains, or not over TLS, is refused before any
traffic.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import Deadline, Failed, FailureKind, SendOutcome
from zhizhi.gateways.smtp.line import SmtpLine, mail_address
from zhizhi.gateways.smtp.settings import SmtpSettings

CODE = re.compile(r"[0-9]{1,18}(-[a-z0-9]{4}){6}")
SITE = re.compile(r"https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?/[a-z/-]{1,60}")
LEAVES_WITHIN = timedelta(minutes=2)
"""A message that could not be handed over by then is not begun any more."""

_SUBJECT = "登录邀请 · Your invitation to sign in"
_BODY = """您受邀登录贷后系统（知止）。请在有效期内打开下面的链接，设置密码和第二因素：
You are invited to sign in to the collections system (Zhizhi). Open this link in time, and choose a password and a second factor:

{site}#{code}

也可以打开 {site} ，输入邀请码：
Or open {site} and enter the code:

{code}

有效至 {ends}（北京时间），只能用一次。Good once, until {ends} (Beijing).

您没有在等这封邀请？请不要打开，并告知贵单位的系统管理员。不要转发。
You do not expect it? Leave it closed and tell your administrator. Do not forward it.
"""  # noqa: E501  a line of a mail is as long as its sentence


@dataclass(frozen=True, slots=True)
class InvitationLetter:
    """What changes from one invitation to the next; address and code live in memory only and never in a repr."""

    address: str = field(repr=False)
    code: str = field(repr=False)
    ends_at: datetime
    key: str
    """Names this try, and makes the id of its message."""


@dataclass(frozen=True, slots=True)
class _Within:
    expires_at: datetime


class InvitationSender:
    """Sends invitations through the operator's mail server, to the operator's own domains.

    Refuses: settings that would write elsewhere (ValueError).
    """

    def __init__(self, settings: SmtpSettings, domains: Collection[str], site: str) -> None:
        if not SITE.fullmatch(site):
            raise ValueError("the page of invitations is an https address without anything behind it")
        if not domains:
            raise ValueError("no domain of the house is named")
        self._line = SmtpLine(settings)
        self._domains = frozenset(domains)
        self._site = site

    def send(self, letter: InvitationLetter, at: datetime) -> SendOutcome:
        """Send one. Refuses, before any traffic: no code, an address of another domain, an end that is over."""
        address = house_address(letter.address, self._domains)
        if address is None:
            return _NOT_OURS
        if not CODE.fullmatch(letter.code):
            return _NO_CODE
        if at >= letter.ends_at:
            return _TOO_LATE
        ends = f"{letter.ends_at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
        body = _BODY.format(site=self._site, code=letter.code, ends=ends)
        deadline = Deadline([_Within(min(letter.ends_at, at + LEAVES_WITHIN))], at)
        return self._line.deliver(address, _SUBJECT, body, letter.key, at, deadline, _TOO_SLOW)

    def close(self) -> None:
        """End the open connection, if there is one."""
        self._line.close()


def house_address(address: str, domains: Collection[str]) -> str | None:
    """The address as a mail server takes it, where it is a mailbox of one of these very domains; None elsewhere."""
    written = mail_address(address)
    return written if written is not None and written.rpartition("@")[2].lower() in domains else None


_NOT_OURS = Failed(
    FailureKind.PERMANENT,
    "not_ours",
    Text("该邮箱不在 `staff_domains` 所列的域名下", "this mailbox is of no domain that `staff_domains` names"),
)
_NO_CODE = Failed(FailureKind.PERMANENT, "no_code", Text("邀请码格式不符，未发出", "that is no code; nothing left"))
_TOO_LATE = Failed(
    FailureKind.PERMANENT, "too_late", Text("邀请已过期，未发出", "the invitation is over; nothing left")
)
_TOO_SLOW = Failed(
    FailureKind.TEMPORARY, "too_slow", Text("邮件服务器太慢，未发出", "the mail server is too slow; nothing left")
)
