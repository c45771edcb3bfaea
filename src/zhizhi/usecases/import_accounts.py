"""A chunk of an accounts file is read and sealed: the part of an import that can be done by several processes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from zhizhi.store.imports.account_rows import AccountBuilder
from zhizhi.store.imports.account_values import (
    AccountRow,
    AccountValues,
    Book,
    BuiltChunk,
    PastInstalment,
    PastPayment,
)
from zhizhi.usecases.intake.months import MonthsReader
from zhizhi.usecases.intake.problems import Problem, problem
from zhizhi.usecases.intake.row_reader import ReadingOfFile, RowReader

SYNTHETIC_MOBILE_PREFIX = "109"
"""Beyond every number range ever given out (as in the generated book)."""
SEPARATOR = "\x1f"

Cells = str
"""The picked cells of a row, joined by the unit separator: one text crosses to another process faster than twenty."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """All that a process needs to work on chunks of one file; it can be sent to another process."""

    reading: ReadingOfFile
    book: Book
    synthetic_points: bool = False


@dataclass(slots=True)
class WorkedChunk:
    """A chunk that was read, and built as far as its rows passed."""

    built: BuiltChunk
    problems: list[tuple[int, Problem]] = field(default_factory=list)


class AccountsDesk:
    """Works chunks of one file."""

    def __init__(self, workplace: Workplace) -> None:
        reading = workplace.reading
        self._reader = RowReader(reading)
        self._builder = AccountBuilder(workplace.book)
        self._synthetic = workplace.synthetic_points
        book_map = reading.book_map
        places = {column: index for index, column in enumerate(book_map.columns)}
        months = book_map.months
        self._most_months = max(len(months.statements), len(months.payments)) if months is not None else 0
        self._months = (
            MonthsReader(book_map.months, places, book_map.currency, reading.on)
            if book_map.months is not None
            else None
        )

    def work(self, cells: Sequence[Cells], ids: range, only: frozenset[int] | None = None) -> WorkedChunk:
        """Read and build a chunk. `only` picks positions."""
        positions = range(len(cells)) if only is None else sorted(only)
        problems: list[tuple[int, Problem]] = []
        placed: list[int] = []
        picked: list[list[str]] = []
        width = self._reader.width
        for position in positions:
            row = cells[position].split(SEPARATOR)
            if len(row) == width:
                placed.append(position)
                picked.append(row)
            else:
                problems.append((position, problem("", "control_characters")))
        rows: list[AccountRow] = []
        for position, row, values in zip(placed, picked, self._reader.read_many(picked), strict=True):
            account = (
                values
                if type(values) is Problem
                else self._account(position, cells[position], row, AccountValues._make(values))  # type: ignore[arg-type]  # no problem, so values
            )
            if type(account) is AccountRow:
                rows.append(account)
            else:
                problems.append((position, account))  # type: ignore[arg-type]  # no row, so a problem
        built = self._builder.build(rows, ids, self._most_months)
        problems += [(position, problem(self._reader.column_of(name), code)) for position, name, code in built.refused]
        built.refused.clear()
        return WorkedChunk(built, sorted(problems, key=lambda found: found[0]))

    def _account(self, position: int, row: Cells, cells: Sequence[str], values: AccountValues) -> AccountRow | Problem:
        octets = row.encode()
        if self._synthetic and values.mobile is None:
            values = values._replace(mobile=synthetic_mobile(values.account))
        if self._months is None:
            return AccountRow(position, octets, values)
        said = self._months.read(cells)
        if isinstance(said, Problem):
            return said
        values = values._replace(
            principal=said.balance_minor,
            oldest_unpaid_due_on=said.oldest_unpaid_due_on,
            state="overdue" if said.is_overdue else "not_due",
        )
        return AccountRow(
            position,
            octets,
            values,
            tuple(PastInstalment(*statement) for statement in said.statements),
            tuple(PastPayment(*payment) for payment in said.payments),
        )


def synthetic_mobile(account: str) -> str:
    """A telephone number that cannot exist, the same for the same account."""
    octets = account.encode()
    mixed = 0
    for octet in octets:
        mixed = (mixed * 1_000_003 + octet) % 10**16
    return f"{SYNTHETIC_MOBILE_PREFIX}{mixed * 61_803_399 % 10**8:08d}"


_desks: list[AccountsDesk] = []


def open_desk(workplace: Workplace) -> None:
    """Called once in each process that works on a file."""
    _desks[:] = [AccountsDesk(workplace)]


def work_at_desk(cells: Sequence[Cells], ids: range) -> WorkedChunk:
    """What such a process is asked to do for a chunk."""
    return _desks[0].work(cells, ids)
