"""From leaves to messages: every numbered leaf is looked at once, and each endpoint that it concerns is written one.

Numbers are dense and given by one sequencer, so one watermark says how far the log was read: what was committed is told
however many commit at once, and a worker that dies between two readings loses nothing and tells nothing twice.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.db import connections, transaction

from zhizhi.store.webhooks.catalogue import LEAF_KINDS, EventType, data_of, event_of

LEAVES_MAX = 2000

_TAKE = "SELECT position FROM watermark WHERE name = 'webhooks' FOR UPDATE SKIP LOCKED"
_SIZE = "SELECT coalesce(max(position) + 1, 0) FROM leaf"
_DONE = "UPDATE watermark SET position = %s WHERE name = 'webhooks'"
# One that is off is written its messages too, as missed, so that they can be told later; one that is deleted is not.
_ENDPOINTS = """
SELECT e.id, e.lender_id, e.agency_id, e.events::text, e.from_position, e.off_at IS NOT NULL
FROM webhook_endpoint e WHERE e.deleted_at IS NULL
"""
# The case of a person is the open one, else the latest; of a placement, its own. An agency is told of a case that is
# open and with it alone, and of its own placements.
_LEAVES = """
SELECT l.position, l.kind, l.source_table, coalesce(r.stop_id, l.source_id), l.source_person_id, l.at, l.body, s.kind,
    coalesce(c.lender_id, f.lender_id, b.lender_id),
    CASE WHEN c.closed_on IS NULL AND coalesce(p.agency_id, c.agency_id) = c.agency_id THEN c.agency_id END,
    c.id, c.number
FROM leaf l
LEFT JOIN stop s ON l.source_table = 'stop' AND s.person_id = l.source_person_id AND s.id = l.source_id
LEFT JOIN relief r ON l.source_table = 'relief' AND r.person_id = l.source_person_id AND r.id = l.source_id
LEFT JOIN placement_extension x ON l.source_table = 'placement_extension' AND x.person_id = l.source_person_id
    AND x.id = l.source_id
LEFT JOIN placement p ON l.source_table IN ('placement', 'placement_extension') AND p.person_id = l.source_person_id
    AND p.id = coalesce(x.placement_id, l.source_id)
LEFT JOIN LATERAL (SELECT k.id, k.number, k.lender_id, k.agency_id, k.closed_on FROM collection_case k
    WHERE k.person_id = l.source_person_id AND k.id = coalesce(p.case_id, k.id)
    ORDER BY k.closed_on IS NOT NULL, k.id DESC LIMIT 1) c ON true
LEFT JOIN imported_file f ON l.kind = 'import' AND f.id = l.source_id
LEFT JOIN breach_inquiry b ON l.source_table = 'breach_inquiry' AND b.id = l.source_id
WHERE l.position >= %(from)s AND l.position < %(until)s AND l.kind = ANY (%(kinds)s) AND l.source_id IS NOT NULL
ORDER BY l.position
"""
_WRITE = """
INSERT INTO webhook_delivery (endpoint_id, message_id, position, type, happened_at, person_id, case_id, body, state,
    tries, next_at, created_at, ended_at)
SELECT d.endpoint_id, d.message_id, d.position, d.type, d.happened_at, d.person_id, d.case_id, d.body,
    CASE WHEN d.is_off THEN 'missed' ELSE 'waiting' END, 0,
    CASE WHEN NOT d.is_off THEN %(at)s END, %(at)s, CASE WHEN d.is_off THEN %(at)s END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS d (endpoint_id bigint, message_id uuid, position bigint, type text,
    happened_at timestamptz, person_id bigint, case_id bigint, body text, is_off boolean)
ON CONFLICT (endpoint_id, position) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class _Endpoint:
    id: int
    lender_id: int
    agency_id: int | None
    events: frozenset[str]
    from_position: int
    is_off: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """A leaf that is an event, of whose lender and, while the case is placed, of which agency."""

    position: int
    type: EventType
    row_id: int
    person_id: int | None
    at: datetime
    lender_id: int
    agency_id: int | None
    case_id: int | None
    case: str | None

    def concerns(self, endpoint: _Endpoint) -> bool:
        """Whether this endpoint is told: its lender, its agency's case, and a type that it asked for."""
        if self.lender_id != endpoint.lender_id or self.position < endpoint.from_position:
            return False
        if endpoint.agency_id is not None and not (
            self.type.row.for_agencies and self.case_id is not None and self.agency_id == endpoint.agency_id
        ):
            return False
        return not endpoint.events or self.type in endpoint.events

    def body(self) -> str:
        """The octets of every try."""
        timestamp = self.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        document = {"type": self.type, "timestamp": timestamp, "data": data_of(self.type, self.case, self.row_id)}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def fan_out(at: datetime, *, limit: int = LEAVES_MAX) -> int:
    """Look at up to `limit` numbered leaves that were not looked at; answers how many. One does it at a time."""
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(_TAKE)
        row = cursor.fetchone()
        if row is None:  # somebody does it
            return 0
        first: int = row[0]
        cursor.execute(_SIZE)
        size: int = cursor.fetchone()[0]
        # an endpoint that is committed after this question is told of what is numbered after it, by its own position
        cursor.execute(_ENDPOINTS)
        endpoints = [_endpoint(one) for one in cursor.fetchall()]
        until = min(first + limit, size) if endpoints else size
        if until <= first:
            return 0
        if endpoints:
            cursor.execute(_LEAVES, {"from": first, "until": until, "kinds": list(LEAF_KINDS)})
            rows = [one for told in _told(cursor.fetchall()) for one in _messages(told, endpoints)]
            if rows:
                cursor.execute(_WRITE, {"at": at, "rows": json.dumps(rows, ensure_ascii=False)})
        cursor.execute(_DONE, [until])
        return until - first


def _endpoint(row: tuple[Any, ...]) -> _Endpoint:
    endpoint_id, lender_id, agency_id, events, from_position, is_off = row
    return _Endpoint(endpoint_id, lender_id, agency_id, frozenset(json.loads(events)), from_position, is_off)


def _told(rows: Sequence[tuple[Any, ...]]) -> Iterator[_Told]:
    for position, kind, table, row_id, person_id, at, body, stop, lender_id, agency_id, case_id, case in rows:
        fields = {commit["field"] for commit in json.loads(bytes(body))["commits"]}
        event = event_of(kind, table, fields, stop)
        # a person who was never worked, or was erased meanwhile, leaves nothing that could be read
        if event is None or lender_id is None or (event.row.of_case and case_id is None):
            continue
        yield _Told(position, event, row_id, person_id, at, lender_id, agency_id, case_id, case)


def _messages(told: _Told, endpoints: Sequence[_Endpoint]) -> Iterator[dict[str, object]]:
    for endpoint in endpoints:
        if told.concerns(endpoint):
            yield {
                "endpoint_id": endpoint.id,
                "message_id": str(uuid4()),
                "position": told.position,
                "type": told.type.value,
                "happened_at": told.at.isoformat(),
                "person_id": told.person_id,
                "case_id": told.case_id,
                "body": told.body(),
                "is_off": endpoint.is_off,
            }
