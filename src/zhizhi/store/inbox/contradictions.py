"""What a provider says against our records: kept once, and looked at by a person who compared the two."""

from datetime import datetime

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.contacts.models import Delivery
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.inbox.models import Contradiction
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, NoSuchRow, writing


def note_contradiction(
    person: LockedPerson, delivery: Delivery, outcome: str, provider_key: str, reported_at: datetime, at: datetime
) -> None:
    """Keep that a provider reports a message that counts as never sent; the same said again is kept once."""
    found = Contradiction.objects.using("gate").filter(person_id=person.id, delivery_id=delivery.id, outcome=outcome)
    if found.exists():  # the person is locked: nobody adds one meanwhile
        return
    row = Contradiction.objects.using("gate").create(
        person_id=person.id,
        id=ids.take(),
        delivery_id=delivery.id,
        outcome=outcome,
        provider_key=provider_key,
        reported_at=reported_at,
        received_at=at,
    )
    values = {"delivery": delivery.id, "outcome": outcome, "reported_at": instant(reported_at)}
    add_leaves([_leaf(person, row.id, at, values)])


def look_at(person_id: int, contradiction_id: int, remark: str, at: datetime, by: int) -> None:
    """Write who looked at it, and what came of it. Refuses: one that is not there or was looked at (NoSuchRow)."""
    with writing(person_id) as person:
        waiting = Contradiction.objects.using("gate").filter(person_id=person_id, id=contradiction_id, looked_at=None)
        if waiting.update(looked_at=at, looked_by_id=by, remark=remark) != 1:
            raise NoSuchRow(Text("该条回执已有人核对", "somebody has looked at this receipt already"))
        add_leaves([_leaf(person, contradiction_id, at, {"looked_by": by, "remark": remark})])


def _leaf(person: LockedPerson, contradiction_id: int, at: datetime, values: dict[str, object]) -> NewLeaf:
    return NewLeaf(
        LeafKind.RECEIPT, at, person.subject, values, person.id, contradiction_id, source_table="contradiction"
    )
