"""Agreements on relief, their parts and payments; and the pool of a month."""

from django.db import models
from django.db.models import F, Q

from zhizhi.core.debt.relief.offers import Level, OfferKind
from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import Pfi, counted, declare, figure, written
from zhizhi.store.reliefs.words import OPEN, STATES, WAYS


class Relief(PersonRow):
    """协商减免: one offer to one debtor about one debt, from its trial to its end; its terms never change.

    PII: amounts are financial data of the person; hardship is sensitive (PIPL 28). Retention: ledger 10 years (AML 34).
    """

    lender_id = models.BigIntegerField()
    debt_id = models.BigIntegerField()
    catalogue = models.TextField()
    offer = models.TextField()
    kind = models.TextField()
    months = models.IntegerField()
    grace_days = models.IntegerField()
    product = models.TextField()
    days_past_due = models.IntegerField()
    hardship = models.BooleanField()
    currency = models.CharField(max_length=3)
    standing_minor = minor_units()
    waived_minor = minor_units()
    due_minor = minor_units()
    received_minor = minor_units(default=0)
    posted_minor = minor_units(default=0, help_text="waived in the ledger, with what ran since")
    level = models.IntegerField(help_text="how high the grant had to go: core/debt/relief/offers.py")
    state = models.TextField()
    proposed_by_id = models.BigIntegerField()
    proposed_at = models.DateTimeField()
    ground = models.TextField()
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    valid_until_on = models.DateField(help_text="the last day on which it is accepted")
    ends_on = models.DateField(null=True, help_text="the day on which it ends unless something arrives")
    pool_month = models.DateField(null=True)
    given_by_id = models.BigIntegerField(null=True)
    given_at = models.DateTimeField(null=True)
    given_how = models.TextField(null=True)
    accepted_on = models.DateField(null=True)
    stop_id = models.BigIntegerField(null=True)
    ended_on = models.DateField(null=True)

    personal = declare(
        "lender_id debt_id catalogue offer kind months grace_days currency level proposed_by_id proposed_at approval_id"
        " pool_month given_by_id given_at given_how stop_id",
        product=figure("产品", "product"),
        days_past_due=figure("逾期天数", "days past due"),
        hardship=counted("是否困难客户", "whether in hardship", Pfi.C2),
        standing_minor=figure("试算时欠款", "what stood at the trial"),
        waived_minor=figure("减免金额", "amount waived"),
        due_minor=figure("应还金额", "amount due"),
        received_minor=figure("已还金额", "amount received"),
        posted_minor=figure("已入账减免", "waiver posted"),
        state=counted("方案状态", "state of the agreement", Pfi.C2),
        ground=written("理由", "ground"),
        valid_until_on=figure("有效期至", "valid until"),
        ends_on=figure("届时失效日", "day on which it ends"),
        accepted_on=figure("同意日", "day of acceptance"),
        ended_on=figure("结束日", "day of its end"),
    )

    class Meta:
        db_table = "relief"
        constraints = [
            one_of("relief", "state", STATES),
            one_of("relief", "kind", [kind.value for kind in OfferKind]),
            one_of("relief", "given_how", WAYS),
            models.CheckConstraint(condition=Q(level__in=[level.value for level in Level]), name="relief_level_known"),
            *not_negative("relief", "waived_minor", "received_minor", "posted_minor"),
            models.CheckConstraint(
                condition=Q(standing_minor=F("waived_minor") + F("due_minor"), due_minor__gt=0),
                name="relief_adds_up",
            ),
            models.CheckConstraint(condition=Q(received_minor__lte=F("due_minor")), name="relief_receives_what_is_due"),
            models.CheckConstraint(
                condition=~Q(state="performed") | Q(received_minor=F("due_minor")),
                name="relief_performed_when_all_arrived",
            ),
            models.CheckConstraint(
                condition=Q(posted_minor=0) | Q(state="performed"), name="relief_waives_when_performed"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "approved", "refused", "withdrawn", "expired"])
                | Q(given_at__isnull=False, given_by_id__isnull=False, given_how__isnull=False),
                name="relief_given_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "performed", "broken"], accepted_on__isnull=False)
                | Q(state__in=["proposed", "approved", "given", "refused", "withdrawn"], accepted_on=None)
                | Q(state="expired"),
                name="relief_accepted_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_on=None, ends_on__isnull=False)
                | (~Q(state__in=OPEN) & Q(ended_on__isnull=False)),
                name="relief_ends_on_a_day",
            ),
            models.UniqueConstraint(
                fields=["person_id", "debt_id"], condition=Q(state__in=OPEN), name="relief_open_once_a_debt"
            ),
        ]
        indexes = [
            models.Index(fields=["lender_id", "ends_on", "id"], condition=Q(state__in=OPEN), name="relief_by_end"),
            models.Index(fields=["lender_id", "-proposed_at", "id"], name="relief_by_time"),
        ]


class ReliefPart(PersonRow):
    """A component of the debt in an agreement: what stood, what of it is waived, what is due and has arrived.

    PII: amounts are financial data of the person. Retention: ledger 10 years (AML 34).
    """

    relief_id = models.BigIntegerField()
    component = models.TextField()
    standing_minor = minor_units()
    waived_minor = minor_units()
    due_minor = minor_units()
    received_minor = minor_units(default=0)

    personal = declare(
        "relief_id component",
        standing_minor=figure("试算时欠款", "what stood at the trial"),
        waived_minor=figure("减免金额", "amount waived"),
        due_minor=figure("应还金额", "amount due"),
        received_minor=figure("已还金额", "amount received"),
    )

    class Meta:
        db_table = "relief_part"
        constraints = [
            *not_negative("relief_part", "waived_minor", "due_minor", "received_minor"),
            models.CheckConstraint(
                condition=Q(standing_minor=F("waived_minor") + F("due_minor"), standing_minor__gt=0),
                name="relief_part_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(received_minor__lte=F("due_minor")), name="relief_part_receives_what_is_due"
            ),
            models.UniqueConstraint(fields=["person_id", "relief_id", "component"], name="relief_part_once"),
        ]


class ReliefLine(PersonRow):
    """One payment that an agreement asks for.

    PII: amounts are financial data of the person. Retention: ledger 10 years (AML 34).
    """

    relief_id = models.BigIntegerField()
    n = models.IntegerField()
    due_on = models.DateField()
    amount_minor = minor_units()

    personal = declare(
        "relief_id n",
        due_on=figure("到期日", "due day"),
        amount_minor=figure("应还金额", "amount due"),
    )

    class Meta:
        db_table = "relief_line"
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="relief_line_above_nil"),
            models.UniqueConstraint(fields=["person_id", "relief_id", "n"], name="relief_line_once"),
        ]


class ReliefPool(models.Model):
    """减免额度: what a lender may waive in a month, and what is taken of it by agreements that stand.

    PII: none. Retention: as long as the system is.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    month = models.DateField(help_text="its first day")
    currency = models.CharField(max_length=3)
    limit_minor = minor_units()
    taken_minor = minor_units(default=0)
    set_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    personal = declare("id lender_id month currency limit_minor taken_minor set_by_id set_at")

    class Meta:
        db_table = "relief_pool"
        constraints = [
            *not_negative("relief_pool", "limit_minor", "taken_minor"),
            models.CheckConstraint(condition=Q(taken_minor__lte=F("limit_minor")), name="relief_pool_holds"),
            models.CheckConstraint(condition=Q(month__day=1), name="relief_pool_of_a_month"),
            models.UniqueConstraint(fields=["lender", "month", "currency"], name="relief_pool_once_a_month"),
        ]
