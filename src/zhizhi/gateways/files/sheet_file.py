"""A private file of guarded CSV: what a person opens in a spreadsheet and others on the machine may not read."""

from pathlib import Path
from types import TracebackType
from typing import Self

from zhizhi.core.kernel.sheets import ENCODING


class SheetFile:
    """Takes lines of `core/kernel/sheets.py`, the heading first. The file is the owner's alone (0600)."""

    def __init__(self, path: Path, heading: str) -> None:
        path.touch(mode=0o600)
        self._file = path.open("w", encoding=ENCODING, newline="")
        self._file.write(heading)

    def add(self, line: str) -> None:
        """One line."""
        self._file.write(line)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
