"""`zhizhi law audit` as a person runs it: exit codes, files, and what it says of a log that it cannot read."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zhizhi.ops.law_audit import audit_command

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "audit"
BANK = ("--profile", "cn.bank.online")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(audit_command, [str(argument) for argument in arguments])


def audited(name: str, out: Path, *more: str | Path) -> tuple[Result, list[dict[str, str]]]:
    log = next(EXAMPLES.glob(f"{name}.[cj]*"))
    result = run(log, *BANK, "--map", EXAMPLES / f"{name}.toml", "-o", out, "--no-pdf", *more)
    with (out / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        return result, list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "broke"), [("calls", {5, 6, 7, 8, 9, 10, 19}), ("messages", {1, 3}), ("visits", {3, 4, 5, 7})]
)
def test_the_worked_examples_have_these_breaches_and_no_other(name: str, broke: set[int], tmp_path: Path) -> None:
    result, findings = audited(name, tmp_path)
    assert result.exit_code == 1, result.output
    assert {int(one["行号 row"]) for one in findings if one["结论 verdict"] == "breach"} == broke


def test_side_tables_change_what_can_be_judged(tmp_path: Path) -> None:
    _, bare = audited("calls", tmp_path / "bare")
    _, told = audited("calls", tmp_path / "told", "--facts", EXAMPLES / "facts.json")
    night = [one for one in told if one["行号 row"] == "6" and "contact-hours" in one["规则 rule"]]
    assert not night, "19:00 to 23:00 was agreed"
    rules = {one["规则 rule"].rpartition("/")[2] for one in told if one["结论 verdict"] == "breach"}
    assert {"debt-settled", "training-yearly"} <= rules
    assert not {"debt-settled", "training-yearly"} & {one["规则 rule"].rpartition("/")[2] for one in bare}


def test_a_log_without_a_breach_exits_0_and_persons_are_hidden_unless_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("sent_at,phone,case_no,status,qa_marks\n2026-03-02 10:00,109,C7,DELIVRD,none\n", encoding="utf-8")
    quiet = run(log, *BANK, "--map", EXAMPLES / "messages.toml", "-o", tmp_path / "a", "--no-pdf")
    assert quiet.exit_code == 0, quiet.output
    _, hidden = audited("calls", tmp_path / "b")
    _, shown = audited("calls", tmp_path / "c", "--show-persons")
    assert "C1001" not in str(hidden)
    assert "C1001" in str(shown)
    report = (tmp_path / "c" / "report.json").read_text(encoding="utf-8")
    assert "C1001" not in report
    assert json.loads(report)["format"] == "zhizhi-audit/1"


def test_rejected_rows_go_to_a_file_with_column_reason_and_remedy(tmp_path: Path) -> None:
    audited("calls", tmp_path)
    with (tmp_path / "rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        (rejected,) = csv.DictReader(file)
    assert rejected["zhizhi_row"] == "20"
    assert rejected["zhizhi_column"] == "呼叫开始时间"
    assert rejected["呼叫开始时间"] == "三月四日"
    assert "not an instant" in rejected["zhizhi_remedy"]


def test_a_dry_run_reads_every_row_and_judges_none() -> None:
    result = run(EXAMPLES / "calls.csv", *BANK, "--map", EXAMPLES / "calls.toml", "--dry-run")
    assert result.exit_code == 0
    assert "readable 18, 不可读 rejected 1" in result.output
    assert "`呼叫开始时间`" in result.output


def test_a_guess_is_printed_and_judges_nothing() -> None:
    result = run(EXAMPLES / "calls.csv", "--guess")
    assert result.exit_code == 0
    assert 'talk_seconds = "通话时长"' in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.csv", *BANK, "--map", EXAMPLES / "calls.toml"), "there is no file"),
        (("nowhere.csv", "--guess"), "there is no file"),
        ((EXAMPLES / "calls.csv", *BANK, "--map", "nowhere.toml"), "cannot be read"),
        ((EXAMPLES / "calls.csv", *BANK, "--map", EXAMPLES / "visits.toml"), "lacks columns"),
        ((EXAMPLES / "calls.csv", *BANK), "--map are needed"),
        (
            (EXAMPLES / "calls.csv", *BANK, "--map", EXAMPLES / "calls.toml", "--facts", EXAMPLES / "calls.toml"),
            "no JSON",
        ),
    ],
)
def test_what_cannot_be_read_exits_2_and_says_why(arguments: tuple[str | Path, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
