"""`zhizhi evidence`: exit codes, JSON on standard output, and no Django for whoever only checks."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reference import merkle_naive as naive
from reference.merkle_published import SIGNER, STRANGER, entries_of, published, signed
from zhizhi.core.evidence.checkpoint import Verifier
from zhizhi.core.evidence.fsck import StoredLeaf
from zhizhi.core.evidence.leaf import Leaf, LeafKind
from zhizhi.core.evidence.proof_document import inclusion_document
from zhizhi.core.evidence.tree import leaf_hash
from zhizhi.ops.evidence import evidence

ENTRIES = entries_of(300)


def leaf(position: int) -> bytes:
    """A leaf of its own for each position."""
    return Leaf(LeafKind.VIEW, datetime(2026, 3, 2, tzinfo=UTC), f"subject-of-the-test-{position:08d}").to_bytes()


LEAVES = [leaf(position) for position in range(4)]
DAMAGED = [
    "checkpoint",
    "tile/0/000",
    "tile/0/001.p/44",
    "tile/1/000.p/1",
    "tile/entries/000",
    "verifier_key.txt",
]


@dataclass
class MemoryLog:
    """A log store over lists, as the protocol asks for."""

    leaves: Sequence[bytes]
    sizes: Sequence[int]
    rows: list[StoredLeaf] = field(default_factory=list)
    signed_over: Sequence[bytes] = ()

    def verifiers(self) -> Sequence[Verifier]:
        """The test key."""
        return [SIGNER.verifier]

    def notes(self) -> Sequence[bytes]:
        """Checkpoints over what the leaves were when they were signed."""
        return [signed(self.signed_over or ENTRIES, size) for size in self.sizes]

    def entries(self) -> Iterable[bytes]:
        """All leaves, also those that nothing signs yet."""
        return iter(self.leaves)

    def stored_leaves(self) -> Iterable[StoredLeaf]:
        """The rows."""
        return self.rows

    def stray_files(self) -> int:
        return 0

    def object_digest(self, name: str) -> str | None:
        """There are no objects."""
        return None


def run(*arguments: str | Path, log: MemoryLog | None = None) -> Result:
    """The command, with the log store that it should open."""

    @contextmanager
    def opened() -> Iterator[MemoryLog]:
        assert log is not None
        yield log

    return CliRunner().invoke(evidence, [str(argument) for argument in arguments], obj=opened if log else None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An exported log on disk."""
    for path, content in published(ENTRIES, 100, 300).items():
        target = tmp_path / "log" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return tmp_path / "log"


def test_a_whole_log_gives_a_report_and_exit_0(folder: Path) -> None:
    result = run("check-log", folder)
    report = json.loads(result.stdout)
    assert (result.exit_code, report["valid"], report["size"], report["first_bad"]) == (0, True, 300, None)
    assert report["key"]["came_with_the_log"]
    assert run("check-log", folder, "--checkpoint", "checkpoint.100").exit_code == 0


@pytest.mark.parametrize("path", DAMAGED)
@pytest.mark.parametrize("damage", ["turned", "gone", "a folder"])
def test_a_damaged_log_gives_exit_1_and_names_the_file(folder: Path, path: str, damage: str) -> None:
    content = (folder / path).read_bytes()
    (folder / path).unlink()
    if damage == "turned":
        (folder / path).write_bytes(bytes([content[0] ^ 1]) + content[1:])
    elif damage == "a folder":
        (folder / path).mkdir()
    result = run("check-log", folder, *([] if path != "checkpoint" else ["--checkpoint", "checkpoint"]))
    report = json.loads(result.stdout)
    assert (result.exit_code, report["valid"], report["first_bad"]["place"]) == (1, False, path)
    assert report["first_bad"]["why"].keys() == {"code", "zh", "en"}


