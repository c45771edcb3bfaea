"""Whom a dialler rings next: what is known of the calls before is written down, then so many persons are reserved as
the pace allows, one request after the other; and what the law said of each is noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from zhizhi.core.calling.pacing import Answered, Floor, lines_to_ring, next_ratio
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.store.calling.words import ANSWERED, OPEN_LINES, RESERVED_FOR, RUNG_AGAIN_AFTER, STEP_EVERY, WINDOW
from zhizhi.store.campaigns.window import Window
from zhizhi.store.many import Question, ask
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.outbound.words import NOT_NAMED


@dataclass(frozen=True, slots=True)
class Reserved:
    """What may be rung now. `targets`: (person, case number); `line` None: the lender keeps no register; `falls`: why
    no number of the campaign stands."""

    campaign_id: int
    state: str
    script: str
    purpose: str
    window: Window
    ratio: int
    seats: tuple[str, ...]
    targets: tuple[tuple[int, str], ...] = ()
    line: str | None = None
    falls: str | None = None


_CAMPAIGN = """
SELECT id, state, script, purpose, from_on, until_on, opens_minute, closes_minute, ratio, stepped_at
FROM calling_campaign WHERE lender_id = %s AND name = %s FOR NO KEY UPDATE
"""
# What records say of the calls that are on. A call that was recalled or never confirmed did not ring by our word: where
# only the pause or the number was in the way, its person is rung later.
_SETTLE = """
UPDATE calling_target t SET state = n.state, why = n.why, at = %(at)s, next_at = n.next_at
FROM (
    SELECT t.person_id, t.id, CASE
        WHEN t.state = 'reserved' THEN CASE WHEN t.at <= %(reserved_before)s THEN 'waiting' END
        WHEN d.state = 'failed' THEN 'waiting'
        WHEN k.kinds && ARRAY['abandoned'] THEN 'abandoned'
        WHEN k.kinds && ARRAY['talked'] THEN 'answered'
        WHEN k.kinds && ARRAY['no_answer', 'busy', 'not_in_service', 'rejected', 'voicemail_limited'] THEN 'unanswered'
        WHEN k.kinds && ARRAY['answered'] THEN 'talking'
        WHEN x.recalled_because = 'campaign_paused' OR left(x.recalled_because, 7) = 'number_' THEN 'waiting'
        WHEN x.recalled_at IS NOT NULL THEN 'withheld'
        WHEN x.confirmed_at IS NULL AND x.expires_at <= %(at)s OR d.state = 'unknown' THEN 'unknown'
        END AS state,
        coalesce(x.recalled_because, '') AS why,
        CASE WHEN d.state = 'failed' THEN %(again_at)s::timestamptz END AS next_at
    FROM calling_target t
    LEFT JOIN lease x ON x.person_id = t.person_id AND x.id = t.lease_id
    LEFT JOIN delivery d ON d.person_id = x.person_id AND d.id = x.delivery_id
    LEFT JOIN LATERAL (SELECT array_agg(r.kind) AS kinds FROM lease_record r
        WHERE r.person_id = x.person_id AND r.lease_id = x.id AND NOT r.number_differs) k ON true
    WHERE t.campaign_id = %(campaign)s AND t.state IN ('reserved', 'leased', 'talking')
) n
WHERE n.state IS NOT NULL AND n.state <> t.state AND t.person_id = n.person_id AND t.id = n.id
"""
_SEEN = """
SELECT count(*), count(*) FILTER (WHERE t.state = 'abandoned'),
    (SELECT count(*) FROM calling_target o WHERE o.campaign_id = %(campaign)s AND o.state = ANY (%(open)s))
FROM calling_target t WHERE t.campaign_id = %(campaign)s AND t.state = ANY (%(answered)s) AND t.at > %(since)s
"""
_SEATS = """
SELECT s.login FROM calling_seat c JOIN staff s ON s.id = c.staff_id AND s.is_active
WHERE c.campaign_id = %s AND s.login = ANY (%s) ORDER BY s.login
"""
_LINE = """
SELECT w.number, w.why FROM (
    SELECT n.number, zhizhi_number_falls(n.id, %(at)s, true) AS why, (SELECT count(*) FROM outbound_call c
        WHERE c.number_id = n.id AND c.on_day = %(day)s)::float / n.daily_max AS load
    FROM outbound_number n WHERE n.lender_id = %(lender)s AND n.agency_id IS NULL AND (
        NOT EXISTS (SELECT 1 FROM calling_line l WHERE l.campaign_id = %(campaign)s)
        OR n.id IN (SELECT l.number_id FROM calling_line l WHERE l.campaign_id = %(campaign)s))) w
