"""What comes in on a day: promises that are kept, money that nobody promised, some of it with a wrong account."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any

import psycopg

from floor.desks import Promised
from floor.house import House
from simulation.seeding import BOOK
from zhizhi.core.debt.remittance.authority import Step
from zhizhi.core.debt.remittance.matching import Source
from zhizhi.store.keyring import SearchKeys
from zhizhi.usecases.remittances.receiving import ReceiveMoney, receive_money
from zhizhi.usecases.remittances.settling import SettleRemittance, settle_remittance

KEEPS, PAYS_UNASKED, MISWRITTEN, TOLD_TWICE = 0.6, 0.006, 0.02, 0.03
PARTS = (1, 1, 2, 4)
OWED = "SELECT account_key, person_id, balance_minor FROM debt WHERE lender_id = %s AND state <> 'settled'"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the book that is overdue."""

    lender: int
    number: str
    person: int
    owed_minor: int


@dataclass(frozen=True, slots=True)
class Astray:
    """Money whose account was written wrongly, and where it belongs."""

    remittance: int
    account: Account
    minor: int


@dataclass(slots=True)
class Came:
    """What came on a day, as whoever sent it knows."""

    minor: Counter[int] = field(default_factory=Counter)  # by lender
    arrivals: int = 0
    repeated: int = 0
    astray: list[Astray] = field(default_factory=list)
    settled_minor: int = 0
    settled: int = 0


class Money:
    """Everybody who may pay."""

    def __init__(self, house: House, random: Random) -> None:
        self._house = house
        self._random = random
        self._looking = psycopg.connect(house.place.url, autocommit=True)
        self._accounts = list(self._read())
        self._of_person: dict[int, list[Account]] = defaultdict(list)
        for account in self._accounts:
            self._of_person[account.person].append(account)
        self._promised: list[Promised] = []
        self._astray: list[Astray] = []
        self._number = 0

    def close(self) -> None:
        """Nobody looks any more."""
        self._looking.close()

    def come(self, on: date, at: datetime, promised: Iterable[Promised]) -> Came:
        """A day's money; what went astray the day before is put where it belongs by the clerk."""
        came = Came()
        for astray in self._astray:
            self._settle(astray, at, came)
        self._promised += promised
        due, self._promised = _split(self._promised, on)
        for one in due:
            if self._random.random() < KEEPS and (accounts := self._of_person.get(one.person)):
                self._send(self._random.choice(accounts), one.minor, on, at, came)
        for account in self._accounts:
            if self._random.random() < PAYS_UNASKED:
                self._send(account, max(1, account.owed_minor // self._random.choice(PARTS)), on, at, came)
        self._astray = came.astray
        return came

    def _send(self, account: Account, minor: int, on: date, at: datetime, came: Came) -> None:
        self._number += 1
        is_astray = self._random.random() < MISWRITTEN
        said = ReceiveMoney(
            lender_id=account.lender, source=Source.BANK, amount_minor=minor, arrived_on=on, by=self._house.clerk,
            reference=f"F{self._number:08d}", account="X" + account.number if is_astray else account.number,
        )  # fmt: skip
        arrived = receive_money(said, at)
        came.minor[account.lender] += minor
        came.arrivals += 1
        if is_astray:
            came.astray.append(Astray(arrived.remittance_id, account, minor))
        if self._random.random() < TOLD_TWICE:
            assert receive_money(said, at).is_repeated, "the same reference again is the same money"
            came.repeated += 1

    def _settle(self, astray: Astray, at: datetime, came: Came) -> None:
        """The clerk puts it where it belongs."""
        step = SettleRemittance(
            astray.remittance, Step.POST, "核对付款凭证后入账", self._house.clerk, account=astray.account.number
        )
        done = settle_remittance(step, at)
        assert done.approval_id is None, "money of a book this small takes one person"
        came.settled += 1
        came.settled_minor += astray.minor

    def _read(self) -> Iterator[Account]:
        lenders = dict(self._rows("SELECT code, id FROM lender"))
        owed: dict[int, dict[Any, tuple[int, int]]] = {}
        keys: dict[int, SearchKeys] = {}
        for lender in lenders.values():
            keys[lender] = SearchKeys(lender)
            owed[lender] = {key: (person, minor) for key, person, minor in self._rows(OWED, lender)}
        with (self._house.place.folder / BOOK / "accounts.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                lender, number = lenders[row["lender_code"]], row["account_number"]
                found = owed[lender].get(keys[lender].identity("account", number))
                if found is not None and found[1] > 0 and int(row["due_total_minor"] or 0) > 0:
                    yield Account(lender, number, found[0], int(row["due_total_minor"]))

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._looking.execute(sql, values).fetchall()


def _split(promised: list[Promised], on: date) -> tuple[list[Promised], list[Promised]]:
    return [one for one in promised if one.due_on <= on], [one for one in promised if one.due_on > on]
