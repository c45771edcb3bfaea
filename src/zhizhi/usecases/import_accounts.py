"""A chunk of an accounts file is read and sealed: the part of an import that can be done by several processes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from operator import itemgetter, not_

from zhizhi.store.imports.account_rows import AccountBuilder
from zhizhi.store.imports.account_values import (
    AccountColumns,
    Book,
    BuiltChunk,
    Months,
    PastInstalment,
    PastPayment,
)
from zhizhi.usecases.intake.months import MonthsReader
from zhizhi.usecases.intake.problems import Problem, problem
from zhizhi.usecases.intake.row_reader import ReadingOfFile, RowReader

SYNTHETIC_MOBILE_PREFIX = "109"
"""Beyond every number range ever given out (as in the generated book)."""
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Cells:
    """The rows of a chunk, each as one text: that crosses to another process faster than its cells. `places` are those
    of the picked ones among them; nothing where a row holds nothing else."""

    rows: Sequence[str]
    separator: str = SEPARATOR
    width: int | None = None
    places: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.rows)


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

    def work(self, cells: Cells, ids: range, only: frozenset[int] | None = None) -> WorkedChunk:
        """Read and build a chunk. `only` picks positions."""
        positions: Sequence[int] = range(len(cells)) if only is None else sorted(only)
        lines = cells.rows if only is None else [cells.rows[position] for position in positions]
        rows: Sequence[Sequence[str]] = [line.split(cells.separator) for line in lines]
        width = self._reader.width if cells.width is None else cells.width
        problems: list[tuple[int, Problem]] = []
        if set(map(len, rows)) != {width}:
            fits = [len(row) == width for row in rows]
            problems = [(one, problem("", "control_characters")) for one in compress(positions, map(not_, fits))]
            positions, lines = list(compress(positions, fits)), list(compress(lines, fits))
            rows = list(compress(rows, fits))
        if cells.places is not None:
            rows = list(map(picker(cells.places), rows))
            lines = list(map(SEPARATOR.join, rows))
        read = self._reader.read_columns(list(zip(*rows, strict=True)), len(rows))
        problems += [(positions[place], refusal) for place, refusal in read.refused.items()]
        picked = read.places
        columns = AccountColumns(
            [positions[place] for place in picked], [lines[place].encode() for place in picked], read.columns
        )
        if self._synthetic and read.places:
            columns = columns.having("mobile", map(_mobile_or_synthetic, columns.of("mobile"), columns.of("account")))
        if self._months is not None:
            columns, wrong = self._with_months(columns, [rows[place] for place in picked])
            problems += wrong
        built = self._builder.build(columns, ids, self._most_months)
        problems += [(position, problem(self._reader.column_of(name), code)) for position, name, code in built.refused]
        built.refused.clear()
        return WorkedChunk(built, sorted(problems, key=lambda found: found[0]))

    def _with_months(
        self, columns: AccountColumns, rows: Sequence[Sequence[str]]
    ) -> tuple[AccountColumns, list[tuple[int, Problem]]]:
        """The same rows with what their month columns say; those whose months cannot be read fall out."""
        assert self._months is not None
        said = [self._months.read(row) for row in rows]
        wrong = [
            (position, refusal)
            for position, refusal in zip(columns.positions, said, strict=True)
            if isinstance(refusal, Problem)
        ]
        columns = columns.only([place for place, one in enumerate(said) if not isinstance(one, Problem)])
        read = [one for one in said if not isinstance(one, Problem)]
        columns = columns.having("principal", [one.balance_minor for one in read])
        columns = columns.having("oldest_unpaid_due_on", [one.oldest_unpaid_due_on for one in read])
        columns = columns.having("state", ["overdue" if one.is_overdue else "not_due" for one in read])
        months = [
            Months(
                tuple(PastInstalment(*statement) for statement in one.statements),
                tuple(PastPayment(*payment) for payment in one.payments),
            )
            for one in read
        ]
        return replace(columns, months=months), wrong


def _mobile_or_synthetic(mobile: str | None, account: str) -> str:
    return synthetic_mobile(account) if mobile is None else mobile


def picker(places: tuple[int, ...]) -> Callable[[Sequence[str]], Sequence[str]]:
    """Picks cells of a row; `itemgetter` of one place alone would give a cell instead of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: [row[place] for place in places]


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


def work_at_desk(cells: Cells, ids: range) -> WorkedChunk:
    """What such a process is asked to do for a chunk."""
    return _desks[0].work(cells, ids)
