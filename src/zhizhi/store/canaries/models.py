"""Who is a canary, and every alarm that one raised."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from zhizhi.store.approvals.models import Approval
from zhizhi.store.canaries.words import HOWS, RULINGS
from zhizhi.store.columns import one_of
from zhizhi.store.incidents.models import Incident
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import declare, written


class Canary(models.Model):
    """诱饵档案: a person of the book who does not exist; planted by two people of compliance, only ever added.

    PII: none; nobody stands behind it. Retention: as long as the book that it watches.
    """

    person_id = models.BigIntegerField(primary_key=True)
    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    agency_id = models.BigIntegerField(null=True, help_text="where its case was placed; null: with the lender")
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="+")
    planted_at = models.DateTimeField()

    personal = declare("person_id lender_id agency_id approval_id planted_at")

    class Meta:
        db_table = "canary"


class CanaryAlarm(models.Model):
    """诱饵档案告警: somebody looked at a canary. Triggers write it, once a quarter of an hour; compliance rules once.

    PII: none of a customer. Retention: for ever, as the leaves that speak of it.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.UUIDField(default=uuid4, unique=True, help_text="random id that stands for it in the evidence log")
    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    person_id = models.BigIntegerField()
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.TextField(help_text="of the member of staff, then")
    how = models.TextField()
    at = models.DateTimeField()
    quarter_at = models.DateTimeField(help_text="when the quarter of an hour began")
    sealed_at = models.DateTimeField(null=True, help_text="when it got its leaf")
    ruling = models.TextField(null=True)
    ruled_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField(null=True)
    remark = models.TextField(default="")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="+")

    personal = declare(
        "id subject lender_id person_id staff_id role how at quarter_at sealed_at ruling ruled_by_id ruled_at "
        "incident_id",
        remark=written("核定说明", "why it was explained, or what it is"),
    )

    class Meta:
        db_table = "canary_alarm"
        constraints = [
            one_of("canary_alarm", "how", HOWS),
            one_of("canary_alarm", "ruling", RULINGS),
            models.UniqueConstraint(
                fields=["person_id", "staff", "how", "quarter_at"], name="canary_alarm_once_a_quarter"
            ),
            models.CheckConstraint(
                condition=Q(ruling=None, ruled_by=None, ruled_at=None, incident=None)
                | Q(ruling="explained", ruled_by__isnull=False, ruled_at__isnull=False, incident=None)
                | Q(ruling="incident", ruled_by__isnull=False, ruled_at__isnull=False, incident__isnull=False),
                name="canary_alarm_ruled_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="canary_alarm_by_time"),
            models.Index(fields=["at"], condition=Q(ruling=None), name="canary_alarm_open"),
            models.Index(fields=["id"], condition=Q(sealed_at=None), name="canary_alarm_unsealed"),
        ]
