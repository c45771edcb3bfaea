"""Packs that decisions relied on, and runs that weigh a proposed pack against history."""

from django.db import models

from zhizhi.store.columns import one_of
from zhizhi.store.lenders.models import Lender

IMPACT_STATES = ("waiting", "running", "finished", "failed")


class PackRelease(models.Model):
    """规则包存档: the files of a pack under the digest that decisions name, so that any decision can be replayed.

    PII: none. Retention: as long as any decision names it; never deleted.
    """

    sha256 = models.CharField(primary_key=True, max_length=64)
    pack = models.TextField()
    version = models.TextField()
    body = models.BinaryField(help_text="the folder as a zip")
    is_proposed = models.BooleanField(default=False, help_text="brought to be weighed; decides nothing")
    kept_at = models.DateTimeField()

    class Meta:
        db_table = "pack_release"


class ImpactRun(models.Model):
    """规则影响测算: what a proposed pack would have done to the decisions of a span.

    PII: none; counts, ids of decisions. Retention: one year.
    """

    lender = models.ForeignKey(Lender, null=True, on_delete=models.PROTECT, help_text="null: every lender")
    release = models.ForeignKey(PackRelease, on_delete=models.PROTECT)
    since_on = models.DateField()
    until_on = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    state = models.TextField(default="waiting")
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    summary = models.JSONField(null=True)
    failure = models.JSONField(null=True)

    class Meta:
        db_table = "impact_run"
        constraints = [one_of("impact_run", "state", IMPACT_STATES)]
