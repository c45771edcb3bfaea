"""Decisions as they were taken, streamed: for replay, and for weighing other rules against history."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from zhizhi.store.contacts.models import Decision
from zhizhi.store.people.models import Person

FETCHED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class DecidedThen:
    """A stored decision: the case document that was asked and the decision document that was answered.

    `written`: the case as PostgreSQL writes it; `profile`, `reading` and `collector` stand in it.
    """

    person_id: int
    id: int
    at: datetime
    channel: str
    stage: str
    profile: str
    reading: str | None
    collector: str
    written: str
    body: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """The case document, read anew at each asking: most of a history is never read as one."""
        facts: dict[str, Any] = json.loads(self.written)
        return facts


@dataclass(frozen=True, slots=True)
class Span:
    """Decisions from `since` (inclusive) to `until` (exclusive), of one lender or of all."""

    since: datetime
    until: datetime
    lender_id: int | None = None


def count_decisions(span: Span) -> int:
    """How many decisions a span holds."""
    return int(_of(span).count())


def stream_decisions(span: Span) -> Iterator[DecidedThen]:
    """The decisions of a span in the order of time, a thousand in memory at once."""
    columns = ("person_id", "id", "at", "channel", "stage")
    of_case = (KT("facts__profile"), KT("facts__reading"), KT("facts__collector__id"), Cast("facts", TextField()))
    rows = _of(span).order_by("at", "id").values_list(*columns, *of_case, "body")
    for row in rows.iterator(FETCHED_AT_ONCE):
        yield DecidedThen(*row)


def _of(span: Span) -> Any:
    decisions = Decision.objects.using("gate").filter(at__gte=span.since, at__lt=span.until)
    if span.lender_id is not None:
        decisions = decisions.filter(
            person_id__in=Person.objects.using("gate").filter(lender_id=span.lender_id).values("id")
        )
    return decisions
