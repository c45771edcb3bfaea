"""Facts of debts in rows."""

from django.db import models
from django.db.models import Q

from zhizhi.core.consequence.words import Fact, Served, Source
from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.personal import counted, declare, figure


class DebtFact(PersonRow):
    """真实后果登记: that something is, or is not, true of a debt from a day on. Only ever added; the last row of a debt
    and a fact counts, and where there is none it is unknown.

    PII: whether the person's debt is reported to credit reporting, and since when; no name.
    Retention: collection record, five years.
    """

    lender_id = models.BigIntegerField()
    debt_id = models.BigIntegerField()
    fact = models.TextField()
    n = models.IntegerField(help_text="of the rows of this debt and fact")
    holds = models.BooleanField()
    on_day = models.DateField(help_text="from this day on")
    source = models.TextField()
    how = models.TextField(null=True, help_text="of a notice: how it reached the person")
    evidence = models.TextField(help_text="where the proof is kept; no name and no number")
    by_id = models.BigIntegerField()
    at = models.DateTimeField()

    personal = declare(
        "lender_id debt_id n source how evidence by_id at",
        fact=counted("关于债权的事实", "a fact of the debt"),
        holds=counted("是否属实", "whether it is so"),
        on_day=figure("事实起算日", "day from which it is so"),
    )

    class Meta:
        db_table = "debt_fact"
        constraints = [
            one_of("debt_fact", "fact", [fact.value for fact in Fact]),
            one_of("debt_fact", "source", [source.value for source in Source]),
            one_of("debt_fact", "how", [served.value for served in Served]),
            models.CheckConstraint(
                condition=Q(fact=Fact.ADVERSE_NOTICE.value, holds=True, how__isnull=False)
                | (~Q(fact=Fact.ADVERSE_NOTICE.value, holds=True) & Q(how=None)),
                name="debt_fact_notice_says_how",
            ),
            models.UniqueConstraint(fields=["person_id", "debt_id", "fact", "n"], name="debt_fact_numbered"),
        ]
