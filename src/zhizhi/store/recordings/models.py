"""Live calls in rows: asked for by a click, kept by one keeper, ended once; and the recordings that are left."""

from django.db import models

from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.personal import declare

CALL_STATES = ("asked", "desk_rings", "placed", "rings", "talks", "ended")


class LiveCall(PersonRow):
    """通话: one permitted call from the click to its end, as its keeper sees it.

    It moves forwards only, and what ended never changes (trigger). A call without `placed_at` never left: it is
    written before the number is dialled.

    PII: none by itself; the number is opened in the keeper's memory only. Retention: collection record, five years.
    """

    permit_id = models.BigIntegerField()
    delivery_id = models.BigIntegerField()
    staff_id = models.BigIntegerField()
    must_end_by = models.DateTimeField(null=True)
    must_record = models.BooleanField(help_text="a rule asks for the recording: no call without one")
    state = models.TextField(default="asked")
    asked_at = models.DateTimeField()
    keeper = models.TextField(null=True, help_text="the voice worker that keeps it")
    placed_at = models.DateTimeField(null=True)
    rang_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    hang_up_asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.TextField(null=True)
    outcome = models.TextField(null=True, help_text="what the engine knows; the contact says what a person knows")
    line_result = models.TextField(null=True)
    ring_seconds = models.IntegerField(null=True)
    talk_seconds = models.IntegerField(null=True)
    recording_failure = models.TextField(null=True, help_text="code; null: recorded, or there was nothing to record")

    personal = declare(
        "permit_id delivery_id staff_id must_end_by must_record state asked_at keeper placed_at rang_at "
        "answered_at hang_up_asked_at ended_at ended_because outcome line_result ring_seconds talk_seconds "
        "recording_failure",
    )

    class Meta:
        db_table = "live_call"
        constraints = [
            one_of("live_call", "state", CALL_STATES),
            models.UniqueConstraint(fields=["person_id", "permit_id"], name="live_call_once_a_permit"),
            models.CheckConstraint(
                condition=models.Q(state="ended", ended_at__isnull=False, ended_because__isnull=False)
                | (~models.Q(state="ended") & models.Q(ended_at__isnull=True)),
                name="live_call_ended_once",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=~models.Q(state="ended"), name="live_call_open"),
        ]


class Recording(PersonRow):
    """录音: where the sound of a call lies, and the digests that the log commits to.

    PII: none in the row; the object holds both voices, sealed under the person's key. Retention: by the packs: a
    call-centre recording from the day of the call, and, being a collection record, five years after the latest of
    contact, case closed, debt settled. Its octets are erased then (`RecordingErasure`); digests and leaf stay.
    """

    call_id = models.BigIntegerField()
    permit_id = models.BigIntegerField()
    object_name = models.TextField(unique=True)
    sha256 = models.CharField(max_length=64, help_text="of the WAV: what a listener can check")
    sealed_sha256 = models.CharField(max_length=64, help_text="of the stored octets: what anybody can check")
    bytes = models.BigIntegerField(help_text="of the WAV")
    seconds = models.IntegerField()
    made_at = models.DateTimeField()

    personal = declare(
        "call_id permit_id object_name sha256 sealed_sha256 bytes seconds made_at",
    )

    class Meta:
        db_table = "recording"
        constraints = [models.UniqueConstraint(fields=["person_id", "call_id"], name="recording_once_a_call")]


class RecordingErasure(PersonRow):
    """录音删除: that the octets of a recording are erased, on which rule. Decided first, then done: whoever finds
    `gone_at` empty goes on where another died.

    PII: none. Retention: for ever; it explains what is missing.
    """

    recording_id = models.BigIntegerField()
    object_name = models.TextField()
    kept_until = models.DateField(help_text="the last day on which it had to be there")
    rule = models.TextField(help_text="the rule whose time ended last")
    erased_on = models.DateField(help_text="civil day of the lender")
    decided_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, help_text="when the octets were seen to be gone")

    personal = declare(
        "recording_id object_name kept_until rule erased_on decided_at gone_at",
    )

    class Meta:
        db_table = "recording_erasure"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "recording_id"], name="recording_erased_once"),
            models.CheckConstraint(
                condition=models.Q(erased_on__gt=models.F("kept_until")), name="recording_erased_after_its_time"
            ),
        ]
        indexes = [
            models.Index(fields=["decided_at"], condition=models.Q(gone_at=None), name="recording_erasure_open"),
        ]
