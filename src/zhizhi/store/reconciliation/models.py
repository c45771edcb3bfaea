"""Reconciliation in rows: a run of a source and day, its findings, the inquiries that they opened, and their steps."""

from uuid import uuid4

from django.db import models

from zhizhi.core.reconcile.facts import Kind
from zhizhi.store.columns import one_of
from zhizhi.store.lenders.models import Lender
from zhizhi.store.personal import declare, of_product, written

RUN_STATES = ("matched", "late", "unreadable")
INQUIRY_STATES = ("open", "answered", "explained", "breach")
GROUNDS = ("not_ours", "technical", "corrected_file", "test", "called_back", "other")
CONSEQUENCES = ("warned", "trained", "suspended", "agency_warned", "agency_ended", "reported", "other")
STEPS = ("opened", "answered", "sent_back", "explained", "breach", "left_file", "found_again", "file_came")


class ReconciliationRun(models.Model):
    """对账: the file of one source for one day, or that it was not there. A later file makes a later run, which is then
    the current one; every row and every used permit of the day has one place in the counts (checks).

    PII: none; counts, a file's name and digest. Retention: five years, as the contacts that it speaks of.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    source = models.TextField(help_text="code in records.toml")
    source_name = models.TextField()
    source_kind = models.TextField()
    on = models.DateField()
    zone = models.TextField()
    n = models.IntegerField(help_text="1, 2, … of this source and day")
    state = models.TextField()
    is_current = models.BooleanField(default=True)
    file_name = models.TextField(default="")
    file_sha256 = models.CharField(max_length=64, default="")
    file_stamp = models.TextField(
        default="", help_text="size and time of the file, to see without reading that it changed"
    )
    due_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField()
    failure = models.JSONField(null=True)
    header = models.JSONField(default=list, help_text="columns of the file, for the rejected rows")
    rows = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    inbound = models.BigIntegerField(default=0)
    agreed = models.BigIntegerField(default=0)
    differing = models.BigIntegerField(default=0)
    unmatched = models.BigIntegerField(default=0)
    permits = models.BigIntegerField(default=0)
    missing = models.BigIntegerField(default=0)
    carried = models.BigIntegerField(default=0)
    released = models.BigIntegerField(default=0, help_text="of the differing: pairs with a permit that was given back")

    personal = declare(
        "id lender_id source source_name source_kind on zone n state is_current file_name file_sha256 "
        "file_stamp due_at arrived_at worked_at failure header rows rejected inbound agreed differing "
        "unmatched permits missing carried released",
    )

    class Meta:
        db_table = "reconciliation_run"
        constraints = [
            one_of("reconciliation_run", "state", RUN_STATES),
            models.UniqueConstraint(fields=["source", "on", "n"], name="reconciliation_run_once"),
            models.UniqueConstraint(
                fields=["source", "on"], condition=models.Q(is_current=True), name="reconciliation_run_one_current"
            ),
            models.UniqueConstraint(
                fields=["source", "on"], condition=models.Q(state="late"), name="reconciliation_run_late_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    rows=models.F("rejected")
                    + models.F("inbound")
                    + models.F("agreed")
                    + models.F("differing")
                    + models.F("unmatched")
                ),
                name="reconciliation_run_rows_add_up",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    permits=models.F("agreed")
                    + models.F("differing")
                    - models.F("released")
                    + models.F("missing")
                    + models.F("carried")
                ),
                name="reconciliation_run_permits_add_up",
            ),
        ]
        indexes = [models.Index(fields=["on", "source"], name="reconciliation_run_by_day")]


class BreachInquiry(models.Model):
    """违规核查: something that should not be, until somebody has said what it was.

    Opened once for what it speaks of (`fingerprint`), however often a file is sent again. It ends as a confirmed
    breach, or explained: by two persons, or by a corrected file that holds the record that was missing.

    PII: `sealed` (what was found: times, lengths, a masked number) under the product's key; `person_id` and
    `permit_id` are ids. Retention: five years after it ended.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    subject = models.UUIDField(default=uuid4, help_text="random id that stands for the inquiry in the evidence log")
    source = models.TextField()
    source_name = models.TextField()
    on = models.DateField()
    kind = models.TextField()
    fingerprint = models.BinaryField(help_text="keyed hash of the row or permit that it speaks of")
    person_id = models.BigIntegerField(null=True)
    permit_id = models.BigIntegerField(null=True)
    sealed = models.BinaryField()
    state = models.TextField(default="open")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ground = models.TextField(null=True)
    answered_by = models.BigIntegerField(null=True)
    article = models.TextField(null=True)
    consequence = models.TextField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)

    personal = declare(
        "id lender_id subject source source_name on kind fingerprint person_id permit_id state opened_at "
        "due_at answered_by article consequence ended_at ended_by",
        sealed=of_product(
            "核查所见（时间、时长、掩码号码）",
            "what was found: times, lengths, a masked number",
            "reconciliation",
            "inquiry/{fingerprint}",
        ),
        ground=written("理由", "ground"),
    )

    class Meta:
        db_table = "breach_inquiry"
        constraints = [
            one_of("breach_inquiry", "state", INQUIRY_STATES),
            one_of("breach_inquiry", "kind", [kind.value for kind in Kind]),
            one_of("breach_inquiry", "ground", GROUNDS),
            one_of("breach_inquiry", "consequence", CONSEQUENCES),
            models.UniqueConstraint(fields=["source", "fingerprint"], name="breach_inquiry_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "answered"], ended_at__isnull=True)
                | models.Q(state__in=["explained", "breach"], ended_at__isnull=False),
                name="breach_inquiry_ends_with_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="explained")
                | models.Q(ground="corrected_file", ended_by__isnull=True, kind="permit_without_record")
                | models.Q(ground__isnull=False, answered_by__isnull=False, ended_by__isnull=False)
                & ~models.Q(answered_by=models.F("ended_by")),
                name="breach_inquiry_explained_by_two",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="breach")
                | models.Q(article__isnull=False, consequence__isnull=False, ended_by__isnull=False),
                name="breach_inquiry_breach_has_an_article",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="breach_inquiry_by_state"),
            models.Index(fields=["source", "on"], name="breach_inquiry_by_day"),
        ]


