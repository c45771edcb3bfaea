"""What decides who gets which case, each assignment, and each move of a case."""

from django.db import models
from django.db.models import F, Q

from zhizhi.core.assignment.facts import Unplaced, Why
from zhizhi.store.assignment.queues import QUEUES
from zhizhi.store.assignment.words import BARS, KINDS, LANGUAGES, SKILLS
from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.personal import Personal, declare, of_staff, written

_ENDS = "ended_at ended_by_id"


class StaffAbsence(models.Model):
    """休假: days on which somebody is away, both included; never why.

    PII: days of an employee. Retention: three years after leaving (limitation, CC 188).
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    to_on = models.DateField()
    set_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="taken back: back earlier, or never away")
    ended_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")

    personal = declare(
        f"id staff_id set_by_id set_at {_ENDS}",
        from_on=of_staff("离岗首日", "first day away"),
        to_on=of_staff("离岗末日", "last day away"),
    )

    class Meta:
        db_table = "staff_absence"
        constraints = [
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="staff_absence_has_days"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="staff_absence_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["staff", "to_on"], condition=Q(ended_at=None), name="staff_absence_standing")]


class StaffSkill(models.Model):
    """What a collector was schooled for: a queue, or a language beside the main one.

    PII: none. Retention: with the evidence; it decided assignments.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    value = models.TextField()
    set_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")

    personal = declare(f"id staff_id kind value set_by_id set_at {_ENDS}")

    class Meta:
        db_table = "staff_skill"
        constraints = [
            one_of("staff_skill", "kind", SKILLS),
            models.CheckConstraint(
                condition=Q(kind="queue", value__in=list(QUEUES)) | Q(kind="language", value__in=list(LANGUAGES)),
                name="staff_skill_value_known",
            ),
            models.UniqueConstraint(
                fields=["staff", "kind", "value"], condition=Q(ended_at=None), name="staff_skill_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="staff_skill_ended_by_somebody",
            ),
        ]


class BarredCollector(PersonRow):
    """回避: a collector who may not have a debtor: a relative, one the debtor complained of, another conflict.

    PII: `remark`, that somebody is a relative. Retention: collection record, five years.
    """

    staff_id = models.BigIntegerField()
    ground = models.TextField()
    remark = models.TextField(default="")
    set_by_id = models.BigIntegerField()
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by_id = models.BigIntegerField(null=True)
    ended_ground = models.TextField(default="")

    personal: Personal = declare(
        f"staff_id set_by_id set_at {_ENDS}",
        ground=of_staff("回避事由", "why the collector is barred"),
        remark=written("说明", "remark"),
        ended_ground=written("解除理由", "ground of the end"),
    )

    class Meta:
        db_table = "barred_collector"
        constraints = [
            one_of("barred_collector", "ground", BARS),
            models.UniqueConstraint(
                fields=["person_id", "staff_id", "ground"], condition=Q(ended_at=None), name="barred_collector_once"
            ),
        ]


class ReservedNegotiation(PersonRow):
    """保留协商: until a day a case stays with its collector, who is in the middle of a negotiation.

    PII: `ground`. Retention: collection record, five years.
    """

    case_id = models.BigIntegerField()
    until_on = models.DateField()
    ground = models.TextField()
    set_by_id = models.BigIntegerField()
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by_id = models.BigIntegerField(null=True)
    ended_ground = models.TextField(default="")

    personal: Personal = declare(
        f"case_id until_on set_by_id set_at {_ENDS}",
        ground=written("理由", "ground"),
        ended_ground=written("解除理由", "ground of the end"),
    )

    class Meta:
        db_table = "reserved_negotiation"
        constraints = [
            models.UniqueConstraint(fields=["case_id"], condition=Q(ended_at=None), name="reserved_negotiation_once")
        ]


class AssignmentDone(models.Model):
    """One assignment of a lender's cases: when, by whom or by the day's run, what came of it; only ever added.

    PII: none. Retention: with the evidence, five years at the least.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    kind = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    counts = models.JSONField()
    digest = models.BinaryField(help_text="SHA-256 of its moves, core/assignment/digest.py")

    personal = declare("id lender_id on kind at by_id undoes_id counts digest")

    class Meta:
        db_table = "assignment"
        constraints = [one_of("assignment", "kind", KINDS)]
        indexes = [models.Index(fields=["lender", "-at"], name="assignment_latest")]


class AssignmentDesk(models.Model):
    """How a desk stood after an assignment, with the cases of every lender; only ever added.

    PII: none; figures of an employee's work. Retention: with the evidence, five years at the least.
    """

    assignment = models.ForeignKey(AssignmentDone, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    capacity = models.IntegerField()
    cases = models.IntegerField()
    balance_minor = minor_units()
    got = models.IntegerField()
    gave = models.IntegerField()

    personal = declare("id assignment_id staff_id agency_id capacity cases balance_minor got gave")

    class Meta:
        db_table = "assignment_desk"
        constraints = [
            models.UniqueConstraint(fields=["assignment", "staff"], name="assignment_desk_once"),
            *not_negative("assignment_desk", "balance_minor"),
        ]


class AssignmentMove(PersonRow):
    """A case that changed hands, or that nobody has: from whom to whom and why, with the figures that decided.

    PII: none beyond whose case it is. Retention: with the evidence, five years at the least.
    """

    assignment_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    at = models.DateTimeField()
    agency_id = models.BigIntegerField(null=True)
    from_id = models.BigIntegerField(null=True)
    to_id = models.BigIntegerField(null=True)
    why = models.TextField()
    home_before = models.BigIntegerField(null=True)
    home_after = models.BigIntegerField(null=True)
    held_since_before = models.DateField(null=True)
    held = models.IntegerField()
    capacity = models.IntegerField()
    among = models.IntegerField()
    unplaced = models.TextField(null=True)

    personal = declare(
        "assignment_id case_id at agency_id from_id to_id why home_before home_after held_since_before held capacity"
        " among unplaced"
    )

    class Meta:
        db_table = "assignment_move"
        constraints = [
            one_of("assignment_move", "why", [one.value for one in Why]),
            one_of("assignment_move", "unplaced", [one.value for one in Unplaced]),
        ]
        indexes = [
            models.Index(fields=["assignment_id", "case_id"], name="assignment_move_of_one"),
            models.Index(fields=["to_id"], name="assignment_move_to"),
        ]
