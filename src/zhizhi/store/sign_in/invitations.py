"""Invitations in rows: made once, opened by whoever has the code, used once by a conditional update."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from zhizhi.store.lenders.models import Staff
from zhizhi.store.sign_in.acts import record_act
from zhizhi.store.sign_in.endings import void_invitations
from zhizhi.store.sign_in.factors import ALPHABET
from zhizhi.store.sign_in.marks import keyed_mark
from zhizhi.store.sign_in.members import has_password, set_password
from zhizhi.store.sign_in.models import Invitation

LASTS = timedelta(hours=24)
LETTERS = 24  # of 31: 118 bits
GROUP = 4


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation that was just made; the code is shown once and kept nowhere."""

    id: int
    code: str = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation whose code was right, and which still opens."""

    id: int
    staff_id: int


def invite(staff_id: int, by: int | None, at: datetime) -> NewInvitation | None:
    """A new invitation in the place of the one before; None for who left, was never admitted, or has a password.

    Refuses: KeyUnavailable.
    """
    with transaction.atomic(using="gate", durable=True):
        member = Staff.objects.using("gate").select_for_update().get(pk=staff_id)
        if not member.is_active or not member.is_admitted or has_password(member):
            return None
        void_invitations(staff_id, at)
        letters = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
        ends_at = (at + LASTS).replace(microsecond=0)
        row = Invitation.objects.using("gate").create(
            staff_id=staff_id, mark=_mark(staff_id, ends_at, letters), made_by_id=by, made_at=at, ends_at=ends_at
        )
        record_act("invited", staff_id, staff_id if by is None else by, at)
    groups = [letters[start : start + GROUP] for start in range(0, LETTERS, GROUP)]
    return NewInvitation(row.pk, "-".join((str(row.pk), *groups)), ends_at)


def open_invitation(written: str, at: datetime) -> OpenInvitation | None:
    """Which invitation a code opens, however it is spaced; None for a wrong, used, void or late one.

    Refuses: KeyUnavailable.
    """
    number, _, rest = written.strip().lower().partition("-")
    letters = "".join(letter for letter in rest if letter.isalnum())
    known = number.isascii() and number.isdigit() and len(number) <= 18 and len(letters) == LETTERS
    row = Invitation.objects.using("gate").filter(pk=int(number)).first() if known else None
    if row is None:
        keyed_mark("invitation", "", "", letters)  # as much work as for one that is there
        return None
    is_right = hmac.compare_digest(bytes(row.mark), _mark(row.staff_id, row.ends_at, letters))
    is_open = row.used_at is None and row.void_at is None and row.made_at <= at < row.ends_at
    return OpenInvitation(row.pk, row.staff_id) if is_right and is_open and _may_choose(row.staff_id) else None


def use_invitation(opened: OpenInvitation, password: str, at: datetime) -> bool:
    """Use it up and keep the password; False where somebody was first, or it is over."""
    with transaction.atomic(using="gate", durable=True):
        Staff.objects.using("gate").select_for_update().get(pk=opened.staff_id)
        rows = Invitation.objects.using("gate").filter(pk=opened.id, used_at=None, void_at=None, ends_at__gt=at)
        if not _may_choose(opened.staff_id) or rows.update(used_at=at) != 1:
            return False
        set_password(opened.staff_id, password)
        record_act("invitation_used", opened.staff_id, opened.staff_id, at)
        return True


def _may_choose(staff_id: int) -> bool:
    member = Staff.objects.using("gate").get(pk=staff_id)
    return member.is_active and member.is_admitted and not has_password(member)


def _mark(staff_id: int, ends_at: datetime, letters: str) -> bytes:
    """Bound to the member and the end of its time, so that no row that is written by hand opens anything."""
    return keyed_mark("invitation", str(staff_id), str(int(ends_at.timestamp())), letters)
