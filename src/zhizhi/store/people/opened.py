"""Names opened for one purpose: to render the content of a contact that the law has permitted."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import connections

from zhizhi.store.keyring import person_seal
from zhizhi.store.people.rows import PersonSecrets


@dataclass(frozen=True, slots=True)
class Addressee:
    """What the content of a message may name."""

    name: str = field(repr=False)
    lender: str
    balance_minor: int
    oldest_due_on: date | None
    days_past_due: int


def load_addressees(person_ids: Iterable[int]) -> dict[int, Addressee]:
    """By person id; an erased person is absent."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.data_key, p.sealed, l.name, coalesce(sum(d.balance_minor), 0)::bigint, min(d.oldest_unpaid_due_on),"
            " coalesce(max(c.days_past_due), 0) FROM person p JOIN lender l ON l.id = p.lender_id"
            " LEFT JOIN debt d ON d.person_id = p.id AND d.state <> 'settled'"
            " LEFT JOIN collection_case c ON c.person_id = p.id AND c.closed_on IS NULL"
            " WHERE p.id = ANY (%s) AND p.data_key IS NOT NULL GROUP BY p.id, l.name",
            [list(person_ids)],
        )
        return {
            person_id: Addressee(
                PersonSecrets.open(person_seal(data_key), sealed, person_id).name, lender, balance, due_on, days
            )
            for person_id, data_key, sealed, lender, balance, due_on, days in cursor.fetchall()
        }
