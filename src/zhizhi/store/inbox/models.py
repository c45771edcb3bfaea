"""What the outside world told us: kept first, worked on at our own pace."""

from django.db import models

from zhizhi.store.columns import one_of
from zhizhi.store.personal import Shown, declare, of_product


class InboxItem(models.Model):
    """A receipt, a reply, a provider notice; the same notice twice is one row.

    PII: `sealed` (the message as it came) under the product's inbox key. Retention: five months (MIIT 31); what it
    meant is kept elsewhere.
    """

    source = models.TextField()
    idempotency_key = models.TextField()
    received_at = models.DateTimeField()
    sealed = models.BinaryField(null=True)
    state = models.TextField(default="waiting")
    failure = models.TextField(null=True)
    worked_at = models.DateTimeField(null=True)

    personal = declare(
        "id source idempotency_key received_at state failure worked_at",
        sealed=of_product(
            "服务商发来的原文", "the message as it came", "inbox", "inbox/{source}/{idempotency_key}", Shown.NOBODY
        ),
    )

    class Meta:
        db_table = "inbox_item"
        constraints = [
            one_of("inbox_item", "state", ("waiting", "done", "refused")),
            models.UniqueConstraint(fields=["source", "idempotency_key"], name="inbox_item_once"),
        ]
        indexes = [models.Index(fields=["received_at"], condition=models.Q(state="waiting"), name="inbox_item_waiting")]


class PullCursor(models.Model):
    """How far the events of a provider were read; written after the events were kept.

    PII: none. Retention: as long as the provider is connected.
    """

    source = models.TextField(primary_key=True)
    cursor = models.TextField()

    personal = declare(
        "source cursor",
    )

    class Meta:
        db_table = "pull_cursor"
