"""Ask for a code, show it, leave: the web's half of the portal's way in. It does the same for everybody."""

from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.operations.clock_guard import ClockNotTrusted, require_clock
from zhizhi.store.portal.finding import normal_number
from zhizhi.store.portal.pacing import count_asking
from zhizhi.store.portal.requests import keep_request, take_code

REFERENCE_CHARACTERS_MAX = 64
CODE_DIGITS = 6
BAD_REFERENCE = Text("请填写案件编号或合同编号", "please give the case or contract number")
BAD_NUMBER = Text("请填写 11 位手机号", "please give a mobile number of 11 digits")
WAITING = Text("请求过于频繁，请 {wait} 分钟后再试", "too many requests; help: try again in {wait} minutes")
AWAY = Text("暂时无法处理，请稍后再试", "this does not work right now; help: try again later")
WRONG_CODE = Text(
    "验证码不正确、已用过或已过期；输错五次后须重新获取",
    "the code is wrong, used or too old; after five wrong ones ask for another",
)


class PortalRefused(Refused):
    """Nobody gets in by this; `code` is closed: bad_reference, bad_number, waits, away, wrong_code."""


@dataclass(frozen=True, slots=True)
class AskCode:
    """What was typed, and from where."""

    reference: str = field(repr=False)
    number: str = field(repr=False)
    address: str = field(repr=False)


def ask_code(command: AskCode, at: datetime) -> str:
    """Keep the request; answers the browser's secret. Whether anybody stands behind it, nobody learns here.

    Refuses: PortalRefused for what cannot be a reference or a number, for too many requests, a clock that is not
    trusted, keys that are away.
    """
    if not 0 < len(command.reference.strip()) <= REFERENCE_CHARACTERS_MAX:
        raise PortalRefused("bad_reference", BAD_REFERENCE)
    if not normal_number(command.number):
        raise PortalRefused("bad_number", BAD_NUMBER)
    _require_clock()
    try:
        wait = count_asking(command.number, command.address, at)
        if wait is None:
            return keep_request(command.reference, command.number, at)
    except KeyUnavailable as away:
        raise PortalRefused("away", AWAY) from away
    assert wait.until is not None, "no pace of the portal locks"
    minutes = max(1, -(-int((wait.until - at).total_seconds()) // 60))
    raise PortalRefused("waits", WAITING.fill(wait=minutes))


def show_code(secret: str, written: str, at: datetime) -> str:
    """The secret of a session. Refuses: PortalRefused, in one sentence for every code that opens nothing."""
    _require_clock()
    digits = "".join(written.split())
    try:
        session = take_code(secret, digits[: CODE_DIGITS + 1], at)
    except KeyUnavailable as away:
        raise PortalRefused("away", AWAY) from away
    if session is None:
        raise PortalRefused("wrong_code", WRONG_CODE)
    return session


def _require_clock() -> None:
    try:
        require_clock()
    except ClockNotTrusted as untrusted:
        raise PortalRefused("away", AWAY) from untrusted
