"""How the book stands when a day begins is kept: rows of `debt_day`, in the transaction that ages the book."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connections

MONTHS_BEFORE = 3
IN_WORK = ("overdue", "not_due", "plan_broken", "disputed", "plan_performing")

# The days before the first one kept: what an instalment says of a day is whether it was due and not yet paid.
_WORK_OUT = """
INSERT INTO debt_day (person_id, debt_id, "on", lender_id, product, currency, days_past_due, balance_minor, state,
    stage, is_worked_out, kept_at)
SELECT i.person_id, i.debt_id, b.day, d.lender_id, d.product, d.currency, b.day - min(i.due_on),
    sum(CASE WHEN i.paid_on IS NULL THEN i.amount_minor - i.paid_minor ELSE i.amount_minor END), '', '', true, %(at)s
FROM unnest(%(days)s::date[]) AS b (day)
JOIN instalment i ON i.due_on < b.day AND (i.paid_on IS NULL OR i.paid_on >= b.day)
JOIN debt d ON d.person_id = i.person_id AND d.id = i.debt_id
WHERE d.lender_id = %(lender)s AND (i.paid_on IS NOT NULL OR i.amount_minor > i.paid_minor)
  AND NOT EXISTS (SELECT 1 FROM debt_day y WHERE y.lender_id = %(lender)s)
GROUP BY b.day, i.person_id, i.debt_id, d.lender_id, d.product, d.currency
"""
_KEEP = """
INSERT INTO debt_day (person_id, debt_id, "on", lender_id, case_id, agency_id, queue_id, collector_id, product,
    currency, days_past_due, balance_minor, state, stage, stop, is_worked_out, kept_at)
SELECT d.person_id, d.id, %(on)s, d.lender_id, c.id, c.agency_id, c.queue_id, c.collector_id, d.product, d.currency,
    greatest(%(on)s::date - d.oldest_unpaid_due_on, 0), d.balance_minor, d.state, c.stage, c.stop, false, %(at)s
FROM collection_case c
JOIN debt d ON d.person_id = c.person_id AND d.oldest_unpaid_due_on IS NOT NULL AND d.state = ANY (%(in_work)s)
WHERE c.lender_id = %(lender)s AND c.closed_on IS NULL
  AND c.person_id NOT IN (SELECT k.person_id FROM canary k)
ON CONFLICT DO NOTHING
"""
_KEEP_EXITS = """
INSERT INTO debt_day (person_id, debt_id, "on", lender_id, case_id, agency_id, queue_id, collector_id, product,
    currency, days_past_due, balance_minor, state, stage, stop, exit, is_worked_out, kept_at)
SELECT y.person_id, y.debt_id, %(on)s, y.lender_id, y.case_id, y.agency_id, y.queue_id, y.collector_id, y.product,
    y.currency, 0, 0, d.state, '', NULL,
    coalesce(c.exit, CASE d.state WHEN 'settled' THEN 'settled' WHEN 'transferred_without_notice' THEN 'assigned'
                     ELSE 'cured' END), false, %(at)s
FROM debt_day y
JOIN debt d ON d.person_id = y.person_id AND d.id = y.debt_id
LEFT JOIN collection_case c ON c.person_id = y.person_id AND c.id = y.case_id AND c.closed_on IS NOT NULL
WHERE y.lender_id = %(lender)s AND y.exit IS NULL AND NOT y.is_worked_out
  AND y."on" = (SELECT max(b."on") FROM debt_day b WHERE b.lender_id = %(lender)s AND b."on" < %(on)s)
  AND NOT EXISTS (SELECT 1 FROM debt_day t
                  WHERE t.person_id = y.person_id AND t.debt_id = y.debt_id AND t."on" = %(on)s)
ON CONFLICT DO NOTHING
"""


def keep_debt_day(lender_id: int, on: date, at: datetime) -> int:
    """Keep how each debt stands at the beginning of a day, in the caller's transaction; twice changes nothing.

    The first day of a lender also works out the first days of this month and the three before, from its instalments.
    Answers how many debts stand.
    """
    terms: dict[str, Any] = {
        "lender": lender_id,
        "on": on,
        "at": at,
        "in_work": list(IN_WORK),
        "days": _firsts_before(on),
    }
    with connections["gate"].cursor() as cursor:
        cursor.execute(_WORK_OUT, terms)
        cursor.execute(_KEEP, terms)
        kept: int = cursor.rowcount
        cursor.execute(_KEEP_EXITS, terms)
    return kept


def _firsts_before(on: date) -> list[date]:
    """The first days of this month and the three before, without the day itself."""
    firsts = [on.replace(day=1)]
    for _ in range(MONTHS_BEFORE):
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    return sorted(first for first in firsts if first < on)
