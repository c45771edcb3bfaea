"""Ageing a lender's book to a day: debts become overdue, promises break, cases are opened, aged and closed; set by
set, not row by row."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections

from zhizhi.store.ids import ids
from zhizhi.store.locks import Lock, wait_for
from zhizhi.store.transact.person import lock_persons
from zhizhi.store.transact.stops import refresh_book_stops

# States that a calendar day alone may change; a plan, a dispute or a settled debt is not touched by age.
_TURNING = """
SELECT person_id, id, CASE WHEN oldest_unpaid_due_on < %(on)s THEN 'overdue' ELSE 'not_due' END AS state
FROM debt
WHERE lender_id = %(lender)s AND state IN ('overdue', 'not_due') AND oldest_unpaid_due_on IS NOT NULL
  AND state <> CASE WHEN oldest_unpaid_due_on < %(on)s THEN 'overdue' ELSE 'not_due' END
"""
_AGE_DEBTS = f"""
UPDATE debt SET state = aged.state FROM ({_TURNING}) aged
WHERE debt.person_id = aged.person_id AND debt.id = aged.id
"""
# A promise is broken on the day after its day, exactly.
_BREAK_PROMISES = """
UPDATE promise SET state = 'broken', settled_on = %(on)s FROM collection_case c
WHERE promise.person_id = c.person_id AND promise.case_id = c.id AND c.lender_id = %(lender)s
  AND promise.state = 'open' AND promise.due_on < %(on)s
"""
# One line a person: the oldest unpaid due day decides, over all debts that are worked on. Canaries are no work.
_AGES = """
SELECT d.person_id, max(%(on)s::date - d.oldest_unpaid_due_on) AS days, sum(d.balance_minor)::bigint AS balance_minor,
    (array_agg(d.product ORDER BY d.oldest_unpaid_due_on, d.id))[1] AS product,
    (array_agg(d.currency ORDER BY d.oldest_unpaid_due_on, d.id))[1] AS currency,
    (array_agg(d.agency_id ORDER BY d.oldest_unpaid_due_on, d.id))[1] AS agency_id,
    coalesce(sum(d.balance_minor) FILTER (WHERE d.oldest_unpaid_due_on < %(on)s), 0)::bigint AS arrears_minor
FROM debt d
WHERE d.lender_id = %(lender)s AND d.oldest_unpaid_due_on IS NOT NULL
  AND d.state IN ('overdue', 'not_due', 'plan_broken', 'disputed', 'plan_performing')
  AND d.person_id NOT IN (SELECT k.person_id FROM canary k)
GROUP BY d.person_id
"""
# Within the tolerance (容时、容差) a case is only reminded; so is one that is behind by less than the first stage asks.
_STAGE = """
CASE WHEN a.days <= %(tolerance_days)s OR a.arrears_minor < %(tolerance_minor)s THEN 'reminder' ELSE coalesce(
    (SELECT s.stage FROM unnest(%(firsts)s::int[], %(stages)s::text[]) AS s (first, stage)
     WHERE s.first <= a.days ORDER BY s.first DESC LIMIT 1), 'reminder') END
"""
# A lender that has handed a batch over places here: its file's word on the agency is kept with the debt and compared
# (store/placements/reads.py), and a case opens with the lender.
_AGENCY = """
CASE WHEN EXISTS (SELECT 1 FROM placement_batch b WHERE b.lender_id = %(lender)s AND b.handed_over_at IS NOT NULL)
    THEN NULL ELSE a.agency_id END
"""
_WANTED = f"""
SELECT a.*, p.masked FROM ({_AGES}) a JOIN person p ON p.id = a.person_id
WHERE a.days >= %(entry)s
  AND NOT EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = a.person_id AND c.closed_on IS NULL)
"""
_OPEN = f"""
INSERT INTO collection_case (person_id, id, number, lender_id, agency_id, stage, is_lost_contact, days_past_due,
    balance_minor, currency, product, masked, opened_on, aged_on, team, assigned_because, latest_contact_at, next_step,
    next_step_at, language)
