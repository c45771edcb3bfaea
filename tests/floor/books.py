"""The day's reports as the product gives them to each reader, recounted from the tables and from what was done."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from floor.desks import Done
from floor.house import House, viewer_of
from floor.money import Came
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.store.figures.attempts import HELD, PERMITTED, REFUSED
from zhizhi.store.figures.collected import COLLECTED_TODAY
from zhizhi.store.figures.figure import EVERY_PRODUCT, NOTHING, Asked, Figure, load_number
from zhizhi.store.figures.reach import DIALS
from zhizhi.store.figures.seats import load_seats
from zhizhi.store.followup.reads import load_desks
from zhizhi.store.placements.reads import load_agencies
from zhizhi.store.remittances.reads import count_waiting
from zhizhi.store.strategy.working import DayFigures
from zhizhi.store.viewer import reading

LEDGER = """
SELECT count(*), coalesce(sum(amount_minor), 0)::bigint, count(*) FILTER (WHERE permit_less) FROM (
    SELECT amount_minor, false AS permit_less FROM payment
    WHERE kind = 'payment' AND import_id IS NULL AND recorded_at >= %(from)s AND recorded_at < %(until)s) p
"""
OVERDUE_PAID = """
SELECT coalesce(sum(CASE p.kind WHEN 'reversal' THEN -p.amount_minor ELSE p.amount_minor END), 0)::bigint
FROM payment p JOIN debt d ON d.person_id = p.person_id AND d.id = p.debt_id
WHERE p.paid_on = %(on)s AND d.currency = 'CNY' AND (p.person_id, p.debt_id) IN (
    SELECT i.person_id, i.debt_id FROM instalment i
    WHERE i.due_on < %(on)s AND (i.paid_on IS NULL OR i.paid_on >= %(on)s))
"""
CALLS = """
SELECT count(*), count(*) FILTER (WHERE p.state <> 'used'), count(DISTINCT c.permit_id)
FROM contact c LEFT JOIN permit p ON p.person_id = c.person_id AND p.id = c.permit_id
WHERE c.channel = 'voice' AND c.direction = 'out' AND c.at >= %(from)s AND c.at < %(until)s
"""
UNASKED = """
SELECT count(*) FROM wish w JOIN run r ON r.id = w.run_id
WHERE r."on" = %(on)s AND w.result = 'hold' AND w.decision_id IS NULL
"""
ASTRAY_CALLS = """
SELECT count(*) FROM contact c JOIN staff s ON s.id = c.staff_id
JOIN placement h ON h.person_id = c.person_id AND h.agency_id IS DISTINCT FROM s.agency_id
    AND h.placed_at <= c.at AND (h.ended_at IS NULL OR h.ended_at > c.at)
WHERE c.channel = 'voice' AND c.at >= %(from)s AND c.at < %(until)s
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two readers are told two numbers of one thing."""

    on: date
    what: str
    told: object
    counted: object


@dataclass(slots=True)
class Recount:
    """What was compared, and what differed."""

    compared: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def same(self, on: date, what: str, told: object, counted: object) -> None:
        """One number of a report, beside the same from elsewhere."""
        self.compared[what] += 1
        if told != counted:
            self.differences.append(Difference(on, what, told, counted))


@dataclass(frozen=True, slots=True)
class Day:
    """All that is known of a day by those who lived it."""

    on: date
    runs: tuple[DayFigures, ...]
    done: Done
    came: Came
    astray_minor: int


def recount(house: House, day: Day, into: Recount) -> None:
    """Every reader's report of a day."""
    begins = datetime.combine(day.on, datetime.min.time(), BEIJING)
    span = {"on": day.on, "from": begins, "until": begins + timedelta(days=1)}
    asked = Asked(day.on, span["from"], span["until"], span["until"])
    with psycopg.connect(house.place.url, autocommit=True) as looking:

        def counted(sql: str) -> tuple[Any, ...]:
            row = looking.execute(sql, span).fetchone()
            assert row is not None, "a count has a row"
            return row

        _money(house, day, into, counted)
        _head(house, day, asked, into, counted)
        _agencies(house, day, into, counted)
    _leaders(house, day, asked, into)


