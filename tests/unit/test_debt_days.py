"""Civil days, periods, spans, working days and the dated tables."""

import csv
import os
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from zhizhi.core.debt.errors import DebtError
from zhizhi.core.debt.facts import OFFICIAL
from zhizhi.core.debt.lpr import LprTable
from zhizhi.core.debt.overdue import Instalment, bucket, days_past_due
from zhizhi.core.kernel.calendar import WorkCalendar
from zhizhi.core.kernel.days import DaySpan, add_days, add_months, add_years, parse_day

SHARED = Path(os.environ.get("ZHIZHI_SHARED", Path(__file__).parents[3] / "shared"))
D = date.fromisoformat


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-1-1",
        "20260101",
        "2026-W01-1",
        "1899-12-31",
        "2200-01-01",
        "２026-01-01",
        "2026-01-01\n",
        " 2026-01-01",
        "2026-01-01T00:00:00+08:00",
        "1900-02-29",
        "",
    ],
)
def test_text_that_is_no_civil_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        parse_day(written)


@pytest.mark.parametrize("written", ["1900-01-01", "2199-12-31", "2000-02-29", "2028-02-29"])
def test_a_civil_day_is_read(written: str) -> None:
    assert parse_day(written).isoformat() == written


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
    ],
)
def test_months_keep_the_day_number_or_take_the_last_day(start: str, months: int, end: str) -> None:
    assert add_months(D(start), months) == D(end)


def test_years_and_days_are_counted_from_the_day_after() -> None:
    assert add_years(D("2028-02-29"), 1) == D("2029-02-28")
    assert add_years(D("2028-02-29"), 4) == D("2032-02-29")
    assert add_days(D("2026-11-20"), 15) == D("2026-12-05")


def test_a_period_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        add_months(D("2026-01-01"), 10**9)


def test_a_span_is_half_open_and_its_cut_never_runs_backwards() -> None:
    span = DaySpan(D("2026-03-01"), D("2026-03-11"))
    assert span.days == 10
    assert D("2026-03-01") in span
    assert D("2026-03-11") not in span
    assert span.cut_at(D("2026-03-05")) == DaySpan(D("2026-03-01"), D("2026-03-05"))
    assert span.cut_at(D("2026-02-01")) == DaySpan(D("2026-03-01"), D("2026-03-01"))
    assert span.cut_at(D("2026-04-01")) == span
    assert DaySpan.through(D("2026-03-01"), D("2026-03-10")) == span
    with pytest.raises(ValueError, match="does not end"):
        DaySpan(D("2026-03-02"), D("2026-03-01"))


def test_working_days_follow_the_notice_inside_it_and_the_fixed_days_outside() -> None:
    cn = OFFICIAL.calendar
    assert not cn.is_working(D("2026-10-01"))
    assert cn.is_working(D("2026-01-04"))  # a Sunday worked for the new year
    assert not cn.is_provisional(D("2026-12-31"))
    assert cn.is_provisional(D("2027-01-01"))
    assert not cn.is_working(D("2027-10-01"))
    assert cn.is_working(D("2027-10-04"))  # no notice yet: reckoned as a Monday
    assert cn.is_provisional(D("2003-12-31"))


def test_rolling_goes_forward_and_backing_goes_back() -> None:
    plain = WorkCalendar(off=frozenset(), on=frozenset(), known=None, version="case")
    assert plain.roll(D("2026-11-21")) == D("2026-11-23")
    assert plain.back(D("2026-11-21")) == D("2026-11-20")
    assert plain.roll(D("2026-10-01")) == D("2026-10-01")  # a case's own table has no fixed holidays
    assert plain.add_working_days(D("2026-11-20"), 1) == D("2026-11-23")
    assert plain.add_working_days(D("2026-11-21"), 5) == D("2026-11-27")
    assert not plain.is_provisional(D("2150-01-01"))
    with pytest.raises(ValueError):
        plain.add_working_days(D("2026-11-20"), 0)
    with pytest.raises(ValueError, match="both"):
        WorkCalendar(off=frozenset({D("2026-11-20")}), on=frozenset({D("2026-11-20")}), known=None, version="case")


