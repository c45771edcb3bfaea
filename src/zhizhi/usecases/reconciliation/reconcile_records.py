"""Reconcile one file of one source and day with the permits that were used: rows in, counts and inquiries out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, islice

from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import Kind, Limits, Matched, Used
from zhizhi.core.reconcile.match import match
from zhizhi.core.reconcile.outcomes import was_answered, was_delivered
from zhizhi.store.reconciliation.permits import Keys, Scope, StoredPermit, find_owners, stream_permits
from zhizhi.store.reconciliation.runs import load_neighbours
from zhizhi.store.transact.reconciling import Counts, NewRun, RunWriter, writing_run
from zhizhi.usecases.audit.audit_log import Spool
from zhizhi.usecases.audit.log_map import LogMap
from zhizhi.usecases.audit.run import RAGGED, ROWS_MAX, LogTable, check_columns
from zhizhi.usecases.intake.problems import FileRefused, Problem
from zhizhi.usecases.reconciliation.findings import FoundMaker
from zhizhi.usecases.reconciliation.records import Read, RecordReader, Told, settle
from zhizhi.usecases.reconciliation.sources import RecordSource, micros

AT_ONCE = 2_000
RECORDS_OF_ONE_NUMBER_MAX = 100_000


@dataclass(frozen=True, slots=True)
class ReconcileRecords:
    """One file that has come: of which source and day, and what is known of it before it is read."""

    source: RecordSource
    on: date
    lender_id: int
    new_run: NewRun


def reconcile_records(command: ReconcileRecords, table: LogTable, spool: Spool, at: datetime) -> Counts:
    """Read, match and write, in one transaction: a file that breaks off leaves nothing behind.

    Refuses: a file without a column of the map, without a readable row, with too many rows (FileRefused).
    """
    source = command.source
    assert source.log_map is not None, "whoever opens the file reads its map first"
    check_columns(table.columns, source.log_map)
    scope = _scope(command, source.log_map)
    with writing_run(command.new_run, at) as writer:
        counts = Counts()
        maker = FoundMaker(Keys(command.lender_id), command.on, command.new_run.file_name)
        _lay_down(source, source.log_map, table, spool, writer, counts, scope, at)
        _match_all(command, scope, spool, writer, counts, maker)
        if counts.rejected:
            writer.find(maker.of_rejected(counts.rejected))
        writer.finish(counts, table.columns)
    return counts


def _scope(command: ReconcileRecords, log_map: LogMap) -> Scope:
    source = command.source
    opens, closes = source.day(command.on)
    margin = timedelta(seconds=source.tolerance_seconds)
    return Scope(
        lender_id=command.lender_id,
        channels=source.channels,
        collector=source.collector,
        gateway=source.gateway,
        clock=source.clock,
        by_person=source.key == "person",
        since=opens - margin,
        until=closes + margin,
        with_content="parts" in log_map.fields,
    )


def _lay_down(
    source: RecordSource,
    log_map: LogMap,
    table: LogTable,
    spool: Spool,
    writer: RunWriter,
    counts: Counts,
    scope: Scope,
    at: datetime,
) -> None:
    """Read every row into the spool; keep those that cannot be read."""

    reader = RecordReader(source, log_map, scope, at)
    places = [table.columns.index(column) for column in log_map.columns]

    def reject(row: int, cells: Sequence[object], problem: Problem) -> None:
        counts.rejected += 1
        written = ["" if cell is None else str(cell) for cell in cells]
        writer.reject(row, written, problem.column, problem.code, problem.text)

    def readable() -> Iterator[Read]:
        for row in table.rows():
            counts.rows += 1
            if counts.rows > ROWS_MAX:
                raise FileRefused("too_many_rows", _TOO_MANY)
            if not isinstance(row, tuple):  # a fault of the table: its row, and what could be read of it
                problem = Problem(getattr(row, "column", None) or "", "ragged", getattr(row, "text", RAGGED))
                reject(getattr(row, "row", 0), getattr(row, "values", ()), problem)
                continue
            number, cells = row
            read = reader.read(["" if cells[place] is None else str(cells[place]) for place in places], number)
            if isinstance(read, Problem):
                reject(number, cells, read)
            elif read is None:
                counts.inbound += 1
            else:
                yield read

    rows = readable()
    while batch := list(islice(rows, AT_ONCE)):
        spool.add([(group, told.record.at, told.record.row, told.written()) for group, told in settle(batch, scope)])
    if counts.rows and counts.rows == counts.rejected:
        raise FileRefused(
            "no_readable_row",
            Text(
                "没有一行可以读取；请核对文件与映射是否配套",
                "not one row can be read; help: check that file and map belong together",
            ),
        )


def _match_all(
    command: ReconcileRecords, scope: Scope, spool: Spool, writer: RunWriter, counts: Counts, maker: FoundMaker
) -> None:
    limits = command.source.limits(command.on)
    edges = _Edges(command.source, command.on, limits)
    waiting: list[tuple[Told, tuple[Kind, ...], int]] = []
    for group, told, permits in _groups(spool, scope):
        used = [_used(permit, edges) for permit in permits if permit.permit_id not in edges.claimed]
        matched = match([one.record for one in told], used, limits)
        by_row = {one.record.row: one for one in told}
        _count(matched, counts, edges)
        for pair in matched.pairs:
            if edges.is_edge(pair.used.at) and not pair.used.is_released:
                writer.edge(pair.used.permit)
            writer.met(pair.used.permit)
            if pair.kinds:
                writer.find(maker.of_pair(pair, by_row[pair.record.row]))
        for permit in matched.missing:
            writer.find(maker.of_missing(permit, group))
        repeated: Counter[tuple[object, ...]] = Counter()
        for record, kinds in matched.alone:
            repeated[record.said()] += 1
            waiting.append((by_row[record.row], kinds, repeated[record.said()]))
        if len(waiting) >= AT_ONCE:
            _find_alone(waiting, scope, writer, maker)
    _find_alone(waiting, scope, writer, maker)


def _find_alone(
    waiting: list[tuple[Told, tuple[Kind, ...], int]], scope: Scope, writer: RunWriter, maker: FoundMaker
) -> None:
    """Records that belong to no permit: whose number it is decides what they are called."""
    owners = find_owners(scope, [told.key for told, _, _ in waiting]) if waiting else {}
    for told, kinds, nth in waiting:
        is_nobodys = kinds[0] is Kind.RECORD_WITHOUT_PERMIT and told.key not in owners
        named = (Kind.UNKNOWN_NUMBER, *kinds[1:]) if is_nobodys else kinds
        writer.find(maker.of_alone(told, named, owners.get(told.key), nth))
    waiting.clear()


class _Edges:
    """Which permits lie so near midnight that the file of the day beside may hold their record.

    Such a permit is missed by the second of the two files that are matched. A day before the source's first is never
    matched and never waited for.
    """

    def __init__(self, source: RecordSource, on: date, limits: Limits) -> None:
        beside = load_neighbours(source.code, on)
        self.claimed = beside.claimed
        self._limits = limits
        self._after_matched = beside.after_matched
        self._before_matched = beside.before_matched
        self._is_first = on <= source.since

    def _opens(self, at: int) -> bool:
        return self._limits.opens - self._limits.tolerance <= at < self._limits.opens + self._limits.tolerance

    def _closes(self, at: int) -> bool:
        return self._limits.closes - self._limits.tolerance <= at < self._limits.closes + self._limits.tolerance

    def is_edge(self, at: int) -> bool:
        """Whether the file of the day beside may hold it."""
        return self._opens(at) or self._closes(at)

    def is_due(self, at: int) -> bool:
        """Whether a permit without a record here is missed, for no other file can hold it any more."""
        if self._opens(at):
            return self._before_matched or (self._is_first and at >= self._limits.opens)
        return self._after_matched if self._closes(at) else True

    def is_of_day(self, at: int) -> bool:
        """Whether it was used on the day itself."""
        return self._limits.opens <= at < self._limits.closes


def _used(permit: StoredPermit, edges: _Edges) -> Used:
    at = micros(permit.used_at)
    return Used(
        permit=permit.permit_id,
        person=permit.person_id,
        at=at,
        is_released=permit.is_released,
        is_due=edges.is_due(at),
        is_answered=was_answered(permit.outcome, permit.line_result),
        is_delivered=was_delivered(permit.outcome),
        talk_seconds=permit.talk_seconds,
        parts=permit.parts,
    )


def _count(matched: Matched, counts: Counts, edges: _Edges) -> None:
    agreed = sum(not pair.kinds for pair in matched.pairs)
    released = sum(pair.used.is_released for pair in matched.pairs)
    carried = sum(edges.is_of_day(one.at) for one in matched.carried)
    counts.agreed += agreed
    counts.differing += len(matched.pairs) - agreed
    counts.released += released
    counts.unmatched += len(matched.alone)
    counts.missing += len(matched.missing)
    counts.carried += carried
    counts.permits += len(matched.pairs) - released + len(matched.missing) + carried


def _groups(spool: Spool, scope: Scope) -> Iterator[tuple[str, list[Told], list[StoredPermit]]]:
    """Records and permits of one channel and number together; both come in the order of their groups."""
    records = groupby((row for batch in spool.ordered() for row in batch), key=lambda row: row[0])
    permits = groupby(stream_permits(scope), key=lambda permit: permit.group)
    record_group, permit_group = next(records, None), next(permits, None)
    while record_group is not None or permit_group is not None:
        groups = [found[0] for found in (record_group, permit_group) if found is not None]
        group = min(groups)
        told: list[Told] = []
        used: list[StoredPermit] = []
        if record_group is not None and record_group[0] == group:
            told = [Told.read(at, row, line) for _, at, row, line in islice(record_group[1], RECORDS_OF_ONE_NUMBER_MAX)]
            if next(record_group[1], None) is not None:
                raise FileRefused("one_number", _ONE_NUMBER)
            record_group = next(records, None)
        if permit_group is not None and permit_group[0] == group:
            used = list(permit_group[1])
            permit_group = next(permits, None)
        yield group, told, used


_TOO_MANY = Text(f"超过 {ROWS_MAX} 行；请拆分", f"more than {ROWS_MAX} rows; help: split the file")
_ONE_NUMBER = Text(
    f"同一号码超过 {RECORDS_OF_ONE_NUMBER_MAX} 行；请核对号码列",
    f"one number stands in more than {RECORDS_OF_ONE_NUMBER_MAX} rows; help: check the column of the number",
)
