"""Attempts are counted before they are looked at: a thousand at once are no more than one after another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from zhizhi.store.sign_in.marks import keyed_mark
from zhizhi.store.sign_in.models import SignInWait
from zhizhi.store.sign_in.pace import ADDRESS, PERSON, Pace

KEPT_FOR = timedelta(days=2)
FORGOTTEN_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Wait:
    """The next attempt has to wait until then; None: until another person opens."""

    until: datetime | None


def of_login(login: str, device_mark: bytes | None) -> bytes:
    """The key of a login, on a device that it knows or on any other."""
    return keyed_mark("login", login, device_mark.hex() if device_mark is not None else "")


def of_address(address: str) -> bytes:
    """The key of an address."""
    return keyed_mark("address", address)


def of_factor(staff_id: int) -> bytes:
    """The key of a member's second factor."""
    return keyed_mark("factor", str(staff_id))


def paces(login: bytes, address: bytes | None) -> dict[bytes, Pace]:
    """What an attempt by password counts for; a known device is not slowed by its address."""
    return {login: PERSON} if address is None else {login: PERSON, address: ADDRESS}


def count_attempt(paced: Mapping[bytes, Pace], at: datetime) -> Wait | None:
    """Count an attempt as a failure for each key, unless one of them has to wait: then nothing is counted."""
    with transaction.atomic(using="gate", durable=True):
        _begin(paced, at)
        rows = list(SignInWait.objects.using("gate").select_for_update().filter(mark__in=list(paced)).order_by("mark"))
        if any(row.locked_at is not None for row in rows):
            return Wait(None)
        latest = max(row.open_at for row in rows)
        if latest > at:
            return Wait(latest)
        for row in rows:
            _count(row, paced[bytes(row.mark)], at)
    return None


def give_back(paced: Mapping[bytes, Pace], at: datetime) -> None:
    """The attempt was right: the login begins anew, the address has one failure less."""
    begun_anew = [mark for mark, pace in paced.items() if pace.locks_at is not None]
    shared = [mark for mark in paced if mark not in begun_anew]
    rows = SignInWait.objects.using("gate")
    rows.filter(mark__in=begun_anew).update(failures=0, open_at=at, locked_at=None)
    if shared:
        rows.filter(mark__in=shared).update(failures=Greatest(F("failures") - 1, 0), open_at=at)


def open_again(marks: Iterable[bytes], at: datetime) -> int:
    """End waits and locks; the caller's transaction on `gate` is open. Answers how many there were."""
    rows = SignInWait.objects.using("gate").filter(mark__in=list(marks), failures__gt=0)
    return rows.update(failures=0, open_at=at, locked_at=None)


def load_locked(marks: Iterable[bytes]) -> set[bytes]:
    """Those of these keys that only a person opens."""
    rows = SignInWait.objects.using("gate").filter(mark__in=list(marks)).exclude(locked_at=None)
    return {bytes(mark) for mark in rows.values_list("mark", flat=True)}


def _begin(paced: Mapping[bytes, Pace], at: datetime) -> None:
    known = SignInWait.objects.using("gate").filter(mark__in=list(paced)).count()
    if known == len(paced):
        return
    fresh = [SignInWait(mark=mark, latest_at=at, open_at=at) for mark in sorted(paced)]
    SignInWait.objects.using("gate").bulk_create(fresh, ignore_conflicts=True)
    old = SignInWait.objects.using("gate").filter(latest_at__lt=at - KEPT_FOR, locked_at=None)
    # Skipped where somebody else holds it: two that tidy up never wait for each other.
    gone = old.select_for_update(skip_locked=True).values_list("mark", flat=True)[:FORGOTTEN_AT_ONCE]
    SignInWait.objects.using("gate").filter(mark__in=list(gone)).exclude(mark__in=list(paced)).delete()


def _count(row: SignInWait, pace: Pace, at: datetime) -> None:
    row.failures = pace.remembered(row.failures, row.latest_at, at) + 1
    row.latest_at, row.open_at = max(row.latest_at, at), at + pace.wait_after(row.failures)
    if pace.locks_at is not None and row.failures >= pace.locks_at:
        row.locked_at = at
    row.save(using="gate", update_fields=["failures", "latest_at", "open_at", "locked_at"])
