"""Files that came in and the rows that did not pass."""

from django.db import models

from zhizhi.store.columns import one_of
from zhizhi.store.lenders.models import Lender
from zhizhi.store.personal import declare, of_product


class ImportedFile(models.Model):
    """One file: what it was, how far it got, what it brought.

    PII: none in the row; `name` is a file name, kept without its folder. The file of an upload holds rows as they came
    and is deleted when they are in, or 30 days after it was brought. Retention: ten years (origin of the ledger, AML
    34).
    """

    lender = models.ForeignKey(Lender, null=True, on_delete=models.PROTECT)
    kind = models.TextField(help_text="accounts, instalments, payments, contact_persons, contacts, statements, …")
    name = models.TextField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the bytes of the file")
    map_digest = models.CharField(max_length=64)
    map_body = models.TextField(default="")
    header = models.JSONField(default=list, help_text="names of the columns, for the download of refused rows")
    as_of_on = models.DateField(null=True, help_text="the day that the amounts of the file speak of")
    resends_id = models.BigIntegerField(null=True, help_text="the earlier file whose refused rows this one brings back")
    state = models.TextField(default="waiting")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    uploaded_by = models.BigIntegerField(null=True)
    rows_total = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(
        default=0, help_text="rows before this one are committed: an interrupted import goes on here"
    )
    accepted = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)
    failure = models.JSONField(null=True)
    attempts = models.IntegerField(
        default=0, db_default=0, help_text="workers that took it up since it last got on; each that is killed counts"
    )
    upload_erased_at = models.DateTimeField(null=True, help_text="when the file of the upload was deleted unread")

    personal = declare(
        "id lender_id kind name digest map_digest map_body header as_of_on resends_id state started_at "
        "finished_at uploaded_by rows_total rows_done accepted unchanged changed refused withdrawn_at failure "
        "attempts upload_erased_at",
    )

    class Meta:
        db_table = "imported_file"
        constraints = [one_of("imported_file", "state", ("waiting", "running", "finished", "failed", "withdrawn"))]
        indexes = [models.Index(fields=["digest"], name="imported_file_by_digest")]


class RefusedRow(models.Model):
    """A row that did not pass, kept so that it can be mended and sent again.

    PII: `sealed` (the row as it came) under the product's import key. Retention: erased 30 days after the import.
    """

    file = models.ForeignKey(ImportedFile, on_delete=models.PROTECT, related_name="refused_rows")
    row_number = models.BigIntegerField()
    column = models.TextField(default="")
    code = models.TextField()
    reason_zh = models.TextField()
    reason_en = models.TextField()
    sealed = models.BinaryField(null=True)
    refused_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    resent_in = models.BigIntegerField(null=True, help_text="the later file in which the mended row came back")

    personal = declare(
        "id file_id row_number column code reason_zh reason_en refused_at erased_at resent_in",
        sealed=of_product("未通过的原始行", "the row as it came", "import/refused", "refused/{file_id}/{row_number}"),
    )

    class Meta:
        db_table = "refused_row"
        constraints = [models.UniqueConstraint(fields=["file", "row_number"], name="refused_row_once")]
