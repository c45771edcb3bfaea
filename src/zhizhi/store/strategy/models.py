"""Strategies as versioned data, the run of a day, and each wish that a strategy had."""

from django.db import models

from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import declare


class Strategy(models.Model):
    """A strategy of a lender; it proposes, the law disposes.

    PII: none. Retention: five years after last use.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    code = models.TextField()
    name = models.TextField()

    personal = declare(
        "id lender_id code name",
    )

    class Meta:
        db_table = "strategy"
        constraints = [models.UniqueConstraint(fields=["lender", "code"], name="strategy_code_once_a_lender")]


class StrategyVersion(models.Model):
    """One version of a strategy: a decision table, activated by a second person.

    PII: none. Retention: five years after last use.
    """

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="versions")
    n = models.IntegerField()
    body = models.TextField(help_text="the table in TOML, see docs/strategy.md")
    state = models.TextField(default="draft")
    created_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    activated_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    activated_at = models.DateTimeField(null=True)

    personal = declare(
        "id strategy_id n body state created_by_id created_at activated_by_id activated_at",
    )

    class Meta:
        db_table = "strategy_version"
        constraints = [
            one_of("strategy_version", "state", ("draft", "active", "retired")),
            models.UniqueConstraint(fields=["strategy", "n"], name="strategy_version_once"),
            models.UniqueConstraint(
                fields=["strategy"], condition=models.Q(state="active"), name="strategy_active_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="active")
                | (models.Q(activated_by__isnull=False) & ~models.Q(activated_by=models.F("created_by"))),
                name="strategy_version_activated_by_another",
            ),
        ]


class Run(models.Model):
    """One run of a day for one lender: age, promises, strategy, decide, deliver; a date runs once.

    PII: none. Retention: five years.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    on = models.DateField()
    origin = models.TextField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    step = models.TextField(default="age", help_text="the step that is next; a killed run goes on from here")
    strategy_version = models.ForeignKey(StrategyVersion, null=True, on_delete=models.PROTECT)
    counts = models.JSONField(default=dict)

    personal = declare(
        "id lender_id on origin started_at finished_at step strategy_version_id counts",
    )

    class Meta:
        db_table = "run"
        constraints = [
            one_of("run", "origin", ("system", "declared")),
            models.UniqueConstraint(fields=["lender", "on"], name="run_once_a_day"),
        ]


class Wish(PersonRow):
    """What a strategy wished for one case on one day, and what became of it.

    PII: none by itself. Retention: five years.
    """

    run_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    step = models.TextField(help_text="the row of the strategy table")
    channel = models.TextField()
    purpose = models.TextField()
    form = models.TextField(default="")
    template_code = models.TextField(default="")
    planned_at = models.DateTimeField()
    result = models.TextField(default="planned")
    reason = models.TextField(default="", help_text="why it was skipped, or the first rule that refused or held it")
    decision_id = models.BigIntegerField(null=True)

    personal = declare(
        "run_id case_id step channel purpose form template_code planned_at result reason decision_id",
    )

    class Meta:
        db_table = "wish"
        constraints = [
            one_of("wish", "result", ("planned", "skipped", "permit", "forbid", "hold")),
            models.UniqueConstraint(fields=["run_id", "person_id", "step", "channel"], name="wish_once_a_run"),
        ]
        indexes = [models.Index(fields=["run_id", "result"], name="wish_by_run")]
