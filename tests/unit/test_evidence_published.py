"""Logs and proofs that other implementations made are judged as their makers say. Needs the reference folder."""

import json
from pathlib import Path

import pytest

from zhizhi.core.evidence.check import check_log, checkpoint_names
from zhizhi.core.evidence.checkpoint import Verifier
from zhizhi.core.evidence.proof import ProofRefused
from zhizhi.core.evidence.proof_document import check_proof_document
from zhizhi.core.evidence.tree import EMPTY_ROOT, Frontier, leaf_hash


def holds(content: bytes) -> bool:
    """Whether the document's proof is valid."""
    try:
        check_proof_document(content)
    except ProofRefused:
        return False
    return True


def test_each_published_proof_is_accepted_or_refused_as_its_maker_says(shared: Path) -> None:
    files = sorted((shared / "data/merkle_rfc6962/testdata").rglob("*.json"))
    assert len(files) >= 96
    wrong = [file.name for file in files if holds(file.read_bytes()) == json.loads(file.read_bytes())["wantErr"]]
    assert wrong == []


def test_the_reference_tree_has_our_roots_at_every_size(shared: Path) -> None:
    tree = json.loads((shared / "data/merkle_rfc6962/rfc6962_reference_tree.json").read_text())
    frontier = Frontier()
    assert [EMPTY_ROOT.hex()] == tree["root_hashes_hex_by_size"][:1]
    for entry, root in zip(tree["leaf_inputs_hex"], tree["root_hashes_hex_by_size"][1:], strict=True):
        frontier.append(leaf_hash(bytes.fromhex(entry)))
        assert frontier.root().hex() == root


@pytest.mark.parametrize("size", range(10))
def test_the_published_log_is_whole_under_each_of_its_checkpoints(shared: Path, size: int) -> None:
    files, verifier = published_log(shared)
    report = check_log(files.get, [verifier], [f"checkpoint.{size}"])
    assert report.valid, report.fault
    assert report.entries == size


def test_the_published_log_is_whole_under_all_of_its_checkpoints_and_every_byte_of_it_counts(shared: Path) -> None:
    files, verifier = published_log(shared)
    assert checkpoint_names(files) == tuple(f"checkpoint.{size}" for size in range(10))
    assert check_log(files.get, [verifier], checkpoint_names(files), files).not_covered == ()
    for path, content in files.items():
        for place in range(0, len(content), 7):
            damaged = files | {path: content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]}
            report = check_log(damaged.get, [verifier], checkpoint_names(damaged), damaged)
            assert report.fault is not None
            assert report.fault.path == path


def published_log(shared: Path) -> tuple[dict[str, bytes], Verifier]:
    """The files of the log and its key."""
    folder = shared / "data/tlog_tiles/testdata/log"
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return files, Verifier.from_text((shared / "data/tlog_tiles/verifier_key.txt").read_text().strip())
