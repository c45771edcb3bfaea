"""What screens read about imports: the files, how far each got, and the rows that did not pass."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.imports.models import ImportedFile, RefusedRow

FILES_PER_PAGE = 50
REFUSED_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class FileRow:
    """One imported file."""

    id: int
    kind: str
    name: str
    state: str
    started_at: datetime | None
    finished_at: datetime | None
    rows_total: int
    rows_done: int
    accepted: int
    unchanged: int
    changed: int
    refused: int
    withdrawn_at: datetime | None
    failure: dict[str, Any] | None

    @property
    def percent(self) -> int:
        """Rows done of rows in all."""
        return 100 * self.rows_done // self.rows_total if self.rows_total else 0


_COLUMNS = (
    "id",
    "kind",
    "name",
    "state",
    "started_at",
    "finished_at",
    "rows_total",
    "rows_done",
    "accepted",
    "unchanged",
    "changed",
    "refused",
    "withdrawn_at",
    "failure",
)


def load_files(before: int | None) -> list[FileRow]:
    """One page of files, the newest first."""
    files = ImportedFile.objects.order_by("-id")
    if before is not None:
        files = files.filter(id__lt=before)
    return [FileRow(*row) for row in files.values_list(*_COLUMNS)[:FILES_PER_PAGE]]


def access_file(file_id: int) -> FileRow | None:
    """A file that this viewer may see."""
    for row in ImportedFile.objects.filter(id=file_id).values_list(*_COLUMNS):
        return FileRow(*row)
    return None


@dataclass(frozen=True, slots=True)
class RefusedRowView:
    """A row that did not pass: where, why, and what to do. Its content stays sealed."""

    id: int
    row_number: int
    column: str
    code: str
    reason: Text
    refused_at: datetime
    erased_at: datetime | None
    resent_in: int | None


def load_refused_rows(file_id: int, after_row: int) -> list[RefusedRowView]:
    """One page of the refused rows of a file, in the order of the file."""
    rows = RefusedRow.objects.filter(file_id=file_id, row_number__gt=after_row).order_by("row_number")
    columns = ("id", "row_number", "column", "code", "reason_zh", "reason_en", "refused_at", "erased_at", "resent_in")
    return [
        RefusedRowView(row_id, number, column, code, Text(zh, en), *rest)
        for row_id, number, column, code, zh, en, *rest in rows.values_list(*columns)[:REFUSED_PER_PAGE]
    ]


def count_refused_rows_waiting() -> int:
    """Refused rows that nobody mended yet and that are not erased yet."""
    return RefusedRow.objects.filter(resent_in=None, erased_at=None).count()
