"""Import one file: check its shape, read it chunk by chunk, commit each chunk with the counters, finish with a leaf.

The table is opened by who calls (commands and jobs touch files, use cases do not): here it is columns and chunks.
"""

import gc
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from typing import Any, Protocol

from zhizhi.core.kernel.text import Text
from zhizhi.store.ids import ids
from zhizhi.store.imports.account_rows import ids_needed
from zhizhi.store.imports.account_values import Book
from zhizhi.store.imports.reads import load_codes
from zhizhi.store.imports.rows import Counts, FileFacts, OpenFile, Refusal, find_or_open
from zhizhi.store.imports.search_rests import search_rests, wake_search
from zhizhi.store.transact.import_accounts import write_accounts
from zhizhi.store.transact.import_chunk import commit_chunk, declare_lender, finish_file
from zhizhi.store.transact.import_rows import RowsContext, write_rows
from zhizhi.usecases.import_accounts import SEPARATOR, AccountsDesk, Cells, WorkedChunk, Workplace, picker
from zhizhi.usecases.import_workers import Workers
from zhizhi.usecases.intake.book_map import BookMap, DeclaredLender
from zhizhi.usecases.intake.kinds import Kind
from zhizhi.usecases.intake.limits import CHUNK_ROWS, INLINE_ROWS, SAMPLE_ROWS, SMALL_CHUNK_ROWS
from zhizhi.usecases.intake.months import month_end, newest_month
from zhizhi.usecases.intake.problems import FileRefused, MapRefused, Problem, problem
from zhizhi.usecases.intake.row_reader import ReadingOfFile, RowReader
from zhizhi.usecases.intake.table_shape import check_header, check_no_address_book

FIRST_REASONS = 10


class SourceTable(Protocol):
    """An open table of gateways/files; a chunk has `numbers`, `rows`, `faults` and `resume_at`."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def fingerprint(self) -> str: ...
    def chunks(self, size: int = ..., start: int = ...) -> Iterator[Any]: ...


@dataclass(frozen=True, slots=True)
class ImportFile:
    """The wish to import a file under a map on a day."""

    name: str
    book_map: BookMap
    on: date
    profile: str | None = None
    synthetic_points: bool = False
    resends_id: int | None = None
    uploaded_by: int | None = None
    waiting_id: int | None = None
    dry_run: bool = False
    chunk_rows: int | None = None

    @property
    def as_of(self) -> date:
        """The day the amounts speak of."""
        if self.book_map.months is not None:
            return month_end(newest_month(self.on))
        return self.book_map.as_of or self.on

    @property
    def map_digest(self) -> str:
        """The map, the day of the amounts and what was asked for beside it.

        Under another of these it is another import.
        """
        words = f"{self.book_map.body}\0{self.as_of.isoformat()}\0{self.synthetic_points}"
        return hashlib.sha256(words.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: rows = accepted (new + changed + unchanged) + refused."""

    file_id: int
    kind: Kind
    counts: Counts
    was_known: bool = False
    resumed_at: int = 0
    reasons: tuple[Refusal, ...] = field(default=(), repr=False)


Progress = Callable[[Counts], None]
OpenWorkers = Callable[[Workplace], Workers]
_Found = tuple[int, str, str, Text]


def import_file(
    command: ImportFile,
    table: SourceTable,
    *,
    at: datetime,
    open_workers: OpenWorkers | None = None,
    progress: Progress = lambda counts: None,
) -> ImportReport:
    """Import a file; an interrupted one goes on where it stopped, a known one changes nothing.

    Refuses: FileRefused, MapRefused (nothing was stored), ImportBusy (another process has the file).
    """
    check_header(table.columns, command.book_map)
    chunks = _checked(table, command)
    lender_id = _declare(command)
    if command.dry_run:
        opened = OpenFile(0, "running", 0, Counts())
    else:
        wake_search()
        opened = find_or_open(_facts(command, table, lender_id), at, waiting_id=command.waiting_id)
    kind = command.book_map.kind
    if opened.state == "finished":
        return ImportReport(opened.id, kind, opened.counts, was_known=True)
    if opened.resume_at:
        chunks = table.chunks(_chunk_rows(command), opened.resume_at)
    run = _Run(command, table, opened, at, progress)
    if kind is Kind.ACCOUNTS:
        run.accounts(chunks, open_workers)
    else:
        run.others(chunks)
    if not command.dry_run:
        finish_file(opened.id, command.resends_id, at)
    return ImportReport(opened.id, kind, run.counts, resumed_at=opened.resume_at, reasons=tuple(run.reasons))


