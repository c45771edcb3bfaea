"""What was done to a member's sign-in is a row and a leaf, in the transaction that did it."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.sign_in.models import SignInAct
from zhizhi.store.transact.leaves import NewLeaf, add_leaves


def record_act(kind: str, staff_id: int, by: int, at: datetime, ground: str = "") -> None:
    """Note what `by` did to the sign-in of a member; the caller's transaction on `gate` is open."""
    row = SignInAct.objects.using("gate").create(staff_id=staff_id, kind=kind, by_id=by, ground=ground, at=at)
    values = {"staff": staff_id, "act": kind, "by": by, "ground": ground}
    add_leaves(
        [NewLeaf(LeafKind.SETTING, at, uuid4(), values, source_id=row.pk, source_table=SignInAct._meta.db_table)]
    )


def note_broken_glass(staff_id: int, at: datetime) -> None:
    """A password was taken although there is an identity provider: a way in for emergencies, and never unseen."""
    with transaction.atomic(using="gate", durable=True):
        record_act("broke_glass", staff_id, staff_id, at)
