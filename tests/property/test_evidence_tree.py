"""The incremental tree, its tiles and its proofs agree with the recursive definitions of RFC 6962."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import merkle_naive as naive
from reference.merkle_published import SIGNER, entries_of, published
from zhizhi.core.evidence.check import check_log, checkpoint_names
from zhizhi.core.evidence.proof import ProofRefused, TreeHashes, verify_consistency, verify_inclusion
from zhizhi.core.evidence.tiles import TREE_SIZE_MAX, Tile, edge_tiles, index_path, read_tile
from zhizhi.core.evidence.tree import Frontier, leaf_hash, root_from_edge

PROOF_SIZE_MAX = 96


def grown(entries: list[bytes]) -> tuple[Frontier, dict[str, bytes]]:
    """A frontier over the entries and the tiles that it handed out."""
    frontier, files = Frontier(), dict[str, bytes]()
    for entry in entries:
        files |= {tile.name.path: tile.to_bytes() for tile in frontier.append(leaf_hash(entry))}
    return frontier, files | {tile.name.path: tile.to_bytes() for tile in frontier.partial_tiles()}


def test_the_root_grows_as_the_recursive_definition_says_for_every_size_to_300() -> None:
    entries, frontier = entries_of(300), Frontier()
    for size in range(301):
        assert frontier.size == size
        assert frontier.root() == naive.tree_hash(entries[:size])
        assert root_from_edge(frontier.partial_tiles()) == frontier.root()
        if size < 300:
            frontier.append(leaf_hash(entries[size]))


def test_every_inclusion_proof_of_sizes_to_96_is_the_reference_proof_and_verifies_only_in_its_place() -> None:
    entries = entries_of(PROOF_SIZE_MAX)
    _, files = grown(entries)
    hashes = TreeHashes(files.get, PROOF_SIZE_MAX)
    for size in range(1, PROOF_SIZE_MAX + 1):
        root = naive.tree_hash(entries[:size])
        assert hashes.root(size) == root
        for index in range(size):
            leaf, proof = leaf_hash(entries[index]), hashes.prove_inclusion(index, size)
            assert list(proof) == naive.audit_path(index, entries[:size])
            verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=root)
            if size > 1:
                with pytest.raises(ProofRefused):
                    verify_inclusion(leaf=leaf, index=(index + 1) % size, size=size, proof=proof, root=root)


def test_every_consistency_proof_of_sizes_to_96_is_the_reference_proof_and_verifies_only_for_its_sizes() -> None:
    entries = entries_of(PROOF_SIZE_MAX)
    _, files = grown(entries)
    hashes = TreeHashes(files.get, PROOF_SIZE_MAX)
    roots = [naive.tree_hash(entries[:size]) for size in range(PROOF_SIZE_MAX + 1)]
    for size1, size2 in itertools.combinations_with_replacement(range(1, PROOF_SIZE_MAX + 1), 2):
        proof = hashes.prove_consistency(size1, size2)
        assert list(proof) == naive.consistency_proof(size1, entries[:size2])
        verify_consistency(size1=size1, size2=size2, root1=roots[size1], root2=roots[size2], proof=proof)
        if size1 < size2:
            with pytest.raises(ProofRefused):
                verify_consistency(size1=size1 - 1, size2=size2, root1=roots[size1], root2=roots[size2], proof=proof)


@given(data=st.data())
def test_a_proof_with_one_bit_turned_one_hash_more_or_one_hash_less_never_verifies(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, PROOF_SIZE_MAX))
    entries = entries_of(size)
    index = data.draw(st.integers(0, size - 1))
    proof, root, leaf = naive.audit_path(index, entries), naive.tree_hash(entries), leaf_hash(entries[index])
    place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    turned = bytearray(proof[place])
    turned[bit // 8] ^= 1 << bit % 8
    wrong = [
        [*proof[:place], bytes(turned), *proof[place + 1 :]],
        [*proof[:place], *proof[place + 1 :]],
        [*proof[:place], root, *proof[place:]],
        [*proof[:place], b"", *proof[place:]],
        [*proof[:place], proof[place][:-1], *proof[place + 1 :]],
    ]
    for candidate in wrong:
        with pytest.raises(ProofRefused):
            verify_inclusion(leaf=leaf, index=index, size=size, proof=candidate, root=root)


@settings(max_examples=40, deadline=None)
@given(size=st.integers(0, 1400), more=st.integers(0, 600))
def test_a_saved_frontier_goes_on_as_if_it_had_never_been_saved(size: int, more: int) -> None:
    entries = entries_of(size + more)
    frontier, files = grown(entries[:size])
    revived = Frontier.from_bytes(frontier.to_bytes())
    from_files = Frontier.from_partial_tiles(
        size, [Tile(name, read_tile(files.get, name)) for name in edge_tiles(size)]
    )
    for entry in entries[size:]:
        handed_out = frontier.append(leaf_hash(entry))
        assert revived.append(leaf_hash(entry)) == handed_out == from_files.append(leaf_hash(entry))
    assert revived.root() == frontier.root() == from_files.root()
    assert revived.to_bytes() == frontier.to_bytes() == from_files.to_bytes()


def test_the_example_of_the_specification_has_its_tiles() -> None:
    assert [(name.level, name.width) for name in edge_tiles(70_000)] == [(0, 112), (1, 17), (2, 1)]
    assert [name.path for name in edge_tiles(256)] == ["tile/1/000.p/1"]


@pytest.mark.parametrize(
    ("index", "path"),
    [(0, "000"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067"), (TREE_SIZE_MAX, None)],
)
def test_an_index_is_written_in_groups_of_three_digits(index: int, path: str | None) -> None:
    written = index_path(index)
    assert int(written.replace("x", "").replace("/", "")) == index
    assert path is None or written == path


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 900), min_size=1, max_size=4, unique=True))
def test_what_is_exported_is_found_whole(sizes: list[int]) -> None:
    files = published(entries_of(max(sizes)), *sizes)
    report = check_log(files.get, [SIGNER.verifier], checkpoint_names(files), files)
    assert report.valid, report.fault
    assert report.entries == max(sizes)
    assert report.not_covered == ("verifier_key.txt",)
