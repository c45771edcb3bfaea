"""What a reviewer looks for: each mark with its severity and the row of the reviewed law, or the house rule, behind it.

Red line 红线: what the law forbids as such. Severe 严重: a duty was not kept. Minor 轻微: poor work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.kernel.text import Text

FULL = 100


class Severity(StrEnum):
    """From light to grave; `CLEAN` is no mark at all."""

    CLEAN = "clean"
    MINOR = "minor"
    SEVERE = "severe"
    RED_LINE = "red_line"

    @property
    def label(self) -> Text:
        """On screens."""
        return _LABELS[self]


_LABELS = {
    Severity.CLEAN: Text("无问题", "clean"),
    Severity.MINOR: Text("轻微", "minor"),
    Severity.SEVERE: Text("严重", "severe"),
    Severity.RED_LINE: Text("红线", "red line"),
}
_DEDUCTED = {Severity.MINOR: 5, Severity.SEVERE: 20, Severity.RED_LINE: FULL}
"""House rule: points of a hundred."""
HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that is looked for. `rows`: of the packs, or `house`."""

    code: str
    severity: Severity
    text: Text
    rows: tuple[str, ...]

    @property
    def basis(self) -> Text:
        """On what it rests, as a page says it."""
        named = " · ".join(self.rows)
        return Text("内部规则", "house rule") if self.rows == (HOUSE,) else Text(named, named)


_MARKS = (
    Mark(
        "threat_or_insult",
        Severity.RED_LINE,
        Text("威胁、侮辱、恐吓", "threat, insult or intimidation"),
        ("CBA-041", "S.B-34"),
    ),
    Mark(
        "poses_as_authority",
        Severity.RED_LINE,
        Text("冒充机关、司法人员", "poses as an authority or a court"),
        ("CBA-040",),
    ),
    Mark(
        "invented_consequence",
        Severity.RED_LINE,
        Text("虚构、夸大后果", "invents or exaggerates consequences"),
        ("CBA-042",),
    ),
    Mark(
        "debt_told_to_third",
        Severity.RED_LINE,
        Text("向第三人透露债务", "tells a third person of the debt"),
        ("CBA-020", "GBT-014"),
    ),
    Mark(
        "urges_borrowing",
        Severity.RED_LINE,
        Text("诱导借新还旧、额外收费", "urges new borrowing or asks for extra fees"),
        ("CBA-043", "GBT-019"),
    ),
    Mark(
        "after_refusal",
        Severity.RED_LINE,
        Text("第三人已拒绝仍继续", "goes on with a third person who refused"),
        ("CBA-021", "GBT-013"),
    ),
    Mark(
        "no_identity",
        Severity.SEVERE,
        Text("未表明身份与委托方", "does not say who speaks for whom"),
        ("GBT-018", "CBA-022"),
    ),
    Mark(
        "identity_not_verified",
        Severity.SEVERE,
        Text("未核实本人即谈债务", "speaks of the debt before the person is verified"),
        ("CBA-014", "GBT-034"),
    ),
    Mark(
        "no_recording_notice",
        Severity.SEVERE,
        Text("未告知录音", "does not say that the call is recorded"),
        ("CBA-023", "GBT-021"),
    ),
    Mark(
        "complaint_unrecorded",
        Severity.SEVERE,
        Text("投诉、异议未登记转办", "a complaint or dispute is not recorded"),
        ("GBT-035",),
    ),
    Mark(
        "wish_unrecorded",
        Severity.SEVERE,
        Text("停催、时段、困难等意愿未登记", "a wish, such as hours or hardship, is not recorded"),
        (HOUSE,),
    ),
    Mark(
        "wrong_figure", Severity.SEVERE, Text("金额、费用、日期说错", "amount, fee or day is said wrong"), ("GBT-022",)
    ),
    Mark("interrupts", Severity.MINOR, Text("打断、语气不耐烦", "interrupts, or is impatient"), (HOUSE,)),
    Mark("off_script", Severity.MINOR, Text("偏离已批准话术", "strays from the approved script"), (HOUSE,)),
    Mark("poor_note", Severity.MINOR, Text("催记不实或过简", "the note is wrong or too short"), (HOUSE,)),
    Mark("no_next_step", Severity.MINOR, Text("未约定下一步", "no next step is agreed"), (HOUSE,)),
)
MARKS: Mapping[str, Mark] = {mark.code: mark for mark in _MARKS}
_ORDER = list(Severity)


def severity_of(codes: Iterable[str]) -> Severity:
    """The gravest of the marks."""
    return max((MARKS[code].severity for code in codes), key=_ORDER.index, default=Severity.CLEAN)


def score_of(codes: Iterable[str]) -> int:
    """Points of a hundred; a red line leaves none, a mark counts once."""
    return max(0, FULL - sum(_DEDUCTED[MARKS[code].severity] for code in set(codes)))
