"""Compare what the database holds with what the log says: gaps, doubles, altered rows, missing recordings.

`check_history` needs the database alone: its signed checkpoints show between which of them something was altered.
`compare` goes row by row; with the entries of a published copy (run `check_log` on it first) it names the very leaf.
Every row must open the commitments of its leaf; a row whose salt was erased opens nothing and is passed over. A
recording that was erased on a rule is told as such, by a finding that is no fault.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.evidence.checkpoint import Checkpoint, CheckpointRefused, Verifier
from zhizhi.core.evidence.leaf import Json, Leaf, LeafRefused
from zhizhi.core.evidence.tiles import TILE_WIDTH, Read, TileName, read_bundle
from zhizhi.core.evidence.tree import Frontier, leaf_hash
from zhizhi.core.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Opening:
    """What a row says today of a committed field, and the salt that lies with it."""

    field: str
    value: Json
    salt: bytes


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A recording or document in the object store: its name there and the SHA-256 that the database expects, in hex."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Lying:
    """A file of the object store or of the uploads, since when; also what a write left that was cut short."""

    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ErasedObject:
    """A recording that was erased: on which civil day, and whether its octets were seen to be gone."""

    name: str
    on: date
    is_gone: bool


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """One numbered leaf of the database, with what its rows would disclose."""

    position: int
    body: bytes
    openings: tuple[Opening, ...] = ()
    objects: tuple[StoredObject, ...] = ()
    erased: tuple[ErasedObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the database and the log disagree; where `is_fault` is false, why they do not."""

    code: str
    position: int
    text: Text
    is_fault: bool = True

    def to_document(self) -> dict[str, object]:
        """`{"code", "position", "zh", "en"}`."""
        return {"code": self.code, "position": self.position, **self.text.to_document()}


ObjectDigest = Callable[[str], str | None]
"""The SHA-256 in hex of a stored object's bytes, read now; None where the object is not there."""


def log_entries(read: Read, size: int) -> Iterator[bytes]:
    """The entries of a published log in order. Refuses: a missing or malformed bundle (`TileRefused`)."""
    for index in range(-(-size // TILE_WIDTH)):
        yield from read_bundle(read, TileName(0, index, min(TILE_WIDTH, size - index * TILE_WIDTH)))


def check_history(entries: Iterable[bytes], notes: Sequence[bytes], verifiers: Sequence[Verifier]) -> Iterator[Finding]:
    """Replay the tree under every checkpoint that was signed; the finding is at the last size that was still right.

    Boundary: it stops at the first checkpoint that fails, for all later ones fail with it. No checkpoint is a finding.
    """
    if not notes:
        yield _finding("no_checkpoint", 0, "没有存证锚点", "there is no checkpoint")
        return
    frontier, right, supply = Frontier(), 0, iter(entries)
    for note in notes:
        try:
            head = Checkpoint.open(note, verifiers)
        except CheckpointRefused as refused:
            yield Finding(refused.code, right, refused.text)
            return
        while frontier.size < head.size:
            entry = next(supply, None)
            if entry is None:
                yield _finding("short", frontier.size, "条目少于锚点所签", "there are fewer entries than were signed")
                return
            frontier.append(leaf_hash(entry))
        if frontier.size != head.size or frontier.root() != head.root:
            zh = "序号 {right} 至 {size} 之前的条目与锚点所签不符"
            en = "entries from {right} to before {size} are not what was signed"
            yield Finding("altered_history", right, Text(zh, en).fill(right=right, size=head.size))
            return
        right = head.size


def compare(
    stored: Iterable[StoredLeaf], log: Iterable[bytes | None], object_digest: ObjectDigest
) -> Iterator[Finding]:
    """Findings in the order of positions. Boundary: rows after the end of `log` are not yet signed, and passed over.

    `log` holds an entry for each position of the log; None where there is no published copy to compare the leaf with.
    """
    rows = _in_order(stored)
    row = next(rows, None)
    for position, entry in enumerate(log):
        while isinstance(row, Finding):
            yield row
            row = next(rows, None)
        if row is None or row.position != position:
            yield _finding("gap", position, "日志有此条而数据库没有", "the log has this entry and the database has not")
            continue
        yield from _compare_one(row, entry, object_digest)
        row = next(rows, None)
    while row is not None:
        if isinstance(row, Finding):
            yield row
        row = next(rows, None)


def _in_order(stored: Iterable[StoredLeaf]) -> Iterator[StoredLeaf | Finding]:
    """The rows with each position once; a position that comes again, or comes late, becomes a finding."""
    last = -1
    for row in stored:
        if row.position > last:
            last = row.position
            yield row
        else:
            yield _finding("double", row.position, "同一序号有两行", "two rows have this position")


def _compare_one(row: StoredLeaf, entry: bytes | None, object_digest: ObjectDigest) -> Iterator[Finding]:
    if entry is not None and row.body != entry:
        yield _finding(
            "altered_leaf", row.position, "数据库中的条目与日志不同", "the leaf in the database is not the log's"
        )
    try:
        commits = {
            commitment.field: commitment for commitment in Leaf.from_bytes(row.body if entry is None else entry).commits
        }
    except LeafRefused as refused:
        yield Finding(refused.code, row.position, refused.text)
        return
    for opening in row.openings:
        commitment = commits.get(opening.field)
        if commitment is None or not commitment.opens(opening.value, opening.salt):
            zh, en = "数据行 `{field}` 与承诺不符", "the row's `{field}` is not what was committed to"
            yield Finding("altered_row", row.position, Text(zh, en).fill(field=opening.field))
    for item in row.objects:
        digest = object_digest(item.name)
        if digest is None:
            yield _finding("missing_object", row.position, "录音或文书缺失", "a recording or document is missing")
        elif digest != item.sha256:
            yield _finding("altered_object", row.position, "录音或文书被改动", "a recording or document was altered")
    for gone in row.erased:
        yield _of_erased(gone, row.position, object_digest(gone.name) is not None)


def _of_erased(gone: ErasedObject, position: int, lies_there: bool) -> Finding:
    """Boundary: between the decision to erase and the word that it is gone, both are right."""
    if lies_there and gone.is_gone:
        return _finding("lingering_object", position, "已删除的录音仍在", "a recording that was erased is there again")
    text = Text("录音保存期满，已于 {on} 删除", "the recording's time ended; erased on {on}").fill(on=gone.on)
    return Finding("erased_object", position, text, is_fault=False)


def _finding(code: str, position: int, zh: str, en: str) -> Finding:
    return Finding(code, position, Text(zh, en))
