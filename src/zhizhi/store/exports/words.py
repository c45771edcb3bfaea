"""What may leave, how sensitive it is, and how much of it in a day: the one table of limits.

Law: Criminal Law 253-1 with the interpretation of 2017, 5 and 6 (row B-32): 50 records of whereabouts, communications,
credit or property, 500 of lodging, calls, health or transactions, 5,000 of others; half of that when the data came from
one's duty; classes are added up by ratio; the same record to another recipient counts again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.kernel.text import Text


class DataClass(StrEnum):
    """How the law counts a record."""

    CLOSE = "close"
    LIFE = "life"
    OTHER = "other"

    @property
    def text(self) -> Text:
        """For screens and papers."""
        return CLASSES[self].text

    @property
    def units(self) -> int:
        """What one record weighs."""
        return CLASSES[self].units


@dataclass(frozen=True, slots=True)
class ClassTerms:
    """`law`: records at which handing them on becomes a crime. `units`: weight, so that classes add up by ratio."""

    text: Text
    law: int
    units: int


CLASSES: Mapping[DataClass, ClassTerms] = {
    DataClass.CLOSE: ClassTerms(
        Text("行踪、通信内容、征信、财产信息", "whereabouts, communications, credit, property"), 50, 100
    ),
    DataClass.LIFE: ClassTerms(
        Text("住宿、通信记录、健康、交易信息", "lodging, call records, health, transactions"), 500, 10
    ),
    DataClass.OTHER: ClassTerms(Text("其他个人信息", "other personal data"), 5_000, 1),
}
HOURS = 24
UNITS_OF_CRIME = 2_500  # half of each threshold, in units: 25, 250 or 2,500 records
UNITS_A_DAY = 500  # a fifth of that, by one member of staff or to one recipient: 5, 50 or 500 records
UNITS_ALONE = 100  # of these without a second person: 1, 10 or 100 records


class Kind(StrEnum):
    """What is exported."""

    REFUSED_ROWS = "refused_rows"
    API_REFUSED_ROWS = "api_refused_rows"
    REJECTED_RECORDS = "rejected_records"
    AUDIT_FINDINGS = "audit_findings"
    AUDIT_PAPER = "audit_paper"
    SETTLEMENT_PROOF = "settlement_proof"
    VIEWS = "views"
    COMMISSION_STATEMENT = "commission_statement"
    COMMISSION_LINES = "commission_lines"
    CERTIFICATE = "certificate"

    @property
    def text(self) -> Text:
        """For screens and papers."""
        return _KINDS[self]


_KINDS = {
    Kind.REFUSED_ROWS: Text("导入未通过的行", "refused rows of an import"),
    Kind.API_REFUSED_ROWS: Text("导入未通过的行（接口）", "refused rows of an import, over the API"),
    Kind.REJECTED_RECORDS: Text("对账未读取的行", "rejected rows of a reconciliation"),
    Kind.AUDIT_FINDINGS: Text("触达审计明细", "findings of an audit"),
    Kind.AUDIT_PAPER: Text("触达审计报告", "report of an audit"),
    Kind.SETTLEMENT_PROOF: Text("核定所附证明文件", "proof of a settlement"),
    Kind.VIEWS: Text("查看记录（监管）", "who saw whom, for the regulator"),
    Kind.COMMISSION_STATEMENT: Text("佣金对账单", "statement of commission"),
    Kind.CERTIFICATE: Text("结清证明", "certificate of settlement"),
    Kind.COMMISSION_LINES: Text("佣金对账单明细", "lines of a statement of commission"),
}


def number_of(export_id: int) -> str:
    """The number of an export as files and people say it."""
    return f"E{export_id:08d}"
