"""What the API and the console read of webhooks, under row-level security: endpoints, messages by keyset, tries."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.store.select import select
from zhizhi.store.webhooks.words import NOT_TOLD

PAGE = 50
ENDPOINTS_MAX = 500
TRIES_MAX = 200


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint without its secrets."""

    id: int
    account: str
    lender_id: int
    agency: str
    url: str
    description: str
    events: tuple[str, ...]
    off_at: datetime | None
    off_because: str | None
    failing_since: datetime | None
    before_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A message and how it stands; `status` and `tried_at` of its latest try."""

    id: int
    endpoint_id: int
    account: str
    url: str
    message_id: str
    type: str
    happened_at: datetime
    body: str
    state: str
    tries: int
    next_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    end: str | None
    status: int | None
    tried_at: datetime | None


@dataclass(frozen=True, slots=True)
class TryRow:
    """One request."""

    at: datetime
    milliseconds: int
    end: str
    status: int | None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which messages; None asks nothing of it. `not_told`: those that a replay of a range would send."""

    endpoint_id: int | None = None
    state: str | None = None
    type: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None
    not_told: bool = False


_ENDPOINTS = """
SELECT e.id, s.name, e.lender_id, coalesce(a.code, ''), e.url, e.description, e.events::text, e.off_at, e.off_because,
    e.failing_since, e.before_until, e.created_at
FROM webhook_endpoint e JOIN staff s ON s.id = e.staff_id LEFT JOIN agency a ON a.id = e.agency_id
WHERE e.deleted_at IS NULL AND (%(id)s::bigint IS NULL OR e.id = %(id)s)
  AND (%(after)s::bigint IS NULL OR e.id > %(after)s)
ORDER BY e.id LIMIT %(limit)s
"""
_DELIVERIES = """
SELECT d.id, d.endpoint_id, s.name, e.url, 'msg_' || replace(d.message_id::text, '-', ''), d.type, d.happened_at,
    d.body, d.state, d.tries, d.next_at, d.ended_at, d.created_at, t."end", t.status, t.at
FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id JOIN staff s ON s.id = e.staff_id
LEFT JOIN LATERAL (SELECT w."end", w.status, w.at FROM webhook_attempt w WHERE w.delivery_id = d.id
    ORDER BY w.id DESC LIMIT 1) t ON true
WHERE true
"""
_ASKED = {
    "endpoint_id": " AND d.endpoint_id = %(endpoint_id)s",
    "state": " AND d.state = %(state)s",
    "type": " AND d.type = %(type)s",
    "from_at": " AND d.created_at >= %(from_at)s",
    "until_at": " AND d.created_at < %(until_at)s",
}
_TRIES = """
SELECT at, milliseconds, "end", status FROM webhook_attempt WHERE delivery_id = %(id)s ORDER BY id DESC LIMIT %(limit)s
"""


def load_endpoints(after: int | None = None, limit: int = ENDPOINTS_MAX) -> list[EndpointRow]:
    """Endpoints that this viewer may see, one more than `limit`."""
    return [_endpoint(row) for row in select(_ENDPOINTS, {"id": None, "after": after, "limit": limit + 1})]


def access_endpoint(endpoint_id: int) -> EndpointRow | None:
    """One endpoint, where this viewer may see it."""
    for row in select(_ENDPOINTS, {"id": endpoint_id, "after": None, "limit": 1}):
        return _endpoint(row)
    return None


def load_deliveries(asked: DeliveryFilter, after: int | None = None, limit: int = PAGE) -> list[DeliveryRow]:
    """Messages, the newest first, one more than `limit`; the cost of a page does not grow with its place."""
    values: dict[str, Any] = {name: getattr(asked, name) for name in _ASKED if getattr(asked, name) is not None}
    statement = _DELIVERIES + "".join(_ASKED[name] for name in values)
    if asked.not_told:
        statement += " AND d.state = ANY (%(not_told)s)"
        values["not_told"] = list(NOT_TOLD)
    if after is not None:
        statement += " AND d.id < %(after)s"
        values["after"] = after
    statement += " ORDER BY d.id DESC LIMIT %(limit)s"
    return [DeliveryRow(*row) for row in select(statement, values | {"limit": limit + 1})]


def access_delivery(delivery_id: int) -> tuple[DeliveryRow, list[TryRow]] | None:
    """One message with its tries, the latest first, where this viewer may see it."""
    for row in select(_DELIVERIES + " AND d.id = %(id)s", {"id": delivery_id}):
        tries = [TryRow(*one) for one in select(_TRIES, {"id": delivery_id, "limit": TRIES_MAX})]
        return DeliveryRow(*row), tries
    return None


def _endpoint(row: tuple[Any, ...]) -> EndpointRow:
    *about, events, off_at, off_because, failing_since, before_until, created_at = row
    since = (off_at, off_because, failing_since, before_until, created_at)
    return EndpointRow(*(*about, tuple(json.loads(events)), *since))
