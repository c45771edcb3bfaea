"""Requests in rows."""

from django.db import models
from django.db.models import F, Q

from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.person_requests.words import ANSWERS, CLOSED, HOWS, KINDS, OPEN, SECOND_LOOK, STATES, WAITING
from zhizhi.store.personal import Shown, declare, of_person


class PersonRequest(PersonRow):
    """诉求: what was asked for, by which day it is answered, the answer with its reasons, and, where it was asked
    for, another person's look at that answer. It goes on step by step and is never deleted.

    PII: `sealed`, `answer_sealed`, `second_sealed` (words of the person and of staff) under the person's key.
    Retention: collection record, five years.
    """

    lender_id = models.BigIntegerField()
    kind = models.TextField()
    how = models.TextField()
    sealed = models.BinaryField()
    received_at = models.DateTimeField()
    received_by = models.BigIntegerField()
    due_on = models.DateField(help_text="the last working day for the answer, or for the second look")
    state = models.TextField(default=OPEN)
    answer = models.TextField(null=True)
    answer_sealed = models.BinaryField(null=True)
    answered_by = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    second_asked_at = models.DateTimeField(null=True)
    second_answer = models.TextField(null=True)
    second_sealed = models.BinaryField(null=True)
    second_by = models.BigIntegerField(null=True)
    second_at = models.DateTimeField(null=True)

    personal = declare(
        "lender_id kind how received_at received_by due_on state answer answered_by answered_at second_asked_at "
        "second_answer second_by second_at",
        sealed=of_person("诉求内容", "what was asked for", "person_request/{id}", Shown.OPENED),
        answer_sealed=of_person("答复理由", "reasons of the answer", "person_request/{id}/answer", Shown.OPENED),
        second_sealed=of_person("复核理由", "reasons of the second look", "person_request/{id}/second", Shown.OPENED),
    )

    class Meta:
        db_table = "person_request"
        constraints = [
            one_of("person_request", "kind", KINDS),
            one_of("person_request", "how", HOWS),
            one_of("person_request", "state", STATES),
            one_of("person_request", "answer", ANSWERS),
            one_of("person_request", "second_answer", ANSWERS),
            models.CheckConstraint(
                condition=Q(state=OPEN, answer=None, answer_sealed=None, answered_by=None, answered_at=None)
                | (
                    ~Q(state=OPEN)
                    & Q(
                        answer__isnull=False,
                        answer_sealed__isnull=False,
                        answered_by__isnull=False,
                        answered_at__isnull=False,
                    )
                ),
                name="person_request_answered_with_reasons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[SECOND_LOOK, CLOSED], second_asked_at__isnull=False)
                | (~Q(state__in=[SECOND_LOOK, CLOSED]) & Q(second_asked_at=None)),
                name="person_request_second_look_is_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=CLOSED,
                    second_answer__isnull=False,
                    second_sealed__isnull=False,
                    second_by__isnull=False,
                    second_at__isnull=False,
                )
                & ~Q(second_by=F("answered_by"))
                | (~Q(state=CLOSED) & Q(second_answer=None, second_sealed=None, second_by=None, second_at=None)),
                name="person_request_second_look_by_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lender_id", "due_on", "id"], condition=Q(state__in=WAITING), name="person_request_by_day"
            )
        ]
