"""What screens and use cases read about outbound numbers; row-level security decides which screens see."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.store.many import Question, ask
from zhizhi.store.select import select

SHOWN_MAX = 500


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """A number as a use case needs it."""

    id: int
    lender_id: int
    number: str
    holder: str
    daily_max: int


def find_number(number_id: int) -> KnownNumber | None:
    """The number of this id."""
    asked = "SELECT id, lender_id, number, holder, daily_max FROM outbound_number WHERE id = %s"
    rows = ask(Question(asked, [number_id], list))
    return KnownNumber(*rows[0]) if rows else None


def find_agency(code: str) -> int | None:
    """The agency of a code."""
    rows = ask(Question("SELECT id FROM agency WHERE code = %s", [code], list))
    return int(rows[0][0]) if rows else None


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """A number as screens show it. `agency` empty: of the lender's own desks; `falls`: why no call may go out from it
    now, by the codes of `WHY`; `marks` of the last ninety days, the latest first."""

    id: int
    lender_id: int
    lender: str
    agency: str
    number: str
    carrier: str
    holder: str
    daily_max: int
    state: str
    filed_until: date | None
    filing_number: str
    rests_until: datetime | None
    calls: int
    falls: str | None
    marks: tuple[str, ...]


_NUMBERS = """
SELECT n.id, n.lender_id, l.name, coalesce(a.name, ''), n.number, n.carrier, n.holder, n.daily_max, n.state,
    n.filed_until, n.filing_number, n.rests_until,
    (SELECT count(*) FROM outbound_call c WHERE c.number_id = n.id AND c.on_day = %(day)s),
    zhizhi_number_falls(n.id, %(at)s, true),
    ARRAY(SELECT CASE s.kind WHEN 'marked' THEN s.mark ELSE s.kind END FROM outbound_step s
          WHERE s.number_id = n.id AND s.kind IN ('marked', 'complained')
              AND s.at > %(at)s::timestamptz - interval '90 days'
          ORDER BY s.id DESC)
FROM outbound_number n JOIN lender l ON l.id = n.lender_id LEFT JOIN agency a ON a.id = n.agency_id
WHERE %(number)s::bigint IS NULL OR n.id = %(number)s
ORDER BY l.name, n.state = 'retired', a.name NULLS FIRST, n.number LIMIT %(limit)s
"""


def load_numbers(at: datetime, day: date, number_id: int | None = None) -> list[ShownNumber]:
    """The viewer's lenders' numbers as they stand at an instant, or one of them; those that are retired last."""
    rows = select(_NUMBERS, {"at": at, "day": day, "number": number_id, "limit": SHOWN_MAX})
    return [ShownNumber(*(*row[:-1], tuple(row[-1]))) for row in rows]


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of a number, as it was written; `by` empty: the system."""

    kind: str
    on_day: date
    filed_until: date | None
    filing_number: str
    rests_until: datetime | None
    mark: str
    daily_max: int | None
    reason: str
    evidence: str
    approval_id: int | None
    by: str
    at: datetime


_STEPS = """
SELECT s.kind, s.on_day, s.filed_until, s.filing_number, s.rests_until, s.mark, s.daily_max, s.reason, s.evidence,
    s.approval_id, coalesce(f.name, ''), s.at
FROM outbound_step s LEFT JOIN staff f ON f.id = s.by_id WHERE s.number_id = %(number)s
ORDER BY s.id DESC LIMIT %(limit)s
"""


def load_steps(number_id: int) -> list[ShownStep]:
    """What happened to a number, the latest first."""
    return [ShownStep(*row) for row in select(_STEPS, {"number": number_id, "limit": SHOWN_MAX})]


def load_lenders() -> list[tuple[int, str]]:
    """The lenders that the viewer works for, by name."""
    asked = "SELECT id, name FROM lender WHERE id = ANY ((SELECT zhizhi_house_lenders())::bigint[]) ORDER BY name"
    return select(asked, {})


def load_agencies() -> list[tuple[str, str]]:
    """Code and name of agencies, by name."""
    return select("SELECT code, name FROM agency ORDER BY name LIMIT %(limit)s", {"limit": SHOWN_MAX})
