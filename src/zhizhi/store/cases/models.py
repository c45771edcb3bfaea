"""案件: our work on a person — stage, stops, notes, promises — and the published codes of notes."""

from django.db import models

from zhizhi.core.assignment.facts import Unplaced
from zhizhi.store.assignment.words import LANGUAGES
from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of
from zhizhi.store.personal import Pfi, Shown, counted, declare, figure, listed, of_person, written
from zhizhi.store.words import STOPS

STAGES = ("reminder", "early", "middle", "visit", "litigation")
EXITS = ("cured", "settled", "settled_with_waiver", "assigned", "subrogated", "ended", "withdrawn")


class Case(PersonRow):
    """The work on one person; a person has at most one open case, so that everything is worked and counted once.

    PII: `masked` (masked name and number) under the lender's list key. Retention: collection record, five years
    after the latest of
    contact, case closed, debt settled (CBRC 2011-2 68).
    """

    number = models.TextField(unique=True)
    lender_id = models.BigIntegerField()
    agency_id = models.BigIntegerField(null=True)
    queue_id = models.BigIntegerField(null=True)
    collector_id = models.BigIntegerField(null=True)
    team = models.TextField(default="")
    stage = models.TextField()
    stop = models.TextField(null=True, help_text="the stop in force that beats the stage; details in `stop`")
    is_lost_contact = models.BooleanField(default=False)
    days_past_due = models.IntegerField()
    balance_minor = minor_units()
    currency = models.CharField(max_length=3, default="CNY")
    product = models.TextField()
    masked = models.BinaryField()
    opened_on = models.DateField()
    aged_on = models.DateField(help_text="the day for which stage and days were last worked out")
    closed_on = models.DateField(null=True)
    exit = models.TextField(null=True)
    next_step = models.TextField(null=True)
    next_step_at = models.DateTimeField(null=True)
    latest_contact_at = models.DateTimeField(null=True)
    assigned_because = models.TextField(default="")
    held_since = models.DateField(null=True, help_text="since when its collector has it")
    home_id = models.BigIntegerField(null=True, help_text="who is away and has it back")
    unplaced = models.TextField(null=True, help_text="why nobody has it")
    language = models.TextField(null=True, help_text="of the debtor, where it is not the main one")

    personal = declare(
        "number lender_id agency_id queue_id collector_id team stage currency opened_on aged_on closed_on "
        "next_step_at latest_contact_at assigned_because held_since home_id unplaced",
        language=counted("客户所用语言", "the language of the debtor"),
        masked=listed("person_id"),
        balance_minor=figure("余额", "balance"),
        days_past_due=figure("逾期天数", "days past due"),
        product=figure("产品", "product"),
        stop=counted("停催原因", "why contacts are stopped", Pfi.C2),
        is_lost_contact=counted("是否失联", "whether contact is lost"),
        next_step=counted("下一步", "next step"),
        exit=counted("结案原因", "why it was closed", Pfi.C2),
    )

    class Meta:
        db_table = "collection_case"
        constraints = [
            one_of("case", "stage", STAGES),
            one_of("case", "exit", EXITS),
            one_of("case", "stop", STOPS),
            one_of("case", "unplaced", [one.value for one in Unplaced]),
            one_of("case", "language", LANGUAGES),
            *not_negative("case", "balance_minor"),
            models.UniqueConstraint(
                fields=["person_id"], condition=models.Q(closed_on=None), name="case_open_once_a_person"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on=None, exit=None) | models.Q(closed_on__isnull=False, exit__isnull=False),
                name="case_closed_with_exit",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lender_id", "-balance_minor", "id"],
                condition=models.Q(closed_on=None),
                name="case_open_by_balance",
            ),
            models.Index(
                fields=["lender_id", "-days_past_due", "id"],
                condition=models.Q(closed_on=None),
                name="case_open_by_days",
            ),
            models.Index(
                fields=["lender_id", "next_step_at", "id"], condition=models.Q(closed_on=None), name="case_open_by_next"
            ),
            models.Index(
                fields=["collector_id", "-balance_minor", "id"],
                condition=models.Q(closed_on=None),
                name="case_open_by_collector",
            ),
            models.Index(
                fields=["agency_id", "-balance_minor", "id"],
                condition=models.Q(closed_on=None),
                name="case_open_by_agency",
            ),
            models.Index(
                fields=["home_id"],
                condition=models.Q(closed_on=None, home_id__isnull=False),
                name="case_open_by_home",
            ),
            models.Index(
                fields=["lender_id", "stop"],
                condition=models.Q(closed_on=None, stop__isnull=False),
                name="case_open_by_stop",
            ),
            models.Index(fields=["id"], condition=models.Q(closed_on=None, agency_id=None), name="case_open_own"),
        ]


