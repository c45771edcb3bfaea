"""Laws of matching: money goes where it is named, never by order, and doubt always waits for a person."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.debt.remittance.authority import ALONE_UP_TO_MINOR, Step, needs_two
from zhizhi.core.debt.remittance.core_figures import Differs, Figure, compare, holds_contacts
from zhizhi.core.debt.remittance.matching import Incoming, Matched, Named, Posted, Rule, Source, Unmatched, match

DAY = date(2026, 3, 2)
DEBTS = st.integers(1, 4)
CURRENCIES = st.sampled_from(["CNY", "HKD"])
NAMED = st.lists(st.builds(Named, DEBTS, st.sampled_from(Rule), CURRENCIES, st.booleans()), max_size=5)
DAYS = st.integers(-4, 4).map(lambda days: DAY + timedelta(days=days))
POSTED = st.lists(st.builds(Posted, DEBTS, st.sampled_from(Source), st.sampled_from([100, 200]), DAYS), max_size=4)
MONEY = st.builds(Incoming, st.sampled_from(Source), st.sampled_from([100, 200]), CURRENCIES, DAYS, st.booleans())


@given(MONEY, NAMED, POSTED, st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_makes_no_difference(
    money: Incoming, named: list[Named], posted: list[Posted], chance: Random
) -> None:
    same_debt = {one.debt_id: one.currency for one in named}
    named = [Named(one.debt_id, one.rule, same_debt[one.debt_id], one.is_open) for one in named]
    found = match(money, named, posted)
    chance.shuffle(named)
    chance.shuffle(posted)
    assert _what(match(money, named, posted)) == _what(found)


def _what(found: Matched | Unmatched) -> object:
    return found if isinstance(found, Unmatched) else found.debt_id


@given(MONEY, NAMED, POSTED)
def test_what_matches_was_named_is_unambiguous_and_no_echo(
    money: Incoming, named: list[Named], posted: list[Posted]
) -> None:
    found = match(money, named, posted)
    if isinstance(found, Unmatched):
        return
    assert any(one.debt_id == found.debt_id and one.rule is found.rule for one in named)
    written = {one.debt_id for one in named if one.rule is not Rule.CUSTOMER}
    assert written <= {found.debt_id}, "nothing that is written speaks of another debt"
    if not written:
        assert {one.debt_id for one in named if one.is_open} == {found.debt_id}
    assert not any(
        (other.debt_id, other.amount_minor) == (found.debt_id, money.amount_minor)
        and other.source != money.source
        and abs((other.on - money.on).days) <= 2
        for other in posted
    )


@given(MONEY, NAMED, POSTED, DEBTS)
def test_another_written_name_never_moves_money_elsewhere(
    money: Incoming, named: list[Named], posted: list[Posted], debt: int
) -> None:
    before = match(money, named, posted)
    after = match(money, [*named, Named(debt, Rule.REMARK, money.currency)], posted)
    if isinstance(before, Matched) and isinstance(after, Matched) and before.rule is not Rule.CUSTOMER:
        assert after.debt_id == before.debt_id


@given(MONEY, st.lists(st.builds(Named, DEBTS, st.just(Rule.REMARK), CURRENCIES), max_size=3))
def test_an_account_that_is_not_ours_is_never_overruled_by_a_weaker_name(money: Incoming, named: list[Named]) -> None:
    if money.names_account:
        assert match(money, named) is Unmatched.UNKNOWN_ACCOUNT


@given(st.sampled_from(Step), st.integers(1, 10**12))
def test_only_a_small_match_takes_one_person(step: Step, minor: int) -> None:
    assert needs_two(step, minor) is not (step is Step.POST and minor <= ALONE_UP_TO_MINOR)


@given(st.integers(0, 300), st.none() | st.integers(0, 300), st.booleans())
def test_the_cores_figure_differs_where_it_is_another_and_holds_only_where_less_may_be_owed(
    core: int, ours: int | None, is_closed: bool
) -> None:
    found = compare(Figure(core, is_closed), ours)
    assert (found is None) is (core == ours)
    assert (found is Differs.UNKNOWN) is (ours is None)
    if found is not None and ours is not None:
        assert holds_contacts(found) is (core < ours or is_closed)
