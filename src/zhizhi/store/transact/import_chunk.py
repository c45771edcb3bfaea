"""The transaction of an import: a chunk's rows, its refused rows and the file's counters together, or none of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.db import connections, transaction

from zhizhi.store.imports.rows import Counts, Refusal, advance, finish, keep_refused, link_resent
from zhizhi.store.lenders.models import Lender


def commit_chunk(
    write: Callable[[], tuple[Counts, list[Refusal]]],
    *,
    file_id: int,
    was_at: int,
    resume_at: int,
    at: datetime,
    dry_run: bool,
) -> Counts:
    """Commit what `write` writes. A dry run writes in the same way and takes everything back. Refuses: ImportBusy.

    The disk is not waited for: the rows of a chunk and where the file stands reach it together, or neither, and nothing
    is told of the file before `finish_file`, which waits for all of it.
    """
    with transaction.atomic(using="gate", durable=True):
        with connections["gate"].cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        counts, refusals = write()
        if dry_run:
            transaction.set_rollback(True, using="gate")
        else:
            advance(file_id, was_at, resume_at, counts)
            keep_refused(file_id, refusals, at)
    return counts


class LenderTerms(Protocol):
    """What a map says of its lender."""

    @property
    def profile(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def signature(self) -> str: ...
    @property
    def recorder(self) -> str: ...


def declare_lender(code: str, terms: LenderTerms, *, is_synthetic: bool) -> int:
    """The lender of a book whose map names it, made on first use; a known one stays as it is."""
    lender, _ = Lender.objects.using("gate").get_or_create(
        code=code,
        defaults={
            "name": terms.name or code,
            "profile": terms.profile,
            "signature": terms.signature,
            "recorder": terms.recorder,
            "is_synthetic": is_synthetic,
        },
    )
    return int(lender.pk)


def finish_file(file_id: int, resends_id: int | None, at: datetime) -> None:
    """Close the file, link what was sent again, leave the leaf."""
    with transaction.atomic(using="gate", durable=True):
        finish(file_id, at)
        if resends_id is not None:
            link_resent(resends_id, file_id)
