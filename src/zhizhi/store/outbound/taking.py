"""From which number a call goes out: asked at the gate, taken for a call that is placed here, held for a lease."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connections, transaction

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.store.ids import ids
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.many import Question, Rows, ask
from zhizhi.store.outbound.words import NOT_NAMED, UNKNOWN

_STANDING = """
SELECT (SELECT count(*) FROM outbound_number k WHERE k.lender_id = %s),
    (SELECT coalesce(json_object_agg(coalesce(w.why, ''), w.n), '{}')::text FROM (
        SELECT zhizhi_number_falls(n.id, %s, true) AS why, count(*) AS n FROM zhizhi_numbers_of(%s, %s) n GROUP BY 1) w)
"""


@dataclass(frozen=True, slots=True)
class Register:
    """What a lender's register offers whoever calls: `falls`, by code, how many numbers may not be called from."""

    is_kept: bool
    stands: int
    falls: Mapping[str, int]


def load_register(lender_id: int, collector: str, at: datetime) -> Register:
    """How the numbers of a lender's desks, or of an agency that calls for it, stand at an instant."""
    ((kept, counts),) = ask(Question(_STANDING, [lender_id, at, lender_id, collector], list))
    found: dict[str, int] = json.loads(counts)
    return Register(kept > 0, found.pop("", 0), found)


@dataclass(frozen=True, slots=True)
class NumberTaken:
    """The number that a call goes out from; `number` empty: the lender keeps no register."""

    number: str


@dataclass(frozen=True, slots=True)
class NumberFalls:
    """Why none was taken, by the codes of `WHY`."""

    why: str


_TAKEN = """
SELECT m.lender_id, m.collector, (SELECT n.number FROM outbound_number n WHERE n.id = c.number_id),
    EXISTS (SELECT 1 FROM outbound_number n WHERE n.lender_id = m.lender_id), zhizhi_call_falls(m.person_id, m.id, %s)
FROM permit m LEFT JOIN outbound_call c ON c.person_id = m.person_id AND c.permit_id = m.id
WHERE m.person_id = %s AND m.id = %s
"""
# One number after the other: whoever takes one counts it before the next looks. The least called of the day first.
_HELD = """
SELECT n.id FROM outbound_number n WHERE n.id IN (SELECT o.id FROM zhizhi_numbers_of(%s, %s) o) AND n.state = 'open'
  AND (%s::text IS NULL OR n.number = %s) ORDER BY n.id FOR NO KEY UPDATE
"""
_CHOSEN = """
SELECT w.id, w.number, w.why FROM (
    SELECT n.id, n.number, zhizhi_number_falls(n.id, %s, true) AS why,
        (SELECT count(*) FROM outbound_call c WHERE c.number_id = n.id AND c.on_day = %s) AS calls
    FROM outbound_number n WHERE n.id = ANY (%s)) w
ORDER BY w.why IS NOT NULL, w.calls, w.id LIMIT 1
"""


def take_number(person_id: int, permit_id: int, at: datetime, shown: str | None = None) -> NumberTaken | NumberFalls:
    """Take the number that a permitted call goes out from, once: asked again it is the same one, looked at anew.

    `shown`: the one that the line shows, where the line decides; no other will do.
    """
    with transaction.atomic(using="gate", durable=True):
        ((lender_id, collector, taken, is_kept, falls),) = ask(Question(_TAKEN, [at, person_id, permit_id], list))
        if not is_kept:
            return NumberTaken("")
        if taken is not None:
            if falls is None and shown is not None and shown != taken:
                return NumberFalls(UNKNOWN)
            return NumberTaken(taken) if falls is None else NumberFalls(falls)
        held = [row[0] for row in ask(Question(_HELD, [lender_id, collector, shown, shown], list))]
        day = at.astimezone(BEIJING).date()
        chosen = ask(Question(_CHOSEN, [at, day, held], list))
        if not chosen:
            return NumberFalls(UNKNOWN)
        number_id, number, why = chosen[0]
        if why is not None:
            return NumberFalls(why)
        note_calls([(person_id, permit_id, number_id)], at)
        return NumberTaken(number)


