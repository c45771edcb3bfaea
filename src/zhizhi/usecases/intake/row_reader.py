"""One row of a file becomes the values of one kind, or a problem with its column, code and remedy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.usecases.intake import values
from zhizhi.usecases.intake.book_map import BookMap, How, Source
from zhizhi.usecases.intake.kinds import COMPONENTS, FIELDS, Field, Kind, Reading
from zhizhi.usecases.intake.problems import BadValue, Problem, problem

_TOTALS = frozenset({"合计", "总计", "小计", "total", "totals", "sum", "grand total"})

_CODES_OF_TOTALS = ("missing", "bad_number", "not_an_amount")

Row = tuple[Any, ...]


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
    field: Field
    column: str
    read: Callable[[Sequence[str]], Any]


class RowReader:
    """Reads the picked cells of a row into the fields of its kind, in the order of `FIELDS`."""

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
        self._reads = [step.read for step in self._steps]
        self._nothing = [(self._places[column], frozenset(words)) for column, words in self._map.nothing_when]
        self._check = _CHECKS.get(self.kind)

    def read(self, cells: Sequence[str]) -> Row | Problem:
        """The values of a row."""
        try:
            row = [read(cells) for read in self._reads]
        except BadValue:
            return self._problem(cells)
        if self._check is not None:
            wrong = self._check(self, row)
            if wrong is not None:
                return wrong
        return tuple(row)

    def _problem(self, cells: Sequence[str]) -> Problem:
        """The first field that does not pass: asked again one by one, since few rows come here."""
        for step in self._steps:
            try:
                step.read(cells)
            except BadValue as refused:
                is_total = refused.code in _CODES_OF_TOTALS and any(cell.strip().lower() in _TOTALS for cell in cells)
                return problem(step.column, "a_total_line" if is_total else refused.code)
        raise AssertionError("a row that was refused passes when it is asked again")

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
                return _Step(field, "lender", lambda _: lender)
            return _Step(field, field.name, lambda _: None)
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
        places = [self._places[column] for column in source.columns]
        column = " + ".join(source.columns) or field.name
        return _Step(field, column, _reader(source.how, read, places, source.constant, field.required))


def _with_changes(read: values.Reader, source: Source) -> values.Reader:
    if source.values:
        known = dict(source.values)
        inner = read
        read = lambda cell: inner(known.get(cell.strip(), cell))  # noqa: E731 - one more step before the reader
    if source.label:
        label, plain_read = source.label, read
        read = lambda cell: plain_read(label.replace("{}", cell.strip()))  # noqa: E731 - one more step before the reader
    return read


def _reader(
    how: How, read: values.Reader, places: list[int], constant: str, required: bool
) -> Callable[[Sequence[str]], Any]:
    if how is How.CONSTANT:
        value = read(constant)
        return lambda _: value
    if how is How.FIRST_OF:

        def first_of(cells: Sequence[str]) -> Any:
            for place in places:
                if cells[place] and not cells[place].isspace():
                    return read(cells[place])
            return _nothing_there(required)

        return first_of
    if how is How.SUM_OF:

        def sum_of(cells: Sequence[str]) -> Any:
            filled = [cells[place] for place in places if cells[place] and not cells[place].isspace()]
            parts = [read(cell) for cell in filled]
            return sum(part for part in parts if isinstance(part, int)) if parts else _nothing_there(required)

        return sum_of
    place = places[0]

    def one(cells: Sequence[str]) -> Any:
        cell = cells[place]
        if not cell:
            return _nothing_there(required)
        value = read(cell)
        return value if value != "" else _nothing_there(required)

    return one


def _nothing_there(required: bool) -> None:
    if required:
        raise BadValue("missing")


def _check_account(reader: RowReader, row: list[Any]) -> Problem | None:
    at = reader.position
    owed = 0
    for name in COMPONENTS:
        owed += row[at[name]] or 0
    total = row[at["total"]]
    if total is not None:
        if total != owed and owed:
            return problem(reader.column_of("total"), "components_do_not_add_up")
        if not owed:
            row[at["principal"]] = total
    return _same_lender(reader, row)


def _check_instalment(reader: RowReader, row: list[Any]) -> Problem | None:
    at = reader.position
    if (row[at["paid"]] or 0) > row[at["amount"]]:
        return problem(reader.column_of("paid"), "paid_above_due")
    return _same_lender(reader, row)


def _check_payment(reader: RowReader, row: list[Any]) -> Problem | None:
    at = reader.position
    if row[at["kind"]] is None:
        row[at["kind"]] = "payment"
    is_reversal = row[at["kind"]] == "reversal"
    if is_reversal and row[at["reverses"]] is None:
        return problem(reader.column_of("reverses"), "missing")
    if not row[at["amount"]]:
        return problem(reader.column_of("amount"), "not_an_amount")
    return _same_lender(reader, row)


def _same_lender(reader: RowReader, row: list[Any]) -> Problem | None:
    only = reader._map.lender
    if only and row[reader.position["lender"]] != only:
        return problem(reader.column_of("lender"), "other_lender")
    return None


_CHECKS: dict[Kind, Callable[[RowReader, list[Any]], Problem | None]] = {
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
