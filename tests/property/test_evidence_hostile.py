"""Hostile bytes are refused with a reason; nothing else is ever raised, and no altered log passes."""

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from reference.merkle_published import SIGNER, entries_of, published
from zhizhi.core.evidence.check import check_log, checkpoint_names
from zhizhi.core.evidence.checkpoint import Checkpoint, CheckpointRefused, Verifier
from zhizhi.core.evidence.leaf import Leaf, LeafRefused
from zhizhi.core.evidence.proof import ProofRefused
from zhizhi.core.evidence.proof_document import DocumentUnread, check_proof_document
from zhizhi.core.evidence.tiles import TILE_WIDTH, TileName, TileRefused, decode_bundle, encode_bundle

LOG = published(entries_of(530), 3, 256, 530)
FILES = sorted(path for path in LOG if path != "verifier_key.txt")
NOTE = LOG["checkpoint"]

edits = st.tuples(st.sampled_from(FILES), st.integers(0, 2**20), st.binary(max_size=40), st.integers(0, 40))


def edited(content: bytes, place: int, inserted: bytes, removed: int) -> bytes:
    """The content with some bytes at some place replaced by others."""
    place %= len(content) + 1
    return content[:place] + inserted + content[place + removed :]


@settings(max_examples=300, deadline=None)
@given(edit=edits)
def test_any_edit_of_one_file_is_found_in_that_file(edit: tuple[str, int, bytes, int]) -> None:
    path, place, inserted, removed = edit
    files = LOG | {path: edited(LOG[path], place, inserted, removed)}
    report = check_log(files.get, [SIGNER.verifier], checkpoint_names(files), files)
    assert report.valid == (files == LOG)
    assert report.fault is None or report.fault.path == path


@settings(max_examples=150, deadline=None)
@given(many=st.lists(edits, min_size=2, max_size=5), gone=st.sets(st.sampled_from(FILES), max_size=2))
def test_any_edits_of_several_files_are_found(many: list[tuple[str, int, bytes, int]], gone: set[str]) -> None:
    files = dict(LOG)
    for path, place, inserted, removed in many:
        files[path] = edited(files[path], place, inserted, removed)
    files = {path: content for path, content in files.items() if path not in gone}
    report = check_log(files.get, [SIGNER.verifier], checkpoint_names(LOG), files)
    assert report.valid == (files == LOG)


@given(
    place=st.integers(0, 2**20),
    inserted=st.binary(max_size=40) | st.text(max_size=20).map(str.encode),
    removed=st.integers(0, 40),
)
def test_an_edited_note_opens_only_as_what_was_signed(place: int, inserted: bytes, removed: int) -> None:
    with contextlib.suppress(CheckpointRefused):
        opened = Checkpoint.open(edited(NOTE, place, inserted, removed), [SIGNER.verifier])
        assert opened == Checkpoint.open(NOTE, [SIGNER.verifier])


@given(content=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_arbitrary_bytes_are_refused_with_a_reason(content: bytes) -> None:
    with contextlib.suppress(LeafRefused):
        assert Leaf.from_bytes(content).to_bytes() == content
    with contextlib.suppress(ProofRefused, DocumentUnread):
        check_proof_document(content)
    with contextlib.suppress(CheckpointRefused):
        Verifier.from_text(content.decode("utf-8", errors="replace"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    document=st.dictionaries(
        st.sampled_from(["leafIdx", "treeSize", "root", "leafHash", "proof", "size1", "size2", "root1", "root2", "x"]),
        json_values | st.sampled_from([0, 1, 2**63, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]),
    )
)
def test_a_document_of_any_shape_is_judged_or_called_no_proof(document: dict[str, object]) -> None:
    with contextlib.suppress(ProofRefused, DocumentUnread):
        check_proof_document(json.dumps(document).encode())


@given(
    entries=st.lists(st.binary(max_size=300), min_size=1, max_size=TILE_WIDTH), junk=st.binary(min_size=1, max_size=8)
)
def test_a_bundle_is_read_back_and_holds_nothing_else(entries: list[bytes], junk: bytes) -> None:
    name, content = TileName(0, 0, len(entries)), encode_bundle(entries)
    assert list(decode_bundle(name, content)) == entries
    for wrong in (content + junk, content[:-1], junk[:1] + content):
        with contextlib.suppress(TileRefused):
            assert encode_bundle(decode_bundle(name, wrong)) == wrong
            assert wrong != content + junk
