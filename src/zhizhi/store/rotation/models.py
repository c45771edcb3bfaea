"""Rotations of keys in rows: what is aimed at, and how far it came."""

from django.db import models

from zhizhi.store.columns import not_negative, one_of
from zhizhi.store.personal import declare

KINDS = ("wrapping", "data", "root")
PHASES = ("begun", "announcing", "waiting", "sealing", "ended")


class KeyRotation(models.Model):
    """密钥轮换: one change of keys, from its aim to its end; at most one is under way.

    PII: none; counts and versions. Retention: as long as the product is in use.
    """

    kind = models.TextField()
    aim = models.IntegerField(help_text="version of the wrapping key or the root; of data keys 0: each its next")
    phase = models.TextField(default="begun")
    mark = models.BigIntegerField(default=0, help_text="data keys: the last person of this phase that is done")
    until = models.BigIntegerField(default=0, help_text="data keys: the last person there was when it began")
    done = models.BigIntegerField(default=0, help_text="persons, or of a root values, that have the new key")
    unopened = models.BigIntegerField(default=0, help_text="values that no key opens, left as they were")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    personal = declare("id kind aim phase mark until done unopened began_at ended_at")

    class Meta:
        db_table = "key_rotation"
        constraints = [
            one_of("key_rotation", "kind", KINDS),
            one_of("key_rotation", "phase", PHASES),
            *not_negative("key_rotation", "done", "unopened"),
            models.CheckConstraint(
                condition=models.Q(phase="ended", ended_at__isnull=False)
                | (~models.Q(phase="ended") & models.Q(ended_at__isnull=True)),
                name="key_rotation_ended_once",
            ),
            models.UniqueConstraint(
                models.Value(1), condition=~models.Q(phase="ended"), name="key_rotation_one_under_way"
            ),
        ]
