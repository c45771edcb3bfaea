"""The comparison of database and log finds each kind of damage at its position, and nothing in a sound database."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reference.merkle_published import SIGNER, STRANGER, entries_of, published, signed
from zhizhi.core.evidence.fsck import Opening, StoredLeaf, StoredObject, check_history, compare, log_entries
from zhizhi.core.evidence.leaf import SALT_BYTES, Leaf, LeafKind, commit
from zhizhi.core.evidence.tiles import TileRefused

AT = datetime(2026, 3, 2, tzinfo=UTC)
RECORDINGS = {"call-3": hashlib.sha256(b"sound").hexdigest()}


def stored(position: int) -> StoredLeaf:
    """A leaf with one committed field; the third one also speaks of a recording."""
    salt = bytes([position]) * SALT_BYTES
    leaf = Leaf(LeafKind.CONTACT, AT, f"subject-of-the-test-{position:08d}", (commit("minutes", position, salt),))
    objects = (StoredObject("call-3", RECORDINGS["call-3"]),) if position == 3 else ()
    return StoredLeaf(position, leaf.to_bytes(), (Opening("minutes", position, salt),), objects)


ROWS = [stored(position) for position in range(6)]
LOG = [row.body for row in ROWS]


def codes(rows: list[StoredLeaf], recordings: dict[str, str] | None = None) -> list[tuple[str, int]]:
    """What is found, and where."""
    found = compare(rows, LOG, (RECORDINGS if recordings is None else recordings).get)
    return [(finding.code, finding.position) for finding in found]


def test_a_sound_database_has_no_finding() -> None:
    assert codes(ROWS) == []
    assert codes([*ROWS, stored(6)]) == []  # numbered after the greatest checkpoint: not signed yet
    assert codes([replace(row, openings=()) for row in ROWS]) == []  # salts erased with the data


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda rows: rows[:2] + rows[3:], [("gap", 2)]),
        (lambda rows: rows[:-1], [("gap", 5)]),
        (lambda rows: [], [("gap", position) for position in range(6)]),
        (lambda rows: [*rows[:3], rows[2], *rows[3:]], [("double", 2)]),
        (lambda rows: [*rows, rows[5]], [("double", 5)]),
        (lambda rows: [*rows[:2], rows[3], rows[2], *rows[4:]], [("gap", 2), ("double", 2)]),
        (lambda rows: [*rows[:4], replace(rows[4], body=rows[3].body), rows[5]], [("altered_leaf", 4)]),
        (
            lambda rows: [*rows[:1], replace(rows[1], openings=(replace(rows[1].openings[0], value=9),)), *rows[2:]],
            [("altered_row", 1)],
        ),
        (
            lambda rows: [replace(rows[0], openings=(replace(rows[0].openings[0], field="other"),)), *rows[1:]],
            [("altered_row", 0)],
        ),
    ],
)
def test_damage_is_found_at_its_position(
    damage: Callable[[list[StoredLeaf]], list[StoredLeaf]], found: list[tuple[str, int]]
) -> None:
    assert codes(damage(ROWS)) == found


@pytest.mark.parametrize(
    ("entries", "sizes", "found"),
    [
        (LOG, [0, 2, 6], []),
        (LOG, [], [("no_checkpoint", 0)]),
        (LOG[:5], [2, 6], [("short", 5)]),
        ([*LOG[:3], LOG[0], *LOG[4:]], [2, 4, 6], [("altered_history", 2)]),
        (LOG[::-1], [2, 4, 6], [("altered_history", 0)]),
        (LOG, [6, 2], [("altered_history", 6)]),
    ],
)
def test_the_checkpoints_alone_show_between_which_of_them_something_was_altered(
    entries: list[bytes], sizes: list[int], found: list[tuple[str, int]]
) -> None:
    notes = [signed(LOG, size) for size in sizes]
    findings = check_history(entries, notes, [SIGNER.verifier])
    assert [(finding.code, finding.position) for finding in findings] == found


def test_a_checkpoint_that_another_key_signed_is_a_finding() -> None:
    notes = [signed(LOG, 2), signed(LOG, 4, STRANGER)]
    findings = check_history(LOG, notes, [SIGNER.verifier])
    assert [(finding.code, finding.position) for finding in findings] == [("checkpoint.unsigned", 2)]


def test_without_a_published_copy_the_rows_are_held_against_their_own_leaf() -> None:
    opening = replace(ROWS[1].openings[0], value=9)
    rows = [ROWS[0], replace(ROWS[1], openings=(opening,)), *ROWS[3:]]
    assert [(finding.code, finding.position) for finding in compare(rows, [None] * 6, RECORDINGS.get)] == [
        ("altered_row", 1),
        ("gap", 2),
    ]


def test_a_missing_and_an_altered_recording_are_told_apart() -> None:
    assert codes(ROWS, {}) == [("missing_object", 3)]
    assert codes(ROWS, {"call-3": "0" * 64}) == [("altered_object", 3)]


def test_a_finding_never_repeats_the_value() -> None:
    rows = [replace(ROWS[0], openings=(Opening("minutes", "张三", bytes(SALT_BYTES)),)), *ROWS[1:]]
    (finding,) = compare(rows, LOG, RECORDINGS.get)
    assert "张三" not in str(finding.to_document())


def test_an_entry_that_is_no_leaf_is_a_finding() -> None:
    row = StoredLeaf(0, b"{}")
    assert [finding.code for finding in compare([row], [b"{}"], RECORDINGS.get)] == ["leaf.version"]


def test_the_entries_of_a_published_log_come_in_order() -> None:
    entries = entries_of(300)
    files = published(entries)
    assert list(log_entries(files.get, 300)) == entries
    del files["tile/entries/001.p/44"]
    with pytest.raises(TileRefused):
        list(log_entries(files.get, 300))
