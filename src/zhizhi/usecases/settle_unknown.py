"""Say, with proof, how a contact ended whose fate the system does not know: a worker died, an answer never came."""

from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.core.conduct.words import CALL_OUTCOMES
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.settlements.rows import Proof
from zhizhi.store.transact.deliveries import settle_by_hand
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused

GROUND_CHARACTERS_MIN = 6
REFERENCE_CHARACTERS_MIN, REFERENCE_CHARACTERS_MAX = 4, 200
FILE_BYTES_MAX = 5 << 20
# What a file of each kind begins with: a proof that nobody can open later is none.
FILE_KINDS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "csv": (),
    "txt": (),
    "eml": (),
}
MESSAGE_OUTCOMES = ("sent", "delivered", "undelivered")


@dataclass(frozen=True, slots=True)
class SettleUnknown:
    """What somebody found out. `left` false: proof that nothing left, and the permit is given back.

    `outcome`: what came of it where it left, in the words of contract/conduct-case.md; None where nobody knows, and it
    counts as "perhaps". The proof is a reference to somebody else's record (a bill, a provider's log) or a file of it.
    """

    person_id: int
    delivery_id: int
    left: bool
    outcome: str | None
    ground: str
    by: int
    reference: str = field(default="", repr=False)
    file: bytes = field(default=b"", repr=False)
    file_kind: str = ""


def settle_unknown(command: SettleUnknown, at: datetime) -> None:
    """Write it.

    Refuses: no ground, no proof, an outcome of something that did not leave, a delivery whose end is known, and a call
    of one's own that is said never to have been made.
    """
    require(command.by, Right.SETTLE_UNKNOWN, person_id=command.person_id)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    if command.outcome is not None and (not command.left or command.outcome not in (*MESSAGE_OUTCOMES, *CALL_OUTCOMES)):
        raise UseCaseRefused(
            "unknown_outcome", Text("请选择触达结果", "help: choose an outcome of the contact"), "outcome"
        )
    reference = _checked_reference(command.reference)
    file_kind = _checked_file(command.file, command.file_kind)
    if not reference and not command.file:
        raise UseCaseRefused(
            "no_proof",
            Text(
                "请附证明：运营商或渠道商的单号，或一份文件",
                "help: add the proof, a number of the carrier's or provider's record, or a file",
            ),
            "reference",
        )
    settle_by_hand(
        command.person_id,
        command.delivery_id,
        left=command.left,
        outcome=command.outcome,
        proof=Proof(ground, reference, command.file, file_kind),
        at=at,
        by=command.by,
    )


def _checked_reference(written: str) -> str:
    """The reference, trimmed; it is sealed, so that it may hold the numbers that other records are found by."""
    reference = written.strip()
    if reference and not REFERENCE_CHARACTERS_MIN <= len(reference) <= REFERENCE_CHARACTERS_MAX:
        raise UseCaseRefused(
            "reference_length",
            Text(
                f"单号须为 {REFERENCE_CHARACTERS_MIN} 至 {REFERENCE_CHARACTERS_MAX} 个字符",
                f"a reference has {REFERENCE_CHARACTERS_MIN} to {REFERENCE_CHARACTERS_MAX} characters",
            ),
            "reference",
        )
    return reference


def _checked_file(body: bytes, kind: str) -> str:
    """The kind of the file, where there is one. Refuses: too large, of an unknown kind, not what its name says."""
    if not body:
        return ""
    if len(body) > FILE_BYTES_MAX:
        most = FILE_BYTES_MAX >> 20
        raise UseCaseRefused("file_too_large", Text(f"文件最大 {most} MB", f"a file has at most {most} MB"), "file")
    begins = FILE_KINDS.get(kind)
    if begins is None or (begins and not body.startswith(begins)):
        kinds = " ".join(FILE_KINDS)
        raise UseCaseRefused(
            "file_kind",
            Text(f"文件须为 {kinds} 之一，且内容与后缀相符", f"help: bring one of {kinds}, with content of that kind"),
            "file",
        )
    return kind
