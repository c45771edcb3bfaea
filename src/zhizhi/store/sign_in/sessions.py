"""Sessions: begun after the last proof, found by their mark, honoured as long as the member is who it began with."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from zhizhi.store.lenders.models import Staff
from zhizhi.store.sign_in.by_role import lasting_of
from zhizhi.store.sign_in.devices import ShownDevice, seen_device
from zhizhi.store.sign_in.marks import mark_of, new_secret
from zhizhi.store.sign_in.models import ProviderSession, StaffSession

SEEN_EVERY = timedelta(minutes=1)
CLOCKS_DIFFER_AT_MOST = timedelta(seconds=5)
PROVED = frozenset({"totp", "passkey", "recovery", "provider"})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is honoured at this instant."""

    session_id: int
    staff_id: int
    device_id: int
    proof: str
    proved_at: datetime | None
    seen_at: datetime
    has_news: bool

    def is_proven(self, at: datetime, within: timedelta) -> bool:
        """Whether a second factor was shown so lately; the synthetic members of a demonstration have none to show."""
        if self.proof == "demonstration":
            return True
        return (
            self.proved_at is not None and self.proved_at <= at + CLOCKS_DIFFER_AT_MOST and at - self.proved_at < within
        )


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has begun: the secrets of session and device, which only their browser keeps."""

    secret: str
    device_secret: str


@dataclass(frozen=True, slots=True)
class ProviderMarks:
    """By what a session that began at an identity provider is found when it ends there."""

    subject: bytes
    session: bytes | None


def standing_of(staff: Staff) -> bytes:
    """A digest of what a session rests on; where it changes, the session is over."""
    rests_on = (staff.role, staff.lender_id, staff.agency_id, staff.is_active, staff.password)
    return salted_hmac("zhizhi sign-in standing", repr(rests_on), algorithm="sha256").digest()


def begin_session(
    staff: Staff, shown: ShownDevice, proof: str, at: datetime, provided: ProviderMarks | None = None
) -> NewSession:
    """A new session on this browser; `provided`: the provider may end it."""
    secret = new_secret()
    with transaction.atomic(using="gate", durable=True):
        device_id, device_secret = seen_device(staff.pk, shown, at)
        session = StaffSession.objects.using("gate").create(
            staff_id=staff.pk,
            device_id=device_id,
            mark=mark_of(secret),
            standing=standing_of(staff),
            proof=proof,
            proved_at=at if proof in PROVED else None,
            started_at=at,
            seen_at=at,
            ends_at=at + lasting_of(staff.role, proof).whole,
        )
        if provided is not None:
            ProviderSession.objects.using("gate").create(
                session=session, subject_mark=provided.subject, sid_mark=provided.session
            )
    return NewSession(secret, device_secret)


# The hash of a password comes with the session of its member; the web's login reads none otherwise.
_COLUMNS = ", ".join(f"m.{one.column}" for one in Staff._meta.concrete_fields if one.column not in (None, "password"))
_SIGNED_IN = f"""
SELECT {_COLUMNS}, z.password, z.session_id, z.device_id, z.standing, z.proof, z.proved_at, z.started_at, z.seen_at,
    z.ends_at, z.has_news, z.has_real_lender
FROM zhizhi_signed_in(%s) z JOIN staff m ON m.id = z.staff_id
"""


def load_signed_in(secret: str, at: datetime) -> tuple[Staff, SignedIn] | None:
    """Whose session this secret is; None where there is none, or it is over. One question a request."""
    found: Any  # the member, with the columns of the session beside
    for found in Staff.objects.using("default").raw(_SIGNED_IN, [mark_of(secret)]):
        because = _why_over(found, at)
        if because is None:
            columns = ("session_id", "device_id", "proof", "proved_at", "seen_at", "has_news")
            return found, SignedIn(staff_id=found.pk, **{name: getattr(found, name) for name in columns})
        if because != "clock":  # a clock that is set right again finds the session where it was
            end_session(found.session_id, because, at)
    return None


def _why_over(found: Any, at: datetime) -> str | None:
    if not constant_time_compare(bytes(found.standing), standing_of(found)):
        return "standing_changed"
    if not found.is_active or (found.proof == "demonstration" and found.has_real_lender):
        return "not_admitted"
    if at + CLOCKS_DIFFER_AT_MOST < found.started_at:
        return "clock"
    if at >= found.ends_at:
        return "whole_time"
    return "idle" if at - found.seen_at >= lasting_of(found.role, found.proof).idle else None


def may_demonstrate(staff: Staff, *, real: bool) -> bool:
    """Whether this member signs in without a second factor: synthetic, and no lender in the book is real."""
    return bool(staff.is_synthetic) and not real


def touch_session(signed_in: SignedIn, at: datetime) -> None:
    """Note that somebody is there, at most once a minute."""
    if at - signed_in.seen_at >= SEEN_EVERY:
        standing = StaffSession.objects.using("gate").filter(pk=signed_in.session_id, ended_at=None, seen_at__lt=at)
        standing.update(seen_at=at)


def prove_session(signed_in: SignedIn, proof: str, at: datetime) -> SignedIn:
    """The member has shown a second factor again."""
    standing = StaffSession.objects.using("gate").filter(pk=signed_in.session_id, ended_at=None)
    standing.update(proof=proof, proved_at=at)
    return replace(signed_in, proof=proof, proved_at=at)


def end_session(session_id: int, because: str, at: datetime, *, of: int | None = None) -> int:
    """End one session; `of` bounds it to a member. Answers how many that were."""
    standing = StaffSession.objects.using("gate").filter(pk=session_id, ended_at=None)
    if of is not None:
        standing = standing.filter(staff_id=of)
    return standing.update(ended_at=at, ended_because=because)


def end_sessions_of(staff_id: int, because: str, at: datetime, *, but: Collection[int] = ()) -> int:
    """End the sessions of a member, but these. Answers how many that were."""
    standing = StaffSession.objects.using("gate").filter(staff_id=staff_id, ended_at=None).exclude(pk__in=but)
    return standing.update(ended_at=at, ended_because=because)
