"""What the command and the screen read about imports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.imports.models import ImportedFile, RefusedRow
from zhizhi.store.imports.rows import Counts, open_refused
from zhizhi.store.lenders.models import Agency, Lender

PAGE = 50


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import in the list."""

    id: int
    kind: str
    name: str
    state: str
    counts: Counts
    rows_done: int
    started_at: datetime | None
    finished_at: datetime | None
    withdrawn_at: datetime | None
    failure: Text | None
    upload_erased_at: datetime | None

    @property
    def outcome(self) -> str:
        """The state, and of a finished import whether every row passed, some or none."""
        if self.state != "finished" or not self.counts.refused:
            return self.state
        return "partly_refused" if self.counts.accepted else "all_refused"

    @property
    def wants_mending(self) -> bool:
        """Whether somebody has rows or a file to mend and send again."""
        return self.outcome in ("failed", "partly_refused", "all_refused")


@dataclass(frozen=True, slots=True)
class RefusedCells:
    """A refused row, opened: what came and why it did not pass."""

    row_number: int
    column: str
    code: str
    reason: Text
    cells: list[str]


def load_imports(*, using: str = "default", before_id: int | None = None, rows: int = PAGE) -> list[ImportRow]:
    """The newest imports, a page at a time."""
    files = ImportedFile.objects.using(using).order_by("-id")
    if before_id is not None:
        files = files.filter(id__lt=before_id)
    return [_row(file) for file in files[:rows]]


def load_import(file_id: int, *, using: str = "default") -> ImportRow | None:
    """One import."""
    file = ImportedFile.objects.using(using).filter(id=file_id).first()
    return _row(file) if file is not None else None


def load_refused_header(file_id: int, *, using: str = "gate") -> tuple[str, ...]:
    """Names of the columns of a file."""
    return tuple(ImportedFile.objects.using(using).values_list("header", flat=True).get(id=file_id))


def iterate_refused(file_id: int, *, using: str = "gate", after_row: int = 0) -> Iterator[RefusedCells]:
    """Refused rows of a file that are not erased, in order, behind a row, opened one by one."""
    rows = RefusedRow.objects.using(using).filter(file_id=file_id, sealed__isnull=False, row_number__gt=after_row)
    rows = rows.order_by("row_number")
    for row in rows.iterator(chunk_size=500):
        assert row.sealed is not None
        cells = open_refused(file_id, row.row_number, bytes(row.sealed))
        yield RefusedCells(row.row_number, row.column, row.code, Text(row.reason_zh, row.reason_en), cells)


def load_refused_reasons(file_id: int, *, using: str = "default", limit: int = 20) -> list[tuple[int, str, str, Text]]:
    """The first reasons: row, column, code, text."""
    rows = RefusedRow.objects.using(using).filter(file_id=file_id).order_by("row_number")[:limit]
    return [(row.row_number, row.column, row.code, Text(row.reason_zh, row.reason_en)) for row in rows]


def load_codes(*, using: str = "gate") -> tuple[dict[str, int], dict[str, int]]:
    """Ids of lenders and of agencies by code."""
    lenders = dict(Lender.objects.using(using).values_list("code", "id"))
    agencies = dict(Agency.objects.using(using).values_list("code", "id"))
    return lenders, agencies


def _row(file: ImportedFile) -> ImportRow:
    counts = Counts(file.accepted - file.changed - file.unchanged, file.changed, file.unchanged, file.refused)
    failure = Text(file.failure["zh"], file.failure["en"]) if file.failure else None
    return ImportRow(
        file.id,
        file.kind,
        file.name,
        file.state,
        counts,
        file.rows_done,
        file.started_at,
        file.finished_at,
        file.withdrawn_at,
        failure,
        file.upload_erased_at,
    )
