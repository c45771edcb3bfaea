"""Finding what a row speaks of.

Lenders by code, persons by customer number, debts by account number, parties and points by label.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connections

from zhizhi.store.imports.keys import BulkSearchKeys
from zhizhi.store.keyring import Seal, person_seal
from zhizhi.store.people.rows import PersonSecrets, normal_form

_ORDINAL = re.compile(r".*?([0-9]{1,2})")
_POINT = re.compile(r"(mobile|landline|email|im|postal|place|sign_in)(?::([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person that a row speaks of."""

    id: int
    lender_id: int
    data_key: bytes = field(repr=False)

    def seal(self) -> Seal:
        """The seal under the person's own key."""
        return person_seal(self.data_key)


@dataclass(frozen=True, slots=True)
class FoundDebt:
    """A debt that a row speaks of."""

    id: int
    person_id: int
    as_of: date
    currency: str


@dataclass(frozen=True, slots=True)
class FoundParty:
    """A party with its points: (id, kind, value key), in order of their ids."""

    id: int
    role: str
    points: tuple[tuple[int, str, int], ...]

    def point(self, label: str, keys: BulkSearchKeys) -> int | None:
        """The point with this number or address, or the n-th of a kind (`mobile`, `mobile:2`).

        None where there is none.
        """
        match = _POINT.fullmatch(label)
        if match is not None:
            of_kind = [point_id for point_id, kind, _ in self.points if kind == match[1]]
            index = int(match[2] or 1) - 1
            return of_kind[index] if 0 <= index < len(of_kind) else None
        value_key = keys.number("point", normal_form(label))
        return next((point_id for point_id, _, known in self.points if known == value_key), None)


class Resolver:
    """Answers for one chunk, with a question a lender and a kind of thing."""

    def __init__(self, lenders: dict[str, int]) -> None:
        self._lenders = lenders
        self._keys: dict[int, BulkSearchKeys] = {}
        self._persons: dict[tuple[str, str], FoundPerson] = {}
        self._debts: dict[tuple[str, str], FoundDebt] = {}
        self._parties: dict[int, list[FoundParty]] = {}

    def keys(self, lender_id: int) -> BulkSearchKeys:
        """Search keys of a lender."""
        if lender_id not in self._keys:
            self._keys[lender_id] = BulkSearchKeys(lender_id)
        return self._keys[lender_id]

    def lender(self, code: str) -> int | None:
        """The id of a lender."""
        return self._lenders.get(code)

    def person(self, lender: str, customer: str) -> FoundPerson | None:
        """A person that was loaded."""
        return self._persons.get((lender, normal_form(customer)))

    def debt(self, lender: str, account: str) -> FoundDebt | None:
        """A debt that was loaded."""
        return self._debts.get((lender, account))

    def parties(self, person_id: int) -> list[FoundParty]:
        """Parties of a loaded person, the debtor first, then in order of their ids."""
        return self._parties.get(person_id, [])

    def party(self, person_id: int, label: str | None) -> FoundParty | None:
        """`debtor` (or nothing), `contact:2` or any label that ends in a number: the n-th contact person.

        Else by role.
        """
        parties = self.parties(person_id)
        if not label or label == "debtor":
            return next((party for party in parties if party.role == "debtor"), None)
        match = _ORDINAL.fullmatch(label)
        if match is not None:
            named = [party for party in parties if party.role == "contact"]
            index = int(match[1]) - 1
            return named[index] if 0 <= index < len(named) else None
        return next((party for party in parties if party.role == label), None)

    def load_persons(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Persons by lender code and customer number."""
        for lender_id, code, numbers in self._by_lender(wanted):
            by_key: dict[int, set[str]] = {}
            for number in numbers:
                form = normal_form(number)
                by_key.setdefault(self.keys(lender_id).number("customer", form), set()).add(form)
            for person_id, key, data_key, sealed in _select(
                "SELECT id, customer_key, data_key, sealed FROM person WHERE lender_id = %s AND customer_key = ANY (%s)"
                " AND data_key IS NOT NULL",
                [lender_id, list(by_key)],
            ):
                found = FoundPerson(person_id, lender_id, bytes(data_key))
                # The key of 63 bits finds; what it found is compared with what is sealed.
                number = normal_form(PersonSecrets.open(found.seal(), sealed, person_id).customer_number or "")
                if number in by_key[key]:
                    self._persons[(code, number)] = found

    def load_debts(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Debts by lender code and account number."""
        for lender_id, code, numbers in self._by_lender(wanted):
            by_key = {self.keys(lender_id).identity("account", number): number for number in numbers}
            for debt_id, person_id, key, as_of, currency in _select(
                "SELECT id, person_id, account_key, as_of_on, currency FROM debt WHERE lender_id = %s AND"
                " account_key = ANY (%s)",
                [lender_id, list(by_key)],
            ):
                self._debts[(code, by_key[key])] = FoundDebt(debt_id, person_id, as_of, currency)

    def load_parties(self, person_ids: Iterable[int]) -> None:
        """Parties and points of persons."""
        gathered: dict[int, dict[int, tuple[str, list[tuple[int, str, int]]]]] = {}
        for person_id, party_id, role, point_id, kind, value_key in _select(
            "SELECT t.person_id, t.id, t.role, o.id, o.kind, o.value_key FROM party t"
            " LEFT JOIN point o ON o.person_id = t.person_id AND o.party_id = t.id"
            " WHERE t.person_id = ANY (%s) ORDER BY t.person_id, t.id, o.id",
            [list(set(person_ids))],
        ):
            _, points = gathered.setdefault(person_id, {}).setdefault(party_id, (role, []))
            if point_id is not None:
                points.append((point_id, kind, value_key))
        for person_id, parties in gathered.items():
            found = [FoundParty(party_id, role, tuple(points)) for party_id, (role, points) in parties.items()]
            self._parties[person_id] = sorted(found, key=lambda party: (party.role != "debtor", party.id))

    def _by_lender(self, wanted: Iterable[tuple[str, str]]) -> list[tuple[int, str, set[str]]]:
        numbers: dict[str, set[str]] = {}
        for code, number in wanted:
            numbers.setdefault(code, set()).add(number)
        return [(self._lenders[code], code, named) for code, named in numbers.items() if code in self._lenders]


def _select(statement: str, terms: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connections["gate"].cursor() as cursor:
        cursor.execute(statement, terms)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def insert_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert many rows by one prepared statement; table and columns are names of this code, never of a file."""
    if not rows:
        return
    named = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join(["%s"] * len(columns))
    with connections["gate"].cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({named}) VALUES ({places})", rows)