def _checked(table: SourceTable, command: ImportFile) -> Iterator[Any]:
    """The chunks, once the first rows were looked at: nothing is stored of a file that holds an address book."""
    chunks = table.chunks(_chunk_rows(command), 0)
    first = next(chunks, None)
    if first is None or not (len(first.rows) or len(first.faults)):
        raise FileRefused(
            "no_rows",
            Text("文件只有表头，没有数据行；请重新导出", "the file has a header and no rows; help: export it again"),
        )
    check_no_address_book(table.columns, [_as_text(row) for row in first.rows[:SAMPLE_ROWS]])
    return chain((first,), chunks)


def _chunk_rows(command: ImportFile) -> int:
    return command.chunk_rows or (CHUNK_ROWS if command.book_map.kind is Kind.ACCOUNTS else SMALL_CHUNK_ROWS)


def _declare(command: ImportFile) -> int | None:
    """The lender that the map names, made where the command declares its profile. Refuses: an unknown one."""
    code = command.book_map.lender
    if not code:
        return None
    lenders, _ = load_codes()
    if code in lenders:
        return lenders[code]
    declared = command.book_map.declared
    if command.profile is not None:
        declared = replace(declared or DeclaredLender(command.profile), profile=command.profile)
    if declared is None:
        raise MapRefused(
            "unknown_lender",
            Text(
                f"没有机构 `{code}`；请先导入机构文件，或在映射的 [lender] 中声明 profile",
                f"there is no lender `{code}`; help: import lenders first, or declare its profile under [lender] in"
                " the map",
            ),
        )
    if command.dry_run:
        return None
    return declare_lender(code, declared, is_synthetic=command.book_map.is_synthetic)


def _facts(command: ImportFile, table: SourceTable, lender_id: int | None) -> FileFacts:
    return FileFacts(
        kind=command.book_map.kind.value,
        name=command.name,
        digest=table.fingerprint,
        map_digest=command.map_digest,
        map_body=command.book_map.body,
        header=table.columns,
        as_of=command.as_of,
        lender_id=lender_id,
        uploaded_by=command.uploaded_by,
        resends_id=command.resends_id,
    )


@dataclass(slots=True)
class _Taken:
    """A chunk on its way: its rows as they came, the picked cells, the work that was asked for and when.

    Rows are kept as joined text: several chunks wait at a time, and a list of forty cells takes eight times the room.
    """

    source: Any
    rows: Sequence[str]
    separator: str
    cells: Cells
    committed_before: int = 0
    work: "Future[WorkedChunk] | None" = None


