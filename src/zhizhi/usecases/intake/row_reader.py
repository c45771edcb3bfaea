"""One row of a file becomes the values of one kind, or a problem with its column, code and remedy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import compress
from typing import Any

from zhizhi.usecases.intake import values
from zhizhi.usecases.intake.book_map import BookMap, How, Source
from zhizhi.usecases.intake.columns import ColumnReader
from zhizhi.usecases.intake.kinds import COMPONENTS, FIELDS, Field, Kind, Reading
from zhizhi.usecases.intake.problems import BadValue, Problem, problem

_TOTALS = frozenset({"合计", "总计", "小计", "total", "totals", "sum", "grand total"})

_CODES_OF_TOTALS = ("missing", "bad_number", "not_an_amount")

Row = tuple[Any, ...]
_REPEATS = 2  # as often as this on average, a cell is looked up instead of read again


@dataclass(frozen=True, slots=True)
class ReadingOfFile:
    """What a process needs to read rows of one file; small, so that it can be sent to another process."""

    book_map: BookMap
    header: tuple[str, ...]
    on: date
    at: datetime

    @property
    def picked(self) -> tuple[int, ...]:
        """Positions of the columns that the map names, in the map's order."""
        return tuple(self.header.index(column) for column in self.book_map.columns)


@dataclass(frozen=True, slots=True)
class _Step:
    """How one field is read: `read` takes the cell at the one place, or the tuple of cells at several."""

    field: Field
    column: str
    places: tuple[int, ...]
    read: Callable[[Any], Any]
    read_all: ColumnReader | None = None

    def read_column(self, columns: Sequence[Sequence[str]], rows: int) -> tuple[Sequence[Any], list[tuple[int, str]]]:
        """The values of all rows, and which rows did not pass with which code; a cell that repeats is read once."""
        if not self.places:
            value = self._read_or_refusal(None)
            wrong = [(place, value.code) for place in range(rows)] if type(value) is BadValue else []
            return [value] * rows, wrong
        given = [columns[place] for place in self.places]
        at_once = self._read_at_once(given)
        if at_once is not None:
            return at_once, []
        cells = given[0] if len(given) == 1 else list(zip(*given, strict=True))
        distinct = set(cells)
        if len(distinct) * _REPEATS <= rows:
            known = {cell: self._read_or_refusal(cell) for cell in distinct}
            found = list(map(known.__getitem__, cells))
            is_clean = not any(type(value) is BadValue for value in known.values())
        else:
            try:
                found, is_clean = list(map(self.read, cells)), True
            except BadValue:
                found, is_clean = list(map(self._read_or_refusal, cells)), False
        if is_clean:
            return found, []
        return found, [(place, value.code) for place, value in enumerate(found) if type(value) is BadValue]

    def _read_at_once(self, given: Sequence[Sequence[str]]) -> Sequence[Any] | None:
        """The values of a column whose cells all have the common form."""
        if self.read_all is None:
            return None
        cells = given[0] if len(given) == 1 else _first_said(given)
        if "" not in cells:
            return self.read_all(cells)
        said = list(filter(None, cells))
        if self.field.required or not said:
            return None
        found = self.read_all(said)
        if found is None:
            return None
        left = iter(found)
        return [next(left) if cell else None for cell in cells]

    def _read_or_refusal(self, cell: Any) -> Any:
        try:
            return self.read(cell)
        except BadValue as refusal:
            return refusal


@dataclass(frozen=True, slots=True)
class ReadColumns:
    """What the rows of a chunk say, by column: values of the rows at `places`, and why the others were refused."""

    places: Sequence[int]
    columns: list[Sequence[Any]]
    refused: dict[int, Problem]

    def without(self, refused: dict[int, Problem]) -> "ReadColumns":
        """These columns without the rows at the places of `refused`."""
        if not refused:
            return self
        kept = [place not in refused for place in self.places]
        columns: list[Sequence[Any]] = [list(compress(column, kept)) for column in self.columns]
        return ReadColumns(list(compress(self.places, kept)), columns, self.refused | refused)


