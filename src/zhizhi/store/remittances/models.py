"""Money that came in, before and after it was put on a debt; and surplus that went back."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from zhizhi.core.debt.remittance.matching import Rule, Source, Unmatched
from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import PersonRow, minor_units, one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import Shown, declare, figure, keyed, of_product, of_staff
from zhizhi.store.remittances.words import BY_PERSON, STATES

SEAL = "remittances"


class Remittance(models.Model):
    """来款: money of one source under one reference. What it says never changes; what became of it moves on.

    PII: `sealed` (reference, account, customer, payer, remark as the source wrote them) under a key of the product, for
    money that is matched with nobody has no person's key; the amount is financial data of whoever paid.
    Retention: ledger 10 years after the transaction (AML 34).
    """

    subject = models.UUIDField(default=uuid4, unique=True, help_text="random id that stands for it in the evidence log")
    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    source = models.TextField()
    reference_key = models.UUIDField(help_text="keyed hash of the reference, once a lender and source")
    amount_minor = minor_units()
    currency = models.CharField(max_length=3, default="CNY")
    arrived_on = models.DateField()
    sealed = models.BinaryField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    import_id = models.BigIntegerField(null=True)
    state = models.TextField()
    why = models.TextField(null=True, help_text="of what waits: core/debt/remittance/matching.py")
    rule = models.TextField(null=True, help_text="of what is posted: what named the debt, or a person")
    person_id = models.BigIntegerField(null=True)
    debt_id = models.BigIntegerField(null=True)
    payment_id = models.BigIntegerField(null=True)
    stop_id = models.BigIntegerField(null=True, help_text="that holds collection while it waits")
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    ground = models.TextField(default="")

    personal = declare(
        "id subject lender_id source currency recorded_at recorded_by_id import_id state why rule person_id debt_id"
        " payment_id stop_id approval_id settled_at settled_by_id",
        reference_key=keyed("流水号", "the reference"),
        amount_minor=figure("来款金额", "amount that came"),
        arrived_on=figure("到账日", "day it came"),
        sealed=of_product(
            "来源所载流水号、账户号、客户号、付款人与附言",
            "reference, account, customer, payer and remark as the source wrote them",
            SEAL,
            "remittance/{lender_id}/{source}/{reference_key}",
            Shown.MASKED,
        ),
        ground=of_staff("处理理由", "ground of what was decided"),
    )

    class Meta:
        db_table = "remittance"
        constraints = [
            one_of("remittance", "source", (source.value for source in Source)),
            one_of("remittance", "state", STATES),
            one_of("remittance", "why", (why.value for why in Unmatched)),
            one_of("remittance", "rule", (*(rule.value for rule in Rule), BY_PERSON)),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="remittance_above_nil"),
            models.UniqueConstraint(fields=["lender", "source", "reference_key"], name="remittance_once"),
            models.CheckConstraint(
                condition=Q(state__in=["unmatched", "asked"], payment_id=None, rule=None, why__isnull=False)
                | Q(state="returned", payment_id=None, rule=None)
                | Q(
                    state__in=["posted", "known", "reversed"],
                    person_id__isnull=False,
                    debt_id__isnull=False,
                    payment_id__isnull=False,
                    rule__isnull=False,
                ),
                name="remittance_posted_on_a_debt",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["unmatched", "asked"], settled_at=None)
                | Q(state__in=["posted", "known", "returned", "reversed"], settled_at__isnull=False),
                name="remittance_settled_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lender", "arrived_on", "id"],
                condition=Q(state__in=["unmatched", "asked"]),
                name="remittance_waiting",
            ),
            models.Index(fields=["lender", "-recorded_at", "-id"], name="remittance_by_time"),
            models.Index(fields=["person_id", "payment_id"], name="remittance_of_payment"),
        ]


class Refund(PersonRow):
    """退还溢缴款: surplus of a payment that went back to whoever paid, by two persons. Only ever added.

    PII: the amount is financial data of the person. Retention: ledger 10 years (AML 34).
    """

    payment_id = models.BigIntegerField()
    amount_minor = minor_units()
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, related_name="+")
    ground = models.TextField()
    by_id = models.BigIntegerField(help_text="who asked for it; another approved")
    at = models.DateTimeField()

    personal = declare(
        "payment_id approval_id by_id at",
        amount_minor=figure("退还金额", "amount refunded"),
        ground=of_staff("退还理由", "ground of the refund"),
    )

    class Meta:
        db_table = "refund"
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_above_nil")]
        indexes = [models.Index(fields=["person_id", "payment_id"], name="refund_of_payment")]
