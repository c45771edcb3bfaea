"""A bundle is checked from its octets and a key alone, and whatever is done to it is found and named."""

import base64
import io
import json
import random
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from reference.merkle_published import SIGNER, STRANGER, published
from zhizhi.core.evidence.bundle import (
    LEAVES,
    MANIFEST,
    README,
    ROWS,
    SIGNATURE,
    BundledHead,
    BundledLeaf,
    leaf_line,
    write_bundle,
)
from zhizhi.core.evidence.bundle_archive import ArchiveRefused, File, read_archive, write_archive
from zhizhi.core.evidence.bundle_check import check_bundle
from zhizhi.core.evidence.bundle_report import BundleReport
from zhizhi.core.evidence.checkpoint import Checkpoint, Signer
from zhizhi.core.evidence.fsck import Opening
from zhizhi.core.evidence.leaf import Leaf, LeafKind, commit
from zhizhi.core.evidence.proof import TreeHashes
from zhizhi.core.evidence.proof_document import consistency_document
from zhizhi.core.kernel.canonical import canonical
from zhizhi.ops.evidence import evidence

SIZE, FIRST_SIZE, TOLD = 300, 260, (3, 257, 299)
CHECKED = f"checkpoints/checkpoint.{SIZE}"
CONSISTENT = f"checkpoints/consistency.{FIRST_SIZE}-{SIZE}.json"
TURNS = 400


def salt(position: int, name: str) -> bytes:
    """A salt of the test: what it is does not matter here."""
    return random.Random(f"{position} {name}").randbytes(32)


def leaf(position: int) -> Leaf:
    """A leaf with two committed fields."""
    commits = tuple(commit(name, f"{name} {position}", salt(position, name)) for name in ("ground", "role"))
    return Leaf(LeafKind.VIEW, datetime(2026, 3, 2, tzinfo=UTC), f"subject-of-the-test-{position:08d}", commits)


def files_of(signer: Signer = SIGNER, size: int = SIZE, told: tuple[int, ...] = TOLD) -> list[File]:
    """The files of a bundle of some leaves, as the product writes it."""
    log = published([leaf(position).to_bytes() for position in range(size)], FIRST_SIZE, size)
    tree = TreeHashes(log.get, size)
    head = BundledHead(size, tree.root(size), Checkpoint(signer.name, size, tree.root(size)).sign(signer))
    lines, rows = [], []
    for position in told:
        entry = leaf(position)
        openings = tuple(Opening(name, f"{name} {position}", salt(position, name)) for name in ("ground", "role"))
        lines.append(
            leaf_line(BundledLeaf(entry.to_bytes(), position, openings, tree.prove_inclusion(position, size)), head)
        )
        document = entry.to_document()
        fields = {one.field: one.value for one in openings}
        rows.append(
            {"leaf": position, **{name: document[name] for name in ("kind", "at", "subject")}, "fields": fields}
        )
    between = consistency_document(
        size1=FIRST_SIZE, size2=size, root1=tree.root(FIRST_SIZE), root2=head.root,
        proof=tree.prove_consistency(FIRST_SIZE, size),
    )  # fmt: skip
    first = Checkpoint(signer.name, FIRST_SIZE, tree.root(FIRST_SIZE)).sign(signer)
    return [
        (README, "核验说明 · how to verify\n".encode()),
        ("verifier_key.txt", f"{signer.verifier.to_text()}\n".encode()),
        (ROWS, canonical({"rows": rows})),
        (LEAVES, b"".join(line + b"\n" for line in lines)),
        (f"checkpoints/checkpoint.{FIRST_SIZE}", first),
        (f"checkpoints/checkpoint.{size}", head.note),
        (f"checkpoints/consistency.{FIRST_SIZE}-{size}.json", canonical(between)),
    ]


def signed(files: list[File], signer: Signer = SIGNER) -> bytes:
    """A bundle of any files, with a manifest that lists them, signed."""
    return write_bundle({"kind": "views", "export": "E00000001", "leaves": len(TOLD)}, files, signer)


@pytest.fixture(scope="module")
def files() -> list[File]:
    """The files."""
    return files_of()


