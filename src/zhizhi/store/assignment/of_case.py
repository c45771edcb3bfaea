"""What screens read of one case: its moves, who may not have it, what is reserved, and who could take it."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.assignment.facts import Unplaced, Why
from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.words import BARS, LANGUAGES, MAIN
from zhizhi.store.select import select

MOVES_MAX = 50
FACTS_MAX = 500
COLLECTORS_MAX = 500


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One line of a case: from whom to whom, when and why. Names of another house's people are empty."""

    at: datetime
    from_name: str
    to_name: str
    why: Why
    home_name: str
    held: int
    capacity: int
    among: int
    unplaced: Unplaced | None


_MOVES = """
SELECT m.at, coalesce(f.name, ''), coalesce(t.name, ''), m.why, coalesce(h.name, ''), m.held, m.capacity,
    m.among, m.unplaced
FROM assignment_move m
LEFT JOIN staff f ON f.id = m.from_id LEFT JOIN staff t ON t.id = m.to_id LEFT JOIN staff h ON h.id = m.home_after
WHERE m.person_id = %(person)s AND m.case_id = %(case)s ORDER BY m.at DESC, m.id DESC LIMIT %(limit)s
"""


def load_moves(person_id: int, case_id: int) -> list[MoveRow]:
    """Why this case: its moves, the newest first; within `reading`."""
    rows = select(_MOVES, {"person": person_id, "case": case_id, "limit": MOVES_MAX})
    return [
        MoveRow(at, was, now, Why(why), home, held, capacity, among, Unplaced(unplaced) if unplaced else None)
        for at, was, now, why, home, held, capacity, among, unplaced in rows
    ]


@dataclass(frozen=True, slots=True)
class BarRow:
    """A collector who may not have a person's case."""

    id: int
    name: str
    ground: str
    remark: str
    set_at: datetime

    @property
    def ground_text(self) -> Text:
        """For a person."""
        return BARS[self.ground]


@dataclass(frozen=True, slots=True)
class ReserveRow:
    """A negotiation that is reserved."""

    id: int
    until_on: date
    ground: str
    set_at: datetime


_BARS = """
SELECT b.id, coalesce(s.name, ''), b.ground, b.remark, b.set_at
FROM barred_collector b LEFT JOIN staff s ON s.id = b.staff_id
WHERE b.person_id = %(person)s AND b.ended_at IS NULL ORDER BY b.set_at DESC LIMIT %(limit)s
"""
_RESERVES = """
SELECT r.id, r.until_on, r.ground, r.set_at FROM reserved_negotiation r
WHERE r.person_id = %(person)s AND r.ended_at IS NULL AND r.until_on >= %(on)s ORDER BY r.set_at DESC LIMIT %(limit)s
"""


def load_bars(person_id: int) -> list[BarRow]:
    """Who may not have this person's case; within `reading`."""
    return [BarRow(*row) for row in select(_BARS, {"person": person_id, "limit": FACTS_MAX})]


def load_reserves(person_id: int, on: date) -> list[ReserveRow]:
    """What is reserved on a day; within `reading`."""
    return [ReserveRow(*row) for row in select(_RESERVES, {"person": person_id, "on": on, "limit": FACTS_MAX})]


@dataclass(frozen=True, slots=True)
class CollectorRow:
    """Somebody who collects for a lender, with the name by which colleagues know two of the same name apart."""

    id: int
    name: str


_COLLECTORS = """
SELECT s.id, s.name || ' · ' || s.login || coalesce(' · ' || g.name, '') FROM staff s
LEFT JOIN agency g ON g.id = s.agency_id
WHERE s.is_active AND s.role IN ('collector', 'agency_collector') AND (s.lender_id IS NULL OR s.lender_id = %(lender)s)
ORDER BY s.agency_id IS NOT NULL, g.name, s.name, s.id LIMIT %(limit)s
"""


def load_collectors(lender_id: int) -> list[CollectorRow]:
    """Who collects for a lender, own staff first; within `reading`."""
    rows = select(_COLLECTORS, {"lender": lender_id, "limit": COLLECTORS_MAX})
    return [CollectorRow(*row) for row in rows]


def language_text(code: str) -> Text:
    """For a person."""
    return LANGUAGES.get(code, MAIN)
