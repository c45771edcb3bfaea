"""The inbox: an event of a provider is kept once, sealed, and worked on later; the cursor moves only after the
event is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from zhizhi.store.inbox.models import InboxItem, PullCursor
from zhizhi.store.keyring import KeyUnavailable, Seal, product_seal
from zhizhi.store.transact.erasing import erase_batch

INBOX_BATCH_MAX = 500
PURPOSE = "inbox"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event as it came; `body` may hold personal data and is sealed."""

    key: str
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaitingArrival:
    """One event that waits to be worked on; `body` is None where it does not open."""

    item_id: int
    source: str
    received_at: datetime
    body: dict[str, Any] | None = field(repr=False)


def cursor_of(source: str) -> str:
    """How far a source was read; empty at the beginning."""
    return PullCursor.objects.using("gate").filter(source=source).values_list("cursor", flat=True).first() or ""


def keep_arrivals(source: str, arrivals: Sequence[Arrival], cursor: str, at: datetime) -> None:
    """Keep events and the cursor behind them in one transaction; an event that is known already is kept once."""
    seal = product_seal(PURPOSE)
    rows = [
        InboxItem(
            source=source,
            idempotency_key=arrival.key,
            received_at=at,
            sealed=seal.close_json(arrival.body, f"inbox/{source}/{arrival.key}"),
        )
        for arrival in arrivals
    ]
    with transaction.atomic(using="gate", durable=True):
        InboxItem.objects.using("gate").bulk_create(rows, ignore_conflicts=True)
        PullCursor.objects.using("gate").update_or_create(source=source, defaults={"cursor": cursor})


def waiting_arrivals(after: int = 0) -> list[WaitingArrival]:
    """Events that wait, in the order in which they were kept, from behind `after`."""
    seal = product_seal(PURPOSE)
    rows = InboxItem.objects.using("gate").filter(state="waiting", pk__gt=after).order_by("pk")[:INBOX_BATCH_MAX]
    return [WaitingArrival(row.pk, row.source, row.received_at, _opened(seal, row)) for row in rows]


def _opened(seal: Seal, row: InboxItem) -> dict[str, Any] | None:
    if row.sealed is None:
        return None
    try:
        body: dict[str, Any] = seal.open_json(row.sealed, f"inbox/{row.source}/{row.idempotency_key}")
    except KeyUnavailable:
        return None
    return body


def finish_arrival(item_id: int, at: datetime, failure: str | None = None) -> None:
    """Note that an event was worked on, or why it could not be."""
    InboxItem.objects.using("gate").filter(pk=item_id, state="waiting").update(
        state="refused" if failure else "done", failure=failure, worked_at=at
    )


def erase_arrivals(received_before: datetime, at: datetime) -> int:
    """Erase events as they came, a batch of them; that they came, and what they meant, stays."""
    due = InboxItem.objects.filter(received_at__lt=received_before, sealed__isnull=False).exclude(state="waiting")
    return erase_batch(due, at, sealed=None)
