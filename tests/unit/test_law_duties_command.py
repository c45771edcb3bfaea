"""`zhizhi law duties`: the deadlines of a profile, with the instant where an occasion is given."""

import pytest
from click.testing import CliRunner, Result

from zhizhi.ops.law import law


def run(*words: str) -> Result:
    return CliRunner().invoke(law, ["duties", *words])


def test_a_complaint_in_september_is_due_before_the_holidays():
    done = run("cn.bank.card", "--occasion", "complaint_received", "--since", "2026-09-21T10:00:00+08:00")
    assert done.exit_code == 0
    first = done.output.splitlines()[0]
    assert "complaint-simple" in first
    assert "2026-10-01T00:00:00+08:00" in first
    assert "15 日" in first


def test_retention_names_who_keeps_and_the_plain_reading_leaves_low_rows_out():
    strict, plain = run("cn.bank.card"), run("cn.bank.card", "--reading", "text")
    assert "客户身份资料(金融机构)" in strict.output
    assert "recheck-decision" in strict.output
    assert "recheck-decision" not in plain.output


def test_a_house_pack_adds_its_own_and_a_day_before_an_article_leaves_it_out():
    assert "visit-announced" in run("cn.bank.card", "--house", "house.default").output
    assert "visit-announced" not in run("cn.bank.card").output
    assert "cost-sheet" in run("cn.bank.card", "--on", "2026-08-01").output
    assert "cost-sheet" not in run("cn.bank.card", "--on", "2026-07-31").output


@pytest.mark.parametrize(
    "words",
    [
        ["cn.pawn"],
        ["cn.bank.card", "--house", "house.none"],
        ["cn.bank.card", "--since", "yesterday"],
        ["cn.bank.card", "--on", "2026-02-30"],
        ["us.regf", "--since", "2026-01-01T00:00:00Z"],
    ],
)
def test_what_cannot_be_asked_is_one_line_and_exit_2(words):
    done = run(*words)
    assert done.exit_code == 2
    assert len(done.output.splitlines()) == 1
