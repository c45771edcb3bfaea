"""A run of reconciliation is written in one transaction: run, findings, inquiries, steps, rejected rows and leaves.

Either all of a file counts or nothing of it: a file that breaks off in the middle leaves no row behind.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connections, transaction
from django.db.models import Max

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import Kind
from zhizhi.store.keyring import product_seal
from zhizhi.store.reconciliation.models import (
    BreachInquiry,
    InquiryStep,
    ReconciledEdge,
    ReconciliationFinding,
    ReconciliationRun,
    RejectedRecord,
)
from zhizhi.store.reconciliation.runs import load_missed
from zhizhi.store.reconciliation.sealing import PURPOSE, facts_place, rejected_place
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NewRun:
    """What is known of a run before its first row."""

    lender_id: int
    source: str
    source_name: str
    source_kind: str
    on: date
    zone: str
    due_at: datetime
    answer_due_at: datetime
    file_name: str = ""
    file_sha256: str = ""
    file_stamp: str = ""
    arrived_at: datetime | None = None
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: all that is wrong with a row, a permit or a file, the gravest first."""

    kinds: tuple[Kind, ...]
    fingerprint: bytes
    facts: Mapping[str, Any] = field(repr=False)
    row: int | None = None
    person_id: int | None = None
    permit_id: int | None = None


@dataclass(slots=True)
class Counts:
    """What became of the rows of a file and of the permits of its day; the table checks the sums."""

    rows: int = 0
    rejected: int = 0
    inbound: int = 0
    agreed: int = 0
    differing: int = 0
    unmatched: int = 0
    permits: int = 0
    missing: int = 0
    carried: int = 0
    released: int = 0


class RunWriter:
    """Writes one run; the transaction is open, and nothing counts before it ends."""

    def __init__(self, run: ReconciliationRun, previous_id: int | None, answer_due_at: datetime) -> None:
        self.run_id: int = run.pk
        self._run = run
        self._previous_id = previous_id
        self._answer_due_at = answer_due_at
        self._missed = load_missed(run.source, run.on)
        self._seal = product_seal(PURPOSE)
        self._found: list[Found] = []
        self._rejected: list[RejectedRecord] = []
        self._edges: list[ReconciledEdge] = []
        self._met: list[int] = []

    def reject(self, row: int, cells: Sequence[str], column: str, code: str, reason: Text) -> None:
        """Keep a row that cannot be read."""
        sealed = self._seal.close_json(list(cells), rejected_place(self.run_id, row))
        self._rejected.append(
            RejectedRecord(
                run_id=self.run_id, row_number=row, column=column, code=code, reason_zh=reason.zh,
                reason_en=reason.en, sealed=sealed,
            )
        )  # fmt: skip
        if len(self._rejected) >= AT_ONCE:
            self._flush()

    def find(self, found: Found) -> None:
        """Keep a finding."""
        self._found.append(found)
        if len(self._found) >= AT_ONCE:
            self._flush()

    def edge(self, permit_id: int) -> None:
        """A permit near midnight has its record in this file."""
        self._edges.append(ReconciledEdge(run_id=self.run_id, permit_id=permit_id))

    def met(self, permit_id: int) -> None:
        """A permit has its record in this file; whoever missed it need not any more."""
        if permit_id in self._missed:
            self._met.append(self._missed[permit_id])

    def finish(self, counts: Counts, header: Sequence[str]) -> None:
        """Write the counts, what the run before found and this one does not, and what is explained by it."""
        self._flush()
        ReconciledEdge.objects.using("gate").bulk_create(self._edges)
        ReconciliationRun.objects.using("gate").filter(pk=self.run_id).update(**asdict(counts), header=list(header))
        explain_met(self._met, self._run, self._run.worked_at)
        if self._previous_id is not None:
            _note_left(self._previous_id, self._run)

    def _flush(self) -> None:
        RejectedRecord.objects.using("gate").bulk_create(self._rejected)
        self._rejected.clear()
        if not self._found:
            return
        wanted = {found.fingerprint: found for found in self._found}
        assert len(wanted) == len(self._found), "two findings of a run speak of one thing"
        inquiries = BreachInquiry.objects.using("gate").filter(source=self._run.source, fingerprint__in=list(wanted))
        known = {bytes(fingerprint): pk for fingerprint, pk in inquiries.values_list("fingerprint", "pk")}
        fresh = [found for found in self._found if found.fingerprint not in known]
        known |= _open(self._run, fresh, self._answer_due_at)
        self._note_again([pk for fingerprint, pk in known.items() if fingerprint not in {f.fingerprint for f in fresh}])
        ReconciliationFinding.objects.using("gate").bulk_create(
            ReconciliationFinding(
                run_id=self.run_id, inquiry_id=known[found.fingerprint], kind=found.kinds[0].value,
                kinds=[kind.value for kind in found.kinds], row_number=found.row,
            )
            for found in self._found
        )  # fmt: skip
        self._found.clear()

    def _note_again(self, inquiries: Sequence[int]) -> None:
        """An inquiry that the run before did not find, and an earlier one did, is found again."""
        before = ReconciliationFinding.objects.using("gate").filter(run_id=self._previous_id, inquiry_id__in=inquiries)
        continued = set(before.values_list("inquiry_id", flat=True))
        InquiryStep.objects.using("gate").bulk_create(
            InquiryStep(inquiry_id=pk, at=self._run.worked_at, step="found_again", run_id=self.run_id)
            for pk in inquiries
            if pk not in continued
        )


