"""How the installation stands now, in few questions that indexes answer; no figure names a person.

The reader is a scraper or an administrator who sees figures of every lender, so the questions go through the gate's
login: row-level security would show a viewer without cases nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import Error, connections, transaction

from zhizhi.store.operations.heartbeats import HeartbeatRow, load_heartbeats
from zhizhi.store.operations.tallies import Counted, load_tallies

QUESTION_SECONDS_MAX = 5  # a database that is too busy to be measured is left alone
COUNTED_MAX = 10_000  # of deliveries without an end; a gauge that shows this much shows at least this much


@dataclass(frozen=True, slots=True)
class OpenDeliveries:
    """Deliveries of a channel without an end, and how long the oldest waits."""

    state: str
    channel: str
    count: int
    oldest: timedelta


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue: how many wait, and since when the oldest does."""

    queue: str
    count: int
    oldest: timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    """The installation at one instant of the database's clock."""

    counts: tuple[Counted, ...]
    deliveries: tuple[OpenDeliveries, ...]
    queues: tuple[Waiting, ...]
    heartbeats: tuple[HeartbeatRow, ...]
    profiles: tuple[str, ...]
    uncounted: int


# What a person has to make by hand is no delivery that is late. Of what waits the oldest are counted, so that a
# campaign under way costs a scrape little more than a quiet day.
_DELIVERIES = """
SELECT state, channel, count(*), greatest(clock_timestamp() - min(since), '0')
FROM (
    (SELECT 'waiting' AS state, d.channel, d.due_at AS since FROM delivery d
    WHERE d.state = 'waiting' AND d.gateway <> 'manual' ORDER BY d.due_at LIMIT %(counted)s)
    UNION ALL
    (SELECT CASE WHEN d.state = 'claimed' AND d.gateway = 'manual' THEN 'by_hand' ELSE d.state END,
        d.channel, d.claimed_at
    FROM delivery d WHERE d.state IN ('claimed', 'unknown') ORDER BY d.claimed_at LIMIT %(counted)s)
) open_ones
GROUP BY state, channel ORDER BY state, channel
"""
_QUEUES = """
SELECT 'inbox', count(*), min(received_at) FROM inbox_item WHERE state = 'waiting'
UNION ALL SELECT 'leaves', count(*), min(at) FROM leaf WHERE position IS NULL
UNION ALL SELECT 'imports', count(*), NULL FROM imported_file WHERE state = 'waiting'
UNION ALL SELECT 'audits', count(*), min(asked_at) FROM audit_run WHERE state = 'waiting'
UNION ALL SELECT 'impacts', count(*), min(asked_at) FROM impact_run WHERE state = 'waiting'
UNION ALL SELECT 'holds', count(*), min(opened_at) FROM hold WHERE state = 'open'
UNION ALL SELECT 'contradictions', count(*), min(received_at) FROM contradiction WHERE looked_at IS NULL
UNION ALL SELECT 'inquiries_overdue', count(*), min(due_at) FROM breach_inquiry
    WHERE state = 'open' AND due_at <= clock_timestamp()
UNION ALL SELECT 'incident_deadlines_near', count(*), min(d.warn_at)
    FROM incident_deadline d JOIN incident i ON i.id = d.incident_id
    WHERE d.answered_at IS NULL AND NOT i.is_drill AND d.warn_at <= clock_timestamp()
UNION ALL SELECT 'incident_deadlines_over', count(*), min(d.due_at)
    FROM incident_deadline d JOIN incident i ON i.id = d.incident_id
    WHERE d.answered_at IS NULL AND NOT i.is_drill AND d.due_at <= clock_timestamp()
UNION ALL SELECT 'canary_alarms', count(*), min(at) FROM canary_alarm WHERE ruling IS NULL
UNION ALL SELECT 'portal_requests', count(*), min(asked_at) FROM portal_request WHERE handled_at IS NULL
UNION ALL SELECT 'webhooks', count(*), min(created_at) FROM webhook_delivery WHERE state = 'waiting'
UNION ALL SELECT 'webhooks_failed', count(*), min(ended_at) FROM webhook_delivery
    WHERE state = 'failed' AND ended_at > clock_timestamp() - interval '1 day'
UNION ALL SELECT 'webhook_endpoints_off', count(*), min(off_at) FROM webhook_endpoint
    WHERE off_because IN ('failing', 'gone') AND deleted_at IS NULL
"""
_UNCOUNTED = """
SELECT coalesce((SELECT max(position) + 1 FROM leaf), 0) - position FROM watermark WHERE name = 'counted'
"""


def database_answers() -> bool:
    """One question to the login that serves screens; raises what the driver raises where nobody answers."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def load_figures() -> Figures | None:
    """Everything in one snapshot; None where the database does not answer in time."""
    try:
        with _reading():
            counts, heartbeats = load_tallies(), load_heartbeats()
            queues = [Waiting(*row) for row in _ask(_AGES)]
            deliveries = [OpenDeliveries(*row) for row in _ask(_DELIVERIES, {"counted": COUNTED_MAX})]
            profiles = [row[0] for row in _ask("SELECT DISTINCT profile FROM lender ORDER BY profile")]
            ((uncounted,),) = _ask(_UNCOUNTED)
    except Error:  # down, restarting, out of connections, or busier than a figure is worth
        connections["gate"].close()
        return None
    return Figures(tuple(counts), tuple(deliveries), tuple(queues), tuple(heartbeats), tuple(profiles), uncounted)


_AGES = f"SELECT queue, n, greatest(coalesce(clock_timestamp() - since, '0'), '0') FROM ({_QUEUES}) q (queue, n, since)"


@contextmanager
def _reading() -> Iterator[None]:
    with transaction.atomic(using="gate", durable=True):
        with connections["gate"].cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{QUESTION_SECONDS_MAX}s"])
        yield


def _ask(sql: str, values: Mapping[str, int] | None = None) -> list[tuple[Any, ...]]:
    with connections["gate"].cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
