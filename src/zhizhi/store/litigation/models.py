"""Court files in rows: where each stands, every step, every deadline, every fen of fees, and how it was opened."""

from django.db import models
from django.db.models import Q

from zhizhi.core.litigation.bars import Bar
from zhizhi.core.litigation.deadlines import Acts, Due
from zhizhi.core.litigation.fees import FeeItem, FeeMove
from zhizhi.core.litigation.words import Lane, State, Step
from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.litigation.words import CLAIMS
from zhizhi.store.personal import counted, declare, figure


class LawFirm(models.Model):
    """律师事务所: whom a lender may give files to, while the contract lasts.

    PII: none; a firm is no person. Retention: as long as the system is.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    name = models.TextField()
    contract_ends_on = models.DateField()
    added_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    personal = declare("id lender_id name contract_ends_on added_by_id added_at")

    class Meta:
        db_table = "law_firm"
        constraints = [models.UniqueConstraint(fields=["lender", "name"], name="law_firm_once_a_lender")]


class CourtBatch(models.Model):
    """批量建卷: one form for many cases; `again_of`: the batch whose refused cases were mended and sent again.

    PII: none. Retention: as long as the system is.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    lane = models.TextField()
    claim = models.TextField()
    court = models.TextField()
    facts = models.JSONField(help_text="the form, as it was sent")
    again_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    opened = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    personal = declare("id lender_id lane claim court facts again_of_id opened refused made_by_id made_at")

    class Meta:
        db_table = "court_batch"
        constraints = [
            one_of("court_batch", "lane", [lane.value for lane in Lane]),
            one_of("court_batch", "claim", CLAIMS),
        ]


class CourtBatchLine(PersonRow):
    """One debt of a batch: the file that was opened, or what stood in the way. Only ever added.

    PII: that proceedings were prepared, or why not; the case number, no name. Retention: collection record, five years.
    """

    batch_id = models.BigIntegerField()
    lender_id = models.BigIntegerField()
    case_number = models.TextField()
    debt_id = models.BigIntegerField()
    file_id = models.BigIntegerField(null=True)
    bar = models.TextField(null=True)

    personal = declare(
        "batch_id lender_id case_number debt_id file_id",
        bar=counted("不予建卷原因", "why no file was opened"),
    )

    class Meta:
        db_table = "court_batch_line"
        constraints = [
            one_of("court_batch_line", "bar", [bar.value for bar in Bar]),
            models.CheckConstraint(
                condition=Q(bar=None, file_id__isnull=False) | Q(bar__isnull=False, file_id=None),
                name="court_batch_line_opened_or_says_why",
            ),
        ]
        indexes = [models.Index(fields=["batch_id", "id"], name="court_batch_line_by_batch")]


class CourtFile(PersonRow):
    """诉讼案卷: one debt on its way through mediation, court or notary, in the state to which its steps led.

    PII: that proceedings run, sums and days of the debt, the court's docket number; no name.
    Retention: collection record, five years after the proceedings ended.
    """

    lender_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    case_number = models.TextField()
    debt_id = models.BigIntegerField()
    lane = models.TextField()
    state = models.TextField()
    has_title = models.BooleanField(default=False)
    claim_minor = minor_units()
    currency = models.CharField(max_length=3)
    court = models.TextField()
    docket = models.TextField(default="")
    begin_by = models.DateField(help_text="cautious end of limitation")
    digest = models.BinaryField(help_text="SHA-256 of the facts that it was opened on: equal facts, equal files")
    opened_on = models.DateField()
    opened_by_id = models.BigIntegerField()
    opened_at = models.DateTimeField()
    batch_id = models.BigIntegerField()
    firm_id = models.BigIntegerField(null=True)
    assigned_on = models.DateField(null=True)
    step_n = models.IntegerField(help_text="the place of the latest step")
    last_on = models.DateField()
    next_due_on = models.DateField(null=True)
    next_due = models.TextField(null=True)
    next_acts = models.TextField(null=True)
    ended_on = models.DateField(null=True)

    personal = declare(
        "lender_id case_id case_number debt_id currency court digest opened_by_id opened_at batch_id firm_id "
        "assigned_on step_n next_acts",
        lane=counted("程序", "lane of the proceedings"),
        state=counted("诉讼状态", "state of the proceedings"),
        has_title=counted("有无生效文书", "whether there is an enforceable title"),
        docket=counted("案号", "docket number of the court"),
        claim_minor=figure("请求金额", "amount claimed"),
        begin_by=figure("时效审慎届满日", "cautious end of limitation"),
        opened_on=figure("建卷日", "day it was opened"),
        last_on=figure("最近步骤日", "day of the latest step"),
        next_due_on=figure("下一到期日", "next deadline"),
        next_due=counted("下一事项", "what falls due next"),
        ended_on=figure("结卷日", "day it ended"),
    )

    class Meta:
        db_table = "court_file"
        constraints = [
            one_of("court_file", "lane", [lane.value for lane in Lane]),
            one_of("court_file", "state", [state.value for state in State]),
            one_of("court_file", "next_due", [due.value for due in Due]),
            one_of("court_file", "next_acts", [acts.value for acts in Acts]),
            models.CheckConstraint(condition=Q(claim_minor__gt=0), name="court_file_claims_something"),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) | (~Q(state="ended") & Q(ended_on=None)),
                name="court_file_ends_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(next_due_on=None, next_due=None, next_acts=None)
                | Q(next_due_on__isnull=False, next_due__isnull=False, next_acts__isnull=False),
                name="court_file_next_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(firm_id=None, assigned_on=None) | Q(firm_id__isnull=False, assigned_on__isnull=False),
                name="court_file_assigned_on_a_day",
            ),
            models.UniqueConstraint(
                fields=["person_id", "debt_id"], condition=~Q(state="ended"), name="court_file_one_open_a_debt"
            ),
        ]
        indexes = [
            models.Index(fields=["lender_id", "next_due_on", "id"], name="court_file_by_next"),
            models.Index(fields=["batch_id", "id"], name="court_file_by_batch"),
        ]