class ReconciliationFinding(models.Model):
    """What a run found about one row, one permit or its file; `kinds` all that is wrong with it, the gravest first.

    PII: none; the facts stand with the inquiry. Retention: with the run.
    """

    run = models.ForeignKey(ReconciliationRun, on_delete=models.PROTECT)
    inquiry = models.ForeignKey(BreachInquiry, on_delete=models.PROTECT)
    kind = models.TextField()
    kinds = models.JSONField()
    row_number = models.BigIntegerField(null=True)

    personal = declare(
        "id run_id inquiry_id kind kinds row_number",
    )

    class Meta:
        db_table = "reconciliation_finding"
        constraints = [models.UniqueConstraint(fields=["run", "inquiry"], name="reconciliation_finding_once")]
        indexes = [models.Index(fields=["run", "kind"], name="reconciliation_finding_by_kind")]


class InquiryStep(models.Model):
    """What happened to an inquiry, only ever added.

    PII: `sealed` (what staff wrote; numbers are refused) under the product's key. Retention: with the inquiry.
    """

    inquiry = models.ForeignKey(BreachInquiry, on_delete=models.PROTECT)
    at = models.DateTimeField()
    step = models.TextField()
    by = models.BigIntegerField(null=True, help_text="null: the nightly run")
    run = models.ForeignKey(ReconciliationRun, null=True, on_delete=models.PROTECT)
    sealed = models.BinaryField(null=True)

    personal = declare(
        "id inquiry_id at step by run_id",
        sealed=of_product("人员书写的内容", "what staff wrote", "reconciliation", "inquiry/{inquiry_id}/step"),
    )

    class Meta:
        db_table = "inquiry_step"
        constraints = [one_of("inquiry_step", "step", STEPS)]


class RejectedRecord(models.Model):
    """A row of a file that could not be read, to be mended and sent again.

    PII: `sealed` (the row as it came) under the product's key. Retention: erased 30 days after the run; that the row
    was rejected, and why, stays.
    """

    run = models.ForeignKey(ReconciliationRun, on_delete=models.PROTECT)
    row_number = models.BigIntegerField()
    column = models.TextField()
    code = models.TextField()
    reason_zh = models.TextField()
    reason_en = models.TextField()
    sealed = models.BinaryField(null=True)

    personal = declare(
        "id run_id row_number column code reason_zh reason_en",
        sealed=of_product("未能读取的原始行", "the row as it came", "reconciliation", "rejected/{run_id}/{row_number}"),
    )

    class Meta:
        db_table = "rejected_record"
        indexes = [models.Index(fields=["run", "row_number"], name="rejected_record_by_run")]


class ReconciledEdge(models.Model):
    """A permit used near midnight whose record stood in this run's file, so that the neighbour's does not miss it.

    PII: none. Retention: with the run.
    """

    run = models.ForeignKey(ReconciliationRun, on_delete=models.PROTECT)
    permit_id = models.BigIntegerField()

    personal = declare(
        "id run_id permit_id",
    )

    class Meta:
        db_table = "reconciled_edge"
