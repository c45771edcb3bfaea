"""An operator's newer rows come behind the shipped ones, under a version of their own."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from zhizhi.__main__ import main
from zhizhi.core.debt.errors import DebtError
from zhizhi.core.debt.extension import parse_extension
from zhizhi.core.debt.facts import OFFICIAL

D = date.fromisoformat
NEWER = {
    "version": "house-2026-11",
    "lpr": [{"from": "2026-09-21", "rate": "0.029"}, {"from": "2026-10-20", "rate": "0.0285"}],
    "calendar": {"until": "2028-01-01", "off": ["2027-02-08"], "on": ["2027-02-07"]},
}
CASE = {
    "id": "x",
    "op": "accrue",
    "currency": "CNY",
    "in": {
        "kind": "private_overdue",
        "basis": "365",
        "spans": [{"from": "2026-10-21", "to": "2026-10-22", "base": {"principal": 1}}],
    },
}


def parse(document: object) -> object:
    return parse_extension(json.dumps(document).encode(), OFFICIAL)


def test_newer_rows_come_behind_the_shipped_ones() -> None:
    tables = parse_extension(json.dumps(NEWER).encode(), OFFICIAL)
    assert tables.lpr.on(D("2026-11-19")) == Fraction("0.0285")
    assert tables.lpr.on(D("2025-05-20")) == OFFICIAL.lpr.on(D("2025-05-20"))
    assert not tables.calendar.is_working(D("2027-02-08"))
    assert tables.calendar.is_working(D("2027-02-07"))
    assert not tables.calendar.is_provisional(D("2027-12-31"))
    assert (tables.lpr.version, tables.calendar.version) == ("house-2026-11", "house-2026-11")


def test_one_table_may_be_extended_alone() -> None:
    tables = parse_extension(b'{"version": "v", "lpr": []}', OFFICIAL)
    assert tables == OFFICIAL


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ([NEWER, NEWER], "bad_value"),
        ([], "bad_value"),
        (7, "bad_json"),
        ({**NEWER, "lprs": []}, "unknown_key"),
        ({"lpr": []}, "missing_key"),
        ({"version": "v", "calendar": {"off": [], "on": []}}, "missing_key"),
        ({"version": "v", "calendar": 7}, "bad_type"),
        ({"version": "v", "lpr": [{"from": "2026-08-20", "rate": "0.03"}]}, "bad_order"),
        ({"version": "v", "lpr": NEWER["lpr"][::-1]}, "bad_order"),
        ({"version": "v", "calendar": {"until": "2027-01-01", "off": [], "on": []}}, "bad_order"),
        ({"version": "v", "calendar": {"until": "2028-01-01", "off": ["2026-12-31"], "on": []}}, "bad_order"),
        ({"version": "v", "calendar": {"until": "2028-01-01", "off": ["2028-01-01"], "on": []}}, "bad_order"),
        (
            {"version": "v", "calendar": {"until": "2028-01-01", "off": ["2027-01-01"], "on": ["2027-01-01"]}},
            "conflict",
        ),
    ],
)
def test_rows_that_cannot_be_added_are_refused_with_the_codes_of_a_case(document: object, code: str) -> None:
    with pytest.raises(DebtError) as refused:
        parse(document)
    assert refused.value.code == code


def test_the_command_answers_by_the_extended_tables(tmp_path: Path) -> None:
    cases, newer = tmp_path / "cases.json", tmp_path / "newer.json"
    cases.write_text(json.dumps(CASE), encoding="utf-8")
    newer.write_text(json.dumps(NEWER), encoding="utf-8")
    plain = CliRunner().invoke(main, ["debt", "solve", str(cases)])
    assert json.loads(plain.stdout)["error"]["code"] == "no_table"
    extended = json.loads(CliRunner().invoke(main, ["debt", "solve", "--tables", str(newer), str(cases)]).stdout)
    assert (extended["out"]["rate"], extended["tables"]) == ("0.02850000", {"lpr": "house-2026-11"})


def test_a_tables_file_that_cannot_be_used_is_named_in_both_languages(tmp_path: Path) -> None:
    newer = tmp_path / "newer.json"
    newer.write_text('{"lpr": []}', encoding="utf-8")
    result = CliRunner().invoke(main, ["debt", "solve", "--tables", str(newer), "-"], input="[]")
    assert result.exit_code == 2
    assert "version" in result.output
    assert "缺失" in result.output
    assert (
        CliRunner().invoke(main, ["debt", "solve", "--tables", str(tmp_path / "none"), "-"], input="[]").exit_code == 2
    )
