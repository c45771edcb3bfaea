"""What a row said before it was changed, written by a trigger so that no code can forget it."""

from django.db import models

from zhizhi.store.columns import PersonRow


class FormerRow(PersonRow):
    """The former state of a changed or deleted row.

    PII: as the table it came from, sealed columns stay sealed. Retention: as the table it came from; unreadable
    once the person's key is erased.
    """

    table = models.TextField()
    row_id = models.BigIntegerField()
    changed_at = models.DateTimeField()
    changed_by = models.TextField(help_text="database login and, where known, the staff id")
    was = models.JSONField()

    class Meta:
        db_table = "former_row"
