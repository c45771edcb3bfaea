"""Direct debits in rows."""

from django.db import models
from django.db.models import Q

from zhizhi.core.debt.debit.failures import Failure
from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of
from zhizhi.store.debits.words import (
    ACTIVE,
    ASKED,
    ATTEMPT_STATES,
    BATCH_STATES,
    FAILED,
    HANDED_OVER,
    MANDATE_STATES,
    PLANNED,
    SIGNED_HOWS,
    WITHDRAWN,
)
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import Shown, counted, declare, figure, of_person, of_staff, written


class DebitMandate(PersonRow):
    """代扣授权: the debtor's word that a debt may be drawn from an account of theirs. Its terms never change: other
    terms are another mandate.

    PII: `sealed` (the bank's token of the account, its last digits, number of the signed paper) under the person's key;
    amounts are financial data of the person. Retention: ledger 10 years after the last debit (AML 34).
    """

    lender_id = models.BigIntegerField()
    debt_id = models.BigIntegerField()
    sealed = models.BinaryField()
    signed_on = models.DateField()
    signed_how = models.TextField()
    currency = models.CharField(max_length=3, default="CNY")
    limit_debit_minor = minor_units()
    limit_day_minor = minor_units()
    income_minor = minor_units(null=True, help_text="what comes in a month, as the debtor says; null: nobody knows")
    from_on = models.DateField()
    until_on = models.DateField(null=True, help_text="its last day")
    state = models.TextField(default=ASKED)
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(null=True, help_text="`u7`, or what the bank said")
    ended_ground = models.TextField(default="")

    personal = declare(
        "lender_id debt_id signed_how currency recorded_by recorded_at approval_id ended_at ended_by",
        sealed=of_person(
            "账户代号、尾号与授权书编号", "token and last digits of the account, number of the paper",
            "debit_mandate/{id}", Shown.MASKED,
        ),
        signed_on=figure("签约日", "day it was signed"),
        limit_debit_minor=figure("单笔限额", "limit of one debit"),
        limit_day_minor=figure("单日限额", "limit of a day"),
        income_minor=figure("月收入", "income of a month"),
        from_on=figure("授权起", "from"),
        until_on=figure("授权止", "until"),
        state=counted("授权状态", "state of the mandate"),
        ended_ground=written("终止理由", "ground of its end"),
    )  # fmt: skip

    class Meta:
        db_table = "debit_mandate"
        constraints = [
            one_of("debit_mandate", "state", MANDATE_STATES),
            one_of("debit_mandate", "signed_how", SIGNED_HOWS),
            *not_negative("debit_mandate", "income_minor"),
            models.CheckConstraint(
                condition=Q(limit_debit_minor__gt=0, limit_day_minor__gte=models.F("limit_debit_minor")),
                name="debit_mandate_has_limits",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=models.F("from_on")), name="debit_mandate_has_days"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ASKED, ACTIVE], ended_at=None)
                | (~Q(state__in=[ASKED, ACTIVE]) & Q(ended_at__isnull=False)),
                name="debit_mandate_ends_once",
            ),
            models.UniqueConstraint(
                fields=["person_id", "debt_id"],
                condition=Q(state__in=[ASKED, ACTIVE]),
                name="debit_mandate_once_a_debt",
            ),
        ]
        indexes = [
            models.Index(fields=["lender_id", "person_id"], condition=Q(state=ACTIVE), name="debit_mandate_active")
        ]


