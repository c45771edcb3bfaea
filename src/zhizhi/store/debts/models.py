"""What is owed: debts, their instalments, payments, and the entries that explain the balance."""

from django.db import models

from zhizhi.core.conduct.words import DEBT_STATES
from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of
from zhizhi.store.personal import Shown, declare, figure, keyed, of_person

PRODUCTS = ("instalment_loan", "revolving_line", "credit_card")
ENTRY_KINDS = ("opening", "charge", "payment", "reversal", "adjustment", "withdrawal", "waiver")


class Debt(PersonRow):
    """A claim of the lender against the person: 债权; amounts are what is due and not paid now.

    PII: `sealed` (account number) under the person's key; `account_key` is a keyed hash. Amounts are financial data
    of the person.
    Retention: ledger 10 years after the transaction (AML 34).
    """

    lender_id = models.BigIntegerField()
    account_key = models.UUIDField(help_text="keyed hash of the account number, once a lender")
    sealed = models.BinaryField()
    product = models.TextField()
    currency = models.CharField(max_length=3, default="CNY")
    state = models.TextField()
    opened_on = models.DateField(null=True)
    oldest_unpaid_due_on = models.DateField(null=True)
    principal_minor = minor_units(default=0)
    term_interest_minor = minor_units(default=0)
    penalty_interest_minor = minor_units(default=0)
    compound_interest_minor = minor_units(default=0)
    damages_minor = minor_units(default=0)
    costs_minor = minor_units(default=0)
    fees_minor = minor_units(default=0)
    balance_minor = minor_units(default=0)
    rate_annual = models.DecimalField(max_digits=12, decimal_places=10, null=True)
    agency_id = models.BigIntegerField(null=True, help_text="where the lender placed it")
    as_of_on = models.DateField(help_text="the day these amounts speak of")
    row_digest = models.BinaryField(help_text="keyed digest of the imported row: the same row changes nothing")
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "lender_id currency agency_id as_of_on import_id",
        account_key=keyed("账号", "account number"),
        sealed=of_person("账号", "account number", "debt/{id}", Shown.OPENED),
        row_digest=keyed("导入行", "the imported row"),
        principal_minor=figure("本金", "principal"),
        term_interest_minor=figure("期内利息", "interest of the term"),
        penalty_interest_minor=figure("罚息", "penalty interest"),
        compound_interest_minor=figure("复利", "compound interest"),
        damages_minor=figure("违约金", "damages"),
        costs_minor=figure("费用", "costs"),
        fees_minor=figure("手续费", "fees"),
        balance_minor=figure("余额", "balance"),
        rate_annual=figure("年利率", "annual rate"),
        oldest_unpaid_due_on=figure("最早未还到期日", "oldest unpaid due day"),
        state=figure("债务状态", "state of the debt"),
        product=figure("产品", "product"),
        opened_on=figure("开立日", "day it was opened"),
    )

    class Meta:
        db_table = "debt"
        constraints = [
            one_of("debt", "state", DEBT_STATES),
            one_of("debt", "product", PRODUCTS),
            *not_negative(
                "debt",
                "principal_minor",
                "term_interest_minor",
                "penalty_interest_minor",
                "compound_interest_minor",
                "damages_minor",
                "costs_minor",
                "fees_minor",
                "balance_minor",
            ),
            models.UniqueConstraint(fields=["lender_id", "account_key"], name="debt_account_once_a_lender"),
        ]


class Instalment(PersonRow):
    """One due amount of a debt: an instalment of a loan or the statement of a month.

    PII: amounts are financial data of the person. Retention: ledger 10 years (AML 34).
    """

    debt_id = models.BigIntegerField()
    n = models.IntegerField()
    due_on = models.DateField()
    amount_minor = minor_units()
    paid_minor = minor_units(default=0)
    paid_on = models.DateField(null=True)
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "debt_id n import_id",
        amount_minor=figure("应还金额", "amount due"),
        paid_minor=figure("已还金额", "amount paid"),
        due_on=figure("到期日", "due day"),
        paid_on=figure("还款日", "day of payment"),
    )

    class Meta:
        db_table = "instalment"
        constraints = [
            *not_negative("instalment", "amount_minor", "paid_minor"),
            models.UniqueConstraint(fields=["person_id", "debt_id", "n"], name="instalment_once"),
        ]


class Payment(PersonRow):
    """Money that arrived, or that went back again: a reversal is a row of its own kind.

    PII: amounts are financial data of the person; `reference_key` is a keyed hash of the bank's reference.
    Retention: ledger 10 years (AML 34).
    """

    debt_id = models.BigIntegerField()
    kind = models.TextField()
    paid_on = models.DateField()
    amount_minor = minor_units()
    applied_minor = minor_units(help_text="what debts took; the rest is surplus")
    reference_key = models.UUIDField()
    reverses_id = models.BigIntegerField(null=True)
    source = models.TextField(default="")
    recorded_at = models.DateTimeField()
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "debt_id kind reverses_id source recorded_at import_id",
        amount_minor=figure("还款金额", "amount paid"),
        applied_minor=figure("入账金额", "amount applied"),
        reference_key=keyed("银行流水号", "the bank's reference"),
        paid_on=figure("还款日", "day of payment"),
    )

    class Meta:
        db_table = "payment"
        constraints = [
            one_of("payment", "kind", ("payment", "reversal")),
            *not_negative("payment", "amount_minor", "applied_minor"),
            models.UniqueConstraint(fields=["person_id", "reference_key", "kind"], name="payment_reference_once"),
            models.UniqueConstraint(fields=["person_id", "reverses_id"], name="payment_reversed_once"),
        ]


class Entry(PersonRow):
    """A line of the ledger; lines are only ever added, so that the balance can be explained.

    PII: amounts are financial data of the person. Retention: ledger 10 years (AML 34).
    """

    debt_id = models.BigIntegerField()
    at = models.DateTimeField()
    on = models.DateField()
    kind = models.TextField()
    component = models.TextField()
    is_credit = models.BooleanField(help_text="true: lowers what is owed")
    amount_minor = minor_units()
    payment_id = models.BigIntegerField(null=True)
    import_id = models.BigIntegerField(null=True)
    relief_id = models.BigIntegerField(null=True, help_text="of a waiver: the agreement that waived it")

    personal = declare(
        "debt_id at kind component is_credit payment_id import_id relief_id",
        amount_minor=figure("分录金额", "amount of the entry"),
        on=figure("记账日", "day of the entry"),
    )

    class Meta:
        db_table = "entry"
        constraints = [
            one_of("entry", "kind", ENTRY_KINDS),
            *not_negative("entry", "amount_minor"),
            models.CheckConstraint(
                condition=~models.Q(kind="waiver") | models.Q(relief_id__isnull=False, payment_id=None),
                name="entry_waives_by_agreement",
            ),
        ]
