"""Filings with carriers, step by step, and recalls of wordings."""

from django.db import models
from django.db.models import F, Q

from zhizhi.core.kernel.carriers import CARRIERS
from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import one_of
from zhizhi.store.filings.words import APPROVED, FILED_CHANNELS, REJECTED, STATES, SUBMITTED
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import declare
from zhizhi.store.templates.models import TemplateVersion


class CarrierFiling(models.Model):
    """报备: one step of one filing with one carrier, of a signature or of a wording; only ever added, the last counts.

    PII: none. Retention: for ever, as the proof that a text was filed when it left.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    channel = models.TextField()
    carrier = models.TextField()
    signature = models.TextField(default="", help_text="what stands in 【】; empty: the filing is of a wording")
    version = models.ForeignKey(TemplateVersion, null=True, on_delete=models.PROTECT, related_name="+")
    n = models.IntegerField()
    state = models.TextField()
    number = models.TextField(default="", help_text="the carrier's number")
    on_day = models.DateField(help_text="the carrier's day: of submission, answer, withdrawal")
    expires_on = models.DateField(null=True, help_text="last day in force; null: without an end")
    reason = models.TextField(default="")
    evidence = models.TextField(default="", help_text="where the carrier's answer is kept")
    evidence_sha256 = models.TextField(default="")
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    personal = declare(
        "id lender_id channel carrier signature version_id n state number on_day expires_on reason evidence "
        "evidence_sha256 approval_id by_id at",
    )

    class Meta:
        db_table = "carrier_filing"
        constraints = [
            one_of("carrier_filing", "channel", FILED_CHANNELS),
            one_of("carrier_filing", "carrier", tuple(CARRIERS)),
            one_of("carrier_filing", "state", tuple(STATES)),
            models.CheckConstraint(
                condition=Q(signature="", version__isnull=False) | (~Q(signature="") & Q(version__isnull=True)),
                name="carrier_filing_of_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(SUBMITTED, APPROVED)) | ~Q(evidence=""), name="carrier_filing_has_evidence"
            ),
            models.CheckConstraint(condition=~Q(state=APPROVED) | ~Q(number=""), name="carrier_filing_has_a_number"),
            models.CheckConstraint(condition=~Q(state=REJECTED) | ~Q(reason=""), name="carrier_filing_says_why"),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(state=APPROVED, expires_on__gt=F("on_day")),
                name="carrier_filing_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["lender", "channel", "carrier", "signature", "version", "n"],
                name="carrier_filing_step_once",
                nulls_distinct=False,
            ),
        ]


class WordingRecall(models.Model):
    """停用: a version that was withdrawn at once, who did it and why, and what was done for those who had it.

    PII: none; reason and follow-up are refused with a number in them. Retention: for ever, as the version.
    """

    version = models.OneToOneField(TemplateVersion, on_delete=models.PROTECT, related_name="recall")
    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    due_at = models.DateTimeField(help_text="by when those who had it are followed up")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    followed_up = models.TextField(default="", help_text="what was done for those who had it")

    personal = declare("id version_id lender_id at by_id reason due_at closed_at closed_by_id followed_up")

    class Meta:
        db_table = "wording_recall"
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, followed_up="")
                | (Q(closed_at__gte=F("at"), closed_by__isnull=False) & ~Q(followed_up="")),
                name="wording_recall_closed_with_words",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(closed_at=None), name="wording_recall_open")]