class DebitBatch(models.Model):
    """代扣批次: orders that a second person agreed to; the worker hands them over and writes their file.

    PII: none; its orders name the persons. Retention: as long as the system is.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    on = models.DateField(help_text="the day on which its orders were planned, or the latest of them")
    state = models.TextField(default=ASKED)
    orders = models.IntegerField(help_text="how many were asked for")
    total_minor = minor_units()
    currency = models.CharField(max_length=3, default="CNY")
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(null=True)
    digest = models.TextField(null=True, help_text="SHA-256 of the file")

    personal = declare(
        "id lender_id on state orders total_minor currency asked_by_id asked_at approval_id written_at digest"
    )

    class Meta:
        db_table = "debit_batch"
        constraints = [
            one_of("debit_batch", "state", BATCH_STATES),
            models.CheckConstraint(
                condition=Q(state="written", written_at__isnull=False, digest__isnull=False)
                | (~Q(state="written") & Q(written_at=None, digest=None)),
                name="debit_batch_written_once",
            ),
        ]
        indexes = [models.Index(fields=["lender", "-asked_at"], name="debit_batch_by_time")]


class DebitAttempt(PersonRow):
    """代扣: one order to draw a sum on a day, from its planning to its result. Its sum never changes.

    PII: amounts are financial data of the person. Retention: ledger 10 years (AML 34).
    """

    lender_id = models.BigIntegerField()
    debt_id = models.BigIntegerField()
    mandate_id = models.BigIntegerField()
    number = models.TextField(unique=True, help_text="what the order is called in files; names nobody")
    relief_id = models.BigIntegerField(
        null=True, help_text="the agreement whose payment it draws; null: what is in arrears"
    )
    due_on = models.DateField(help_text="since when what it draws is due")
    on = models.DateField(help_text="the day on which it is drawn")
    tried = models.IntegerField(default=0, help_text="failures before it of what is due since the same day")
    amount_minor = minor_units()
    currency = models.CharField(max_length=3)
    state = models.TextField(default=PLANNED)
    batch = models.ForeignKey(DebitBatch, null=True, on_delete=models.PROTECT, related_name="+")
    stop_id = models.BigIntegerField(null=True, help_text="under which nobody duns while it is under way")
    result_by = models.DateField(null=True, help_text="the last day for the channel to say what became of it")
    failure = models.TextField(null=True)
    again_on = models.DateField(null=True, help_text="from this day on what is left is drawn again")
    remittance_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    looked_by = models.BigIntegerField(null=True)
    looked_at = models.DateTimeField(null=True)
    ground = models.TextField(default="")

    personal = declare(
        "lender_id debt_id mandate_id number relief_id tried currency batch_id stop_id result_by remittance_id"
        " ended_at looked_by looked_at",
        due_on=figure("到期日", "due day"),
        on=figure("扣款日", "day of the debit"),
        amount_minor=figure("扣款金额", "amount to draw"),
        again_on=figure("再扣日", "day of the next try"),
        state=counted("扣款状态", "state of the debit"),
        failure=counted("失败原因", "why it failed"),
        ground=of_staff("处理理由", "ground of what was decided"),
    )

    class Meta:
        db_table = "debit_attempt"
        constraints = [
            one_of("debit_attempt", "state", ATTEMPT_STATES),
            one_of("debit_attempt", "failure", (failure.value for failure in Failure)),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="debit_attempt_above_nil"),
            models.CheckConstraint(
                condition=Q(state__in=[PLANNED, WITHDRAWN]) | Q(batch__isnull=False, result_by__isnull=False),
                name="debit_attempt_left_in_a_batch",
            ),
            models.CheckConstraint(
                condition=Q(state=HANDED_OVER, stop_id__isnull=False) | (~Q(state=HANDED_OVER) & Q(stop_id=None)),
                name="debit_attempt_holds_while_under_way",
            ),
            models.CheckConstraint(
                condition=Q(state=FAILED, failure__isnull=False) | (~Q(state=FAILED) & Q(failure=None)),
                name="debit_attempt_fails_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["succeeded", "charged_back"], remittance_id__isnull=False)
                | (~Q(state__in=["succeeded", "charged_back"]) & Q(remittance_id=None)),
                name="debit_attempt_brings_money_once",
            ),
            models.UniqueConstraint(
                fields=["person_id", "debt_id"],
                condition=Q(state__in=[PLANNED, HANDED_OVER]),
                name="debit_attempt_one_under_way",
            ),
            models.UniqueConstraint(fields=["remittance_id"], name="debit_attempt_of_its_money"),
        ]
        indexes = [
            models.Index(
                fields=["lender_id", "on"], condition=Q(state__in=[PLANNED, HANDED_OVER]), name="debit_attempt_open"
            ),
            models.Index(fields=["person_id", "on"], name="debit_attempt_of_month"),
            models.Index(fields=["lender_id", "-ended_at", "-id"], name="debit_attempt_by_end"),
            models.Index(fields=["batch"], name="debit_attempt_of_batch"),
        ]


class LivingReserve(models.Model):
    """每月生活必需费用: what a lender leaves to each debtor a month. Only ever added; the latest of its day holds.

    PII: none. Retention: as long as the system is.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    reserve_minor = minor_units()
    from_on = models.DateField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, related_name="+")

    personal = declare("id lender_id reserve_minor from_on set_at set_by_id approval_id")

    class Meta:
        db_table = "living_reserve"
        constraints = [*not_negative("living_reserve", "reserve_minor")]
        indexes = [models.Index(fields=["lender", "-from_on", "-id"], name="living_reserve_in_force")]