@pytest.fixture(scope="module")
def bundle(files: list[File]) -> bytes:
    """The bundle."""
    return signed(files)


def check(octets: bytes) -> BundleReport:
    """Under the key of the log."""
    return check_bundle(octets, [SIGNER.verifier])


def named(octets: bytes) -> set[tuple[str, str]]:
    """Place and code of every finding."""
    return {(fault.place, fault.why.code) for fault in check(octets).faults}


def changed(files: list[File], name: str, change: Callable[[bytes], bytes]) -> list[File]:
    """The files with one of them changed."""
    assert name in dict(files)
    return [(one, change(content) if one == name else content) for one, content in files]


def repacked(bundle: bytes, change: Callable[[list[File]], list[File]]) -> bytes:
    """The bundle with other files, by whoever has no key."""
    return write_archive(change(read_archive(bundle)))


def test_a_bundle_as_written_holds_and_says_what_was_checked(bundle: bytes) -> None:
    report = check(bundle)
    assert report.valid
    assert (report.leaves, report.opened, report.rows) == (3, 6, 3)
    assert report.to_document()["checkpoint"] == {"origin": SIGNER.name, "size": SIZE}
    assert [one["valid"] for one in report.to_document()["files"]] == [True] * 9  # type: ignore[attr-defined]  # a document


def test_common_tools_read_it(bundle: bytes, files: list[File]) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert archive.testzip() is None
        assert [(one.filename, archive.read(one)) for one in archive.infolist()][2:] == files


def test_any_flipped_bit_anywhere_is_found(bundle: bytes) -> None:
    draw = random.Random(7)
    places = {0, len(bundle) - 1, *(draw.randrange(len(bundle)) for _ in range(TURNS))}
    missed = [
        place
        for place in sorted(places)
        if check(bundle[:place] + bytes([bundle[place] ^ 1 << draw.randrange(8)]) + bundle[place + 1 :]).valid
    ]
    assert missed == []


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE, README, ROWS, LEAVES, CHECKED, CONSISTENT])
def test_a_file_that_somebody_without_the_key_rewrites_is_named(bundle: bytes, name: str) -> None:
    octets = repacked(bundle, lambda there: changed(there, name, lambda content: content + b" "))
    assert name in {place for place, _ in named(octets)}


def test_a_missing_an_added_a_renamed_and_a_reordered_file_are_named(bundle: bytes) -> None:
    def dropped(there: list[File]) -> list[File]:
        return [one for one in there if one[0] != CONSISTENT]

    assert named(repacked(bundle, dropped)) == {(CONSISTENT, "bundle.missing")}
    assert named(repacked(bundle, lambda there: [*there, ("documents/x.txt", b"x")])) == {
        ("documents/x.txt", "bundle.added")
    }
    renamed = repacked(bundle, lambda there: [(one.replace(README, "READ.txt"), content) for one, content in there])
    assert named(renamed) == {(README, "bundle.missing"), ("READ.txt", "bundle.added")}
    assert named(repacked(bundle, lambda there: [*there[:2], *there[:1:-1]])) == {(MANIFEST, "bundle.order")}
    unsigned = repacked(bundle, lambda there: [one for one in there if one[0] != SIGNATURE])
    assert named(unsigned) == {(SIGNATURE, "bundle.missing")}


def row_changed(content: bytes) -> bytes:
    """Another ground in the first row."""
    told = json.loads(content)
    told["rows"][0]["fields"]["ground"] = "another"
    return canonical(told)


def row_removed(content: bytes) -> bytes:
    """The second row is not told."""
    told = json.loads(content)
    del told["rows"][1]
    return canonical(told)


def row_twice(content: bytes) -> bytes:
    """The first row stands twice, in place of the second."""
    told = json.loads(content)
    told["rows"][1] = told["rows"][0]
    return canonical(told)


def leaf_changed(change: Callable[[list[dict[str, object]]], object]) -> Callable[[bytes], bytes]:
    """`leaves.jsonl` with other lines."""

    def write(content: bytes) -> bytes:
        lines = [json.loads(line) for line in content.splitlines()]
        change(lines)
        return b"".join(canonical(line) + b"\n" for line in lines)

    return write


