"""Accrual: which part bears, at which rate, for which days, rounded once a line."""

from datetime import date
from fractions import Fraction
from importlib.metadata import version

import pytest

from zhizhi.core.debt.accrue import (
    Accrual,
    ChargedSpan,
    Compound,
    Double,
    Penalty,
    PenaltyUse,
    PrivateOverdue,
    Term,
    accrue,
)
from zhizhi.core.debt.components import Component
from zhizhi.core.debt.errors import DebtError
from zhizhi.core.debt.solve import ENGINE, solve
from zhizhi.core.kernel.rates import Basis, Rate

D = date.fromisoformat
TERM = Term(Rate(Fraction("0.12"), Basis.ACT_360))
EVERY_PART = dict.fromkeys(Component, 1_000_000)


def span(first: str, until: str, base: dict[Component, int] | None = None) -> ChargedSpan:
    return ChargedSpan(D(first), D(until), base or {Component.PRINCIPAL: 1_200_000})


MONTH = (span("2026-01-01", "2026-02-01"),)


def refused_code(accrual: Accrual) -> str:
    with pytest.raises(DebtError) as refused:
        accrue(accrual)
    return refused.value.code


@pytest.mark.parametrize(
    ("terms", "base_minor"),
    [
        (TERM, 1_000_000),
        (Penalty(Rate(Fraction("0.1"), Basis.ACT_360), Fraction("1.5"), PenaltyUse.OVERDUE), 1_000_000),
        (Compound(Rate(Fraction("0.1"), Basis.ACT_360), agreed=True, pointed_out=True), 1_000_000),
        (Compound(Rate(Fraction("0.1"), Basis.ACT_360), agreed=True, pointed_out=False), 0),
        (Compound(Rate(Fraction("0.1"), Basis.ACT_360), agreed=False, pointed_out=True), 0),
        (Double(), 4_000_000),
        (PrivateOverdue(Basis.ACT_365), 1_000_000),
    ],
)
def test_each_kind_bears_on_its_own_parts(terms: object, base_minor: int) -> None:
    accrued = accrue(Accrual(terms, (span("2026-01-01", "2026-01-31", EVERY_PART),)))  # type: ignore[arg-type]  # parametrized
    assert accrued.lines[0].base_minor == base_minor


@pytest.mark.parametrize(
    ("use", "multiple", "is_charged"),
    [
        ("overdue", "1.3", True),
        ("overdue", "1.5", True),
        ("overdue", "1.2999999999", False),
        ("overdue", "1.5000000001", False),
        ("misuse", "1.5", True),
        ("misuse", "2", True),
        ("misuse", "1.4999999999", False),
        ("misuse", "2.0000000001", False),
    ],
)
def test_the_ends_of_a_band_are_within_it(use: str, multiple: str, is_charged: bool) -> None:
    accrual = Accrual(Penalty(Rate(Fraction("0.1"), Basis.ACT_360), Fraction(multiple), PenaltyUse(use)), MONTH)
    if is_charged:
        assert accrue(accrual).rate.value == Fraction("0.1") * Fraction(multiple)
    else:
        assert refused_code(accrual) == "rate_band"


@pytest.mark.parametrize(
    ("stop_on", "days"),
    [
        ("2025-12-01", (0, 0)),
        ("2026-01-01", (0, 0)),
        ("2026-01-02", (1, 0)),
        ("2026-02-01", (31, 0)),
        ("2026-03-03", (31, 2)),
        ("2026-03-05", (31, 4)),
        ("2027-01-01", (31, 4)),
    ],
)
def test_nothing_runs_from_the_stop_day_on_and_no_line_disappears(stop_on: str, days: tuple[int, int]) -> None:
    accrued = accrue(Accrual(TERM, (*MONTH, span("2026-03-01", "2026-03-05")), stop_on=D(stop_on)))
    assert tuple(line.span.days for line in accrued.lines) == days
    assert all(line.span.first <= line.span.until for line in accrued.lines)
    assert [line.base_minor for line in accrued.lines] == [1_200_000, 1_200_000]


def test_spans_may_touch_leave_gaps_and_be_empty() -> None:
    spans = (
        span("2026-01-01", "2026-01-01"),
        *MONTH,
        span("2026-02-01", "2026-02-01"),
        span("2026-02-01", "2026-02-02"),
    )
    assert [line.interest_minor for line in accrue(Accrual(TERM, spans)).lines] == [0, 12400, 0, 400]


@pytest.mark.parametrize(
    "later", [("2026-01-31", "2026-02-10"), ("2025-12-01", "2025-12-31"), ("2026-01-15", "2026-01-15")]
)
def test_a_span_that_begins_before_the_one_ahead_of_it_ends_is_out_of_order(later: tuple[str, str]) -> None:
    assert refused_code(Accrual(TERM, (*MONTH, span(*later)))) == "bad_order"


