"""The bytes of a document become cases, or `bad_json`: JSON as it is defined, without the liberties of parsers."""

import json
from typing import NoReturn

from zhizhi.core.debt.errors import DebtError, ErrorCode, Finding
from zhizhi.core.kernel.text import Text

DOCUMENT_BYTES_MAX = 64 * 1024 * 1024
CASES_MAX = 100_000

# A longer whole number lies outside every range of the format; one that does too stands for it, at no cost.
_DIGITS_MAX = 40
_BEYOND_EVERY_RANGE = int("1" + "0" * _DIGITS_MAX)


def parse_cases(raw: bytes) -> list[dict[str, object]]:
    """The cases of one document: one object, or an array of objects.

    Refuses: bad_json, for anything that is no JSON (`NaN` is none), repeats a key, or holds more than the named limits.
    """
    if len(raw) > DOCUMENT_BYTES_MAX:
        raise _bad_json(Text("文件过大", "the document is larger than 64 MiB"))
    try:
        document: object = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_without_repetition,
            parse_constant=_no_constant,
            parse_int=_whole_number,
        )
    except (ValueError, RecursionError) as error:
        raise _bad_json(Text("不是可读的 JSON（UTF-8）", "the document is no readable JSON in UTF-8")) from error
    items = document if isinstance(document, list) else [document]
    if len(items) > CASES_MAX:
        raise _bad_json(Text(f"最多 {CASES_MAX} 个案例", f"the document holds more than {CASES_MAX} cases"))
    cases: list[dict[str, object]] = [item for item in items if isinstance(item, dict)]
    if len(cases) < len(items):
        raise _bad_json(Text("须为对象或对象数组", "the document is no object or array of objects"))
    return cases


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise _bad_json(Text("对象中有重复的键", "an object of the document repeats a key"))
    return values


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and infinities are no JSON")


def _whole_number(digits: str) -> int:
    if len(digits) <= _DIGITS_MAX:
        return int(digits)
    return -_BEYOND_EVERY_RANGE if digits.startswith("-") else _BEYOND_EVERY_RANGE


def _bad_json(wrong: Text) -> DebtError:
    return DebtError(Finding(ErrorCode.BAD_JSON, "", wrong))
