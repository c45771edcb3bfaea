"""A certificate is written, or taken back, person by person; each with its leaf."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections

from zhizhi.core.evidence.leaf import Json, LeafKind
from zhizhi.core.kernel.canonical import canonical
from zhizhi.store.certificates.models import Certificate
from zhizhi.store.ids import ids
from zhizhi.store.lenders.models import Lender
from zhizhi.store.people.models import Person
from zhizhi.store.people.rows import PersonSecrets
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, writing


@dataclass(frozen=True, slots=True)
class Certified:
    """How many were written, and how many taken back."""

    issued: int = 0
    withdrawn: int = 0


# What a book brought as settled was settled elsewhere; money or a waiver here says that it was settled with us.
_TO_ISSUE = """
SELECT d.person_id, d.id, d.product,
    EXISTS (SELECT 1 FROM relief r WHERE r.person_id = d.person_id AND r.debt_id = d.id AND r.state = 'performed'
              AND r.posted_minor > 0),
    coalesce((SELECT c.number FROM collection_case c WHERE c.person_id = d.person_id
              ORDER BY c.opened_on DESC, c.id DESC LIMIT 1), '')
FROM debt d
WHERE d.lender_id = %s AND d.state = 'settled' AND d.balance_minor = 0
  AND EXISTS (SELECT 1 FROM entry e WHERE e.person_id = d.person_id AND e.debt_id = d.id AND e.is_credit
                AND e.kind IN ('payment', 'waiver'))
  AND NOT EXISTS (SELECT 1 FROM canary k WHERE k.person_id = d.person_id)
  AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.person_id = d.person_id AND c.debt_id = d.id
                    AND c.withdrawn_at IS NULL)
ORDER BY d.person_id, d.id
"""
_UNTRUE = """
SELECT c.person_id, c.id FROM certificate c
WHERE c.lender_id = %s AND c.withdrawn_at IS NULL AND NOT zhizhi_is_settled(c.person_id, c.debt_id)
ORDER BY c.person_id, c.id
"""
_STILL = "SELECT zhizhi_is_settled(%s, %s)"


def certify_settled(lender_id: int, on: date, at: datetime) -> Certified:
    """Take back what is not true any more, then write what is; doing it twice changes nothing."""
    withdrawn = sum(_withdraw(person_id, row_id, at) for person_id, row_id in _rows(_UNTRUE, lender_id))
    lender = Lender.objects.using("gate").get(pk=lender_id)
    issued = sum(_issue(lender, row, on, at) for row in _rows(_TO_ISSUE, lender_id))
    return Certified(issued, withdrawn)


def _issue(lender: Lender, row: tuple[int, int, str, bool, str], on: date, at: datetime) -> bool:
    person_id, debt_id, product, with_waiver, case_number = row
    with writing(person_id) as person:
        # Money may have gone back, or another run may have been here, between the question and the lock.
        standing = Certificate.objects.using("gate").filter(person_id=person_id, debt_id=debt_id, withdrawn_at=None)
        if person.data_key is None or standing.exists() or not _is_settled(person_id, debt_id):
            return False
        row_id = ids.take()
        number = f"JQ{on:%Y%m%d}-{row_id}"
        document: dict[str, Json] = {
            "number": number,
            "lender": _creditor(person_id, debt_id) or lender.name,
            "name": _name(person),
            "product": product,
            "issued_on": on.isoformat(),
            "with_waiver": with_waiver,
        }
        written = canonical(document)
        certificate = Certificate.objects.using("gate").create(
            person_id=person_id,
            id=row_id,
            lender_id=lender.pk,
            debt_id=debt_id,
            number=number,
            case_number=case_number,
            issued_on=on,
            issued_at=at,
            with_waiver=with_waiver,
            digest=hashlib.sha256(written).digest(),
            sealed=person.seal().close(written, f"certificate/{row_id}"),
        )
        _log(person, certificate, at)
        return True


def _withdraw(person_id: int, row_id: int, at: datetime) -> bool:
    with writing(person_id) as person:
        row = Certificate.objects.using("gate").filter(person_id=person_id, id=row_id, withdrawn_at=None).first()
        if row is None or _is_settled(person_id, row.debt_id):
            return False
        row.withdrawn_at = at
        row.save(using="gate", update_fields=["withdrawn_at"])
        _log(person, row, at)
        return True


def _name(person: LockedPerson) -> str:
    sealed = Person.objects.using("gate").values_list("sealed", flat=True).get(id=person.id)
    return PersonSecrets.open(person.seal(), bytes(sealed), person.id).name


def _creditor(person_id: int, debt_id: int) -> str:
    """Who held the debt when it was settled, where that was not the lender of the book."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT names FROM zhizhi_creditors(%s) WHERE debt_id = %s", [person_id, debt_id])
        row = cursor.fetchone()
        return "、".join(row[0]) if row else ""


def _is_settled(person_id: int, debt_id: int) -> bool:
    with connections["gate"].cursor() as cursor:
        cursor.execute(_STILL, [person_id, debt_id])
        return bool(cursor.fetchone()[0])


def _rows(sql: str, lender_id: int) -> list[Any]:
    """Rows of a question; each has columns of its own."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(sql, [lender_id])
        rows: list[Any] = cursor.fetchall()
        return rows


def _log(person: LockedPerson, row: Certificate, at: datetime) -> None:
    values = {
        "certificate": row.number,
        "debt": row.debt_id,
        "digest": bytes(row.digest).hex(),
        "withdrawn": row.withdrawn_at is not None,
    }
    add_leaves([NewLeaf(LeafKind.DOCUMENT, at, person.subject, values, person.id, row.id, source_table="certificate")])
