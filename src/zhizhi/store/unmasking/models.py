"""Each look at a clear value, and how many there may be."""

from django.db import models
from django.db.models import F, Q

from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.lenders.models import Lender
from zhizhi.store.personal import counted, declare
from zhizhi.store.unmasking.grounds import HOURS_MAX, MOST_MAX, PER, WHATS, Ground
from zhizhi.store.words import STAFF_ROLES


class Unmasking(PersonRow):
    """查看明文: somebody saw a value of a person in the clear, on a ground, for a minute. Only ever added.

    PII: none by itself; the value is not in it. Retention: for ever, as the leaves that speak of it.
    """

    lender_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    party_id = models.BigIntegerField(help_text="whose value it is")
    what = models.TextField()
    target_id = models.BigIntegerField(help_text="the person, party, point or debt that has the value")
    ground = models.TextField()
    staff_id = models.BigIntegerField()
    role = models.TextField(help_text="in which role; the person is told this and no name")
    at = models.DateTimeField()
    until = models.DateTimeField()

    personal = declare(
        "lender_id case_id party_id what target_id staff_id role at until",
        ground=counted("查看明文的理由（封闭词表）", "ground of the look, a code"),
    )

    class Meta:
        db_table = "unmasking"
        constraints = [
            one_of("unmasking", "what", WHATS),
            one_of("unmasking", "ground", [ground.value for ground in Ground]),
            one_of("unmasking", "role", STAFF_ROLES),
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="unmasking_has_a_time"),
        ]
        indexes = [
            models.Index(fields=["staff_id", "at"], name="unmasking_by_staff"),
            models.Index(fields=["person_id", "at"], name="unmasking_by_person"),
        ]


class UnmaskLimit(models.Model):
    """查看上限: so many looks by a member of staff, or at a person, within so many hours. The latest row of a lender
    counts, else the one of none, which came with the product. A change names the approval that it carries out.

    PII: none. Retention: as long as the installation.
    """

    lender = models.ForeignKey(Lender, null=True, on_delete=models.PROTECT, help_text="null: where a lender has none")
    per = models.TextField()
    hours = models.IntegerField()
    most = models.IntegerField()
    from_at = models.DateTimeField()
    approval = models.OneToOneField(Approval, null=True, on_delete=models.PROTECT, related_name="+")

    personal = declare("id lender_id per hours most from_at approval_id")

    class Meta:
        db_table = "unmask_limit"
        constraints = [
            one_of("unmask_limit", "per", PER),
            models.CheckConstraint(
                condition=Q(hours__gte=1, hours__lte=HOURS_MAX, most__gte=0, most__lte=MOST_MAX),
                name="unmask_limit_far_below_the_law",
            ),
            models.CheckConstraint(
                condition=Q(lender=None, approval=None) | Q(lender__isnull=False, approval__isnull=False),
                name="unmask_limit_approved",
            ),
        ]
