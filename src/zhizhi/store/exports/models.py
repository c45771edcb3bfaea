"""Each file that left, and what its rows can be known again by."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from zhizhi.store.approvals.models import Approval
from zhizhi.store.columns import one_of
from zhizhi.store.exports.words import UNITS_A_DAY, DataClass, Kind
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import declare, keyed, of_staff, written


class Export(models.Model):
    """导出: a file with rows about persons was made for a recipient. Only ever added, each with a leaf.

    PII: none of a customer; `recipient` may name an employee or an authority, `ground` is words of staff. The content
    is not in it. Retention: for ever, as the leaf that speaks of it.
    """

    subject = models.UUIDField(default=uuid4, help_text="random id in the log; of the person where it is about one")
    lender = models.ForeignKey(Lender, null=True, on_delete=models.PROTECT, help_text="null: the whole installation")
    kind = models.TextField()
    target = models.TextField(help_text="what was exported: ids, or the question that was asked")
    person_id = models.BigIntegerField(null=True, help_text="where it is about one person of the book")
    data_class = models.TextField()
    rows = models.IntegerField(help_text="records about persons")
    units = models.IntegerField(help_text="rows by weight of their class: store/exports/words.py")
    day_limit = models.IntegerField(help_text="units within 24 hours that held then")
    recipient = models.TextField()
    recipient_key = models.TextField(help_text="the recipient as the count tells recipients apart")
    ground = models.TextField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    role = models.TextField(help_text="of the member of staff, then")
    approval = models.OneToOneField(Approval, null=True, on_delete=models.PROTECT, related_name="+")
    sha256 = models.TextField(help_text="of the file as it was handed out, in hex")
    taken_at = models.DateTimeField()

    personal = declare(
        "id subject lender_id kind target person_id data_class rows units day_limit staff_id role approval_id sha256 "
        "taken_at",
        recipient=of_staff("接收人", "who gets it"),
        recipient_key=of_staff("接收人（统一写法）", "who gets it, in one spelling"),
        ground=written("导出理由", "ground of the export"),
    )

    class Meta:
        db_table = "export"
        constraints = [
            one_of("export", "kind", [kind.value for kind in Kind]),
            one_of("export", "data_class", [one.value for one in DataClass]),
            models.CheckConstraint(
                condition=Q(rows__gte=0, units__gte=0, day_limit__gte=0, day_limit__lte=UNITS_A_DAY),
                name="export_far_below_the_law",
            ),
        ]
        indexes = [
            models.Index(fields=["staff", "taken_at"], name="export_by_staff"),
            models.Index(fields=["recipient_key", "taken_at"], name="export_by_recipient"),
            models.Index(fields=["-taken_at", "-id"], name="export_by_time"),
            models.Index(fields=["sha256"], name="export_by_file"),
            models.Index(fields=["person_id", "taken_at"], name="export_of_person"),
        ]


class ExportRow(models.Model):
    """导出的行: a keyed digest of each row of a sheet, by which a copy without marks is known again.

    PII: none; nothing is read back without the key. Retention: for ever, with the export.
    """

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField()

    personal = declare("id export_id", digest=keyed("行的摘要", "digest of a row"))

    class Meta:
        db_table = "export_row"
        indexes = [models.Index(fields=["digest"], name="export_row_by_digest")]
