"""The gate in rows: what was decided, what was permitted, what waits to leave, what happened."""

from django.db import models

from zhizhi.core.conduct.words import CHANNELS, OUTCOMES
from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.personal import Pfi, Shown, counted, declare, of_person, written

PERMIT_STATES = ("open", "used", "released")
DELIVERY_STATES = ("waiting", "claimed", "delivered", "failed", "unknown", "cancelled")


class Decision(PersonRow):
    """判定: what the law said of one proposed contact; the very document that is shown, exported and replayed.

    PII: `facts` and `body` hold ids, times and closed values only (contract/conduct-case.md), no name and no number.
    Retention: collection record, five years (CBRC 2011-2 68).
    """

    at = models.DateTimeField()
    verdict = models.TextField()
    channel = models.TextField()
    stage = models.TextField(default="", db_default="", help_text="of the open case when it was decided; empty: none")
    rule = models.TextField(default="", help_text="the first reason, for counting")
    next_permitted_at = models.DateTimeField(null=True)
    hold_for = models.TextField(null=True)
    facts = models.JSONField(help_text="the case document that was decided")
    body = models.JSONField(help_text="the decision document")
    run_id = models.BigIntegerField(null=True)
    by = models.TextField(help_text="who asked: a staff id or the run")

    personal = declare(
        "at verdict channel stage rule next_permitted_at hold_for run_id by",
        facts=counted(
            "判定所依的事实（编号、时间、封闭词表）", "facts of the decision: ids, times, closed values", Pfi.C2
        ),
        body=counted("判定", "the decision", Pfi.C2),
    )

    class Meta:
        db_table = "decision"
        constraints = [
            one_of("decision", "verdict", ("permit", "forbid", "hold", "presumed_violation")),
            one_of("decision", "channel", CHANNELS),
        ]
        indexes = [
            models.Index(fields=["at"], name="decision_by_time"),
            models.Index(fields=["run_id", "verdict"], name="decision_by_run"),
        ]


class Permit(PersonRow):
    """触达许可: one contact may leave, once, to this point, with this content, within this time.

    Nothing but `state`, `used_at` and `released_*` ever changes (trigger); it is given back only on proof that
    nothing left.

    PII: none by itself. Retention: collection record, five years.
    """

    decision_id = models.BigIntegerField()
    lender_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    point_id = models.BigIntegerField()
    channel = models.TextField()
    form = models.TextField()
    purpose = models.TextField()
    debts = models.JSONField()
    collector = models.TextField(help_text="lender or agency that makes the contact: the `by` of the event")
    template_version_id = models.BigIntegerField(null=True)
    content_digest = models.CharField(max_length=64)
    minted_at = models.DateTimeField()
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    must_end_by = models.DateTimeField(null=True)
    origin = models.TextField(help_text="`system` or `declared` clock")
    state = models.TextField(default="open")
    used_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    released_because = models.TextField(null=True)

    personal = declare(
        "decision_id lender_id party_id point_id channel form purpose debts collector template_version_id "
        "content_digest minted_at not_before expires_at must_end_by origin state used_at released_at "
        "released_because",
    )

    class Meta:
        db_table = "permit"
        constraints = [
            one_of("permit", "state", PERMIT_STATES),
            one_of("permit", "origin", ("system", "declared")),
            one_of("permit", "channel", CHANNELS),
            models.UniqueConstraint(fields=["person_id", "decision_id"], name="permit_once_a_decision"),
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("not_before")), name="permit_has_a_time"),
        ]


class PermitSlot(models.Model):
    """次数占位: the number that a permit takes of a cap of one day; written by the trigger of its permit alone.

    It is freed when the permit no longer counts and the next one asks. `bound` is the limit that applied; null where a
    person had reviewed the rule.

    PII: none by itself. Retention: as the permit.
    """

    pk = models.CompositePrimaryKey("person_id", "rule", "key", "on_day", "number")
    person_id = models.BigIntegerField()
    permit_id = models.BigIntegerField()
    rule = models.TextField()
    key = models.TextField(help_text="what the cap counts by: party, number, debt, collector")
    on_day = models.DateField()
    number = models.IntegerField()
    bound = models.IntegerField(null=True)

    personal = declare(
        "person_id permit_id rule key on_day number bound",
    )

    class Meta:
        db_table = "permit_slot"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__gte=1)
                & (models.Q(bound__isnull=True) | models.Q(number__lte=models.F("bound"))),
                name="permit_slot_within_its_bound",
            ),
        ]


