"""What `docs/evidence.md` tells a court to type works, fails on tampered files, and its list of kinds is the code's."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reference import merkle_naive as naive
from reference.merkle_published import entries_of, published
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.evidence.proof_document import inclusion_document
from zhizhi.core.evidence.tree import leaf_hash

PAGE = Path(__file__).resolve().parents[2] / "docs" / "evidence.md"
ENTRIES = entries_of(300)
INDEX = 70
TOOLS = ("sh", "openssl", "xxd", "base64", "sha256sum")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An exported log with one entry and its proof beside it."""
    proof = inclusion_document(
        index=INDEX,
        size=len(ENTRIES),
        root=naive.tree_hash(ENTRIES),
        leaf=leaf_hash(ENTRIES[INDEX]),
        proof=naive.audit_path(INDEX, ENTRIES),
    )
    extra = {"entry": ENTRIES[INDEX], "proof.json": json.dumps(proof, indent=1).encode()}
    for path, content in (published(ENTRIES) | extra).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


def typed(folder: Path) -> subprocess.CompletedProcess[str]:
    """The commands of the page, one after the other, stopping at the first that fails."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"tools of the page are absent: {', '.join(missing)}")
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE))
    return subprocess.run(["sh", "-eu"], input=script, cwd=folder, capture_output=True, text=True, check=False)


def test_the_commands_of_the_page_prove_an_entry(folder: Path) -> None:
    done = typed(folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"proven: entry {INDEX} of {len(ENTRIES)}"


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("entry", lambda content: content + b"!"),
        ("checkpoint", lambda content: content.replace(b"\n300\n", b"\n301\n")),
        ("verifier_key.txt", lambda content: content.replace(b"+", b"+0", 1)),
        ("proof.json", lambda content: content.replace(b'"leafIdx": 70', b'"leafIdx": 71')),
        ("proof.json", lambda content: content.replace(b'"treeSize": 300', b'"treeSize": 299')),
    ],
)
def test_the_commands_of_the_page_stop_at_a_tampered_file(
    folder: Path, path: str, change: Callable[[bytes], bytes]
) -> None:
    before = (folder / path).read_bytes()
    (folder / path).write_bytes(change(before))
    assert (folder / path).read_bytes() != before
    done = typed(folder)
    assert done.returncode != 0
    assert "proven" not in done.stdout


def test_the_page_lists_every_kind_of_leaf_with_its_words() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows[1:] == [(kind.value, f"{kind.label.zh} · {kind.label.en}") for kind in LeafKind]