class _Run:
    """One import while it runs."""

    def __init__(
        self, command: ImportFile, table: SourceTable, opened: OpenFile, at: datetime, progress: Progress
    ) -> None:
        self._command = command
        self._at = at
        self._progress = progress
        self._file_id = opened.id
        self._resume_at = opened.resume_at
        self._reading = ReadingOfFile(command.book_map, table.columns, command.on, at)
        self._picked = self._reading.picked
        self._pick = picker(self._picked)
        self._width = len(table.columns)
        months = command.book_map.months
        self._months = max(len(months.statements), len(months.payments)) if months is not None else 0
        self._committed = 0
        self._recent: deque[tuple[int, frozenset[bytes]]] = deque()
        self.counts = opened.counts
        self.reasons: list[Refusal] = []

    def accounts(self, chunks: Iterable[Any], open_workers: OpenWorkers | None) -> None:
        """Chunks are read and sealed by workers and committed here, in the order of the file."""
        workplace = self._workplace()
        self._desk = AccountsDesk(workplace)
        chunks = iter(chunks)
        first = next(chunks, None)
        if first is None:
            return
        if open_workers is None or len(first.rows) < INLINE_ROWS:
            for chunk in chain((first,), chunks):
                taken = self._take(chunk)
                taken.committed_before = self._committed
                self._commit_accounts(taken, ahead=1)
            return
        queue: deque[_Taken] = deque()
        resting = nullcontext() if self._command.dry_run else search_rests()
        with resting, open_workers(workplace) as workers, _without_collector():
            for taken in _ahead(map(self._take, chain((first,), chunks))):
                taken.committed_before = self._committed
                taken.work = workers.ask(taken.cells, self._fresh_ids(len(taken.cells)))
                queue.append(taken)
                if len(queue) > workers.ahead:
                    self._commit_accounts(queue.popleft(), ahead=workers.ahead)
            while queue:
                self._commit_accounts(queue.popleft(), ahead=workers.ahead)

    def others(self, chunks: Iterable[Any]) -> None:
        """Kinds other than accounts: read and written here."""
        reader = RowReader(self._reading)
        context = RowsContext(
            self._file_id,
            self._command.on,
            self._command.as_of,
            self._at,
            reader.kind.value,
            self._command.book_map.is_synthetic,
        )
        for chunk in chunks:
            cells = [_as_text([row[index] for index in self._picked]) for row in chunk.rows]

            def write(cells: list[tuple[str, ...]] = cells) -> tuple[Counts, list[_Found]]:
                return _write_others(reader, cells, context)

            self._commit(chunk, write, chunk.rows.__getitem__)

    def _workplace(self) -> Workplace:
        command = self._command
        lenders, agencies = load_codes()
        if command.dry_run and command.book_map.lender:
            lenders.setdefault(command.book_map.lender, 0)
        book_map = command.book_map
        # Only what a row is read by: the same row under another `as_of` is the same row.
        meaning = repr((book_map.sources, book_map.months, book_map.unit, book_map.currency, book_map.lender))
        digest = hashlib.sha256(meaning.encode()).digest()[:8]
        book = Book(lenders, agencies, self._file_id, command.as_of, digest)
        return Workplace(self._reading, book, command.synthetic_points)

    def _take(self, chunk: Any) -> _Taken:
        """A chunk whose rows are lines of text is sent as it is; of others the cells are joined here."""
        rows = chunk.rows
        lines: list[str] | None = getattr(rows, "lines", None)
        if lines is not None:
            cells = Cells(lines, rows.delimiter, self._width, self._picked)
            return _Taken(chunk, lines, rows.delimiter, cells)
        texts = [_as_text(row) for row in rows]
        rows.clear()
        joined = [SEPARATOR.join(row) for row in texts]
        return _Taken(chunk, joined, SEPARATOR, Cells([SEPARATOR.join(self._pick(row)) for row in texts]))

    def _fresh_ids(self, rows: int) -> range:
        return ids.take_many(max(1, ids_needed(rows, self._months)))

    def _commit_accounts(self, taken: _Taken, *, ahead: int) -> None:
        worked = taken.work.result() if taken.work is not None else self._work_here(taken, None)
        again = self._met_meanwhile(taken, worked)

        def write() -> tuple[Counts, list[_Found]]:
            counts, found = self._write_accounts(worked, again)
            if again:
                more, also = self._write_accounts(self._work_here(taken, again), frozenset())
                counts, found = counts + more, found + also
            return counts, found

        self._commit(taken.source, write, lambda position: taken.rows[position].split(taken.separator))
        self._committed += 1
        self._recent.append((self._committed, frozenset(worked.built.people).union(worked.built.debts)))
        while len(self._recent) > ahead + 1:
            self._recent.popleft()

    def _work_here(self, taken: _Taken, only: frozenset[int] | None) -> WorkedChunk:
        return self._desk.work(taken.cells, self._fresh_ids(len(taken.cells if only is None else only)), only)

    def _met_meanwhile(self, taken: _Taken, worked: WorkedChunk) -> frozenset[int]:
        """Rows whose person or account an earlier chunk brought after this one had asked the database."""
        built = worked.built
        met: set[bytes] = set()
        for number, keys in self._recent:
            if number > taken.committed_before:
                met.update(keys.intersection(built.people), keys.intersection(built.debts))
        if not met:
            return frozenset()
        of_rows = zip(built.positions, built.people, built.debts, strict=True)
        return frozenset(position for position, person, debt in of_rows if person in met or debt in met)

    def _write_accounts(self, worked: WorkedChunk, leave_out: frozenset[int]) -> tuple[Counts, list[_Found]]:
        built = worked.built
        if not self._command.dry_run:
            as_of = self._command.as_of
            write_accounts(built, leave_out=leave_out, file_id=self._file_id, as_of=as_of, at=self._at)
        kept = [new for position, new in zip(built.positions, built.is_new, strict=True) if position not in leave_out]
        counts = Counts(new=sum(kept), changed=len(kept) - sum(kept), unchanged=built.unchanged)
        return counts, [(position, one.column, one.code, one.text) for position, one in worked.problems]

    def _commit(
        self,
        source: Any,
        write: Callable[[], tuple[Counts, list[_Found]]],
        row_at: Callable[[int], Sequence[Any]],
    ) -> None:
        """One transaction: the rows of a chunk, its refused rows, the counters of the file."""
        refusals: list[Refusal] = []

        def write_all() -> tuple[Counts, list[Refusal]]:
            counts, found = write()
            for position, column, code, text in found:
                cells = _as_text(row_at(position))
                refusals.append(Refusal(source.numbers[position], column, code, text, cells))
            for fault in source.faults:
                refusals.append(Refusal(fault.row, fault.column or "", fault.code, fault.text, _as_text(fault.values)))
            refusals.sort(key=lambda refusal: refusal.row_number)
            return counts + Counts(refused=len(refusals)), refusals

        counts = commit_chunk(
            write_all,
            file_id=self._file_id,
            was_at=self._resume_at,
            resume_at=source.resume_at,
            at=self._at,
            dry_run=self._command.dry_run,
        )
        self._resume_at = source.resume_at
        self.counts = self.counts + counts
        self.reasons += refusals[: max(0, FIRST_REASONS - len(self.reasons))]
        self._progress(self.counts)


