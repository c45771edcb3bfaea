"""A row of somebody else's file becomes a record: its number a keyed hash at once, its permit looked up by name.

What is laid down in the spool holds no number and no name, only the masked form that an inquiry shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from zhizhi.core.kernel.instants import zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import Record
from zhizhi.core.reconcile.outcomes import was_answered, was_delivered
from zhizhi.store.people.rows import mask_number
from zhizhi.store.reconciliation.permits import Keys, Scope, find_named, find_owners, find_sent, group_of
from zhizhi.usecases.audit.contact import LogRow
from zhizhi.usecases.audit.log_map import LogMap
from zhizhi.usecases.audit.rows import LogReader, LogReading
from zhizhi.usecases.intake.problems import Problem
from zhizhi.usecases.reconciliation.sources import RecordSource, micros

_APART = "\x1f"
_A_DAY = timedelta(days=1)
_NO_KEY = Text("没有对方号码或客户编号", "neither the number nor the customer of the contact is told")
_OTHER_CHANNEL = Text(
    "该渠道不属于这个来源；请核对文件与设置",
    "a channel that this source does not record; help: check file and settings",
)


@dataclass(frozen=True, slots=True)
class Told:
    """A record with what matching does not need: its channel, its own key, and its number masked."""

    record: Record
    channel: str
    key: int
    masked: str

    def written(self) -> str:
        """As one line of the spool."""
        r = self.record
        cells = (
            r.identity, r.permit, int(r.number_differs), int(r.came_twice), _flag(r.caller_is_ours),
            _flag(r.is_answered), _flag(r.is_delivered), r.talk_seconds, r.parts, self.channel, self.key, self.masked,
        )  # fmt: skip
        return _APART.join("" if cell is None else str(cell) for cell in cells)

    @classmethod
    def read(cls, at: int, row: int, line: str) -> "Told":
        """The inverse of `written`."""
        identity, permit, differs, twice, caller, answered, delivered, talk, parts, channel, key, masked = line.split(
            _APART
        )
        record = Record(
            row, at, identity, _whole(permit), differs == "1", twice == "1", _truth(caller), _truth(answered),
            _truth(delivered), _whole(talk), _whole(parts),
        )  # fmt: skip
        return cls(record, channel, int(key), masked)


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _whole(cell: str) -> int | None:
    return int(cell) if cell else None


def _truth(cell: str) -> bool | None:
    return cell == "1" if cell else None


@dataclass(frozen=True, slots=True)
class Read:
    """A row that could be read, before its permit was looked up. `keys`: of its number as written, and without each
    prefix that the source's lines put in front."""

    told: Told
    keys: tuple[int, ...]
    named: tuple[int, int] | None
    provider_key: str


class RecordReader:
    """Reads the picked cells of rows of one source's file."""

    def __init__(self, source: RecordSource, log_map: LogMap, scope: Scope, at: datetime) -> None:
        self._source, self._map, self._keys = source, log_map, Keys(scope.lender_id)
        self._reader = LogReader(LogReading(log_map, at))
        self._zone = zone_of(log_map.zone)
        around = (scope.since - _A_DAY, scope.until + _A_DAY)
        offsets = {at.astimezone(self._zone).utcoffset() for at in around}
        self._clock_changes = len(offsets) > 1
        self._callers = frozenset(_plain(caller) for caller in source.callers)

    def read(self, cells: Sequence[str], row: int) -> Read | Problem | None:
        """One row; None for a contact that came in, which needs no permit."""
        line = self._reader.read(cells, row)
        if isinstance(line, Problem):
            return line
        found = line.found
        if found.get("direction") == "in":
            return None
        channel = str(found.get("channel") or self._map.channel)
        if channel not in self._source.channels:
            return Problem("channel", "other_channel", _OTHER_CHANNEL)
        value = found.get("number" if self._source.key == "number" else "person")
        if not value:
            return Problem(self._source.key, "missing", _NO_KEY)
        keys = self._keys_of(str(value))
        identity = str(found.get("id") or "")
        told = Told(self._record(line, row, identity), channel, keys[0], mask_number(str(value)))
        return Read(told, keys, _reference(found.get("reference")), identity if self._source.gateway else "")

    def _keys_of(self, value: str) -> tuple[int, ...]:
        if self._source.key == "person":
            return (self._keys.person(value),)
        bare = [value.removeprefix(prefix) for prefix in self._source.prefixes if value.startswith(prefix)]
        return tuple(self._keys.number(number) for number in (value, *bare) if number)

    def _record(self, line: LogRow, row: int, identity: str) -> Record:
        found = line.found
        talk = found.get("talk_seconds")
        caller = found.get("caller")
        return Record(
            row=row,
            at=micros(line.at),
            identity=identity.replace(_APART, ""),
            came_twice=self._came_twice(line.at),
            caller_is_ours=None if not (self._callers and caller) else str(caller) in self._callers,
            is_answered=was_answered(found.get("outcome"), found.get("line_result"), talk),
            is_delivered=was_delivered(found.get("outcome")),
            talk_seconds=talk,
            parts=found.get("parts"),
        )

    def _came_twice(self, at: datetime) -> bool:
        """Whether the wall clock of the file shows this time again an hour later, with another offset."""
        if not self._clock_changes:
            return False
        local = at.astimezone(self._zone)
        return local.fold == 0 and local.replace(fold=1).utcoffset() != local.utcoffset()


def _plain(number: str) -> str:
    return number.replace(" ", "").replace("-", "").removeprefix("+86")


def _reference(written: object) -> tuple[int, int] | None:
    """Our reference as channels hand it on, `<person>-<permit>`; whatever else stands there is not ours."""
    person, dash, permit = str(written or "").partition("-")
    is_ours = dash and person.isascii() and person.isdecimal() and permit.isascii() and permit.isdecimal()
    return (int(person), int(permit)) if is_ours and max(len(person), len(permit)) <= 18 else None


def settle(reads: Iterable[Read], scope: Scope) -> list[tuple[str, Told]]:
    """Groups of records: that of the permit which a record names, else that of its number.

    Of a number that may carry a prefix, the form that somebody has is taken, the longest first.
    """
    reads = list(reads)
    named = find_named(scope, names) if (names := [read.named for read in reads if read.named]) else {}
    sent = find_sent(scope, ids) if (ids := [read.provider_key for read in reads if read.provider_key]) else {}
    several = [key for read in reads if len(read.keys) > 1 for key in read.keys]
    known = find_owners(scope, several) if several else {}
    return [_settled(read, named, sent, known) for read in reads]


def _settled(
    read: Read,
    named: Mapping[tuple[int, int], str],
    sent: Mapping[str, tuple[int, str]],
    known: Mapping[int, int | None],
) -> tuple[str, Told]:
    told = read.told
    if len(read.keys) > 1:
        told = replace(told, key=next((key for key in read.keys if key in known), read.keys[0]))
    own = group_of(told.channel, told.key)
    if read.named is not None and read.named in named:
        permit, group = read.named[1], named[read.named]
    elif read.provider_key in sent:
        permit, group = sent[read.provider_key]
    else:
        return own, told
    return group, replace(told, record=replace(told.record, permit=permit, number_differs=group != own))
