"""`zhizhi debt`: one line a case, exit codes, and a check that can fail."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from zhizhi.__main__ import main
from zhizhi.core.debt.document import CASES_MAX, DOCUMENT_BYTES_MAX, parse_cases
from zhizhi.core.debt.errors import DebtError

CASE = {
    "id": "甲",
    "op": "allocate",
    "currency": "CNY",
    "in": {
        "on": "2026-05-20",
        "amount_minor": 5,
        "debts": [{"id": "A", "kind": "loan", "due": "2026-03-31", "components": {"principal": 7}}],
    },
}


def run(*arguments: str, given: bytes | None = None) -> tuple[int, list[str]]:
    result = CliRunner().invoke(main, ["debt", *arguments], input=given)
    return result.exit_code, result.stdout.splitlines()


def write(folder: Path, document: object) -> str:
    path = folder / "cases.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_every_case_gets_its_line_in_input_order_errors_included(tmp_path: Path) -> None:
    code, lines = run("solve", write(tmp_path, [CASE, {**CASE, "id": "bad", "currency": "XAU"}, CASE]))
    assert code == 0
    results = [json.loads(line) for line in lines]
    assert [result["id"] for result in results] == ["甲", "bad", "甲"]
    assert results[1]["error"]["code"] == "bad_currency"
    assert results[0]["out"]["paid_minor"] == 5
    assert "甲" in lines[0], "Chinese is written as it is"


def test_one_case_alone_and_standard_input_are_documents_too() -> None:
    code, lines = run("solve", "-", given=json.dumps(CASE).encode())
    assert (code, len(lines)) == (0, 1)
    assert run("solve", "-", given=b"[]") == (0, [])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"7",
        b'"x"',
        b"null",
        b"[1]",
        b"[{}, []]",
        b'{"id": "1", "id": "2"}',
        b'[{"in": {"a": 1, "\\u0061": 2}}]',
        b'{"expect": NaN}',
        b'{"expect": -Infinity}',
        b'{"id": "\xff"}',
        b"{'id': 1}",
        b'{"id": 1,}',
        b'{"id": 01}',
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
)
def test_a_document_that_cannot_be_read_is_one_bad_json_line_and_exit_2(raw: bytes) -> None:
    code, lines = run("solve", "-", given=raw)
    assert code == 2
    assert [json.loads(line)["error"]["code"] for line in lines] == ["bad_json"]


def test_a_file_that_is_not_there_is_bad_json_as_well(tmp_path: Path) -> None:
    code, lines = run("solve", str(tmp_path / "none.json"))
    assert code == 2
    assert json.loads(lines[0])["error"]["code"] == "bad_json"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("1" * 5000, "bad_amount"),
        ("-" + "1" * 5000, "bad_amount"),
        ("1e2", "bad_type"),
        ("1e999", "bad_type"),
        ("100.0", "bad_type"),
        ("true", "bad_type"),
    ],
)
def test_strange_numbers_are_findings_and_never_faults(amount: str, code: str) -> None:
    raw = json.dumps(CASE).replace('"amount_minor": 5', f'"amount_minor": {amount}').encode()
    exit_code, lines = run("solve", "-", given=raw)
    assert exit_code == 0
    assert json.loads(lines[0])["error"]["code"] == code


def test_half_a_character_in_an_id_does_not_break_the_line() -> None:
    raw = json.dumps({**CASE, "id": "\ud800"}).encode()
    exit_code, lines = run("solve", "-", given=raw)
    assert exit_code == 0
    assert json.loads(lines[0])["id"] == "\ud800"


def test_half_a_character_in_an_expectation_does_not_break_the_check() -> None:
    raw = json.dumps({**CASE, "id": "\ud800", "expect": {"out": {"paid_minor": "\udc00"}}}).encode()
    assert run("check", "-", given=raw)[0] == 1


def expecting(**expect: object) -> dict:
    return {**CASE, "expect": expect}


@pytest.mark.parametrize(
    "expect",
    [
        {"out": {"paid_minor": 5, "surplus_minor": 0}},
        {"out": {}, "cites": ["CC 561"], "rounding": ["largest_remainder"]},
        {"out": {"left_minor": 2}, "cites": []},
    ],
)
def test_a_case_that_comes_out_as_expected_is_no_difference(tmp_path: Path, expect: dict) -> None:
    code, lines = run("check", write(tmp_path, [expecting(**expect)]))
    assert code == 0
    assert lines == ["核对 1 案，不符 0 案 · 1 cases checked, 0 differ"]


@pytest.mark.parametrize(
    "expect",
    [
        {"out": {"paid_minor": 6}},
        {"out": {"paid_minor": 5.0}},
        {"out": {"surplus_minor": False}},
        {"out": {"nothing": None}},
        {"out": {}, "cites": ["CC 560"]},
        {"out": {}, "rounding": []},
        {"error": {"code": "bad_amount"}},
        {"error": {}},
        {"outt": {}},
        {},
    ],
)
def test_a_case_that_comes_out_otherwise_is_printed_and_exits_1(tmp_path: Path, expect: dict) -> None:
    code, lines = run("check", write(tmp_path, [expecting(**expect)]))
    assert code == 1
    assert lines[0].startswith("甲: ")
    assert lines[-1].endswith("1 cases checked, 1 differ")


def test_an_error_is_compared_by_its_code(tmp_path: Path) -> None:
    wrong = {**CASE, "currency": "XAU"}
    assert run("check", write(tmp_path, [{**wrong, "expect": {"error": {"code": "bad_currency"}}}]))[0] == 0
    assert run("check", write(tmp_path, [{**wrong, "expect": {"error": {"code": "bad_value"}}}]))[0] == 1
    assert run("check", write(tmp_path, [{**wrong, "expect": {"out": {}}}]))[0] == 1


def test_a_case_without_expectation_is_a_difference(tmp_path: Path) -> None:
    assert run("check", write(tmp_path, [CASE]))[0] == 1


def test_check_may_be_kept_to_some_operations(tmp_path: Path) -> None:
    cases = write(tmp_path, [expecting(out={}), {"id": "x", "op": "rate", "in": {}, "expect": {"out": {}}}])
    assert run("check", cases)[0] == 1
    assert run("check", "--op", "allocate", cases) == (0, ["核对 1 案，不符 0 案 · 1 cases checked, 0 differ"])
    assert run("check", "--op", "divide", cases)[0] == 2


def test_check_of_an_unreadable_document_exits_2() -> None:
    code, lines = run("check", "-", given=b"{")
    assert (code, json.loads(lines[0])["error"]["code"]) == (2, "bad_json")


def test_a_document_beyond_the_named_limits_is_bad_json() -> None:
    for raw in (b" " * (DOCUMENT_BYTES_MAX + 1), b"[" + b"{}," * CASES_MAX + b"{}]"):
        with pytest.raises(DebtError) as refused:
            parse_cases(raw)
        assert refused.value.code == "bad_json"
    assert len(parse_cases(b"[" + b"{}," * (CASES_MAX - 1) + b"{}]")) == CASES_MAX
