"""Both ciphers seal and open, each value says which it is under, and SM4-GCM is the one of the standard."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.kernel.errors import KeyUnavailable
from zhizhi.gateways.keys.local import open_local_keys
from zhizhi.store import keyring
from zhizhi.store.ciphers import AES_256_GCM, BY_BYTE, BY_NAME, SM4_GCM, Algorithm
from zhizhi.store.imports.sealing import Nonces
from zhizhi.store.keyring import OF_LATER_ROOT, Seal, list_seal, mark_of_root, product_seal, root_of

AT = datetime(2026, 11, 22, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def chosen(tmp_path: Path) -> "Chosen":
    return Chosen(tmp_path / "keys" / "local.json")


class Chosen:
    """An installation whose cipher changes."""

    def __init__(self, path: Path) -> None:
        self.keys = open_local_keys(path, AT)
        self.use(AES_256_GCM)

    def use(self, algorithm: Algorithm) -> None:
        keyring.install(self.keys, algorithm)


def test_sm4_gcm_of_our_library_is_that_of_rfc_8998() -> None:
    key, nonce = bytes.fromhex("0123456789abcdeffedcba9876543210"), bytes.fromhex("00001234567800000000abcd")
    plain = bytes.fromhex("aa" * 8 + "bb" * 8 + "cc" * 8 + "dd" * 8 + "ee" * 8 + "ff" * 8 + "ee" * 8 + "aa" * 8)
    encryptor = Cipher(SM4(key), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    closed = encryptor.update(plain) + encryptor.finalize()
    assert closed.hex().startswith("17f399f08c67d5ee19d0dc9969c4bb7d")
    assert encryptor.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


@pytest.mark.parametrize("algorithm", BY_NAME.values(), ids=BY_NAME)
@given(value=st.binary(max_size=200), flip=st.integers(0, 300))
def test_what_is_closed_opens_at_its_place_only_and_not_altered(algorithm: Algorithm, value: bytes, flip: int) -> None:
    cipher, nonce = algorithm.of_key(OLD), b"0" * 12
    closed = cipher.encrypt(nonce, value, b"point/1")
    assert len(closed) == len(value) + 16
    assert cipher.decrypt(nonce, closed, b"point/1") == value
    altered = bytearray(closed)
    altered[flip % len(closed)] ^= 1
    for octets, place, other in (
        (bytes(altered), b"point/1", cipher),
        (closed, b"point/2", cipher),
        (closed, b"point/1", algorithm.of_key(NEW)),
        (closed[:15], b"point/1", cipher),
    ):
        with pytest.raises(InvalidTag):
            other.decrypt(nonce, octets, place)


def test_a_value_says_its_cipher_and_opens_whichever_is_chosen_later(chosen: Chosen) -> None:
    closed = {}
    for algorithm in BY_NAME.values():
        chosen.use(algorithm)
        closed[algorithm.name] = Seal(OLD).close(b"13800000000", "point/1")
        assert closed[algorithm.name][0] == algorithm.byte
    for algorithm in BY_NAME.values():
        chosen.use(algorithm)
        assert {Seal(OLD).open(one, "point/1") for one in closed.values()} == {b"13800000000"}
    assert BY_BYTE == {1: AES_256_GCM, 2: SM4_GCM}, "the bytes stand for ever"


def test_a_ring_opens_what_any_of_its_keys_closed_and_closes_under_the_first(chosen: Chosen) -> None:
    old = Seal(OLD).close(b"a", "note/1")
    chosen.use(SM4_GCM)
    ring = Seal(NEW + OLD)
    new = ring.close(b"b", "note/1")
    assert (ring.open(old, "note/1"), ring.open(new, "note/1"), Seal(NEW).open(new, "note/1")) == (b"a", b"b", b"b")
    with pytest.raises(KeyUnavailable):
        Seal(OLD).open(new, "note/1")
    for broken in (b"", b"\x07" + new[1:], new[:20], bytes((new[0] | OF_LATER_ROOT,)) + new[1:]):
        with pytest.raises(KeyUnavailable) as caught:
            ring.open(broken, "note/1")
        assert "note/1" in str(caught.value)


def test_values_of_lists_say_their_root_and_open_after_each_rotation(chosen: Chosen) -> None:
    first = list_seal(7).close(b"x", "masked/1")
    assert root_of(first) == 1
    chosen.keys.rotate_root(2, AT)
    second = list_seal(7).close(b"y", "masked/1")
    chosen.use(SM4_GCM)
    chosen.keys.rotate_root(3, AT)
    third = list_seal(7).close(b"z", "masked/1")
    assert [root_of(one) for one in (first, second, third)] == [1, 2, 3]
    assert third.startswith(mark_of_root(SM4_GCM, 3))
    assert [list_seal(7).open(one, "masked/1") for one in (first, second, third)] == [b"x", b"y", b"z"]
    for one in (first, second, third):
        with pytest.raises(KeyUnavailable):
            list_seal(8).open(one, "masked/1")
        with pytest.raises(KeyUnavailable):
            product_seal("inbox").open(one, "masked/1")


def test_search_keys_and_the_signing_key_stay_through_a_rotation_of_the_root(chosen: Chosen) -> None:
    before = keyring.SearchKeys(7).identity("id_number", "x"), keyring.log_signing_key()
    chosen.keys.rotate_root(2, AT)
    keyring.install(chosen.keys, SM4_GCM)
    assert (keyring.SearchKeys(7).identity("id_number", "x"), keyring.log_signing_key()) == before


@pytest.mark.parametrize("algorithm", BY_NAME.values(), ids=BY_NAME)
def test_what_an_import_seals_opens_as_any_value(algorithm: Algorithm, chosen: Chosen) -> None:
    chosen.use(algorithm)
    nonces = Nonces(1)
    for _ in range(2):  # the second draws anew
        assert Seal(OLD).open(nonces.close(Seal(OLD), b"a", b"debt/1"), "debt/1") == b"a"
        assert list_seal(3).open(nonces.close(list_seal(3), b"b", b"masked/1"), "masked/1") == b"b"
