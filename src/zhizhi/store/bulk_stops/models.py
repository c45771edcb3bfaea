"""Bulk stops, and where persons live as far as somebody said."""

from django.db import models
from django.db.models import F, Q

from zhizhi.core.conduct.words import CHANNELS
from zhizhi.store.approvals.models import Approval
from zhizhi.store.bulk_stops.words import REASONS
from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.personal import counted, declare


class BulkStop(models.Model):
    """批量停催: nobody who is meant is dunned from begin to end; of its columns only the lift is ever written later.

    PII: none; the ground is refused with a number in it. Retention: for ever, as the proof of why nothing left.
    """

    lender = models.ForeignKey(Lender, null=True, on_delete=models.PROTECT, help_text="null: every lender")
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, help_text="null: whoever has the case")
    product = models.TextField(default="", help_text="empty: every product")
    channel = models.TextField(default="", help_text="empty: every channel")
    areas = models.JSONField(default=list, help_text="codes of GB/T 2260; none: everywhere")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(help_text="from here on it is over, without anybody doing anything")
    reason = models.TextField()
    ground = models.TextField()
    counts = models.JSONField(help_text="whom it meant when it was set")
    set_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_ground = models.TextField(default="")
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")

    personal = declare(
        "id lender_id agency_id product channel areas from_at until_at reason ground counts set_by_id set_at lifted_at "
        "lifted_by_id lifted_ground approval_id"
    )

    class Meta:
        db_table = "bulk_stop"
        constraints = [
            one_of("bulk_stop", "channel", ("", *CHANNELS)),
            one_of("bulk_stop", "reason", tuple(REASONS)),
            models.CheckConstraint(
                condition=Q(from_at__gte=F("set_at"), until_at__gt=F("from_at")), name="bulk_stop_begins_then_ends"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_ground="", approval=None)
                | (
                    Q(lifted_at__gte=F("set_at"), lifted_by__isnull=False, approval__isnull=False)
                    & ~Q(lifted_ground="")
                ),
                name="bulk_stop_lifted_with_words",
            ),
        ]
        indexes = [models.Index(fields=["until_at"], condition=Q(lifted_at=None), name="bulk_stop_not_lifted")]


class Residence(PersonRow):
    """所在地: in which division the person lives, as somebody said it or a file brought it; the latest counts.

    PII: the division where the person lives. Retention: collection record, five years.
    """

    division = models.TextField(help_text="code of GB/T 2260, as exact as it is known")
    source = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "source at by_id import_id",
        division=counted("所在行政区", "the administrative division where the person lives"),
    )

    class Meta:
        db_table = "residence"
        constraints = [
            one_of("residence", "source", ("said", "file")),
            models.CheckConstraint(condition=Q(division__regex=r"^[1-8][0-9]{5}$"), name="residence_is_a_division"),
            models.CheckConstraint(
                condition=Q(source="said", by__isnull=False, import_id=None)
                | Q(source="file", by=None, import_id__isnull=False),
                name="residence_has_a_source",
            ),
        ]
