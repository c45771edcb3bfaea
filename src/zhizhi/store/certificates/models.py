"""Certificates in rows."""

from django.db import models
from django.db.models import Q

from zhizhi.store.columns import PersonRow
from zhizhi.store.personal import Shown, declare, of_person


class Certificate(PersonRow):
    """结清证明: that nothing is owed on a debt. It stands until the debt is owed again; then it is withdrawn, and a
    later one has a number of its own. Never deleted.

    PII: `sealed` (name and words of the certificate) under the person's key. Retention: ledger 10 years (AML 34).
    """

    lender_id = models.BigIntegerField()
    debt_id = models.BigIntegerField()
    number = models.TextField(unique=True)
    case_number = models.TextField()
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    with_waiver = models.BooleanField()
    digest = models.BinaryField(help_text="SHA-256 of the document")
    sealed = models.BinaryField()
    withdrawn_at = models.DateTimeField(null=True)

    personal = declare(
        "lender_id debt_id number case_number issued_on issued_at with_waiver digest withdrawn_at",
        sealed=of_person("结清证明内容", "the certificate's document", "certificate/{id}", Shown.OPENED),
    )

    class Meta:
        db_table = "certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "debt_id"], condition=Q(withdrawn_at=None), name="certificate_one_stands"
            ),
        ]
        indexes = [models.Index(fields=["lender_id", "-issued_at"], name="certificate_by_time")]
