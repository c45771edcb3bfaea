"""`zhizhi law`: one line a case, exit codes, and a check that can fail."""

import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner

from law.contacts import calls, clock, contact
from zhizhi.__main__ import main
from zhizhi.ops.case_documents import read_cases
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
    "given",
    [
        b"{",
        b"[1]",
        b"7",
        b'{"id": "a", "id": "b"}',
        b"\xff\xfe",
        b"[NaN]",
        b"",
        b'"x"',
        b"[" * 5000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000,
        b"[-Infinity]",
        b'{"a": NaN}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"null",
        b"[[]]",
        b"[{}, null]",
        b"{} {}",
        b"[{}]x",
        b"[{},]",
        b"[{} {}]",
        b"[{}",
        b"{'id': 1}",
        b'{"id": "\x01"}',
        b"\xef\xbb\xbf{}",
        '{"id": "中"}'.encode("gbk"),
        "{}".encode("utf-16"),
        b'[{"a": {"b": 1, "b": 1}}]',
    ],
    ids=lambda given: repr(given[:24]),
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


HOSTILE = [
    ({"profile": "cn.pawn"}, "bad_value"),
    ({"profile": ["cn.bank.card"]}, "bad_type"),
    ({"id": 5}, "bad_type"),
    ({"id": "x" * 100_000}, "bad_value"),
    ({"statements": None}, "bad_type"),
    ({"statements": [{"at": "2026-03-02T10:00:00+08:00", "by": "p1", "kind": ["cease"]}]}, "bad_type"),
    ({"events": [None]}, "bad_type"),
    ({"events": [{"id": {}}]}, "missing_key"),
    ({"debtor": {"time_zones": ["../../etc/passwd"], "state": "normal"}}, "bad_value"),
    ({"debtor": {"time_zones": ["localtime"], "state": "normal"}}, "bad_value"),
    ({"debtor": {"time_zones": ["Asia"], "state": "normal", "x": 1}}, "unknown_key"),
    ({"reviews": [{"x": 1}]}, "unknown_key"),
    ({"case": {"x": 1}}, "unknown_key"),
    ({"collector": {"kind": "lender", "id": "L1", "person": {"id": "u", "x": 1}}}, "unknown_key"),
    ({"events": [{"id": "e"}] * 5001}, "bad_value"),
    ({"team_size": 10**400}, "bad_value"),
    ({"team_size": 2.0}, "bad_type"),
    ({"at": "9999-12-31T23:59:59-23:59"}, "bad_date"),
    ({"at": "2026-03-02T10:00:60+08:00"}, "bad_date"),
    ({"at": "2026-03-02T10:00:00"}, "bad_date"),
    ({"expected_end_at": "2026-03-02T09:00:00+08:00"}, "bad_order"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"), HOSTILE, ids=[f"{next(iter(c))} {code} {n}" for n, (c, code) in enumerate(HOSTILE)]
)
def test_a_hostile_case_gets_one_line_and_its_neighbours_get_theirs(tmp_path, change, code):
    document = contact()
    for key, value in change.items():
        (document if key in document or key in ("case", "reviews") else document["proposed"])[key] = value
    exit_code, lines = run("decide", write(tmp_path, [contact(), document, contact()]))
    answers = [json.loads(line) for line in lines]
    assert (exit_code, len(answers)) == (0, 3)
    assert [one.get("verdict") for one in answers] == ["permit", None, "permit"]
    assert answers[1]["error"]["code"] == code


def test_a_number_beyond_every_float_is_no_integer():
    given = json.dumps(contact(team_size=0)).replace('"team_size": 0', '"team_size": 1e400')
    code, lines = run("decide", "-", given=given)
    assert (code, json.loads(lines[0])["error"]["code"]) == (0, "bad_type")


def test_a_line_stays_one_line_whatever_the_id_holds():
    name = "a\nb\u2028c\u2029d\u0085e"
    _, lines = run("decide", "-", given=json.dumps(contact() | {"id": name}))
    assert len(lines) == 1
    assert json.loads(lines[0])["id"] == name


def test_an_empty_array_has_no_lines():
    assert run("decide", "-", given=" [ ] \n") == (0, [])


def test_a_terminal_that_speaks_no_chinese_gets_utf_8(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    for arguments in (["decide", write(tmp_path, contact())], ["packs"]):
        command = [sys.executable, "-m", "zhizhi", "law", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert done.returncode == 0
        assert done.stdout.decode("utf-8")


def test_a_long_document_is_decided_case_by_case(tmp_path):
    """Memory grows with the text of the document and not with its cases as values, which take seven times as much."""
    path = tmp_path / "long.json"
    one = json.dumps(contact())
    path.write_text("[" + ",".join([one] * 3000) + "]", encoding="utf-8")
    size = path.stat().st_size
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_cases(str(path))) == 3000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * size
