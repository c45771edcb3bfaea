"""Canaries grow older with the book, apart from it: what a run of a day counts does not hold them."""

from datetime import date, datetime

from django.db import connections, transaction

from zhizhi.store.assignment.queues import queue_code
from zhizhi.store.transact.ageing import EntryRules

_OLDER = """
SELECT c.person_id, c.id, %s::date - d.oldest_unpaid_due_on, c.stage
FROM canary k JOIN collection_case c ON c.person_id = k.person_id AND c.closed_on IS NULL
JOIN debt d ON d.person_id = k.person_id
WHERE k.lender_id = %s ORDER BY c.person_id FOR UPDATE OF c
"""
_AGE = """
UPDATE collection_case SET days_past_due = %s, aged_on = %s, stage = %s,
    queue_id = coalesce((SELECT q.id FROM queue q WHERE q.lender_id = %s AND q.code = %s), queue_id)
WHERE person_id = %s AND id = %s
"""
_KEEP = """
INSERT INTO debt_day (person_id, debt_id, "on", lender_id, case_id, agency_id, queue_id, collector_id, product,
    currency, days_past_due, balance_minor, state, stage, stop, is_worked_out, kept_at)
SELECT d.person_id, d.id, %(on)s, d.lender_id, c.id, c.agency_id, c.queue_id, c.collector_id, d.product, d.currency,
    greatest(%(on)s::date - d.oldest_unpaid_due_on, 0), d.balance_minor, d.state, c.stage, c.stop, false, %(at)s
FROM canary k JOIN collection_case c ON c.person_id = k.person_id AND c.closed_on IS NULL
JOIN debt d ON d.person_id = k.person_id
WHERE k.lender_id = %(lender)s
ON CONFLICT DO NOTHING
"""


def age_canaries(lender_id: int, rules: EntryRules, on: date, at: datetime) -> None:
    """As the book is aged to a day: days, stage, queue and how the debt stands; twice changes nothing."""
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(_OLDER, [on, lender_id])
        for person_id, case_id, days, stage in cursor.fetchall():
            aged = _stage(rules, days) if days > 0 else stage
            cursor.execute(_AGE, [days, on, aged, lender_id, queue_code(aged, days), person_id, case_id])
        cursor.execute(_KEEP, {"on": on, "at": at, "lender": lender_id})


def _stage(rules: EntryRules, days: int) -> str:
    if days <= rules.tolerance_days:
        return "reminder"
    fitting = [(first, stage) for first, stage in rules.stages if first <= days]
    return max(fitting)[1] if fitting else "reminder"
