"""What the outside world told us: kept first, worked on at our own pace."""

from django.db import models

from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.personal import Shown, counted, declare, of_product, written

REPORTED_OUTCOMES = ("sent", "delivered", "undelivered")


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


class Contradiction(PersonRow):
    """回执与记录相反: a provider reports a message that counts as never sent. Each word of it once; looked at once.

    PII: `remark` is written by staff, names and numbers are refused on entry. Retention: collection record, five years.
    """

    delivery_id = models.BigIntegerField()
    outcome = models.TextField(help_text="what the provider says became of it")
    provider_key = models.TextField(default="", help_text="its number in the provider's books")
    reported_at = models.DateTimeField()
    received_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    looked_by_id = models.BigIntegerField(null=True)
    remark = models.TextField(default="")

    personal = declare(
        "delivery_id provider_key reported_at received_at looked_at looked_by_id",
        outcome=counted("渠道商所说的联系结果", "outcome of the contact, as the provider says"),
        remark=written("核对结果", "what was found"),
    )

    class Meta:
        db_table = "contradiction"
        constraints = [
            one_of("contradiction", "outcome", REPORTED_OUTCOMES),
            models.UniqueConstraint(fields=["person_id", "delivery_id", "outcome"], name="contradiction_once"),
            models.CheckConstraint(
                condition=models.Q(looked_at=None, looked_by_id=None, remark="")
                | (models.Q(looked_at__isnull=False, looked_by_id__isnull=False) & ~models.Q(remark="")),
                name="contradiction_looked_at_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at", "id"], condition=models.Q(looked_at=None), name="contradiction_waiting"
            ),
            models.Index(fields=["looked_at", "id"], name="contradiction_by_time"),
        ]
