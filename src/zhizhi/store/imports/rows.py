"""The file of an import and its refused rows: opened once, advanced chunk by chunk, finished with a leaf."""

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connections

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.imports.models import ImportedFile, RefusedRow
from zhizhi.store.imports.search_rests import wake_search
from zhizhi.store.keyring import product_seal
from zhizhi.store.locks import Lock, claim, give_back
from zhizhi.store.transact.erasing import erase_batch
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

REFUSED_KEPT_FOR = timedelta(days=30)
SEAL_PURPOSE = "import/refused"


class ImportBusy(Refused):
    """Another process works on the same file."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file before its first row."""

    kind: str
    name: str
    digest: str
    map_digest: str
    map_body: str
    header: tuple[str, ...]
    as_of: date
    lender_id: int | None = None
    uploaded_by: int | None = None
    resends_id: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows came to what; accepted = new + changed + unchanged."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def accepted(self) -> int:
        """Rows that passed."""
        return self.new + self.changed + self.unchanged

    @property
    def rows(self) -> int:
        """All rows."""
        return self.accepted + self.refused

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that is being imported: where it goes on, and what was counted before."""

    id: int
    state: str
    resume_at: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that did not pass, with the cells as they came."""

    row_number: int
    column: str
    code: str
    text: Text
    cells: Sequence[str]


def find_or_open(facts: FileFacts, at: datetime, *, waiting_id: int | None = None) -> OpenFile:
    """The row of this file under this map: a finished one, one to go on with, or a new one."""
    files = ImportedFile.objects.using("gate")
    if waiting_id is not None:
        return _begin_waiting(waiting_id, facts, at)
    known = (
        files.filter(digest=facts.digest, map_digest=facts.map_digest, state__in=("running", "finished", "failed"))
        .order_by("-id")
        .first()
    )
    if known is not None:
        if known.state == "failed":
            files.filter(id=known.id).update(state="running", failure=None)
        return _open(known)
    return _open(
        files.create(
            kind=facts.kind,
            name=facts.name,
            digest=facts.digest,
            map_digest=facts.map_digest,
            map_body=facts.map_body,
            header=list(facts.header),
            as_of_on=facts.as_of,
            lender_id=facts.lender_id,
            uploaded_by=facts.uploaded_by,
            resends_id=facts.resends_id,
            state="running",
            started_at=at,
        )
    )


def _begin_waiting(waiting_id: int, facts: FileFacts, at: datetime) -> OpenFile:
    """An upload whose bytes are known now.

    A file that was imported before stays what it was, and the upload says so.
    """
    files = ImportedFile.objects.using("gate")
    known = files.filter(digest=facts.digest, map_digest=facts.map_digest, state="finished").order_by("id").first()
    if known is not None:
        files.filter(id=waiting_id).update(
            state="finished",
            digest=facts.digest,
            map_digest=facts.map_digest,
            header=list(facts.header),
            started_at=at,
            finished_at=at,
            rows_total=known.accepted,
            accepted=known.accepted,
            unchanged=known.accepted,
        )
        return _open(files.get(id=waiting_id))
    files.filter(id=waiting_id).update(
        digest=facts.digest,
        map_digest=facts.map_digest,
        header=list(facts.header),
        as_of_on=facts.as_of,
        lender_id=facts.lender_id,
        kind=facts.kind,
        started_at=at,
    )
    return _open(files.get(id=waiting_id))


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """An upload that waits for the worker."""

    id: int
    name: str
    map_body: str
    uploaded_by: int | None
    resends_id: int | None
    attempts: int


@contextmanager
def claim_waiting() -> Iterator[WaitingFile | None]:
    """The oldest upload that waits, or that a worker left behind when it died; nobody else's within.

    Who looks here also makes the search indexes that a killed import left out.
    """
    wake_search()
    with claim(Lock.UPLOAD, ImportedFile.objects.filter(uploaded_by__isnull=False)) as file_id:
        if file_id is None:
            yield None
            return
        row = ImportedFile.objects.using("gate").get(pk=file_id)
        yield WaitingFile(row.pk, row.name, row.map_body, row.uploaded_by, row.resends_id, row.attempts)


def give_waiting_back(waiting_id: int) -> None:
    """The try that was broken off does not count: it was not the file that ended it."""
    give_back(ImportedFile.objects.all(), waiting_id)


def fail_waiting(waiting_id: int, text: Text, code: str) -> None:
    """Note why an upload could not be imported."""
    ImportedFile.objects.using("gate").filter(id=waiting_id).exclude(state__in=("finished", "withdrawn")).update(
        state="failed", failure={"code": code, "zh": text.zh, "en": text.en}
    )