class Stop(PersonRow):
    """停催: why collection rests, on whose word, from when until when.

    PII: the kind may tell of illness, death or insolvency (sensitive, PIPL 28). Retention: collection record, five
    years.
    """

    kind = models.TextField()
    debt_id = models.BigIntegerField(null=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    ground = models.TextField()
    set_by = models.TextField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.TextField(null=True)
    lifted_ground = models.TextField(null=True)
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "debt_id from_at until_at set_by lifted_at lifted_by import_id",
        kind=counted("停催种类，可涉及疾病、死亡、破产", "kind, which may tell of illness, death, insolvency", Pfi.C2),
        ground=written("理由", "ground"),
        lifted_ground=written("解除理由", "ground of the end"),
    )

    class Meta:
        db_table = "stop"
        constraints = [one_of("stop", "kind", STOPS)]


class Code(models.Model):
    """A code of the notes in one version of its list: action, outcome, overdue reason, next step.

    PII: none. Retention: for ever; old notes point at old versions.
    """

    list = models.TextField()
    version = models.IntegerField()
    code = models.TextField()
    zh = models.TextField()
    en = models.TextField()
    position = models.IntegerField()

    personal = declare(
        "id list version code zh en position",
    )

    class Meta:
        db_table = "code"
        constraints = [
            one_of("code", "list", ("action", "outcome", "overdue_reason", "next_step")),
            models.UniqueConstraint(fields=["list", "version", "code"], name="code_once_a_version"),
        ]


class Note(PersonRow):
    """催记: what was done, what came of it, why the person is behind, and the next step with its time.

    PII: `sealed` (free text) under the person's key. Retention: collection record, five years (CBRC 2011-2 68).
    """

    case_id = models.BigIntegerField(
        null=True, help_text="null: came with a book, before the first case here was opened"
    )
    at = models.DateTimeField()
    author = models.TextField()
    action = models.TextField()
    outcome = models.TextField()
    overdue_reason = models.TextField(null=True)
    codes_version = models.IntegerField()
    sealed = models.BinaryField()
    next_step = models.TextField()
    next_step_at = models.DateTimeField()
    contact_id = models.BigIntegerField(null=True)
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "case_id at author action codes_version next_step_at contact_id import_id",
        sealed=of_person("记录文字", "free text", "note/{id}", Shown.OPENED),
        outcome=counted("结果（词表）", "outcome, a code"),
        overdue_reason=counted("逾期原因（词表）", "why it is overdue, a code", Pfi.C2),
        next_step=counted("下一步（词表）", "next step, a code"),
    )

    class Meta:
        db_table = "note"
        indexes = [
            models.Index(fields=["at"], condition=models.Q(contact_id__isnull=False), name="note_of_contact_by_time")
        ]


class Promise(PersonRow):
    """承诺还款: an amount by a day; kept, or broken (跳票) when the day has passed without it.

    PII: amounts are financial data of the person. Retention: collection record, five years.
    """

    case_id = models.BigIntegerField(
        null=True, help_text="null: came with a book, before the first case here was opened"
    )
    promised_at = models.DateTimeField()
    due_on = models.DateField()
    amount_minor = minor_units()
    paid_minor = minor_units(default=0)
    state = models.TextField(default="open")
    settled_on = models.DateField(null=True)
    contact_id = models.BigIntegerField(null=True)
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "case_id promised_at state settled_on contact_id import_id",
        amount_minor=figure("承诺金额", "amount promised"),
        paid_minor=figure("已还金额", "amount paid"),
        due_on=figure("承诺日", "day promised"),
    )

    class Meta:
        db_table = "promise"
        constraints = [
            one_of("promise", "state", ("open", "kept", "broken")),
            *not_negative("promise", "amount_minor", "paid_minor"),
        ]
        indexes = [models.Index(fields=["due_on"], condition=models.Q(state="open"), name="promise_open_by_day")]
