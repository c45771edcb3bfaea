"""A rotation from its row to its leaf: one at a time, taken up where another process left it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction
from django.db.models import Max

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import service
from zhizhi.store.locks import Lock, holding
from zhizhi.store.people.models import Person
from zhizhi.store.rotation.models import KeyRotation
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

SUBJECT = uuid5(NAMESPACE_OID, "keys")


class RotationRefused(Refused):
    """A rotation cannot begin or go on now; nothing was changed by asking."""


@contextmanager
def under_way(kind: str, at: datetime) -> Iterator[KeyRotation]:
    """The rotation of this kind within: a new one, or the one that another process left unfinished.

    Refuses: while a process has it in hand, or while one of another kind is unfinished (`RotationRefused`).
    """
    with holding(Lock.KEYS, 0) as is_ours:
        if not is_ours:
            raise RotationRefused("rotation_busy", _BUSY)
        left = KeyRotation.objects.using("gate").exclude(phase="ended").first()
        if left is not None and left.kind != kind:
            raise RotationRefused("rotation_unfinished", _UNFINISHED.fill(kind=left.kind))
        yield left if left is not None else _begin(kind, at)


def _begin(kind: str, at: datetime) -> KeyRotation:
    """Its aim is written before the key service hears of it, so that a version is never made twice for one rotation."""
    keys = service()
    aim = {"wrapping": keys.newest, "root": keys.newest_root, "data": lambda: -1}[kind]() + 1
    until = Person.objects.using("gate").aggregate(last=Max("id"))["last"] or 0
    with transaction.atomic(using="gate", durable=True):
        row = KeyRotation.objects.using("gate").create(kind=kind, aim=aim, until=until, began_at=at)
        add_leaves(
            [NewLeaf(LeafKind.KEY, at, SUBJECT, {"rotation": row.pk, "kind": kind, "aim": aim, "state": "begun"})]
        )
    return row


def move(row: KeyRotation, phase: str) -> None:
    """The next phase, from its first person on."""
    row.phase, row.mark = phase, 0
    row.save(using="gate", update_fields=["phase", "mark"])


def end(row: KeyRotation, at: datetime) -> None:
    """Nothing is left to do: the row and its leaf say so in one commit."""
    told = {"rotation": row.pk, "kind": row.kind, "aim": row.aim, "state": "ended"}
    told |= {"done": row.done, "unopened": row.unopened}
    with transaction.atomic(using="gate", durable=True):
        row.phase, row.ended_at = "ended", at
        row.save(using="gate", update_fields=["phase", "ended_at"])
        add_leaves([NewLeaf(LeafKind.KEY, at, SUBJECT, told)])


def unfinished() -> KeyRotation | None:
    """The rotation that a process is at, or left."""
    return KeyRotation.objects.using("gate").exclude(phase="ended").first()


_BUSY = Text("另一进程正在轮换密钥，请等它结束", "another process is rotating keys; wait until it has ended")
_UNFINISHED = Text(
    "有一次未完成的密钥轮换，请先完成：zhizhi keys rotate {kind}",
    "a rotation is unfinished; first finish it: zhizhi keys rotate {kind}",
)
