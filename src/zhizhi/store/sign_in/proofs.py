"""Factors that begin, are used up or end: one transaction each, with its act and leaf."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from zhizhi.store.lenders.models import Staff
from zhizhi.store.sign_in.acts import record_act
from zhizhi.store.sign_in.factors import (
    add_factor,
    codes_left,
    end_factor,
    end_factors,
    has_passkey,
    kinds_of,
    make_codes,
    use_code,
)
from zhizhi.store.sign_in.models import SecondFactor
from zhizhi.store.sign_in.sessions import end_sessions_of

FACTORS_MAX = 10


@dataclass(frozen=True, slots=True)
class NewFactor:
    """A factor that was just shown to work; `count` is what it has used already."""

    kind: str
    label: str
    secret: bytes
    count: int
    mark: bytes | None = None


def keep_factor(staff_id: int, new: NewFactor, at: datetime, *, is_first: bool = False) -> Sequence[str] | None:
    """Keep a factor; answers the recovery codes that were made where none was left, and None where it is not kept.

    Boundary: ten factors a member; a passkey once; `is_first` only while there is none, whoever else enrols meanwhile.
    """
    with transaction.atomic(using="gate", durable=True):
        Staff.objects.using("gate").select_for_update().get(pk=staff_id)
        standing = SecondFactor.objects.using("gate").filter(staff_id=staff_id, ended_at=None).count()
        if standing >= (1 if is_first else FACTORS_MAX) or (new.mark is not None and has_passkey(new.mark)):
            return None
        add_factor(staff_id, new.kind, new.label, new.secret, at, mark=new.mark, count=new.count)
        record_act("factor_added", staff_id, staff_id, at, new.label)
        if codes_left(staff_id):
            return ()
        return _codes(staff_id, at)


def renew_codes(staff_id: int, at: datetime) -> Sequence[str]:
    """New recovery codes; the old ones open nothing more."""
    with transaction.atomic(using="gate", durable=True):
        return _codes(staff_id, at)


def note_code_used(staff_id: int, written: str, at: datetime) -> bool:
    """Use a recovery code up; False for one that does not open."""
    with transaction.atomic(using="gate", durable=True):
        if not use_code(staff_id, written, at):
            return False
        record_act("code_used", staff_id, staff_id, at)
        return True


def end_copied(staff_id: int, factor_id: int, at: datetime) -> None:
    """A passkey whose count went back ends."""
    with transaction.atomic(using="gate", durable=True):
        if end_factor(staff_id, factor_id, at):
            record_act("passkey_copied", staff_id, staff_id, at)


def remove_factor(staff_id: int, factor_id: int, at: datetime, *, keep_one: bool) -> bool:
    """End one of one's own factors; False where there is none, or it would be the last and one is needed."""
    with transaction.atomic(using="gate", durable=True):
        rows = SecondFactor.objects.using("gate").select_for_update().filter(staff_id=staff_id, ended_at=None)
        standing = set(rows.values_list("pk", flat=True))
        if factor_id not in standing or (keep_one and len(standing) == 1):
            return False
        end_factor(staff_id, factor_id, at)
        record_act("factor_ended", staff_id, staff_id, at)
        return True


def reset_factors(staff_id: int, by: int, ground: str, at: datetime) -> bool:
    """Another person takes all factors, codes and sessions of a member away; False where there was no factor."""
    with transaction.atomic(using="gate", durable=True):
        had = bool(kinds_of(staff_id))
        end_factors(staff_id, at)
        end_sessions_of(staff_id, "factors_reset", at)
        if had:
            record_act("factors_reset", staff_id, by, at, ground)
        return had


def _codes(staff_id: int, at: datetime) -> Sequence[str]:
    codes = make_codes(staff_id, at)
    record_act("codes_made", staff_id, staff_id, at)
    return codes
