"""A bundle of evidence: its files, how its manifest is written and signed, and how its leaves and rows are told.

A bundle holds, in this order, `manifest.json` (canonical JSON), `manifest.note` (its signature, a C2SP signed note),
and the files that the manifest lists: `README.txt`, `documents/`, `leaves.jsonl`, `checkpoints/`, `timestamps/`.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhizhi.core.evidence.bundle_archive import File, write_archive
from zhizhi.core.evidence.checkpoint import NoteSigner, signature_line
from zhizhi.core.evidence.fsck import Opening
from zhizhi.core.evidence.leaf import Json
from zhizhi.core.evidence.proof_document import inclusion_document
from zhizhi.core.evidence.tree import leaf_hash
from zhizhi.core.kernel.canonical import canonical

VERSION = 1
MANIFEST, SIGNATURE, README, LEAVES = "manifest.json", "manifest.note", "README.txt", "leaves.jsonl"
ROWS = "documents/views.json"
CHECKPOINTS, TIMESTAMPS = "checkpoints/", "timestamps/"
_NOTE_HEAD = "zhizhi-bundle/1"  # no checkpoint has a second line like this one's, so neither passes for the other


@dataclass(frozen=True, slots=True)
class BundledLeaf:
    """A leaf of the log, what it discloses, and the path from it to the signed root."""

    body: bytes
    position: int
    openings: tuple[Opening, ...]
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BundledHead:
    """A signed checkpoint as it goes into a bundle."""

    size: int
    root: bytes
    note: bytes


def leaf_line(leaf: BundledLeaf, head: BundledHead) -> bytes:
    """One line of `leaves.jsonl`, without its newline."""
    return canonical(
        {
            "entry": base64.b64encode(leaf.body).decode(),
            "opened": [
                {"field": one.field, "salt": base64.b64encode(one.salt).decode(), "value": one.value}
                for one in sorted(leaf.openings, key=lambda one: one.field)
            ],
            "proof": inclusion_document(
                index=leaf.position, size=head.size, root=head.root, leaf=leaf_hash(leaf.body), proof=leaf.proof
            ),
        }
    )


def note_text(origin: str, manifest: bytes) -> bytes:
    """What the signature of a manifest covers."""
    return f"{origin}\n{_NOTE_HEAD}\nsha256 {hashlib.sha256(manifest).hexdigest()}\n".encode()


def write_bundle(told: Mapping[str, Json], files: Sequence[File], signer: NoteSigner) -> bytes:
    """The bundle: manifest, signature and files, in the order of the names that are given.

    `told`: what the manifest says besides: kind, number, instants. Refuses: ArchiveRefused.
    """
    listed: list[Json] = [
        {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in files
    ]
    manifest = canonical({**told, "v": VERSION, "origin": signer.name, "files": listed})
    text = note_text(signer.name, manifest)
    return write_archive([(MANIFEST, manifest), (SIGNATURE, text + b"\n" + signature_line(signer, text)), *files])