def test_a_key_from_elsewhere_decides(folder: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(SIGNER.verifier.to_text() + "\r\n")
    assert run("check-log", folder, "--key", key).exit_code == 0
    key.write_text(STRANGER.verifier.to_text())
    result = run("check-log", folder, "--key", key)
    assert (result.exit_code, json.loads(result.stdout)["first_bad"]["place"]) == (1, "checkpoint.100")


def test_proofs_are_judged_one_line_each_and_exit_0_says_that_all_were_read(tmp_path: Path) -> None:
    facts = inclusion_document(
        index=2,
        size=9,
        root=naive.tree_hash(ENTRIES[:9]),
        leaf=leaf_hash(ENTRIES[2]),
        proof=naive.audit_path(2, ENTRIES[:9]),
    )
    (tmp_path / "good.json").write_text(json.dumps(facts))
    (tmp_path / "wrong.json").write_text(json.dumps(facts | {"leafIdx": 3}))
    result = run("check-proof", tmp_path)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [(Path(line["file"]).name, line["valid"]) for line in lines] == [("good.json", True), ("wrong.json", False)]
    assert lines[0]["why"] is None
    assert lines[1]["why"]["code"] == "proof.root"


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", None])
def test_a_document_that_cannot_be_read_gives_its_line_and_exit_1(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    result = run("check-proof", tmp_path / "x")
    line = json.loads(result.stdout)
    assert (result.exit_code, line["valid"], line["file"]) == (1, False, str(tmp_path / "x"))


def test_a_folder_without_proofs_is_not_a_success(tmp_path: Path) -> None:
    result = run("check-proof", tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")


def test_what_is_exported_is_checked_whole(tmp_path: Path) -> None:
    log = MemoryLog([*ENTRIES, b"not signed yet"], [100, 300])
    result = run("export-log", tmp_path / "out", log=log)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["files"] == len(published(ENTRIES, 100, 300))
    assert run("check-log", tmp_path / "out").exit_code == 0
    assert run("export-log", tmp_path / "out", log=log).exit_code == 2  # never into a folder that holds something


@pytest.mark.parametrize(
    "leaves", [ENTRIES[:299], [*ENTRIES[:50], b"another", *ENTRIES[51:]], [b"x" * 65536, *ENTRIES[1:]]]
)
def test_a_log_that_is_not_what_was_signed_is_not_exported(tmp_path: Path, leaves: list[bytes]) -> None:
    result = run("export-log", tmp_path / "out", log=MemoryLog(leaves, [100, 300]))
    assert result.exit_code == 1
    assert not (tmp_path / "out" / "checkpoint").exists()


def test_a_log_without_a_checkpoint_is_not_exported(tmp_path: Path) -> None:
    assert run("export-log", tmp_path / "out", log=MemoryLog(ENTRIES, [])).exit_code == 1


def found(result: Result) -> list[tuple[str, int]]:
    """The findings that `fsck` printed before its last line, which counts them."""
    *findings, total = [json.loads(line) for line in result.stdout.splitlines()]
    assert total["findings"] == len(findings)
    assert result.exit_code == (1 if findings else 0)
    return [(finding["code"], finding["position"]) for finding in findings]


def test_fsck_prints_its_findings_and_exits_1_when_there_are_any() -> None:
    rows = [StoredLeaf(position, leaf(position)) for position in range(len(LEAVES))]
    assert found(run("fsck", log=MemoryLog(LEAVES, [2, 4], rows, LEAVES))) == []
    assert found(run("fsck", log=MemoryLog(LEAVES, [2, 4], rows[1:], LEAVES))) == [("gap", 0)]
    altered = [*LEAVES[:3], LEAVES[0], *LEAVES[4:]]
    rows[3] = StoredLeaf(3, LEAVES[0])
    assert found(run("fsck", log=MemoryLog(altered, [2, 4], rows, LEAVES))) == [("altered_history", 2)]


def test_fsck_with_an_exported_copy_names_the_very_leaf(tmp_path: Path) -> None:
    assert run("export-log", tmp_path / "copy", log=MemoryLog(LEAVES, [4], [], LEAVES)).exit_code == 0
    rows = [StoredLeaf(position, leaf(position)) for position in range(len(LEAVES))]
    rows[3] = StoredLeaf(3, LEAVES[0])
    altered = MemoryLog([*LEAVES[:3], LEAVES[0]], [4], rows, LEAVES)
    assert found(run("fsck", "--log", tmp_path / "copy", log=altered)) == [("altered_history", 0), ("altered_leaf", 3)]
    (tmp_path / "copy" / "tile" / "0" / "000.p" / "4").write_bytes(b"")
    result = run("fsck", "--log", tmp_path / "copy", log=altered)
    assert result.exit_code == 1
    assert "tile/0/000.p/4" in result.output


def test_checking_a_log_loads_no_django_and_no_store(folder: Path) -> None:
    program = (
        "import sys\n"
        "from zhizhi.__main__ import main\n"
        f"main(['evidence', 'check-log', {str(folder)!r}], standalone_mode=False)\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in {'django', 'psycopg'} or m == 'zhizhi.store'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
