"""Requests for a code: kept by the web, answered by the worker, opened once by whoever shows the code."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from zhizhi.store.ids import ids
from zhizhi.store.keyring import Seal, product_seal
from zhizhi.store.portal.finding import Asker
from zhizhi.store.portal.models import PortalRequest, PortalSession
from zhizhi.store.sign_in.marks import keyed_mark, mark_of, new_secret

CODE_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(minutes=15)
TRIES_MOST = 5
ANSWERED_AT_ONCE = 50
_NO_CODE = b""


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """What somebody typed, opened for the worker."""

    id: int
    reference: str = field(repr=False)
    number: str = field(repr=False)


def portal_seal() -> Seal:
    """The seal of what the portal keeps."""
    return product_seal("portal")


def keep_request(reference: str, number: str, at: datetime) -> str:
    """Keep what was typed for the worker; answers the secret by which this browser is known.

    The same is done for everybody: whether such a person exists is not looked at here.
    """
    secret, request_id = new_secret(), ids.take()
    sealed = portal_seal().close_json([reference, number], f"portal_request/{request_id}")
    PortalRequest.objects.using("gate").create(id=request_id, mark=mark_of(secret), asked_at=at, sealed=sealed)
    return secret


def load_waiting(limit: int = ANSWERED_AT_ONCE) -> list[WaitingRequest]:
    """Those that nobody has answered, the oldest first."""
    rows = PortalRequest.objects.using("gate").filter(handled_at=None).order_by("id")[:limit]
    seal = portal_seal()
    return [_opened(seal, row) for row in rows]


def _opened(seal: Seal, row: PortalRequest) -> WaitingRequest:
    assert row.sealed is not None, "what waits has not been emptied"
    reference, number = seal.open_json(row.sealed, f"portal_request/{row.id}")
    return WaitingRequest(row.id, reference, number)


def end_late(asked_before: datetime, at: datetime) -> int:
    """What waited too long is answered by nothing, unopened: one that does not open holds up the others no longer."""
    late = PortalRequest.objects.using("gate").filter(handled_at=None, asked_at__lt=asked_before)
    return late.update(handled_at=at, sealed=None)


def waits_still(request_id: int) -> bool:
    """Whether no other worker has answered it; the open transaction on `gate` holds the row from now on."""
    row = PortalRequest.objects.using("gate").select_for_update().filter(pk=request_id, handled_at=None)
    return row.exists()


def end_request(request_id: int, at: datetime) -> None:
    """Nothing leaves; what was typed is gone."""
    PortalRequest.objects.using("gate").filter(pk=request_id, handled_at=None).update(handled_at=at, sealed=None)


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def grant_code(request_id: int, asker: Asker, code: str, at: datetime) -> None:
    """The code opens the portal for this party; in the transaction that commits its permit. What was typed is gone."""
    PortalRequest.objects.using("gate").filter(pk=request_id, handled_at=None).update(
        handled_at=at,
        sealed=portal_seal().close_json(asker.masked, f"portal_request/{request_id}"),
        person_id=asker.person_id,
        party_id=asker.party_id,
        role=asker.role,
        code_mark=_mark_of_code(request_id, code),
        code_until=at + CODE_LASTS,
    )


def take_code(secret: str, code: str, at: datetime) -> str | None:
    """The secret of a new session where the code is right, open and unused; each try is counted, right or wrong.

    The same is read, compared and written whether or not a code ever left.
    """
    with transaction.atomic(using="gate", durable=True):
        row = PortalRequest.objects.using("gate").select_for_update().filter(mark=mark_of(secret)).first()
        request_id = row.id if row is not None else 0
        kept = bytes(row.code_mark or _NO_CODE) if row is not None else _NO_CODE
        is_right = hmac.compare_digest(_mark_of_code(request_id, code), kept or secrets.token_bytes(32))
        PortalRequest.objects.using("gate").filter(pk=request_id).update(tries=F("tries") + 1)
        if row is None or not is_right or not _is_open(row, at):
            return None
        PortalRequest.objects.using("gate").filter(pk=request_id).update(used_at=at)
        return _begin(row, at)


def _is_open(row: PortalRequest, at: datetime) -> bool:
    is_in_time = row.code_until is not None and row.asked_at <= at < row.code_until
    return is_in_time and row.used_at is None and row.tries < TRIES_MOST


def _begin(row: PortalRequest, at: datetime) -> str:
    secret, session_id, seal = new_secret(), ids.take(), portal_seal()
    assert row.sealed is not None, "a code that left has its masked number"
    assert row.person_id is not None, "and it is somebody's"
    assert row.party_id is not None, "of a case"
    assert row.role is not None, "in a role"
    masked = seal.open_json(row.sealed, f"portal_request/{row.id}")
    PortalSession.objects.using("gate").create(
        id=session_id,
        mark=mark_of(secret),
        request_id=row.id,
        person_id=row.person_id,
        party_id=row.party_id,
        role=row.role,
        sealed=seal.close_json(masked, f"portal_session/{session_id}"),
        began_at=at,
        ends_at=at + SESSION_LASTS,
    )
    return secret


def _mark_of_code(request_id: int, code: str) -> bytes:
    return keyed_mark("portal code", str(request_id), code)


def erase_requests(at: datetime, kept_for: timedelta = timedelta(days=2), limit: int = 2000) -> int:
    """Erase requests and sessions that are older than two days; answers how many requests."""
    rows = PortalRequest.objects.using("gate").filter(asked_at__lt=at - kept_for).order_by("asked_at")
    old = list(rows.values_list("id", flat=True)[:limit])
    PortalSession.objects.using("gate").filter(request_id__in=old).delete()
    return PortalRequest.objects.using("gate").filter(id__in=old).delete()[0]
