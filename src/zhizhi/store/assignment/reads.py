"""What the pages of assignment read; row-level security shows an agency its own."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from zhizhi.core.assignment.facts import DeskAfter, Unplaced, Why
from zhizhi.core.assignment.fairness import Spread, spreads
from zhizhi.core.assignment.fitness import TRAINING_HOLDS
from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.queues import QUEUES
from zhizhi.store.assignment.words import KINDS, LANGUAGES
from zhizhi.store.lenders.models import Lender
from zhizhi.store.select import document, select

LATEST_MAX = 30
DESKS_MAX = 500
FACTS_MAX = 500


def is_synthetic(lender_id: int) -> bool:
    """Whether a lender's book is invented, so that a day may be declared."""
    return Lender.objects.using("gate").filter(pk=lender_id, is_synthetic=True).exists()


def lender_id_of(code: str) -> int | None:
    """A lender by its code, for a command."""
    return Lender.objects.using("gate").filter(code=code).values_list("id", flat=True).first()


@dataclass(frozen=True, slots=True)
class Told:
    """An assignment in the list. `is_undone`: another one undid it."""

    id: int
    lender_id: int
    lender: str
    on: date
    kind: str
    at: datetime
    by: str
    undoes: int | None
    cases: int
    moved: int
    by_reason: dict[str, int]
    without: dict[str, int]
    digest: str
    is_undone: bool

    @property
    def kind_text(self) -> Text:
        """For a person."""
        return KINDS[self.kind]

    @property
    def reasons(self) -> list[tuple[Text, int]]:
        """How many moved, by reason, the most first."""
        return [(Why(why).label, count) for why, count in sorted(self.by_reason.items(), key=lambda one: -one[1])]


_LATEST = """
SELECT a.id, a.lender_id, l.name, a."on", a.kind, a.at, coalesce(s.name, ''), a.undoes_id, a.counts,
    encode(a.digest, 'hex'), EXISTS (SELECT 1 FROM assignment u WHERE u.undoes_id = a.id)
FROM assignment a JOIN lender l ON l.id = a.lender_id LEFT JOIN staff s ON s.id = a.by_id
WHERE (%(lender)s::bigint IS NULL OR a.lender_id = %(lender)s) AND (%(id)s::bigint IS NULL OR a.id = %(id)s)
ORDER BY a.at DESC, a.id DESC LIMIT %(limit)s
"""


def load_latest(lender_id: int) -> list[Told]:
    """The newest assignments of a lender; within `reading`."""
    return [_told(row) for row in select(_LATEST, {"lender": lender_id, "id": None, "limit": LATEST_MAX})]


def access_assignment(assignment_id: int) -> Told | None:
    """One assignment, where the viewer may see it; within `reading`."""
    rows = select(_LATEST, {"lender": None, "id": assignment_id, "limit": 1})
    return next((_told(row) for row in rows), None)


def _told(row: tuple[Any, ...]) -> Told:
    assignment_id, lender_id, lender, on, kind, at, by, undoes, written, digest, is_undone = row
    counts = document(written)
    return Told(
        id=assignment_id,
        lender_id=lender_id,
        lender=lender,
        on=on,
        kind=kind,
        at=at,
        by=by,
        undoes=undoes,
        cases=counts["cases"],
        moved=counts["moved"],
        by_reason=counts["by_reason"],
        without=counts["without"],
        digest=digest,
        is_undone=is_undone,
    )


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A desk now: what lies on it, and what it can bear."""

    staff_id: int
    name: str
    login: str
    agency_id: int | None
    agency: str
    capacity: int
    cases: int
    balance_minor: int
    queues: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    is_away: bool = False
    is_ready: bool = True

    @property
    def is_dealt(self) -> bool:
        """Whether cases are dealt to it today: trained and certified, and not away."""
        return self.is_ready and not self.is_away and self.capacity > 0

    @property
    def skill_texts(self) -> list[Text]:
        """For a person."""
        return [*(QUEUES[one] for one in self.queues), *(LANGUAGES[one] for one in self.languages)]

    @property
    def share(self) -> int:
        """Percent of the capacity, rounded down."""
        return 100 * self.cases // self.capacity if self.capacity > 0 else 0


@dataclass(frozen=True, slots=True)
class AgencySpread:
    """The spread over the desks of an agency, with its name; empty: own staff."""

    agency: str
    spread: Spread


# What lies there of this lender; a desk that serves several is fuller than it shows.
_DESKS = """
SELECT s.id, s.name, s.login, s.agency_id, coalesce(g.name, ''), s.capacity, coalesce(h.cases, 0),
    coalesce(h.balance, 0)::bigint,
    EXISTS (SELECT 1 FROM staff_absence a
            WHERE a.staff_id = s.id AND a.ended_at IS NULL AND %(on)s BETWEEN a.from_on AND a.to_on),
    coalesce(%(on)s BETWEEN s.trained_on AND s.trained_on + %(training)s, false)
        AND coalesce(s.certified_until >= %(on)s, true)
FROM staff s LEFT JOIN agency g ON g.id = s.agency_id
LEFT JOIN (SELECT c.collector_id, count(*) AS cases, sum(c.balance_minor) AS balance FROM collection_case c
           WHERE c.closed_on IS NULL AND c.collector_id IS NOT NULL AND c.lender_id = %(lender)s
           GROUP BY c.collector_id) h ON h.collector_id = s.id
WHERE s.role IN ('collector', 'agency_collector') AND (s.lender_id IS NULL OR s.lender_id = %(lender)s)
  AND (h.cases > 0 OR (s.is_active AND s.capacity > 0))
