"""Whatever the cases and payments: lots are equal, and no fen of commission is made up."""

from datetime import date, timedelta
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.placement.commission import Earned, Held, Money, attribute, commission, state
from zhizhi.core.placement.lots import CaseToPlace, age_band, cut_into_lots
from zhizhi.core.placement.rate_card import PARTS, Rate, RateCard, Tier

STRATA = st.tuples(st.sampled_from(["-30", "31-60", "61-90"]), st.sampled_from(["card", "loan"]))
CASES = st.lists(st.tuples(st.integers(0, 10_000_000), STRATA), max_size=60).map(
    lambda found: [CaseToPlace(n, balance, stratum) for n, (balance, stratum) in enumerate(found)]
)
LOTS = st.integers(1, 5)
ON = date(2026, 3, 2)
DAYS = st.dates(ON - timedelta(days=60), ON + timedelta(days=60))


@given(CASES, LOTS, st.randoms(use_true_random=False))
def test_every_case_is_in_exactly_one_lot_whatever_the_order(
    cases: list[CaseToPlace], lots: int, mixed: object
) -> None:
    done = cut_into_lots(cases, lots)
    assert sorted(id for lot in done for id in lot.case_ids) == sorted(case.id for case in cases)
    balances = {case.id: case.balance_minor for case in cases}
    assert all(lot.balance_minor == sum(balances[id] for id in lot.case_ids) for lot in done)
    shuffled = list(cases)
    mixed.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own generator
    assert cut_into_lots(shuffled, lots) == done


@given(CASES, LOTS)
def test_numbers_differ_by_one_at_most_in_each_stratum_and_over_all(cases: list[CaseToPlace], lots: int) -> None:
    done = cut_into_lots(cases, lots)
    sizes = [len(lot.case_ids) for lot in done]
    assert max(sizes) - min(sizes) <= 1
    for stratum in {case.stratum for case in cases}:
        ids = {case.id for case in cases if case.stratum == stratum}
        held = [len(ids & set(lot.case_ids)) for lot in done]
        assert max(held) - min(held) <= 1


@given(CASES, LOTS)
def test_balances_differ_by_no_more_than_the_largest_case_and_those_of_short_rounds(
    cases: list[CaseToPlace], lots: int
) -> None:
    balances = [lot.balance_minor for lot in cut_into_lots(cases, lots)]
    slack = max((case.balance_minor for case in cases), default=0)
    ordered = sorted(cases, key=lambda case: (case.stratum, -case.balance_minor))
    for _, group in groupby(ordered, key=lambda case: case.stratum):
        stratum = list(group)
        short = len(stratum) % lots
        slack += stratum[-short].balance_minor if short else 0
    assert max(balances) - min(balances) <= slack


@given(st.integers(-400, 4000))
def test_every_age_is_in_one_band(days: int) -> None:
    first, _, last = age_band(days).rpartition("-")
    assert not first or int(first) <= days
    assert not last or days <= int(last)


TIERS = st.lists(st.tuples(st.integers(1, 1_000_000), st.integers(0, PARTS)), max_size=4).map(
    lambda found: (Tier(0, 1000), *(Tier(start, rate) for start, rate in sorted(dict(found).items())))
)


@given(st.integers(0, 3_000_000), TIERS)
def test_commission_is_the_sum_over_every_fen_rounded_once(total: int, tiers: tuple[Tier, ...]) -> None:
    exact = 0
    for place, tier in enumerate(tiers):
        end = tiers[place + 1].from_minor if place + 1 < len(tiers) else total
        exact += max(0, min(end, total) - min(tier.from_minor, total)) * tier.rate
    assert abs(commission(total, tiers) * PARTS - exact) * 2 <= PARTS
    assert 0 <= commission(total, tiers) <= total


@given(st.integers(0, 3_000_000), TIERS)
def test_what_was_paid_and_went_back_earns_what_it_cost(total: int, tiers: tuple[Tier, ...]) -> None:
    assert commission(-total, tiers[:1]) == -commission(total, tiers[:1])


HELD = st.builds(
    Held,
    id=st.integers(1, 9),
    agency_id=st.integers(1, 3),
    hand=st.integers(1, 2),
    days_past_due=st.integers(0, 200),
    from_on=DAYS,
    ended_on=st.none() | DAYS,
    worked_on=st.none() | DAYS,
    was_complained_of=st.booleans(),
)
CARD = RateCard((Rate(1, 0, (Tier(0, 1500),)), Rate(1, 90, (Tier(0, 2500),))), tail_days=7)


@given(st.lists(HELD, max_size=4), DAYS, st.integers(1, 1_000_000))
def test_nobody_earns_by_a_case_that_it_did_not_have_or_did_not_work(
    placements: list[Held], paid_on: date, amount: int
) -> None:
    earned: Earned = attribute(Money(1, paid_on, amount), placements, CARD)
    assert (earned.rate is None) is (earned.nothing is not None)
    if earned.rate is not None:
        held = earned.held
        assert held is not None
        assert held.from_on <= paid_on
        assert held.ended_on is None or paid_on <= held.ended_on + timedelta(days=CARD.tail_days)
        assert held.worked_on is not None
        assert held.worked_on <= paid_on
        assert not held.was_complained_of
        assert (earned.rate.hand, earned.rate.from_days) == (held.hand, 90 if held.days_past_due >= 90 else 0)


RATES = st.tuples(st.integers(1, 3), st.integers(0, 400), st.integers(1, 10_000_000), TIERS, TIERS).map(
    lambda one: (Rate(one[0], one[1], one[3]), Rate(one[0], one[1], one[4], one[2]))
)
CARDS = st.lists(RATES, min_size=1, max_size=5, unique_by=lambda pair: pair[0].place).map(
    lambda pairs: RateCard(tuple(rate for pair in pairs for rate in pair), 7, 100, 200)
)


@given(CARDS, st.integers(1, 4), st.integers(-10, 500), st.integers(0, 20_000_000))
def test_a_card_comes_back_as_it_was_and_names_one_rate_a_case(
    card: RateCard, hand: int, days: int, balance: int
) -> None:
    kept = RateCard.from_document(card.to_document())
    assert kept.to_document() == card.to_document()
    rate = card.rate_of(hand, days, balance)
    assert rate == kept.rate_of(hand, days, balance)
    begun = [one for one in card.rates if one.hand == hand and one.from_days <= days]
    assert (rate is None) == (not begun)
    if rate is not None:
        assert rate.from_days == max(one.from_days for one in begun)
        assert rate.from_balance_minor <= balance


@given(st.lists(st.tuples(st.integers(-500_000, 500_000), RATES), max_size=20), st.integers(0, 10_000))
def test_a_month_is_the_sum_of_its_rates_in_whatever_order(paid: list[tuple[int, tuple[Rate, Rate]]], off: int) -> None:
    earned = [Earned(Money(n, ON, amount), None, pair[n % 2]) for n, (amount, pair) in enumerate(paid)]
    month, turned = state(earned, [off], 7), state(reversed(earned), [off], 7)
    assert month == turned
    assert sum(line.collected_minor for line in month.lines) == sum(amount for amount, _ in paid)
    assert sum(line.payments for line in month.lines) == len(paid)
    assert month.due_minor == 7 + sum(commission(line.collected_minor, line.rate.tiers) for line in month.lines) - off
