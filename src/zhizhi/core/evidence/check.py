"""Check a published log from its files alone: every signature, every hash, and where the first bad place is.

The check goes from the top down. A signed root vouches for the tiles of the right edge, each hash of a tile vouches for
the tile below it, and each hash of level 0 vouches for one entry. So whatever file is altered, the hash that vouches
for it is already proven, and the altered file is the one that is named. Memory: one tile a level and one bundle.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zhizhi.core.evidence.checkpoint import Checkpoint, CheckpointRefused, Verifier
from zhizhi.core.evidence.proof import TreeHashes
from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.evidence.tiles import (
    TILE_HEIGHT,
    TILE_LEVELS_MAX,
    TILE_WIDTH,
    TREE_SIZE_MAX,
    Read,
    Tile,
    TileName,
    TileRefused,
    edge_tiles,
    read_bundle,
    read_tile,
)
from zhizhi.core.evidence.tree import leaf_hash, root_from_edge, subtree_root
from zhizhi.core.kernel.text import Text

LATEST = "checkpoint"
NOT_COVERED_SHOWN_MAX = 100

_SIZED_CHECKPOINT = re.compile(r"checkpoint\.(0|[1-9][0-9]{0,18})", re.ASCII)
_TILE_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


class LogRefused(EvidenceRefused):
    """The log does not hold together. `path` is the bad file, `entry` the log index of the fault, if known."""

    def __init__(self, code: str, text: Text, path: str, entry: int | None = None) -> None:
        super().__init__(code, text)
        self.path = path
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Fault:
    """The first bad place."""

    path: str
    entry: int | None
    why: EvidenceRefused

    def to_document(self) -> dict[str, object]:
        """`{"place", "entry", "why"}`."""
        return {"place": self.path, "entry": self.entry, "why": self.why.to_document()}


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked and what was found. `entries` counts the entries whose bytes were hashed and found right."""

    checkpoints: tuple[tuple[str, Checkpoint], ...]
    entries: int
    tiles: int
    fault: Fault | None
    not_covered: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether everything that the checkpoints cover was found as it was signed."""
        return self.fault is None

    def to_document(self) -> dict[str, object]:
        """The JSON report. The head of the log is the greatest checkpoint; null where a checkpoint itself is bad."""
        head = self.checkpoints[-1][1] if self.checkpoints else None
        return {
            "valid": self.valid,
            "origin": head.origin if head else None,
            "size": head.size if head else None,
            "root": head.root.hex() if head else None,
            "checkpoints": [{"name": name, "size": checkpoint.size} for name, checkpoint in self.checkpoints],
            "checked": {"entries": self.entries, "tiles": self.tiles},
            "first_bad": self.fault.to_document() if self.fault else None,
            "not_covered": list(self.not_covered[:NOT_COVERED_SHOWN_MAX]),
            "not_covered_count": len(self.not_covered),
        }


def checkpoint_names(listed: Iterable[str]) -> tuple[str, ...]:
    """The checkpoints among the files of a log: `checkpoint.<size>` in the order of sizes, then `checkpoint`."""
    names = set(listed)
    sized = sorted(int(match[1]) for match in map(_SIZED_CHECKPOINT.fullmatch, names) if match)
    return (*(f"checkpoint.{size}" for size in sized), *((LATEST,) if LATEST in names or not sized else ()))


def check_log(read: Read, verifiers: Sequence[Verifier], names: Sequence[str], listed: Iterable[str] = ()) -> Report:
    """Check the log under the checkpoints named; with `listed` (all files there are) also partial tiles left behind.

    Boundary: files that no checkpoint covers are reported, not judged. A log cut back to an older checkpoint can be
    seen only by who holds a newer one: name both. Refuses nothing: what is wrong is in the report.
    """
    assert names
    check = _Check(read)
    listed = tuple(listed)
    checkpoints: list[tuple[str, Checkpoint]] = []
    fault: Fault | None = None
    try:
        checkpoints = sorted((_open(read, verifiers, name) for name in names), key=lambda item: item[1].size)
        check.log(*checkpoints[-1])
        check.earlier(checkpoints)
        check.leftovers(listed, checkpoints[-1][1].size)
    except (TileRefused, LogRefused) as refused:
        fault = Fault(refused.path, refused.entry, refused)
    size = checkpoints[-1][1].size if checkpoints else 0
    outside = tuple(sorted(path for path in listed if path not in names and not _is_covered(path, size)))
    return Report(tuple(checkpoints), check.entries, check.tiles, fault, outside)


def _open(read: Read, verifiers: Sequence[Verifier], name: str) -> tuple[str, Checkpoint]:
    note = read(name)
    if note is None:
        raise LogRefused("log.checkpoint_missing", Text("缺少存证锚点", "the checkpoint is missing"), name)
    try:
        checkpoint = Checkpoint.open(note, verifiers)
    except CheckpointRefused as refused:
        raise LogRefused(refused.code, refused.text, name) from refused
    sized = _SIZED_CHECKPOINT.fullmatch(name)
    if sized and int(sized[1]) != checkpoint.size:
        text = Text(
            "文件名与锚点内的树大小 {size} 不符", "the name does not agree with the size {size} in the checkpoint"
        )
        raise LogRefused("log.renamed", text.fill(size=checkpoint.size), name)
    return name, checkpoint


class _Check:
    """One run: counts what was found right and raises at the first bad place."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.entries = 0
        self.tiles = 0

    def log(self, name: str, head: Checkpoint) -> None:
        """The tree of one checkpoint, from its root down to every entry."""
        edge = [Tile(tile, read_tile(self.read, tile)) for tile in edge_tiles(head.size)]
        if root_from_edge(edge) != head.root:
            self._blame_edge(name, edge)
        self.tiles += len(edge)
        for tile in reversed(edge):
            self._below(tile)

    def earlier(self, checkpoints: Sequence[tuple[str, Checkpoint]]) -> None:
        """Every smaller checkpoint is a beginning of the same log, and `checkpoint` is the newest."""
        head_name, head = checkpoints[-1]
        hashes = TreeHashes(self.read, head.size)
        for name, checkpoint in checkpoints[:-1]:
            if hashes.root(checkpoint.size) != checkpoint.root:
                text = Text(
                    "锚点签名有效，但与 `{head}` 不是同一历史：同一密钥签了两个历史",
                    "the checkpoint is signed, but is not of one history with `{head}`: the key signed two histories",
                )
                raise LogRefused("log.two_histories", text.fill(head=head_name), name)
            if name == LATEST and checkpoint.size < head.size:
                text = Text("`checkpoint` 旧于 `{head}`", "`checkpoint` is older than `{head}`")
                raise LogRefused("log.older", text.fill(head=head_name), name)
            self._own_edge(checkpoint.size, head.size)

    def leftovers(self, listed: Iterable[str], size: int) -> None:
        """Partial tiles and bundles of earlier sizes are beginnings of what stands in their place now."""
        for path in listed:
            found = _parse(path)
            if found is not None and _is_covered(path, size):
                self._same_beginning(*found, size)

    def _own_edge(self, earlier: int, size: int) -> None:
        """A log keeps the partial files of each checkpoint until the full ones stand in their place."""
        for name in edge_tiles(earlier):
            self._same_beginning(name, False, size)
            if name.level == 0:
                self._same_beginning(name, True, size)

    def _same_beginning(self, name: TileName, is_bundle: bool, size: int) -> None:
        wide, path = _tile_at(name, size), name.entries_path if is_bundle else name.path
        if wide == name or (wide.is_full and self.read(path) is None):
            return
        if is_bundle:
            same = read_bundle(self.read, name) == read_bundle(self.read, wide)[: name.width]
        else:
            same = read_tile(self.read, name) == read_tile(self.read, wide)[: name.width]
        if not same:
            text = Text("旧的部分块与现在的 `{wide}` 不一致", "an earlier partial file does not agree with `{wide}`")
            raise LogRefused("log.leftover", text.fill(wide=wide.path), path)

    def _below(self, tile: Tile) -> None:
        """What a proven tile vouches for: the entries under level 0, else the full tiles below it."""
        if tile.name.level == 0:
            self._bundle(tile)
            return
        for offset, vouched in enumerate(tile.hashes):
            name = TileName(tile.name.level - 1, tile.name.index * TILE_WIDTH + offset)
            child = Tile(name, read_tile(self.read, name))
            if subtree_root(child.hashes) != vouched:
                text = Text("哈希块与上层 `{above}` 所证的哈希不符", "the tile is not what `{above}` vouches for")
                raise LogRefused("log.tile", text.fill(above=tile.name.path), name.path, name.first_entry)
            self.tiles += 1
            self._below(child)

    def _bundle(self, tile: Tile) -> None:
        offset = self._differing_entry(tile)
        if offset is not None:
            entry = tile.name.first_entry + offset
            text = Text("第 {entry} 条与哈希块所证的哈希不符", "entry {entry} is not what its tile vouches for")
            raise LogRefused("log.entry", text.fill(entry=entry), self._bundle_path(tile.name), entry)
        self.entries += tile.name.width

    def _blame_edge(self, name: str, edge: Sequence[Tile]) -> None:
        """The right edge does not make the signed root: name the edge tile that its own content contradicts.

        Where tiles and entries agree with one another, it is the checkpoint that does not belong to them.
        """
        for tile in reversed(edge):
            offset = self._differing_entry(tile) if tile.name.level == 0 else self._differing_child(tile)
            if offset is not None:
                text = Text(
                    "哈希块既与锚点的根不符，也与其下内容不符",
                    "the tile agrees neither with the signed root nor with what is below it",
                )
                entry = (tile.name.index * TILE_WIDTH + offset) << (TILE_HEIGHT * tile.name.level)
                raise LogRefused("log.edge", text, self._tile_path(tile.name), entry)
        text = Text(
            "哈希块与条目彼此一致，但与锚点签名的根不符",
            "tiles and entries agree with one another, but not with the signed root",
        )
        raise LogRefused("log.root", text, name)

    def _differing_entry(self, tile: Tile) -> int | None:
        entries = read_bundle(self.read, tile.name)
        pairs = zip(entries, tile.hashes, strict=True)
        return next((offset for offset, (entry, vouched) in enumerate(pairs) if leaf_hash(entry) != vouched), None)

    def _differing_child(self, tile: Tile) -> int | None:
        for offset, vouched in enumerate(tile.hashes):
            child = TileName(tile.name.level - 1, tile.name.index * TILE_WIDTH + offset)
            if subtree_root(read_tile(self.read, child)) != vouched:
                return offset
        return None

    def _tile_path(self, name: TileName) -> str:
        return name.path if self.read(name.path) is not None else name.full.path

    def _bundle_path(self, name: TileName) -> str:
        return name.entries_path if self.read(name.entries_path) is not None else name.full.entries_path


def _parse(path: str) -> tuple[TileName, bool] | None:
    """The tile that a path names, and whether it is its entry bundle; None for every other path."""
    match = _TILE_PATH.fullmatch(path)
    if match is None:
        return None
    is_bundle = match[1] == "entries"
    level, index = 0 if is_bundle else int(match[1]), int(match[2].replace("x", "").replace("/", ""))
    width = int(match[3]) if match[3] else TILE_WIDTH
    if level >= TILE_LEVELS_MAX or index > TREE_SIZE_MAX or width > TILE_WIDTH - (match[3] is not None):
        return None
    name = TileName(level, index, width)
    return (name, is_bundle) if path == (name.entries_path if is_bundle else name.path) else None


def _is_covered(path: str, size: int) -> bool:
    found = _parse(path)
    if found is None:
        return False
    name, _ = found
    return name.index * TILE_WIDTH + name.width <= size >> (TILE_HEIGHT * name.level)


def _tile_at(name: TileName, size: int) -> TileName:
    """The tile that stands in the same place in a log of this size."""
    hashes = size >> (TILE_HEIGHT * name.level)
    return TileName(name.level, name.index, min(TILE_WIDTH, hashes - name.index * TILE_WIDTH))
