"""Leaves of a person as the API hands them out: bytes, position, what they open to, and their proof."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.evidence.fsck import Opening
from zhizhi.core.evidence.proof import TreeHashes
from zhizhi.core.evidence.proof_document import inclusion_document
from zhizhi.core.evidence.tiles import TILE_WIDTH
from zhizhi.core.evidence.tree import leaf_hash, subtree_root
from zhizhi.store.api.reads import EPOCH, MICROSECOND, Key
from zhizhi.store.evidence.log import open_log
from zhizhi.store.evidence.signer import log_signer
from zhizhi.store.select import select

ROOTS_KEPT_MAX = 1 << 18


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """A leaf; `position` None: not numbered yet, so there is no proof of it."""

    id: int
    at: datetime
    kind: str
    position: int | None
    body: bytes

    @property
    def key(self) -> tuple[int, ...]:
        """Its place in the list."""
        return ((self.at - EPOCH) // MICROSECOND, self.id)


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The latest checkpoint: what proofs lead to."""

    size: int
    root: bytes
    note: str
    verifier: str


_LEAVES = """
SELECT l.id, l.at, l.kind, l.position, l.body FROM leaf l
WHERE l.source_person_id = %(person)s AND (%(leaf)s::bigint IS NULL OR l.id = %(leaf)s)
  AND (%(permit)s::bigint IS NULL OR (l.source_table, l.source_id) IN (
    SELECT 'permit', m.id FROM permit m WHERE m.person_id = %(person)s AND m.id = %(permit)s
    UNION ALL SELECT 'decision', m.decision_id FROM permit m WHERE m.person_id = %(person)s AND m.id = %(permit)s
    UNION ALL SELECT 'delivery', d.id FROM delivery d WHERE d.person_id = %(person)s AND d.permit_id = %(permit)s
    UNION ALL SELECT 'contact', c.id FROM contact c WHERE c.person_id = %(person)s AND c.permit_id = %(permit)s))
"""


def list_leaves(person_id: int, after: Key, limit: int, permit: int | None = None) -> list[StoredLeaf]:
    """Leaves of a person, or of a permit of theirs, newest first; the caller has seen that the person may be seen."""
    behind = ""
    values: dict[str, object] = {"person": person_id, "leaf": None, "permit": permit, "limit": limit + 1}
    if after is not None and len(after) == 2:
        behind = "AND (l.at, l.id) < (timestamptz 'epoch' + %(at)s * interval '1 microsecond', %(id)s)"
        values |= {"at": after[0], "id": after[1]}
    rows = select(f"{_LEAVES} {behind} ORDER BY l.at DESC, l.id DESC LIMIT %(limit)s", values)
    return [StoredLeaf(leaf_id, at, kind, position, bytes(body)) for leaf_id, at, kind, position, body in rows]


def find_leaf(person_id: int, leaf_id: int) -> StoredLeaf | None:
    """A leaf of a person."""
    rows = select(_LEAVES, {"person": person_id, "leaf": leaf_id, "permit": None})
    for found, at, kind, position, body in rows:
        return StoredLeaf(found, at, kind, position, bytes(body))
    return None


def openings_of(leaf_ids: Iterable[int]) -> dict[int, tuple[Opening, ...]]:
    """What the rows behind leaves disclose today: value and salt of each field that they committed to."""
    with open_log() as log:
        return log.openings_of(list(leaf_ids))


def signed_head() -> SignedHead | None:
    """The latest checkpoint; None before the first."""
    rows = select("SELECT size, root, note FROM checkpoint ORDER BY size DESC LIMIT 1", {})
    if not rows or not rows[0][0]:
        return None
    size, root, note = rows[0]
    return SignedHead(size, bytes(root), bytes(note).decode(), log_signer().verifier.to_text())


def prove(leaf: StoredLeaf, head: SignedHead) -> dict[str, object] | None:
    """The proof that a leaf is in the log of a checkpoint; None for one that came later.

    Boundary: the first proof of a process hashes the whole log in the database; later ones what came since.
    """
    if leaf.position is None or leaf.position >= head.size:
        return None
    hashes = TreeHashes(read_tile_of_log, head.size)
    proof = hashes.prove_inclusion(leaf.position, head.size)
    return inclusion_document(
        index=leaf.position, size=head.size, root=head.root, leaf=leaf_hash(leaf.body), proof=proof
    )


# Roots of full subtrees never change, whatever is appended: what a process worked out once it keeps.
_ROOTS: dict[tuple[int, int], bytes] = {}
_HASHES = "SELECT hash FROM zhizhi_leaf_hashes(%(first)s, %(end)s) WITH ORDINALITY AS h (hash, place) ORDER BY place"


def read_tile_of_log(path: str, /) -> bytes | None:
    """A tile of the log by its published path, hashed from the leaves and, above them, from roots that are kept."""
    _, level, *groups = path.removesuffix("/").split("/")
    width = TILE_WIDTH
    if groups[-2:-1] and groups[-2].endswith(".p"):
        width = int(groups.pop())
        groups[-1] = groups[-1].removesuffix(".p")
    first = int("".join(group.removeprefix("x") for group in groups)) * TILE_WIDTH
    if level == "0":
        return b"".join(_leaf_hashes(first, width))
    return b"".join(_root(int(level), first + place) for place in range(width))


def _root(level: int, index: int) -> bytes:
    """The root over 256**level leaves, `level` from 1 on."""
    known = _ROOTS.get((level, index))
    if known is not None:
        return known
    first = index * TILE_WIDTH
    below = (
        _leaf_hashes(first, TILE_WIDTH)
        if level == 1
        else [_root(level - 1, first + place) for place in range(TILE_WIDTH)]
    )
    if len(_ROOTS) >= ROOTS_KEPT_MAX:
        _ROOTS.clear()
    return _ROOTS.setdefault((level, index), subtree_root(below))


def _leaf_hashes(first: int, width: int) -> list[bytes]:
    rows = select(_HASHES, {"first": first, "end": first + width})
    return [bytes(row[0]) for row in rows]
