"""Commission in rows: rate cards that two persons agreed on, statements of a month, their lines, what is disputed."""

from django.db import models
from django.db.models import F, Q

from zhizhi.core.placement.commission import Nothing
from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of
from zhizhi.store.commission.words import ANSWERS, OPEN, SIGNED, STATES, SUPERSEDED
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.personal import declare, figure, of_staff


class CommissionCard(models.Model):
    """佣金费率表: from the first day of a month on, until a later one. Only ever added, with an approval of
    exactly these terms.

    PII: none. Retention: as long as the system is.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    from_on = models.DateField()
    terms = models.JSONField(help_text="core/placement/rate_card.py")
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    personal = declare("id lender_id agency_id currency from_on terms approval_id added_at")

    class Meta:
        db_table = "commission_card"
        constraints = [
            models.CheckConstraint(condition=Q(from_on__day=1), name="commission_card_of_a_month"),
            models.UniqueConstraint(
                fields=["lender", "agency", "currency", "from_on"], name="commission_card_once_a_month"
            ),
        ]


class CommissionStatement(models.Model):
    """佣金对账单: what an agency is owed for a month, made of the ledger at one instant and never changed; signed by
    both sides, or made anew as the next number.

    PII: none, sums over many. Retention: as long as the system is.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT)
    lender_name = models.TextField(help_text="as the paper says it; an agency without a case left sees no lender")
    agency_name = models.TextField()
    month = models.DateField(help_text="its first day")
    n = models.IntegerField(help_text="1, 2, … of this agency and month")
    card = models.ForeignKey(CommissionCard, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    rates = models.JSONField(help_text="what each rate brought")
    breaches = models.JSONField(help_text="ids of the inquiries that take something off")
    lines = models.IntegerField()
    base_minor = minor_units()
    commission_minor = models.BigIntegerField(help_text="below nought where more went back than came")
    deducted_minor = minor_units()
    due_minor = models.BigIntegerField()
    digest = models.BinaryField(help_text="SHA-256 of all that it says: what both sign")
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    state = models.TextField(default=OPEN)
    agency_signed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    agency_signed_at = models.DateTimeField(null=True)
    lender_signed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    lender_signed_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    personal = declare(
        "id lender_id agency_id lender_name agency_name month n card_id currency rates breaches lines base_minor "
        "commission_minor "
        "deducted_minor due_minor digest made_by_id made_at state agency_signed_by_id agency_signed_at "
        "lender_signed_by_id lender_signed_at superseded_at"
    )

    class Meta:
        db_table = "commission_statement"
        constraints = [
            one_of("commission_statement", "state", STATES),
            *not_negative("commission_statement", "base_minor", "deducted_minor"),
            models.CheckConstraint(
                condition=Q(due_minor=F("base_minor") + F("commission_minor") - F("deducted_minor")),
                name="commission_statement_adds_up",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="commission_statement_of_a_month"),
            models.CheckConstraint(
                condition=Q(agency_signed_by=None, agency_signed_at=None)
                | Q(agency_signed_by__isnull=False, agency_signed_at__isnull=False),
                name="commission_statement_agency_signs_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(lender_signed_by=None, lender_signed_at=None)
                | Q(lender_signed_by__isnull=False, lender_signed_at__isnull=False),
                name="commission_statement_lender_signs_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=SIGNED, agency_signed_by__isnull=False, lender_signed_by__isnull=False)
                | (~Q(state=SIGNED) & (Q(agency_signed_by=None) | Q(lender_signed_by=None))),
                name="commission_statement_signed_by_both",
            ),
            models.CheckConstraint(
                condition=Q(state=SUPERSEDED, superseded_at__isnull=False)
                | (~Q(state=SUPERSEDED) & Q(superseded_at=None)),
                name="commission_statement_superseded_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["lender", "agency", "month", "currency", "n"], name="commission_statement_numbered"
            ),
            models.UniqueConstraint(
                fields=["lender", "agency", "month", "currency"],
                condition=~Q(state=SUPERSEDED),
                name="commission_statement_one_stands",
            ),
        ]
        indexes = [models.Index(fields=["agency", "-month"], name="commission_statement_by_month")]


class CommissionLine(PersonRow):
    """One payment, or its reversal, in a statement: whose it is, at which rate, or why it earns nothing. Only ever
    added; `stands` ends with its statement.

    PII: amount and day are financial data of the person; the case number, no name. Retention: ledger 10 years (AML 34).
    """

    statement_id = models.BigIntegerField()
    n = models.IntegerField()
    payment_id = models.BigIntegerField()
    placement_id = models.BigIntegerField()
    case_number = models.TextField()
    paid_on = models.DateField()
    amount_minor = models.BigIntegerField(help_text="below nought for a reversal")
    hand = models.SmallIntegerField()
    days_past_due = models.IntegerField()
    balance_minor = minor_units()
    rate = models.JSONField(null=True, help_text="place and tiers of the rate; null: it earns nothing")
    nothing = models.TextField(null=True)
    stands = models.BooleanField(default=True)

    personal = declare(
        "statement_id n payment_id placement_id case_number hand rate nothing stands",
        paid_on=figure("还款日", "day of payment"),
        amount_minor=figure("回款金额", "amount collected"),
        days_past_due=figure("委案逾期天数", "days past due when it was placed"),
        balance_minor=figure("委案余额", "balance when it was placed"),
    )

    class Meta:
        db_table = "commission_line"
        constraints = [
            one_of("commission_line", "nothing", [why.value for why in Nothing]),
            models.CheckConstraint(
                condition=Q(rate=None, nothing__isnull=False) | Q(rate__isnull=False, nothing=None),
                name="commission_line_earns_or_says_why",
            ),
            models.UniqueConstraint(fields=["statement_id", "n"], name="commission_line_numbered"),
            models.UniqueConstraint(
                fields=["person_id", "payment_id"], condition=Q(stands=True), name="commission_line_paid_once"
            ),
        ]


class CommissionDispute(models.Model):
    """分歧: a line, or a breach, of a statement that the agency does not agree with, and the lender's answer.

    PII: `reason` and `answer_text` are words of employees; numbers are refused. Retention: with the statement.
    """

    statement = models.ForeignKey(CommissionStatement, on_delete=models.PROTECT)
    item = models.TextField(help_text="number of a line, or B and the number of a breach")
    reason = models.TextField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer = models.TextField(null=True)
    answer_text = models.TextField(default="")
    answered_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    personal = declare(
        "id statement_id item by_id at answer answered_by_id answered_at",
        reason=of_staff("分歧理由", "reason of the dispute"),
        answer_text=of_staff("答复理由", "reason of the answer"),
    )

    class Meta:
        db_table = "commission_dispute"
        constraints = [
            one_of("commission_dispute", "answer", ANSWERS),
            models.CheckConstraint(
                condition=Q(answer=None, answered_by=None, answered_at=None)
                | (Q(answer__isnull=False, answered_by__isnull=False, answered_at__isnull=False) & ~Q(answer_text="")),
                name="commission_dispute_answered_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["statement", "item"], condition=Q(answer=None), name="commission_dispute_one_open"
            ),
        ]
