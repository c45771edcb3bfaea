"""Proofs at the borders: the empty tree, one leaf, greatest sizes, malformed documents."""

import json

import pytest

from reference import merkle_naive as naive
from reference.merkle_published import entries_of
from zhizhi.core.evidence.proof import UINT64_MAX, ProofRefused, verify_consistency, verify_inclusion
from zhizhi.core.evidence.proof_document import (
    DocumentUnread,
    check_proof_document,
    consistency_document,
    inclusion_document,
)
from zhizhi.core.evidence.tree import EMPTY_ROOT, Frontier, FrontierRefused, leaf_hash

ENTRIES = entries_of(8)
ROOTS = [naive.tree_hash(ENTRIES[:size]) for size in range(9)]
INCLUSION = inclusion_document(
    index=5, size=8, root=ROOTS[8], leaf=leaf_hash(ENTRIES[5]), proof=naive.audit_path(5, ENTRIES)
)
CONSISTENCY = consistency_document(
    size1=3, size2=8, root1=ROOTS[3], root2=ROOTS[8], proof=naive.consistency_proof(3, ENTRIES)
)


def test_a_proof_document_is_valid_and_its_other_keys_are_ignored() -> None:
    for document in (INCLUSION, CONSISTENCY):
        check_proof_document(json.dumps(document | {"desc": "x", "wantErr": True}).encode())


@pytest.mark.parametrize(
    ("sizes", "roots", "proof", "valid"),
    [
        ((0, 0), (EMPTY_ROOT, EMPTY_ROOT), [], True),
        ((0, 0), (ROOTS[1], ROOTS[1]), [], False),
        ((0, 8), (EMPTY_ROOT, ROOTS[8]), [], False),
        ((0, 8), (EMPTY_ROOT, ROOTS[8]), [ROOTS[8]], False),
        ((1, 1), (ROOTS[1], ROOTS[1]), [], True),
        ((1, 1), (ROOTS[1], ROOTS[2]), [], False),
        ((8, 8), (ROOTS[8], ROOTS[8]), [ROOTS[8]], False),
        ((8, 3), (ROOTS[8], ROOTS[3]), [], False),
        ((4, 8), (ROOTS[4], ROOTS[8]), naive.consistency_proof(4, ENTRIES), True),
        ((4, 8), (ROOTS[4], ROOTS[8]), [ROOTS[4], *naive.consistency_proof(4, ENTRIES)], False),
        ((3, 8), (ROOTS[8], ROOTS[3]), naive.consistency_proof(3, ENTRIES), False),
        ((1, 1), (b"no hash", b"no hash"), [], False),
        ((-1, 8), (ROOTS[1], ROOTS[8]), [], False),
    ],
)
def test_consistency_at_the_borders(
    sizes: tuple[int, int], roots: tuple[bytes, bytes], proof: list[bytes], valid: bool
) -> None:
    facts = {"size1": sizes[0], "size2": sizes[1], "root1": roots[0], "root2": roots[1], "proof": proof}
    if valid:
        verify_consistency(**facts)  # type: ignore[arg-type]  # the table holds the types
        return
    with pytest.raises(ProofRefused):
        verify_consistency(**facts)  # type: ignore[arg-type]  # the table holds the types


@pytest.mark.parametrize(
    ("index", "size"), [(0, 0), (1, 1), (-1, 1), (UINT64_MAX, 8), (8, 8), (0, UINT64_MAX + 1), (0, 2)]
)
def test_an_index_outside_its_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(ProofRefused):
        verify_inclusion(leaf=ROOTS[1], index=index, size=size, proof=[], root=ROOTS[1])


def test_a_proof_at_the_greatest_size_ends() -> None:
    with pytest.raises(ProofRefused, match="root"):
        verify_inclusion(leaf=ROOTS[1], index=0, size=UINT64_MAX, proof=[ROOTS[1]] * 64, root=ROOTS[1])
    with pytest.raises(ProofRefused, match="too_long"):
        verify_inclusion(leaf=ROOTS[1], index=0, size=UINT64_MAX, proof=[ROOTS[1]] * 65, root=ROOTS[1])
    with pytest.raises(ProofRefused, match="too_short"):
        verify_consistency(size1=UINT64_MAX - 1, size2=UINT64_MAX, root1=ROOTS[1], root2=ROOTS[2], proof=[ROOTS[1]])


@pytest.mark.parametrize(
    "change",
    [
        {"leafIdx": "5"},
        {"leafIdx": 5.0},
        {"leafIdx": True},
        {"leafIdx": None},
        {"leafIdx": -1},
        {"treeSize": 2**64},
        {"root": None},
        {"root": "not base64!"},
        {"root": INCLUSION["leafHash"]},
        {"leafHash": ""},
        {"proof": "x"},
        {"proof": [None]},
        {"proof": {}},
        {"proof": None},
    ],
)
def test_a_malformed_inclusion_document_is_read_and_not_valid(change: dict[str, object]) -> None:
    with pytest.raises(ProofRefused):
        check_proof_document(json.dumps(INCLUSION | change).encode())


@pytest.mark.parametrize("key", list(INCLUSION))
def test_a_document_without_one_of_its_keys_is_not_valid(key: str) -> None:
    document = {name: value for name, value in INCLUSION.items() if name != key}
    with pytest.raises(ProofRefused):
        check_proof_document(json.dumps(document).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"root": "x"}',
        b"\xff",
        b"[" * 100_000,
        json.dumps(INCLUSION | CONSISTENCY).encode(),
        json.dumps(INCLUSION)[:-1].encode() + b', "leafIdx": 6}',
        b" " * (1 << 20) + json.dumps(INCLUSION).encode(),
    ],
)
def test_what_is_no_proof_document_is_not_judged(content: bytes) -> None:
    with pytest.raises(DocumentUnread):
        check_proof_document(content)


@pytest.mark.parametrize("saved", [b"", bytes(7), bytes(9), b"\xff" * 8, bytes(7) + b"\x01" + bytes(31)])
def test_bytes_that_are_no_saved_frontier_are_refused(saved: bytes) -> None:
    with pytest.raises(FrontierRefused):
        Frontier.from_bytes(saved)
