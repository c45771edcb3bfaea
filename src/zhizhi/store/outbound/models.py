"""Outbound numbers, what happened to them step by step, and the calls that went out from each."""

from django.db import models
from django.db.models import Q

from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.outbound.words import LINE_CARRIERS, MARKED, MARKS, OPENING, STEPS
from zhizhi.store.personal import declare


class OutboundNumber(models.Model):
    """外呼号码: as its last steps left it; only steps change it (trigger), nobody writes its state.

    PII: none; a lender's or agency's own line. Retention: as long as the product is in use.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, help_text="null: the lender's own desks")
    number = models.TextField(help_text="digits, with area code")
    carrier = models.TextField()
    holder = models.TextField(help_text="in whose name the line is registered")
    daily_max = models.IntegerField(help_text="calls a civil day, house figure")
    state = models.TextField(default="open")
    filed_until = models.DateField(null=True, help_text="last day of the filing; null: not filed")
    filing_number = models.TextField(default="")
    rests_until = models.DateTimeField(null=True)

    personal = declare(
        "id lender_id agency_id number carrier holder daily_max state filed_until filing_number rests_until",
    )

    class Meta:
        db_table = "outbound_number"
        constraints = [
            models.UniqueConstraint(fields=["lender", "number"], name="outbound_number_once"),
            one_of("outbound_number", "carrier", LINE_CARRIERS),
            one_of("outbound_number", "state", ("open", "blocked", "retired")),
            models.CheckConstraint(condition=Q(daily_max__gt=0), name="outbound_number_may_call"),
        ]


class OutboundStep(models.Model):
    """What happened to an outbound number; only ever added, and what it changes is written with it (trigger).

    PII: none; reasons are refused with a number in them. Retention: for ever, as the proof of what a call went out on.
    """

    number = models.ForeignKey(OutboundNumber, on_delete=models.PROTECT, related_name="steps")
    kind = models.TextField()
    on_day = models.DateField(help_text="the carrier's day, or that of the step")
    filed_until = models.DateField(null=True)
    filing_number = models.TextField(default="")
    rests_until = models.DateTimeField(null=True)
    mark = models.TextField(default="")
    daily_max = models.IntegerField(null=True)
    carrier = models.TextField(default="")
    holder = models.TextField(default="")
    reason = models.TextField(default="")
    evidence = models.TextField(default="")
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", help_text="null: the system")
    at = models.DateTimeField()

    personal = declare(
        "id number_id kind on_day filed_until filing_number rests_until mark daily_max carrier holder reason evidence "
        "approval_id by_id at",
    )

    class Meta:
        db_table = "outbound_step"
        constraints = [
            one_of("outbound_step", "kind", STEPS),
            one_of("outbound_step", "mark", ("", *MARKS)),
            models.CheckConstraint(
                condition=Q(kind=MARKED) & ~Q(mark="") | ~Q(kind=MARKED) & Q(mark=""), name="outbound_step_mark_named"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OPENING, approval__isnull=False) | ~Q(kind__in=OPENING) & Q(approval__isnull=True),
                name="outbound_step_opens_with_two",
            ),
        ]


class OutboundCall(PersonRow):
    """呼出: a call that went out from a number of the register, or may have: it counts for the number's day.

    PII: none by itself. Retention: collection record, five years.
    """

    permit_id = models.BigIntegerField()
    number = models.ForeignKey(OutboundNumber, on_delete=models.PROTECT, related_name="+", db_index=False)
    on_day = models.DateField(help_text="civil day of the lender")
    at = models.DateTimeField()

    personal = declare("permit_id number_id on_day at")

    class Meta:
        db_table = "outbound_call"
        constraints = [models.UniqueConstraint(fields=["person_id", "permit_id"], name="outbound_call_once_a_permit")]
        indexes = [models.Index(fields=["number", "on_day"], name="outbound_call_of_day")]
