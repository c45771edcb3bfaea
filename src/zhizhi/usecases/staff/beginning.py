"""The first two of an installation, who let everybody else in; made by whoever installs."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.lenders.changes import admit_first, begin_with, changing_staff
from zhizhi.store.lenders.staff_reads import has_begun
from zhizhi.store.sign_in.invitations import NewInvitation
from zhizhi.store.sign_in.invitations import invite as write_invitation
from zhizhi.usecases.sign_in.refusals import failing_closed
from zhizhi.usecases.staff.reach import sound_name
from zhizhi.usecases.staff.refusals import StaffRefused

ROLES = ("administrator", "head")


@dataclass(frozen=True, slots=True)
class First:
    """One of them."""

    login: str
    name: str


def begin(administrator: First, head: First, at: datetime) -> tuple[NewInvitation, NewInvitation]:
    """Admit an administrator, who asks, and a head of collections, who approves; answers their invitations.

    Refuses: where anybody is admitted already; a login that is taken.
    """
    named = [sound_name(one.login, one.name) for one in (administrator, head)]
    with changing_staff():
        if has_begun():
            raise StaffRefused("begun")
        made = [begin_with(login, name, role, at) for (login, name), role in zip(named, ROLES, strict=True)]
        staff_ids = [staff_id for staff_id in made if staff_id is not None]
        if len(staff_ids) != len(made):
            raise StaffRefused("taken")
        admit_first(staff_ids)
    with failing_closed():
        first, second = (write_invitation(staff_id, None, at) for staff_id in staff_ids)
    if first is None or second is None:
        raise StaffRefused("not_admitted")
    return first, second
