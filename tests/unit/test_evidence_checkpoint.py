"""Notes, keys and checkpoints are C2SP's, in one spelling, and only a trusted key's signature counts."""

import base64

import pytest

from reference.merkle_published import SIGNER, STRANGER
from zhizhi.core.evidence.checkpoint import (
    SIGNATURES_MAX,
    Checkpoint,
    CheckpointRefused,
    Signer,
    Verifier,
    signature_line,
)
from zhizhi.core.evidence.tree import EMPTY_ROOT

HEAD = Checkpoint("log.example/zhizhi", 0, EMPTY_ROOT)
WITNESS = Signer("witness.example/w", bytes(32))

KEY = SIGNER.verifier.to_text()


class Other:
    """A signer of another algorithm, such as SM2, that stands beside the first signature."""

    name = "log.example/zhizhi"
    key_id = b"sm2!"

    def sign(self, text: bytes) -> bytes:
        """Some bytes that only its own kind understands."""
        return text[::-1][:100]


def opened(note: bytes, *verifiers: Verifier) -> Checkpoint:
    """The checkpoint under these keys, else under the log's own."""
    return Checkpoint.open(note, verifiers or [SIGNER.verifier])


def refusal(note: bytes, *verifiers: Verifier) -> str:
    """The code with which a note is refused."""
    with pytest.raises(CheckpointRefused) as refused:
        opened(note, *verifiers)
    return refused.value.code.removeprefix("checkpoint.")


def test_a_signed_checkpoint_is_read_back() -> None:
    extended = Checkpoint(HEAD.origin, 7, EMPTY_ROOT, ("extension one", "扩展 two"))
    assert opened(extended.sign(SIGNER)) == extended
    assert HEAD.sign(SIGNER).decode().split("\n")[:4] == [HEAD.origin, "0", base64.b64encode(EMPTY_ROOT).decode(), ""]


def test_keys_are_read_back_and_a_signing_key_never_shows() -> None:
    assert Signer.from_text(SIGNER.to_text()) == SIGNER
    assert SIGNER.seed.hex() not in repr(SIGNER)
    assert "seed" not in repr(SIGNER)
    assert Verifier.from_text(SIGNER.verifier.to_text()) == SIGNER.verifier


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    note = HEAD.sign(SIGNER, WITNESS, Other(), STRANGER)
    assert opened(note) == HEAD
    assert opened(HEAD.sign(WITNESS, Other(), SIGNER)) == HEAD
    assert refusal(HEAD.sign(WITNESS, Other(), STRANGER)) == "unsigned"


def test_a_witness_may_add_its_line_later() -> None:
    note = HEAD.sign(SIGNER)
    assert opened(note + signature_line(WITNESS, HEAD.to_text())) == HEAD


def test_a_wrong_signature_of_a_trusted_key_spoils_the_note_even_beside_a_good_one() -> None:
    wrong = signature_line(SIGNER, b"another text")
    assert refusal(HEAD.sign(SIGNER) + wrong) == "signature"
    assert refusal(HEAD.to_text() + b"\n" + wrong) == "signature"


def test_after_a_change_of_keys_either_of_them_counts() -> None:
    old, new = SIGNER.verifier, STRANGER.verifier
    assert opened(HEAD.sign(SIGNER), new, old) == HEAD
    assert opened(HEAD.sign(STRANGER), new, old) == HEAD


def test_a_checkpoint_of_another_origin_is_refused() -> None:
    other = Checkpoint("log.example/other", 0, EMPTY_ROOT).sign(SIGNER)
    assert refusal(other) == "origin"
    assert Checkpoint.open(other, [SIGNER.verifier], origin="log.example/other").size == 0


@pytest.mark.parametrize(
    "text",
    [
        b"log.example/zhizhi\n00\n" + base64.b64encode(EMPTY_ROOT) + b"\n",
        b"log.example/zhizhi\n+1\n" + base64.b64encode(EMPTY_ROOT) + b"\n",
        b"log.example/zhizhi\n9223372036854775808\n" + base64.b64encode(EMPTY_ROOT) + b"\n",
        b"log.example/zhizhi\n1\n" + base64.b64encode(EMPTY_ROOT[:31]) + b"\n",
        b"log.example/zhizhi\n1\n" + base64.b64encode(EMPTY_ROOT).rstrip(b"=") + b"\n",
        b"log.example/zhizhi\n1\n",
        b"log.example/zhizhi\n1\n" + base64.b64encode(EMPTY_ROOT) + b"\n\nextension\n",
        "log.example/zhizhi\n١\n".encode() + base64.b64encode(EMPTY_ROOT) + b"\n",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused_though_it_is_signed(text: bytes) -> None:
    assert refusal(text + b"\n" + signature_line(SIGNER, text)) in {"text", "head", "base64", "line"}


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note[:-1],
        lambda note: note + b"\n",
        lambda note: note.replace(b"\n\n", b"\n"),
        lambda note: note.replace("—".encode(), b"-"),
        lambda note: note.replace(b"\n", b"\r\n"),
        lambda note: note.replace(b"zhizhi", b"zhi\x00hi"),
        lambda note: b"\xff" + note,
        lambda note: note + b"junk\n",
        lambda note: note.split(b"\n\n")[0] + b"\n\n",
        lambda note: note + note.split(b"\n\n")[1] * SIGNATURES_MAX,
        lambda note: note + b"\xe2\x80\x94 name AAAA\n",
        lambda note: b"",
    ],
)
def test_a_malformed_note_is_refused(change: object) -> None:
    assert callable(change)
    assert refusal(change(HEAD.sign(SIGNER)))


def test_the_spare_bits_of_base64_are_not_free() -> None:
    note = HEAD.sign(SIGNER)
    assert note.endswith(b"=\n")
    last = note[-3:-2]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = alphabet[alphabet.index(last) ^ 1 : (alphabet.index(last) ^ 1) + 1]
    assert refusal(note[:-3] + twin + b"=\n") == "base64"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name",
        "name+00000000+AQ==",
        KEY.replace("+" + SIGNER.key_id.hex(), "+00000000"),
        KEY.replace(SIGNER.key_id.hex(), SIGNER.key_id.hex().upper()),
        KEY.replace("example", "examp1e"),
        f"{SIGNER.name}+{SIGNER.key_id.hex()}+{base64.b64encode(bytes([4]) + SIGNER.verifier.public_key).decode()}",
        KEY[:-4],
        f"PRIVATE+KEY+{KEY}",
    ],
)
def test_a_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(CheckpointRefused):
        Verifier.from_text(key)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b"])
def test_a_key_name_without_a_place_in_a_note_is_refused(name: str) -> None:
    with pytest.raises(CheckpointRefused):
        Signer(name, bytes(32))


def test_a_signing_key_that_does_not_belong_to_its_id_is_refused() -> None:
    with pytest.raises(CheckpointRefused):
        Signer.from_text(SIGNER.to_text().replace("zhizhi", "other"))
    with pytest.raises(CheckpointRefused):
        Signer.from_text(SIGNER.verifier.to_text())
