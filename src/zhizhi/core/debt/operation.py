"""What every operation of the debt case format is: a way to read its question, and a question that answers itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from zhizhi.core.debt.errors import Finding
from zhizhi.core.debt.facts import TableName, Tables
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel.money import Currency, Rounding

ANY_CURRENCY = frozenset(Currency)
CNY_ONLY = frozenset({Currency.CNY})
NO_MONEY: frozenset[Currency] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question came to: the output keys, the rules relied on, and the version of each table that was read."""

    out: Mapping[str, object]
    cites: tuple[str, ...]
    tables_read: Mapping[str, str] = field(default_factory=dict)


class Question(Protocol):
    """A typed question. Its values are of the right types; `findings` says what is wrong between them."""

    def findings(self) -> Iterator[Finding]:
        """Everything that keeps the question from being answered, tables aside."""

    def answer(self, tables: Tables) -> Answer:
        """The answer. Refuses: DebtError, what is wrong here or with the tables."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: how its `in` is read, and what a case about it may bring."""

    read: Callable[[Fields], Question]
    currencies: frozenset[Currency] = NO_MONEY
    uses: frozenset[TableName] = frozenset()
    rounding: tuple[Rounding, ...] = ()
