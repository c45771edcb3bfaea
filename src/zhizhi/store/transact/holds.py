"""A person rules on what the law wants a person to look at."""

from collections.abc import Sequence
from datetime import datetime

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.contacts.models import Hold
from zhizhi.store.evidence.sources import instant
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import NoSuchRow, writing


def rule_of_hold(person_id: int, hold_id: int) -> str:
    """What decisions call the rule of a hold; nothing where there is none."""
    rows = Hold.objects.using("gate").filter(person_id=person_id, id=hold_id)
    return rows.values_list("rule", flat=True).first() or ""


def rule_hold(
    person_id: int,
    hold_id: int,
    *,
    release: bool,
    ground: str,
    until_at: datetime | None,
    channels: Sequence[str] | None,
    at: datetime,
    by: int,
) -> None:
    """Release or refuse an open hold. Refuses: one that somebody ruled on already."""
    with writing(person_id) as person:
        ruled = (
            Hold.objects.using("gate")
            .filter(person_id=person_id, id=hold_id, state="open")
            .update(
                state="released" if release else "refused",
                ruled_at=at,
                ruled_by_id=by,
                ground=ground,
                until_at=until_at,
                channels=list(channels) if channels else None,
            )
        )
        if ruled != 1:
            raise NoSuchRow(Text("该待核定事项已有人处理", "somebody has ruled on this hold already"))
        values = {
            "hold": hold_id,
            "ground": ground,
            "by": by,
            "until": instant(until_at),
            "channels": list(channels) if channels else None,
            "state": "released" if release else "refused",
        }
        kind = LeafKind.RELEASE if release else LeafKind.REFUSAL
        add_leaves([NewLeaf(kind, at, person.subject, values, person_id, hold_id, source_table="hold")])