ORDER BY w.why IS NOT NULL, w.load, w.number LIMIT 1
"""
_RESERVE = """
UPDATE calling_target t SET state = 'reserved', at = %(at)s, next_at = NULL
FROM (SELECT person_id, id FROM calling_target WHERE campaign_id = %(campaign)s AND state = 'waiting'
      AND (next_at IS NULL OR next_at <= %(at)s) ORDER BY next_at NULLS FIRST, id LIMIT %(limit)s FOR UPDATE) w
WHERE t.person_id = w.person_id AND t.id = w.id RETURNING t.person_id, t.case_number
"""


def reserve(lender_id: int, name: str, free: Sequence[str], at: datetime, most: int) -> Reserved | None:
    """Reserve whom a campaign of this name may ring for the seats that are free; None where there is none.

    One request of a campaign after the other. Refuses: ClockNotTrusted.
    """
    require_clock()
    with transaction.atomic(using="gate", durable=True):
        rows = ask(Question(_CAMPAIGN, [lender_id, name], list))
        if not rows:
            return None
        campaign_id, state, script, purpose, from_on, until_on, opens, closes, ratio, stepped_at = rows[0]
        window = Window(from_on, until_on, opens, closes)
        settle(campaign_id, at)
        seats = tuple(login for (login,) in ask(Question(_SEATS, [campaign_id, list(free)], list)))
        seen, lines_open = _seen(campaign_id, at)
        is_due = stepped_at is None or at - stepped_at >= STEP_EVERY
        ratio = _stepped(campaign_id, ratio, next_ratio(ratio, seen, is_due=is_due), at)
        found = Reserved(campaign_id, state, script, purpose, window, ratio, seats)
        if state != "running" or not window.is_open(at):
            return found
        line, falls = _line(campaign_id, lender_id, at)
        if falls is not None:
            return Reserved(campaign_id, state, script, purpose, window, ratio, seats, falls=falls)
        wanted = min(lines_to_ring(Floor(len(seats), lines_open), ratio, seen), most)
        targets = _rows(_RESERVE, {"campaign": campaign_id, "at": at, "limit": wanted}) if wanted else []
        return Reserved(campaign_id, state, script, purpose, window, ratio, seats, tuple(targets), line)


def settle(campaign_id: int, at: datetime) -> None:
    """Write down what is known by now of the calls that are on; the transaction is open."""
    values: dict[str, Any] = {
        "campaign": campaign_id,
        "at": at,
        "reserved_before": at - RESERVED_FOR,
        "again_at": at + RUNG_AGAIN_AFTER,
    }
    with connections["gate"].cursor() as cursor:
        cursor.execute(_SETTLE, values)


def _seen(campaign_id: int, at: datetime) -> tuple[Answered, int]:
    values = {"campaign": campaign_id, "answered": list(ANSWERED), "open": list(OPEN_LINES), "since": at - WINDOW}
    ((answered, abandoned, lines_open),) = _rows(_SEEN, values)
    return Answered(answered, abandoned), lines_open


def _stepped(campaign_id: int, before: int, after: int, at: datetime) -> int:
    if after != before:
        with connections["gate"].cursor() as cursor:
            cursor.execute(
                "UPDATE calling_campaign SET ratio = %s, stepped_at = %s WHERE id = %s", [after, at, campaign_id]
            )
    return after


def _line(campaign_id: int, lender_id: int, at: datetime) -> tuple[str | None, str | None]:
    """The number with most room, or why none stands; neither where the lender keeps no register."""
    ((is_kept,),) = ask(
        Question("SELECT EXISTS (SELECT 1 FROM outbound_number WHERE lender_id = %s)", [lender_id], list)
    )
    if not is_kept:
        return None, None
    day = at.astimezone(BEIJING).date()
    rows = _rows(_LINE, {"at": at, "day": day, "lender": lender_id, "campaign": campaign_id})
    return (rows[0][0], rows[0][1]) if rows else (None, NOT_NAMED)


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connections["gate"].cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a person who was reserved."""

    person_id: int
    state: str
    why: str = ""
    lease_id: int | None = None
    next_at: datetime | None = None


_NOTE = """
UPDATE calling_target t SET state = w.state, why = w.why, lease_id = w.lease_id, next_at = w.next_at, at = %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[])
    w (person_id, state, why, lease_id, next_at)
WHERE t.campaign_id = %s AND t.person_id = w.person_id AND t.state = 'reserved'
"""


def note(campaign_id: int, noted: Sequence[Noted], at: datetime) -> None:
    """Write what became of those who were reserved."""
    columns = [[getattr(one, name) for one in noted] for name in ("person_id", "state", "why", "lease_id", "next_at")]
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(_NOTE, [at, *columns, campaign_id])
