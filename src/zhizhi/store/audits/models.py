"""Runs that judge a contact log that somebody brought."""

from django.db import models

from zhizhi.store.columns import one_of
from zhizhi.store.lenders.models import Lender
from zhizhi.store.personal import declare, of_product

AUDIT_STATES = ("waiting", "running", "finished", "failed")


class AuditRun(models.Model):
    """触达记录审计: a log that somebody brought, and what the law says of its contacts.

    PII: `findings` and `paper`, sealed under the product's key: work numbers of collectors, and persons hidden by a key
    that is thrown away when the run ends; the log itself is deleted then. `summary` holds counts, and work numbers.
    Retention: findings, paper and summary are erased 30 days after the run; that it was made stays.
    """

    lender = models.ForeignKey(Lender, null=True, on_delete=models.PROTECT, help_text="null: for every lender")
    name = models.TextField(help_text="the file's name, without its folder")
    profile = models.TextField()
    reading = models.TextField()
    map_body = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    state = models.TextField(default="failed")
    done = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    summary = models.JSONField(null=True)
    findings = models.BinaryField(null=True)
    paper = models.BinaryField(null=True)
    failure = models.JSONField(null=True)
    erased_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0, db_default=0, help_text="workers that took it up")

    personal = declare(
        "id lender_id name profile reading map_body asked_at asked_by state done finished_at summary failure "
        "erased_at attempts",
        findings=of_product("审计发现", "findings of the audit", "audit", "audit/{id}/findings"),
        paper=of_product("审计报告", "report of the audit", "audit", "audit/{id}/paper"),
    )

    class Meta:
        db_table = "audit_run"
        constraints = [one_of("audit_run", "state", AUDIT_STATES)]
