"""Whatever is done to the files of a published log is found, and the file it was done to is named."""

import random
from collections.abc import Callable, Iterator

import pytest

from reference.merkle_published import SIGNER, STRANGER, entries_of, published, signed
from zhizhi.core.evidence.check import Report, check_log, checkpoint_names
from zhizhi.core.evidence.export import export_log
from zhizhi.core.evidence.tiles import Read, TileName, encode_bundle
from zhizhi.core.evidence.tree import leaf_hash, subtree_root

Files = dict[str, bytes]
SIZES = (5, 256, 300, 515, 600)
TURNS_PER_FILE_MAX = 40


@pytest.fixture(scope="module")
def log() -> Files:
    """Two full bundles, a partial one, and checkpoints on, before and after the border of a tile."""
    return published(entries_of(600), *SIZES)


def check(files: Files) -> Report:
    """The whole folder under all of its checkpoints."""
    return check_log(files.get, [SIGNER.verifier], checkpoint_names(files), files)


def named(report: Report) -> str:
    """The file that the report blames."""
    assert report.fault is not None
    assert not report.valid
    return report.fault.path


def log_files(files: Files) -> list[str]:
    """All but the verifier key, which the command reads."""
    return sorted(path for path in files if path != "verifier_key.txt")


def turned(content: bytes) -> Iterator[bytes]:
    """The content with one bit of one byte turned, in a bounded sample that always has both ends."""
    draw = random.Random(len(content))
    places = {0, len(content) - 1, *(draw.randrange(len(content)) for _ in range(TURNS_PER_FILE_MAX))}
    for place in sorted(places):
        yield content[:place] + bytes([content[place] ^ 1 << draw.randrange(8)]) + content[place + 1 :]


def test_the_log_as_exported_is_whole(log: Files) -> None:
    report = check(log)
    assert report.valid
    assert (report.entries, report.tiles) == (600, 4)
    assert report.to_document()["first_bad"] is None


def test_a_turned_bit_in_any_file_is_found_in_that_file(log: Files) -> None:
    for path in log_files(log):
        for content in turned(log[path]):
            report = check(log | {path: content})
            assert named(report) == path, path


