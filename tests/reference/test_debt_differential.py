"""The engine against a second implementation that was written from the format alone, through whole documents."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from reference.debt_naive import (
    STATUTORY,
    naive_allocate,
    naive_full_fee,
    naive_half_up,
    naive_interest,
    naive_plan,
)
from zhizhi.core.debt.solve import solve

near_days = st.integers(0, 130).map(lambda count: (date(2028, 1, 1) + timedelta(days=count)).isoformat())
maps = st.dictionaries(st.sampled_from(STATUTORY), st.integers(0, 30), min_size=1).filter(
    lambda parts: sum(parts.values()) > 0
)


@st.composite
def allocate_inputs(draw: st.DrawFn) -> dict:
    debts = []
    for index in range(draw(st.integers(1, 7))):
        debt = {
            "id": f"d{index}",
            "kind": draw(st.sampled_from(["loan", "card"])),
            "due": draw(st.sampled_from(["2028-01-01", "2028-03-01", "2028-04-01"])),
            "components": draw(maps),
        }
        if draw(st.booleans()):
            debt["security"] = draw(st.integers(0, 2))
        if draw(st.booleans()):
            debt["burden"] = draw(st.sampled_from(["0", "0.0", "0.1", "0.10", "0.24"]))
        if debt["kind"] == "loan" and draw(st.booleans()):
            debt["order"] = draw(st.lists(st.sampled_from(STATUTORY), unique=True, max_size=3))
        debts.append(debt)
    inputs: dict = {"on": draw(near_days), "amount_minor": draw(st.integers(1, 300)), "debts": debts}
    names = st.lists(st.sampled_from([debt["id"] for debt in debts]), unique=True, max_size=3)
    for key in ("agreed", "choice"):
        if draw(st.booleans()):
            inputs[key] = draw(names)
    if draw(st.integers(0, 3)) == 0:
        inputs["assignment"] = {"notice_on": draw(near_days), "paid_to": draw(st.sampled_from(["old", "new"]))}
    return inputs


@settings(max_examples=400)
@given(allocate_inputs())
def test_allocation_equals_the_recursive_one(inputs: dict) -> None:
    result = solve({"id": "x", "op": "allocate", "currency": "CNY", "in": inputs})
    assert result.get("out") == naive_allocate(inputs), result


@settings(max_examples=200)
@given(
    kind=st.sampled_from(["term", "double"]),
    units=st.integers(0, 10**9),
    basis=st.sampled_from(["360", "365", "day"]),
    first=st.dates(date(2014, 7, 31), date(2190, 1, 1)),
    shape=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 400), st.integers(1, 10**9)), min_size=1, max_size=4),
    stop=st.none() | st.integers(-10, 1500),
)
def test_interest_equals_the_sum_over_every_single_day(
    kind: str, units: int, basis: str, first: date, shape: list[tuple[int, int, int]], stop: int | None
) -> None:
    stop_on = None if stop is None else first + timedelta(days=stop)
    spans, day = [], first
    for gap, length, principal in shape:
        begun = day + timedelta(days=gap)
        day = begun + timedelta(days=length)
        spans.append(
            {"from": begun.isoformat(), "to": day.isoformat(), "base": {"principal": principal, "penalty_interest": 7}}
        )
    inputs: dict = {"kind": kind, "spans": spans}
    rate, per_days = Fraction("0.000175"), 1
    if kind == "term":
        inputs |= {"rate": f"0.{units:010d}", "basis": basis}
        rate, per_days = Fraction(units, 10**10), 1 if basis == "day" else int(basis)
    if stop_on is not None:
        inputs["stop_on"] = stop_on.isoformat()
    result = solve({"id": "x", "op": "accrue", "currency": "JPY", "in": inputs})
    lines = [
        naive_half_up(
            naive_interest(
                span["base"]["principal"],
                rate,
                per_days,
                date.fromisoformat(span["from"]),
                date.fromisoformat(span["to"]),
                stop_on,
            )
        )
        for span in spans
    ]
    assert [line["interest_minor"] for line in result["out"]["lines"]] == lines
    assert result["out"]["interest_minor"] == sum(lines)


YUAN_ENDS = [1_000, 10_000, 100_000, 200_000, 500_000, 10**6, 2 * 10**6, 5 * 10**6, 10**7, 2 * 10**7]
near_an_end = st.builds(lambda yuan, fen: yuan * 100 + fen, st.sampled_from(YUAN_ENDS), st.integers(-3, 3))


@given(st.sampled_from(["case", "payment_order", "preservation", "enforcement"]), near_an_end | st.integers(1, 10**15))
def test_a_court_fee_equals_the_shortcut_formula(kind: str, amount: int) -> None:
    inputs = {"kind": kind, "on": "2026-05-06", "amount_minor": amount} | (
        {"procedure": "mediated"} if kind == "case" else {}
    )
    out = solve({"id": "x", "op": "court_fee", "currency": "CNY", "in": inputs})["out"]
    exact = naive_full_fee(kind, amount)
    charged = {
        "case": exact / 2,
        "payment_order": exact / 3,
        "preservation": min(exact, Fraction(500_000)),
        "enforcement": exact,
    }
    assert out == {"full_fee_minor": naive_half_up(exact), "fee_minor": naive_half_up(charged[kind])}


@given(st.integers(1, 10**9), st.integers(1, 60), st.sampled_from(["0", "0.0001", "0.05", "0.1234567891", "0.24", "3"]))
def test_a_plan_equals_the_one_of_discounted_decimals(principal: int, months: int, rate: str) -> None:
    inputs = {
        "product": "loan",
        "signed_on": "2026-01-31",
        "first_due": "2026-01-31",
        "months": months,
        "principal_minor": principal,
        "rate": rate,
    }
    result = solve({"id": "x", "op": "instalment_plan", "currency": "CNY", "in": inputs})
    rows = naive_plan(principal, months, rate)
    if any(amount <= interest for amount, interest, _ in rows):
        assert result["error"]["code"] == "bad_amount"
    else:
        assert [
            (line["amount_minor"], line["interest_minor"], line["left_minor"]) for line in result["out"]["lines"]
        ] == rows
        assert sum(line["principal_minor"] for line in result["out"]["lines"]) == principal
