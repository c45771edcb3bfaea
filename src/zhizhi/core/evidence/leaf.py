"""One leaf of the log: what kind of thing happened, when, about which random id, and salted commitments to the rest."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Union

import rfc8785

from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.kernel.canonical import canonical
from zhizhi.core.kernel.text import Text

LEAF_VERSION = 1
LEAF_BYTES_MAX = 0xFFFF  # an entry bundle writes the length of an entry in 16 bits
COMMITS_MAX = 64
LABEL_CHARACTERS_MAX = 200
SALT_BYTES = 32
"""The one length of a salt: with two, bytes could move from the value into the salt and leave the digest as it is."""

Json = Union[bool, int, float, str, list["Json"], tuple["Json", ...], dict[str, "Json"], None]  # noqa: UP007  `|` cannot join a forward reference at run time

_SUBJECT = re.compile(r"[0-9A-Za-z_-]{22,64}", re.ASCII)  # longer than any identity number, telephone or card number
_FIELD = re.compile(r"[a-z][a-z0-9_.]{0,63}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LABEL = re.compile(r"[!-~]+", re.ASCII)
_AT = "%Y-%m-%dT%H:%M:%S.%fZ"


class LeafRefused(EvidenceRefused):
    """The facts do not make a leaf, or the bytes are not one."""


class LeafKind(StrEnum):
    """The published list of what a leaf may speak of. Kinds are never renamed or reused; new ones are appended."""

    DECISION = "decision"
    PERMIT = "permit"
    REFUSAL = "refusal"
    HOLD = "hold"
    RELEASE = "release"
    CONTACT = "contact"
    OUTCOME = "outcome"
    RECEIPT = "receipt"
    RECORDING = "recording"
    STATEMENT = "statement"
    CONSENT = "consent"
    COMPLAINT = "complaint"
    DISPUTE = "dispute"
    VISIT = "visit"
    NOTE = "note"
    PAYMENT = "payment"
    ENTRY = "entry"
    PLAN = "plan"
    WAIVER = "waiver"
    CASE = "case"
    PLACEMENT = "placement"
    PERSON = "person"
    IMPORT = "import"
    VIEW = "view"
    EXPORT = "export"
    DOCUMENT = "document"
    TEMPLATE = "template"
    PACK = "pack"
    SETTING = "setting"
    RUN = "run"
    CORRECTION = "correction"
    ERASURE = "erasure"
    KEY = "key"
    INQUIRY = "inquiry"
    APPROVAL = "approval"
    INCIDENT = "incident"
    ASSESSMENT = "assessment"
    COURT = "court"
    CONSEQUENCE = "consequence"
    CREDITOR = "creditor"
    QUALITY = "quality"

    @property
    def label(self) -> Text:
        """The words of the published list."""
        return _LABELS[self]


_LABELS: dict[LeafKind, Text] = {
    LeafKind.DECISION: Text("判定", "a decision of the gate"),
    LeafKind.PERMIT: Text("触达许可", "a permit was minted and counted"),
    LeafKind.REFUSAL: Text("拒绝", "a proposed contact was refused"),
    LeafKind.HOLD: Text("待人工核定或停催的设置", "something was put on hold or stopped"),
    LeafKind.RELEASE: Text("解除挂起或停催", "a hold or a stop was released"),
    LeafKind.CONTACT: Text("触达", "a contact took place"),
    LeafKind.OUTCOME: Text("结果", "the outcome of a permit or a contact"),
    LeafKind.RECEIPT: Text("回执", "what a provider or carrier reported"),
    LeafKind.RECORDING: Text("录音录像", "a recording was stored, by its digest"),
    LeafKind.STATEMENT: Text("客户意愿", "what a person said"),
    LeafKind.CONSENT: Text("同意或撤回同意", "a consent, or its withdrawal"),
    LeafKind.COMPLAINT: Text("投诉", "a complaint and each step of its handling"),
    LeafKind.DISPUTE: Text("异议", "a dispute and its answer"),
    LeafKind.VISIT: Text("外访", "a visit: request, approval, trace, report"),
    LeafKind.NOTE: Text("催记", "a note on a case"),
    LeafKind.PAYMENT: Text("还款", "a payment as it was received"),
    LeafKind.ENTRY: Text("账目", "an entry of a debt's ledger"),
    LeafKind.PLAN: Text("协商还款方案", "a plan: proposal, agreement, end"),
    LeafKind.WAIVER: Text("减免", "a waiver and its approval"),
    LeafKind.CASE: Text("案件变动", "a case was opened, moved or closed"),
    LeafKind.PLACEMENT: Text("委案", "a placement, return or recall"),
    LeafKind.PERSON: Text("合并与拆分", "persons or points were merged, split or changed"),
    LeafKind.IMPORT: Text("导入", "a file was imported"),
    LeafKind.VIEW: Text("查看个人信息", "somebody viewed personal data"),
    LeafKind.EXPORT: Text("导出", "data or evidence left the system"),
    LeafKind.DOCUMENT: Text("文书", "a document was made or received, by its digest"),
    LeafKind.TEMPLATE: Text("模板与话术", "a template or script and its approvals"),
    LeafKind.PACK: Text("规则包", "a rule pack was activated or withdrawn"),
    LeafKind.SETTING: Text("设置", "a setting, role or house rule was changed"),
    LeafKind.RUN: Text("批处理与演示运行", "a batch or a demonstration run"),
    LeafKind.CORRECTION: Text("更正", "an earlier leaf was corrected"),
    LeafKind.ERASURE: Text("删除", "keys and salts of somebody's data were erased"),
    LeafKind.KEY: Text("密钥更换", "a key of the log or of the system was changed"),
    LeafKind.INQUIRY: Text("违规核查", "a breach inquiry was opened or closed"),
    LeafKind.APPROVAL: Text("双人审批", "an act of two persons: asked for, ruled on, carried out"),
    LeafKind.INCIDENT: Text("事件", "a leak or outage: opened, each fact, each report, closed"),
    LeafKind.COURT: Text("诉讼案卷", "a court file: opened, each step, each fee, its law firm"),
    LeafKind.CONSEQUENCE: Text(
        "真实后果", "what is true of a debt: a fact, an objection to credit data, its correction"
    ),
    LeafKind.CREDITOR: Text("债权人变更", "a change of creditor, and the notice of it"),
    LeafKind.QUALITY: Text("质检", "a draw of contacts to be inspected, and each step of a review"),
    LeafKind.ASSESSMENT: Text("影响评估", "a personal-information impact assessment: drafted, approved, ended"),
}


@dataclass(frozen=True, slots=True)
class Commitment:
    """A field of the leaf whose content is bound but not told: `digest` is lower-case hex."""

    field: str
    digest: str

    def __post_init__(self) -> None:
        if not _FIELD.fullmatch(self.field):
            raise _refused(
                "field",
                "承诺字段名须为小写字母、数字、下划线或点",
                "the field of a commitment is lower-case letters, digits, `_` and `.`",
            )
        if not _DIGEST.fullmatch(self.digest):
            raise _refused(
                "digest", "承诺摘要须为 64 位小写十六进制", "the digest of a commitment is 64 lower-case hex digits"
            )

    def opens(self, value: Json, salt: bytes) -> bool:
        """Whether this value and salt are what was committed to."""
        return hmac.compare_digest(self.digest, _digest(octets_of(value), salt))


def commit(field: str, value: Json, salt: bytes) -> Commitment:
    """Commit to a value: `SHA-256(salt || RFC 8785(value))`.

    Boundary: the caller draws a fresh random salt of `SALT_BYTES` for each commitment and erases it with the data.
    Refuses: a salt of another length, a value that canonical JSON cannot hold.
    """
    return commit_octets(field, octets_of(value), salt)


def commit_octets(field: str, octets: bytes, salt: bytes) -> Commitment:
    """As `commit`, to a value that is written in canonical JSON already. Refuses: a salt of another length."""
    return Commitment(field, _digest(octets, salt))


def octets_of(value: Json) -> bytes:
    """What a commitment to a value hashes. Refuses: a value that canonical JSON cannot hold."""
    try:
        return canonical(value)
    except rfc8785.CanonicalizationError as error:
        raise _refused("value", "该值无法写成规范 JSON", "the value cannot be written as canonical JSON") from error


@dataclass(frozen=True, slots=True)
class Leaf:
    """What enters the log. Holds no personal data: `subject` is a random id, everything else is committed to.

    `at` is an aware instant; commitments are kept in the order of their fields: the same facts give the same bytes.
    """

    kind: LeafKind
    at: datetime
    subject: str
    commits: tuple[Commitment, ...] = ()
    pack: str | None = None
    code: str | None = None
    tz: str | None = None

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise _refused("at", "时间须带时区", "the instant of a leaf carries its zone")
        if not _SUBJECT.fullmatch(self.subject):
            raise _refused(
                "subject",
                "主体须为随机编号（22 至 64 个字母、数字、`_`、`-`）",
                "the subject is a random id of 22 to 64 letters, digits, `_` and `-`",
            )
        for name, label in (("pack", self.pack), ("code", self.code), ("tz", self.tz)):
            if label is not None and (len(label) > LABEL_CHARACTERS_MAX or not _LABEL.fullmatch(label)):
                raise _refused(
                    name, f"`{name}` 须为不含空格的可见 ASCII 字符", f"`{name}` is visible ASCII without spaces"
                )
        ordered = tuple(sorted(self.commits, key=lambda commitment: commitment.field))
        if len({commitment.field for commitment in ordered}) != len(ordered) or len(ordered) > COMMITS_MAX:
            raise _refused(
                "commits",
                f"承诺字段不得重复且至多 {COMMITS_MAX} 个",
                f"fields of commitments are unique and at most {COMMITS_MAX}",
            )
        object.__setattr__(self, "commits", ordered)
        object.__setattr__(self, "at", self.at.astimezone(UTC))

    def to_document(self) -> dict[str, Json]:
        """The leaf as the contract writes it; absent optional keys are left out."""
        document: dict[str, Json] = {
            "v": LEAF_VERSION,
            "kind": self.kind.value,
            "at": self.at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z",
            "subject": self.subject,
            "commits": [{"field": commitment.field, "digest": commitment.digest} for commitment in self.commits],
        }
        optional = {"pack": self.pack, "code": self.code, "tz": self.tz}
        return document | {name: label for name, label in optional.items() if label is not None}

    def to_bytes(self) -> bytes:
        """The canonical bytes that are hashed into the tree."""
        return canonical(self.to_document())

    @classmethod
    def from_bytes(cls, entry: bytes) -> "Leaf":
        """Read a leaf back. Refuses: anything that would not be written as exactly these bytes."""
        try:
            document = json.loads(entry.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise _refused("json", "条目不是 JSON", "the entry is not JSON") from error
        leaf = cls._from_document(document)
        if leaf.to_bytes() != entry:
            raise _refused("canonical", "条目不是规范写法（RFC 8785）", "the entry is not in canonical form (RFC 8785)")
        return leaf

    @classmethod
    def _from_document(cls, document: object) -> "Leaf":
        if not isinstance(document, dict) or document.get("v") != LEAF_VERSION:
            raise _refused(
                "version", f"条目须为版本 {LEAF_VERSION} 的对象", f"the entry is an object of version {LEAF_VERSION}"
            )
        try:
            return cls(
                kind=LeafKind(document["kind"]),
                at=datetime.strptime(document["at"], _AT).replace(tzinfo=UTC),
                subject=document["subject"],
                commits=tuple(Commitment(item["field"], item["digest"]) for item in document["commits"]),
                pack=document.get("pack"),
                code=document.get("code"),
                tz=document.get("tz"),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _refused(
                "shape", "条目缺少字段或字段类型不对", "a field of the entry is missing or of the wrong type"
            ) from error


def _digest(octets: bytes, salt: bytes) -> str:
    if len(salt) != SALT_BYTES:
        raise _refused("salt", f"盐须为 {SALT_BYTES} 字节", f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + octets).hexdigest()


def _refused(code: str, zh: str, en: str) -> LeafRefused:
    return LeafRefused(f"leaf.{code}", Text(zh, en))
