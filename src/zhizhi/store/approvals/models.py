"""Requests that wait for a second person, and what became of them."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from zhizhi.store.columns import one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import declare, of_staff

STATES = ("waiting", "approved", "executed", "refused", "withdrawn", "expired")


class Approval(models.Model):
    """审批申请: what one person asks for, bound by its digest; another rules on it, and it is carried out once.

    PII: none of a customer, whom ids stand for; `request`, `ground` and `remark` may name employees.
    Retention: for ever, as the leaves that speak of it.
    """

    subject = models.UUIDField(default=uuid4, unique=True, help_text="random id that stands for it in the evidence log")
    act = models.TextField(help_text="code of usecases/approvals/every.py")
    lender = models.ForeignKey(Lender, null=True, on_delete=models.PROTECT, help_text="null: the whole installation")
    about_staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    request = models.JSONField(help_text="all that is carried out")
    digest = models.TextField(help_text="SHA-256 of act, lender, person concerned and request, in hex")
    ground = models.TextField()
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.TextField(default="waiting")
    ruled_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField(null=True)
    remark = models.TextField(default="")
    executed_at = models.DateTimeField(null=True)

    personal = declare(
        "id subject act lender_id about_staff_id digest asked_by_id asked_at expires_at state ruled_by_id ruled_at "
        "executed_at",
        request=of_staff("申请内容（可含员工姓名与登录名）", "what is asked for, with names of employees"),
        ground=of_staff("申请理由", "ground of the request"),
        remark=of_staff("审批意见", "remark of the ruling"),
    )

    class Meta:
        db_table = "approval"
        constraints = [
            one_of("approval", "state", STATES),
            models.CheckConstraint(
                condition=Q(ruled_by=None) | ~Q(ruled_by=F("asked_by")), name="approval_ruled_by_another"
            ),
            models.CheckConstraint(
                condition=Q(ruled_by=None) | Q(about_staff=None) | ~Q(ruled_by=F("about_staff")),
                name="approval_not_by_whom_it_concerns",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "withdrawn", "expired"], ruled_by=None, ruled_at=None)
                | Q(state__in=["approved", "executed", "refused"], ruled_by__isnull=False, ruled_at__isnull=False)
                | Q(state="expired", ruled_by__isnull=False, ruled_at__isnull=False),
                name="approval_ruled_with_a_name",
            ),
            models.CheckConstraint(
                condition=Q(state="executed", executed_at__isnull=False) | ~Q(state="executed") & Q(executed_at=None),
                name="approval_executed_with_a_time",
            ),
            models.CheckConstraint(
                condition=(Q(ruled_at=None) | Q(ruled_at__gte=F("asked_at"), ruled_at__lt=F("expires_at")))
                & (Q(executed_at=None) | Q(executed_at__gte=F("ruled_at"), executed_at__lt=F("expires_at"))),
                name="approval_in_time",
            ),
            models.UniqueConstraint(fields=["digest"], condition=Q(state="waiting"), name="approval_waits_once"),
        ]
        indexes = [
            models.Index(fields=["asked_at", "id"], condition=Q(state="waiting"), name="approval_waiting"),
            models.Index(fields=["asked_at", "id"], name="approval_by_time"),
        ]
