"""What one person does about another's way in: open a lock, end sessions, take a lost factor away."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right, may
from zhizhi.store.sign_in.endings import revoke_sessions, unlock_member
from zhizhi.store.sign_in.members import Member, find_anybody, find_member
from zhizhi.store.sign_in.proofs import reset_factors
from zhizhi.usecases.sign_in.refusals import SignInRefused, failing_closed

GROUND_MIN = 4
NO_SAY = Text(
    "经办人须是本机构另一位在职的管理员（解锁也可以是主管）",
    "it takes another active administrator of the same lender (a supervisor may open a lock)",
)
NOBODY = Text("没有这个登录名", "there is no such sign-in name")
NO_GROUND = Text("请写明依据，例如如何核实了本人", "say on what ground, such as how the person was recognised")
NOTHING = Text("没有可以结束的", "there was nothing to end")


@dataclass(frozen=True, slots=True)
class OfAnother:
    """Whose way in, who does it, and on what ground."""

    login: str
    by: str
    ground: str


def unlock(command: OfAnother, at: datetime) -> None:
    """End waits and locks of a member. Refuses: oneself, no say, no ground, nothing to end."""
    with failing_closed():
        target, by = _both(command, Right.OPEN_SIGN_IN)
        if not unlock_member(target.id, target.login, by.id, command.ground.strip(), at):
            raise SignInRefused("nothing", NOTHING)


def end_sessions(command: OfAnother, at: datetime) -> int:
    """End all sessions of a member; answers how many. Refuses: oneself, no say, no ground, nothing to end."""
    target, by = _both(command, Right.RESET_SIGN_IN)
    ended = revoke_sessions(target.id, by.id, at, command.ground.strip())
    if not ended:
        raise SignInRefused("nothing", NOTHING)
    return ended


def reset_factor(command: OfAnother, at: datetime) -> None:
    """Take all factors, codes and sessions of a member away: the next sign-in enrols anew. Refuses: as the others."""
    with failing_closed():
        target, by = _both(command, Right.RESET_SIGN_IN)
        if not reset_factors(target.id, by.id, command.ground.strip(), at):
            raise SignInRefused("nothing", NOTHING)


def _both(command: OfAnother, right: Right) -> tuple[Member, Member]:
    by = find_member(command.by)
    if by is None or not may(by.role, right) or command.by == command.login:
        raise SignInRefused("no_say", NO_SAY)
    target = find_anybody(command.login)
    if target is None or by.lender_id not in (None, target.lender_id):
        raise SignInRefused("nobody", NOBODY)
    if len(command.ground.strip()) < GROUND_MIN:
        raise SignInRefused("no_ground", NO_GROUND)
    return target, by
