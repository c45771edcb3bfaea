"""The comparison of database and log finds each kind of damage at its position, and nothing in a sound database."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reference.merkle_published import entries_of, published
from zhizhi.core.evidence.fsck import Opening, StoredLeaf, StoredObject, compare, log_entries
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
