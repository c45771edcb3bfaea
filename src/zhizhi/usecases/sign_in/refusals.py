"""Why somebody does not get in: the same words for everybody who may not know more."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.operations.clock_guard import ClockNotTrusted, require_clock
from zhizhi.store.sign_in.waits import Wait

# One sentence for an unknown name, a wrong password and somebody who left: nobody learns which names exist.
WRONG = Text("登录名或密码不正确", "sign-in name or password is wrong")
WRONG_FACTOR = Text("验证未通过，请重试", "that did not prove it; try again")
COPIED = Text(
    "这个通行密钥的使用次数倒退，可能被复制，已停用；请用另一种方式，并告知管理员",
    "this passkey counts backwards, it may be a copy: it has ended; help: use another way, tell an administrator",
)
LOCKED = Text(
    "失败次数过多，已锁定；请管理员或主管核实后解锁",
    "too many failures: locked; help: ask an administrator or supervisor to open it",
)
WAITING = Text("失败次数过多，请等待 {wait} 秒后再试", "too many failures; help: try again in {wait} seconds")
BY_PROVIDER = Text(
    "您的角色只经统一认证登录，不用密码", "your role signs in through the identity provider, not by password"
)
CLOCK = Text(
    "本机时钟不可信，暂不能登录；请告知管理员", "the clock is not trusted, nobody signs in; tell the administrator"
)
KEYS_AWAY = Text(
    "密钥服务不可用，暂不能登录；请告知管理员", "the key service is away, nobody signs in; tell the administrator"
)


class SignInRefused(Refused):
    """Nobody gets in by this; `code` is closed: wrong, factor, copied, waits, locked, clock, keys, changed, …"""


def raise_wait(wait: Wait | None, at: datetime) -> None:
    """Refuse an attempt that has to wait."""
    if wait is None:
        return
    if wait.until is None:
        raise SignInRefused("locked", LOCKED)
    seconds = max(1, int((wait.until - at).total_seconds()) + 1)
    raise SignInRefused("waits", WAITING.fill(wait=seconds))


@contextmanager
def failing_closed() -> Iterator[None]:
    """Within, a clock that is not trusted and keys that are away let nobody in, and say so."""
    try:
        require_clock()
    except ClockNotTrusted as untrusted:
        raise SignInRefused("clock", CLOCK) from untrusted
    try:
        yield
    except KeyUnavailable as away:
        raise SignInRefused("keys", KEYS_AWAY) from away
