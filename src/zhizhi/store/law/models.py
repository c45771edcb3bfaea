"""Packs that decisions relied on, and runs that weigh a proposed pack against history."""

from django.db import models

from zhizhi.store.columns import one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import declare

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

    personal = declare(
        "sha256 pack version body is_proposed kept_at",
    )

    class Meta:
        db_table = "pack_release"


class CapLimit(models.Model):
    """次数上限: what the packs in force can permit at most under one rule, for the database's own count.

    Written by the activation of packs alone (store/law/caps.py), as the owner. Null in a list: any.

    PII: none. Retention: until the next activation.
    """

    profile = models.TextField()
    lender = models.ForeignKey(
        Lender,
        null=True,
        on_delete=models.PROTECT,
        help_text="whose house pack bounds; null: the law, for every lender",
    )
    reading = models.TextField()
    rule = models.TextField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    names = models.JSONField(help_text="under which a review releases the rule")
    channels = models.JSONField()
    forms = models.JSONField(null=True)
    purposes = models.JSONField(null=True)
    roles = models.JSONField(null=True)
    lifting_purposes = models.JSONField()
    callback_lifts = models.BooleanField()
    spares_reminders = models.BooleanField()
    counts = models.TextField(help_text="the kind of count")
    min_seconds = models.IntegerField()
    most = models.IntegerField(null=True, help_text="the limit of the law; null: only what was agreed")
    agreed = models.TextField(null=True)
    higher_counts = models.BooleanField()
    days = models.IntegerField()
    minutes = models.IntegerField(null=True)
    per = models.JSONField()
    to_one_point = models.BooleanField()
    by_one_collector = models.BooleanField()
    consent_days = models.IntegerField()
    zone = models.TextField(null=True, help_text="null: the person's own")

    personal = declare(
        "id profile lender_id reading rule from_on until_on names channels forms purposes roles "
        "lifting_purposes callback_lifts spares_reminders counts min_seconds most agreed higher_counts days "
        "minutes per to_one_point by_one_collector consent_days zone",
    )

    class Meta:
        db_table = "cap_limit"
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "reading", "rule", "from_on", "lender"],
                name="cap_limit_once_a_day",
                nulls_distinct=False,
            ),
        ]


class CapActivation(models.Model):
    """规则包启用: the packs of a profile whose caps the database holds; without it no permit of the profile is minted.

    PII: none. Retention: until the next activation.
    """

    profile = models.TextField(primary_key=True)
    packs = models.JSONField(help_text="id and digest of every pack")
    activated_at = models.DateTimeField()

    personal = declare(
        "profile packs activated_at",
    )

    class Meta:
        db_table = "cap_activation"


class HouseProof(models.Model):
    """只收紧的证明: that a house pack permits nothing that the law of a profile forbids or holds, against which packs.

    PII: none. Retention: for ever, as the pack that it is about.
    """

    release = models.ForeignKey(PackRelease, on_delete=models.PROTECT, db_column="sha256")
    profile = models.TextField()
    base_sha256 = models.CharField(max_length=64, help_text="of everything that it was proven against")
    unsat = models.IntegerField(help_text="questions that the solver answered with: never")
    proven_at = models.DateTimeField()

    personal = declare(
        "id sha256 profile base_sha256 unsat proven_at",
    )

    class Meta:
        db_table = "house_proof"
        constraints = [
            models.UniqueConstraint(fields=["release", "profile", "base_sha256"], name="house_proof_once"),
        ]


class HouseActivation(models.Model):
    """内部规则包启用: which house pack stands for a lender, who put it there, who ended it. One stands at a time.

    PII: none; ids of staff, grounds. Retention: for ever, as the decisions that name its pack.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    release = models.ForeignKey(PackRelease, on_delete=models.PROTECT, db_column="sha256")
    activated_at = models.DateTimeField()
    activated_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ground = models.TextField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    ended_because = models.TextField(null=True)

    personal = declare(
        "id lender_id sha256 activated_at activated_by_id ground ended_at ended_by_id ended_because",
    )

    class Meta:
        db_table = "house_activation"
        constraints = [
            models.UniqueConstraint(
                fields=["lender"], condition=models.Q(ended_at=None), name="house_pack_one_stands_for_a_lender"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None, ended_because=None)
                | models.Q(ended_at__gte=models.F("activated_at"), ended_by__isnull=False, ended_because__isnull=False),
                name="house_activation_ended_wholly",
            ),
        ]


class ImpactRun(models.Model):
    """规则影响测算: what a proposed pack would have done to the decisions of a span.

    PII: none; counts, ids of decisions. Retention: what came out is erased one year after; that it was asked stays.
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
    erased_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0, db_default=0, help_text="workers that took it up")

    personal = declare(
        "id lender_id release_id since_on until_on asked_at asked_by state total done finished_at summary "
        "failure erased_at attempts",
    )

    class Meta:
        db_table = "impact_run"
        constraints = [one_of("impact_run", "state", IMPACT_STATES)]
