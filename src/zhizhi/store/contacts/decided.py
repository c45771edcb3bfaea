"""Decisions as they were taken, streamed: for replay, and for weighing other rules against history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.store.contacts.models import Decision
from zhizhi.store.people.models import Person

FETCHED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class DecidedThen:
    """A stored decision: the case document that was asked and the decision document that was answered."""

    person_id: int
    id: int
    at: datetime
    channel: str
    stage: str
    facts: dict[str, Any]
    body: dict[str, Any]


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
    columns = ("person_id", "id", "at", "channel", "stage", "facts", "body")
    for row in _of(span).order_by("at", "id").values_list(*columns).iterator(FETCHED_AT_ONCE):
        yield DecidedThen(*row)


def _of(span: Span) -> Any:
    decisions = Decision.objects.using("gate").filter(at__gte=span.since, at__lt=span.until)
    if span.lender_id is not None:
        decisions = decisions.filter(
            person_id__in=Person.objects.using("gate").filter(lender_id=span.lender_id).values("id")
        )
    return decisions