@contextmanager
def writing_run(new: NewRun, at: datetime) -> Iterator[RunWriter]:
    """A run of a file that can be read, in one durable transaction. It takes the place of the run before."""
    with transaction.atomic(using="gate", durable=True):
        runs = ReconciliationRun.objects.using("gate").filter(source=new.source, on=new.on)
        previous = runs.filter(is_current=True).values_list("pk", flat=True).first()
        runs.filter(is_current=True).update(is_current=False)
        yield RunWriter(_create(new, "matched", at), previous, new.answer_due_at)


def record_failed_run(new: NewRun, state: str, found: Found, failure: Text | None, at: datetime) -> int:
    """A run without a file that could be matched: `late` or `unreadable`, with its inquiry.

    What an earlier file of the day showed stays current: a broken correction corrects nothing.
    """
    with transaction.atomic(using="gate", durable=True):
        runs = ReconciliationRun.objects.using("gate").filter(source=new.source, on=new.on)
        is_current = not runs.filter(is_current=True, state="matched").exists()
        if is_current:
            runs.filter(is_current=True).update(is_current=False)
        run = _create(new, state, at, is_current=is_current, failure=failure)
        writer = RunWriter(run, None, new.answer_due_at)
        writer.find(found)
        writer.finish(Counts(), ())
        return int(run.pk)


def _create(
    new: NewRun, state: str, at: datetime, *, is_current: bool = True, failure: Text | None = None
) -> ReconciliationRun:
    latest = ReconciliationRun.objects.using("gate").filter(source=new.source, on=new.on).aggregate(n=Max("n"))["n"]
    given = asdict(new)
    del given["answer_due_at"]
    written = {"zh": failure.zh, "en": failure.en} if failure else None
    return ReconciliationRun.objects.using("gate").create(
        **given | {"header": list(new.header)},
        n=(latest or 0) + 1, state=state, is_current=is_current, worked_at=at, failure=written,
    )  # fmt: skip


def _open(run: ReconciliationRun, fresh: Sequence[Found], due_at: datetime) -> dict[bytes, int]:
    seal = product_seal(PURPOSE)
    inquiries = BreachInquiry.objects.using("gate").bulk_create(
        BreachInquiry(
            lender_id=run.lender_id, source=run.source, source_name=run.source_name, on=run.on,
            kind=found.kinds[0].value, fingerprint=found.fingerprint, person_id=found.person_id,
            permit_id=found.permit_id, opened_at=run.worked_at, due_at=due_at,
            sealed=seal.close_json(dict(found.facts), facts_place(found.fingerprint)),
        )
        for found in fresh
    )  # fmt: skip
    InquiryStep.objects.using("gate").bulk_create(
        InquiryStep(inquiry_id=one.pk, at=run.worked_at, step="opened", run_id=run.pk) for one in inquiries
    )
    add_leaves(
        NewLeaf(
            LeafKind.INQUIRY, run.worked_at, one.subject,
            {"source": one.source, "on": one.on.isoformat(), "kind": one.kind, "permit": one.permit_id},
            None, one.pk, source_table="breach_inquiry",
        )
        for one in inquiries
    )  # fmt: skip
    return {bytes(one.fingerprint): one.pk for one in inquiries}


def explain_met(inquiries: Sequence[int], run: ReconciliationRun, at: datetime) -> None:
    """A file holds the record that was missed: the file explains it, and no person has to."""
    rows = BreachInquiry.objects.using("gate").filter(pk__in=inquiries, state__in=("open", "answered"))
    explained = list(rows.select_for_update().values_list("pk", "subject"))
    rows.update(state="explained", ground="corrected_file", ended_at=at, ended_by=None)
    InquiryStep.objects.using("gate").bulk_create(
        InquiryStep(inquiry_id=pk, at=at, step="explained", run_id=run.pk) for pk, _ in explained
    )
    add_leaves(
        NewLeaf(
            LeafKind.INQUIRY, at, subject, {"state": "explained", "ground": "corrected_file", "ended_by": None},
            None, pk, source_table="breach_inquiry",
        )
        for pk, subject in explained
    )  # fmt: skip


_LEFT = """
INSERT INTO inquiry_step (inquiry_id, at, step, run_id)
SELECT i.id, %(at)s, 'left_file', %(run)s
FROM reconciliation_finding f JOIN breach_inquiry i ON i.id = f.inquiry_id
WHERE f.run_id = %(previous)s AND i.state IN ('open', 'answered') AND i.kind NOT IN ('file_late', 'file_unreadable')
  AND NOT EXISTS (SELECT 1 FROM reconciliation_finding g WHERE g.run_id = %(run)s AND g.inquiry_id = i.id)
ORDER BY i.id
"""
_CAME = """
INSERT INTO inquiry_step (inquiry_id, at, step, run_id)
SELECT i.id, %(at)s, 'file_came', %(run)s
FROM breach_inquiry i
WHERE i.source = %(source)s AND i."on" = %(on)s AND i.kind IN ('file_late', 'file_unreadable')
  AND NOT EXISTS (SELECT 1 FROM inquiry_step s WHERE s.inquiry_id = i.id AND s.step = 'file_came')
ORDER BY i.id
"""


def _note_left(previous_id: int, run: ReconciliationRun) -> None:
    """What a corrected file no longer shows stays open, as does that a file was late: a person says why."""
    known: dict[str, Any] = {
        "at": run.worked_at,
        "run": run.pk,
        "previous": previous_id,
        "source": run.source,
        "on": run.on,
    }
    with connections["gate"].cursor() as cursor:
        cursor.execute(_LEFT, known)
        cursor.execute(_CAME, known)
