"""What is due is claimed for a while and sent outside of any transaction; how it went is written with what follows.

Who dies between the request and its end leaves a claim that runs out: the same message is sent again under the same id.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connections, transaction

from zhizhi.core.kernel.errors import KeyUnavailable
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.select import select
from zhizhi.store.viewer import UnknownViewer, Viewer, reading
from zhizhi.store.webhooks.endpoints import turn_off
from zhizhi.store.webhooks.secrets import secrets_in_force

CLAIM_LASTS = timedelta(minutes=2)
"""Longer than a request can take, so that nobody sends what another still sends."""
OFF_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A message in this worker's hands; no `secrets`: they do not open now."""

    id: int
    claim: UUID
    endpoint_id: int
    message_id: str
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)
    tries: int


@dataclass(frozen=True, slots=True)
class Tried:
    """How a request ended; `next_at` None: it is not tried again."""

    message: DueMessage
    at: datetime
    milliseconds: int
    end: str
    status: int | None
    next_at: datetime | None


# Each endpoint has a few places; who has none free is passed over, so a slow one holds up nobody else. Where many are
# due, which come first is left to chance.
_CLAIM = """
WITH free AS (
    SELECT e.id, e.staff_id, e.agency_id, e.lender_id,
        %(each)s - coalesce((%(busy)s::jsonb ->> e.id::text)::int, 0) AS places
    FROM webhook_endpoint e
    WHERE e.off_at IS NULL AND (e.failing_since IS NOT NULL) = %(failing)s
), due AS (
    SELECT d.id, f.staff_id, f.agency_id, f.lender_id FROM free f CROSS JOIN LATERAL (
        SELECT w.id FROM webhook_delivery w
        WHERE w.endpoint_id = f.id AND w.state = 'waiting' AND w.next_at <= %(at)s
          AND (w.claimed_until IS NULL OR w.claimed_until <= %(at)s)
        ORDER BY w.next_at, w.id LIMIT greatest(f.places, 0) FOR UPDATE SKIP LOCKED
    ) d ORDER BY random() LIMIT %(limit)s
)
UPDATE webhook_delivery w SET claim = %(claim)s, claimed_until = %(until)s
FROM due, webhook_endpoint e WHERE w.id = due.id AND e.id = w.endpoint_id
RETURNING w.id, w.endpoint_id, w.message_id, e.url, w.body, w.tries, e.sealed, e.sealed_before, e.before_until,
    due.staff_id, due.lender_id, due.agency_id, w.person_id, w.case_id
"""
_IN_FORCE = """
SELECT DISTINCT a.staff_id FROM token_account a JOIN api_token t ON t.id = a.token_id
WHERE a.staff_id = ANY (%s) AND t.revoked_at IS NULL AND t.expires_at > %s AND t.scopes ? 'webhooks'
"""
_SEEN = """
SELECT c.person_id, c.id FROM collection_case c
WHERE c.person_id = ANY (%(persons)s) AND c.id = ANY (%(cases)s)
"""
_WITHHOLD = """
UPDATE webhook_delivery SET state = 'withheld', ended_at = %s, next_at = NULL, claim = NULL, claimed_until = NULL
WHERE id = ANY (%s) AND state = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A row in hand, with the account whose eyes are asked."""

    id: int
    endpoint_id: int
    message_id: UUID
    url: str = field(repr=False)
    body: str = field(repr=False)
    tries: int
    sealed: bytes = field(repr=False)
    sealed_before: bytes | None = field(repr=False)
    before_until: datetime | None
    staff_id: int
    lender_id: int
    agency_id: int | None
    person_id: int | None
    case_id: int | None


def claim_due(at: datetime, *, busy: Mapping[int, int], each: int, limit: int, failing: bool) -> list[DueMessage]:
    """Take what is due of endpoints that have a place free; `busy` is how many places each has taken already.

    What an account may no longer know is withheld here, the moment before it would leave: row-level security is asked
    with that account's eyes, so a case that was recalled is not told of any more.
    """
    if limit <= 0:
        return []
    claim = uuid4()
    values: dict[str, Any] = {
        "each": each, "busy": json.dumps(busy), "failing": failing, "at": at, "limit": limit, "claim": claim,
        "until": at + CLAIM_LASTS,
    }  # fmt: skip
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(_CLAIM, values)
        rows = [_Claimed(*row) for row in cursor.fetchall()]
        if not rows:
            return []
        cursor.execute(_IN_FORCE, [sorted({row.staff_id for row in rows}), at])
        in_force = {row[0] for row in cursor.fetchall()}
    allowed = _allowed([row for row in rows if row.staff_id in in_force])
    withheld = [row.id for row in rows if row.id not in allowed]
    if withheld:
        with connections["gate"].cursor() as cursor:
            cursor.execute(_WITHHOLD, [at, withheld])
    return [_message(row, claim, at) for row in rows if row.id in allowed]


