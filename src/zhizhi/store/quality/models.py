"""Draws of contacts, and the reviews of those that were drawn."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from zhizhi.core.quality.marks import FULL, Severity
from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.personal import declare, written
from zhizhi.store.quality.words import CONSEQUENCES, STATES

_VERDICTS = [one.value for one in Severity]


class QualityDraw(models.Model):
    """质检抽样: the contacts of a lender on some days that were drawn, with all that it takes to draw them again.

    PII: none. Retention: for ever, as the leaf that speaks of it.
    """

    subject = models.UUIDField(default=uuid4, unique=True, help_text="random id that stands for it in the evidence log")
    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    from_on = models.DateField()
    until_on = models.DateField(help_text="last day, included")
    plan = models.JSONField(help_text="share, floors and blind share in thousandths")
    seeds = models.JSONField(help_text="by day: size and root of the checkpoint that was signed after it")
    candidates = models.IntegerField()
    drawn = models.IntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the names that were drawn, in their order")
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    personal = declare("id subject lender_id from_on until_on plan seeds candidates drawn digest drawn_at drawn_by_id")

    class Meta:
        db_table = "quality_draw"
        constraints = [
            models.UniqueConstraint(fields=["lender", "from_on"], name="quality_draw_once_a_day"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="quality_draw_has_days"),
        ]


class QualityReview(PersonRow):
    """质检: what one reviewer found in one contact, the collector's appeal, the second look, and what came of it.

    `n` 1 counts for the collector; 2 is the blind second, for agreement alone.
    PII: what staff wrote about an employee's contact; numbers are refused. Retention: collection record, five years.
    """

    draw_id = models.BigIntegerField()
    contact_id = models.BigIntegerField()
    n = models.IntegerField()
    at = models.DateTimeField(help_text="of the contact")
    channel = models.TextField()
    lender_id = models.BigIntegerField()
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", help_text="who made the contact")
    team = models.TextField(default="")
    reviewer = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    because = models.JSONField(help_text="for which strata it was drawn")
    state = models.TextField(default="waiting")
    is_revealed = models.BooleanField(default=False, help_text="every reviewer of this contact is done")
    marks = models.JSONField(default=list, help_text="code and second of each")
    score = models.IntegerField(null=True)
    severity = models.TextField(null=True)
    remark = models.TextField(default="")
    done_at = models.DateTimeField(null=True)
    appeal_until = models.DateField(null=True, help_text="last day for the collector's appeal")
    appeal = models.TextField(default="")
    appealed_at = models.DateTimeField(null=True)
    ruled_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField(null=True)
    ruling = models.TextField(default="")
    consequence = models.TextField(null=True)
    consequence_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    consequence_at = models.DateTimeField(null=True)
    consequence_ground = models.TextField(default="")

    personal = declare(
        "draw_id contact_id n at channel lender_id agency_id staff_id team reviewer_id because state is_revealed marks"
        " score severity done_at appeal_until appealed_at ruled_by_id ruled_at consequence consequence_by_id"
        " consequence_at",
        remark=written("质检说明", "the reviewer's remark"),
        appeal=written("申诉理由", "ground of the appeal"),
        ruling=written("复核意见", "ground of the second look"),
        consequence_ground=written("处理理由", "ground of what came of it"),
    )

    class Meta:
        db_table = "quality_review"
        constraints = [
            one_of("quality_review", "state", tuple(STATES)),
            one_of("quality_review", "severity", _VERDICTS),
            one_of("quality_review", "consequence", tuple(CONSEQUENCES)),
            models.UniqueConstraint(fields=["person_id", "contact_id", "n"], name="quality_review_once"),
            models.CheckConstraint(condition=Q(n__in=(1, 2)), name="quality_review_one_or_two"),
            models.CheckConstraint(
                condition=Q(state="waiting", done_at=None, score=None, severity=None, is_revealed=False)
                | ~Q(state="waiting") & Q(done_at__isnull=False, score__range=(0, FULL), severity__isnull=False),
                name="quality_review_done_with_a_verdict",
            ),
            models.CheckConstraint(condition=~Q(reviewer=F("staff")), name="quality_review_not_of_oneself"),
            models.CheckConstraint(
                condition=Q(ruled_by=None) | ~Q(ruled_by=F("reviewer")) & ~Q(ruled_by=F("staff")),
                name="quality_review_ruled_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "done"), appealed_at=None, ruled_at=None)
                | Q(state="appealed", n=1, appealed_at__isnull=False, ruled_at=None)
                | Q(state__in=("upheld", "changed"), n=1, ruled_at__isnull=False, ruled_by__isnull=False),
                name="quality_review_ruled_on_appeal",
            ),
            models.CheckConstraint(
                condition=Q(consequence=None, consequence_by=None)
                | Q(consequence__isnull=False, consequence_by__isnull=False, n=1, is_revealed=True)
                & ~Q(consequence_by=F("staff")),
                name="quality_review_consequence_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["reviewer"], condition=Q(state="waiting"), name="quality_review_waiting"),
            models.Index(fields=["staff", "-done_at"], name="quality_review_of_staff"),
            models.Index(fields=["draw_id"], name="quality_review_of_draw"),
        ]
