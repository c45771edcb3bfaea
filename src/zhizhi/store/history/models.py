"""What a row said before it was changed, written by a trigger so that no code can forget it."""

from django.db import models

from zhizhi.core.kernel.text import Text
from zhizhi.store.columns import PersonRow
from zhizhi.store.personal import declare, kept


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

    personal = declare(
        "table row_id changed_at changed_by",
        was=kept(
            "变更前的行，封存的列仍封存",
            "the row before its change; what was sealed stays sealed",
            Text(
                "由触发器逐行保留，供审计核对；其中明文列与原表相同",
                "kept by a trigger for auditors; what is in the clear is so in its own table",
            ),
        ),
    )

    class Meta:
        db_table = "former_row"
