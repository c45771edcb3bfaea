"""Rows that say how the installation runs: who is alive, how far something was read, what was counted."""

from django.db import models

from zhizhi.store.personal import declare


class Heartbeat(models.Model):
    """A thread of a process, its latest progress, and what its process thinks of its clock; older than a day: deleted.

    `at` is the database's clock: a process whose own clock is wrong does not look alive or dead for it.

    PII: none. Retention: one day.
    """

    pk = models.CompositePrimaryKey("process", "thread")
    process = models.TextField(help_text="machine and process id")
    thread = models.TextField()
    at = models.DateTimeField()
    clock = models.TextField(help_text="what the clock guard of the process said: core/kernel/clocks.py")
    clock_ahead_ms = models.BigIntegerField(help_text="of the process's clock, beyond the database's")
    faults = models.BigIntegerField(default=0, db_default=0)
    fault = models.TextField(
        default="", db_default="", help_text="type and place of what it meets now; empty: it gets on"
    )

    personal = declare(
        "process thread at clock clock_ahead_ms faults fault",
    )

    class Meta:
        db_table = "heartbeat"
        indexes = [models.Index(fields=["at"], name="heartbeat_by_time")]


class Watermark(models.Model):
    """How far something is known.

    `counted`: leaves before `position` stand in the tallies. `clock`: `at` is the latest instant at which a process
    trusted its clock; `position` counts how often a person vouched for the clocks. `webhooks`: leaves before `position`
    were told to whom they concern.

    PII: none. Retention: as long as the product is in use.
    """

    name = models.TextField(primary_key=True)
    position = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    personal = declare(
        "name position at",
    )

    class Meta:
        db_table = "watermark"


class Tally(models.Model):
    """How often something happened since the product was installed, each leaf of the log counted once.

    PII: none. Retention: as long as the product is in use.
    """

    pk = models.CompositePrimaryKey("figure", "first", "second")
    figure = models.TextField()
    first = models.TextField()
    second = models.TextField(default="")
    total = models.BigIntegerField()

    personal = declare(
        "figure first second total",
    )

    class Meta:
        db_table = "tally"
