"""A small signed log as a mapping of path to bytes, for tests that attack it."""

from collections.abc import Sequence

from zhizhi.core.evidence.checkpoint import Checkpoint, Signer
from zhizhi.core.evidence.export import export_log
from zhizhi.core.evidence.tree import Frontier, leaf_hash

SIGNER = Signer("log.example/zhizhi", bytes(range(32)))
STRANGER = Signer("log.example/zhizhi", bytes(range(1, 33)))


def entries_of(size: int, salt: str = "") -> list[bytes]:
    """Distinct entries of uneven length."""
    return [f"{salt}entry {index} ".encode() + bytes(index % 7) for index in range(size)]


def signed(entries: Sequence[bytes], size: int, signer: Signer = SIGNER, origin: str | None = None) -> bytes:
    """A checkpoint over the first `size` entries."""
    frontier = Frontier()
    for entry in entries[:size]:
        frontier.append(leaf_hash(entry))
    return Checkpoint(origin or signer.name, size, frontier.root()).sign(signer)


def published(entries: Sequence[bytes], *sizes: int, signer: Signer = SIGNER) -> dict[str, bytes]:
    """The exported files of a log with checkpoints at these sizes."""
    notes = [signed(entries, size, signer) for size in sizes or (len(entries),)]
    return dict(export_log(entries, notes, [signer.verifier]))
