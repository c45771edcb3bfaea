"""Sessions, devices, waits and passwords that end: one transaction each, with its act and leaf."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from zhizhi.store.lenders.models import Staff
from zhizhi.store.sign_in.acts import record_act
from zhizhi.store.sign_in.devices import forget_device
from zhizhi.store.sign_in.factors import end_factors
from zhizhi.store.sign_in.members import NO_PASSWORD, set_password
from zhizhi.store.sign_in.models import Invitation, ProviderLink, StaffDevice, StaffSession, WorkAddress
from zhizhi.store.sign_in.sessions import end_session, end_sessions_of
from zhizhi.store.sign_in.waits import load_locked, of_factor, of_login, open_again


def revoke_session(staff_id: int, session_id: int, by: int, at: datetime, ground: str = "") -> bool:
    """End one session of a member; False where there is none."""
    with transaction.atomic(using="gate", durable=True):
        if not end_session(session_id, "revoked", at, of=staff_id):
            return False
        record_act("sessions_ended", staff_id, by, at, ground)
        return True


def revoke_sessions(staff_id: int, by: int, at: datetime, ground: str = "", *, but: int | None = None) -> int:
    """End the sessions of a member, but that one; answers how many."""
    with transaction.atomic(using="gate", durable=True):
        ended = end_sessions_of(staff_id, "revoked", at, but=() if but is None else (but,))
        if ended:
            record_act("sessions_ended", staff_id, by, at, ground)
        return ended


def drop_device(staff_id: int, device_id: int, at: datetime) -> bool:
    """A device of one's own is unknown from now on, and its sessions end; False where there is none."""
    with transaction.atomic(using="gate", durable=True):
        if not forget_device(staff_id, device_id, at):
            return False
        there = StaffSession.objects.using("gate").filter(staff_id=staff_id, device_id=device_id, ended_at=None)
        there.update(ended_at=at, ended_because="device_forgotten")
        record_act("device_forgotten", staff_id, staff_id, at)
        return True


def change_password_of(staff_id: int, password: str, at: datetime) -> None:
    """Keep a new password; every session ends."""
    with transaction.atomic(using="gate", durable=True):
        set_password(staff_id, password)
        end_sessions_of(staff_id, "password_changed", at)
        record_act("password_changed", staff_id, staff_id, at)


def unlock_member(staff_id: int, login: str, by: int, ground: str, at: datetime) -> bool:
    """End the waits and locks of a member; False where there were none."""
    with transaction.atomic(using="gate", durable=True):
        if not open_again(_marks(staff_id, login), at):
            return False
        record_act("unlocked", staff_id, by, at, ground)
        return True


def locked_members(members: Iterable[tuple[int, str]]) -> set[int]:
    """Those of these members, by id and login, of whom some way in waits for another person."""
    logins = dict(members)
    devices = StaffDevice.objects.using("gate").filter(staff_id__in=logins, forgotten_at=None)
    ways = [(staff_id, bytes(mark)) for staff_id, mark in devices.values_list("staff_id", "mark")]
    marks = {of_factor(staff_id): staff_id for staff_id in logins}
    marks |= {of_login(login, None): staff_id for staff_id, login in logins.items()}
    marks |= {of_login(logins[staff_id], mark): staff_id for staff_id, mark in ways}
    return {marks[mark] for mark in load_locked(marks)}


def _marks(staff_id: int, login: str) -> list[bytes]:
    devices = StaffDevice.objects.using("gate").filter(staff_id=staff_id, forgotten_at=None)
    known = [bytes(mark) for mark in devices.values_list("mark", flat=True)]
    return [of_factor(staff_id), of_login(login, None), *(of_login(login, mark) for mark in known)]


def leave_session(session_id: int, at: datetime) -> None:
    """The member signs out: nothing more than that happened, so that there is no act."""
    end_session(session_id, "left", at)


def close_way_in(staff_id: int, because: str, at: datetime, *, factors: bool, password: bool = True) -> None:
    """Sessions and invitations end, and the password; with `factors` everything else by which somebody comes in.

    The caller's transaction on `gate` is open and writes down why.
    """
    end_sessions_of(staff_id, because, at)
    void_invitations(staff_id, at)
    if password:
        Staff.objects.using("gate").filter(pk=staff_id).update(password=NO_PASSWORD)
    if factors:
        end_factors(staff_id, at)
        ProviderLink.objects.using("gate").filter(staff_id=staff_id, ended_at=None).update(ended_at=at)
        WorkAddress.objects.using("gate").filter(staff_id=staff_id).delete()
        StaffDevice.objects.using("gate").filter(staff_id=staff_id, forgotten_at=None).update(forgotten_at=at)


def void_invitations(staff_id: int, at: datetime) -> int:
    """Invitations that wait open nothing more; the caller's transaction on `gate` is open."""
    return Invitation.objects.using("gate").filter(staff_id=staff_id, used_at=None, void_at=None).update(void_at=at)