class RowReader:
    """Reads the picked cells of rows into the fields of their kind, in the order of `FIELDS`.

    Many rows are read column by column: a book has a million cells and a few hundred different days.
    """

    def __init__(self, reading: ReadingOfFile) -> None:
        self.kind = reading.book_map.kind
        self.fields = FIELDS[self.kind]
        self.position = {field.name: index for index, field in enumerate(self.fields)}
        self._map = reading.book_map
        self.only_lender = reading.book_map.lender
        self._places = {column: index for index, column in enumerate(reading.book_map.columns)}
        self.width = len(self._places)
        self._on, self._at = reading.on, reading.at
        sources = dict(self._map.sources)
        self._steps = [self._step(field, sources.get(field.name)) for field in self.fields]
        self._nothing = [(self._places[column], frozenset(words)) for column, words in self._map.nothing_when]
        self._check = _CHECKS.get(self.kind)

    def read(self, cells: Sequence[str]) -> Row | Problem:
        """The values of a row."""
        return self.read_many([cells])[0]

    def read_many(self, rows: Sequence[Sequence[str]]) -> list[Row | Problem]:
        """The values of each row, or its problem: of the first field, in their order, that does not pass."""
        read = self.read_columns(list(zip(*rows, strict=True)), len(rows))
        answers: list[Any] = [None] * len(rows)
        for place, row in zip(read.places, zip(*read.columns, strict=True), strict=True):
            answers[place] = row
        for place, refusal in read.refused.items():
            answers[place] = refusal
        return answers

    def read_columns(self, columns: Sequence[Sequence[str]], rows: int) -> ReadColumns:
        """As `read_many`, for picked cells that stand by column, and the values too."""
        if not rows:  # a chunk of which no row could be split into cells
            return ReadColumns((), [()] * len(self._steps), {})
        refused: dict[int, Problem] = {}
        values = []
        for step in self._steps:
            found, wrong = step.read_column(columns, rows)
            for place, code in wrong:
                if place not in refused:
                    refused[place] = _problem(step, code, [column[place] for column in columns])
            values.append(found)
        read = ReadColumns(range(rows), values, {}).without(refused)
        return self._check(self, read) if self._check is not None and read.places else read

    def changes_nothing(self, cells: Sequence[str]) -> bool:
        """Whether the map says that rows like this one speak of nothing that happened."""
        return any(cells[place].strip() in words for place, words in self._nothing)

    def column_of(self, name: str) -> str:
        """The column that a field is read from, for a message."""
        return next((step.column for step in self._steps if step.field.name == name), name)

    def _step(self, field: Field, source: Source | None) -> _Step:
        if source is None:
            if field.name == "lender" and self._map.lender:
                lender = self._map.lender
                return _Step(field, "lender", (), lambda _: lender)
            return _Step(field, field.name, (), lambda _: None)
        reading = Reading(
            on=self._on,
            at=self._at,
            unit=source.unit or self._map.unit,
            currency=self._map.currency,
            form=source.form,
            negative=source.negative,
            scientific=source.scientific,
        )
        read = _with_changes(field.make(reading), source)
        column = " + ".join(source.columns) or field.name
        if source.how is How.CONSTANT:
            return _Step(field, column, (), lambda _: read(source.constant))
        places = tuple(self._places[column] for column in source.columns)
        is_plain = not source.values and not source.label and source.how is not How.SUM_OF
        read_all = field.make_column(reading) if is_plain and field.make_column is not None else None
        return _Step(field, column, places, _reader(source.how, read, len(places), field.required), read_all)


def _problem(step: _Step, code: str, cells: Sequence[str]) -> Problem:
    is_total = code in _CODES_OF_TOTALS and any(cell.strip().lower() in _TOTALS for cell in cells)
    return problem(step.column, "a_total_line" if is_total else code)


def _with_changes(read: values.Reader, source: Source) -> values.Reader:
    if source.values:
        known = dict(source.values)
        inner = read
        read = lambda cell: inner(known.get(cell.strip(), cell))  # noqa: E731 - one more step before the reader
    if source.label:
        label, plain_read = source.label, read
        read = lambda cell: plain_read(label.replace("{}", cell.strip()))  # noqa: E731 - one more step before the reader
    return read


def _reader(how: How, read: values.Reader, places: int, required: bool) -> Callable[[Any], Any]:
    """A reader of the cell at one place, or of the tuple of cells at several."""
    if how is How.FIRST_OF:

        def first_of(cells: Sequence[str]) -> Any:
            for cell in cells:
                if cell and not cell.isspace():
                    return read(cell)
            return _nothing_there(required)

        return first_of if places > 1 else lambda cell: first_of((cell,))
    if how is How.SUM_OF:

        def sum_of(cells: Sequence[str]) -> Any:
            parts = [read(cell) for cell in cells if cell and not cell.isspace()]
            return sum(part for part in parts if isinstance(part, int)) if parts else _nothing_there(required)

        return sum_of if places > 1 else lambda cell: sum_of((cell,))

    def one(cell: str) -> Any:
        if not cell:
            return _nothing_there(required)
        value = read(cell)
        return value if value != "" else _nothing_there(required)

    return one


