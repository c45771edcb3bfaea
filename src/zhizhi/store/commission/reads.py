"""What the pages of commission read; row-level security decides what a lender sees of it, and what an agency."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.placement.commission import Nothing
from zhizhi.core.placement.rate_card import Rate, RateCard
from zhizhi.store.commission.gathering import rate_of
from zhizhi.store.commission.words import LINES_SHOWN_MAX, STATEMENTS_MAX
from zhizhi.store.select import select


@dataclass(frozen=True, slots=True)
class CardRow:
    """A rate card, in force or to come."""

    id: int
    lender: str
    agency: str
    currency: str
    from_on: date
    card: RateCard
    approval_id: int


_CARDS = """
SELECT c.id, coalesce(l.name, ''), coalesce(g.name, ''), c.currency, c.from_on, c.terms::text, c.approval_id
FROM commission_card c LEFT JOIN lender l ON l.id = c.lender_id LEFT JOIN agency g ON g.id = c.agency_id
WHERE c.from_on >= coalesce((SELECT max(x.from_on) FROM commission_card x WHERE x.lender_id = c.lender_id
    AND x.agency_id = c.agency_id AND x.currency = c.currency AND x.from_on <= %(on)s), c.from_on)
ORDER BY l.name, g.name, c.from_on LIMIT %(limit)s
"""


def load_cards(on: date) -> list[CardRow]:
    """The cards of a day, and those that begin later."""
    rows = select(_CARDS, {"on": on, "limit": STATEMENTS_MAX})
    found = []
    for row in rows:
        known: tuple[Any, ...] = (*row[:5], RateCard.from_document(json.loads(row[5])), row[6])
        found.append(CardRow(*known))
    return found


@dataclass(frozen=True, slots=True)
class RateLine:
    """What a rate brought."""

    rate: Rate
    payments: int
    collected_minor: int
    commission_minor: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement with its sums and signatures."""

    id: int
    lender_id: int
    lender: str
    agency_id: int
    agency: str
    month: date
    n: int
    currency: str
    lines: int
    base_minor: int
    commission_minor: int
    deducted_minor: int
    due_minor: int
    digest: str
    made_by: str
    made_at: datetime
    state: str
    agency_signed_by: str
    agency_signed_at: datetime | None
    lender_signed_by: str
    lender_signed_at: datetime | None
    disputed: int
    rates: tuple[RateLine, ...]
    breaches: tuple[int, ...]


# An agency sees nobody of the lender's staff, nor the other way round: a name stands where the viewer may see it.
_STATEMENTS = """
SELECT s.id, s.lender_id, s.lender_name, s.agency_id, s.agency_name, s.month, s.n, s.currency, s.lines, s.base_minor,
    s.commission_minor, s.deducted_minor, s.due_minor, encode(s.digest, 'hex'), coalesce(m.name, ''), s.made_at,
    s.state,
    coalesce(a.name, ''), s.agency_signed_at, coalesce(b.name, ''), s.lender_signed_at,
    (SELECT count(*) FROM commission_dispute d WHERE d.statement_id = s.id AND d.answer IS NULL),
    s.rates::text, s.breaches::text
FROM commission_statement s
LEFT JOIN staff m ON m.id = s.made_by_id LEFT JOIN staff a ON a.id = s.agency_signed_by_id
LEFT JOIN staff b ON b.id = s.lender_signed_by_id
"""


def load_statements() -> list[StatementRow]:
    """The latest months of every agency that the viewer sees."""
    rows = select(
        _STATEMENTS + "ORDER BY s.month DESC, s.lender_name, s.agency_name, s.n DESC LIMIT %(limit)s", _limited()
    )
    return [_statement(row) for row in rows]


def load_statement(statement_id: int) -> StatementRow | None:
    """One, where the viewer sees it."""
    rows = select(_STATEMENTS + "WHERE s.id = %(id)s LIMIT %(limit)s", {"id": statement_id, **_limited()})
    return _statement(rows[0]) if rows else None


def _limited() -> dict[str, Any]:
    return {"limit": STATEMENTS_MAX}


def _statement(row: tuple[Any, ...]) -> StatementRow:
    rates = []
    for one in json.loads(row[-2]):
        rate = rate_of(json.dumps(one["rate"]))
        assert rate is not None, "a line of a rate has one"
        rates.append(RateLine(rate, one["payments"], one["collected_minor"], one["commission_minor"]))
    known: tuple[Any, ...] = (*row[:-2], tuple(rates), tuple(json.loads(row[-1])))
    return StatementRow(*known)


@dataclass(frozen=True, slots=True)
class LineRow:
    """A payment in a statement."""

    n: int
    case_number: str
    paid_on: date
    amount_minor: int
    hand: int
    days_past_due: int
    balance_minor: int
    rate: Rate | None
    nothing: Nothing | None


_LINES = """
SELECT n, case_number, paid_on, amount_minor, hand, days_past_due, balance_minor, rate::text, nothing
FROM commission_line
WHERE statement_id = %(id)s ORDER BY n LIMIT %(limit)s
"""


def load_lines(statement_id: int, limit: int = LINES_SHOWN_MAX) -> list[LineRow]:
    """Its lines in their order, at most so many."""
    found = []
    for row in select(_LINES, {"id": statement_id, "limit": limit}):
        nothing = Nothing(row[-1]) if row[-1] is not None else None
        known: tuple[Any, ...] = (*row[:-2], rate_of(row[-2]), nothing)
        found.append(LineRow(*known))
    return found


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """What is disputed, and how it was answered."""

    id: int
    item: str
    reason: str
    at: datetime
    answer: str | None
    answer_text: str
    answered_at: datetime | None


_DISPUTES = """
SELECT id, item, reason, at, answer, answer_text, answered_at FROM commission_dispute
WHERE statement_id = %(id)s ORDER BY answer IS NOT NULL, at, id LIMIT %(limit)s
"""


def load_disputes(statement_id: int) -> list[DisputeRow]:
    """What is not answered yet comes first."""
    return [DisputeRow(*row) for row in select(_DISPUTES, {"id": statement_id, "limit": LINES_SHOWN_MAX})]
