"""How the book stood when a day began, and what a house wants to collect in a month."""

from django.db import models

from zhizhi.store.cases.models import EXITS, STAGES
from zhizhi.store.columns import minor_units, not_negative, one_of
from zhizhi.store.debts.models import PRODUCTS
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import Pfi, counted, declare, figure


class DebtDay(models.Model):
    """日初账面: how one debt stood when a day began, after ageing and assignment; rows are only ever added (trigger).

    The day after a debt left the book it has one last row, with its exit.

    PII: amounts and days are financial data of the person. Retention: collection record, five years (CBRC 2011-2 68).
    """

    pk = models.CompositePrimaryKey("person_id", "debt_id", "on")
    person_id = models.BigIntegerField()
    debt_id = models.BigIntegerField()
    on = models.DateField()
    lender_id = models.BigIntegerField()
    case_id = models.BigIntegerField(null=True)
    agency_id = models.BigIntegerField(null=True)
    queue_id = models.BigIntegerField(null=True)
    collector_id = models.BigIntegerField(null=True)
    product = models.TextField()
    currency = models.CharField(max_length=3)
    days_past_due = models.IntegerField()
    balance_minor = minor_units(help_text="what was due and not paid; of a day that was worked out: of its instalments")
    state = models.TextField(default="")
    stage = models.TextField(default="")
    stop = models.TextField(null=True)
    exit = models.TextField(null=True)
    is_worked_out = models.BooleanField(default=False, help_text="from instalments, for a day before the first run")
    kept_at = models.DateTimeField()

    personal = declare(
        "person_id debt_id on lender_id case_id agency_id queue_id collector_id currency stage is_worked_out kept_at",
        balance_minor=figure("余额", "balance"),
        days_past_due=figure("逾期天数", "days past due"),
        product=figure("产品", "product"),
        state=figure("债务状态", "state of the debt"),
        stop=counted("停催原因", "why contacts are stopped", Pfi.C2),
        exit=counted("结案原因", "why it was closed", Pfi.C2),
    )

    class Meta:
        db_table = "debt_day"
        constraints = [
            one_of("debt_day", "product", PRODUCTS),
            one_of("debt_day", "stage", ("", *STAGES)),
            one_of("debt_day", "exit", EXITS),
            *not_negative("debt_day", "balance_minor", "days_past_due"),
        ]
        indexes = [models.Index(fields=["lender_id", "on"], name="debt_day_by_day")]


class Target(models.Model):
    """目标: what a lender wants to collect of a product in a month; the latest one set counts.

    PII: none. Retention: five years.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    month = models.DateField(help_text="its first day")
    product = models.TextField()
    amount_minor = minor_units()
    currency = models.CharField(max_length=3, default="CNY")
    set_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    personal = declare(
        "id lender_id month product amount_minor currency set_by_id set_at",
    )

    class Meta:
        db_table = "collection_target"
        constraints = [
            one_of("collection_target", "product", PRODUCTS),
            *not_negative("collection_target", "amount_minor"),
        ]
        indexes = [models.Index(fields=["lender", "month", "-set_at"], name="target_by_month")]
