"""What members do about their own way in; each wants a fresh proof, which the screen asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.sign_in.by_role import needs_second_factor
from zhizhi.store.sign_in.devices import ShownDevice, notice_devices
from zhizhi.store.sign_in.endings import change_password_of, drop_device, revoke_session, revoke_sessions
from zhizhi.store.sign_in.factors import kinds_of
from zhizhi.store.sign_in.members import begin, faults_of_password, load_member, member_by_password
from zhizhi.store.sign_in.pace import PERSON
from zhizhi.store.sign_in.proofs import remove_factor, renew_codes
from zhizhi.store.sign_in.sessions import NewSession, SignedIn
from zhizhi.store.sign_in.waits import count_attempt, give_back, of_factor
from zhizhi.usecases.sign_in.refusals import WRONG, SignInRefused, failing_closed, raise_wait

NOTHING = Text("没有这一项，或已经结束", "there is no such entry, or it has ended")
LAST_FACTOR = Text(
    "这是最后一种第二因素，不能移除；请先添加另一种",
    "this is the last second factor and stays; help: add another one first",
)
NO_FACTOR = Text("请先添加一种第二因素", "add a second factor first")
OLD_WRONG = Text("原密码不正确", "the present password is wrong")
FAULTS = {
    "password_too_short": Text("密码至少 12 个字符", "a password has at least 12 characters"),
    "password_too_common": Text("这个密码太常见", "this password is too common"),
    "password_too_similar": Text("密码与登录名或姓名太像", "the password is too much like the sign-in name or name"),
    "password_guessable": Text(
        "这个密码容易被猜到；几个互不相干的词比一个复杂的词更好",
        "this password is guessed soon; several unrelated words are better than one complicated word",
    ),
}


class PasswordRefused(SignInRefused):
    """A password that is not taken; `field` names the field."""

    def __init__(self, code: str, text: Text, field_name: str) -> None:
        super().__init__(code, text)
        self.field = field_name


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """The present password and the next."""

    login: str
    present: str = field(repr=False)
    wanted: str = field(repr=False)


def end_own_session(staff_id: int, session_id: int, at: datetime) -> None:
    """End one of one's own sessions. Refuses: none such."""
    if not revoke_session(staff_id, session_id, staff_id, at):
        raise SignInRefused("none", NOTHING)


def end_other_sessions(signed_in: SignedIn, at: datetime) -> int:
    """End all one's sessions but this one; answers how many."""
    return revoke_sessions(signed_in.staff_id, signed_in.staff_id, at, but=signed_in.session_id)


def forget_own_device(staff_id: int, device_id: int, at: datetime) -> None:
    """A device is unknown from now on. Refuses: none such."""
    if not drop_device(staff_id, device_id, at):
        raise SignInRefused("none", NOTHING)


def remove_own_factor(staff_id: int, role: str, factor_id: int, at: datetime, *, demonstrates: bool) -> None:
    """End one of one's own factors. Refuses: none such, or the last of a role that needs one."""
    if not remove_factor(staff_id, factor_id, at, keep_one=needs_second_factor(role) and not demonstrates):
        raise SignInRefused("last", LAST_FACTOR)


def renew_own_codes(staff_id: int, at: datetime) -> Sequence[str]:
    """New recovery codes in the place of the old. Refuses: nobody without a factor has codes."""
    with failing_closed():
        if not kinds_of(staff_id):
            raise SignInRefused("no_factor", NO_FACTOR)
        return renew_codes(staff_id, at)


def see_new_devices(signed_in: SignedIn, at: datetime) -> None:
    """The member has looked at the new devices."""
    notice_devices(signed_in.staff_id, signed_in.device_id, at)


def change_password(signed_in: SignedIn, command: ChangePassword, shown: ShownDevice, at: datetime) -> NewSession:
    """Change one's own password: every session ends, and a new one begins here with the proof of this one.

    Refuses: a wrong present password, counted like any guess; a password that breaks a rule.
    """
    with failing_closed():
        paced = {of_factor(signed_in.staff_id): PERSON}
        raise_wait(count_attempt(paced, at), at)
        known = member_by_password(command.login, command.present)
        if known is None or known.id != signed_in.staff_id:
            raise PasswordRefused("wrong", OLD_WRONG, "present")
        give_back(paced, at)
        for fault in faults_of_password(signed_in.staff_id, command.wanted):
            raise PasswordRefused(fault, FAULTS.get(fault, FAULTS["password_guessable"]), "wanted")
        change_password_of(signed_in.staff_id, command.wanted, at)
        member = load_member(signed_in.staff_id)
        begun = begin(member, shown, signed_in.proof, at) if member is not None else None
        if begun is None:
            raise SignInRefused("changed", WRONG)
        return begun