def _write_others(reader: RowReader, cells: list[tuple[str, ...]], context: RowsContext) -> tuple[Counts, list[_Found]]:
    """Read rows, write those that pass, gather what did not."""
    found: list[_Found] = []
    values: list[tuple[int, dict[str, Any]]] = []
    nothing = 0
    names = [known.name for known in reader.fields]
    for position, row in enumerate(cells):
        if reader.changes_nothing(row):
            nothing += 1
            continue
        read = reader.read(row)
        if isinstance(read, Problem):
            found.append((position, read.column, read.code, read.text))
        else:
            values.append((position, dict(zip(names, read, strict=True))))
    written = write_rows(context, values)
    for position, name, code in written.refused:
        wrong = problem(reader.column_of(name), code)
        found.append((position, wrong.column, wrong.code, wrong.text))
    return Counts(written.new, written.changed, written.unchanged + nothing), found


def _ahead(chunks: Iterator[_Taken]) -> Iterator[_Taken]:
    """The same chunks; the next one is read while this one is written, when there is little to do but wait."""
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(next, chunks, None)
        while (chunk := following.result()) is not None:
            following = reader.submit(next, chunks, None)
            yield chunk


@contextmanager
def _without_collector() -> Iterator[None]:
    """Rows make no cycles; looking for cycles among a million cells takes as long as reading them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _as_text(row: Sequence[Any]) -> tuple[str, ...]:
    """Cells of any table as the text that a CSV of it would hold."""
    return tuple([cell if type(cell) is str else _cell_text(cell) for cell in row])


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell)
