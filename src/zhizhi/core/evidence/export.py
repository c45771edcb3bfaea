"""A log as static files: pairs of path and bytes, in an order in which no checkpoint appears before what it covers."""

from collections.abc import Iterable, Iterator, Sequence

from zhizhi.core.evidence.checkpoint import Checkpoint, Verifier
from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.evidence.tiles import ENTRY_BYTES_MAX, TILE_HEIGHT, TILE_WIDTH, TileName, encode_bundle
from zhizhi.core.evidence.tree import Frontier, leaf_hash
from zhizhi.core.kernel.text import Text

VERIFIER_KEY = "verifier_key.txt"


class ExportRefused(EvidenceRefused):
    """The entries are not the log that the checkpoints sign; nothing that was yielded before may be handed out."""


def export_log(
    entries: Iterable[bytes], notes: Sequence[bytes], verifiers: Sequence[Verifier]
) -> Iterator[tuple[str, bytes]]:
    """The files of a log up to its greatest checkpoint: bundles and tiles, then the verifier key, then checkpoints.

    Memory: one bundle of entries and one frontier. Entries after the greatest checkpoint are left unread: nothing signs
    them. Refuses: no checkpoint, one that does not verify (`CheckpointRefused`), a root that the entries do not make,
    too few entries, an entry that is too long for a bundle.
    """
    if not notes:
        raise _refused("no_checkpoint", "没有可导出的锚点", "there is no checkpoint to export")
    heads = sorted(((Checkpoint.open(note, verifiers), note) for note in notes), key=lambda head: head[0].size)
    roots: dict[int, bytes] = {}
    for checkpoint, _ in heads:
        if roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            raise _root_refused(checkpoint.size)
    yield from _export_tree(entries, roots, last=heads[-1][0].size)
    yield VERIFIER_KEY, "".join(f"{verifier.to_text()}\n" for verifier in verifiers).encode()
    for checkpoint, note in heads:
        yield f"checkpoint.{checkpoint.size}", note
    yield "checkpoint", heads[-1][1]


def _export_tree(entries: Iterable[bytes], roots: dict[int, bytes], last: int) -> Iterator[tuple[str, bytes]]:
    frontier, bundle, partial = Frontier(), list[bytes](), set[TileName]()
    supply = iter(entries)
    while True:
        if frontier.size in roots:
            if frontier.root() != roots[frontier.size]:
                raise _root_refused(frontier.size)
            yield from _partial_files(frontier, bundle, last, partial)
        if frontier.size == last:
            return
        entry = next(supply, None)
        if entry is None:
            raise _refused("short", f"条目只有 {frontier.size} 条", f"there are only {frontier.size} entries")
        if len(entry) > ENTRY_BYTES_MAX:
            raise _refused("entry_length", f"第 {frontier.size} 条过长", f"entry {frontier.size} is too long")
        bundle.append(entry)
        for tile in frontier.append(leaf_hash(entry)):
            if tile.name.level == 0:
                yield tile.name.entries_path, encode_bundle(bundle)
                bundle.clear()
            yield tile.name.path, tile.to_bytes()


def _partial_files(
    frontier: Frontier, bundle: Sequence[bytes], last: int, done: set[TileName]
) -> Iterator[tuple[str, bytes]]:
    """The right edge that a checkpoint needs, but for what is done and for tiles whose full ones will be exported."""
    for tile in frontier.partial_tiles():
        if tile.name in done or _will_be_full(tile.name, last):
            continue
        done.add(tile.name)
        if tile.name.level == 0:
            yield tile.name.entries_path, encode_bundle(bundle)
        yield tile.name.path, tile.to_bytes()


def _will_be_full(name: TileName, last: int) -> bool:
    return (name.index + 1) * TILE_WIDTH <= last >> (TILE_HEIGHT * name.level)


def _root_refused(size: int) -> ExportRefused:
    return _refused(
        "root", f"条目算不出大小 {size} 的锚点所签的根", f"the entries do not make the root signed for size {size}"
    )


def _refused(code: str, zh: str, en: str) -> ExportRefused:
    return ExportRefused(f"export.{code}", Text(zh, en))
