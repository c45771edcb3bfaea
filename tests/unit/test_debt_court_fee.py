"""Court fees: steps, shares, the ceiling, and which keys each kind uses."""

from datetime import date

import pytest

from zhizhi.core.debt.court_fee import Claim, FeeKind, Procedure, court_fee
from zhizhi.core.debt.errors import DebtError
from zhizhi.core.debt.solve import solve

ON = "2026-05-06"


def fee(**inputs: object) -> dict:
    return solve(
        {"id": "f", "op": "court_fee", "currency": "CNY", "in": {"on": ON, "amount_minor": 8_600_000, **inputs}}
    )


@pytest.mark.parametrize(
    ("inputs", "full", "charged", "cites"),
    [
        ({"kind": "case", "procedure": "ordinary"}, 195_000, 195_000, ["Fees 13"]),
        ({"kind": "case", "procedure": "summary"}, 195_000, 97_500, ["Fees 13", "Fees 16"]),
        ({"kind": "case", "procedure": "mediated"}, 195_000, 97_500, ["Fees 13", "Fees 15"]),
        ({"kind": "case", "procedure": "withdrawn"}, 195_000, 97_500, ["Fees 13", "Fees 15"]),
        ({"kind": "payment_order"}, 195_000, 65_000, ["Fees 13", "Fees 14"]),
        ({"kind": "preservation"}, 88_000, 88_000, ["Fees 14"]),
        ({"kind": "preservation", "amount_minor": 10**12}, 5_000_052_000, 500_000, ["Fees 14"]),
        ({"kind": "enforcement"}, 119_000, 119_000, ["Fees 14"]),
    ],
)
def test_each_kind_has_its_steps_its_share_and_its_articles(
    inputs: dict, full: int, charged: int, cites: list[str]
) -> None:
    result = fee(**inputs)
    assert result["out"] == {"full_fee_minor": full, "fee_minor": charged}
    assert (result["cites"], result["rounding"]) == (cites, ["half_up"])


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"kind": "case"}, "missing_key"),
        ({"procedure": "ordinary"}, "missing_key"),
        ({"kind": "case", "procedure": "quick"}, "bad_value"),
        ({"kind": "appeal", "procedure": "ordinary"}, "bad_value"),
        ({"kind": "enforcement", "procedure": "quick"}, "bad_value"),
        ({"kind": "enforcement", "procedure": "ordinary"}, "conflict"),
        ({"kind": "enforcement", "amount_minor": 0}, "bad_amount"),
        ({"kind": "enforcement", "on": "2007-03-31"}, "not_in_force"),
    ],
)
def test_a_wrong_claim_is_refused_with_its_code(inputs: dict, code: str) -> None:
    assert fee(**inputs)["error"]["code"] == code


@pytest.mark.parametrize(
    ("yuan", "fee_yuan"),
    [
        (10_000, 50),
        (100_000, 2_300),
        (200_000, 4_300),
        (500_000, 8_800),
        (10**6, 13_800),
        (2 * 10**6, 22_800),
        (5 * 10**6, 46_800),
        (10**7, 81_800),
        (2 * 10**7, 141_800),
        (3 * 10**7, 191_800),
    ],
)
def test_the_fee_at_the_end_of_each_step(yuan: int, fee_yuan: int) -> None:
    assert fee(kind="case", procedure="ordinary", amount_minor=yuan * 100)["out"]["fee_minor"] == fee_yuan * 100


def test_the_measures_hold_from_their_first_day_and_in_yuan_only() -> None:
    assert "out" in fee(kind="enforcement", on="2007-04-01")
    case = {"id": "f", "op": "court_fee", "currency": "USD", "in": {"kind": "enforcement", "on": ON, "amount_minor": 1}}
    assert solve(case)["error"]["code"] == "bad_currency"


def test_the_typed_way_reckons_the_same() -> None:
    half = court_fee(Claim(FeeKind.CASE, date(2026, 5, 6), 1_000_033, Procedure.WITHDRAWN))
    assert (half.full_minor, half.minor) == (5001, 2500)


def test_a_typed_case_without_its_procedure_is_refused() -> None:
    with pytest.raises(DebtError) as refused:
        court_fee(Claim(FeeKind.CASE, date(2026, 5, 6), 1))
    assert refused.value.code == "missing_key"
