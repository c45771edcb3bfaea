"""RFC 6962 hashing and the right edge of a growing tree.

Memory: a `Frontier` keeps one open tile a level (at most 255 hashes) and one subtree root a binary digit of the size.
A log of a thousand million leaves has 4 levels: at most 32 kB, whatever is appended. Growing by n leaves hashes 2n
times and never reads the tree.
"""

import hashlib
from collections.abc import Sequence

from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.evidence.tiles import (
    HASH_BYTES,
    TILE_HEIGHT,
    TREE_SIZE_MAX,
    Tile,
    TileName,
    edge_tiles,
)
from zhizhi.core.kernel.text import Text

EMPTY_ROOT = hashlib.sha256(b"").digest()


class FrontierRefused(EvidenceRefused):
    """The bytes are not a saved frontier."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtree_root(hashes: Sequence[bytes]) -> bytes:
    """Root over hashes that are all of one height: the whole of a tile, or the ragged right side of one."""
    row = list(hashes)
    assert row
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + odd
    return row[0]


def fold(peaks: Sequence[bytes]) -> bytes:
    """Root of a tree from the roots of its full subtrees, greatest (leftmost) first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


class Frontier:
    """The right edge of a tree: append leaf hashes, ask for the root, publish tiles; never needs the leaves again.

    Boundary: `append` hands out each full tile exactly once, when it becomes full. The partial tiles of the present
    size, which a checkpoint of that size needs, come from `partial_tiles`.
    """

    __slots__ = ("_open", "_peaks", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._peaks: list[bytes] = []
        self._open: list[list[bytes]] = [[]]

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    def root(self) -> bytes:
        """Root hash of the tree as it stands; of the empty tree, the hash of nothing."""
        return fold(self._peaks)

    def append(self, leaf: bytes) -> tuple[Tile, ...]:
        """Add one leaf hash; the tiles that this leaf filled, lowest level first (mostly none)."""
        assert len(leaf) == HASH_BYTES
        assert self._size < TREE_SIZE_MAX
        self._open[0].append(leaf)
        filled: tuple[Tile, ...] = ()
        node, rest, height = leaf, self._size, 0
        while rest & 1:
            node = node_hash(self._peaks.pop(), node)
            rest >>= 1
            height += 1
            if height % TILE_HEIGHT == 0:
                filled += (self._close_tile(height // TILE_HEIGHT, node),)
        self._peaks.append(node)
        self._size += 1
        return filled

    def partial_tiles(self) -> tuple[Tile, ...]:
        """The open tiles of the present size, lowest level first."""
        return tuple(Tile(name, tuple(self._open[name.level])) for name in edge_tiles(self._size))

    def to_bytes(self) -> bytes:
        """The frontier for a database row: the size in 8 bytes, then the open tiles, lowest level first."""
        return self._size.to_bytes(8, "big") + b"".join(tile.to_bytes() for tile in self.partial_tiles())

    @classmethod
    def from_bytes(cls, saved: bytes) -> "Frontier":
        """The frontier as it was saved. Refuses: another length than its size asks for."""
        size = int.from_bytes(saved[:8], "big")
        if len(saved) < 8 or size > TREE_SIZE_MAX:
            raise _refused_frontier()
        names = list(edge_tiles(size))
        if len(saved) != 8 + HASH_BYTES * sum(name.width for name in names):
            raise _refused_frontier()
        tiles, at = [], 8
        for name in names:
            end = at + name.width * HASH_BYTES
            tiles.append(Tile(name, tuple(saved[i : i + HASH_BYTES] for i in range(at, end, HASH_BYTES))))
            at = end
        return cls.from_partial_tiles(size, tiles)

    @classmethod
    def from_partial_tiles(cls, size: int, tiles: Sequence[Tile]) -> "Frontier":
        """The frontier of a published log, from the partial tiles of its size (`edge_tiles` names them)."""
        assert [tile.name for tile in tiles] == list(edge_tiles(size))
        frontier = cls()
        frontier._size = size
        frontier._open = [[] for _ in range(max((tile.name.level for tile in tiles), default=0) + 1)]
        for tile in tiles:
            frontier._open[tile.name.level] = list(tile.hashes)
        frontier._peaks = [peak for tile in reversed(tiles) for peak in _peaks_of(tile.hashes)]
        return frontier

    def _close_tile(self, level_above: int, root: bytes) -> Tile:
        full = tuple(self._open[level_above - 1])
        self._open[level_above - 1] = []
        if level_above == len(self._open):
            self._open.append([])
        self._open[level_above].append(root)
        return Tile(TileName(level_above - 1, self._size >> (TILE_HEIGHT * level_above)), full)


def _peaks_of(hashes: Sequence[bytes]) -> list[bytes]:
    peaks, at = [], 0
    for bit in reversed(range(len(hashes).bit_length())):
        width = 1 << bit
        if len(hashes) & width:
            peaks.append(subtree_root(hashes[at : at + width]))
            at += width
    return peaks


def root_from_edge(tiles: Sequence[Tile]) -> bytes:
    """Root of a tree from its partial tiles alone, lowest level first; of no tiles, the root of the empty tree."""
    return fold([peak for tile in reversed(tiles) for peak in _peaks_of(tile.hashes)])


def _refused_frontier() -> FrontierRefused:
    return FrontierRefused(
        "frontier.length",
        Text("存储的树边缘长度与树大小不符", "the saved frontier does not have the length of its size"),
    )
