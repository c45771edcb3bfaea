"""Changes of staff in rows: asked for by one, ruled on by another; one transaction each, with its leaf.

Every one of them holds the same lock, so that two who remove each other's last approver wait for one another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import Q

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.lenders.models import Staff, StaffChange
from zhizhi.store.lenders.rights import Right, may, roles_with
from zhizhi.store.locks import Lock, wait_for
from zhizhi.store.sign_in.endings import close_way_in
from zhizhi.store.sign_in.members import NO_PASSWORD
from zhizhi.store.transact.deliveries import cancel_calls_of
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

KEEPING = (Right.ASK_STAFF, Right.APPROVE_STAFF)
"""Rights that somebody has to be left with."""


@dataclass(frozen=True, slots=True)
class Place:
    """As what, and where, somebody works."""

    role: str
    lender_id: int | None
    agency_id: int | None
    team: str


@dataclass(frozen=True, slots=True)
class NewChange:
    """What is asked for; `by` None: whoever installs, at the terminal."""

    staff_id: int
    kind: str
    place: Place
    ground: str
    by: int | None


class LastOne(Exception):
    """Nobody would be left who has this right; nothing was written."""

    def __init__(self, right: Right) -> None:
        super().__init__(right.value)
        self.right = right


@contextmanager
def changing_staff() -> Iterator[None]:
    """One durable transaction in which nobody else changes staff."""
    with transaction.atomic(using="gate", durable=True):
        wait_for(Lock.STAFF)
        yield


def make_member(login: str, name: str, place: Place) -> int | None:
    """A row of somebody who is not there yet, within `changing_staff`; None where the login is taken."""
    if Staff.objects.using("gate").filter(login__iexact=login).exists():
        return None
    row = Staff.objects.using("gate").create(
        login=login, name=name, password=NO_PASSWORD, is_active=False, **_columns(place)
    )
    return row.pk


def ask_change(new: NewChange, at: datetime) -> int | None:
    """Write down what is asked for, within `changing_staff`; None where another change of this member waits."""
    open_ones = StaffChange.objects.using("gate").filter(staff_id=new.staff_id, state="asked")
    if open_ones.exists():
        return None
    return _add(new, at).pk


def carry_out(change: StaffChange, by: int, ground: str, at: datetime) -> None:
    """The second word: the member is what was asked for, and whatever rested on before is over. Refuses: LastOne."""
    _end(change, "done", by, ground, at)
    member = Staff.objects.using("gate").select_for_update().get(pk=change.staff_id)
    if change.kind == "password":
        close_way_in(member.pk, "password_void", at, factors=False)
        return
    place = Place(change.role, change.lender_id, change.agency_id, change.team)
    _require_others(member, place)
    Staff.objects.using("gate").filter(pk=member.pk).update(is_active=True, is_admitted=True, **_columns(place))
    close_way_in(member.pk, "moved", at, factors=False, password=False)


def refuse_change(change: StaffChange, by: int, ground: str, at: datetime) -> None:
    """The second word is no."""
    _end(change, "refused", by, ground, at)


def withdraw_change(change: StaffChange, at: datetime) -> None:
    """Whoever asked takes it back, or has left."""
    _end(change, "withdrawn", None, "", at)


def begin_with(login: str, name: str, role: str, at: datetime) -> int | None:
    """One of the first two of an installation, admitted by whoever installs; None where the login is taken."""
    place = Place(role, None, None, "")
    staff_id = make_member(login, name, place)
    if staff_id is not None:
        _add(NewChange(staff_id, "begin", place, "", None), at, state="done", ruled_at=at)
    return staff_id


def admit_first(staff_ids: list[int]) -> None:
    """Those of `begin_with` are there; the trigger wants their changes of this transaction."""
    Staff.objects.using("gate").filter(pk__in=staff_ids).update(is_active=True, is_admitted=True)


def turn_out(staff_id: int, by: int, ground: str, at: datetime) -> None:
    """Somebody leaves: every way in is closed, and what was asked by or about them is withdrawn. Refuses: LastOne."""
    member = Staff.objects.using("gate").select_for_update().get(pk=staff_id)
    _require_others(member, None)
    place = Place(member.role, member.lender_id, member.agency_id, member.team)
    for waiting in _waiting(Q(staff_id=staff_id) | Q(asked_by_id=staff_id)):
        withdraw_change(waiting, at)
    _add(NewChange(staff_id, "leave", place, ground, by), at, state="done", ruled_at=at)
    Staff.objects.using("gate").filter(pk=staff_id).update(is_active=False)
    close_way_in(staff_id, "left", at, factors=True)
    cancel_calls_of(staff_id, at, "caller_left")


def waiting_change(change_id: int) -> StaffChange | None:
    """A change that waits for its second word, held until the transaction ends."""
    return next(iter(_waiting(Q(pk=change_id))), None)


def _waiting(which: Q) -> list[StaffChange]:
    rows = StaffChange.objects.using("gate").select_for_update().filter(which, state="asked")
    return list(rows.order_by("pk"))


def _columns(place: Place) -> dict[str, str | int | None]:
    return {
        "role": place.role,
        "lender_id": place.lender_id,
        "agency_id": place.agency_id,
        "team": place.team,
    }


def _require_others(member: Staff, place: Place | None) -> None:
    """Somebody else keeps each right that this member loses, for whom this member looked after."""
    if not (member.is_active and member.is_admitted) or member.agency_id is not None:
        return
    for right in KEEPING:
        keeps = (
            place is not None
            and may(place.role, right)
            and place.agency_id is None
            and place.lender_id in (None, member.lender_id)
        )
        if not may(member.role, right) or keeps:
            continue
        others = Staff.objects.using("gate").filter(
            is_active=True, is_admitted=True, agency__isnull=True, role__in=roles_with(right)
        )
        reaching = Q(lender_id=None) if member.lender_id is None else Q(lender_id=None) | Q(lender_id=member.lender_id)
        if not others.filter(reaching).exclude(pk=member.pk).exists():
            raise LastOne(right)


def _add(new: NewChange, at: datetime, **ended: object) -> StaffChange:
    row = StaffChange(
        staff_id=new.staff_id,
        kind=new.kind,
        ground=new.ground,
        asked_by_id=new.by,
        asked_at=at,
        **_columns(new.place),
        **ended,
    )
    row.save(using="gate", force_insert=True)
    _leaf(row, at)
    return row


def _end(change: StaffChange, state: str, by: int | None, ground: str, at: datetime) -> None:
    change.state, change.ruled_by_id, change.ruled_ground, change.ruled_at = state, by, ground, at
    change.save(using="gate", update_fields=["state", "ruled_by", "ruled_ground", "ruled_at"])
    _leaf(change, at)


def _leaf(change: StaffChange, at: datetime) -> None:
    """Each word on a change is a leaf; its fields are those of `SOURCES`."""
    values = {
        "staff": change.staff_id,
        "kind": change.kind,
        "role": change.role,
        "lender": change.lender_id,
        "agency": change.agency_id,
        "team": change.team,
        "ground": change.ground,
        "by": change.asked_by_id,
        "state": change.state,
        "ruled_by": change.ruled_by_id,
        "ruled_ground": change.ruled_ground,
    }
    table = StaffChange._meta.db_table
    add_leaves([NewLeaf(LeafKind.SETTING, at, uuid4(), values, source_id=change.pk, source_table=table)])
