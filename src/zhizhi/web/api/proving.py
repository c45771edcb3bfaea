"""Evidence: leaves of a case, their proofs, and a bundle that anybody can check with the log's key alone."""

import base64
from datetime import datetime
from typing import Annotated, Any

from zhizhi.core.evidence.leaf import Leaf
from zhizhi.store.api.leaves import SignedHead, StoredLeaf, find_leaf, list_leaves, openings_of, prove, signed_head
from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.viewer import reading
from zhizhi.web.api.answered import Page, Told
from zhizhi.web.api.cases import id_in, not_there, reading_case
from zhizhi.web.api.fields import PERMIT, Id
from zhizhi.web.api.operations import Call
from zhizhi.web.api.paging import Paged, page_of


class Proof(Told):
    """An inclusion proof as the contract writes it (evidence.md), base64."""

    leafIdx: int  # noqa: N815  the contract's word
    treeSize: int  # noqa: N815  the contract's word
    root: str
    leafHash: str  # noqa: N815  the contract's word
    proof: list[str]


class Checkpoint(Told):
    """The signed head of the log, and the key that it is checked with."""

    size: int
    note: str
    verifier: str


class Opened(Told):
    """A field that a leaf committed to: SHA-256(salt || canonical value) is its digest."""

    field: str
    value: Any
    salt: str


class LeafRow(Told):
    """A leaf of the log; `position` null: not numbered yet."""

    leaf: str
    at: datetime
    kind: str
    position: int | None


class WholeLeaf(LeafRow):
    """Its canonical bytes in base64, what they open to (for the lender's tokens), and the proof under `checkpoint`."""

    body: str
    opened: list[Opened]
    proof: Proof | None


class ProvenLeaf(WholeLeaf):
    """A leaf with the head of the log."""

    checkpoint: Checkpoint | None


class LeavesAsked(Paged):
    """Leaves of a case, or of one permit of it."""

    permit: Annotated[int | None, Id("许可编号", "a permit", PERMIT)] = None


class Bundle(Page[WholeLeaf]):
    """A page of leaves with their proofs under one checkpoint."""

    checkpoint: Checkpoint | None


def leaves_page(call: Call) -> Page[LeafRow]:
    """Leaves of a case."""
    asked, _, rows, _ = _found(call, "leaves")
    return page_of(rows, asked, "leaves", lambda row: row.key, _row)


def one_leaf(call: Call) -> ProvenLeaf:
    """One leaf with its proof."""
    leaf_id = id_in(call, "leaf")
    with reading_case(call) as head:
        leaf, checkpoint = find_leaf(head.person_id, leaf_id), signed_head()
        if leaf is None:
            raise not_there()
        whole = _whole(leaf, checkpoint, _opened(call, [leaf]).get(leaf.id, []))
    return ProvenLeaf(**dict(whole), checkpoint=_checkpoint(checkpoint))


def bundle(call: Call) -> Bundle:
    """Leaves of a case or permit with proofs under one checkpoint."""
    asked, _, rows, checkpoint = _found(call, "bundle")
    opened = _opened(call, rows)
    with reading(call.caller.viewer):
        page = page_of(
            rows, asked, "bundle", lambda row: row.key, lambda row: _whole(row, checkpoint, opened.get(row.id, []))
        )
    return Bundle(rows=page.rows, cursor=page.cursor, checkpoint=_checkpoint(checkpoint))


def _found(call: Call, kind: str) -> tuple[LeavesAsked, CaseHead, list[StoredLeaf], SignedHead | None]:
    asked = call.asked(LeavesAsked)
    after = asked.after(kind)
    with reading_case(call) as head:
        return asked, head, list_leaves(head.person_id, after, asked.limit, asked.permit), signed_head()


def _row(leaf: StoredLeaf) -> LeafRow:
    return LeafRow(leaf=str(leaf.id), at=leaf.at, kind=leaf.kind, position=leaf.position)


def _whole(leaf: StoredLeaf, checkpoint: SignedHead | None, opened: list[Opened]) -> WholeLeaf:
    proof = prove(leaf, checkpoint) if checkpoint is not None else None
    return WholeLeaf(
        **dict(_row(leaf)),
        body=base64.b64encode(leaf.body).decode(),
        opened=opened,
        proof=None if proof is None else Proof.model_validate(proof),
    )


def _opened(call: Call, leaves: list[StoredLeaf]) -> dict[int, list[Opened]]:
    """What opens today: no field whose row changed or was erased. An agency is told no other one's work."""
    if call.caller.agency_id is not None:
        return {}
    openings = openings_of(leaf.id for leaf in leaves)
    told: dict[int, list[Opened]] = {}
    for leaf in leaves:
        committed = {commit.field: commit for commit in Leaf.from_bytes(leaf.body).commits}
        told[leaf.id] = [
            Opened(field=one.field, value=one.value, salt=base64.b64encode(one.salt).decode())
            for one in openings.get(leaf.id, ())
            if one.field in committed and committed[one.field].opens(one.value, one.salt)
        ]
    return told


def _checkpoint(head: SignedHead | None) -> Checkpoint | None:
    return None if head is None else Checkpoint(size=head.size, note=head.note, verifier=head.verifier)
