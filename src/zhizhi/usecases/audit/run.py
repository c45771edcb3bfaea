"""One audit from an open table to counts; findings and rejected rows go where the caller says."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from zhizhi.core.kernel.text import Text
from zhizhi.usecases.audit.audit_log import AuditLog, Spool, lay_down, work_all
from zhizhi.usecases.audit.findings import Finding
from zhizhi.usecases.audit.log_map import LogMap
from zhizhi.usecases.audit.tally import Tally
from zhizhi.usecases.audit.workers import AuditPlace, AuditWorkers
from zhizhi.usecases.intake.problems import FileRefused, Problem
from zhizhi.usecases.intake.table_shape import told_headings

ROWS_MAX = 20_000_000
RAGGED = Text(
    "列数与表头不一致,或该行无法读取;请检查分隔符与引号",
    "the row has another number of cells than the header, or cannot be read; help: look for a stray delimiter or quote",
)


class LogTable(Protocol):
    """An open table, as gateways give it. A row is its number and its values; whatever else comes is a faulty row."""

    columns: tuple[str, ...]

    def rows(self, start: int = 0) -> Iterator[object]:
        """Rows in the order of the file."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where an audit puts what it finds: findings, rejected rows, and how far it has come (phase, rows)."""

    finding: Callable[[Finding], None]
    rejected: Callable[[int, Sequence[str], Problem], None]
    progress: Callable[[str, int], None]


READING, JUDGING = "reading", "judging"


def run_audit(place: AuditPlace, table: LogTable, spool: Spool, outlets: Outlets) -> Tally:
    """Audit a table. Refuses: a file without a column of the map, or with too many rows (FileRefused)."""
    log_map = place.reading_of_log.log_map
    check_columns(table.columns, log_map)
    command = AuditLog(place.reading_of_log, place.law(), place.reading, place.facts, place.key)
    total, laid, unusable = Tally(), 0, 0
    picked = Picked(table, log_map, outlets)
    for number, problem in lay_down(command, picked.rows(), spool):
        unusable += 1
        outlets.rejected(number, picked.latest, problem)
    laid = picked.count - unusable
    with AuditWorkers(place, laid) as workers:
        for worked in work_all(spool, workers.submit, workers.ahead):
            total.merge(worked.tally)
            for finding in worked.findings:
                outlets.finding(finding)
            for number, problem in worked.rejected:
                outlets.rejected(number, (), problem)
            outlets.progress(JUDGING, total.contacts + total.inbound + total.rejected)
    total.rejected += unusable + picked.faulty
    return total


class Picked:
    """The cells of the map's columns, row by row, counted on the way."""

    def __init__(self, table: LogTable, log_map: LogMap, outlets: Outlets) -> None:
        self._table, self._outlets = table, outlets
        self._columns = log_map.columns
        self._places = [table.columns.index(column) for column in log_map.columns]
        self.count = self.faulty = 0
        self.latest: tuple[str, ...] = ()

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Row number and picked cells; a row that cannot be read is rejected here."""
        for row in self._table.rows():
            if not isinstance(row, tuple):
                self.faulty += 1
                problem = Problem(getattr(row, "column", None) or "", "ragged", getattr(row, "text", RAGGED))
                self._outlets.rejected(getattr(row, "row", 0), (), problem)
                continue
            number, values = row
            self.count += 1
            if self.count > ROWS_MAX:
                text = Text(f"超过 {ROWS_MAX} 行;请按月拆分", f"more than {ROWS_MAX} rows; help: split it by month")
                raise FileRefused("too_many_rows", text)
            self.latest = tuple(["" if (cell := values[place]) is None else str(cell) for place in self._places])
            if self.count % 5_000 == 0:
                self._outlets.progress(READING, self.count)
            yield number, self.latest


def check_columns(columns: Sequence[str], log_map: LogMap) -> None:
    """Refuses: a column that the map names and the file lacks."""
    absent = [column for column in log_map.columns if column not in columns]
    if absent:
        listed, found = ", ".join(f"`{one}`" for one in absent), told_headings(columns, columns)
        text = Text(
            f"文件缺少映射中的列:{listed};文件的列:{found}。请核对文件与映射是否配套",
            f"the file lacks columns that the map names: {listed}; it has {found}; help: check both",
        )
        raise FileRefused("missing_column", text)
