"""Laws of relief that hold for every debt, every offer and every way in which money arrives."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from zhizhi.core.debt.allocate import Debt, DebtKind
from zhizhi.core.debt.components import Component, owed
from zhizhi.core.debt.relief.authority import level_needed
from zhizhi.core.debt.relief.default_offers import DEFAULT_CATALOGUES
from zhizhi.core.debt.relief.offers import Offer, OfferKind
from zhizhi.core.debt.relief.progress import filled, missed_on, parts_for, to_waive
from zhizhi.core.debt.relief.trial import ReliefFacts, Trial, try_offers
from zhizhi.core.kernel.text import Text

CATALOGUE = DEFAULT_CATALOGUES[0]
ON = date(2026, 3, 2)
STANDING = st.dictionaries(
    st.sampled_from([part for part in Component if part is not Component.DOUBLE_INTEREST]),
    st.integers(0, 10_000_000),
    max_size=7,
)
PRODUCTS = st.sampled_from(["instalment_loan", "revolving_line", "credit_card"])
FACTS = st.builds(ReliefFacts, PRODUCTS, st.integers(0, 800), st.booleans(), STANDING, st.just(ON))
SHARES = st.dictionaries(st.sampled_from(list(Component)), st.fractions(Fraction(1, 50), 1), min_size=1, max_size=5)
BOUNDED = settings(max_examples=60, deadline=None, derandomize=True)


@BOUNDED
@given(FACTS)
def test_parts_add_up_to_the_whole_and_nothing_is_waived_that_does_not_stand(facts: ReliefFacts) -> None:
    for trial in try_offers(CATALOGUE, facts):
        for part, minor in trial.standing.items():
            assert trial.waived.get(part, 0) + trial.due.get(part, 0) == minor
            assert trial.waived.get(part, 0) <= minor * trial.offer.shares.get(part, 0)
        assert owed(trial.standing) == owed(facts.standing)
        assert sum(line.amount_minor for line in trial.lines) == trial.due_minor > 0
        assert all(line.amount_minor > 0 for line in trial.lines)
        assert [line.due_on for line in trial.lines] == sorted({line.due_on for line in trial.lines})
        assert trial.lines[0].due_on == trial.valid_until > facts.on


@BOUNDED
@given(FACTS)
def test_the_same_facts_give_the_same_offers(facts: ReliefFacts) -> None:
    shuffled = replace(facts, standing=dict(reversed(list(facts.standing.items()))))
    assert try_offers(CATALOGUE, facts) == try_offers(CATALOGUE, shuffled)


def _trial(shares: dict[Component, Fraction], facts: ReliefFacts) -> Trial | None:
    offer = Offer(
        "any", Text("任意", "any"), OfferKind.LUMP_SUM, frozenset({facts.product}), 0, None, shares, (1,), 7, 0
    )
    tried = try_offers(replace(CATALOGUE, offers=(offer,)), facts)
    return tried[0] if tried else None


@BOUNDED
@given(FACTS, SHARES, st.data())
def test_more_generous_offers_never_need_less_authority(
    facts: ReliefFacts, more: dict[Component, Fraction], data: st.DataObject
) -> None:
    less = {part: share * data.draw(st.fractions(Fraction(1, 20), 1)) for part, share in more.items()}
    small, large = _trial(less, facts), _trial(more, facts)
    if small is not None and large is not None:
        days = facts.days_past_due
        assert level_needed(CATALOGUE, small, days) <= level_needed(CATALOGUE, large, days)


@BOUNDED
@given(FACTS)
def test_more_months_never_need_less_authority(facts: ReliefFacts) -> None:
    by_offer: dict[str, list[Trial]] = {}
    for trial in try_offers(CATALOGUE, facts):
        by_offer.setdefault(trial.offer.code, []).append(trial)
    for trials in by_offer.values():
        levels = [level_needed(CATALOGUE, trial, facts.days_past_due) for trial in trials]
        assert levels == sorted(levels)


@BOUNDED
@given(FACTS, st.lists(st.integers(1, 5_000_000), max_size=8), st.integers(0, 50_000))
def test_an_agreement_takes_what_it_asks_for_and_leaves_what_it_waives(
    facts: ReliefFacts, payments: list[int], ran_minor: int
) -> None:
    """However the money comes in parts, and whatever interest the servicing system goes on to reckon."""
    for trial in try_offers(CATALOGUE, facts):
        left = dict(trial.standing)
        agreed = dict(trial.due)
        received = 0
        for amount in [*payments, trial.due_minor]:
            kind = DebtKind.CARD if facts.product == "credit_card" else DebtKind.LOAN
            parts = parts_for(Debt("1", kind, ON - timedelta(days=facts.days_past_due), agreed), amount, ON)
            assert sum(parts.values()) == min(amount, owed(agreed))
            for part, minor in parts.items():
                agreed[part] -= minor
                left[part] -= minor
            agreed = {part: minor for part, minor in agreed.items() if minor}
            received += sum(parts.values())
        assert received == trial.due_minor
        assert filled(trial.lines, received) == len(trial.lines)
        assert missed_on(trial.lines, received, trial.offer.grace_days) is None
        left = {part: minor for part, minor in left.items() if minor}
        assert to_waive(trial.waived, left) == left == dict(trial.waived)
        left[Component.PENALTY_INTEREST] = left.get(Component.PENALTY_INTEREST, 0) + ran_minor
        left[Component.PRINCIPAL] = left.get(Component.PRINCIPAL, 0) + ran_minor
        posted = to_waive(trial.waived, left)
        assert posted.get(Component.PRINCIPAL, 0) == trial.waived.get(Component.PRINCIPAL, 0)
        assert posted.get(Component.PENALTY_INTEREST, 0) == left[Component.PENALTY_INTEREST]


@BOUNDED
@given(FACTS, st.integers(0, 20_000_000))
def test_the_first_line_that_money_does_not_fill_is_missed_after_its_grace(facts: ReliefFacts, received: int) -> None:
    for trial in try_offers(CATALOGUE, facts):
        missed = missed_on(trial.lines, received, trial.offer.grace_days)
        if missed is None:
            assert received >= trial.due_minor
            continue
        line = trial.lines[filled(trial.lines, received)]
        assert missed == line.due_on + timedelta(days=trial.offer.grace_days + 1)
        assert sum(one.amount_minor for one in trial.lines[: line.number]) > received
