"""群发: what is sent to whom, when and how fast; who did what to it; and what became of each person."""

from django.db import models

from zhizhi.core.kernel.instants import MINUTES_PER_DAY
from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import declare

STATES = ("draft", "running", "paused", "finished", "cancelled")
STEPS = ("created", "started", "paused", "resumed", "throttled", "finished", "cancelled")
TARGET_STATES = ("waiting", "permit", "forbid", "hold", "skipped")


class Campaign(models.Model):
    """群发: one approved wording for many persons, within days and hours, at a rate; states move one way (trigger).

    PII: none; `source` names a filter or counts lines of a file. Retention: as long as the decisions that it asked for.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    name = models.TextField()
    channel = models.TextField()
    template_code = models.TextField()
    template_version_id = models.BigIntegerField()
    purpose = models.TextField()
    form = models.TextField()
    from_on = models.DateField()
    until_on = models.DateField(help_text="the last day")
    opens_minute = models.IntegerField(help_text="of each day, after midnight in Beijing")
    closes_minute = models.IntegerField()
    per_second = models.IntegerField(null=True, help_text="null: as fast as the provider's throttle")
    tokens = models.FloatField(default=0)
    filled_at = models.DateTimeField(null=True)
    state = models.TextField(default="draft")
    source = models.JSONField()
    total = models.IntegerField()
    created_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    counts = models.JSONField(null=True, help_text="what came of it, counted when it ended")
    erased_at = models.DateTimeField(null=True)

    personal = declare(
        "id lender_id name channel template_code template_version_id purpose form from_on until_on "
        "opens_minute closes_minute per_second tokens filled_at state source total created_by_id created_at "
        "ended_at counts erased_at",
    )

    class Meta:
        db_table = "campaign"
        constraints = [
            one_of("campaign", "state", STATES),
            models.CheckConstraint(
                condition=models.Q(opens_minute__gte=0, closes_minute__lte=MINUTES_PER_DAY)
                & models.Q(opens_minute__lt=models.F("closes_minute"), from_on__lte=models.F("until_on")),
                name="campaign_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(per_second=None) | models.Q(per_second__gte=1), name="campaign_has_a_rate"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("finished", "cancelled"), ended_at__isnull=False)
                | (~models.Q(state__in=("finished", "cancelled")) & models.Q(ended_at=None)),
                name="campaign_ended_with_its_time",
            ),
        ]


class CampaignStep(models.Model):
    """Who did what to a campaign, and why; null is the system itself. Only ever added.

    PII: none. Retention: as its campaign.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    what = models.TextField()
    why = models.TextField(default="", help_text="a code; a throttle is its number")

    personal = declare(
        "id campaign_id at by_id what why",
    )

    class Meta:
        db_table = "campaign_step"
        constraints = [one_of("campaign_step", "what", STEPS)]


class CampaignReject(models.Model):
    """A line of a brought list that names nobody; only its number and why, since the file is at hand.

    PII: none. Retention: as its campaign.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="rejects")
    line = models.IntegerField()
    code = models.TextField()

    personal = declare(
        "id campaign_id line code",
    )

    class Meta:
        db_table = "campaign_reject"


class CampaignTarget(PersonRow):
    """A person of a campaign, and what became of them: waiting (perhaps until `not_before`), or what the law said.

    PII: none by itself. Retention: erased 366 days after the campaign ended; its decisions stay.
    """

    campaign_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    state = models.TextField(default="waiting")
    not_before = models.DateTimeField(null=True)
    reason = models.TextField(default="", help_text="the first rule, or why nobody asked the law")
    decision_id = models.BigIntegerField(null=True)
    delivery_id = models.BigIntegerField(null=True)
    asked = models.IntegerField(default=0, help_text="how often the law was asked")

    personal = declare(
        "campaign_id case_id state not_before reason decision_id delivery_id asked",
    )

    class Meta:
        db_table = "campaign_target"
        constraints = [
            one_of("campaign_target", "state", TARGET_STATES),
            models.UniqueConstraint(fields=["campaign_id", "person_id"], name="campaign_target_once"),
            models.CheckConstraint(
                condition=models.Q(state="permit", delivery_id__isnull=False, decision_id__isnull=False)
                | (~models.Q(state="permit") & models.Q(delivery_id=None)),
                name="campaign_target_permitted_with_delivery",
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign_id", "not_before", "person_id"],
                condition=models.Q(state="waiting"),
                name="campaign_target_waiting",
            ),
        ]


class SendPace(models.Model):
    """限速: how many messages of campaigns a channel of a provider takes a second; all workers draw on one row.

    PII: none. Retention: as long as the product is in use.
    """

    pk = models.CompositePrimaryKey("gateway", "channel")
    gateway = models.TextField()
    channel = models.TextField()
    per_second = models.IntegerField(null=True)
    tokens = models.FloatField(default=0)
    filled_at = models.DateTimeField(null=True)
    set_by_id = models.BigIntegerField(null=True)
    set_at = models.DateTimeField(null=True)

    personal = declare(
        "gateway channel per_second tokens filled_at set_by_id set_at",
    )

    class Meta:
        db_table = "send_pace"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(per_second=None) | models.Q(per_second__gte=1), name="send_pace_has_a_rate"
            ),
        ]
