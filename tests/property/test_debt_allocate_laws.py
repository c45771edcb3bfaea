"""What holds for every allocation: nothing is lost, nothing is owed twice, more money never leaves more debt."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.debt.allocate import Assignment, Creditor, Debt, DebtKind, Payment, allocate
from zhizhi.core.debt.components import Component, owed
from zhizhi.core.kernel.money import share

FIRST = date(2026, 1, 1)
days = st.integers(0, 200).map(lambda count: FIRST + timedelta(days=count))
few_days = st.sampled_from([FIRST, FIRST + timedelta(days=90), FIRST + timedelta(days=91), FIRST + timedelta(days=150)])
maps = st.dictionaries(st.sampled_from(Component), st.integers(0, 40), min_size=1).filter(
    lambda parts: sum(parts.values()) > 0
)
orders = st.lists(st.sampled_from(Component), max_size=3, unique=True).map(tuple)


@st.composite
def debts(draw: st.DrawFn) -> tuple[Debt, ...]:
    made = []
    for index in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(DebtKind))
        made.append(
            Debt(
                id=f"d{index}",
                kind=kind,
                due_on=draw(few_days),
                components=draw(maps),
                security=draw(st.integers(0, 1)),
                burden=draw(st.sampled_from([Fraction(0), Fraction(1, 10)])),
                order=draw(orders) if kind is DebtKind.LOAN else (),
            )
        )
    return tuple(made)


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    owing = draw(debts())
    names = st.lists(st.sampled_from([debt.id for debt in owing]), unique=True).map(tuple)
    return Payment(
        on=draw(days),
        amount_minor=draw(st.integers(1, 400)),
        debts=owing,
        agreed=draw(st.just(()) | names),
        choice=draw(st.just(()) | names),
        assignment=draw(st.none() | st.builds(Assignment, days, st.sampled_from(Creditor))),
    )


@given(payments())
def test_every_unit_is_paid_surplus_or_misdirected(payment: Payment) -> None:
    allocation = allocate(payment)
    assert allocation.paid_minor + allocation.surplus_minor + allocation.misdirected_minor == payment.amount_minor
    assert allocation.paid_minor + allocation.left_minor == sum(owed(debt.components) for debt in payment.debts)
    assert all(line.paid_minor >= 0 and line.left_minor >= 0 for line in allocation.lines)
    assert allocation.surplus_minor == 0 or allocation.left_minor == 0


@given(payments())
def test_every_part_above_zero_has_exactly_one_line(payment: Payment) -> None:
    lines = sorted(
        (line.debt_id, line.component, line.paid_minor + line.left_minor) for line in allocate(payment).lines
    )
    assert lines == sorted(
        (debt.id, part, amount) for debt in payment.debts for part, amount in debt.components.items() if amount
    )


@given(payments())
def test_within_a_debt_a_part_is_paid_only_after_the_parts_before_it(payment: Payment) -> None:
    lines = allocate(payment).lines
    for debt in payment.debts:
        own = [line for line in lines if line.debt_id == debt.id]
        assert all(
            earlier.left_minor == 0 for index, line in enumerate(own) if line.paid_minor for earlier in own[:index]
        )


@given(payments(), st.integers(1, 50))
def test_more_money_pays_no_debt_less_where_none_share(payment: Payment, more: int) -> None:
    distinct = tuple(
        Debt(debt.id, debt.kind, debt.due_on, debt.components, index, debt.burden, debt.order)
        for index, debt in enumerate(payment.debts)
    )
    less = Payment(payment.on, payment.amount_minor, distinct, payment.agreed, payment.choice, payment.assignment)
    larger = Payment(
        payment.on, payment.amount_minor + more, distinct, payment.agreed, payment.choice, payment.assignment
    )
    pairs = zip(allocate(less).lines, allocate(larger).lines, strict=True)
    assert all(a.paid_minor <= b.paid_minor and (a.debt_id, a.component) == (b.debt_id, b.component) for a, b in pairs)


@given(payments(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_matters_only_among_equals(payment: Payment, chance: object) -> None:
    distinct = [
        Debt(debt.id, debt.kind, debt.due_on, debt.components, index, debt.burden, debt.order)
        for index, debt in enumerate(payment.debts)
    ]
    shuffled = list(distinct)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis hands a random.Random
    arrange = (payment.agreed, payment.choice, payment.assignment)
    one = allocate(Payment(payment.on, payment.amount_minor, tuple(distinct), *arrange))
    other = allocate(Payment(payment.on, payment.amount_minor, tuple(shuffled), *arrange))
    assert one == other


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**15), min_size=1, max_size=20).filter(any))
def test_shares_add_up_and_none_is_a_unit_away_from_its_exact_part(total: int, weights: list[int]) -> None:
    shares = share(total, weights)
    assert sum(shares) == total
    assert all(
        abs(part - Fraction(total * weight, sum(weights))) < 1 for part, weight in zip(shares, weights, strict=True)
    )
