"""What a statement of a month is made of: money that the ledger got in it, and who had the cases when it was paid."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections

from zhizhi.core.kernel.instants import BEIJING, day_in
from zhizhi.core.placement.commission import Held, Money
from zhizhi.core.placement.rate_card import Rate, Tier
from zhizhi.store.placements.breaches import OF_AGENCY


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier statement said of a payment that goes back now; `rate`: None, it earned nothing then."""

    agency_id: int
    placement_id: int
    rate: Rate | None
    nothing: str | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A payment, or its reversal, of somebody whose case an agency had.

    `before`: of a reversal whose payment stands in an earlier statement.
    """

    person_id: int
    money: Money
    before: Before | None


@dataclass(frozen=True, slots=True)
class HeldCase:
    """A placement with the number of its case."""

    held: Held
    case_number: str


# A reversal is of the day and amount of what it takes back. What debts did not take is the debtor's, and no recovery.
_MONEY = """
SELECT p.person_id, p.id, coalesce(o.paid_on, p.paid_on),
    CASE WHEN p.kind = 'reversal' THEN -p.applied_minor ELSE p.applied_minor END,
    s.agency_id, l.placement_id, l.rate::text, l.nothing
FROM payment p JOIN debt d ON d.person_id = p.person_id AND d.id = p.debt_id
LEFT JOIN payment o ON o.person_id = p.person_id AND o.id = p.reverses_id
LEFT JOIN commission_line l ON l.person_id = o.person_id AND l.payment_id = o.id AND l.stands
LEFT JOIN commission_statement s ON s.id = l.statement_id AND s.month <> %(month)s
WHERE d.lender_id = %(lender)s AND d.currency = %(currency)s
  AND p.recorded_at >= %(from)s AND p.recorded_at < %(until)s AND p.recorded_at <= %(at)s AND p.applied_minor > 0
  AND EXISTS (SELECT 1 FROM placement m
              WHERE m.person_id = p.person_id AND m.agency_id = %(agency)s AND m.placed_at <= %(at)s)
ORDER BY p.recorded_at, p.id
"""
# What came in or ended after the instant of the statement is not known to it.
_HELD = """
SELECT m.person_id, m.id, m.agency_id, m.hand, m.days_past_due, m.balance_minor, m.placed_at,
    CASE WHEN m.ended_at <= %(at)s THEN m.ended_at END,
    (SELECT min(c.at) FROM contact c JOIN agency a ON a.id = m.agency_id
     WHERE c.person_id = m.person_id AND c.collector = a.code AND c.at >= m.placed_at AND c.at <= %(at)s
       AND (m.ended_at IS NULL OR c.at <= m.ended_at) AND c.outcome IN ('connected', 'conversation', 'met')),
    EXISTS (SELECT 1 FROM stop s WHERE s.person_id = m.person_id AND s.kind = 'complaint' AND s.from_at >= m.placed_at
              AND s.from_at <= %(at)s AND (m.ended_at IS NULL OR s.from_at <= m.ended_at)),
    k.number
FROM placement m JOIN collection_case k ON k.person_id = m.person_id AND k.id = m.case_id
WHERE m.lender_id = %(lender)s AND m.person_id = ANY (%(persons)s) AND m.placed_at <= %(at)s
ORDER BY m.person_id, m.placed_at, m.id
"""
_BREACHES = f"""
SELECT i.id FROM breach_inquiry i JOIN agency a ON a.id = %(agency)s
WHERE i.lender_id = %(lender)s AND i.state = 'breach'
  AND i.ended_at >= %(from)s AND i.ended_at < %(until)s AND i.ended_at <= %(at)s AND {OF_AGENCY}
ORDER BY i.id
"""
_SERVED = """
SELECT EXISTS (SELECT 1 FROM placement m
               WHERE m.lender_id = %(lender)s AND m.agency_id = %(agency)s AND m.placed_at < %(until)s
                 AND (m.ended_at IS NULL OR m.ended_at >= %(from)s))
"""


@dataclass(frozen=True, slots=True)
class Span:
    """An agency's month with a lender, as it is known at an instant."""

    lender_id: int
    agency_id: int
    currency: str
    month: date
    from_at: datetime
    until_at: datetime
    at: datetime

    def values(self) -> dict[str, Any]:
        """For the questions."""
        return {
            "lender": self.lender_id,
            "agency": self.agency_id,
            "currency": self.currency,
            "month": self.month,
            "from": self.from_at,
            "until": self.until_at,
            "at": self.at,
        }


def load_money(span: Span) -> list[Arrived]:
    """What the ledger got in the month of persons whom the agency ever had, in the order in which it came."""
    return [
        Arrived(person_id, Money(payment_id, paid_on, amount), _before(*before))
        for person_id, payment_id, paid_on, amount, *before in _rows(_MONEY, span.values())
    ]


def _before(agency_id: int | None, placement_id: int, rate: str | None, nothing: str | None) -> Before | None:
    return None if agency_id is None else Before(agency_id, placement_id, rate_of(rate), nothing)


def rate_of(written: str | None) -> Rate | None:
    """A rate as a line keeps it."""
    if written is None:
        return None
    hand, from_days, from_balance_minor, tiers = json.loads(written)
    return Rate(hand, from_days, tuple(Tier(*tier) for tier in tiers), from_balance_minor)


def load_held(span: Span, person_ids: Sequence[int]) -> dict[int, list[HeldCase]]:
    """Every placement of these persons, with whatever agency."""
    found: dict[int, list[HeldCase]] = {person_id: [] for person_id in person_ids}
    for row in _rows(_HELD, {**span.values(), "persons": list(person_ids)}):
        person_id, row_id, agency_id, hand, days, balance, placed_at, ended_at, worked_at, complained, number = row
        from_on, ended_on, worked_on = (
            day_in(BEIJING, one) if one is not None else None for one in (placed_at, ended_at, worked_at)
        )
        assert from_on is not None, "asked for by its beginning"
        held = Held(row_id, agency_id, hand, days, from_on, ended_on, worked_on, complained, balance)
        found[person_id].append(HeldCase(held, number))
    return found


def load_breaches(span: Span) -> list[int]:
    """Inquiries that were confirmed as a breach of the agency within the month."""
    return [int(row[0]) for row in _rows(_BREACHES, span.values())]


def has_served(span: Span) -> bool:
    """Whether the agency had a case of the lender at any time of the month."""
    return bool(_rows(_SERVED, span.values())[0][0])


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connections["gate"].cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
