"""Holding a result against what a conformance case expects. Values are compared as JSON: 1, 1.0 and true differ."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zhizhi.core.debt.facts import OFFICIAL, Tables
from zhizhi.core.debt.solve import solve

_IN_AN_ANSWER = frozenset({"out", "cites", "rounding"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of one case that came out otherwise, both values as JSON."""

    case_id: str
    key: str
    expected: str
    found: str


def check_case(case: Mapping[str, object], tables: Tables = OFFICIAL) -> list[Difference]:
    """What differs between expectation and result; a case without a readable expectation differs by that."""
    result = solve(case, tables)
    return [
        Difference(str(case.get("id")), key, _written(expected), _written(found))
        for key, expected, found in _differences(case.get("expect"), result)
    ]


def _differences(expect: object, result: Mapping[str, object]) -> Iterator[tuple[str, object, object]]:
    if not isinstance(expect, dict) or not _is_readable(expect):
        yield "expect", "{out, cites?, rounding?} or {error: {code}}", expect
    elif "error" in expect:
        error = result.get("error")
        found = error["code"] if isinstance(error, dict) else "no error"
        if found != expect["error"]["code"]:
            yield "error.code", expect["error"]["code"], found
    elif "error" in result:
        yield "error", "no error", result["error"]
    else:
        yield from _answer_differences(expect, result)


def _answer_differences(
    expect: Mapping[str, object], result: Mapping[str, object]
) -> Iterator[tuple[str, object, object]]:
    wanted, out = expect["out"], result["out"]
    assert isinstance(wanted, dict), "looked at before"
    assert isinstance(out, dict), "every answer has one"
    for key, value in wanted.items():
        found = out.get(key, "no such key")
        if _written(value) != _written(found):
            yield f"out.{key}", value, found
    cites, found_cites = expect.get("cites", []), result["cites"]
    assert isinstance(cites, list), "looked at before"
    assert isinstance(found_cites, list), "every answer has them"
    if not set(map(_written, cites)) <= set(map(_written, found_cites)):
        yield "cites", cites, found_cites
    if "rounding" in expect and _written(expect["rounding"]) != _written(result["rounding"]):
        yield "rounding", expect["rounding"], result["rounding"]


def _is_readable(expect: Mapping[str, object]) -> bool:
    if expect.keys() == {"error"}:
        error = expect["error"]
        return isinstance(error, dict) and error.keys() == {"code"} and isinstance(error["code"], str)
    return (
        "out" in expect
        and expect.keys() <= _IN_AN_ANSWER
        and isinstance(expect["out"], dict)
        and isinstance(expect.get("cites", []), list)
    )


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