def proofs_swapped(lines: list[dict[str, object]]) -> None:
    """The proofs of two leaves change places."""
    lines[0]["proof"], lines[1]["proof"] = lines[1]["proof"], lines[0]["proof"]


def value_changed(lines: list[dict[str, object]]) -> None:
    """Another value is told under the same salt."""
    lines[2]["opened"][0]["value"] = "another"  # type: ignore[index]  # a list of what is opened


def salt_cut(lines: list[dict[str, object]]) -> None:
    """A salt that is too short."""
    lines[2]["opened"][0]["salt"] = base64.b64encode(b"x").decode()  # type: ignore[index]  # a list of what is opened


def path_altered(lines: list[dict[str, object]]) -> None:
    """One hash of a proof is another one."""
    lines[1]["proof"]["proof"][2] = base64.b64encode(bytes(32)).decode()  # type: ignore[index]  # a proof document


# What is signed by the log's own key all the same: whoever holds it cannot pass this off either.
SIGNED_LIES: list[tuple[str, Callable[[bytes], bytes], tuple[str, str]]] = [
    (ROWS, row_changed, (f"{ROWS}#1", "bundle.row")),
    (ROWS, row_removed, (ROWS, "bundle.row_missing")),
    (ROWS, row_twice, (f"{ROWS}#2", "bundle.row")),
    (ROWS, lambda _: b"[]", (ROWS, "bundle.rows")),
    (ROWS, lambda _: b'{"rows": []}', (ROWS, "bundle.canonical")),
    (LEAVES, leaf_changed(proofs_swapped), (f"{LEAVES}#1", "bundle.other_leaf")),
    (LEAVES, leaf_changed(value_changed), (f"{LEAVES}#3", "bundle.opened")),
    (LEAVES, leaf_changed(salt_cut), (f"{LEAVES}#3", "leaf.salt")),
    (LEAVES, leaf_changed(path_altered), (f"{LEAVES}#2", "proof.root")),
    (LEAVES, leaf_changed(lambda lines: lines.reverse()), (f"{LEAVES}#2", "bundle.order")),
    (LEAVES, leaf_changed(lambda lines: lines.append(lines[2])), (f"{LEAVES}#4", "bundle.order")),
    (LEAVES, leaf_changed(lambda lines: lines.pop()), (LEAVES, "bundle.count")),
    (LEAVES, lambda content: content[:-1], (LEAVES, "bundle.cut")),
    (LEAVES, lambda _: b"[]\n", (f"{LEAVES}#1", "bundle.line")),
    (LEAVES, lambda _: b"{\n", (f"{LEAVES}#1", "bundle.json")),
    (CONSISTENT, lambda _: b"{}", (CONSISTENT, "document.kind")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "found"), SIGNED_LIES)
def test_a_lie_that_the_log_itself_signed_is_named(
    files: list[File], name: str, change: Callable[[bytes], bytes], found: tuple[str, str]
) -> None:
    assert found in named(signed(changed(files, name, change)))


def test_a_checkpoint_of_another_log_an_older_one_and_another_key_are_found(files: list[File], bundle: bytes) -> None:
    foreign = dict(files_of(STRANGER))
    assert (CHECKED, "checkpoint.unsigned") in named(signed(changed(files, CHECKED, lambda _: foreign[CHECKED])))
    assert named(signed(files_of(STRANGER), STRANGER)) == {(SIGNATURE, "checkpoint.unsigned")}
    older = [one for one in files if one[0] not in (CHECKED, CONSISTENT)]
    assert (f"{LEAVES}#1", "bundle.other_tree") in named(signed(older))
    shorter = dict(files_of(size=280, told=TOLD[:2]))
    swapped = changed(files, CHECKED, lambda _: shorter["checkpoints/checkpoint.280"])
    assert (CHECKED, "bundle.size") in named(signed(swapped))
    other_proof = changed(files, CONSISTENT, lambda _: shorter[f"checkpoints/consistency.{FIRST_SIZE}-280.json"])
    assert (CONSISTENT, "bundle.other_tree") in named(signed(other_proof))
    none = [one for one in files if not one[0].startswith("checkpoints/")]
    assert ("checkpoints/", "bundle.no_checkpoint") in named(signed(none))
    assert not check_bundle(bundle, [STRANGER.verifier]).valid