SELECT a.person_id, %(first_id)s + row_number() OVER (ORDER BY a.person_id) - 1,
    'C-' || to_char(%(on)s::date, 'YYYY') || '-' || lpad(nextval('case_number')::text, 6, '0'),
    %(lender)s, {_AGENCY}, {_STAGE}, false, a.days, a.balance_minor, a.currency, a.product, a.masked, %(on)s,
    %(on)s, '', '', (SELECT max(t.at) FROM contact t WHERE t.person_id = a.person_id), n.next_step, n.next_step_at,
    (SELECT f.language FROM collection_case f WHERE f.person_id = a.person_id ORDER BY f.id DESC LIMIT 1)
FROM ({_WANTED}) a
LEFT JOIN LATERAL (
    SELECT next_step, next_step_at FROM note
    WHERE note.person_id = a.person_id ORDER BY note.at DESC, note.id DESC LIMIT 1
) n ON true
"""
_AGE_CASES = f"""
UPDATE collection_case c
SET days_past_due = a.days, balance_minor = a.balance_minor, aged_on = %(on)s, product = a.product, stage = {_STAGE}
FROM ({_AGES}) a
WHERE c.person_id = a.person_id AND c.closed_on IS NULL AND c.lender_id = %(lender)s
  AND (c.days_past_due, c.balance_minor, c.aged_on, c.stage)
      IS DISTINCT FROM (a.days, a.balance_minor, %(on)s::date, {_STAGE})
"""
# Nothing of the person is due or near its day any more. Debts of another creditor by now are no cure.
_CLOSE = f"""
UPDATE collection_case c SET closed_on = %(on)s, aged_on = %(on)s, exit = CASE
    WHEN NOT EXISTS (SELECT 1 FROM debt d WHERE d.person_id = c.person_id AND d.state <> 'settled') THEN 'settled'
    WHEN NOT EXISTS (SELECT 1 FROM debt d WHERE d.person_id = c.person_id
                     AND d.state NOT IN ('settled', 'transferred_without_notice')) THEN 'assigned'
    ELSE 'cured' END
WHERE c.lender_id = %(lender)s AND c.closed_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM canary k WHERE k.person_id = c.person_id)
  AND NOT EXISTS (SELECT 1 FROM ({_AGES}) a WHERE a.person_id = c.person_id AND a.days >= %(entry)s)
"""
_LAPSE_HOLDS = """
UPDATE hold SET state = 'lapsed', ruled_at = %(at)s
WHERE state = 'open' AND EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = hold.person_id
        AND c.lender_id = %(lender)s)
  AND NOT EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = hold.person_id AND c.closed_on IS NULL)
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
    """Age one lender's book to a day, in the caller's transaction; doing it twice changes nothing.

    Persons whose facts change for the law are locked and move on to a new version, as with every write.
    """
    terms: dict[str, Any] = {
        "lender": lender_id,
        "on": on,
        "at": at,
        "entry": rules.entry_from_days,
        "tolerance_days": rules.tolerance_days,
        "tolerance_minor": rules.tolerance_minor,
        "firsts": [first for first, _ in rules.stages],
        "stages": [stage for _, stage in rules.stages],
    }
    wait_for(Lock.AGEING, lender_id)
    with connections["gate"].cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT person_id FROM ({_TURNING}) turning", terms)
        lock_persons(row[0] for row in cursor.fetchall())
        cursor.execute(_AGE_DEBTS, terms)
        cursor.execute(_BREAK_PROMISES, terms)
        broken = cursor.rowcount
        cursor.execute(_CLOSE, terms)
        closed = cursor.rowcount
        cursor.execute(_AGE_CASES, terms)
        aged = cursor.rowcount
        opened = _open_cases(terms)
        cursor.execute(_LAPSE_HOLDS, terms)
    refresh_book_stops(lender_id, at)
    return Aged(opened, aged, closed, broken)


def _open_cases(terms: dict[str, Any]) -> int:
    with connections["gate"].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_WANTED}) wanted", terms)
        wanted = int(cursor.fetchone()[0])
        if wanted:
            cursor.execute(_OPEN, terms | {"first_id": ids.take_many(wanted)[0]})
    return wanted