_NOTE = """
INSERT INTO outbound_call (person_id, id, permit_id, number_id, on_day, at)
SELECT w.*, %s::date, %s::timestamptz FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) w
ON CONFLICT (person_id, permit_id) DO NOTHING
"""


def note_calls(calls: Sequence[tuple[int, int, int]], at: datetime) -> None:
    """Calls (person, permit, number) count for the day of their numbers, which the open transaction holds."""
    columns = [
        [person for person, _, _ in calls],
        [ids.take() for _ in calls],
        [permit for _, permit, _ in calls],
        [number for _, _, number in calls],
    ]
    with connections["gate"].cursor() as cursor:
        cursor.execute(_NOTE, [at.astimezone(BEIJING).date(), at, *columns])


def call_falls(person_id: int, permit_id: int, at: datetime) -> str | None:
    """Why a call that was permitted may not go out from its number now; None where it may."""
    rows = ask(Question("SELECT zhizhi_call_falls(%s, %s, %s)", [person_id, permit_id, at], list))
    return rows[0][0] if rows else None


Wanted = tuple[Bearer, str | None]


@dataclass(frozen=True, slots=True)
class NamedNumber:
    """The number that a system names for its leases; `id` None: it is not in the register, or none was named."""

    is_kept: bool
    id: int | None


_NAMED = """
SELECT w.place, EXISTS (SELECT 1 FROM outbound_number k WHERE k.lender_id = w.lender_id), n.id
FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[]) w (place, lender_id, agency_id, number)
LEFT JOIN outbound_number n ON n.lender_id = w.lender_id AND n.number = w.number
    AND n.agency_id IS NOT DISTINCT FROM w.agency_id
"""


def named_numbers(wanted: Sequence[Wanted]) -> Question[Mapping[int, NamedNumber]]:
    """What the register knows of the number that each bearer names, by place."""
    columns: list[list[object]] = [
        list(range(len(wanted))),
        [bearer.lender_id for bearer, _ in wanted],
        [bearer.agency_id for bearer, _ in wanted],
        [number for _, number in wanted],
    ]
    return Question(_NAMED, columns, _named)


def _named(rows: Rows) -> Mapping[int, NamedNumber]:
    return {place: NamedNumber(is_kept, number_id) for place, is_kept, number_id in rows}


def why_not(named: NamedNumber, number: str | None) -> str | None:
    """What the register says of a number that was named, before its state is asked; None where it knows it."""
    if not named.is_kept or named.id is not None:
        return None
    return UNKNOWN if number else NOT_NAMED


@dataclass(frozen=True, slots=True)
class Room:
    """A number that nobody else counts on until the transaction ends: why it falls, or how many calls it has left."""

    why: str | None
    left: int


_HOLD = "SELECT id FROM outbound_number WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE"
_ROOM = """
SELECT n.id, zhizhi_number_falls(n.id, %s, true), n.daily_max - (SELECT count(*) FROM outbound_call c
    WHERE c.number_id = n.id AND c.on_day = %s) FROM outbound_number n WHERE n.id = ANY (%s)
"""


def hold_numbers(number_ids: Iterable[int], at: datetime) -> dict[int, Room]:
    """Hold numbers, in the order of their ids, and what room each has today; the transaction is open and holds its
    persons already."""
    wanted = sorted(set(number_ids))
    if not wanted:
        return {}
    ask(Question(_HOLD, [wanted], list))
    rows = ask(Question(_ROOM, [at, at.astimezone(BEIJING).date(), wanted], list))
    return {number_id: Room(why, left) for number_id, why, left in rows}


_OF_LEASES = """
SELECT x.person_id, x.permit_id, w.number_id FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])
    w (person_id, lease_id, number_id) JOIN lease x ON x.person_id = w.person_id AND x.id = w.lease_id
"""


def note_leased(leased: Sequence[tuple[int, int, int]], at: datetime) -> None:
    """Leases (person, lease, number) that the open transaction has just written count for their numbers' day."""
    if leased:
        columns = [[one[n] for one in leased] for n in range(3)]
        note_calls([tuple(row) for row in ask(Question(_OF_LEASES, columns, list))], at)
