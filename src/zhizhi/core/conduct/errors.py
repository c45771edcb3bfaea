"""What may be wrong with a conduct case, in the order of checking, and how the first of many findings is refused."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from zhizhi.core.kernel.text import Text


class CaseCode(StrEnum):
    """Error codes of the format. The order of the members is the order of checking."""

    BAD_JSON = "bad_json"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    BAD_TYPE = "bad_type"
    BAD_VALUE = "bad_value"
    BAD_DATE = "bad_date"
    BAD_AMOUNT = "bad_amount"
    BAD_ORDER = "bad_order"
    BAD_REFERENCE = "bad_reference"
    CONFLICT = "conflict"


_RANK = {code: rank for rank, code in enumerate(CaseCode)}


class Finding(NamedTuple):
    """One thing wrong: its code, the place in the document, and what is wanted there."""

    code: CaseCode
    place: str
    wanted: Text


class CaseError(Exception):
    """A document that is no conduct case. The message names the place and what is wanted there, never a value."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(f"{code}: {text.en}")
        self.code = code
        self.text = text
        self.message = text.en


def refuse_first(findings: Iterable[Finding]) -> None:
    """Refuse with the finding that is checked first; of two with one code, the one found first. Refuses: CaseError."""
    first = min(findings, key=lambda finding: _RANK[finding.code], default=None)
    if first is not None:
        place = f"`{first.place}` " if first.place else ""
        raise CaseError(first.code.value, Text(f"{place}{first.wanted.zh}", f"{place}{first.wanted.en}"))
