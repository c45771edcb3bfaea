"""Which agency may get which case, what a book looks like in lots, and what a month of commission comes to."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from zhizhi.core.placement.commission import Held, Money, Nothing, attribute, commission, state
from zhizhi.core.placement.fitness import (
    AgencyFacts,
    Barrier,
    CaseFacts,
    PastPlacement,
    agency_barriers,
    case_barriers,
    latest_due_on,
)
from zhizhi.core.placement.lots import CaseToPlace, age_band, cut_into_lots
from zhizhi.core.placement.rate_card import CardRefused, Rate, RateCard, Tier, card_of_tiers

ON, DUE = date(2026, 3, 2), date(2026, 5, 31)
FIT = AgencyFacts(1, True, ON - timedelta(days=365), ON, DUE)


@pytest.mark.parametrize(
    ("agency", "barriers"),
    [
        (FIT, ()),
        (replace(FIT, is_listed=False), (Barrier.NOT_LISTED,)),
        (replace(FIT, evaluated_on=ON - timedelta(days=366)), (Barrier.NOT_EVALUATED,)),
        (replace(FIT, evaluated_on=ON + timedelta(days=1)), (Barrier.NOT_EVALUATED,)),
        (replace(FIT, inspected_on=None), (Barrier.NOT_INSPECTED,)),
        (replace(FIT, contract_ends_on=DUE - timedelta(days=1)), (Barrier.CONTRACT_ENDS,)),
        (replace(FIT, is_under_inquiry=True), (Barrier.UNDER_INQUIRY,)),
        (AgencyFacts(1, False, None, None, None, True), tuple(Barrier)[:5]),
    ],
)
def test_an_agency_is_fit_by_what_is_known_of_it(agency: AgencyFacts, barriers: tuple[Barrier, ...]) -> None:
    assert agency_barriers(agency, ON, DUE) == barriers


FREE = CaseFacts(is_open=True, agency_id=None, is_stopped=False)


@pytest.mark.parametrize(
    ("case", "barriers"),
    [
        (FREE, ()),
        (replace(FREE, is_open=False), (Barrier.CLOSED,)),
        (replace(FREE, agency_id=2), (Barrier.PLACED_ALREADY,)),
        (replace(FREE, is_stopped=True), (Barrier.STOPPED,)),
        (replace(FREE, past=(PastPlacement(2, 1),)), ()),
        (replace(FREE, past=(PastPlacement(2, 1, was_complained_of=True),)), ()),
        (replace(FREE, past=(PastPlacement(1, 1),)), (Barrier.HELD_BEFORE,)),
        (replace(FREE, past=(PastPlacement(1, 1, True),)), (Barrier.COMPLAINED_OF, Barrier.HELD_BEFORE)),
        (replace(FREE, past=(PastPlacement(2, 2),)), (Barrier.HAND_BEHIND,)),
    ],
)
def test_a_case_goes_to_agency_1_as_second_hand(case: CaseFacts, barriers: tuple[Barrier, ...]) -> None:
    assert case_barriers(case, 1, 2) == barriers


def test_a_placement_is_extended_within_its_cap_and_every_contract() -> None:
    assert latest_due_on(ON, 180, [date(2027, 1, 1)]) == ON + timedelta(days=180)
    assert latest_due_on(ON, 180, [date(2027, 1, 1), DUE]) == DUE
    assert latest_due_on(ON, 180, [None, DUE]) is None


def test_a_book_in_three_lots_is_even_to_a_thousandth() -> None:
    drawn = random.Random(5)
    cases = [
        CaseToPlace(
            n, int(drawn.lognormvariate(13.3, 0.9)), (age_band(drawn.randrange(1, 400)), drawn.choice(["loan", "card"]))
        )
        for n in range(6_000)
    ]
    lots = cut_into_lots(cases, 3)
    balances = [lot.balance_minor for lot in lots]
    assert [len(lot.case_ids) for lot in lots] == [2_000] * 3
    assert (max(balances) - min(balances)) * 1_000 < min(balances)


CARD = RateCard((Rate(1, 0, (Tier(0, 1_000), Tier(1_000_000, 1_500))), Rate(1, 90, (Tier(0, 2_500),))), tail_days=7)
HELD = Held(1, 7, 1, 61, date(2026, 3, 1), worked_on=date(2026, 3, 3))


@pytest.mark.parametrize(
    ("held", "paid_on", "nothing"),
    [
        (HELD, date(2026, 3, 3), None),
        (HELD, date(2026, 3, 2), Nothing.SELF_CURE),
        (replace(HELD, worked_on=None), date(2026, 3, 9), Nothing.SELF_CURE),
        (HELD, date(2026, 2, 28), Nothing.NOBODYS),
        (replace(HELD, ended_on=date(2026, 3, 10)), date(2026, 3, 17), None),
        (replace(HELD, ended_on=date(2026, 3, 10)), date(2026, 3, 18), Nothing.NOBODYS),
        (replace(HELD, was_complained_of=True), date(2026, 3, 9), Nothing.COMPLAINED),
        (replace(HELD, hand=2), date(2026, 3, 9), Nothing.NO_RATE),
    ],
)
def test_a_payment_is_the_agencys_that_had_and_worked_the_case(
    held: Held, paid_on: date, nothing: Nothing | None
) -> None:
    assert attribute(Money(1, paid_on, 100), [held], CARD).nothing is nothing


def test_whoever_holds_the_case_comes_before_whoever_lost_it() -> None:
    lost = replace(HELD, ended_on=date(2026, 3, 10))
    holds = replace(HELD, id=2, agency_id=8, hand=1, from_on=date(2026, 3, 11), worked_on=date(2026, 3, 11))
    assert attribute(Money(1, date(2026, 3, 12), 100), [holds, lost], CARD).held == holds
    assert attribute(Money(1, date(2026, 3, 10), 100), [holds, lost], CARD).held == lost


def test_a_month_by_tiers_with_a_reversal_and_a_breach() -> None:
    """10 % of 10,000.00, 15 % of the 2,000.05 above; 25 % of 33.33, half up; less a breach of 500.00."""
    old = replace(HELD, days_past_due=95)
    day = date(2026, 3, 9)
    paid = [(HELD, 1_250_005), (HELD, -50_000), (old, 3_333)]
    month = state([attribute(Money(n, day, amount), [held], CARD) for n, (held, amount) in enumerate(paid)], [50_000])
    assert [(line.payments, line.collected_minor, line.commission_minor) for line in month.lines] == [
        (2, 1_200_005, 130_001),
        (1, 3_333, 833),
    ]
    assert (month.commission_minor, month.due_minor) == (130_834, 80_834)


def test_a_month_in_which_more_went_back_than_came_is_owed_back() -> None:
    assert commission(-10_005, CARD.rates[0].tiers) == -1_001


def test_money_that_goes_back_is_taken_at_the_rate_it_was_paid_at() -> None:
    """A reversal of a payment of an earlier card stands in a line of its own, at that card's first tier."""
    day, old = date(2026, 3, 9), Rate(1, 0, (Tier(0, 2_000),))
    earned = [
        attribute(Money(1, day, 100_000), [HELD], CARD),
        replace(attribute(Money(2, day, -10_000), [HELD], CARD), rate=old),
    ]
    month = state(earned, [], base_minor=5_000)
    assert [line.commission_minor for line in month.lines] == [10_000, -2_000]
    assert month.due_minor == 13_000


