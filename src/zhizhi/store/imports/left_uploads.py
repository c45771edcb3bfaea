"""Files of uploads that no job deleted: of imports and audits that failed, that a killed worker left, or of no row."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction

from zhizhi.core.evidence.fsck import Lying
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.audits.models import AuditRun
from zhizhi.store.imports.models import ImportedFile
from zhizhi.store.locks import CLAIMABLE
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.transact.erasing import subject_of
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

UPLOAD_KEPT_FOR = timedelta(days=30)
"""After it was brought: as long as the refused rows of a file that was read."""
AUDIT = "audit-"


def lying_uploads(folder: Path) -> Iterator[Lying]:
    """The files that lie there, since when."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                yield Lying(entry.name, datetime.fromtimestamp(entry.stat().st_mtime, UTC))


def state_of_upload(name: str) -> str | None:
    """The state of the run that a file belongs to; None: no row speaks of it."""
    model, digits = (AuditRun, name.removeprefix(AUDIT)) if name.startswith(AUDIT) else (ImportedFile, name)
    number = digits.removesuffix(".facts") if model is AuditRun else digits
    if not (number.isascii() and number.isdigit()):
        return None
    return model.objects.using("gate").filter(pk=int(number)).values_list("state", flat=True).first()


def upload_is_due(file: Lying, at: datetime) -> bool:
    """Whether a file is to be deleted: nothing will read it again, or its time is over."""
    state = state_of_upload(file.name)
    if state in CLAIMABLE:
        return False
    return state == "finished" or file.since < at - UPLOAD_KEPT_FOR


def erase_upload(folder: Path, file: Lying, at: datetime) -> bool:
    """Write that a file is deleted, then delete it; False where somebody takes the run up again.

    A process that dies between the two leaves a file that the next round deletes. Refuses: a clock that is not trusted.
    """
    with transaction.atomic(using="gate", durable=True):
        require_clock()
        imports = ImportedFile.objects.using("gate").select_for_update()
        row = imports.filter(pk=int(file.name)).first() if file.name.isascii() and file.name.isdigit() else None
        if not upload_is_due(file, at):
            return False
        if row is not None and row.state != "finished":
            row.upload_erased_at = row.upload_erased_at or at
            row.save(using="gate", update_fields=["upload_erased_at"])
        told = {"file": file.name, "since": file.since.isoformat(timespec="seconds")}
        add_leaves([NewLeaf(LeafKind.ERASURE, at, subject_of("uploads"), told)])
    (folder / file.name).unlink(missing_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True


def erase_uploads(folder: Path, at: datetime, limit: int) -> int:
    """Delete files that nothing will read again, at most so many; answers how many."""
    if not folder.is_dir():
        return 0
    erased = 0
    for file in lying_uploads(folder):
        if erased == limit:
            break
        erased += upload_is_due(file, at) and erase_upload(folder, file, at)
    return erased
