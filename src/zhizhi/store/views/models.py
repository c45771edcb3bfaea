"""Views of persons: one row for each person, member of staff, ground and quarter of an hour."""

from django.db import models

from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import declare
from zhizhi.store.views.grounds import GROUNDS


class PersonView(PersonRow):
    """查看记录: somebody opened pages of a person in this quarter of an hour; only ever added, each with a leaf.

    PII: none; ids, and a closed ground. Retention: for ever, as the leaf that speaks of it.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    role = models.TextField(help_text="of the member of staff, then")
    ground = models.TextField()
    quarter_at = models.DateTimeField(help_text="when the quarter of an hour began")
    seen_at = models.DateTimeField(help_text="when the first page of the quarter was asked for")

    personal = declare("lender_id staff_id role ground quarter_at seen_at")

    class Meta:
        db_table = "person_view"
        constraints = [
            one_of("person_view", "ground", GROUNDS),
            models.UniqueConstraint(
                fields=["person_id", "staff", "ground", "quarter_at"], name="person_view_once_a_quarter"
            ),
        ]
        indexes = [
            models.Index(fields=["-seen_at", "-id"], name="person_view_by_time"),
            models.Index(fields=["staff", "-seen_at", "-id"], name="person_view_of_staff"),
            models.Index(fields=["person_id", "-seen_at", "-id"], name="person_view_of_person"),
        ]
