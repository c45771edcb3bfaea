"""The transparency log in rows: leaves as they are committed, numbered later by one sequencer."""

from django.db import models

from zhizhi.store.columns import PersonRow
from zhizhi.store.personal import declare


class Leaf(models.Model):
    """存证条目: one fact of the log; `body` is canonical JSON that holds salted commitments, never personal data.

    PII: none. Retention: for ever.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.TextField()
    at = models.DateTimeField()
    subject = models.UUIDField()
    body = models.BinaryField()
    position = models.BigIntegerField(
        null=True, unique=True, help_text="index in the log; null until the sequencer numbered it"
    )
    source_person_id = models.BigIntegerField(null=True, help_text="erased with the person")
    source_id = models.BigIntegerField(null=True, help_text="row that the commitments speak of")
    source_table = models.TextField(null=True, help_text="table of `source_id`")

    personal = declare(
        "id kind at subject body position source_person_id source_id source_table written",
    )

    class Meta:
        db_table = "leaf"
        indexes = [
            models.Index(fields=["source_person_id", "source_id"], name="leaf_by_source"),
        ]


class Salt(PersonRow):
    """The salts of a leaf's commitments; erasing them erases what the leaf can ever say.

    PII: none by itself. Retention: with the data that the commitment speaks of.
    """

    leaf_id = models.BigIntegerField()
    salts = models.JSONField(help_text="field -> salt, base64")

    personal = declare(
        "leaf_id salts",
    )

    class Meta:
        db_table = "salt"
        indexes = [models.Index(fields=["leaf_id"], name="salt_by_leaf")]


class Checkpoint(models.Model):
    """存证锚点: a signed size and root of the log, and the frontier from which it goes on.

    PII: none. Retention: for ever.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    frontier = models.BinaryField()
    note = models.BinaryField(help_text="the signed note of C2SP tlog-checkpoint")
    signed_at = models.DateTimeField()

    personal = declare(
        "size root frontier note signed_at",
    )

    class Meta:
        db_table = "checkpoint"
