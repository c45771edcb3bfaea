"""Allocation: which debt first, which part first, who shares, and where the rest goes."""

from datetime import date
from fractions import Fraction

import pytest

from zhizhi.core.debt.allocate import Allocation, Assignment, Creditor, Debt, DebtKind, Payment, allocate
from zhizhi.core.debt.components import Component
from zhizhi.core.debt.errors import DebtError
from zhizhi.core.debt.facts import OFFICIAL
from zhizhi.core.debt.solve import solve

D = date.fromisoformat
ON = D("2026-05-20")


def loan(name: str, principal: int = 1000, due: str = "2026-03-31", **more: object) -> Debt:
    return Debt(name, DebtKind.LOAN, D(due), {Component.PRINCIPAL: principal}, **more)  # type: ignore[arg-type]  # test shorthand


def paid(allocation: Allocation) -> list[tuple[str, int]]:
    return [(line.debt_id, line.paid_minor) for line in allocation.lines]


def test_the_ladder_is_due_then_security_then_burden_then_age() -> None:
    not_due = loan("not due", due="2026-05-21", burden=Fraction(9))
    secured = loan("secured", due="2020-01-01", security=1, burden=Fraction(9))
    light = loan("light", due="2020-01-01")
    heavy = loan("heavy", burden=Fraction("0.01"))
    newer = loan("newer", due="2026-05-20")
    allocation = allocate(Payment(ON, 1, (not_due, secured, newer, light, heavy)))
    assert [line.debt_id for line in allocation.lines] == ["heavy", "light", "newer", "secured", "not due"]


def test_a_debt_is_due_on_its_due_day() -> None:
    allocation = allocate(
        Payment(ON, 1, (loan("tomorrow", due="2026-05-21"), loan("today", due="2026-05-20", security=99)))
    )
    assert paid(allocation) == [("today", 1), ("tomorrow", 0)]


def test_equals_share_in_input_order_and_ties_go_to_the_earlier() -> None:
    assert paid(allocate(Payment(ON, 5, (loan("A"), loan("B"), loan("C"))))) == [("A", 2), ("B", 2), ("C", 1)]


def test_equals_need_not_stand_beside_each_other() -> None:
    debts = (loan("A", 100), loan("X", 50, security=2), loan("B", 200))
    assert paid(allocate(Payment(ON, 100, debts))) == [("A", 33), ("B", 67), ("X", 0)]


def test_not_due_debts_of_one_due_day_share_as_well() -> None:
    debts = (loan("A", 100, due="2027-01-01"), loan("B", 300, due="2027-01-01"))
    assert paid(allocate(Payment(ON, 100, debts))) == [("A", 25), ("B", 75)]


def test_named_debts_come_one_by_one_the_agreed_before_the_chosen() -> None:
    debts = (loan("A"), loan("B"), loan("C"))
    allocation = allocate(Payment(ON, 1500, debts, agreed=("C",), choice=("B", "C")))
    assert paid(allocation) == [("C", 1000), ("B", 500), ("A", 0)]


@pytest.mark.parametrize(("on", "first"), [("2026-05-30", "fees"), ("2026-05-31", "principal")])
def test_a_card_pays_principal_first_from_the_ninety_first_day(on: str, first: str) -> None:
    card = Debt("c", DebtKind.CARD, D("2026-03-01"), {Component.FEES: 10, Component.PRINCIPAL: 10, Component.COSTS: 0})
    allocation = allocate(Payment(D(on), 5, (card,)))
    assert allocation.lines[0].component.value == first
    assert len(allocation.lines) == 2, "a part of 0 has no line"


def test_a_loan_ninety_one_days_overdue_keeps_the_statutory_order() -> None:
    old = Debt("l", DebtKind.LOAN, D("2020-03-01"), {Component.FEES: 10, Component.PRINCIPAL: 10})
    assert [line.component.value for line in allocate(Payment(ON, 5, (old,))).lines] == ["fees", "principal"]


@pytest.mark.parametrize(
    ("on", "paid_to", "misdirected"),
    [
        ("2026-05-19", "old", 0),
        ("2026-05-20", "old", 0),
        ("2026-05-21", "old", 2000),
        ("2026-05-21", "new", 0),
        ("2026-05-19", "new", 0),
    ],
)
def test_only_the_old_creditor_paid_after_the_day_of_notice_discharges_nothing(
    on: str, paid_to: str, misdirected: int
) -> None:
    allocation = allocate(Payment(D(on), 2000, (loan("A"),), assignment=Assignment(ON, Creditor(paid_to))))
    assert allocation.misdirected_minor == misdirected
    assert allocation.surplus_minor == (0 if misdirected else 1000)
    assert allocation.left_minor == (1000 if misdirected else 0)


def test_the_typed_way_refuses_what_the_document_would_refuse() -> None:
    with pytest.raises(DebtError) as refused:
        allocate(Payment(ON, 1, (loan("A"), loan("A"))))
    assert refused.value.code == "bad_reference"
    assert refused.value.text.zh
    with pytest.raises(DebtError) as refused:
        allocate(Payment(ON, 0, (loan("A"),)))
    assert refused.value.code == "bad_amount"
    card = Debt("c", DebtKind.CARD, ON, {Component.FEES: 1}, order=(Component.FEES,))
    with pytest.raises(DebtError) as refused:
        allocate(Payment(ON, 1, (card,)))
    assert refused.value.code == "conflict"


def test_a_result_holds_every_key_of_the_format() -> None:
    debts = [{"id": "A", "kind": "loan", "due": "2026-03-31", "components": {"principal": 7, "double_interest": 1}}]
    case = {
        "id": "1",
        "op": "allocate",
        "currency": "JPY",
        "in": {"on": "2026-05-20", "amount_minor": 5, "debts": debts},
    }
    assert solve(case) == {
        "id": "1",
        "op": "allocate",
        "out": {
            "lines": [
                {"debt": "A", "component": "principal", "paid_minor": 5, "left_minor": 2},
                {"debt": "A", "component": "double_interest", "paid_minor": 0, "left_minor": 1},
            ],
            "paid_minor": 5,
            "left_minor": 3,
            "surplus_minor": 0,
            "misdirected_minor": 0,
        },
        "rounding": ["largest_remainder"],
        "cites": ["CC 561", "SPC double-interest 4"],
        "tables": {},
        "engine": "0.1.0",
    }


@pytest.mark.parametrize(
    ("debts", "more", "cites"),
    [
        ((loan("A"),), {}, ["CC 561"]),
        ((loan("A"), loan("B")), {}, ["CC 560", "CC 561"]),
        ((Debt("c", DebtKind.CARD, ON, {Component.FEES: 1}),), {}, ["CBRC 2011-2"]),
        ((loan("A"),), {"assignment": Assignment(ON, Creditor.NEW)}, ["CC 561", "CC 546"]),
    ],
)
def test_the_rules_relied_on_are_cited(debts: tuple[Debt, ...], more: dict, cites: list[str]) -> None:
    assert list(Payment(ON, 1, debts, **more).answer(OFFICIAL).cites) == cites


def test_a_typed_amount_below_nothing_is_refused() -> None:
    with pytest.raises(DebtError) as refused:
        allocate(Payment(ON, 1, (Debt("A", DebtKind.LOAN, ON, {Component.FEES: 5, Component.COSTS: -1}),)))
    assert refused.value.code == "bad_amount"
