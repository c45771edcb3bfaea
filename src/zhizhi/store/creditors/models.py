"""Creditors and their debts in rows."""

from django.db import models
from django.db.models import Q

from zhizhi.core.consequence.words import Served
from zhizhi.core.creditor.words import ChangeKind, CreditorKind
from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import counted, declare, figure


class Creditor(models.Model):
    """债权人: whom debts of a lender's book may belong to, and where they are paid. Only ever added: another account is
    another row, which a change of creditor names.

    PII: none; a creditor is an institution. Retention: as long as the system is.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    name = models.TextField()
    kind = models.TextField()
    pay_to = models.TextField(help_text="the official way to pay: account or channel")
    added_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    personal = declare("id lender_id name kind pay_to added_by_id added_at")

    class Meta:
        db_table = "creditor"
        constraints = [
            one_of("creditor", "kind", [kind.value for kind in CreditorKind]),
            models.UniqueConstraint(fields=["lender", "name", "pay_to"], name="creditor_once_a_lender"),
        ]


class CreditorChange(PersonRow):
    """债权人变更 of one debt, in force from the commit that wrote it; the last one of a debt counts.

    PII: who holds the person's debt, and sums; no name of the person. Retention: ledger 10 years (AML 34).
    """

    lender_id = models.BigIntegerField()
    debt_id = models.BigIntegerField()
    n = models.IntegerField(help_text="of the changes of this debt")
    kind = models.TextField()
    on_day = models.DateField(help_text="day of the contract or payment")
    basis = models.TextField(help_text="number of the contract or receipt, and the ground of what is added; no name")
    balance_minor = minor_units(help_text="what was owed then")
    approval_id = models.BigIntegerField()
    asked_by_id = models.BigIntegerField()
    at = models.DateTimeField(help_text="from this instant on")

    personal = declare(
        "lender_id debt_id n basis approval_id asked_by_id at",
        kind=counted("变更事由", "why the creditor changed"),
        on_day=figure("变更日", "day of the change"),
        balance_minor=figure("变更时余额", "balance then"),
    )

    class Meta:
        db_table = "creditor_change"
        constraints = [
            one_of("creditor_change", "kind", [kind.value for kind in ChangeKind]),
            *not_negative("creditor_change", "balance_minor"),
            models.UniqueConstraint(fields=["person_id", "debt_id", "n"], name="creditor_change_numbered"),
        ]


class CreditorHolding(PersonRow):
    """What one creditor holds of a debt after a change, and may claim at most; no creditor: the lender of the book.

    PII: amounts are financial data of the person. Retention: ledger 10 years (AML 34).
    """

    change_id = models.BigIntegerField()
    place = models.IntegerField()
    creditor_id = models.BigIntegerField(null=True)
    amount_minor = minor_units()
    allowed_minor = minor_units(default=0)

    personal = declare(
        "change_id place creditor_id",
        amount_minor=figure("持有金额", "amount held"),
        allowed_minor=figure("另可主张", "what is added to it"),
    )

    class Meta:
        db_table = "creditor_holding"
        constraints = [
            *not_negative("creditor_holding", "amount_minor", "allowed_minor"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="creditor_holding_is_money"),
            models.UniqueConstraint(fields=["person_id", "change_id", "place"], name="creditor_holding_numbered"),
        ]


class CreditorNotice(PersonRow):
    """变更通知已送达: proof that the notice of a change reached the debtor; from then on the debt is worked again.

    PII: that and when a notice arrived. Retention: ledger 10 years (AML 34).
    """

    change_id = models.BigIntegerField()
    served_on = models.DateField()
    how = models.TextField()
    evidence = models.TextField(help_text="where the proof is kept; no name and no number")
    by_id = models.BigIntegerField()
    at = models.DateTimeField()

    personal = declare(
        "change_id how evidence by_id at",
        served_on=figure("送达日", "day it arrived"),
    )

    class Meta:
        db_table = "creditor_notice"
        constraints = [
            one_of("creditor_notice", "how", [served.value for served in Served]),
            models.UniqueConstraint(fields=["person_id", "change_id"], name="creditor_notice_once"),
        ]
