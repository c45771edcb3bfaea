"""One row of a file becomes the values of one kind, or a problem with its column, code and remedy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from zhizhi.usecases.intake import values
from zhizhi.usecases.intake.book_map import BookMap, How, Source
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

    def read_column(self, columns: Sequence[Sequence[str]], rows: int) -> tuple[list[Any], list[tuple[int, str]]]:
        """The values of all rows, and which rows did not pass with which code; a cell that repeats is read once."""
        if not self.places:
            return [self.read(None)] * rows, []
        given = [columns[place] for place in self.places]
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

    def _read_or_refusal(self, cell: Any) -> Any:
        try:
            return self.read(cell)
        except BadValue as refusal:
            return refusal


class RowReader:
    """Reads the picked cells of rows into the fields of their kind, in the order of `FIELDS`.

    Many rows are read column by column: a book has a million cells and a few hundred different days.
    """

    def __init__(self, reading: ReadingOfFile) -> None:
        self.kind = reading.book_map.kind
        self.fields = FIELDS[self.kind]
        self.position = {field.name: index for index, field in enumerate(self.fields)}
        self._map = reading.book_map
        self._places = {column: index for index, column in enumerate(reading.book_map.columns)}
        self.width = len(self._places)
        self._on, self._at = reading.on, reading.at
        sources = dict(self._map.sources)
        self._steps = [self._step(field, sources.get(field.name)) for field in self.fields]
        self._nothing = [(self._places[column], frozenset(words)) for column, words in self._map.nothing_when]
        self._check = _CHECKS.get(self.kind)
        self._owed: Callable[[Row], Row] | None = None
        if self.kind is Kind.ACCOUNTS:
            self._owed = itemgetter(*(self.position[name] for name in COMPONENTS))

    def read(self, cells: Sequence[str]) -> Row | Problem:
        """The values of a row."""
        return self.read_many([cells])[0]

    def read_many(self, rows: Sequence[Sequence[str]]) -> list[Row | Problem]:
        """The values of each row, or its problem: of the first field, in their order, that does not pass."""
        columns = list(zip(*rows, strict=True))
        refused: dict[int, Problem] = {}
        values = []
        for step in self._steps:
            found, wrong = step.read_column(columns, len(rows))
            for place, code in wrong:
                if place not in refused:
                    refused[place] = _problem(step, code, rows[place])
            values.append(found)
        read: list[Row | Problem] = list(zip(*values, strict=True))
        for place, refusal in refused.items():
            read[place] = refusal
        check = self._check
        if check is None:
            return read
        return [row if type(row) is Problem else check(self, row) for row in read]  # type: ignore[arg-type]  # a row it is

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
            value = read(source.constant)
            return _Step(field, column, (), lambda _: value)
        places = tuple(self._places[column] for column in source.columns)
        return _Step(field, column, places, _reader(source.how, read, len(places), field.required))


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


def _nothing_there(required: bool) -> None:
    if required:
        raise BadValue("missing")


def _check_account(reader: RowReader, row: Row) -> Row | Problem:
    at = reader.position
    total = row[at["total"]]
    if total is not None:
        assert reader._owed is not None
        owed = sum(filter(None, reader._owed(row)))
        if total != owed and owed:
            return problem(reader.column_of("total"), "components_do_not_add_up")
        if not owed:
            principal = at["principal"]
            row = (*row[:principal], total, *row[principal + 1 :])
    return _same_lender(reader, row)


def _check_instalment(reader: RowReader, row: Row) -> Row | Problem:
    at = reader.position
    if (row[at["paid"]] or 0) > row[at["amount"]]:
        return problem(reader.column_of("paid"), "paid_above_due")
    return _same_lender(reader, row)


def _check_payment(reader: RowReader, row: Row) -> Row | Problem:
    at = reader.position
    kind = at["kind"]
    if row[kind] is None:
        row = (*row[:kind], "payment", *row[kind + 1 :])
    is_reversal = row[kind] == "reversal"
    if is_reversal and row[at["reverses"]] is None:
        return problem(reader.column_of("reverses"), "missing")
    if not row[at["amount"]]:
        return problem(reader.column_of("amount"), "not_an_amount")
    return _same_lender(reader, row)


def _same_lender(reader: RowReader, row: Row) -> Row | Problem:
    only = reader._map.lender
    if only and row[reader.position["lender"]] != only:
        return problem(reader.column_of("lender"), "other_lender")
    return row


_CHECKS: dict[Kind, Callable[[RowReader, Row], Row | Problem]] = {
    Kind.ACCOUNTS: _check_account,
    Kind.INSTALMENTS: _check_instalment,
    Kind.PAYMENTS: _check_payment,
    Kind.CONTACT_PERSONS: _same_lender,
    Kind.CONTACTS: _same_lender,
    Kind.STATEMENTS: _same_lender,
    Kind.PROMISES: _same_lender,
    Kind.STOPS: _same_lender,
    Kind.NOTES: _same_lender,
}
