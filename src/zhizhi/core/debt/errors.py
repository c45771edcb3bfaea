"""What may be wrong with a debt case, in the order of checking, and how the first of many findings is refused."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text


class ErrorCode(StrEnum):
    """Error codes of the format. The order of the members is the order of checking."""

    BAD_JSON = "bad_json"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    BAD_TYPE = "bad_type"
    BAD_VALUE = "bad_value"
    BAD_DATE = "bad_date"
    BAD_AMOUNT = "bad_amount"
    BAD_RATE = "bad_rate"
    BAD_CURRENCY = "bad_currency"
    BAD_ORDER = "bad_order"
    BAD_REFERENCE = "bad_reference"
    CONFLICT = "conflict"
    NOT_IN_FORCE = "not_in_force"
    NO_TABLE = "no_table"
    NO_RATE = "no_rate"
    RATE_BAND = "rate_band"
    TERM_TOO_LONG = "term_too_long"


_RANK = {code: rank for rank, code in enumerate(ErrorCode)}


class Finding(NamedTuple):
    """One thing wrong: its code, the place in the document, and what is wrong there, to be read after the place."""

    code: ErrorCode
    place: str
    wrong: Text


class DebtError(Refused):
    """A case that has no answer. The text names the place and what is wanted there, never a value."""

    def __init__(self, finding: Finding) -> None:
        place = f"{finding.place} " if finding.place else ""
        super().__init__(finding.code.value, Text(f"{place}{finding.wrong.zh}", f"{place}{finding.wrong.en}"))
        self.finding = finding


def refuse_first(findings: Iterable[Finding]) -> None:
    """Refuse with the finding that is checked first; of two with one code, the one found first. Refuses: DebtError."""
    first = min(findings, key=lambda finding: _RANK[finding.code], default=None)
    if first is not None:
        raise DebtError(first)
