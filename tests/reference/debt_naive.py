"""A second, slow implementation of the debt rules, written from the text of the format and not from the engine.

It pays debts by recursion and walks every single day; it shares nothing with `zhizhi.core.debt` but plain numbers.
"""

from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import floor

STATUTORY = [
    "costs",
    "term_interest",
    "compound_interest",
    "penalty_interest",
    "damages",
    "fees",
    "principal",
    "double_interest",
]


def naive_allocate(case_in: dict) -> dict:
    """The `out` of an allocate case that is known to be well formed."""
    on = date.fromisoformat(case_in["on"])
    amount = case_in["amount_minor"]
    assignment = case_in.get("assignment")
    lost = bool(assignment) and assignment["paid_to"] == "old" and date.fromisoformat(assignment["notice_on"]) < on
    lines, rest = _pay(_queue(case_in, on), 0 if lost else amount, on)
    return {
        "lines": lines,
        "paid_minor": sum(line["paid_minor"] for line in lines),
        "left_minor": sum(line["left_minor"] for line in lines),
        "surplus_minor": rest,
        "misdirected_minor": amount if lost else 0,
    }


def _queue(case_in: dict, on: date) -> list[list[dict]]:
    waiting = list(case_in["debts"])
    queue = []
    for name in case_in.get("agreed", []) + case_in.get("choice", []):
        for debt in [debt for debt in waiting if debt["id"] == name]:
            queue.append([debt])
            waiting.remove(debt)
    while waiting:
        best = waiting
        for step in (
            lambda debt: 0 if date.fromisoformat(debt["due"]) <= on else 1,
            lambda debt: debt.get("security", 0),
            lambda debt: -Fraction(debt.get("burden", "0")),
            lambda debt: debt["due"],
        ):
            least = min(step(debt) for debt in best)
            best = [debt for debt in best if step(debt) == least]
        queue.append(best)
        waiting = [debt for debt in waiting if debt not in best]
    return queue


def _pay(queue: list[list[dict]], money: int, on: date) -> tuple[list[dict], int]:
    if not queue:
        return [], money
    first, *later = queue
    owed = [sum(debt["components"].values()) for debt in first]
    here = min(money, sum(owed))
    lines = []
    for debt, part in zip(first, _shares(here, owed), strict=True):
        lines += _fill(_parts(debt, on), debt, part)
    more, rest = _pay(later, money - here, on)
    return lines + more, rest


def _shares(money: int, owed: list[int]) -> list[int]:
    exact = [Fraction(money * each, sum(owed)) for each in owed]
    shares = [floor(each) for each in exact]
    while sum(shares) < money:
        # the largest fraction that has not been served; max() keeps the earliest of equals
        neediest = max(range(len(owed)), key=lambda index: exact[index] - shares[index])
        shares[neediest] += 1
    return shares


def _parts(debt: dict, on: date) -> list[str]:
    order = list(debt.get("order", []))
    if debt["kind"] == "card" and date.fromisoformat(debt["due"]) + timedelta(days=91) <= on:
        order = ["principal"]
    return order + [part for part in STATUTORY if part not in order]


def _fill(parts: list[str], debt: dict, money: int) -> list[dict]:
    if not parts:
        return []
    owed = debt["components"].get(parts[0], 0)
    paid = owed if money >= owed else money
    line = {"debt": debt["id"], "component": parts[0], "paid_minor": paid, "left_minor": owed - paid}
    return ([line] if owed else []) + _fill(parts[1:], debt, money - paid)


def naive_interest(
    base: int, rate: Fraction, per_days: int, first: date, until: date, stop: date | None = None
) -> Fraction:
    """Interest of one span, added up day by day, exact."""
    total, day = Fraction(0), first
    while day < until and (stop is None or day < stop):
        total += Fraction(base) * rate / per_days
        day += timedelta(days=1)
    return total


def naive_half_up(exact: Fraction) -> int:
    """Half up of an amount of 0 or more."""
    return floor(exact + Fraction(1, 2))


# Upper end in yuan, per mille, and what is added in yuan: the shortcut that courts publish beside the steps.
SHORTCUTS = {
    "case": [
        (100_000, 25, -200),
        (200_000, 20, 300),
        (500_000, 15, 1_300),
        (1_000_000, 10, 3_800),
        (2_000_000, 9, 4_800),
        (5_000_000, 8, 6_800),
        (10_000_000, 7, 11_800),
        (20_000_000, 6, 21_800),
        (None, 5, 41_800),
    ],
    "preservation": [(100_000, 10, 20), (None, 5, 520)],
    "enforcement": [(500_000, 15, -100), (5_000_000, 10, 2_400), (10_000_000, 5, 27_400), (None, 1, 67_400)],
}


def naive_full_fee(kind: str, amount_minor: int) -> Fraction:
    """The fee by the steps, in minor units, exact, by the shortcut formula of the step that the amount lies in."""
    yuan = Fraction(amount_minor, 100)
    if yuan <= (1_000 if kind == "preservation" else 10_000):
        return Fraction(3_000 if kind == "preservation" else 5_000)
    rows = SHORTCUTS["case" if kind == "payment_order" else kind]
    per_mille, added = next((rate, more) for end, rate, more in rows if end is None or yuan <= end)
    return (yuan * per_mille / 1000 + added) * 100


def naive_plan(principal: int, months: int, rate: str) -> list[tuple[int, int, int]]:
    """(amount, interest, left) of each instalment, by decimals of 200 digits and the discounted form of the annuity."""
    with localcontext() as context:
        context.prec = 200
        monthly = Decimal(rate) / 12
        exact = principal * monthly / (1 - (1 + monthly) ** -months) if monthly else Decimal(principal) / months
        level = int(exact.to_integral_value(ROUND_DOWN))
        rows, left = [], principal
        for number in range(months):
            interest = int((left * monthly).to_integral_value(ROUND_HALF_UP))
            amount = left + interest if number == months - 1 else level
            left = left + interest - amount
            rows.append((amount, interest, left))
        return rows
