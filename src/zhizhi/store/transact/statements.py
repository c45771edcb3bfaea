"""What somebody said is written down, and what waits to leave is pulled back, so that it is decided again on what
was said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.ids import ids
from zhizhi.store.people.models import Party, Statement
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import NoSuchRow, writing

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


def add_statement(
    person_id: int,
    party_id: int,
    kind: str,
    body: Mapping[str, Any],
    *,
    said_at: datetime,
    at: datetime,
    source: str,
    by: str,
) -> int:
    """Write one statement; answers its id. Refuses: a party of another person."""
    with writing(person_id) as person:
        if not Party.objects.using("gate").filter(person_id=person_id, id=party_id).exists():
            raise NoSuchRow(Text("没有这位相关人", "there is no such party"))
        statement_id = ids.take()
        Statement.objects.using("gate").create(
            person_id=person_id,
            id=statement_id,
            party_id=party_id,
            at=said_at,
            kind=kind,
            body=dict(body),
            source=source,
            recorded_at=at,
        )
        cancel_waiting(person_id, at, "statement")
        values = {"kind": kind, "party": party_id, "body": dict(body), "said_at": said_at.isoformat(), "by": by}
        leaf_kind = KIND_OF_LEAF.get(kind, LeafKind.STATEMENT)
        add_leaves([NewLeaf(leaf_kind, at, person.subject, values, person_id, statement_id)])
        return statement_id
