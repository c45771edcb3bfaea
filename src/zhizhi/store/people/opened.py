"""Names opened for one purpose: to render the content of a contact that the law has permitted."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from zhizhi.store.keyring import KeyUnavailable, person_seal, service
from zhizhi.store.many import Question, Rows, ask
from zhizhi.store.people.rows import PersonSecrets


@dataclass(frozen=True, slots=True)
class OwedDebt:
    """What a message may say of one debt; `creditors`: who holds it, where that is not the lender of the book.

    The balance is never above what these may claim (docs/decisions/0070-true-consequences-and-creditor.md).
    """

    balance_minor: int
    oldest_due_on: date | None
    creditors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Addressee:
    """What the content of a message may name."""

    name: str = field(repr=False)
    lender: str
    debts: Mapping[int, OwedDebt]
    days_past_due: int
    data_key: bytes = field(repr=False)

    def owed(self, debts: Sequence[int] = ()) -> OwedDebt:
        """The sum of some debts, or of all that are not settled, and their oldest unpaid day."""
        chosen = [owed for debt, owed in self.debts.items() if not debts or debt in debts]
        days = [owed.oldest_due_on for owed in chosen if owed.oldest_due_on is not None]
        return OwedDebt(sum(owed.balance_minor for owed in chosen), min(days, default=None))

    def principals(self, debts: Sequence[int] = ()) -> tuple[str, ...]:
        """Who is owed: the creditors of some debts, or of all that are not settled, each named once."""
        chosen = [owed for debt, owed in self.debts.items() if not debts or debt in debts]
        names = [name for owed in chosen for name in owed.creditors or (self.lender,)]
        return tuple(dict.fromkeys(names)) or (self.lender,)


_ADDRESSEES = """
SELECT p.id, p.data_key, p.sealed, l.name,
    coalesce((SELECT c.days_past_due FROM collection_case c WHERE c.person_id = p.id AND c.closed_on IS NULL), 0),
    (SELECT coalesce(json_agg(json_build_array(d.id, least(d.balance_minor, c.cap_left), d.oldest_unpaid_due_on,
        c.names)), '[]')::text
     FROM debt d LEFT JOIN zhizhi_creditors(p.id) c ON c.debt_id = d.id
     WHERE d.person_id = p.id AND d.state <> 'settled')
FROM person p JOIN lender l ON l.id = p.lender_id
WHERE p.id {} AND p.data_key IS NOT NULL
"""
_OF_SOME = _ADDRESSEES.format("= ANY (%s::bigint[])")
_OF_ONE = _ADDRESSEES.format("= %s")


def load_addressees(person_ids: Iterable[int]) -> dict[int, Addressee]:
    """By person id; absent is a person who was erased or whose name does not open. Refuses: no key service."""
    service()
    return ask(Question(_OF_SOME, [list(person_ids)], _opened))


def addressee_of(person_id: int) -> Question[dict[int, Addressee]]:
    """The question of `load_addressees` about one person, to be asked together with others."""
    service()
    return Question(_OF_ONE, [person_id], _opened)


def _opened(rows: Rows) -> dict[int, Addressee]:
    opened = ((row[0], _addressee(*row)) for row in rows)
    return {person_id: addressee for person_id, addressee in opened if addressee is not None}


def _addressee(person_id: int, data_key: bytes, sealed: bytes, lender: str, days: int, debts: str) -> Addressee | None:
    try:
        name = PersonSecrets.open(person_seal(data_key), sealed, person_id).name
    except KeyUnavailable:
        return None
    owed = {
        debt_id: OwedDebt(balance, _day(due_on), tuple(names or ()))
        for debt_id, balance, due_on, names in json.loads(debts)
    }
    return Addressee(name, lender, owed, days, bytes(data_key))


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written is not None else None
