"""Names opened for one purpose: to render the content of a contact that the law has permitted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from zhizhi.store.keyring import KeyUnavailable, person_seal, service
from zhizhi.store.many import Question, Rows, rows_of
from zhizhi.store.people.rows import PersonSecrets


@dataclass(frozen=True, slots=True)
class OwedDebt:
    """What a message may say of one debt."""

    balance_minor: int
    oldest_due_on: date | None


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


_ADDRESSEES = """
SELECT p.id, p.data_key, p.sealed, l.name,
    coalesce((SELECT c.days_past_due FROM collection_case c WHERE c.person_id = p.id AND c.closed_on IS NULL), 0)
FROM person p JOIN lender l ON l.id = p.lender_id
WHERE p.id = ANY (%s::bigint[]) AND p.data_key IS NOT NULL
"""
_DEBTS = """
SELECT person_id, id, balance_minor, oldest_unpaid_due_on FROM debt
WHERE person_id = ANY (%s::bigint[]) AND state <> 'settled'
"""


def load_addressees(person_ids: Iterable[int]) -> dict[int, Addressee]:
    """By person id; absent is a person who was erased or whose name does not open. Refuses: no key service."""
    debts, names = questions = addressees_of(person_ids)
    owed, named = rows_of(*questions)
    return names.read(named)(debts.read(owed))


Owed = dict[int, dict[int, OwedDebt]]


def addressees_of(person_ids: Iterable[int]) -> tuple[Question[Owed], Question[Callable[[Owed], dict[int, Addressee]]]]:
    """The questions of `load_addressees`, to be asked together with others: debts, then names that want the debts."""
    service()
    wanted = list(person_ids)
    return Question(_DEBTS, [wanted], _owed), Question(_ADDRESSEES, [wanted], lambda rows: partial(_opened, rows))


def _owed(rows: Rows) -> Owed:
    debts: Owed = {}
    for person_id, debt_id, balance, due_on in rows:
        debts.setdefault(person_id, {})[debt_id] = OwedDebt(balance, due_on)
    return debts


def _opened(rows: Rows, debts: Owed) -> dict[int, Addressee]:
    opened = ((row[0], _addressee(*row, debts=debts.get(row[0], {}))) for row in rows)
    return {person_id: addressee for person_id, addressee in opened if addressee is not None}


def _addressee(
    person_id: int, data_key: bytes, sealed: bytes, lender: str, days: int, *, debts: Mapping[int, OwedDebt]
) -> Addressee | None:
    try:
        name = PersonSecrets.open(person_seal(data_key), sealed, person_id).name
    except KeyUnavailable:
        return None
    return Addressee(name, lender, debts, days, bytes(data_key))