def zipped(names: list[str], content: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP by the library of everybody."""
    written = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(written, "w", method) as archive:
        warnings.simplefilter("ignore", UserWarning)  # of a name that stands twice, which is meant
        for name in names:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            archive.writestr(info, content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (zipped(["../../etc/cron.d/x"], b"x"), ("../../etc/cron.d/x", "archive.name")),
        (zipped(["/etc/x"], b"x"), ("/etc/x", "archive.name")),
        (zipped(["documents/../manifest.json"], b"x"), ("documents/../manifest.json", "archive.name")),
        (zipped(["a.txt", "a.txt"], b"x"), ("a.txt", "archive.double")),
        (zipped(["a.txt", "A.TXT"], b"x"), ("A.TXT", "archive.double")),
        (zipped(["bomb"], bytes(50_000_000), zipfile.ZIP_DEFLATED), ("bomb", "archive.packed")),
        (zipped(["manifest.json"], b"{}"), ("", "archive.octets")),
        (b"PK\x05\x06" + bytes(18), ("", "archive.kind")),
        (b"", ("", "archive.kind")),
        (b"%PDF-1.7", ("", "archive.kind")),
    ],
)
def test_archives_that_are_none_of_ours_are_refused(octets: bytes, found: tuple[str, str]) -> None:
    assert named(octets) == {found}


def test_octets_before_behind_and_between_are_refused(bundle: bytes) -> None:
    for altered in (b"x" + bundle, bundle + b"x", bundle[:-1], bundle[: len(bundle) // 2], bundle + bundle):
        assert not check(altered).valid
    with pytest.raises(ArchiveRefused):
        write_archive([("../x", b"")])


def test_the_command_names_what_it_found_and_its_exit_code_says_it(bundle: bytes, tmp_path: Path) -> None:
    kept, key = tmp_path / "bundle.zip", tmp_path / "key.txt"
    kept.write_bytes(bundle)
    key.write_text(SIGNER.verifier.to_text() + "\n", encoding="utf-8")
    told = CliRunner().invoke(evidence, ["verify", str(kept), "--key", str(key)])
    assert (told.exit_code, json.loads(told.stdout)["key"]["came_with_the_bundle"]) == (0, False)
    own = CliRunner().invoke(evidence, ["verify", str(kept)])
    assert (own.exit_code, json.loads(own.stdout)["key"]["came_with_the_bundle"]) == (0, True)
    key.write_text(STRANGER.verifier.to_text() + "\n", encoding="utf-8")
    foreign = CliRunner().invoke(evidence, ["verify", str(kept), "--key", str(key)])
    assert foreign.exit_code == 1
    assert json.loads(foreign.stdout)["faults"][0]["place"] == SIGNATURE
    kept.write_bytes(bundle[:-3])
    broken = CliRunner().invoke(evidence, ["verify", str(kept)])
    assert (broken.exit_code, json.loads(broken.stdout)["valid"]) == (1, False)
    key.write_text("nothing\n", encoding="utf-8")
    assert CliRunner().invoke(evidence, ["verify", str(kept), "--key", str(key)]).exit_code == 1
    assert CliRunner().invoke(evidence, ["verify", str(tmp_path / "none.zip")]).exit_code == 2


def test_verifying_needs_no_django_and_no_store(bundle: bytes, tmp_path: Path) -> None:
    kept = tmp_path / "bundle.zip"
    kept.write_bytes(bundle)
    script = (
        "import sys; from zhizhi.__main__ import main\n"
        f"sys.argv = ['zhizhi', 'evidence', 'verify', {str(kept)!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
        "wrong = [one for one in sys.modules if one.partition('.')[0] in ('django', 'psycopg') "
        "or one.startswith('zhizhi.store')]\n"
        "sys.exit(code or len(wrong))"
    )
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert ended.returncode == 0, ended.stderr.decode()
