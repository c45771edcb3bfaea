"""Names and encodings of C2SP tlog-tiles: which tile has which path, and what its bytes hold.

Source: c2sp.org/tlog-tiles. A tile of level L holds up to 256 roots of full subtrees of 256**L leaves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.kernel.text import Text

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TREE_SIZE_MAX = 2**63 - 1
TILE_LEVELS_MAX = -(-TREE_SIZE_MAX.bit_length() // TILE_HEIGHT)
ENTRY_BYTES_MAX = 0xFFFF
BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + ENTRY_BYTES_MAX)


class Read(Protocol):
    """How the files of a log are reached: the bytes of a path, or None where there is no such file."""

    def __call__(self, path: str, /) -> bytes | None: ...


class TileRefused(EvidenceRefused):
    """A tile or an entry bundle is missing or malformed. `path` names the file, `entry` the log index if known."""

    def __init__(self, code: str, text: Text, path: str, entry: int | None = None) -> None:
        super().__init__(code, text)
        self.path = path
        self.entry = entry


@dataclass(frozen=True, slots=True)
class TileName:
    """Which tile: its level, its index within the level, and how many hashes it holds (256 when full)."""

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        assert 0 <= self.level < TILE_LEVELS_MAX
        assert 0 <= self.index <= TREE_SIZE_MAX
        assert 1 <= self.width <= TILE_WIDTH

    @property
    def is_full(self) -> bool:
        """Whether the tile will never change again."""
        return self.width == TILE_WIDTH

    @property
    def full(self) -> "TileName":
        """The full tile in the same place."""
        return TileName(self.level, self.index)

    @property
    def path(self) -> str:
        """Where the hashes lie: `tile/<level>/<index>[.p/<width>]`."""
        return f"tile/{self.level}/{self._place}"

    @property
    def entries_path(self) -> str:
        """Where the entries under a tile of level 0 lie: `tile/entries/<index>[.p/<width>]`."""
        assert self.level == 0
        return f"tile/entries/{self._place}"

    @property
    def first_entry(self) -> int:
        """Index of the first log entry below this tile."""
        return self.index << (TILE_HEIGHT * (self.level + 1))

    @property
    def _place(self) -> str:
        return index_path(self.index) + ("" if self.is_full else f".p/{self.width}")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile with its hashes."""

    name: TileName
    hashes: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """The hashes one after the other, as they are published."""
        return b"".join(self.hashes)


def index_path(index: int) -> str:
    """An index in groups of three digits, all but the last marked: 1234067 is `x001/x234/067`."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def edge_tiles(size: int) -> Iterator[TileName]:
    """The partial tiles of a tree of this size, lowest level first. Together they hold all that its root is made of."""
    assert 0 <= size <= TREE_SIZE_MAX
    for level in range(TILE_LEVELS_MAX):
        index, width = divmod(size >> (TILE_HEIGHT * level), TILE_WIDTH)
        if width:
            yield TileName(level, index, width)


def decode_tile(name: TileName, content: bytes) -> tuple[bytes, ...]:
    """The hashes of a tile. Refuses: any other length than 32 bytes for each of its hashes."""
    if len(content) != name.width * HASH_BYTES:
        text = Text("哈希块长度应为 {want} 字节，实为 {got} 字节", "the tile has {got} bytes where {want} are due")
        raise TileRefused("tile.length", text.fill(want=name.width * HASH_BYTES, got=len(content)), name.path)
    return tuple(content[i : i + HASH_BYTES] for i in range(0, len(content), HASH_BYTES))


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after the other, each after its length in 16 bits, big endian."""
    parts: list[bytes] = []
    for entry in entries:
        assert len(entry) <= ENTRY_BYTES_MAX
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def decode_bundle(name: TileName, content: bytes) -> tuple[bytes, ...]:
    """The entries of a bundle. Refuses: fewer or more than its name says, a cut entry, bytes left over."""
    entries: list[bytes] = []
    at = 0
    while len(entries) < name.width:
        start = at + 2
        end = start + int.from_bytes(content[at:start], "big")
        if start > len(content) or end > len(content):
            text = Text("条目包在第 {entry} 条处中断", "the bundle is cut at entry {entry}")
            entry = name.first_entry + len(entries)
            raise TileRefused("bundle.cut", text.fill(entry=entry), name.entries_path, entry)
        entries.append(content[start:end])
        at = end
    if at != len(content):
        text = Text("条目包末尾多出 {rest} 字节", "{rest} bytes are left over at the end of the bundle")
        entry = name.first_entry + len(entries)
        raise TileRefused("bundle.rest", text.fill(rest=len(content) - at), name.entries_path, entry)
    return tuple(entries)


def read_tile(read: Read, name: TileName) -> tuple[bytes, ...]:
    """The hashes of a tile; where a partial tile is gone, the first of the full one that took its place.

    Refuses: neither is there.
    """
    content, found = read(name.path), name
    if content is None and not name.is_full:
        content, found = read(name.full.path), name.full
    if content is None:
        raise TileRefused("tile.missing", Text("缺少哈希块", "the tile is missing"), name.path)
    return decode_tile(found, content)[: name.width]


def read_bundle(read: Read, name: TileName) -> tuple[bytes, ...]:
    """The entries under a tile of level 0, with the same way out as `read_tile`. Refuses: the bundle is missing."""
    content, found = read(name.entries_path), name
    if content is None and not name.is_full:
        content, found = read(name.full.entries_path), name.full
    if content is None:
        raise TileRefused(
            "bundle.missing", Text("缺少条目包", "the entry bundle is missing"), name.entries_path, name.first_entry
        )
    return decode_bundle(found, content)[: name.width]
