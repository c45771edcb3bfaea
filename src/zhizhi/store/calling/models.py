"""Calling campaigns, who speaks for them, from which numbers, and their persons."""

from django.db import models
from django.db.models import F, Q

from zhizhi.core.kernel.instants import MINUTES_PER_DAY
from zhizhi.store.calling.words import ANSWERED, STATES, STEPS, TARGETS
from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.outbound.models import OutboundNumber
from zhizhi.store.personal import declare


class CallingCampaign(models.Model):
    """外呼活动: one approved script for many persons, rung by a dialler for its seats; `name` is that of its leases.

    PII: none. Retention: as long as the leases that it asked for.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    name = models.TextField()
    script = models.TextField(help_text="code of the wording")
    purpose = models.TextField()
    from_on = models.DateField()
    until_on = models.DateField(help_text="the last day")
    opens_minute = models.IntegerField(help_text="of each day, after midnight in Beijing")
    closes_minute = models.IntegerField()
    state = models.TextField(default="draft")
    ratio = models.IntegerField(default=100, help_text="lines a free seat, in hundredths")
    stepped_at = models.DateTimeField(null=True, help_text="when the ratio last moved")
    created_at = models.DateTimeField()

    personal = declare(
        "id lender_id name script purpose from_on until_on opens_minute closes_minute state ratio stepped_at "
        "created_at",
    )

    class Meta:
        db_table = "calling_campaign"
        constraints = [
            models.UniqueConstraint(fields=["lender", "name"], name="calling_campaign_once"),
            one_of("calling_campaign", "state", STATES),
            models.CheckConstraint(
                condition=Q(opens_minute__gte=0, closes_minute__lte=MINUTES_PER_DAY)
                & Q(opens_minute__lt=F("closes_minute"), from_on__lte=F("until_on")),
                name="calling_campaign_has_a_time",
            ),
            models.CheckConstraint(condition=Q(ratio__gte=100, ratio__lte=300), name="calling_campaign_ratio"),
        ]


class CallingSeat(models.Model):
    """坐席: who speaks for a calling campaign.

    PII: none. Retention: as its campaign.
    """

    campaign = models.ForeignKey(CallingCampaign, on_delete=models.PROTECT, related_name="seats")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    personal = declare("id campaign_id staff_id")

    class Meta:
        db_table = "calling_seat"
        constraints = [models.UniqueConstraint(fields=["campaign", "staff"], name="calling_seat_once")]


class CallingLine(models.Model):
    """外呼号码池: a number that a calling campaign goes out from; none means that every one of the desks may be taken.

    PII: none. Retention: as its campaign.
    """

    campaign = models.ForeignKey(CallingCampaign, on_delete=models.PROTECT, related_name="lines")
    number = models.ForeignKey(OutboundNumber, on_delete=models.PROTECT, related_name="+")

    personal = declare("id campaign_id number_id")

    class Meta:
        db_table = "calling_line"
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="calling_line_once")]


class CallingStep(models.Model):
    """Who did what to a calling campaign. Only ever added.

    PII: none. Retention: as its campaign.
    """

    campaign = models.ForeignKey(CallingCampaign, on_delete=models.PROTECT, related_name="steps")
    what = models.TextField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    personal = declare("id campaign_id what by_id at")

    class Meta:
        db_table = "calling_step"
        constraints = [one_of("calling_step", "what", STEPS)]


class CallingTarget(PersonRow):
    """外呼名单: a person of a calling campaign, and what came of their call; rung once, unless it never rang.

    PII: none by itself. Retention: collection record, five years.
    """

    campaign = models.ForeignKey(CallingCampaign, on_delete=models.PROTECT, related_name="+", db_index=False)
    case_number = models.TextField()
    state = models.TextField(default="waiting")
    next_at = models.DateTimeField(null=True, help_text="not before; null: now")
    why = models.TextField(default="", help_text="a rule of the law, or a code")
    lease_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    personal = declare("campaign_id case_number state next_at why lease_id at")

    class Meta:
        db_table = "calling_target"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "person_id"], name="calling_target_once"),
            one_of("calling_target", "state", TARGETS),
        ]
        indexes = [
            models.Index(fields=["campaign", "state", "next_at"], name="calling_target_by_state"),
            models.Index(fields=["campaign", "at"], condition=Q(state__in=ANSWERED), name="calling_target_answered"),
        ]
