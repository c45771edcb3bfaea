"""Signed checkpoints: the size and root of the log in a C2SP signed note, by Ed25519 keys.

Source: c2sp.org/signed-note, c2sp.org/tlog-checkpoint. A note is text, an empty line, and signature lines
`— <key name> base64(key id || signature)`; the key id is SHA-256(name, newline, 0x01, public key)[:4].
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.evidence.tiles import HASH_BYTES, TREE_SIZE_MAX
from zhizhi.core.kernel.text import Text

NOTE_BYTES_MAX = 1 << 20
SIGNATURES_MAX = 64
ED25519 = b"\x01"

_KEY_ID_BYTES = 4
_ED25519_KEY_BYTES = 32
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_KEY_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class CheckpointRefused(EvidenceRefused):
    """A checkpoint, a signature or a key does not hold."""


class NoteSigner(Protocol):
    """What can sign a note. Another algorithm (SM2 over SM3, a witness) signs beside the first key through this."""

    @property
    def name(self) -> str:
        """The key name of the signature line."""
        ...

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        ...

    def sign(self, text: bytes) -> bytes:
        """The signature over the text of the note."""
        ...


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key of a log. Written as `<name>+<key id in hex>+<base64(0x01 || public key)>`."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not _is_key_name(self.name):
            raise _refused(
                "key_name", "密钥名须非空，不含空格与 `+`", "a key name is not empty and has no space and no `+`"
            )
        if len(self.public_key) != _ED25519_KEY_BYTES:
            raise _refused("key_length", "Ed25519 公钥须为 32 字节", "an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:_KEY_ID_BYTES]

    def to_text(self) -> str:
        """The verifier key, one line without its newline."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public_key).decode()}"

    @classmethod
    def from_text(cls, line: str) -> "Verifier":
        """Read a verifier key. Refuses: another form or algorithm, a key id that does not belong to name and key."""
        name, key_id, key = _split_key(line)
        if key[:1] != ED25519:
            raise _refused(
                "key_algorithm", "只支持 Ed25519 验证密钥（类型 1）", "only Ed25519 verifier keys (type 1) are read"
            )
        verifier = cls(name, key[1:])
        if verifier.key_id.hex() != key_id:
            raise _refused("key_id", "密钥编号与密钥名、公钥不符", "the key id does not belong to this name and key")
        return verifier

    def holds(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """The private key of a log. Written as `PRIVATE+KEY+<name>+<key id in hex>+<base64(0x01 || seed)>`; never shown."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != _ED25519_KEY_BYTES:
            raise _refused("seed_length", "Ed25519 私钥种子须为 32 字节", "the seed of an Ed25519 key has 32 bytes")
        Verifier(self.name, bytes(_ED25519_KEY_BYTES))  # the same rule for the name

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return self.verifier.key_id

    def sign(self, text: bytes) -> bytes:
        """The Ed25519 signature over the text."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(text)

    def to_text(self) -> str:
        """The signing key, one line without its newline. It is a secret."""
        return f"PRIVATE+KEY+{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.seed).decode()}"

    @classmethod
    def from_text(cls, line: str) -> "Signer":
        """Read a signing key. Refuses: another form or algorithm, a key id that does not belong to it."""
        prefix = "PRIVATE+KEY+"
        if not line.startswith(prefix):
            raise _refused("signing_key", "这不是签名密钥", "this is not a signing key")
        name, key_id, key = _split_key(line.removeprefix(prefix))
        if key[:1] != ED25519:
            raise _refused(
                "key_algorithm", "只支持 Ed25519 签名密钥（类型 1）", "only Ed25519 signing keys (type 1) are read"
            )
        signer = cls(name, key[1:])
        if signer.key_id.hex() != key_id:
            raise _refused("key_id", "密钥编号与密钥不符", "the key id does not belong to this key")
        return signer


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and root of a log at one moment."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if any(not line or "\n" in line or _CONTROL.search(line) for line in lines):
            raise _refused(
                "line", "锚点的行不得为空或含控制字符", "no line of a checkpoint is empty or holds a control character"
            )
        if not 0 <= self.size <= TREE_SIZE_MAX or len(self.root) != HASH_BYTES:
            raise _refused("head", "树大小或根哈希不合规", "the size is out of range or the root is not 32 bytes")

    def to_text(self) -> bytes:
        """The text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()

    @classmethod
    def from_text(cls, text: bytes) -> "Checkpoint":
        """Read the signed text. Refuses: anything that would not be written as exactly these bytes."""
        lines = text.decode("utf-8").split("\n")
        if len(lines) < 4 or lines[-1] or not _SIZE.fullmatch(lines[1]):
            raise _refused(
                "text", "锚点须有来源、树大小、根哈希三行", "a checkpoint has the lines origin, size and root hash"
            )
        return cls(lines[0], int(lines[1]), _from_base64(lines[2]), tuple(lines[3:-1]))

    def sign(self, *signers: NoteSigner) -> bytes:
        """The signed note. The log's own key comes first, witnesses and other algorithms after it."""
        assert signers
        text = self.to_text()
        return text + b"\n" + b"".join(signature_line(signer, text) for signer in signers)

    @classmethod
    def open(cls, note: bytes, verifiers: Sequence[Verifier], origin: str | None = None) -> "Checkpoint":
        """The checkpoint of a note that a trusted key signed. Signatures of unknown keys are passed over.

        Refuses: no signature of a trusted key, one that does not verify, another origin than the first key's name
        (or the one given), a form that is not the note's.
        """
        text = open_note(note, verifiers)
        checkpoint = cls.from_text(text)
        if checkpoint.origin != (verifiers[0].name if origin is None else origin):
            raise _refused("origin", "锚点属于另一个日志", "the checkpoint belongs to another log")
        return checkpoint


def open_note(note: bytes, verifiers: Sequence[Verifier]) -> bytes:
    """The text of a note that a trusted key signed. Signatures of unknown keys are passed over.

    Refuses: no signature of a trusted key, one that does not verify, a form that is not the note's.
    """
    text, signatures = _split_note(note)
    trusted = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed = False
    for name, key_id, signature in signatures:
        verifier = trusted.get((name, key_id))
        if verifier is None:
            continue
        if not verifier.holds(text, signature):
            raise _refused("signature", "签名无效", "a signature of the trusted key does not verify")
        signed = True
    if not signed:
        raise _refused("unsigned", "没有可信密钥的签名", "no signature of the trusted key stands on it")
    return text


def signature_line(signer: NoteSigner, text: bytes) -> bytes:
    """One signature line of a note; a witness may add its own to a note that stands."""
    signature = base64.b64encode(signer.key_id + signer.sign(text)).decode()
    return f"— {signer.name} {signature}\n".encode()


def _split_note(note: bytes) -> tuple[bytes, list[tuple[str, bytes, bytes]]]:
    shape = _refused(
        "note", "不是签名文本：文本、空行、签名行", "not a signed note: text, an empty line, signature lines"
    )
    if len(note) > NOTE_BYTES_MAX:
        raise _refused(
            "note_size", f"签名文本超过 {NOTE_BYTES_MAX} 字节", f"the note is longer than {NOTE_BYTES_MAX} bytes"
        )
    try:
        written = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise shape from error
    text, separator, below = written.rpartition("\n\n")
    if _CONTROL.search(written) or not separator or not below.endswith("\n"):
        raise shape
    lines = below[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise _refused(
            "signatures", f"签名多于 {SIGNATURES_MAX} 个", f"there are more than {SIGNATURES_MAX} signatures"
        )
    return f"{text}\n".encode(), [_split_signature(line) for line in lines]


def _split_signature(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    signature = _from_base64(encoded)
    if dash != "—" or not _is_key_name(name) or len(signature) <= _KEY_ID_BYTES:
        raise _refused("signature_line", "签名行格式不对", "a signature line is malformed")
    return name, signature[:_KEY_ID_BYTES], signature[_KEY_ID_BYTES:]


def _split_key(line: str) -> tuple[str, str, bytes]:
    name, _, rest = line.partition("+")
    key_id, _, encoded = rest.partition("+")
    if not _is_key_name(name) or not _KEY_ID.fullmatch(key_id):
        raise _refused("key", "密钥须写作 `名称+编号+base64`", "a key is written `name+id+base64`")
    return name, key_id, _from_base64(encoded)


def _is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def _from_base64(encoded: str) -> bytes:
    """Standard base64 in its one canonical spelling: a spare bit that may be flipped unseen is refused."""
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused("base64", "base64 编码有误", "the base64 is malformed") from error
    if base64.b64encode(decoded).decode() != encoded:
        raise _refused("base64", "base64 编码有误", "the base64 is malformed")
    return decoded


def _refused(code: str, zh: str, en: str) -> CheckpointRefused:
    return CheckpointRefused(f"checkpoint.{code}", Text(zh, en))
