"""What somebody said is written down together with the stop that it brings, and what waits to leave is pulled back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.outbound.keeping import rest_after_complaint
from zhizhi.store.people.models import Party, Statement
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, NoSuchRow, writing
from zhizhi.store.transact.stops import NewStop, write_stop

KIND_OF_LEAF = {
    "complain": LeafKind.COMPLAINT,
    "dispute": LeafKind.DISPUTE,
    "denies_debt": LeafKind.DISPUTE,
    "consent_calls": LeafKind.CONSENT,
    "consent_time": LeafKind.CONSENT,
    "consent_visit": LeafKind.CONSENT,
    "consent_entry": LeafKind.CONSENT,
    "withdraw": LeafKind.CONSENT,
}


@dataclass(frozen=True, slots=True)
class NewStatement:
    """A statement, and the kind of stop that it brings about its debt or about all of them."""

    party_id: int
    kind: str
    body: Mapping[str, Any]
    said_at: datetime
    source: str
    by: str
    stop: str | None = None
    debt_id: int | None = None


def add_statement(person_id: int, new: NewStatement, at: datetime) -> int:
    """Write one statement and its stop; answers its id. Refuses: a party of another person."""
    with writing(person_id) as person:
        return write_statement(person, new, at)


def write_statement(person: LockedPerson, new: NewStatement, at: datetime) -> int:
    """As `add_statement`, in the caller's transaction, which holds the person."""
    if not Party.objects.using("gate").filter(person_id=person.id, id=new.party_id).exists():
        raise NoSuchRow(Text("没有这位相关人", "there is no such party"))
    statement_id = ids.take()
    Statement.objects.using("gate").create(
        person_id=person.id,
        id=statement_id,
        party_id=new.party_id,
        at=new.said_at,
        kind=new.kind,
        body=dict(new.body),
        source=new.source,
        recorded_at=at,
    )
    cancel_waiting(person.id, at, "statement")
    said_at = instant(new.said_at)
    values = {"kind": new.kind, "party": new.party_id, "body": dict(new.body), "said_at": said_at, "by": new.by}
    kind = KIND_OF_LEAF.get(new.kind, LeafKind.STATEMENT)
    add_leaves([NewLeaf(kind, at, person.subject, values, person.id, statement_id, source_table="statement")])
    if new.kind == "complain":
        rest_after_complaint(person.id, at)
    if new.stop is not None:
        write_stop(person, NewStop(new.stop, new.debt_id, f"statement {statement_id}", None, new.by), at)
    return statement_id
