"""Findings as a CSV that a person opens in Excel, and in which no cell is a formula."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from zhizhi.gateways.files.rejected import guard

HEADINGS = (
    "行号 row", "时刻 at", "对象 who", "渠道 channel", "催收员 collector", "机构 agency", "结论 verdict", "规则 rule",
    "条款 cites", "可信度 confidence", "程度 severity", "说明", "explanation", "计入的行 rows counted", "假设 rests on",
)  # fmt: skip


class FindingsFile:
    """Writes findings one by one. PII: none beside work numbers, unless the run was asked to show persons."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow(HEADINGS)

    def write(self, cells: Sequence[object]) -> None:
        """One finding."""
        self._writer.writerow([cell if isinstance(cell, int) else guard(str(cell)) for cell in cells])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
