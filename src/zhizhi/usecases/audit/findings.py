"""Findings of an audit: one line of a sheet each, written by the job and the command, read again by the screen."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from zhizhi.core.kernel.sheets import sheet_line
from zhizhi.core.kernel.text import Text

HEADING = sheet_line(
    (
        "行号 row", "时刻 at", "对象 who", "渠道 channel", "催收员 collector", "机构 agency", "结论 verdict",
        "规则 rule", "条款 cites", "可信度 confidence", "程度 severity", "说明", "explanation", "计入的行 rows counted",
        "假设 rests on",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach, or what of a row could not be judged (`rule` may then be empty); fields in the order of the heading."""

    row: int
    at: str
    who: str
    channel: str
    collector: str
    agency: str
    verdict: str
    rule: str
    cites: str
    confidence: str
    severity: str = ""
    zh: str = ""
    en: str = ""
    counted: str = ""
    rests_on: str = ""

    @property
    def text(self) -> Text:
        """What was broken, or what is missing."""
        return Text(self.zh, self.en)

    @property
    def hour(self) -> str:
        """The hour on the clock of the law."""
        return str(int(self.at[11:13]))

    def to_line(self) -> str:
        """The line of a sheet."""
        return sheet_line(astuple(self))

    @classmethod
    def from_cells(cls, cells: Sequence[str]) -> "Finding":
        """The finding of a line that `to_line` wrote."""
        row, *rest = cells
        return cls(int(row), *rest)
