"""What a person said, with proof, of a delivery whose fate nobody knew."""

from django.db import models

from zhizhi.store.columns import PersonRow
from zhizhi.store.personal import Shown, declare, of_person, written


class Settlement(PersonRow):
    """结果未定的核定: who said how a contact ended whose fate nobody knew, on which ground and proof. Only added.

    PII: `sealed_reference` and `sealed_file` (a bill, a provider's log, a screenshot) under the person's key; `ground`
    is written by staff, names and numbers are refused on entry. Retention: collection record, five years.
    """

    delivery_id = models.BigIntegerField()
    has_left = models.BooleanField(help_text="false: proof that nothing left, and the permit was given back")
    outcome = models.TextField(null=True)
    ground = models.TextField()
    sealed_reference = models.BinaryField(null=True)
    sealed_file = models.BinaryField(null=True)
    file_kind = models.TextField(default="", help_text="ending of the file's name; the name itself is not kept")
    file_sha256 = models.CharField(max_length=64, default="")
    settled_at = models.DateTimeField()
    settled_by_id = models.BigIntegerField()

    personal = declare(
        "delivery_id has_left outcome file_kind file_sha256 settled_at settled_by_id",
        sealed_reference=of_person("凭证号", "reference of the proof", "settlement/{id}", Shown.OPENED),
        sealed_file=of_person("凭证文件", "file of the proof", "settlement file/{id}", Shown.OPENED),
        ground=written("理由", "ground"),
    )

    class Meta:
        db_table = "settlement"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "delivery_id"], name="settlement_once_a_delivery"),
            models.CheckConstraint(
                condition=models.Q(sealed_reference__isnull=False) | models.Q(sealed_file__isnull=False),
                name="settlement_has_proof",
            ),
        ]
        indexes = [models.Index(fields=["settled_at"], name="settlement_by_time")]
