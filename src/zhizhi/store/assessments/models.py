"""Assessments that two persons approved; what has none stands in no row."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from zhizhi.store.approvals.models import Approval
from zhizhi.store.assessments.words import ACTIVITIES, DAYS_MAX
from zhizhi.store.columns import one_of
from zhizhi.store.lenders.models import Lender
from zhizhi.store.personal import declare


class Assessment(models.Model):
    """个人信息保护影响评估: approved by two persons, for one activity of a lender, until its day; only ever added.

    PII: none; its words stand in the request of its approval. Retention: for ever; three years are the least (PIPL 56).
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    activity = models.TextField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, related_name="+")

    personal = declare("id lender_id activity from_at until_at approval_id")

    class Meta:
        db_table = "assessment"
        constraints = [
            one_of("assessment", "activity", ACTIVITIES),
            models.CheckConstraint(
                condition=Q(until_at__gt=F("from_at"), until_at__lte=F("from_at") + timedelta(days=DAYS_MAX)),
                name="assessment_has_an_end",
            ),
        ]
        indexes = [models.Index(fields=["lender", "activity", "-until_at"], name="assessment_standing")]