def _first_said(columns: Sequence[Sequence[str]]) -> Sequence[str]:
    """Of each row the first cell that says something."""
    found: Sequence[str] = [""] * len(columns[0])
    for column in reversed(columns):
        found = [cell if cell and not cell.isspace() else other for cell, other in zip(column, found, strict=True)]
    return found


def _nothing_there(required: bool) -> None:
    if required:
        raise BadValue("missing")


def _check_account(reader: RowReader, read: ReadColumns) -> ReadColumns:
    totals = read.columns[reader.position["total"]]
    if any(totals):
        principals = read.columns[reader.position["principal"]]
        owed = _owed(reader, read)
        column = reader.column_of("total")
        wrong = {
            place: problem(column, "components_do_not_add_up")
            for place, total, parts in zip(read.places, totals, owed, strict=True)
            if total is not None and parts and total != parts
        }
        read.columns[reader.position["principal"]] = [
            principal if parts or total is None else total
            for principal, total, parts in zip(principals, totals, owed, strict=True)
        ]
        read = read.without(wrong)
    return _same_lender(reader, read)


def _owed(reader: RowReader, read: ReadColumns) -> list[int]:
    """The sum of the components of each row."""
    said = [column for name in COMPONENTS if any(column := read.columns[reader.position[name]])]
    return [sum(filter(None, parts)) for parts in zip(*said, strict=True)] if said else [0] * len(read.places)


def _check_instalment(reader: RowReader, read: ReadColumns) -> ReadColumns:
    paid, amounts = (read.columns[reader.position[name]] for name in ("paid", "amount"))
    wrong = {
        place: problem(reader.column_of("paid"), "paid_above_due")
        for place, paid_minor, amount in zip(read.places, paid, amounts, strict=True)
        if (paid_minor or 0) > amount
    }
    return _same_lender(reader, read.without(wrong))


def _check_payment(reader: RowReader, read: ReadColumns) -> ReadColumns:
    kinds = [kind or "payment" for kind in read.columns[reader.position["kind"]]]
    read.columns[reader.position["kind"]] = kinds
    reverses, amounts = (read.columns[reader.position[name]] for name in ("reverses", "amount"))
    wrong: dict[int, Problem] = {}
    for place, kind, reversed_one, amount in zip(read.places, kinds, reverses, amounts, strict=True):
        if kind == "reversal" and reversed_one is None:
            wrong[place] = problem(reader.column_of("reverses"), "missing")
        elif not amount:
            wrong[place] = problem(reader.column_of("amount"), "not_an_amount")
    return _same_lender(reader, read.without(wrong))


def _check_remittance(reader: RowReader, read: ReadColumns) -> ReadColumns:
    amounts = read.columns[reader.position["amount"]]
    column = reader.column_of("amount")
    wrong = {
        place: problem(column, "not_an_amount")
        for place, amount in zip(read.places, amounts, strict=True)
        if not amount
    }
    return _same_lender(reader, read.without(wrong))


def _check_debit_result(reader: RowReader, read: ReadColumns) -> ReadColumns:
    results, references = (read.columns[reader.position[name]] for name in ("result", "reference"))
    column = reader.column_of("reference")
    wrong = {
        place: problem(column, "missing")
        for place, result, reference in zip(read.places, results, references, strict=True)
        if result == "succeeded" and not reference
    }
    return _check_remittance(reader, read.without(wrong))


def _same_lender(reader: RowReader, read: ReadColumns) -> ReadColumns:
    only = reader.only_lender
    if not only:
        return read
    lenders = read.columns[reader.position["lender"]]
    column = reader.column_of("lender")
    return read.without(
        {
            place: problem(column, "other_lender")
            for place, lender in zip(read.places, lenders, strict=True)
            if lender != only
        }
    )


_CHECKS: dict[Kind, Callable[[RowReader, ReadColumns], ReadColumns]] = {
    Kind.ACCOUNTS: _check_account,
    Kind.INSTALMENTS: _check_instalment,
    Kind.PAYMENTS: _check_payment,
    Kind.REMITTANCES: _check_remittance,
    Kind.DEBIT_RESULTS: _check_debit_result,
    Kind.CORE_FIGURES: _same_lender,
    Kind.CONTACT_PERSONS: _same_lender,
    Kind.CONTACTS: _same_lender,
    Kind.STATEMENTS: _same_lender,
    Kind.PROMISES: _same_lender,
    Kind.STOPS: _same_lender,
    Kind.NOTES: _same_lender,
    Kind.RESIDENCES: _same_lender,
}
