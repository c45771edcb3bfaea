"""Ageing a lender's book to a day: debts become overdue, cases are opened, aged and closed; set by set, not row by
row."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections, transaction

from zhizhi.store.ids import ids

# States that a calendar day alone may change; a plan, a dispute or a settled debt is not touched by age.
_AGE_DEBTS = """
UPDATE debt SET state = aged.state FROM (
    SELECT person_id, id, CASE WHEN oldest_unpaid_due_on < %(on)s THEN 'overdue' ELSE 'not_due' END AS state
    FROM debt WHERE lender_id = %(lender)s AND state IN ('overdue', 'not_due') AND oldest_unpaid_due_on IS NOT NULL
) aged WHERE debt.person_id = aged.person_id AND debt.id = aged.id AND debt.state <> aged.state
"""
# One line a person: the oldest unpaid due day decides, over all debts.
_AGES = """
SELECT d.person_id, max(%(on)s::date - d.oldest_unpaid_due_on) AS days, sum(d.balance_minor)::bigint AS balance_minor,
       (array_agg(d.product ORDER BY d.oldest_unpaid_due_on, d.id))[1] AS product,
       (array_agg(d.currency ORDER BY d.oldest_unpaid_due_on, d.id))[1] AS currency,
       (array_agg(d.agency_id ORDER BY d.oldest_unpaid_due_on, d.id))[1] AS agency_id,
       coalesce(sum(d.balance_minor) FILTER (WHERE d.oldest_unpaid_due_on < %(on)s), 0)::bigint AS arrears_minor
FROM debt d WHERE d.lender_id = %(lender)s AND d.state IN ('overdue', 'not_due', 'plan_broken', 'disputed', 'plan_performing')
  AND d.oldest_unpaid_due_on IS NOT NULL GROUP BY d.person_id
"""
_STAGE = """
CASE WHEN a.days <= %(tolerance_days)s OR a.arrears_minor < %(tolerance_minor)s THEN 'reminder' ELSE
    (SELECT s.stage FROM unnest(%(firsts)s::int[], %(stages)s::text[]) AS s(first, stage) WHERE s.first <= a.days
    ORDER BY s.first DESC LIMIT 1) END
"""
_WANTED = f"""
SELECT a.*, p.masked FROM ({_AGES}) a JOIN person p ON p.id = a.person_id
WHERE a.days >= %(entry)s AND NOT EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = a.person_id AND c.closed_on IS NULL)
"""
_OPEN = f"""
INSERT INTO collection_case (person_id, id, number, lender_id, agency_id, stage, is_lost_contact, days_past_due,
balance_minor, currency,
                             product, masked, opened_on, aged_on, team, assigned_because)
SELECT a.person_id, %(first_id)s + row_number() OVER (ORDER BY a.person_id) - 1,
       'C-' || to_char(%(on)s::date, 'YYYY') || '-' || lpad(nextval('case_number')::text, 6, '0'),
       %(lender)s, a.agency_id, {_STAGE}, false, a.days, a.balance_minor, a.currency, a.product, a.masked, %(on)s,
       %(on)s, '', ''
FROM ({_WANTED}) a
"""
_AGE_CASES = f"""
UPDATE collection_case c SET days_past_due = a.days, balance_minor = a.balance_minor, aged_on = %(on)s, product =
a.product,
       stage = {_STAGE}
FROM ({_AGES}) a
WHERE c.person_id = a.person_id AND c.closed_on IS NULL AND c.lender_id = %(lender)s
  AND (c.days_past_due, c.balance_minor, c.aged_on) IS DISTINCT FROM (a.days, a.balance_minor, %(on)s::date)
"""
_CLOSE = f"""
UPDATE collection_case c SET closed_on = %(on)s, aged_on = %(on)s, exit = CASE WHEN EXISTS (
        SELECT 1 FROM debt d WHERE d.person_id = c.person_id AND d.state <> 'settled') THEN 'cured' ELSE 'settled' END
WHERE c.lender_id = %(lender)s AND c.closed_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM ({_AGES}) a WHERE a.person_id = c.person_id AND a.days >= %(entry)s)
"""


@dataclass(frozen=True, slots=True)
class EntryRules:
    """When work on a person begins and which stage a number of days means; from the lender's strategy."""

    entry_from_days: int
    tolerance_days: int
    tolerance_minor: int
    stages: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Aged:
    """What ageing did."""

    opened: int
    aged: int
    closed: int
    broken_promises: int


def age_book(lender_id: int, rules: EntryRules, on: date, at: datetime) -> Aged:
    """Age one lender's book to a day, in one transaction; doing it twice changes nothing."""
    terms: dict[str, Any] = {
        "lender": lender_id,
        "on": on,
        "entry": rules.entry_from_days,
        "tolerance_days": rules.tolerance_days,
        "tolerance_minor": rules.tolerance_minor,
        "firsts": [first for first, _ in rules.stages],
        "stages": [stage for _, stage in rules.stages],
    }
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(726503, %s)", [lender_id])
        cursor.execute(_AGE_DEBTS, terms)
        cursor.execute(_CLOSE, terms)
        closed = cursor.rowcount
        cursor.execute(_AGE_CASES, terms)
        aged = cursor.rowcount
        cursor.execute(f"SELECT count(*) FROM ({_WANTED}) wanted", terms)
        wanted = cursor.fetchone()[0]
        if wanted:
            cursor.execute(_OPEN, terms | {"first_id": ids.take_many(wanted)[0]})
        cursor.execute(
            "UPDATE collection_case c SET stop = s.kind FROM stop s WHERE s.person_id = c.person_id AND c.closed_on IS NULL"
            " AND c.lender_id = %s AND c.stop IS NULL AND s.lifted_at IS NULL AND (s.until_at IS NULL OR s.until_at > %s)",
            [lender_id, at],
        )
        cursor.execute(
            "UPDATE promise SET state = 'broken', settled_on = %s FROM collection_case c WHERE promise.person_id = c.person_id"
            " AND promise.case_id = c.id AND c.lender_id = %s AND promise.state = 'open' AND promise.due_on < %s",
            [on, lender_id, on],
        )
        return Aged(wanted, aged, closed, cursor.rowcount)
