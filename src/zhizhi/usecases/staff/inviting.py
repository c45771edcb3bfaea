"""An invitation for somebody who was admitted and has no password; and what whoever holds it does with it."""

from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.lenders.staff_reads import Member as Staff
from zhizhi.store.lenders.staff_reads import load_member as load_staff
from zhizhi.store.sign_in.invitations import NewInvitation, OpenInvitation, open_invitation, use_invitation
from zhizhi.store.sign_in.invitations import invite as write_invitation
from zhizhi.store.sign_in.members import Member, faults_of_password, load_member
from zhizhi.store.sign_in.pace import ADDRESS
from zhizhi.store.sign_in.waits import count_attempt, give_back, of_address
from zhizhi.usecases.authority import require
from zhizhi.usecases.sign_in.by_password import NextStep, next_step_of
from zhizhi.usecases.sign_in.installed import signs_in_locally
from zhizhi.usecases.sign_in.own import FAULTS, PasswordRefused
from zhizhi.usecases.sign_in.refusals import SignInRefused, failing_closed, raise_wait
from zhizhi.usecases.staff.reach import target
from zhizhi.usecases.staff.refusals import StaffRefused

NO_INVITATION = Text(
    "邀请码不正确、已使用或已过期；请向管理员索取新的",
    "this invitation is wrong, used or over; help: ask your administrator for a new one",
)


@dataclass(frozen=True, slots=True)
class Choose:
    """The first password of whoever holds an invitation."""

    invitation: OpenInvitation
    wanted: str = field(repr=False)


def invite(staff_id: int, by: int, at: datetime) -> NewInvitation:
    """A code for a member who may sign in and cannot yet; the one before is void.

    Refuses: NotAllowed, StaffRefused, SignInRefused where keys or the clock are away.
    """
    acting = require(by, Right.ASK_STAFF)
    member = target(acting, staff_id)
    require_invitable(member)
    with failing_closed():
        made = write_invitation(member.id, acting.staff_id, at)
    if made is None:
        raise StaffRefused("has_password")
    return made


def require_invitable(member: Staff) -> None:
    """Refuses: who has left, was not admitted, or signs in through the provider alone."""
    if not member.is_here:
        raise StaffRefused("has_left" if member.is_admitted and not member.is_active else "not_admitted")
    if not signs_in_locally(member.place.role, is_synthetic=member.is_synthetic):
        raise StaffRefused("by_provider")


def show_invitation(written: str, address: str, at: datetime) -> OpenInvitation:
    """What a code opens. Refuses: SignInRefused in one sentence for wrong, used and late; each attempt is counted."""
    with failing_closed():
        paced = {of_address(address): ADDRESS}
        raise_wait(count_attempt(paced, at), at)
        opened = open_invitation(written, at)
        if opened is None:
            raise SignInRefused("invitation", NO_INVITATION)
        give_back(paced, at)
        return opened


def choose_password(command: Choose, at: datetime) -> tuple[Member, NextStep]:
    """Keep the first password and use the invitation up; answers what comes next. Refuses: a rule, an end meanwhile."""
    with failing_closed():
        staff_id = command.invitation.staff_id
        for fault in faults_of_password(staff_id, command.wanted):
            raise PasswordRefused(fault, FAULTS.get(fault, FAULTS["password_guessable"]), "wanted")
        used = use_invitation(command.invitation, command.wanted, at)
        member = load_member(staff_id) if used else None
        if member is None:
            raise SignInRefused("invitation", NO_INVITATION)
        return member, next_step_of(member)


def name_of(invitation: OpenInvitation) -> tuple[str, str]:
    """Login and name of whoever is invited, for the page of whoever holds the code."""
    member = load_staff(invitation.staff_id)
    if member is None:
        raise SignInRefused("invitation", NO_INVITATION)
    return member.login, member.name