def _money(house: House, day: Day, into: Recount, counted: Any) -> None:
    """Settlement: what came is in the ledger or waits, to the fen."""
    _, ledger, _ = counted(LEDGER)
    astray = sum(one.minor for one in day.came.astray)
    sent = sum(day.came.minor.values())
    into.same(day.on, "ledger: what came, less what waits, and what was settled", ledger,
              sent - astray + day.came.settled_minor)  # fmt: skip
    with reading(viewer_of(house.clerk)):
        waiting = count_waiting()
    into.same(day.on, "settlement's page: what waits", waiting[:2], (len(day.came.astray), day.astray_minor))


def _head(house: House, day: Day, asked: Asked, into: Recount, counted: Any) -> None:
    with reading(house.head):
        told = {figure.code: _number(figure, asked) for figure in (COLLECTED_TODAY, PERMITTED, REFUSED, HELD, DIALS)}
    into.same(day.on, "head: collected today", told[COLLECTED_TODAY.code], counted(OVERDUE_PAID)[0])
    desks, runs = day.done.asked, day.runs
    into.same(day.on, "head: permitted", told[PERMITTED.code], desks["permit"] + sum(one.permitted for one in runs))
    unasked = counted(UNASKED)[0]  # of a run that could not put the question: held there, and no decision
    into.same(day.on, "head: held", told[HELD.code], desks["hold"] + sum(one.held for one in runs) - unasked)
    refused = desks["forbid"] + desks["presumed_violation"] + sum(one.refused for one in runs)
    into.same(day.on, "head: refused", told[REFUSED.code], refused)
    dialled = sum(day.done.dials.values())
    into.same(day.on, "head: dials", told[DIALS.code], dialled)
    into.same(day.on, "permits: each call has its own, used", counted(CALLS), (dialled, 0, dialled))


def _number(figure: Figure, asked: Asked) -> int:
    return load_number(figure, asked).get(EVERY_PRODUCT, NOTHING).of(figure.unit)


def _leaders(house: House, day: Day, asked: Asked, into: Recount) -> None:
    """A team leader's floor, seat by seat."""
    team_of = {seat.id: seat.team for seat in house.seats if seat.agency_id is None}
    for leader, team in zip(house.leaders, dict.fromkeys(team_of.values()), strict=True):
        with reading(leader):
            seats = {seat.staff_id: seat for seat in load_seats(asked)}
            desks = load_desks(day.on, asked.as_of)
        into.same(day.on, "leader: only the own team", {team_of.get(seat) for seat in seats} <= {team}, True)
        for seat_id, seat in seats.items():
            into.same(day.on, "leader: dials of a seat", seat.dials, day.done.dials[seat_id])
            into.same(day.on, "leader: talks of a seat", seat.talks, day.done.talks[seat_id])
        into.same(day.on, "leader: desks of promises", bool(desks) or not seats, True)


def _agencies(house: House, day: Day, into: Recount, counted: Any) -> None:
    """What an agency's manager is told it has, and that nobody else's seat called them."""
    into.same(day.on, "no seat called a case of another house", counted(ASTRAY_CALLS)[0], 0)
    with reading(house.head):
        told = {(row.lender_id, row.agency_id): row for row in load_agencies(day.on)}
    for manager in house.managers:
        with reading(manager):
            own = {(row.lender_id, row.agency_id): row for row in load_agencies(day.on)}
        into.same(day.on, "agency: sees itself alone", {agency for _, agency in own} <= {manager.agency_id}, True)
        theirs = {key: row for key, row in told.items() if key[1] == manager.agency_id}
        into.same(day.on, "agency: its cases as the lender counts them", own, theirs)


def shown(into: Recount) -> Iterator[str]:
    """A line for each thing that was compared, and each difference."""
    for what, count in into.compared.items():
        yield f"{count:>7,}  {what}"
    for one in into.differences[:40]:
        yield f"DIFFERS {one.on} {one.what}: told {one.told}, counted {one.counted}"
