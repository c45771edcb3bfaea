"""Check a bundle from its octets and a public key alone: no network, no database, no settings.

Everything is looked at, and every finding names its place. What vouches for what: the key for the manifest and for the
checkpoints, the manifest for each file, the last checkpoint for each leaf, the leaf for what is opened of it, and what
is opened for each row.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from zhizhi.core.evidence.bundle import CHECKPOINTS, LEAVES, MANIFEST, ROWS, SIGNATURE, TIMESTAMPS, VERSION, note_text
from zhizhi.core.evidence.bundle_archive import ArchiveRefused, read_archive
from zhizhi.core.evidence.bundle_report import FAULTS_MAX, BundleFault, BundleRefused, BundleReport
from zhizhi.core.evidence.checkpoint import Checkpoint, Verifier, open_note
from zhizhi.core.evidence.leaf import Leaf
from zhizhi.core.evidence.proof_document import check_proof_document
from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.evidence.tree import leaf_hash
from zhizhi.core.kernel.canonical import canonical
from zhizhi.core.kernel.text import Text

_CHECKPOINT = re.compile(r"checkpoints/checkpoint\.([1-9][0-9]{0,18})", re.ASCII)
_CONSISTENCY = re.compile(r"checkpoints/consistency\.([1-9][0-9]{0,18})-([1-9][0-9]{0,18})\.json", re.ASCII)
_LISTED = {"name": str, "bytes": int, "sha256": str}


def check_bundle(octets: bytes, verifiers: Sequence[Verifier]) -> BundleReport:
    """Look at everything. Boundary: an archive that cannot be read, or a manifest that nobody signed, ends it there."""
    report = BundleReport()
    try:
        files = dict(listed := read_archive(octets))
    except ArchiveRefused as refused:
        report.faults.append(BundleFault(refused.place, refused))
        return report
    report.files = [name for name, _ in listed]
    report.not_judged = [name for name in report.files if name.startswith(TIMESTAMPS)]
    check = _Check(report, files, verifiers)
    if check.manifest():
        check.files()
        check.checkpoints()
        check.leaves()
        check.rows()
    return report


class _Check:
    def __init__(self, report: BundleReport, files: Mapping[str, bytes], verifiers: Sequence[Verifier]) -> None:
        self._report = report
        self._files = files
        self._verifiers = verifiers
        self._leaves: dict[int, tuple[Leaf, dict[str, Any]]] = {}

    def _fault(self, place: str, why: EvidenceRefused) -> None:
        if len(self._report.faults) < FAULTS_MAX:
            self._report.faults.append(BundleFault(place, why))

    def manifest(self) -> bool:
        """Its form, and that a trusted key signed it."""
        content, note = self._files.get(MANIFEST), self._files.get(SIGNATURE)
        if content is None or note is None:
            self._fault(MANIFEST if content is None else SIGNATURE, _missing())
            return False
        try:
            manifest = _canonical(content)
            if not _is_manifest(manifest):
                raise _refused("manifest", "清单格式不对", "the manifest has not the form of version 1")
        except EvidenceRefused as refused:
            self._fault(MANIFEST, refused)
            return False
        try:
            text = open_note(note, self._verifiers)
            if text != note_text(self._verifiers[0].name, content):
                raise _refused("signed", "签名签的不是这份清单", "the signature is of another manifest, or log")
        except EvidenceRefused as refused:
            self._fault(SIGNATURE, refused)
            return False
        self._report.manifest = manifest
        return True

    def files(self) -> None:
        """Every file that is listed is there and as listed, in order, and no other one is."""
        listed = [one["name"] for one in self._report.manifest["files"]]
        there = [name for name in self._report.files if name not in (MANIFEST, SIGNATURE)]
        for name in there:
            if name not in listed:
                self._fault(name, _refused("added", "清单中没有这个文件", "the manifest does not list this file"))
        for one in self._report.manifest["files"]:
            content = self._files.get(one["name"])
            if content is None:
                self._fault(one["name"], _missing())
            elif len(content) != one["bytes"] or hashlib.sha256(content).hexdigest() != one["sha256"]:
                self._fault(one["name"], _refused("altered", "内容与清单不符", "the content is not what was listed"))
        if sorted(there) == sorted(listed) and self._report.files != [MANIFEST, SIGNATURE, *listed]:
            self._fault(MANIFEST, _refused("order", "文件次序与清单不符", "the files stand in another order"))

    def checkpoints(self) -> None:
        """Each is signed by the log, and each tree begins with the one before."""
        heads: dict[int, Checkpoint] = {}
        for name in self._report.files:
            found = _CHECKPOINT.fullmatch(name)
            if found is None:
                continue
            try:
                head = Checkpoint.open(self._files[name], self._verifiers)
                if head.size != int(found[1]):
                    raise _refused("size", "文件名与锚点大小不符", "the name is of another size")
                heads[head.size] = head
            except EvidenceRefused as refused:
                self._fault(name, refused)
        sizes = sorted(heads)
        wanted = [f"{CHECKPOINTS}consistency.{one}-{other}.json" for one, other in pairwise(sizes)]
        for name, (one, other) in zip(wanted, pairwise(sizes), strict=True):
            self._consistency(name, heads[one], heads[other])
        for name in self._report.files:
            if _CONSISTENCY.fullmatch(name) and name not in wanted:
                self._fault(name, _refused("unused", "证明与锚点不对应", "a proof between no two of the checkpoints"))
        if heads:
            self._report.head = heads[sizes[-1]]
        else:
            self._fault(CHECKPOINTS, _refused("no_checkpoint", "没有可用的锚点", "there is no checkpoint that holds"))

    def _consistency(self, name: str, one: Checkpoint, other: Checkpoint) -> None:
        content = self._files.get(name)
        if content is None:
            self._fault(name, _missing())
            return
        try:
            check_proof_document(content)
            proof = json.loads(content)
            told = tuple(proof.get(name) for name in ("size1", "root1", "size2", "root2"))
            if told != (one.size, _base64(one.root), other.size, _base64(other.root)):
                raise _refused("other_tree", "证明不属于这两个锚点", "the proof is not of these two checkpoints")
        except EvidenceRefused as refused:
            self._fault(name, refused)

    def leaves(self) -> None:
        """Each is in the tree of the last checkpoint, once, and opens to what is told of it."""
        content = self._files.get(LEAVES)
        if content is None:
            return  # a file that is listed and missing was told already
        lines = content.split(b"\n")
        if lines.pop():
            self._fault(LEAVES, _refused("cut", "末行不完整", "the last line is cut short"))
        before = -1
        for number, line in enumerate(lines, 1):
            try:
                position = self._leaf(line)
                if position <= before:
                    raise _refused("order", "条目次序不对或重复", "leaves are out of order, or one stands twice")
                before = position
            except EvidenceRefused as refused:
                self._fault(f"{LEAVES}#{number}", refused)
        if len(lines) != self._report.manifest.get("leaves"):
            self._fault(LEAVES, _refused("count", "条目数与清单不符", "the manifest counts other leaves"))

    def _leaf(self, line: bytes) -> int:
        told, head = _canonical(line), self._report.head
        if (
            not isinstance(told, dict)
            or told.keys() != {"entry", "opened", "proof"}
            or type(told["opened"]) is not list
        ):
            raise _refused("line", "行格式不对", "the line has not the form of a leaf")
        entry = _octets(told["entry"])
        leaf = Leaf.from_bytes(entry)
        check_proof_document(canonical(told["proof"]))
        proof = told["proof"]
        if head is None or (proof.get("treeSize"), proof.get("root")) != (head.size, _base64(head.root)):
            raise _refused("other_tree", "证明不属于最后的锚点", "the proof is not of the last checkpoint")
        if proof["leafHash"] != _base64(leaf_hash(entry)):
            raise _refused("other_leaf", "证明属于另一条目", "the proof is of another leaf")
        commits = {one.field: one for one in leaf.commits}
        opened: dict[str, Any] = {}
        for one in told["opened"]:
            commit = commits.get(str(one.get("field"))) if isinstance(one, dict) else None
            if commit is None or commit.field in opened or not commit.opens(one.get("value"), _octets(one.get("salt"))):
                raise _refused("opened", "披露的值不是当时所承诺的", "a value is not what the leaf committed to")
            opened[commit.field] = one["value"]
        self._leaves[proof["leafIdx"]] = leaf, opened
        self._report.leaves += 1
        self._report.opened += len(opened)
        return int(proof["leafIdx"])

    def rows(self) -> None:
        """Each row says what a leaf of the bundle says, and each leaf has its row."""
        content = self._files.get(ROWS)
        if content is None:
            return
        try:
            told = _canonical(content)
            rows = told.get("rows") if isinstance(told, dict) else None
            if not isinstance(rows, list):
                raise _refused("rows", "格式不对", "the document has no rows")
        except EvidenceRefused as refused:
            self._fault(ROWS, refused)
            return
        missing = dict(self._leaves)
        for number, row in enumerate(rows, 1):
            if not self._says(row, missing):
                why = _refused("row", "该行与存证条目不符", "the row is not what its leaf says, or stands twice")
                self._fault(f"{ROWS}#{number}", why)
            self._report.rows += 1
        for position in missing:
            self._fault(ROWS, _refused("row_missing", f"缺少条目 {position} 的行", f"no row tells leaf {position}"))

    def _says(self, row: Any, missing: dict[int, tuple[Leaf, dict[str, Any]]]) -> bool:
        if not isinstance(row, dict) or type(row.get("leaf")) is not int:
            return False
        leaf, opened = missing.pop(row["leaf"], (None, {}))
        if leaf is None:
            return False
        document = leaf.to_document()
        said = (row.get("kind"), row.get("at"), row.get("subject"), row.get("fields"))
        return said == (document["kind"], document["at"], document["subject"], opened)


def _canonical(content: bytes) -> Any:
    try:
        value = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _refused("json", "不是 JSON", "not JSON") from error
    try:
        written = canonical(value)
    except (ValueError, RecursionError) as error:
        raise _refused("canonical", "不是规范 JSON", "not canonical JSON (RFC 8785)") from error
    if written != content:
        raise _refused("canonical", "不是规范 JSON", "not canonical JSON (RFC 8785)")
    return value


def _octets(encoded: object) -> bytes:
    try:
        decoded = base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else b""
    except (binascii.Error, ValueError) as error:
        raise _refused("base64", "不是 base64", "not base64") from error
    if _base64(decoded) != encoded:
        raise _refused("base64", "不是 base64", "not base64")
    return decoded


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _is_manifest(value: object) -> bool:
    if not isinstance(value, dict) or value.get("v") != VERSION or not isinstance(value.get("files"), list):
        return False
    files = value["files"]
    return all(isinstance(one, dict) and {name: type(it) for name, it in one.items()} == _LISTED for one in files)


def _missing() -> BundleRefused:
    return _refused("missing", "缺少这个文件", "the file is missing")


def _refused(code: str, zh: str, en: str) -> BundleRefused:
    return BundleRefused(f"bundle.{code}", Text(zh, en))
