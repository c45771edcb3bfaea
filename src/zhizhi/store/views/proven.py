"""Views with their leaves and proofs, for a bundle that somebody checks without this system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.evidence.bundle import BundledHead, BundledLeaf
from zhizhi.core.evidence.checkpoint import Signer
from zhizhi.core.evidence.leaf import Leaf
from zhizhi.core.evidence.proof import TreeHashes
from zhizhi.core.evidence.proof_document import consistency_document
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.api.leaves import openings_of, read_tile_of_log
from zhizhi.store.evidence.signer import log_signer
from zhizhi.store.many import Question, ask
from zhizhi.store.views.reads import CLEAR, EXPORT, VIEW, ViewRow

TABLES = {VIEW: "person_view", CLEAR: "unmasking", EXPORT: "export"}
_LEAVES = """
SELECT l.source_table, l.source_id, l.id, l.position, l.body FROM leaf l
WHERE l.source_table = ANY (%s) AND l.source_id = ANY (%s)
  AND (l.source_person_id = ANY (%s) OR l.source_person_id IS NULL)
"""
_HEADS = """
(SELECT size, root, note, signed_at FROM checkpoint WHERE size > %s ORDER BY size LIMIT 1)
UNION
(SELECT size, root, note, signed_at FROM checkpoint WHERE size > 0 ORDER BY size DESC LIMIT 1)
ORDER BY size
"""


class NotProven(Refused):
    """A leaf of what is asked for stands under no signed checkpoint yet, or is missing."""

    def __init__(self) -> None:
        text = Text(
            "部分记录尚未签入存证锚点，请稍候再试",
            "not all of it is under a signed checkpoint yet; help: try again in a minute",
        )
        super().__init__("not_proven", text)


@dataclass(frozen=True, slots=True)
class Proven:
    """Rows with their leaves, in the order of the log, under one signed head; `between`: its proof from `first` on."""

    rows: Sequence[tuple[ViewRow, BundledLeaf]]
    first: BundledHead
    head: BundledHead
    signed_at: datetime
    between: Mapping[str, object] | None
    signer: Signer


def prove_views(rows: Sequence[ViewRow]) -> Proven:
    """Leaves, what they open to, and proofs; within `reading`. Refuses: NotProven."""
    found = _leaves(rows)
    positions = [position for _, _, position, _ in found]
    if not found or len(found) != len(rows) or None in positions:
        raise NotProven
    heads = ask(Question(_HEADS, [min(positions)], list))
    if not heads or heads[-1][0] <= max(positions):
        raise NotProven
    (*earliest, _), (*latest, signed_at) = heads[0], heads[-1]
    first, head = (BundledHead(size, bytes(root), bytes(note)) for size, root, note in (earliest, latest))
    tree = TreeHashes(read_tile_of_log, head.size)
    opened = openings_of(leaf_id for _, leaf_id, _, _ in found)
    proven = []
    for row, leaf_id, position, body in sorted(found, key=lambda one: one[2]):
        commits = {commit.field: commit for commit in Leaf.from_bytes(body).commits}
        openings = tuple(
            one
            for one in opened.get(leaf_id, ())
            if one.field in commits and commits[one.field].opens(one.value, one.salt)
        )
        proven.append((row, BundledLeaf(body, position, openings, tree.prove_inclusion(position, head.size))))
    return Proven(proven, first, head, signed_at, _between(tree, first, head), log_signer())


def _leaves(rows: Sequence[ViewRow]) -> list[tuple[ViewRow, int, int, bytes]]:
    by_source = {(TABLES[row.way], row.id): row for row in rows}
    persons = sorted({row.person_id for row in rows if row.person_id is not None})
    asked = [sorted(set(TABLES.values())), [row.id for row in rows], persons]
    leaves = ask(Question(_LEAVES, asked, list))
    return [
        (by_source[table, source_id], leaf_id, position, bytes(body))
        for table, source_id, leaf_id, position, body in leaves
        if (table, source_id) in by_source
    ]


def _between(tree: TreeHashes, first: BundledHead, head: BundledHead) -> Mapping[str, object] | None:
    if first.size == head.size:
        return None
    proof = tree.prove_consistency(first.size, head.size)
    return consistency_document(size1=first.size, size2=head.size, root1=first.root, root2=head.root, proof=proof)
