"""A second factor is enrolled: kept only after it was shown to work."""

from collections.abc import Sequence
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.sign_in.factors import load_factors
from zhizhi.store.sign_in.marks import mark_of_bytes
from zhizhi.store.sign_in.pace import PERSON
from zhizhi.store.sign_in.proofs import NewFactor, keep_factor
from zhizhi.store.sign_in.waits import count_attempt, give_back, of_factor
from zhizhi.usecases.sign_in import passkeys
from zhizhi.usecases.sign_in.one_time_codes import step_of
from zhizhi.usecases.sign_in.proving import ShownPasskey
from zhizhi.usecases.sign_in.refusals import WRONG_FACTOR, SignInRefused, failing_closed, raise_wait

NOT_KEPT = Text(
    "未能添加：这个通行密钥已登记，或已达到 10 种方式，或您已另行设置（请重新登录）",
    "not added: this passkey is enrolled already, there are ten factors, or one was enrolled meanwhile (sign in again)",
)
APP, PASSKEY = Text("验证器应用", "authenticator app"), Text("通行密钥", "passkey")


def enrol_app(
    staff_id: int, secret: bytes, written: str, label: str, at: datetime, *, is_first: bool = False
) -> Sequence[str]:
    """Keep an authenticator app whose code was shown; answers new recovery codes, none where there are some already.

    `is_first`: by the password alone, so that it is kept only while the member has no factor.

    Refuses: SignInRefused.
    """
    with failing_closed():
        paced = {of_factor(staff_id): PERSON}
        raise_wait(count_attempt(paced, at), at)
        step = step_of(secret, "".join(written.split()), at)
        if step is None:
            raise SignInRefused("factor", WRONG_FACTOR)
        give_back(paced, at)
        return _kept(staff_id, NewFactor("totp", label or APP.zh, secret, step), at, is_first=is_first)


def ask_passkey(site: passkeys.Site, staff_id: int, login: str) -> tuple[dict[str, object], dict[str, object]]:
    """What a browser is asked to make, and the state to keep until it answers."""
    with failing_closed():
        return passkeys.ask_new(site, staff_id, login, load_factors(staff_id))


def enrol_passkey(
    staff_id: int, shown: ShownPasskey, label: str, at: datetime, *, is_first: bool = False
) -> Sequence[str]:
    """Keep a passkey that was just made; answers as `enrol_app`. Refuses: SignInRefused."""
    with failing_closed():
        new = passkeys.made(shown.site, shown.state, shown.answer)
        factor = NewFactor("passkey", label or PASSKEY.zh, new.credential, new.count, mark_of_bytes(new.id))
        return _kept(staff_id, factor, at, is_first=is_first)


def _kept(staff_id: int, factor: NewFactor, at: datetime, *, is_first: bool) -> Sequence[str]:
    codes = keep_factor(staff_id, factor, at, is_first=is_first)
    if codes is None:
        raise SignInRefused("not_kept", NOT_KEPT)
    return codes
