"""`zhizhi law`: one line a case, exit codes, and a check that can fail."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from law.contacts import calls, clock, contact
from zhizhi.__main__ import main
from zhizhi.store.packs import list_packs


def run(*arguments: str, given: str | bytes | None = None) -> tuple[int, list[str]]:
    result = CliRunner().invoke(main, ["law", *arguments], input=given)
    return result.exit_code, result.stdout.splitlines()


def write(folder: Path, document: object) -> str:
    path = folder / "cases.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_every_case_gets_its_line_in_input_order_and_errors_stand_among_them(tmp_path):
    good, late, bad = contact(), contact(at=clock("22:00")) | {"id": "晚"}, contact() | {"id": "b", "colour": 1}
    code, lines = run("decide", write(tmp_path, [good, bad, late]))
    answers = [json.loads(line) for line in lines]
    assert code == 0
    assert [one["id"] for one in answers] == ["x", "b", "晚"]
    assert answers[0]["verdict"] == "permit"
    assert set(answers[1]) == {"id", "error"}
    assert answers[1]["error"]["code"] == "unknown_key"
    assert answers[2]["next_permitted_at"] == clock("08:00", "2026-03-03")


def test_a_decision_has_exactly_the_keys_of_the_contract(tmp_path):
    _, lines = run("decide", write(tmp_path, contact(events=calls(3))))
    answer = json.loads(lines[0])
    assert list(answer) == [
        "id", "verdict", "next_permitted_at", "reasons", "warnings", "obligations", "budgets", "must_end_by", "unknown",
        "hold_for", "packs", "engine",
    ]  # fmt: skip
    assert list(answer["reasons"][0]) == ["rule", "effect", "cites", "explain", "until", "facts"]
    assert answer["reasons"][0]["rule"] == "cn.gbt45251/5.3.2.2.2/valid-calls-per-day"
    assert answer["reasons"][0]["cites"] == "GB/T 45251-2025 5.3.2.2.2"
    assert answer["reasons"][0]["until"] == clock("00:00", "2026-03-03")


def test_a_single_case_and_standard_input_read_too():
    code, lines = run("decide", "-", given=json.dumps(contact()))
    assert (code, len(lines)) == (0, 1)


def test_half_a_character_is_refused_and_written_as_a_question_mark():
    code, lines = run("decide", "-", given=json.dumps(contact() | {"id": "\ud800"}))
    assert code == 0
    assert json.loads(lines[0])["id"] == "?"
    assert json.loads(lines[0])["error"]["code"] == "bad_value"
    code, lines = run("decide", "-", given=json.dumps(contact() | {"\ud800": 1}))
    assert json.loads(lines[0])["error"]["code"] == "unknown_key"


def test_a_case_without_an_id_answers_with_none():
    code, lines = run("decide", "-", given=json.dumps([{"colour": 1}]))
    assert code == 0
    assert json.loads(lines[0])["id"] is None


@pytest.mark.parametrize(
    "given", [b"{", b"[1]", b"7", b'{"id": "a", "id": "b"}', b"\xff\xfe", b"[NaN]", b"", b'"x"', b"[" * 5000]
)
def test_a_document_that_cannot_be_read_exits_2_with_one_line(given):
    result = CliRunner().invoke(main, ["law", "decide", "-"], input=given)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("bad_json: ")


def test_a_missing_file_exits_2(tmp_path):
    assert run("decide", str(tmp_path / "none.json"))[0] == 2


def test_check_exits_0_when_all_agree_and_1_on_a_difference(tmp_path):
    right = contact() | {"expect": {"verdict": "permit", "next_permitted_at": None, "rules": ["GBT-016"]}}
    assert run("check", write(tmp_path, [right]))[0] == 0
    wrong = right | {"id": "w", "expect": {"verdict": "forbid", "next_permitted_at": None, "rules": ["CC-070c"]}}
    code, lines = run("check", write(tmp_path, [right, wrong]))
    assert code == 1
    assert lines[0].startswith("w: verdict: expected forbid, got permit")
    assert "CC-070c: w" in lines[1]
    later = contact(at=clock("22:00")) | {"expect": {"verdict": "forbid", "next_permitted_at": clock("09:00")}}
    assert run("check", write(tmp_path, [later]))[0] == 1


def test_check_counts_an_error_and_a_missing_expectation_as_differences(tmp_path):
    broken = contact() | {"colour": 1, "expect": {"verdict": "permit", "next_permitted_at": None}}
    assert run("check", write(tmp_path, [broken]))[0] == 1
    assert run("check", write(tmp_path, [contact()]))[0] == 1


def test_check_may_be_restricted(tmp_path):
    wrong = contact() | {"confidence": "low", "expect": {"verdict": "forbid", "rules": ["A-19"]}}
    assert run("check", "--only", "high", write(tmp_path, [wrong]))[0] == 0
    assert run("check", "--rows-high", write(tmp_path, [wrong]))[0] == 0
    assert run("check", write(tmp_path, [wrong]))[0] == 1


def test_packs_lists_versions_digests_and_what_profiles_lack():
    code, lines = run("packs")
    assert code == 0
    for pack in list_packs():
        assert any(line.startswith(f"{pack.id} {pack.version} {pack.sha256} ") for line in lines)
    assert any(line.startswith("us.regf: ") for line in lines)


def test_the_packs_own_cases_hold_on_the_command_line():
    code, lines = run("test")
    assert code == 0
    assert lines[-1].endswith("differences 0")


def test_a_manifest_of_no_pack_exits_2():
    assert run("manifest", "cn.none")[0] == 2