def _allowed(rows: Sequence[_Claimed]) -> set[int]:
    """The messages that their accounts may know now, asked of the database with each account's eyes."""
    found: set[int] = set()
    for staff_id in {row.staff_id for row in rows}:
        found |= _seen([row for row in rows if row.staff_id == staff_id])
    return found


def _seen(rows: Sequence[_Claimed]) -> set[int]:
    """Of the messages of one account those whose case it sees; none where nobody knows the account any more."""
    one, of_cases = rows[0], [row for row in rows if row.person_id is not None]
    scope = Scope.LENDER if one.agency_id is None else Scope.AGENCY
    asked = {"persons": [row.person_id for row in of_cases], "cases": [row.case_id for row in of_cases]}
    try:
        with reading(Viewer(one.staff_id, scope, one.lender_id, one.agency_id)):
            seen = set(select(_SEEN, asked))
    except UnknownViewer:
        return set()
    return {row.id for row in rows if row.person_id is None or (row.person_id, row.case_id) in seen}


def _message(row: _Claimed, claim: UUID, at: datetime) -> DueMessage:
    before = bytes(row.sealed_before) if row.sealed_before is not None else None
    try:
        secrets = secrets_in_force(row.endpoint_id, bytes(row.sealed), before, row.before_until, at)
    except KeyUnavailable:
        secrets = ()
    message_id = f"msg_{row.message_id.hex}"
    return DueMessage(row.id, claim, row.endpoint_id, message_id, row.url, row.body.encode(), secrets, row.tries)


def write_tried(ended: Collection[Tried]) -> None:
    """Write how requests ended, each with what follows from it, in one transaction."""
    if not ended:
        return
    with transaction.atomic(using="gate", durable=True):
        for one in sorted(ended, key=lambda tried: (tried.message.endpoint_id, tried.message.id)):
            _write(one)


_ATTEMPT = """
INSERT INTO webhook_attempt (delivery_id, at, milliseconds, "end", status) VALUES (%s, %s, %s, %s, %s)
"""
_ARRIVED = """
UPDATE webhook_delivery SET state = 'delivered', tries = tries + 1, ended_at = %s, next_at = NULL, claim = NULL,
    claimed_until = NULL WHERE id = %s AND state IN ('waiting', 'missed')
"""
_AGAIN = """
UPDATE webhook_delivery SET tries = tries + 1, next_at = %s, claim = NULL, claimed_until = NULL
WHERE id = %s AND state = 'waiting' AND claim = %s
"""
_FAILED = """
UPDATE webhook_delivery SET state = 'failed', tries = tries + 1, ended_at = %s, next_at = NULL, claim = NULL,
    claimed_until = NULL WHERE id = %s AND state = 'waiting' AND claim = %s
"""
_WELL = "UPDATE webhook_endpoint SET failing_since = NULL WHERE id = %s AND failing_since IS NOT NULL"
_ILL = """
UPDATE webhook_endpoint SET failing_since = coalesce(failing_since, %s) WHERE id = %s RETURNING failing_since
"""


def _write(one: Tried) -> None:
    message = one.message
    with connections["gate"].cursor() as cursor:
        cursor.execute(_ATTEMPT, [message.id, one.at, one.milliseconds, one.end, one.status])
        if one.end == "accepted":
            cursor.execute(_ARRIVED, [one.at, message.id])
            cursor.execute(_WELL, [message.endpoint_id])
            return
        if one.next_at is not None:
            cursor.execute(_AGAIN, [one.next_at, message.id, message.claim])
        else:
            cursor.execute(_FAILED, [one.at, message.id, message.claim])
        cursor.execute(_ILL, [one.at, message.endpoint_id])
        (since,) = cursor.fetchone()
    if one.end == "gone":
        turn_off(message.endpoint_id, "gone", one.at)
    elif one.at - since >= OFF_AFTER:
        turn_off(message.endpoint_id, "failing", one.at)