ORDER BY s.agency_id IS NOT NULL, g.name, s.name, s.id LIMIT %(limit)s
"""
_SKILLS = "SELECT k.staff_id, k.kind, k.value FROM staff_skill k WHERE k.ended_at IS NULL ORDER BY k.value"


def load_desks(lender_id: int, on: date) -> list[DeskRow]:
    """The desks of a lender as they stand now, own staff first; within `reading`."""
    skilled: dict[tuple[int, str], list[str]] = defaultdict(list)
    for staff_id, kind, value in select(_SKILLS, {}):
        skilled[staff_id, kind].append(value)
    values = {"lender": lender_id, "on": on, "training": TRAINING_HOLDS.days, "limit": DESKS_MAX}
    rows = select(_DESKS, values)
    found = []
    for *plain, is_away, is_ready in rows:
        row = DeskRow(*plain)
        queues, languages = skilled[row.staff_id, "queue"], skilled[row.staff_id, "language"]
        row = replace(row, queues=tuple(queues), languages=tuple(languages))
        found.append(replace(row, is_away=is_away, is_ready=is_ready))
    return found


def spread_of(desks: list[DeskRow]) -> list[AgencySpread]:
    """By agency, own staff first, over the desks to which cases are dealt today."""
    names = {desk.agency_id or 0: desk.agency for desk in desks}
    after = [
        DeskAfter(desk.staff_id, desk.agency_id, desk.capacity, desk.cases, desk.balance_minor, 0, 0)
        for desk in desks
        if desk.is_dealt
    ]
    return [AgencySpread(names[one.agency_id or 0], one) for one in spreads(after)]


_WITHOUT = """
SELECT coalesce(c.unplaced, ''), c.number, c.balance_minor, c.currency, coalesce(g.name, ''), coalesce(q.name, ''),
    count(*) OVER (PARTITION BY coalesce(c.unplaced, '')),
    row_number() OVER (PARTITION BY coalesce(c.unplaced, '') ORDER BY c.balance_minor DESC, c.id)
FROM collection_case c LEFT JOIN agency g ON g.id = c.agency_id LEFT JOIN queue q ON q.id = c.queue_id
WHERE c.closed_on IS NULL AND c.collector_id IS NULL AND c.lender_id = %(lender)s AND c.stage <> 'reminder'
"""
_FIRST_OF_EACH = f"""
SELECT * FROM ({_WITHOUT}) w (unplaced, number, balance, currency, agency, queue, of_all, place)
WHERE place <= %(limit)s ORDER BY unplaced, place
"""
WITHOUT_MAX = 20
NOT_ASSIGNED_YET = Text("尚未分配", "not assigned yet")


@dataclass(frozen=True, slots=True)
class Without:
    """A case that nobody has."""

    number: str
    balance_minor: int
    currency: str
    agency: str
    queue: str


@dataclass(frozen=True, slots=True)
class WithoutFor:
    """Cases without a collector for one reason: how many, and the largest of them."""

    reason: Text
    count: int
    cases: list[Without]


def load_without(lender_id: int) -> list[WithoutFor]:
    """Open cases without a collector, reminders aside, by reason; within `reading`."""
    by_reason: dict[str, list[Without]] = defaultdict(list)
    counts: dict[str, int] = {}
    for unplaced, number, balance, currency, agency, queue, of, _ in select(
        _FIRST_OF_EACH, {"lender": lender_id, "limit": WITHOUT_MAX}
    ):
        by_reason[unplaced].append(Without(number, balance, currency, agency, queue))
        counts[unplaced] = of
    return [
        WithoutFor(Unplaced(one).label if one else NOT_ASSIGNED_YET, counts[one], cases)
        for one, cases in by_reason.items()
    ]


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """Days of absence that stand, today's or later."""

    id: int
    name: str
    agency: str
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class SkillRow:
    """What a collector was schooled for."""

    id: int
    name: str
    agency: str
    kind: str
    value: str


_ABSENCES = """
SELECT a.id, s.name, coalesce(g.name, ''), a.from_on, a.to_on FROM staff_absence a JOIN staff s ON s.id = a.staff_id
LEFT JOIN agency g ON g.id = s.agency_id
WHERE a.ended_at IS NULL AND a.to_on >= %(on)s AND s.is_active AND (s.lender_id IS NULL OR s.lender_id = %(lender)s)
ORDER BY a.from_on, s.name, a.id LIMIT %(limit)s
"""
_SKILL_ROWS = """
SELECT k.id, s.name, coalesce(g.name, ''), k.kind, k.value FROM staff_skill k JOIN staff s ON s.id = k.staff_id
LEFT JOIN agency g ON g.id = s.agency_id
WHERE k.ended_at IS NULL AND s.is_active AND (s.lender_id IS NULL OR s.lender_id = %(lender)s)
ORDER BY s.name, s.id, k.kind, k.value LIMIT %(limit)s
"""


def load_absences(lender_id: int, on: date) -> list[AbsenceRow]:
    """Who is away on a day or later; within `reading`."""
    values = {"lender": lender_id, "on": on, "limit": FACTS_MAX}
    return [AbsenceRow(*row) for row in select(_ABSENCES, values)]


def load_skills(lender_id: int) -> list[SkillRow]:
    """Who was schooled for what; within `reading`."""
    return [SkillRow(*row) for row in select(_SKILL_ROWS, {"lender": lender_id, "limit": FACTS_MAX})]


_STUCK = "SELECT c.id, c.number FROM collection_case c WHERE c.id = ANY (%(ids)s) ORDER BY c.number"
STUCK_MAX = 200


def numbers_of(case_ids: list[int]) -> dict[int, str]:
    """The numbers of cases that this viewer may see, of so many at the most; within `reading`."""
    return dict(select(_STUCK, {"ids": case_ids[:STUCK_MAX]}))
