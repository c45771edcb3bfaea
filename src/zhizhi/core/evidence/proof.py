"""Inclusion and consistency proofs: made from tiles, checked from numbers and hashes alone.

Source: RFC 6962 section 2.1, verification as in RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from collections.abc import Iterator, Sequence

from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.evidence.tiles import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Read, TileName, read_tile
from zhizhi.core.evidence.tree import EMPTY_ROOT, fold, node_hash, subtree_root
from zhizhi.core.kernel.text import Text

UINT64_MAX = 2**64 - 1


class ProofRefused(EvidenceRefused):
    """The proof does not show what it claims to show."""


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return when `leaf` (a leaf hash) is entry `index` of the tree of `size` entries under `root`.

    Refuses: an index outside the tree, a hash that is not 32 bytes, too few or too many hashes, another root.
    """
    _require_hashes(leaf, root, *proof)
    if not 0 <= index < size <= UINT64_MAX:
        raise _refused("index", "条目序号不在树内", "the index lies outside the tree")
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise _too_long()
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise _too_short()
    if computed != root:
        raise _refused("root", "由证明算出的根与所给的根不同", "the root computed from the proof is not the root given")


def verify_consistency(*, size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """Return when the tree of `size2` under `root2` begins with the tree of `size1` under `root1`.

    Refuses: a shrinking log, a hash that is not 32 bytes, a claim from the empty tree to a greater one (RFC 6962 knows
    no such proof, for it would say nothing about the greater tree), too few or too many hashes, another root.
    """
    _require_hashes(root1, root2, *proof)
    if not 0 <= size1 <= size2 <= UINT64_MAX:
        raise _refused("sizes", "前一棵树大于后一棵树", "the first tree is greater than the second")
    if size1 == size2:
        _verify_same_tree(size1, root1, root2, proof)
        return
    if size1 == 0:
        raise _refused(
            "empty_tree", "从空树出发的一致性证明不说明任何事", "a consistency proof from the empty tree proves nothing"
        )
    if not proof:
        raise _too_short()
    path = list(proof) if size1 & (size1 - 1) else [root1, *proof]
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise _too_long()
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise _too_short()
    if first != root1:
        raise _refused(
            "root1", "由证明算出的前一个根与所给的根不同", "the first root computed from the proof is not the one given"
        )
    if second != root2:
        raise _refused(
            "root2",
            "由证明算出的后一个根与所给的根不同",
            "the second root computed from the proof is not the one given",
        )


class TreeHashes:
    """The subtrees of a published log of one size, computed from its tiles. Keeps the last tiles read, not the tree."""

    __slots__ = ("_cache", "_read", "_size")

    CACHE_TILES_MAX = 64

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self._size = size
        self._cache: dict[TileName, tuple[bytes, ...]] = {}

    def prove_inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that entry `index` is in the tree of `size` entries, leaf side first."""
        assert 0 <= index < size <= self._size
        return tuple(self.root_of(start, end) for start, end in _sibling_spans(index, size, 0))

    def prove_consistency(self, size1: int, size2: int) -> tuple[bytes, ...]:
        """The proof that the tree of `size2` begins with the tree of `size1`. Boundary: empty for equal sizes."""
        assert 0 < size1 <= size2 <= self._size
        if size1 == size2:
            return ()
        height = (size1 & -size1).bit_length() - 1
        spans = list(_sibling_spans(size1 - 1, size2, height))
        if size1 != 1 << height:
            spans.insert(0, (size1 - (1 << height), size1))
        return tuple(self.root_of(start, end) for start, end in spans)

    def root(self, size: int) -> bytes:
        """Root of the tree at this size or an earlier one."""
        assert 0 <= size <= self._size
        return self.root_of(0, size) if size else EMPTY_ROOT

    def root_of(self, start: int, end: int) -> bytes:
        """Root over the entries from `start` to before `end`, where that span is a node of some tree of this log."""
        assert 0 <= start < end <= self._size
        peaks = []
        while start < end:
            height = (end - start).bit_length() - 1
            if start:
                height = min(height, (start & -start).bit_length() - 1)
            peaks.append(self._subtree(height, start >> height))
            start += 1 << height
        return fold(peaks)

    def _subtree(self, height: int, index: int) -> bytes:
        level, inside = divmod(height, TILE_HEIGHT)
        first = index << inside
        tile, offset = divmod(first, TILE_WIDTH)
        width = min(TILE_WIDTH, (self._size >> (TILE_HEIGHT * level)) - tile * TILE_WIDTH)
        return subtree_root(self._tile(TileName(level, tile, width))[offset : offset + (1 << inside)])

    def _tile(self, name: TileName) -> tuple[bytes, ...]:
        if name not in self._cache:
            if len(self._cache) >= self.CACHE_TILES_MAX:
                self._cache.pop(next(iter(self._cache)))
            self._cache[name] = read_tile(self._read, name)
        return self._cache[name]


def _sibling_spans(index: int, size: int, from_height: int) -> Iterator[tuple[int, int]]:
    """Spans of entries beside the path from entry `index` to the root of a tree of `size`, from a height upwards."""
    node, last = index >> from_height, (size - 1) >> from_height
    for height in range(from_height, size.bit_length()):
        if last == 0:
            return
        sibling = node ^ 1
        if sibling <= last:
            yield sibling << height, min((sibling + 1) << height, size)
        node, last = node >> 1, last >> 1


def _verify_same_tree(size: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise _too_long()
    if root1 != root2:
        raise _refused("root2", "两棵树大小相同而根不同", "the trees have one size and two roots")
    if size == 0 and root1 != EMPTY_ROOT:
        raise _refused("root1", "空树的根只能是空串的哈希", "the root of the empty tree is the hash of nothing")


def _require_hashes(*hashes: bytes) -> None:
    if any(len(digest) != HASH_BYTES for digest in hashes):
        raise _refused("hash_length", "哈希长度不是 32 字节", "a hash is not 32 bytes long")


def _too_long() -> ProofRefused:
    return _refused("too_long", "证明中的哈希多于所需", "the proof has more hashes than the sizes call for")


def _too_short() -> ProofRefused:
    return _refused("too_short", "证明中的哈希少于所需", "the proof has fewer hashes than the sizes call for")


def _refused(code: str, zh: str, en: str) -> ProofRefused:
    return ProofRefused(f"proof.{code}", Text(zh, en))
