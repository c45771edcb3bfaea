"""Proofs as JSON documents with hashes in base64.

Inclusion is `{leafIdx, treeSize, root, leafHash, proof}`, consistency `{size1, size2, root1, root2, proof}`.
"""

import base64
import binascii
import json
from collections.abc import Sequence

from zhizhi.core.evidence.proof import UINT64_MAX, ProofRefused, verify_consistency, verify_inclusion
from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.kernel.text import Text

DOCUMENT_BYTES_MAX = 1 << 20

_INCLUSION = frozenset({"leafIdx", "treeSize", "leafHash"})
_CONSISTENCY = frozenset({"size1", "size2", "root1", "root2"})


class DocumentUnread(EvidenceRefused):
    """The bytes are no proof document, so there is nothing to judge."""


def check_proof_document(content: bytes) -> None:
    """Return when the document's proof is valid. Other keys than those of the contract are ignored.

    Refuses: a document that is no proof (`DocumentUnread`), a proof that does not hold (`ProofRefused`).
    """
    document = _parse(content)
    inclusion, consistency = bool(_INCLUSION & document.keys()), bool(_CONSISTENCY & document.keys())
    if inclusion == consistency:
        raise _unread("kind", "既非包含证明也非一致性证明", "neither an inclusion nor a consistency proof")
    if inclusion:
        verify_inclusion(
            leaf=_hash(document, "leafHash"),
            index=_number(document, "leafIdx"),
            size=_number(document, "treeSize"),
            proof=_hashes(document),
            root=_hash(document, "root"),
        )
    else:
        verify_consistency(
            size1=_number(document, "size1"),
            size2=_number(document, "size2"),
            root1=_hash(document, "root1"),
            root2=_hash(document, "root2"),
            proof=_hashes(document),
        )


def inclusion_document(*, index: int, size: int, root: bytes, leaf: bytes, proof: Sequence[bytes]) -> dict[str, object]:
    """An inclusion proof as a document."""
    return {
        "leafIdx": index,
        "treeSize": size,
        "root": _base64(root),
        "leafHash": _base64(leaf),
        "proof": [_base64(node) for node in proof],
    }


def consistency_document(
    *, size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]
) -> dict[str, object]:
    """A consistency proof as a document."""
    return {
        "size1": size1,
        "size2": size2,
        "root1": _base64(root1),
        "root2": _base64(root2),
        "proof": [_base64(node) for node in proof],
    }


def _parse(content: bytes) -> dict[str, object]:
    if len(content) > DOCUMENT_BYTES_MAX:
        raise _unread(
            "size", f"文件超过 {DOCUMENT_BYTES_MAX} 字节", f"the file is longer than {DOCUMENT_BYTES_MAX} bytes"
        )
    try:
        document = json.loads(content.decode("utf-8"), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise _unread("json", "不是 JSON 文件", "the file is not JSON") from error
    if not isinstance(document, dict):
        raise _unread("kind", "既非包含证明也非一致性证明", "neither an inclusion nor a consistency proof")
    return document


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise _unread(
            "double_key", "同一键出现两次，读者可能各读一个", "a key stands twice, and two readers may read two values"
        )
    return dict(pairs)


def _number(document: dict[str, object], name: str) -> int:
    number = document.get(name)
    if type(number) is not int or not 0 <= number <= UINT64_MAX:
        raise _refused("number", name, "须为 0 至 2^64-1 的整数", "is an integer from 0 to 2^64-1")
    return number


def _hashes(document: dict[str, object]) -> list[bytes]:
    if "proof" not in document:
        raise _refused("missing", "proof", "缺失", "is missing")
    proof = document["proof"]
    if proof is None:
        return []
    if not isinstance(proof, list):
        raise _refused("list", "proof", "须为哈希列表", "is a list of hashes")
    return [_decode("proof", encoded) for encoded in proof]


def _hash(document: dict[str, object], name: str) -> bytes:
    if name not in document:
        raise _refused("missing", name, "缺失", "is missing")
    return _decode(name, document[name])


def _decode(name: str, encoded: object) -> bytes:
    if not isinstance(encoded, str):
        raise _refused("base64", name, "须为 base64 文本", "is base64 text")
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused("base64", name, "须为 base64 文本", "is base64 text") from error
    if _base64(decoded) != encoded:
        raise _refused("base64", name, "须为 base64 文本", "is base64 text")
    return decoded


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _refused(code: str, name: str, zh: str, en: str) -> ProofRefused:
    return ProofRefused(f"proof.{code}", Text(f"`{name}` {zh}", f"`{name}` {en}"))


def _unread(code: str, zh: str, en: str) -> DocumentUnread:
    return DocumentUnread(f"document.{code}", Text(zh, en))
