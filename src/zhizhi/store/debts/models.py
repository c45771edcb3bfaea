"""What is owed: debts, their instalments, payments, and the entries that explain the balance."""

from django.db import models

from zhizhi.core.conduct.words import DEBT_STATES
from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of

PRODUCTS = ("instalment_loan", "revolving_line", "credit_card")
ENTRY_KINDS = ("opening", "charge", "payment", "reversal", "adjustment", "withdrawal")


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

    class Meta:
        db_table = "entry"
        constraints = [one_of("entry", "kind", ENTRY_KINDS), *not_negative("entry", "amount_minor")]
