"""The day's orders: of each debt with a mandate what is due, the earliest first, within limits and reserve."""

from datetime import date, datetime

from django.db import connections

from zhizhi.store.debits.models import DebitAttempt, DebitMandate
from zhizhi.store.debits.rows import Due, amount_of, due_of, failures_of, log_attempt
from zhizhi.store.debits.words import ACTIVE
from zhizhi.store.debts.models import Debt
from zhizhi.store.ids import ids
from zhizhi.store.transact.person import LockedPerson, writing

_CANDIDATES = """
SELECT DISTINCT m.person_id FROM debit_mandate m JOIN debt d ON d.person_id = m.person_id AND d.id = m.debt_id
WHERE m.lender_id = %(lender)s AND m.state = 'active' AND m.income_minor IS NOT NULL AND d.balance_minor > 0
  AND m.from_on <= %(on)s AND (m.until_on IS NULL OR m.until_on >= %(on)s)
  AND NOT EXISTS (SELECT 1 FROM canary k WHERE k.person_id = m.person_id)
  AND NOT EXISTS (SELECT 1 FROM debit_attempt a WHERE a.person_id = m.person_id AND a.debt_id = m.debt_id
                    AND a.state IN ('planned', 'handed_over'))
ORDER BY m.person_id
"""


def plan_debits(lender_id: int, on: date, at: datetime) -> int:
    """Plan a day, person by person, each in its own transaction; doing it twice changes nothing. Answers how many."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_CANDIDATES, {"lender": lender_id, "on": on})
        persons = [person_id for (person_id,) in cursor.fetchall()]
    return sum(_plan(person_id, on, at) for person_id in persons)


def _plan(person_id: int, on: date, at: datetime) -> int:
    with writing(person_id) as person:
        found: list[tuple[Due, DebitMandate]] = []
        for mandate in DebitMandate.objects.using("gate").filter(person_id=person_id, state=ACTIVE):
            debt = Debt.objects.using("gate").get(person_id=person_id, id=mandate.debt_id)
            due = due_of(debt, on)
            if due is not None:
                found.append((due, mandate))
        found.sort(key=lambda one: (one[0].on, one[1].debt_id))
        return sum(_order(person, mandate, due, on, at) for due, mandate in found)


def _order(person: LockedPerson, mandate: DebitMandate, due: Due, on: date, at: datetime) -> bool:
    amount = amount_of(mandate, due, on, at)
    if not isinstance(amount, int):
        return False
    attempt_id = ids.take()
    row = DebitAttempt(
        person_id=person.id,
        id=attempt_id,
        lender_id=mandate.lender_id,
        debt_id=mandate.debt_id,
        mandate_id=mandate.id,
        number=f"DK{on:%Y%m%d}-{attempt_id}",
        relief_id=due.relief_id,
        due_on=due.on,
        on=on,
        amount_minor=amount,
        currency=mandate.currency,
    )
    row.tried = failures_of(row)
    row.save(using="gate", force_insert=True)
    log_attempt(person, row, at)
    return True
