"""Plans: level amounts rounded down, due days from the first, and how long a plan may be."""

from datetime import date
from fractions import Fraction

import pytest

from zhizhi.core.debt.errors import DebtError
from zhizhi.core.debt.instalment_plan import PlanTerms, Product, instalment_plan
from zhizhi.core.debt.solve import solve


def plan(**inputs: object) -> dict:
    terms = {
        "product": "card",
        "signed_on": "2026-11-21",
        "first_due": "2026-12-21",
        "months": 12,
        "principal_minor": 1_200_000,
    }
    return solve({"id": "p", "op": "instalment_plan", "currency": "CNY", "in": {**terms, **inputs}})


def test_the_last_instalment_absorbs_the_rounding() -> None:
    result = plan(months=7, principal_minor=1_000_000, product="loan")
    assert [line["amount_minor"] for line in result["out"]["lines"]] == [142_857] * 6 + [142_858]
    assert result["out"]["total_minor"] == 1_000_000
    assert (result["cites"], result["rounding"]) == (["CC 678"], ["down", "half_up"])
    assert plan()["cites"] == ["CBRC 2011-2 70"]


def test_interest_is_one_month_of_what_is_left() -> None:
    lines = instalment_plan(
        PlanTerms(Product.LOAN, date(2026, 1, 1), date(2026, 2, 1), 3, 100_000, Fraction("0.12"))
    ).lines
    assert [(line.amount_minor, line.interest_minor, line.left_minor) for line in lines] == [
        (34_002, 1_000, 66_998),
        (34_002, 670, 33_666),
        (34_003, 337, 0),
    ]


def test_due_days_are_reckoned_from_the_first_and_never_from_the_one_before() -> None:
    dues = [line["due"] for line in plan(first_due="2027-01-31", months=4)["out"]["lines"]]
    assert dues == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"months": 0}, "bad_value"),
        ({"months": -1}, "bad_value"),
        ({"months": 1.0}, "bad_type"),
        ({"product": "mortgage"}, "bad_value"),
        ({"principal_minor": 0}, "bad_amount"),
        ({"principal_minor": 11}, "bad_amount"),
        ({"rate": "-0.1"}, "bad_rate"),
        ({"rate": "x", "principal_minor": 11}, "bad_rate"),
        ({"rate": "10.1"}, "bad_rate"),
        ({"first_due": "2026-11-20"}, "bad_order"),
        ({"months": 61, "principal_minor": 10**9}, "term_too_long"),
        ({"months": 60, "first_due": "2026-12-22", "principal_minor": 10**9}, "term_too_long"),
        ({"months": 361, "principal_minor": 10**9, "product": "loan"}, "term_too_long"),
        ({"months": 10**30, "product": "loan"}, "term_too_long"),
        ({"months": 10**30, "product": "card"}, "term_too_long"),
        ({"months": 61, "principal_minor": 60}, "bad_amount"),
        ({"months": 60, "principal_minor": 590, "rate": "0.01", "product": "loan"}, "bad_amount"),
    ],
)
def test_a_wrong_plan_is_refused_with_its_code(inputs: dict, code: str) -> None:
    assert plan(**inputs)["error"]["code"] == code


@pytest.mark.parametrize(
    "inputs",
    [
        {"months": 60, "principal_minor": 10**9},
        {"months": 360, "product": "loan", "principal_minor": 10**9},
        {"months": 1, "principal_minor": 1},
        {"first_due": "2026-11-21"},
    ],
)
def test_the_longest_and_the_shortest_plan_are_laid_out(inputs: dict) -> None:
    out = plan(**inputs)["out"]
    assert out["lines"][-1]["left_minor"] == 0
    assert out["last_due"] == out["lines"][-1]["due"]


def test_a_typed_plan_of_no_months_is_refused() -> None:
    with pytest.raises(DebtError) as refused:
        instalment_plan(PlanTerms(Product.CARD, date(2026, 1, 1), date(2026, 2, 1), 0, 100))
    assert refused.value.code == "bad_value"