class Delivery(PersonRow):
    """The outbox: a permitted contact that waits to leave, or how it left.

    PII: `sealed` (the rendered content) under the person's key. Retention: content of a collection message is a
    collection record, five years.
    """

    permit_id = models.BigIntegerField()
    channel = models.TextField()
    gateway = models.TextField()
    state = models.TextField(default="waiting")
    sealed = models.BinaryField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.TextField(null=True)
    attempts = models.IntegerField(default=0)
    provider_key = models.TextField(null=True, help_text="the provider's message id")
    failure = models.TextField(null=True, help_text="code of the failure, never a text of the provider")
    finished_at = models.DateTimeField(null=True)
    run_id = models.BigIntegerField(null=True)
    campaign_id = models.BigIntegerField(null=True)
    stands_at = models.BigIntegerField(null=True, help_text="version of the person at which the law last permitted it")

    personal = declare(
        "permit_id channel gateway state due_at claimed_at claimed_by attempts provider_key failure "
        "finished_at run_id campaign_id stands_at",
        sealed=of_person("发送内容", "rendered content", "delivery/{id}", Shown.CARRIED),
    )

    class Meta:
        db_table = "delivery"
        constraints = [
            one_of("delivery", "state", DELIVERY_STATES),
            models.UniqueConstraint(fields=["person_id", "permit_id"], name="delivery_once_a_permit"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="delivery_waiting"),
            models.Index(
                fields=["claimed_at"], condition=models.Q(state__in=["claimed", "unknown"]), name="delivery_unsettled"
            ),
            models.Index(fields=["gateway", "provider_key"], name="delivery_by_provider_key"),
            models.Index(fields=["run_id", "state"], name="delivery_by_run"),
            models.Index(
                fields=["campaign_id", "state"],
                condition=models.Q(campaign_id__isnull=False),
                name="delivery_by_campaign",
            ),
            models.Index(
                fields=["campaign_id", "due_at"],
                condition=models.Q(campaign_id__isnull=False, state="waiting"),
                name="delivery_campaign_waiting",
            ),
        ]


class CalledOff(PersonRow):
    """收回: a delivery that a worker had in hand when something beat its permit; what is not begun is never begun.

    `id` is that of the delivery. Only ever added; how the delivery ended is said there.
    PII: none. Retention: as its delivery, collection record, five years.
    """

    because = models.TextField(help_text="payment, statement, stop_…, placement_over")
    at = models.DateTimeField()

    personal = declare("because at")

    class Meta:
        db_table = "called_off"


class Contact(PersonRow):
    """触达: a contact that happened, in the words of the conduct contract; the rows that caps count.

    An outbound contact of ours names its permit; only imported history may stand without one.

    PII: none by itself. Retention: collection record, five years after the latest of contact, case closed, debt
    settled.
    """

    at = models.DateTimeField()
    channel = models.TextField()
    direction = models.TextField()
    party_id = models.BigIntegerField()
    point_id = models.BigIntegerField(null=True)
    debts = models.JSONField(null=True)
    form = models.TextField(default="interactive")
    purpose = models.TextField(null=True)
    collector = models.TextField(help_text="id of the lender or agency that made it")
    collector_kind = models.TextField(default="lender")
    staff_id = models.BigIntegerField(null=True)
    outcome = models.TextField(null=True, help_text="null: not known yet, counted as perhaps")
    ring_seconds = models.IntegerField(null=True)
    line_result = models.TextField(null=True)
    talk_seconds = models.IntegerField(null=True)
    exchanged = models.BooleanField(null=True)
    about_debt = models.BooleanField(null=True)
    is_robot = models.BooleanField(null=True)
    in_reply_to = models.BigIntegerField(null=True)
    permit_id = models.BigIntegerField(null=True)
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "at channel direction party_id point_id debts form purpose collector collector_kind staff_id "
        "ring_seconds line_result exchanged is_robot in_reply_to permit_id import_id",
        outcome=counted("联系结果", "outcome of the contact"),
        talk_seconds=counted("通话时长", "seconds of talk"),
        about_debt=counted("是否谈及债务", "whether the debt was spoken of"),
    )

    class Meta:
        db_table = "contact"
        constraints = [
            one_of("contact", "channel", CHANNELS),
            one_of("contact", "direction", ("out", "in", "internal")),
            one_of("contact", "outcome", OUTCOMES),
            models.CheckConstraint(
                condition=~models.Q(direction="out")
                | models.Q(permit_id__isnull=False)
                | models.Q(import_id__isnull=False),
                name="contact_out_has_permit",
            ),
            models.UniqueConstraint(fields=["person_id", "permit_id"], name="contact_once_a_permit"),
        ]
        indexes = [models.Index(fields=["person_id", "at"], name="contact_of_person_by_time")]


class Hold(PersonRow):
    """待人工核定: a decision that waits for somebody, and what that person ruled on which ground.

    PII: `ground` is written by staff about the ruling; names and numbers are refused on entry. Retention:
    collection record, five years.
    """

    decision_id = models.BigIntegerField()
    rule = models.TextField()
    opened_at = models.DateTimeField()
    state = models.TextField(default="open")
    ruled_at = models.DateTimeField(null=True)
    ruled_by_id = models.BigIntegerField(null=True)
    ground = models.TextField(null=True)
    until_at = models.DateTimeField(null=True, help_text="released until then: the `reviews` of the case document")
    channels = models.JSONField(null=True)

    personal = declare(
        "decision_id rule opened_at state ruled_at ruled_by_id until_at channels",
        ground=written("核定理由", "ground of the ruling"),
    )

    class Meta:
        db_table = "hold"
        constraints = [
            one_of("hold", "state", ("open", "released", "refused", "lapsed")),
            models.UniqueConstraint(
                fields=["person_id", "rule"], condition=models.Q(state="open"), name="hold_open_once_a_rule"
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], condition=models.Q(state="open"), name="hold_open_by_time")]