def test_every_bit_of_a_checkpoint_counts(log: Files) -> None:
    note = log["checkpoint.300"]
    for place in range(len(note) * 8):
        content = bytearray(note)
        content[place // 8] ^= 1 << place % 8
        assert named(check(log | {"checkpoint.300": bytes(content)})) == "checkpoint.300"


def test_a_missing_file_is_found_and_named_unless_nothing_needs_it(log: Files) -> None:
    for path in log_files(log):
        files = {place: content for place, content in log.items() if place != path}
        if path.startswith("checkpoint"):
            assert check(files).valid  # another checkpoint vouches for the same log; a named one is missed below
            continue
        assert named(check(files)) == path
    report = check_log(log.get, [SIGNER.verifier], ["checkpoint.601"], log)
    assert named(report) == "checkpoint.601"


@pytest.mark.parametrize("tail", [b"\n", b"\x00", b"\x00\x00", bytes(32)])
def test_bytes_added_at_the_end_of_any_file_are_found(log: Files, tail: bytes) -> None:
    for path in log_files(log):
        assert named(check(log | {path: log[path] + tail})) == path


def test_a_cut_file_is_found(log: Files) -> None:
    for path in log_files(log):
        for cut in (0, 1, len(log[path]) // 2, len(log[path]) - 1):
            assert named(check(log | {path: log[path][:cut]})) == path


def test_swapped_files_are_found(log: Files) -> None:
    for one, other in (("tile/0/000", "tile/0/001"), ("tile/entries/000", "tile/entries/001")):
        assert named(check(log | {one: log[other], other: log[one]})) == one
    assert named(check(log | {"checkpoint.300": log["checkpoint.515"]})) == "checkpoint.300"


def test_entries_changed_together_with_their_tile_are_found_by_the_tile_above(log: Files) -> None:
    entries = entries_of(600)
    entries[7] = b"another entry"
    forged = {
        "tile/entries/000": encode_bundle(entries[:256]),
        "tile/0/000": b"".join(map(leaf_hash, entries[:256])),
    }
    assert named(check(log | forged)) == "tile/0/000"
    root = subtree_root([leaf_hash(entry) for entry in entries[:256]])
    above = log["tile/1/000.p/2"]
    assert named(check(log | forged | {"tile/1/000.p/2": root + above[32:]})).startswith("checkpoint")


def test_an_altered_entry_is_named_by_its_index(log: Files) -> None:
    entries = entries_of(600)
    entries[300] = b"another entry"
    report = check(log | {"tile/entries/001": encode_bundle(entries[256:512])})
    assert report.fault is not None
    assert (report.fault.path, report.fault.entry) == ("tile/entries/001", 300)


def test_entries_in_another_order_are_found(log: Files) -> None:
    entries = entries_of(600)
    entries[10], entries[11] = entries[11], entries[10]
    report = check(log | {"tile/entries/000": encode_bundle(entries[:256])})
    assert report.fault is not None
    assert (report.fault.path, report.fault.entry) == ("tile/entries/000", 10)


def test_a_foreign_key_is_found(log: Files) -> None:
    report = check_log(log.get, [STRANGER.verifier], checkpoint_names(log), log)
    assert named(report) == "checkpoint.5"
    assert report.fault is not None
    assert report.fault.why.code == "checkpoint.unsigned"
    note = signed(entries_of(600), 300, STRANGER)
    assert named(check(log | {"checkpoint.300": note})) == "checkpoint.300"


def test_a_checkpoint_of_another_log_by_the_same_key_is_found(log: Files) -> None:
    note = signed(entries_of(600), 300, origin="log.example/other")
    assert named(check(log | {"checkpoint.300": note})) == "checkpoint.300"


@pytest.mark.parametrize("size", [5, 256, 300, 600])
def test_a_checkpoint_of_another_history_is_found_though_the_key_signed_it(log: Files, size: int) -> None:
    note = signed(entries_of(600, salt="other "), size)
    report = check(log | {f"checkpoint.{size}": note})
    assert named(report) == f"checkpoint.{size}"


def test_a_right_root_under_a_wrong_size_is_found(log: Files) -> None:
    text = log["checkpoint"].replace(b"\n600\n", b"\n599\n", 1)
    assert named(check(log | {"checkpoint": text})) == "checkpoint"


def test_a_log_cut_back_to_an_older_checkpoint_is_found_by_the_newer_one(log: Files) -> None:
    assert named(check(log | {"checkpoint": log["checkpoint.300"]})) == "checkpoint"
    shorter = published(entries_of(300))
    assert check(shorter).valid  # alone it is a log of its own; who holds the newer checkpoint sees it:
    assert not check(shorter | {"checkpoint.600": log["checkpoint.600"]}).valid


def test_files_that_no_checkpoint_covers_are_listed_and_not_judged(log: Files) -> None:
    beyond = {
        "tile/0/009": b"?",
        "tile/9/000": b"?",
        "tile/entries/x001/000": b"?",
        "notes.txt": b"?",
        "tile/0/01": b"?",
    }
    report = check(log | beyond)
    assert report.valid
    assert set(report.not_covered) == {*beyond, "verifier_key.txt"}


def test_one_named_checkpoint_covers_only_its_own_size(log: Files) -> None:
    damaged = log | {"tile/entries/002.p/88": b""}
    report = check_log(damaged.get, [SIGNER.verifier], ["checkpoint.300"], damaged)
    assert report.valid
    assert report.entries == 300
    assert "tile/entries/002.p/88" in report.not_covered
    assert not check(damaged).valid


def test_the_full_tile_stands_in_for_a_partial_one_that_was_deleted() -> None:
    early, late = published(entries_of(600), 300), published(entries_of(600), 512)
    for path in ("tile/0/001.p/44", "tile/entries/001.p/44"):
        early |= {path.split(".")[0]: late[path.split(".")[0]]}
        del early[path]
    assert check(early).valid


def test_earlier_partial_files_must_be_beginnings_of_later_ones(log: Files) -> None:
    report = check(log | {"tile/entries/000.p/2": encode_bundle([b"a", b"b"])})
    assert named(report) == "tile/entries/000.p/2"
    assert check(log | {"tile/0/001.p/9": log["tile/0/001"][: 9 * 32]}).valid


def test_a_claimed_size_far_beyond_the_files_ends_at_the_first_missing_file() -> None:
    reads = 0

    def count(files: Files) -> Read:
        def read(path: str, /) -> bytes | None:
            nonlocal reads
            reads += 1
            return files.get(path)

        return read

    huge = signed([], 0).replace(b"\n0\n", b"\n9223372036854775807\n")
    report = check_log(count({"checkpoint": huge}), [SIGNER.verifier], ["checkpoint"])
    assert named(report) == "checkpoint"
    assert reads == 1
    assert TileName(7, 0, 127).path == "tile/7/000.p/127"


def empty(files: Files) -> Files:
    """Nothing at all."""
    return {}


def only_key(files: Files) -> Files:
    """The verifier key alone."""
    return {"verifier_key.txt": files["verifier_key.txt"]}


@pytest.mark.parametrize("what", [empty, only_key])
def test_an_empty_folder_is_no_log(log: Files, what: Callable[[Files], Files]) -> None:
    assert named(check(what(log))) == "checkpoint"


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513])
def test_logs_on_the_borders_of_tiles_are_whole_and_fragile(size: int) -> None:
    files = published(entries_of(size))
    assert check(files).valid
    for path in log_files(files):
        assert (
            named(check(files | {path: files[path][:-1] + bytes([files[path][-1] ^ 1])})).split(".")[0]
            == path.split(".")[0]
        )


def test_each_file_is_exported_once_however_many_checkpoints_there_are() -> None:
    entries = entries_of(700)
    notes = [signed(entries, size) for size in range(0, 701, 7)]
    paths = [path for path, _ in export_log(entries, notes, [SIGNER.verifier])]
    assert len(paths) == len(set(paths))
    assert {f"checkpoint.{size}" for size in range(0, 701, 7)} < set(paths)
    assert paths[-1] == "checkpoint"
    files = dict(export_log(entries, notes, [SIGNER.verifier]))
    assert check(files).valid
