"""The first step: login and password, counted before they are looked at."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from zhizhi.store.sign_in.acts import note_broken_glass
from zhizhi.store.sign_in.by_role import needs_second_factor
from zhizhi.store.sign_in.factors import kinds_of
from zhizhi.store.sign_in.members import Member, known_mark, member_by_password
from zhizhi.store.sign_in.waits import count_attempt, give_back, of_address, of_login, paces
from zhizhi.usecases.sign_in.installed import breaks_glass, signs_in_locally
from zhizhi.usecases.sign_in.refusals import BY_PROVIDER, WRONG, SignInRefused, failing_closed, raise_wait


@dataclass(frozen=True, slots=True)
class TryPassword:
    """What was typed, from where; `device_secret` is the cookie of a browser that was here before."""

    login: str
    password: str = field(repr=False)
    address: str = field(repr=False)
    device_secret: str | None = field(repr=False, default=None)


class NextStep(StrEnum):
    """What stands between a right password and a session."""

    ENTER = "enter"
    PROVE = "prove"
    ENROL = "enrol"


def try_password(tried: TryPassword, at: datetime) -> tuple[Member, NextStep]:
    """Who this is and what comes next.

    Refuses: SignInRefused in one sentence for unknown, wrong and gone; a wait or lock, known or not; untrusted clock,
    keys away.
    """
    with failing_closed():
        mark = known_mark(tried.login, tried.device_secret)
        paced = paces(of_login(tried.login, mark), of_address(tried.address) if mark is None else None)
        raise_wait(count_attempt(paced, at), at)
        member = member_by_password(tried.login, tried.password, hashes_anew=True)
        if member is None:
            raise SignInRefused("wrong", WRONG)
        give_back(paced, at)
        if not signs_in_locally(member.role, is_synthetic=member.demonstrates):
            raise SignInRefused("provider", BY_PROVIDER)
        if breaks_glass(member.role):
            note_broken_glass(member.id, at)
        return member, next_step_of(member)


def next_step_of(member: Member) -> NextStep:
    """Whoever has a second factor shows it; whoever needs one and has none enrols one."""
    if kinds_of(member.id):
        return NextStep.PROVE
    if member.demonstrates or not needs_second_factor(member.role):
        return NextStep.ENTER
    return NextStep.ENROL
