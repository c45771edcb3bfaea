"""The loan prime rate as a dated table: which rate stood on a day."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from zhizhi.core.debt.errors import DebtError, ErrorCode, Finding
from zhizhi.core.kernel.text import Text

LprRow = tuple[date, Fraction]


@dataclass(frozen=True, slots=True)
class LprTable:
    """One-year rates by the day from which each stands, ascending.

    `stale_after_days`: how long the last row is trusted; None for a table of a case, whose rows never go stale.
    """

    rows: tuple[LprRow, ...]
    version: str
    stale_after_days: int | None = None

    def __post_init__(self) -> None:
        days = [day for day, _ in self.rows]
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ValueError("rows of a rate table ascend by day")

    def on(self, day: date) -> Fraction:
        """The last rate published on or before `day`. Refuses: no_table, before the first row, after a stale last."""
        index = bisect_right(self.rows, day, key=lambda row: row[0])
        if index == 0:
            raise _no_table(Text("该日之前尚无公布的 LPR", "no rate was published on or before that day"))
        published_on, rate = self.rows[index - 1]
        is_last = index == len(self.rows)
        if is_last and self.stale_after_days is not None and (day - published_on).days > self.stale_after_days:
            raise _no_table(
                Text("表已过期，请补录最新 LPR", "the table ends too long before that day: add the newer rates")
            )
        return rate

    def extended(self, rows: Iterable[LprRow], version: str) -> "LprTable":
        """The table with newer rows behind its own."""
        return LprTable((*self.rows, *rows), version, self.stale_after_days)


def _no_table(wrong: Text) -> DebtError:
    return DebtError(Finding(ErrorCode.NO_TABLE, "tables.lpr", wrong))
