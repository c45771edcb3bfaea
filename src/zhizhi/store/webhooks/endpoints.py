"""Endpoints are made, changed, given a new secret, turned off and deleted: each with a leaf, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.ids import ids
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.webhooks.models import WebhookEndpoint
from zhizhi.store.webhooks.secrets import OVERLAP, new_secret

ENDPOINTS_MAX = 20  # of a service account


class NoSuchEndpoint(Refused):
    """It is not there, or not this account's: nobody can tell which."""

    def __init__(self) -> None:
        super().__init__("not_there", Text("没有这个通知地址", "there is no such endpoint"))


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """What an account asks for; no `events`: all that it may be told."""

    staff_id: int
    lender_id: int
    agency_id: int | None
    url: str
    events: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be changed; None leaves it."""

    url: str | None = None
    events: tuple[str, ...] | None = None
    description: str | None = None
    is_on: bool | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """An endpoint, and the secret that nobody can show again."""

    endpoint_id: int
    secret: str = field(repr=False)


def create_endpoint(new: NewEndpoint, at: datetime) -> Made:
    """Make one; it is told of what is numbered from now on. Refuses: one more than an account may have."""
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute("SELECT id FROM staff WHERE id = %s FOR NO KEY UPDATE", [new.staff_id])  # one at a time
        if _of(new.staff_id).count() >= ENDPOINTS_MAX:
            text = Text(
                f"每个系统账号至多 {ENDPOINTS_MAX} 个地址", f"a service account has {ENDPOINTS_MAX} endpoints at most"
            )
            raise Refused("too_many_endpoints", text)
        cursor.execute("SELECT coalesce(max(position) + 1, 0) FROM leaf")
        endpoint_id = ids.take()
        secret = new_secret(endpoint_id)
        WebhookEndpoint.objects.using("gate").create(
            id=endpoint_id,
            staff_id=new.staff_id,
            lender_id=new.lender_id,
            agency_id=new.agency_id,
            url=new.url,
            description=new.description,
            events=list(new.events),
            sealed=secret.sealed,
            from_position=cursor.fetchone()[0],
            created_at=at,
        )
        told = {"url": new.url, "events": list(new.events), "lender": new.lender_id, "agency": new.agency_id}
        _leave(endpoint_id, "created", new.staff_id, at, told)
        return Made(endpoint_id, secret.shown)


def change_endpoint(endpoint_id: int, staff_id: int, changes: Changes, at: datetime) -> None:
    """Change one; to turn it on ends what turned it off. Refuses: NoSuchEndpoint."""
    with transaction.atomic(using="gate", durable=True):
        row = _locked(endpoint_id, staff_id)
        told: dict[str, Any] = {}
        if changes.url is not None:
            row.url = told["url"] = changes.url
        if changes.events is not None:
            row.events = told["events"] = list(changes.events)
        if changes.description is not None:
            row.description = changes.description
            told["description"] = "changed"
        if changes.is_on is not None and changes.is_on is not (row.off_at is None):
            told["on"] = changes.is_on
            row.off_at, row.off_because = (None, None) if changes.is_on else (at, "asked")
            row.failing_since = None
        if not told:
            return
        row.save(using="gate")
        if told.get("on") is False:
            miss_waiting([endpoint_id], at)
        _leave(endpoint_id, "changed", staff_id, at, told)


def rotate_secret(endpoint_id: int, staff_id: int, at: datetime) -> Made:
    """A new secret; the one before signs beside it for a day. Refuses: NoSuchEndpoint."""
    with transaction.atomic(using="gate", durable=True):
        row = _locked(endpoint_id, staff_id)
        secret = new_secret(endpoint_id)
        row.sealed_before, row.before_until, row.sealed = row.sealed, at + OVERLAP, secret.sealed
        row.save(using="gate", update_fields=["sealed", "sealed_before", "before_until"])
        _leave(endpoint_id, "secret rotated", staff_id, at, {})
        return Made(endpoint_id, secret.shown)


def delete_endpoint(endpoint_id: int, staff_id: int, at: datetime) -> None:
    """End one for good, with its secrets. Refuses: NoSuchEndpoint."""
    with transaction.atomic(using="gate", durable=True):
        row = _locked(endpoint_id, staff_id)
        row.deleted_at, row.sealed, row.sealed_before, row.before_until = at, None, None, None
        row.off_at, row.off_because = row.off_at or at, "deleted"
        row.save(using="gate")
        miss_waiting([endpoint_id], at)
        _leave(endpoint_id, "deleted", staff_id, at, {})


def turn_off(endpoint_id: int, because: str, at: datetime) -> bool:
    """The worker turns one off, in its own transaction; false where it was off already."""
    rows = WebhookEndpoint.objects.using("gate").filter(pk=endpoint_id, off_at=None)
    if not rows.update(off_at=at, off_because=because):
        return False
    miss_waiting([endpoint_id], at)
    _leave(endpoint_id, "turned off", None, at, {"because": because})
    return True


def miss_waiting(endpoint_ids: Sequence[int], at: datetime) -> None:
    """What waits for endpoints that are off is missed; it can be told again."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE webhook_delivery SET state = 'missed', ended_at = %s, next_at = NULL, claim = NULL,"
            " claimed_until = NULL"
            " WHERE endpoint_id = ANY (%s) AND state = 'waiting'",
            [at, list(endpoint_ids)],
        )


def leave_replay(endpoint_id: int, by: int, count: int, at: datetime) -> None:
    """The leaf of a replay; the caller's transaction is open."""
    _leave(endpoint_id, "replayed", by, at, {"messages": count})


def _of(staff_id: int) -> "Any":
    return WebhookEndpoint.objects.using("gate").filter(staff_id=staff_id, deleted_at=None)


def _locked(endpoint_id: int, staff_id: int) -> WebhookEndpoint:
    row: WebhookEndpoint | None = _of(staff_id).select_for_update().filter(pk=endpoint_id).first()
    if row is None:
        raise NoSuchEndpoint
    return row


def _leave(endpoint_id: int, act: str, by: int | None, at: datetime, told: dict[str, Any]) -> None:
    add_leaves([NewLeaf(LeafKind.SETTING, at, uuid4(), {"webhook": endpoint_id, "act": act, "by": by, **told})])