def test_an_operator_extends_a_calendar_by_the_next_notice() -> None:
    longer = OFFICIAL.calendar.extended(
        off=[D("2027-01-01")], on=[D("2027-02-07")], until=D("2028-01-01"), version="operator"
    )
    assert not longer.is_provisional(D("2027-06-01"))
    assert longer.is_working(D("2027-02-07"))
    assert longer.is_working(D("2027-10-01"))  # the notice, not the fixed days, rules inside its years
    with pytest.raises(ValueError, match="forward"):
        longer.extended(off=[], on=[], until=D("2027-01-01"), version="older")


def test_the_rate_of_a_day_is_the_last_one_published() -> None:
    lpr = OFFICIAL.lpr
    assert lpr.on(D("2019-08-20")) == Fraction("0.0425")
    assert lpr.on(D("2025-05-19")) == Fraction("0.031")
    assert lpr.on(D("2025-05-20")) == Fraction("0.03")


@pytest.mark.parametrize(("day", "is_held"), [("2019-08-19", False), ("2026-09-19", True), ("2026-09-20", False)])
def test_our_own_rates_begin_somewhere_and_go_stale_after_thirty_days(day: str, is_held: bool) -> None:
    if is_held:
        assert OFFICIAL.lpr.on(D(day)) == Fraction("0.03")
    else:
        with pytest.raises(DebtError) as refused:
            OFFICIAL.lpr.on(D(day))
        assert refused.value.code == "no_table"


def test_rates_that_a_case_brought_never_go_stale_and_an_operator_may_add_newer_ones() -> None:
    assert LprTable(((D("2020-01-20"), Fraction(1, 20)),), "case").on(D("2199-12-31")) == Fraction(1, 20)
    longer = OFFICIAL.lpr.extended([(D("2026-09-21"), Fraction("0.029"))], "operator")
    assert longer.on(D("2026-10-21")) == Fraction("0.029")
    with pytest.raises(ValueError, match="ascend"):
        OFFICIAL.lpr.extended([(D("2026-08-20"), Fraction("0.029"))], "operator")


def test_the_shipped_working_days_are_those_of_the_published_set() -> None:
    path = SHARED / "data/cn_workdays/cn_workdays.csv"
    if not path.exists():
        pytest.skip("the reference data is not beside this checkout")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [(D(row["date"]), row["is_workday"] == "1") for row in csv.DictReader(lines)]
    assert len(rows) == 8401
    assert [day for day, is_workday in rows if OFFICIAL.calendar.is_working(day) != is_workday] == []
    assert not any(OFFICIAL.calendar.is_provisional(day) for day, _ in rows)


def test_the_shipped_rates_are_those_of_the_published_set() -> None:
    path = SHARED / "data/lpr_cn/lpr_history.csv"
    if not path.exists():
        pytest.skip("the reference data is not beside this checkout")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = tuple((D(row["publish_date"]), Fraction(row["lpr_1y_pct"]) / 100) for row in csv.DictReader(lines))
    assert rows == OFFICIAL.lpr.rows


@pytest.mark.parametrize(
    ("on", "days", "name"),
    [
        ("2026-03-30", -1, "M0"),
        ("2026-03-31", 0, "M0"),
        ("2026-04-01", 1, "M1"),
        ("2026-04-30", 30, "M1"),
        ("2026-05-01", 31, "M2"),
        ("2026-05-30", 60, "M2"),
        ("2026-05-31", 61, "M3"),
    ],
)
def test_overdue_days_run_from_the_oldest_unpaid_due_day(on: str, days: int, name: str) -> None:
    book = [Instalment(D("2026-02-28"), 0), Instalment(D("2026-04-30"), 500), Instalment(D("2026-03-31"), 1)]
    assert days_past_due(book, D(on)) == days
    assert bucket(days) == name


def test_nothing_unpaid_is_not_overdue_at_all() -> None:
    assert days_past_due([Instalment(D("2026-02-28"), 0)], D("2026-06-01")) is None
    assert bucket(None) == "M0"
