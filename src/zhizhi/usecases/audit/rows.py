"""One row of a log becomes a contact, or a problem with its column, reason and remedy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.audit.knowledge import Knowledge
from zhizhi.core.conduct.audit.story import Contact
from zhizhi.core.kernel.instants import zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.usecases.audit.contact import LogRow, contact_of
from zhizhi.usecases.audit.fields import FIELDS
from zhizhi.usecases.audit.log_map import LogMap, LogSource
from zhizhi.usecases.intake import values
from zhizhi.usecases.intake.limits import EARLIEST_DAY
from zhizhi.usecases.intake.problems import PROBLEMS, BadValue, Problem

CELL_MAX = 500
_KNOWN_MAX = 20_000
_OF_THE_CLOCK = frozenset({"at", "date", "clock", "ended_at"})
_APART = frozenset({"id", "number", "person", "debt", "reference"})
"""Fields whose cells hardly repeat."""
_PROBLEMS = {
    "not_an_instant": Text(
        "不是时刻;可写 2026-03-02 22:30:05、2026/3/2 22:30、20260302223005 或时间戳,或在映射写 format",
        "not an instant; help: write 2026-03-02 22:30:05, 2026/3/2 22:30 or seconds since 1970, or give `format`",
    ),
    "unknown_value": Text(
        "不认识的取值;请在映射的 values 中补充对应",
        "a word that is not known here; help: add it to `values` in the map",
    ),
    "ends_before_start": Text("结束时刻早于开始时刻", "the end lies before the beginning"),
    "future": Text("时刻在将来", "the instant lies in the future"),
}
_FORMS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H:%M:%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%d/%m/%Y %H:%M",
)
_EPOCH_SECONDS, _EPOCH_MILLIS = 10, 13


@dataclass(frozen=True, slots=True)
class LogReading:
    """What a process needs to read rows of one log; small, so that it can be sent to another process."""

    log_map: LogMap
    at: datetime

    @property
    def knowledge(self) -> Knowledge:
        """What the mapped columns make known."""
        spoken = {feature for name in self.log_map.fields for feature in FIELDS[name].speaks}
        return Knowledge(spoken=frozenset(spoken), assumed=self.log_map.assumed)


@dataclass(frozen=True, slots=True)
class RowKey:
    """What rows are put in order by: whose contact it was, and when."""

    person: str
    at: datetime


class LogReader:
    """Reads the picked cells of rows, in the order of the map's columns."""

    def __init__(self, reading: LogReading) -> None:
        self._map = reading.log_map
        self._latest = reading.at + timedelta(days=1)
        self._zone = zone_of(self._map.zone)
        self._places = {column: place for place, column in enumerate(self._map.columns)}
        self._steps = {name: self._step(name, source) for name, source in self._map.sources}
        self._columns = {name: " + ".join(source.columns) or name for name, source in self._map.sources}
        timeless = [(name, source) for name, source in self._map.sources if name not in _OF_THE_CLOCK]
        self._constants = {name: self._value(name, ()) for name, source in timeless if not source.columns}
        self._single: list[tuple[str, int, dict[str, Any]]] = [
            (name, self._places[source.columns[0]], {}) for name, source in timeless if len(source.columns) == 1
        ]
        self._several = [name for name, source in timeless if len(source.columns) > 1]
        self._needed = frozenset({"channel", "direction"}) & self._map.fields

    def key(self, cells: Sequence[str]) -> RowKey | Problem:
        """Whose contact a row is and when it was. A row without either is rejected."""
        try:
            at = self._instant(cells)
            person = self._value("person", cells) or self._value("number", cells)
        except _Wrong as wrong:
            return self._problem(wrong)
        if person is None:
            return self._problem(_Wrong("person" if "person" in self._steps else "number", "missing"))
        return RowKey(str(person), at)

    def contact(self, cells: Sequence[str], row: int) -> Contact | Problem:
        """The contact of a row."""
        read = self.read(cells, row)
        return read if isinstance(read, Problem) else contact_of(read, self._map)

    def read(self, cells: Sequence[str], row: int) -> LogRow | Problem:
        """The fields of a row, before anything is made of them."""
        try:
            at = self._instant(cells)
            found = self._found(cells)
            ended = self._ended(cells, at)
        except _Wrong as wrong:
            return self._problem(wrong)
        return LogRow(f"r{row}", at, ended, found)

    def _found(self, cells: Sequence[str]) -> dict[str, Any]:
        """The fields beside the clock. A cell that was read before is looked up."""
        found = dict(self._constants)
        for name, place, known in self._single:
            cell = cells[place]
            try:
                found[name] = known[cell]
            except KeyError:
                found[name] = value = self._value(name, cells)
                if len(known) < _KNOWN_MAX and name not in _APART:
                    known[cell] = value
        for name in self._several:
            found[name] = self._value(name, cells)
        for name in self._needed:
            if found.get(name) is None:
                raise _Wrong(name, "missing")
        return found

    def _step(self, name: str, source: LogSource) -> Callable[[Sequence[str]], Any]:
        read = self._moment(source.form) if name in ("at", "ended_at") else FIELDS[name].read
        known = dict(source.values)
        if known:
            inner = read
            read = lambda cell: inner(known.get(cell, cell))  # noqa: E731 - one more step before the reader
        if not source.columns:
            value = read(source.constant)
            return lambda _cells: value
        places = [self._places[column] for column in source.columns]

        def step(cells: Sequence[str]) -> Any:
            for place in places:
                cell = cells[place].strip()
                if cell:
                    if len(cell) > CELL_MAX:
                        raise BadValue("too_long")
                    return read(cell)
            return None

        return step

    def _value(self, name: str, cells: Sequence[str]) -> Any:
        step = self._steps.get(name)
        if step is None:
            return None
        try:
            return step(cells)
        except BadValue as bad:
            raise _Wrong(name, bad.code) from bad

    def _instant(self, cells: Sequence[str]) -> datetime:
        if "at" in self._steps:
            at = self._value("at", cells)
            name = "at"
        else:
            day, clock = self._value("date", cells), self._value("clock", cells)
            name = "date" if day is None else "clock"
            at = None if day is None or clock is None else self._parsed(f"{day} {clock}", name)
        if at is None:
            raise _Wrong(name, "missing")
        if at > self._latest:
            raise _Wrong(name, "future")
        return at  # type: ignore[no-any-return]  # the reader of `at` gives an instant

    def _ended(self, cells: Sequence[str], at: datetime) -> datetime | None:
        ended: datetime | None = self._value("ended_at", cells)
        if ended is not None and ended < at:
            raise _Wrong("ended_at", "ends_before_start")
        return ended

    def _parsed(self, written: str, name: str) -> datetime:
        try:
            return self._moment("")(written)
        except BadValue as bad:
            raise _Wrong(name, bad.code) from bad

    def _moment(self, form: str) -> Callable[[str], datetime]:
        zone = self._zone

        def read(cell: str) -> datetime:
            found = _moment(values.plain(cell), form, zone)
            if found.date() < EARLIEST_DAY:
                raise BadValue("day_too_early")
            return found

        return read

    def _problem(self, wrong: "_Wrong") -> Problem:
        text = _PROBLEMS.get(wrong.code) or PROBLEMS[wrong.code]
        return Problem(self._columns.get(wrong.field, wrong.field), wrong.code, text)


class _Wrong(Exception):
    """A field that cannot be read, and why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field, self.code = field, code


def _moment(cell: str, form: str, zone: ZoneInfo) -> datetime:
    """An instant; without an offset on the clock of the zone. Refuses: BadValue."""
    if not form and cell.isascii() and cell.isdigit() and len(cell) in (_EPOCH_SECONDS, _EPOCH_MILLIS):
        return datetime.fromtimestamp(int(cell[:_EPOCH_SECONDS]), UTC)
    found = None
    try:
        found = datetime.strptime(cell, form) if form else datetime.fromisoformat(cell)  # noqa: DTZ007 - zone below
    except ValueError:
        if form:
            raise BadValue("not_an_instant") from None
    for known in _FORMS if found is None else ():
        try:
            found = datetime.strptime(cell, known)  # noqa: DTZ007 - the zone is added below
            break
        except ValueError:
            continue
    if found is None or (":" not in cell and len(cell) < len("20260302223005") and not form):
        raise BadValue("not_an_instant")  # a day without a time tells no hours
    return (found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC)
