"""The local key file: what it wraps only it opens, and it refuses to stand open."""

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.gateways.keys.key_file import Keys
from zhizhi.gateways.keys.local import WRAPPED_OCTETS, LocalKeyService, open_local_keys, wrapped_by
from zhizhi.gateways.keys.refusals import KeyServiceError

AT = datetime(2026, 11, 21, tzinfo=UTC)
KEY = bytes(range(32))
ONE = LocalKeyService(Keys({1: b"a" * 32}, {1: b"r" * 32}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "master.json"


def test_the_first_use_makes_a_private_file_and_the_second_finds_the_same_keys(path: Path) -> None:
    wrapped = open_local_keys(path, AT).wrap(KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(path.parent) == ["master.json"]
    assert open_local_keys(path, AT).unwrap(wrapped) == KEY
    assert open_local_keys(path, AT).derive("search") == open_local_keys(path, AT).derive("search")


@given(keys=st.lists(st.binary(min_size=32, max_size=32), max_size=20))
def test_wrapping_many_is_wrapping_each(keys: list[bytes]) -> None:
    service = LocalKeyService(Keys({1: b"a" * 32, 2: b"b" * 32}, {1: b"r" * 32}))
    wrapped = service.wrap_many(keys)
    assert [service.unwrap(one) for one in wrapped] == keys
    assert {len(one) for one in wrapped} <= {WRAPPED_OCTETS}
    assert len(set(wrapped)) == len(keys)


@given(position=st.integers(0, WRAPPED_OCTETS - 1), flip=st.integers(1, 255))
def test_any_changed_octet_is_refused(position: int, flip: int) -> None:
    service = ONE
    wrapped = bytearray(service.wrap(KEY))
    wrapped[position] ^= flip
    with pytest.raises(KeyServiceError):
        service.unwrap(bytes(wrapped))


@pytest.mark.parametrize("wrapped", [b"", b"\x01" * (WRAPPED_OCTETS - 1), b"\x01" * (WRAPPED_OCTETS + 1)])
def test_another_length_is_refused(wrapped: bytes) -> None:
    with pytest.raises(KeyServiceError, match="damaged"):
        ONE.unwrap(wrapped)


@pytest.mark.parametrize("size", [0, 16, 31, 33, 17 * 32])
def test_a_data_key_has_32_octets(size: int) -> None:
    with pytest.raises(KeyServiceError, match="32"):
        ONE.wrap(b"x" * size)


def test_a_rotation_wraps_with_the_new_key_opens_the_old_and_keeps_the_derived_keys(path: Path) -> None:
    service = open_local_keys(path, AT)
    wrapped, derived = service.wrap(KEY), service.derive("search")
    service.rotate(2, AT)
    assert (wrapped_by(wrapped), wrapped_by(service.wrap(KEY)), service.newest()) == (1, 2, 2)
    assert service.unwrap(wrapped) == KEY
    assert service.derive("search") == derived
    assert os.listdir(path.parent) == ["master.json"]
    (again,) = service.rewrap_many([wrapped])
    assert again.startswith(service.mark(2))
    assert service.unwrap(again) == KEY


def test_a_process_that_read_the_file_before_a_rotation_meets_the_new_keys(path: Path) -> None:
    before, other = open_local_keys(path, AT), open_local_keys(path, AT)
    other.rotate(2, AT)
    other.rotate_root(2, AT)
    assert before.unwrap(other.wrap(KEY)) == KEY
    assert before.derive("list/1", 2) == other.derive("list/1", 2) != other.derive("list/1")
    assert before.wrap(KEY).startswith(before.mark(2))
    assert before.newest_root() == 2


def test_a_rotation_asked_for_twice_makes_one_key_and_a_gap_is_refused(path: Path) -> None:
    service = open_local_keys(path, AT)
    service.rotate(2, AT)
    service.rotate(2, AT)
    assert service.newest() == 2
    with pytest.raises(KeyServiceError, match="by hand") as caught:
        service.rotate(4, AT)
    assert caught.value.code == "other_version"


def test_what_is_already_read_opens_when_the_file_is_gone_and_nothing_new_is_wrapped(path: Path) -> None:
    service = open_local_keys(path, AT)
    wrapped = service.wrap(KEY)
    path.unlink()
    assert service.unwrap(wrapped) == KEY
    with pytest.raises(KeyServiceError) as caught:
        service.wrap(KEY)
    assert caught.value.code == "key_file_unreadable"


def test_what_another_key_file_wrapped_is_refused(path: Path, tmp_path: Path) -> None:
    stranger = open_local_keys(tmp_path / "other" / "local.json", AT)
    with pytest.raises(KeyServiceError) as caught:
        open_local_keys(path, AT).unwrap(stranger.wrap(KEY))
    assert caught.value.code == "bad_wrapped_key"
    with pytest.raises(KeyServiceError):
        open_local_keys(path, AT).unwrap(b"vault:v1:" + b"A" * 60)


def test_derived_keys_of_other_purposes_differ() -> None:
    service = ONE
    assert len({service.derive(purpose) for purpose in ("a", "b", "ab", "a:b")}) == 4
    with pytest.raises(KeyServiceError, match="purpose"):
        service.derive("")


@pytest.mark.parametrize(("mode", "code"), [(0o640, "key_file_open_to_others"), (0o604, "key_file_open_to_others")])
def test_a_file_that_others_can_read_is_refused(path: Path, mode: int, code: str) -> None:
    open_local_keys(path, AT)
    path.chmod(mode)
    with pytest.raises(KeyServiceError, match="chmod 600") as caught:
        open_local_keys(path, AT)
    assert caught.value.code == code


def test_a_folder_that_others_can_write_is_refused(path: Path) -> None:
    open_local_keys(path, AT)
    path.parent.chmod(0o777)
    with pytest.raises(KeyServiceError, match="chmod 700"):
        open_local_keys(path, AT)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"format":1,"root":"AAAA","keys":[]}',
        '{"format":1,"root":"!","keys":[{"id":1,"key":"AAAA"}]}',
    ],
)
def test_a_damaged_file_is_refused_and_never_replaced(path: Path, content: str) -> None:
    open_local_keys(path, AT)
    path.write_text(content)
    with pytest.raises(KeyServiceError, match="damaged"):
        open_local_keys(path, AT)
    assert path.read_text() == content


def test_a_short_master_key_is_damage(path: Path) -> None:
    open_local_keys(path, AT)
    document = json.loads(path.read_text())
    document["keys"][0]["key"] = "AAAA"
    path.write_text(json.dumps(document))
    with pytest.raises(KeyServiceError, match="damaged"):
        open_local_keys(path, AT)
