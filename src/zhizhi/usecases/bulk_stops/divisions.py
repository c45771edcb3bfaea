"""Divisions by name: what somebody types for an area or a residence, and how a code is written on a screen.

Source: GB/T 2260 as published by the Ministry of Civil Affairs in April 2019 (`defaults/divisions.csv`).
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from zhizhi.core.kernel.divisions import is_division, stem
from zhizhi.core.kernel.text import Text
from zhizhi.usecases.refused import UseCaseRefused

PUBLISHED = "2019-04"
NAMED_MAX = 5


@cache
def divisions() -> Mapping[str, str]:
    """Names by code, as published."""
    written = (files("zhizhi") / "defaults" / "divisions.csv").read_text(encoding="utf-8")
    return {row["code"]: row["name"] for row in csv.DictReader(written.splitlines())}


def division_name(code: str) -> str:
    """河南省郑州市: with what lies around it; a code that the list does not hold stands for itself."""
    known, lies_in = divisions(), stem(code)
    around = [lies_in[:length].ljust(6, "0") for length in (2, 4, 6) if length <= len(lies_in)]
    named = "".join(known[one] for one in around if one in known)
    return named if code in known else f"{named}{code}"


def find_division(written: str, field: str) -> str:
    """The code of what somebody typed: a code, a name, or a name with what lies around it.

    Refuses: an unknown name, a name of several divisions, a code of a province that is none.
    """
    typed = "".join(written.split())
    if typed.isascii() and typed.isdigit():
        if is_division(typed) and f"{typed[:2]}0000" in divisions():
            return typed
        text = Text(
            f"行政区划代码 {typed} 不成立，应为 6 位，如 410100",
            f"{typed} is no code; help: six digits, such as 410100",
        )
        raise UseCaseRefused("no_division", text, field)
    found = [code for code, name in divisions().items() if typed.endswith(name) and division_name(code).endswith(typed)]
    if len(found) == 1:
        return found[0]
    if not found:
        text = Text(f"没有名为「{typed}」的行政区", f"no division is called {typed}; help: give its full name or code")
        raise UseCaseRefused("no_division", text, field)
    named = "、".join(f"{division_name(code)}（{code}）" for code in found[:NAMED_MAX])
    text = Text(
        f"「{typed}」不止一个：{named}；请写全或填代码", f"{typed} is the name of several: {named}; help: give the code"
    )
    raise UseCaseRefused("many_divisions", text, field)