BY_BALANCE = card_of_tiers(
    [(1, 0, 0, Tier(0, 1_000)), (1, 0, 1_000_000, Tier(0, 800)), (1, 90, 0, Tier(0, 2_500))],
    tail_days=7, base_minor=0, breach_minor=50_000,
)  # fmt: skip


@pytest.mark.parametrize(
    ("days", "balance", "rate"),
    [(61, 999_999, 1_000), (61, 1_000_000, 800), (89, 2_000_000, 800), (90, 2_000_000, 2_500)],
)
def test_a_rate_is_of_the_age_first_and_then_of_the_balance(days: int, balance: int, rate: int) -> None:
    found = BY_BALANCE.rate_of(1, days, balance)
    assert found is not None
    assert found.tiers[0].rate == rate


@pytest.mark.parametrize(
    ("tiers", "code"),
    [
        ([], "rates"),
        ([(1, 0, 100, Tier(0, 100))], "no_smallest"),
        ([(1, 0, 0, Tier(5, 100))], "tiers"),
        ([(1, 0, 0, Tier(0, 100)), (1, 0, 0, Tier(0, 200))], "tiers"),
        ([(1, 0, 0, Tier(0, 10_001))], "rate"),
        ([(10, 0, 0, Tier(0, 100))], "place"),
    ],
)
def test_a_card_that_leaves_something_open_is_no_card(tiers: list[tuple[int, int, int, Tier]], code: str) -> None:
    with pytest.raises(CardRefused) as refused:
        card_of_tiers(tiers, tail_days=7, base_minor=0, breach_minor=0)
    assert refused.value.code == code
