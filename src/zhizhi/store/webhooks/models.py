"""Webhooks in rows: the endpoint of another system, each event it is told, each try to tell it."""

from django.db import models

from zhizhi.store.columns import one_of
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.personal import Held, Pfi, Shown, declare, of_product
from zhizhi.store.webhooks.words import OFF_REASONS, STATES, TRIES


def _secret() -> Held:
    return of_product(
        "签名密钥", "secret that signs", "webhooks", "webhook/{id}", Shown.NOBODY, Pfi.STAFF
    )  # of a system, of nobody: sealed all the same, so that its keys rotate with the others


class WebhookEndpoint(models.Model):
    """通知地址: where a system wants to be told, of what, under which secrets; it belongs to a service account.

    PII: none; `sealed` and `sealed_before` are secrets under the product's key, gone with the endpoint. Retention: as
    long as the product is in use.
    """

    id = models.BigIntegerField(primary_key=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, help_text="the service account whose eyes are asked")
    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT)
    url = models.TextField()
    description = models.TextField(default="")
    events = models.JSONField(help_text="types of events, or [] for all that it may be told")
    off_at = models.DateTimeField(null=True)
    off_because = models.TextField(null=True)
    failing_since = models.DateTimeField(null=True, help_text="of the first failure since something arrived")
    sealed = models.BinaryField(null=True)
    sealed_before = models.BinaryField(null=True)
    before_until = models.DateTimeField(null=True, help_text="until when the secret before signs beside the new one")
    from_position = models.BigIntegerField(help_text="leaves numbered before it are not told")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    personal = declare(
        "id staff_id lender_id agency_id url description events off_at off_because failing_since before_until "
        "from_position created_at deleted_at",
        sealed=_secret(),
        sealed_before=_secret(),
    )

    class Meta:
        db_table = "webhook_endpoint"
        constraints = [
            one_of("webhook_endpoint", "off_because", OFF_REASONS),
            models.CheckConstraint(
                condition=models.Q(off_at=None, off_because=None)
                | models.Q(off_at__isnull=False, off_because__isnull=False),
                name="webhook_endpoint_off_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None) | models.Q(sealed=None, sealed_before=None, off_at__isnull=False),
                name="webhook_endpoint_deleted_keeps_no_secret",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["staff", "id"], name="webhook_endpoint_of_account")]


class WebhookDelivery(models.Model):
    """通知: one event for one endpoint; its body is written once, so that each try sends the same octets.

    PII: none; ids, a kind and an instant. Retention: thirty days.
    """

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, db_index=False)
    message_id = models.UUIDField(help_text="`webhook-id`, the same at every try and replay")
    position = models.BigIntegerField(help_text="of the leaf that it tells of")
    type = models.TextField()
    happened_at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)
    case_id = models.BigIntegerField(null=True)
    body = models.TextField()
    state = models.TextField()
    tries = models.IntegerField(default=0, help_text="of this round; a replay begins a new one")
    next_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    personal = declare(
        "id endpoint_id message_id position type happened_at person_id case_id body state tries next_at claim "
        "claimed_until created_at ended_at",
    )

    class Meta:
        db_table = "webhook_delivery"
        constraints = [
            one_of("webhook_delivery", "state", STATES),
            models.UniqueConstraint(fields=["endpoint", "position"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state="waiting", next_at__isnull=False, ended_at=None)
                | (~models.Q(state="waiting") & models.Q(next_at=None, claim=None, ended_at__isnull=False)),
                name="webhook_delivery_waits_or_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "next_at"], condition=models.Q(state="waiting"), name="webhook_waiting"),
            models.Index(fields=["endpoint", "-id"], name="webhook_of_endpoint"),
            models.Index(
                fields=["endpoint", "-id"],
                condition=~models.Q(state__in=("waiting", "delivered")),
                name="webhook_not_told",
            ),
            models.Index(fields=["created_at"], name="webhook_by_time"),
            models.Index(fields=["ended_at"], condition=models.Q(state="failed"), name="webhook_failed"),
        ]


class WebhookAttempt(models.Model):
    """通知尝试: what became of one request; nothing of the answer is kept but its status. Only ever added.

    PII: none. Retention: thirty days, with its message.
    """

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE)
    at = models.DateTimeField()
    milliseconds = models.IntegerField()
    end = models.TextField()
    status = models.IntegerField(null=True)

    personal = declare("id delivery_id at milliseconds end status")

    class Meta:
        db_table = "webhook_attempt"
        constraints = [one_of("webhook_attempt", "end", TRIES)]
