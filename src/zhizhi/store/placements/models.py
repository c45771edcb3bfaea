"""Placements in rows: batches, their lots, which case was with which agency from when until when, and extensions."""

from django.db import models
from django.db.models import F, Q

from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.personal import declare, figure, of_staff
from zhizhi.store.placements.words import BY_A_PERSON, HAND_MAX, STATES


class PlacementBatch(models.Model):
    """委案批次: cases that are proposed together and go to agencies in equal lots, once another person approves.

    PII: `ground` is the word of an employee. Retention: as its placements.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    hand = models.SmallIntegerField()
    due_on = models.DateField()
    criteria = models.JSONField(help_text="by what its cases were chosen")
    left_out = models.JSONField(help_text="how many were not proposed, by barrier")
    digest = models.BinaryField(help_text="SHA-256 of its lines: what is approved is what is handed over")
    ground = models.TextField()
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approval = models.OneToOneField(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    handed_over_at = models.DateTimeField(null=True)

    personal = declare(
        "id lender_id hand due_on criteria left_out digest proposed_by_id proposed_at approval_id handed_over_at",
        ground=of_staff("委案理由", "ground of the batch"),
    )

    class Meta:
        db_table = "placement_batch"
        constraints = [
            models.CheckConstraint(condition=Q(hand__gte=1, hand__lte=HAND_MAX), name="placement_batch_hand_known"),
            models.CheckConstraint(
                condition=Q(handed_over_at=None) | Q(approval__isnull=False), name="placement_batch_approved"
            ),
        ]
        indexes = [models.Index(fields=["lender", "-proposed_at"], name="placement_batch_by_time")]


class PlacementLot(models.Model):
    """A lot of a batch: what one agency gets, with the figures that were proposed. Only ever added.

    PII: none, sums over many. Retention: as its batch.
    """

    batch = models.ForeignKey(PlacementBatch, on_delete=models.PROTECT, related_name="lots")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    cases = models.IntegerField()
    balance_minor = minor_units()

    personal = declare("id batch_id agency_id cases balance_minor")

    class Meta:
        db_table = "placement_lot"
        constraints = [
            models.UniqueConstraint(fields=["batch", "agency"], name="placement_lot_once_an_agency"),
            *not_negative("placement_lot", "balance_minor"),
        ]


class Placement(PersonRow):
    """委案: a case with an agency, from when until when, why it ended. Nothing but its way through the states changes.

    PII: `balance_minor`, `days_past_due` at the proposal are financial data of the person. Retention: collection
    record, five years; three years are the least for a record of entrusting (PIPL 56).
    """

    batch_id = models.BigIntegerField(null=True, help_text="null: the lender's file brought it")
    lender_id = models.BigIntegerField()
    agency_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    hand = models.SmallIntegerField()
    balance_minor = minor_units()
    days_past_due = models.IntegerField()
    state = models.TextField()
    left_out_because = models.TextField(null=True)
    placed_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True, help_text="the last day; null: the file names none")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True, help_text="staff; null: by its day, or as the case closed")
    ended_ground = models.TextField(default="")

    personal = declare(
        "batch_id lender_id agency_id case_id hand state left_out_because placed_at due_on ended_at ended_by",
        balance_minor=figure("委案余额", "balance when it was proposed"),
        days_past_due=figure("委案逾期天数", "days past due when it was proposed"),
        ended_ground=of_staff("退案、撤案理由", "ground of its end"),
    )

    class Meta:
        db_table = "placement"
        constraints = [
            one_of("placement", "state", STATES),
            *not_negative("placement", "balance_minor"),
            models.UniqueConstraint(
                fields=["person_id", "case_id"], condition=Q(state="placed"), name="placement_one_agency_a_case"
            ),
            models.UniqueConstraint(
                fields=["person_id", "case_id", "batch_id"], name="placement_once_a_batch", nulls_distinct=True
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", placed_at=None, ended_at=None, left_out_because=None)
                | Q(state="left_out", placed_at=None, ended_at=None, left_out_because__isnull=False)
                | Q(state="placed", placed_at__isnull=False, ended_at=None)
                | Q(
                    state__in=[*BY_A_PERSON, "expired", "closed"], placed_at__isnull=False, ended_at__gte=F("placed_at")
                ),
                name="placement_times_of_its_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=BY_A_PERSON) | Q(ended_by__isnull=False) & ~Q(ended_ground=""),
                name="placement_ended_on_a_ground",
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency_id", "lender_id", "due_on"], condition=Q(state="placed"), name="placement_standing"
            ),
            models.Index(fields=["batch_id", "agency_id", "state"], name="placement_of_batch"),
        ]


class PlacementExtension(PersonRow):
    """留案: the agency keeps and works a case past its day, on a ground. Only ever added.

    PII: `ground` is the word of an employee. Retention: as its placement.
    """

    placement_id = models.BigIntegerField()
    from_due_on = models.DateField()
    due_on = models.DateField()
    ground = models.TextField()
    by_id = models.BigIntegerField()
    at = models.DateTimeField()

    personal = declare(
        "placement_id from_due_on due_on by_id at",
        ground=of_staff("留案理由", "ground of the extension"),
    )

    class Meta:
        db_table = "placement_extension"
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gt=F("from_due_on")), name="placement_extension_is_later")
        ]
