"""案件: our work on a person — stage, stops, notes, promises — and the published codes of notes."""

from django.db import models

from zhizhi.store.columns import PersonRow, minor_units, not_negative, one_of
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

    class Meta:
        db_table = "collection_case"
        constraints = [
            one_of("case", "stage", STAGES),
            one_of("case", "exit", EXITS),
            one_of("case", "stop", STOPS),
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

    class Meta:
        db_table = "note"


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

    class Meta:
        db_table = "promise"
        constraints = [
            one_of("promise", "state", ("open", "kept", "broken")),
            *not_negative("promise", "amount_minor", "paid_minor"),
        ]
        indexes = [models.Index(fields=["due_on"], condition=models.Q(state="open"), name="promise_open_by_day")]
