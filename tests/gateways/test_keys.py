"""The local key file: what it wraps only it opens, and it refuses to stand open."""

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.gateways.keys.local import (
    WRAPPED_OCTETS,
    KeyServiceError,
    LocalKeyService,
    open_local_keys,
    rotate_local_keys,
    wrapped_by,
)

AT = datetime(2026, 11, 21, tzinfo=UTC)
KEY = bytes(range(32))


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
    service = LocalKeyService({1: b"a" * 32, 2: b"b" * 32}, b"r" * 32)
    wrapped = service.wrap_many(keys)
    assert [service.unwrap(one) for one in wrapped] == keys
    assert {len(one) for one in wrapped} <= {WRAPPED_OCTETS}
    assert len(set(wrapped)) == len(keys)


@given(position=st.integers(0, WRAPPED_OCTETS - 1), flip=st.integers(1, 255))
def test_any_changed_octet_is_refused(position: int, flip: int) -> None:
    service = LocalKeyService({1: b"a" * 32}, b"r" * 32)
    wrapped = bytearray(service.wrap(KEY))
    wrapped[position] ^= flip
    with pytest.raises(KeyServiceError):
        service.unwrap(bytes(wrapped))


@pytest.mark.parametrize("wrapped", [b"", b"\x01" * (WRAPPED_OCTETS - 1), b"\x01" * (WRAPPED_OCTETS + 1)])
def test_another_length_is_refused(wrapped: bytes) -> None:
    with pytest.raises(KeyServiceError, match="damaged"):
        LocalKeyService({1: b"a" * 32}, b"r" * 32).unwrap(wrapped)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_data_key_has_32_octets(size: int) -> None:
    with pytest.raises(KeyServiceError, match="32"):
        LocalKeyService({1: b"a" * 32}, b"r" * 32).wrap(b"x" * size)


def test_a_rotation_wraps_with_the_new_key_opens_the_old_and_keeps_the_derived_keys(path: Path) -> None:
    before = open_local_keys(path, AT)
    wrapped, derived = before.wrap(KEY), before.derive("search")
    after = rotate_local_keys(path, AT)
    assert (wrapped_by(wrapped), wrapped_by(after.wrap(KEY))) == (1, 2)
    assert after.unwrap(wrapped) == KEY
    assert after.derive("search") == derived
    assert os.listdir(path.parent) == ["master.json"]
    with pytest.raises(KeyServiceError, match="no master key 2"):
        before.unwrap(after.wrap(KEY))


def test_derived_keys_of_other_purposes_differ() -> None:
    service = LocalKeyService({1: b"a" * 32}, b"r" * 32)
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
