"""A second factor is shown: at sign-in, and again before what is sensitive."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.store.sign_in.factors import Factor, codes_left, load_factors, note_use, use_count
from zhizhi.store.sign_in.pace import PERSON
from zhizhi.store.sign_in.proofs import end_copied, note_code_used
from zhizhi.store.sign_in.waits import count_attempt, give_back, of_factor
from zhizhi.usecases.sign_in import passkeys
from zhizhi.usecases.sign_in.one_time_codes import DIGITS, step_of
from zhizhi.usecases.sign_in.passkeys import Json, Site
from zhizhi.usecases.sign_in.refusals import COPIED, WRONG_FACTOR, SignInRefused, failing_closed, raise_wait


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What was typed: six digits of an app, or a recovery code."""

    written: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    """What a browser answered to what it was asked."""

    site: Site
    state: Json = field(repr=False)
    answer: Json = field(repr=False)


def prove_factor(staff_id: int, shown: ShownCode | ShownPasskey, at: datetime) -> str:
    """Which kind of factor was shown. Refuses: SignInRefused; each attempt counts before it is looked at."""
    with failing_closed():
        paced = {of_factor(staff_id): PERSON}
        raise_wait(count_attempt(paced, at), at)
        have = load_factors(staff_id)
        proof = (
            _by_code(staff_id, shown.written, have, at)
            if isinstance(shown, ShownCode)
            else _by_passkey(staff_id, shown, have, at)
        )
        give_back(paced, at)
        return proof


def recovery_codes_left(staff_id: int) -> int:
    """How many recovery codes of a member still open."""
    return codes_left(staff_id)


def _by_code(staff_id: int, written: str, have: Sequence[Factor], at: datetime) -> str:
    typed = "".join(written.split())
    if len(typed) == DIGITS and typed.isascii() and typed.isdigit():
        for factor in have:
            step = step_of(factor.opened, typed, at) if factor.kind == "totp" else None
            if step is not None and use_count(factor.id, step, at):
                return "totp"
    elif note_code_used(staff_id, typed, at):
        return "recovery"
    raise SignInRefused("factor", WRONG_FACTOR)


def _by_passkey(staff_id: int, shown: ShownPasskey, have: Sequence[Factor], at: datetime) -> str:
    used = passkeys.used(shown.site, shown.state, shown.answer, have)
    counts = used.count > 0 or used.factor.count > 0
    if use_count(used.factor.id, used.count, at) if counts else note_use(used.factor.id, at):
        return "passkey"
    end_copied(staff_id, used.factor.id, at)
    raise SignInRefused("copied", COPIED)
