"""Facts of debts, objections to credit data, and what credit reporting is told because of them, in rows."""

from django.db import models
from django.db.models import Q

from zhizhi.core.consequence.objections import Message, ObjectionAnswer, ObjectionHow
from zhizhi.core.consequence.words import Fact, Served, Source
from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.personal import Shown, counted, declare, figure, of_person


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


class CreditObjection(PersonRow):
    """征信异议 of a debt: answered once, in writing, by a day; never deleted.

    PII: `sealed`, `answer_sealed` (words of the person and of staff) under the person's key.
    Retention: collection record, five years.
    """

    lender_id = models.BigIntegerField()
    debt_id = models.BigIntegerField()
    how = models.TextField()
    sealed = models.BinaryField()
    received_at = models.DateTimeField()
    received_by_id = models.BigIntegerField()
    due_on = models.DateField()
    answer = models.TextField(null=True)
    answer_sealed = models.BinaryField(null=True)
    answered_by_id = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)

    personal = declare(
        "lender_id debt_id how received_at received_by_id answered_by_id answered_at",
        due_on=figure("答复期限", "day by which it is answered"),
        answer=counted("核查结论", "what the check found"),
        sealed=of_person("异议内容", "what is objected to", "credit_objection/{id}", Shown.OPENED),
        answer_sealed=of_person("书面答复", "the written answer", "credit_objection/{id}/answer", Shown.OPENED),
    )

    class Meta:
        db_table = "credit_objection"
        constraints = [
            one_of("credit_objection", "how", [how.value for how in ObjectionHow]),
            one_of("credit_objection", "answer", [answer.value for answer in ObjectionAnswer]),
            models.CheckConstraint(
                condition=Q(answer=None, answer_sealed=None, answered_by_id=None, answered_at=None)
                | Q(
                    answer__isnull=False,
                    answer_sealed__isnull=False,
                    answered_by_id__isnull=False,
                    answered_at__isnull=False,
                ),
                name="credit_objection_answered_in_writing",
            ),
            models.UniqueConstraint(
                fields=["person_id", "debt_id"], condition=Q(answer=None), name="credit_objection_one_open_a_debt"
            ),
        ]
        indexes = [
            models.Index(fields=["lender_id", "due_on", "id"], condition=Q(answer=None), name="credit_objection_by_day")
        ]


class CreditMessage(PersonRow):
    """报送指令: what credit reporting is told because of an objection; made, sent, confirmed.

    PII: that the person's credit data are disputed or corrected; no name. Retention: collection record, five years.
    """

    lender_id = models.BigIntegerField()
    objection_id = models.BigIntegerField()
    debt_id = models.BigIntegerField()
    message = models.TextField()
    due_on = models.DateField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sent_by_id = models.BigIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_id = models.BigIntegerField(null=True)
    receipt = models.TextField(default="", help_text="number of the bureau's receipt")

    personal = declare(
        "lender_id objection_id debt_id made_at sent_at sent_by_id confirmed_at confirmed_by_id receipt",
        message=counted("报送内容", "what credit reporting is told"),
        due_on=figure("报送期限", "day by which it is sent"),
    )

    class Meta:
        db_table = "credit_message"
        constraints = [
            one_of("credit_message", "message", [message.value for message in Message]),
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by_id=None, confirmed_at=None)
                | Q(sent_at__isnull=False, sent_by_id__isnull=False),
                name="credit_message_sent_before_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by_id=None, receipt="")
                | (Q(confirmed_at__isnull=False, confirmed_by_id__isnull=False) & ~Q(receipt="")),
                name="credit_message_confirmed_by_receipt",
            ),
            models.UniqueConstraint(fields=["person_id", "objection_id", "message"], name="credit_message_once"),
        ]
        indexes = [
            models.Index(
                fields=["lender_id", "due_on", "id"], condition=Q(confirmed_at=None), name="credit_message_by_day"
            )
        ]