class CourtStep(PersonRow):
    """One step of a file on its civil day: only ever added.

    PII: days of the proceedings. Retention: collection record, five years.
    """

    file_id = models.BigIntegerField()
    lender_id = models.BigIntegerField()
    n = models.IntegerField()
    step = models.TextField()
    on = models.DateField()
    until_on = models.DateField(null=True, help_text="the day that was named: until when to correct, appear, pay")
    state = models.TextField(help_text="where it led")
    by_id = models.BigIntegerField()
    at = models.DateTimeField()

    personal = declare(
        "file_id lender_id n by_id at",
        step=counted("步骤", "step"),
        on=figure("步骤日", "day of the step"),
        until_on=figure("所定日期", "day that was named"),
        state=counted("诉讼状态", "state of the proceedings"),
    )

    class Meta:
        db_table = "court_step"
        constraints = [
            one_of("court_step", "step", [step.value for step in Step]),
            one_of("court_step", "state", [state.value for state in State]),
            models.UniqueConstraint(fields=["person_id", "file_id", "n"], name="court_step_numbered"),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=models.F("on")) | Q(step="prepare"),
                name="court_step_names_a_later_day",
            ),
        ]


class CourtDeadline(PersonRow):
    """What falls due after a step, by when and who acts; met, or fallen away, by a later one.

    PII: days of the proceedings. Retention: collection record, five years.
    """

    file_id = models.BigIntegerField()
    lender_id = models.BigIntegerField()
    step_n = models.IntegerField()
    due = models.TextField()
    acts = models.TextField()
    source = models.TextField()
    is_confirmed = models.BooleanField()
    begun_on = models.DateField()
    due_on = models.DateField()
    met_on = models.DateField(null=True)
    dropped_on = models.DateField(null=True)

    personal = declare(
        "file_id lender_id step_n acts source is_confirmed",
        due=counted("到期事项", "what falls due"),
        begun_on=figure("起算日", "day from which it runs"),
        due_on=figure("到期日", "day by which somebody acts"),
        met_on=figure("办理日", "day on which it was met"),
        dropped_on=figure("不再适用日", "day on which it fell away"),
    )

    class Meta:
        db_table = "court_deadline"
        constraints = [
            one_of("court_deadline", "due", [due.value for due in Due]),
            one_of("court_deadline", "acts", [acts.value for acts in Acts]),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("begun_on")) | Q(due="begin_in_time"),
                name="court_deadline_after_its_step",
            ),
            models.CheckConstraint(condition=Q(met_on=None) | Q(dropped_on=None), name="court_deadline_ends_once"),
            models.UniqueConstraint(fields=["person_id", "file_id", "step_n", "due"], name="court_deadline_once"),
        ]
        indexes = [
            models.Index(fields=["lender_id", "due_on", "id"], condition=Q(met_on=None, dropped_on=None),
                         name="court_deadline_open_by_day"),
        ]  # fmt: skip


class CourtFee(PersonRow):
    """诉讼费用台账: money advanced, refunded, recovered or borne for a file. Only ever added.

    PII: costs of the proceedings. Retention: ledger 10 years (AML 34).
    """

    file_id = models.BigIntegerField()
    lender_id = models.BigIntegerField()
    item = models.TextField()
    move = models.TextField()
    amount_minor = minor_units()
    scale_minor = models.BigIntegerField(null=True, help_text="what the scale asked for, where there is one")
    on = models.DateField()
    approval = models.OneToOneField(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    by_id = models.BigIntegerField()
    at = models.DateTimeField()

    personal = declare(
        "file_id lender_id item move approval_id by_id at",
        amount_minor=figure("费用金额", "amount of the fee"),
        scale_minor=figure("标准费用", "fee by the scale"),
        on=figure("费用日期", "day of the fee"),
    )

    class Meta:
        db_table = "court_fee"
        constraints = [
            one_of("court_fee", "item", [item.value for item in FeeItem]),
            one_of("court_fee", "move", [move.value for move in FeeMove]),
            *not_negative("court_fee", "amount_minor"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="court_fee_is_money"),
            models.CheckConstraint(
                condition=Q(approval__isnull=False)
                | Q(move__in=["refunded", "recovered"])
                | Q(move="advanced", amount_minor__lte=500_000),
                name="court_fee_of_two_persons",
            ),
        ]
        indexes = [models.Index(fields=["lender_id", "file_id", "id"], name="court_fee_by_file")]
