"""Whatever the cases: nobody has one that he may not have or beyond his room, and what is dealt lies evenly."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.assignment.assign import assign
from zhizhi.core.assignment.facts import Absence, CaseToAssign, Desk, Terms
from zhizhi.core.assignment.fitness import fits, is_ready

ON = date(2026, 3, 2)
IDS = st.integers(1, 6)
DAYS = st.dates(ON - timedelta(days=400), ON + timedelta(days=400))
ABSENCES = st.builds(
    lambda from_on, days: Absence(from_on, from_on + timedelta(days=days)),
    st.dates(ON - timedelta(days=9), ON),
    st.integers(0, 9),
)
CASES = st.builds(
    CaseToAssign,
    id=st.just(0),
    balance_minor=st.integers(0, 10_000_000),
    queue=st.sampled_from(["m1", "m2"]),
    language=st.sampled_from(["zh", "en"]),
    agency_id=st.sampled_from([None, 9]),
    holder_id=st.none() | IDS,
    held_since=st.none() | DAYS,
    home_id=st.none() | IDS,
    is_reserved=st.booleans(),
    barred_ids=st.frozensets(IDS, max_size=2),
)
DESKS = st.builds(
    Desk,
    id=st.just(0),
    capacity=st.integers(0, 8),
    agency_id=st.sampled_from([None, None, 9]),
    queues=st.sampled_from([frozenset(), frozenset({"m1"})]),
    languages=st.sampled_from([frozenset({"zh"}), frozenset({"zh", "en"})]),
    trained_on=st.none() | DAYS,
    absences=st.lists(ABSENCES, max_size=1).map(tuple),
    cases=st.integers(0, 3),
    balance_minor=st.integers(0, 10_000_000),
)


def numbered(cases: list[CaseToAssign]) -> list[CaseToAssign]:
    return [replace(one, id=n) for n, one in enumerate(cases, 1)]


def desked(desks: list[Desk]) -> list[Desk]:
    return [replace(one, id=n) for n, one in enumerate(desks, 1)]


@given(st.lists(CASES, max_size=40).map(numbered), st.lists(DESKS, max_size=6).map(desked), st.booleans())
def test_whoever_gets_a_case_may_have_it_and_has_room(
    cases: list[CaseToAssign], desks: list[Desk], reshuffles: bool
) -> None:
    done = assign(cases, desks, Terms(ON, reshuffles=reshuffles))
    known, of = {desk.id: desk for desk in desks}, {case.id: case for case in cases}
    assert len({move.case_id for move in done.moves}) == len(done.moves)
    for move in done.moves:
        assert move.from_id == of[move.case_id].holder_id
        assert move.to_id is None or move.to_id != move.from_id
        assert (move.to_id is None) == (move.unplaced is not None)
        if move.to_id is not None:
            assert fits(known[move.to_id], of[move.case_id])
            assert is_ready(known[move.to_id], ON)
            assert move.held < move.capacity or move.to_id == of[move.case_id].home_id
    now = {case.id: case.holder_id for case in cases} | {move.case_id: move.to_id for move in done.moves}
    for after in done.desks:
        mine = [of[case] for case, holder in now.items() if holder == after.id]
        own = known[after.id]
        assert after.cases == own.cases + len(mine)
        assert after.balance_minor == own.balance_minor + sum(case.balance_minor for case in mine)
    assert assign(cases, desks, Terms(ON, reshuffles=reshuffles)) == done


@given(st.lists(st.integers(0, 10_000_000), max_size=200), st.integers(1, 9))
def test_what_is_dealt_lies_evenly(balances: list[int], count: int) -> None:
    desks = [Desk(n, 500, trained_on=ON) for n in range(1, count + 1)]
    cases = [CaseToAssign(n, balance, "m1", "zh") for n, balance in enumerate(balances, 1)]
    after = assign(cases, desks, Terms(ON)).desks
    numbers, sums = [one.cases for one in after], [one.balance_minor for one in after]
    assert max(numbers) - min(numbers) <= 1
    assert max(sums) - min(sums) <= max(balances, default=0)
