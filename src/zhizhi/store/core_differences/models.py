"""Differences in rows."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from zhizhi.core.debt.components import Component
from zhizhi.core.debt.remittance.core_figures import Differs
from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import minor_units, not_negative, one_of
from zhizhi.store.core_differences.words import ACCEPTED, OPEN, STATES, WAITING
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import Shown, declare, figure, keyed, of_product, of_staff

SEAL = "core_differences"


class CoreDifference(models.Model):
    """核心差异: what the core's file says of an account on a day and our ledger does not. Its figures never change.

    PII: `sealed` (account number) under a key of the product, for an account may be nobody's of ours; amounts are
    financial data of the person. Retention: ledger 10 years (AML 34).
    """

    subject = models.UUIDField(default=uuid4, unique=True, help_text="random id that stands for it in the evidence log")
    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    account_key = models.UUIDField(help_text="keyed hash of the account number")
    sealed = models.BinaryField()
    as_of_on = models.DateField(help_text="the day that the core's figure speaks of")
    differs = models.TextField()
    person_id = models.BigIntegerField(null=True)
    debt_id = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="CNY")
    ours_minor = minor_units(null=True, help_text="what our ledger says of that day")
    core_minor = minor_units()
    core_closed = models.BooleanField(default=False)
    import_id = models.BigIntegerField(null=True)
    found_at = models.DateTimeField()
    state = models.TextField(default=OPEN)
    stop_id = models.BigIntegerField(null=True, help_text="that holds contacts while less may be owed")
    component = models.TextField(null=True, help_text="on which a rise was put")
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    ground = models.TextField(default="")

    personal = declare(
        "id subject lender_id differs person_id debt_id currency core_closed import_id found_at state stop_id component"
        " approval_id settled_at settled_by_id",
        account_key=keyed("账户号", "account number"),
        sealed=of_product("账户号", "account number", SEAL, "core_difference/{lender_id}/{account_key}", Shown.MASKED),
        as_of_on=figure("数据日", "day of the figure"),
        ours_minor=figure("账上余额", "balance in our ledger"),
        core_minor=figure("核心系统余额", "balance at the core"),
        ground=of_staff("处理理由", "ground of what was decided"),
    )

    class Meta:
        db_table = "core_difference"
        constraints = [
            one_of("core_difference", "state", STATES),
            one_of("core_difference", "differs", (one.value for one in Differs)),
            one_of("core_difference", "component", (part.value for part in Component)),
            *not_negative("core_difference", "ours_minor", "core_minor"),
            models.CheckConstraint(
                condition=Q(differs=Differs.UNKNOWN.value, ours_minor=None, debt_id=None, person_id=None)
                | (
                    ~Q(differs=Differs.UNKNOWN.value)
                    & Q(ours_minor__isnull=False, debt_id__isnull=False, person_id__isnull=False)
                    & ~Q(ours_minor=models.F("core_minor"))
                ),
                name="core_difference_differs",
            ),
            models.CheckConstraint(
                condition=Q(stop_id=None) | Q(state__in=WAITING), name="core_difference_holds_while_it_waits"
            ),
            models.CheckConstraint(
                condition=~Q(state=ACCEPTED) | Q(approval__isnull=False, debt_id__isnull=False),
                name="core_difference_accepted_by_two",
            ),
            models.UniqueConstraint(
                fields=["lender", "account_key"], condition=Q(state__in=WAITING), name="core_difference_waits_once"
            ),
        ]
        indexes = [
            models.Index(fields=["lender", "found_at"], condition=Q(state__in=WAITING), name="core_difference_waiting"),
            models.Index(fields=["lender", "-settled_at", "-id"], name="core_difference_by_time"),
        ]