def test_what_was_kept_back_lessens_the_principal_of_every_span() -> None:
    spans = (
        span("2026-01-01", "2026-01-31"),
        span("2026-01-31", "2026-03-02", {Component.PRINCIPAL: 100_001, Component.FEES: 9}),
    )
    accrued = accrue(Accrual(TERM, spans, withheld_minor=100_000))
    assert [line.base_minor for line in accrued.lines] == [1_100_000, 1]
    assert refused_code(Accrual(TERM, spans, withheld_minor=100_001)) == "bad_amount"
    assert refused_code(Accrual(Double(), spans, withheld_minor=1)) == "conflict"


@pytest.mark.parametrize(
    ("overdue", "term", "rate"),
    [("0.2", "0.1", "0.2"), (None, "0.1", "0.1"), ("0", "0.1", "0"), (None, "0", "0"), (None, None, "0.03")],
)
def test_private_arrears_bear_what_was_agreed_even_nothing_before_the_lpr(
    overdue: str | None, term: str | None, rate: str
) -> None:
    terms = PrivateOverdue(
        Basis.ACT_365, None if overdue is None else Fraction(overdue), None if term is None else Fraction(term)
    )
    assert accrue(Accrual(terms, MONTH)).rate.value == Fraction(rate)


@pytest.mark.parametrize(("basis", "interest"), [(Basis.ACT_360, 366), (Basis.ACT_365, 361), (Basis.DAY, 131_760)])
def test_a_leap_year_changes_the_days_and_never_the_basis(basis: Basis, interest: int) -> None:
    accrual = Accrual(
        Term(Rate(Fraction("0.01"), basis)), (span("2028-01-01", "2029-01-01", {Component.PRINCIPAL: 36_000}),)
    )
    assert accrue(accrual).lines[0].span.days == 366
    assert accrue(accrual).interest_minor == interest


def test_a_total_is_the_sum_of_its_printed_lines() -> None:
    days = tuple(span(f"2026-03-0{n}", f"2026-03-0{n + 1}", {Component.PRINCIPAL: 5000}) for n in range(1, 5))
    accrued = accrue(Accrual(Term(Rate(Fraction("0.0365"), Basis.ACT_365)), days))
    assert accrued.interest_minor == 4  # four halves, each rounded up, not the two that they make together


def document(inputs: dict, **more: object) -> dict:
    spans = [{"from": "2030-03-01", "to": "2030-03-02", "base": {"principal": 36500000}}]
    return {"id": "1", "op": "accrue", "currency": "CNY", "in": {"spans": spans, **inputs}, **more}


def test_the_lpr_of_a_case_replaces_ours_and_is_named() -> None:
    rows = [{"from": "2030-01-20", "rate": "0.05"}, {"from": "2030-03-02", "rate": "0.04"}]
    result = solve(document({"kind": "private_overdue", "basis": "365"}, tables={"lpr": rows}))
    assert result["out"]["rate"] == "0.05000000"
    assert result["tables"] == {"lpr": "case"}
    assert result["cites"] == ["SPC private-lending 28"]


@pytest.mark.parametrize("rows", [[], [{"from": "2030-03-02", "rate": "0.05"}]])
def test_a_case_whose_rows_begin_too_late_has_no_table(rows: list[dict]) -> None:
    result = solve(document({"kind": "private_overdue", "basis": "365"}, tables={"lpr": rows}))
    assert result["error"]["code"] == "no_table"


def test_our_own_table_is_named_by_its_last_row_only_where_it_was_read() -> None:
    inputs = {
        "kind": "private_overdue",
        "basis": "365",
        "spans": [{"from": "2026-08-20", "to": "2026-08-21", "base": {"principal": 1}}],
    }
    assert solve(document(inputs))["tables"] == {"lpr": "cn-lpr-2026-08-20"}
    assert solve(document({**inputs, "term_rate": "0"}))["tables"] == {}


def test_a_rate_a_day_goes_through_in_its_own_unit() -> None:
    result = solve(document({"kind": "term", "basis": "day", "rate": "0.0005"}))
    assert result["out"]["rate"] == "0.00050000"
    assert result["out"]["interest_minor"] == 18250


def test_what_was_kept_back_is_cited() -> None:
    result = solve(document({"kind": "term", "basis": "365", "rate": "0.1", "withheld_minor": 5}))
    assert result["cites"] == ["CC 680", "CC 670"]
    assert result["rounding"] == ["half_up"]


def test_results_print_the_version_of_the_package() -> None:
    assert version("zhizhi") == ENGINE