def _open(row: ImportedFile) -> OpenFile:
    counts = Counts(row.accepted - row.changed - row.unchanged, row.changed, row.unchanged, row.refused)
    return OpenFile(row.id, row.state, row.rows_done, counts)


def advance(file_id: int, was_at: int, resume_at: int, counts: Counts) -> None:
    """Count a chunk in the transaction that writes it; whoever got on is not what keeps killing its worker.

    Refuses: a file that somebody else has moved on.
    """
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE imported_file SET attempts = 0, rows_done = %s, accepted = accepted + %s, changed = changed + %s,"
            " unchanged = unchanged + %s, refused = refused + %s, rows_total = rows_total + %s"
            " WHERE id = %s AND rows_done = %s AND state = 'running'",
            [
                resume_at,
                counts.accepted,
                counts.changed,
                counts.unchanged,
                counts.refused,
                counts.rows,
                file_id,
                was_at,
            ],
        )
        if cursor.rowcount != 1:
            raise ImportBusy(
                "import_busy",
                Text(
                    f"导入 {file_id} 正由另一进程处理，或已撤回；本进程未写入任何内容",
                    f"import {file_id} is worked on by another process, or was withdrawn; this one wrote nothing",
                ),
            )


def keep_refused(file_id: int, refusals: Iterable[Refusal], at: datetime) -> None:
    """Keep rows that did not pass, sealed under the product's key."""
    seal = product_seal(SEAL_PURPOSE)
    RefusedRow.objects.using("gate").bulk_create(
        RefusedRow(
            file_id=file_id,
            row_number=refusal.row_number,
            column=refusal.column,
            code=refusal.code,
            reason_zh=refusal.text.zh,
            reason_en=refusal.text.en,
            sealed=seal.close_json(list(refusal.cells), f"refused/{file_id}/{refusal.row_number}"),
            refused_at=at,
        )
        for refusal in refusals
    )


def open_refused(file_id: int, row_number: int, sealed: bytes) -> list[str]:
    """The cells of a refused row as they came."""
    cells: list[str] = product_seal(SEAL_PURPOSE).open_json(sealed, f"refused/{file_id}/{row_number}")
    return cells


def link_resent(earlier_id: int, later_id: int) -> int:
    """Mark the refused rows of the earlier file as sent again in the later one; answers how many."""
    rows = RefusedRow.objects.using("gate").filter(file_id=earlier_id, resent_in=None)
    return rows.update(resent_in=later_id)


def finish(file_id: int, at: datetime) -> None:
    """Close the file and leave its leaf, in the caller's transaction; a file that is finished stays as it is."""
    row = ImportedFile.objects.using("gate").select_for_update().get(id=file_id)
    if row.state != "running":
        return
    row.state, row.finished_at, row.failure = "finished", at, None
    row.save(using="gate", update_fields=["state", "finished_at", "failure"])
    add_leaves([_leaf(row, at, "finished", {})])


def fail(digest: str, map_digest: str, text: Text, code: str) -> None:
    """Note why a file could not be read to its end; what was committed stays, the rest may go on later."""
    files = ImportedFile.objects.using("gate").filter(digest=digest, map_digest=map_digest)
    files.exclude(state="withdrawn").update(state="failed", failure={"code": code, "zh": text.zh, "en": text.en})


def leaf_of_withdrawal(row: ImportedFile, at: datetime, said: dict[str, Any]) -> None:
    """The leaf of a withdrawal: its ground, who took the file back, and what was done."""
    add_leaves([_leaf(row, at, "withdrawn", said)])


def _leaf(row: ImportedFile, at: datetime, state: str, more: dict[str, Any]) -> NewLeaf:
    values: dict[str, Any] = {
        "file": row.digest,
        "map": row.map_digest,
        "kind": row.kind,
        "state": state,
        "rows": {
            "total": row.rows_total,
            "accepted": row.accepted,
            "changed": row.changed,
            "unchanged": row.unchanged,
            "refused": row.refused,
        },
        **more,
    }
    return NewLeaf(LeafKind.IMPORT, at, _subject(row.id, row.digest), values, source_id=row.id)


def _subject(file_id: int, digest: str) -> uuid.UUID:
    """One random-looking id a file: leaves of its import and of its withdrawal share it."""
    return uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([file_id, digest]))


def erase_refused(at: datetime) -> int:
    """Erase sealed refused rows thirty days after their refusal, a batch of them; row, column and reason stay."""
    due = RefusedRow.objects.filter(refused_at__lt=at - REFUSED_KEPT_FOR, sealed__isnull=False)
    return erase_batch(due, at, sealed=None, erased_at=at)
