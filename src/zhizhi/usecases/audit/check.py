"""A dry run: every row of a log is read, none is judged."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from zhizhi.core.kernel.text import Text
from zhizhi.usecases.audit.rows import LogReader, LogReading
from zhizhi.usecases.audit.run import LogTable, Outlets, Picked, check_columns
from zhizhi.usecases.intake.problems import Problem

EXAMPLES_MAX = 5


@dataclass(slots=True)
class Checked:
    """How many rows can be read, and what is wrong with the others: counts and first rows by column and reason."""

    readable: int = 0
    rejected: int = 0
    problems: Counter[tuple[str, Text]] = field(default_factory=Counter)
    rows: dict[tuple[str, Text], list[int]] = field(default_factory=lambda: defaultdict(list))

    def reject(self, row: int, problem: Problem) -> None:
        """Count a row that cannot be read."""
        self.rejected += 1
        reason = (problem.column, problem.text)
        self.problems[reason] += 1
        if len(self.rows[reason]) < EXAMPLES_MAX:
            self.rows[reason].append(row)


def check_rows(table: LogTable, reading: LogReading) -> Checked:
    """Read every row. Refuses: what `run_audit` refuses of the whole file."""
    check_columns(table.columns, reading.log_map)
    checked, reader = Checked(), LogReader(reading)
    outlets = Outlets(lambda _: None, lambda row, _, problem: checked.reject(row, problem), lambda _phase, _rows: None)
    for number, cells in Picked(table, reading.log_map, outlets).rows():
        key = reader.key(cells)
        read = key if isinstance(key, Problem) else reader.contact(cells, number)
        if isinstance(read, Problem):
            checked.reject(number, read)
        else:
            checked.readable += 1
    return checked
