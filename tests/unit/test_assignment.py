"""Who gets which case: whoever stays stays, whoever may not have it does not, and the rest is dealt evenly."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from zhizhi.core.assignment.assign import assign
from zhizhi.core.assignment.facts import Absence, CaseToAssign, Desk, Move, Terms, Unplaced, Why

TODAY = date(2026, 3, 2)
TERMS = Terms(TODAY)
TRAINED = date(2026, 1, 5)
ANN, BOB, EVE = 1, 2, 3


def desk(number: int, **more: object) -> Desk:
    return replace(Desk(number, 10, trained_on=TRAINED), **more)


def case(number: int, balance: int = 100, **more: object) -> CaseToAssign:
    return replace(CaseToAssign(number, balance, "m1", "zh"), **more)


def held(by: int, **more: object) -> CaseToAssign:
    return case(1, holder_id=by, held_since=TODAY - timedelta(days=60), **more)


def moves(cases: list[CaseToAssign], *desks: Desk, terms: Terms = TERMS) -> tuple[Move, ...]:
    return assign(cases, desks, terms).moves


def only(cases: list[CaseToAssign], *desks: Desk, terms: Terms = TERMS) -> tuple[int | None, Why, Unplaced | None]:
    (move,) = moves(cases, *desks, terms=terms)
    return move.to_id, move.why, move.unplaced


class TestWhoMayHaveACase:
    @pytest.mark.parametrize(
        "unfit",
        [
            {"trained_on": None},
            {"trained_on": TODAY - timedelta(days=366)},
            {"trained_on": TODAY + timedelta(days=1)},
            {"certified_until": TODAY - timedelta(days=1)},
            {"queues": frozenset({"m3"})},
            {"languages": frozenset({"en"})},
            {"agency_id": 7},
            {"leaves_on": TODAY},
        ],
    )
    def test_is_who_is_trained_certified_schooled_and_of_its_agency(self, unfit: dict[str, object]) -> None:
        assert only([case(1)], desk(ANN, **unfit), desk(BOB)) == (BOB, Why.NEW, None)
        assert only([case(1)], desk(ANN, **unfit)) == (None, Why.NEW, Unplaced.NOBODY_FITS)

    def test_is_not_a_relative_nor_who_was_complained_of(self) -> None:
        barred = frozenset({ANN})
        assert only([case(1, barred_ids=barred)], desk(ANN), desk(BOB, cases=9)) == (BOB, Why.NEW, None)
        assert only([held(ANN, barred_ids=barred, is_reserved=True)], desk(ANN), desk(BOB)) == (
            BOB, Why.HOLDER_BARRED, None,
        )  # fmt: skip

    def test_is_nobody_without_room(self) -> None:
        assert only([case(1)], desk(ANN, cases=10), desk(BOB, capacity=0)) == (None, Why.NEW, Unplaced.NO_ROOM)


class TestWhoStays:
    def test_a_case_keeps_its_collector(self) -> None:
        assert moves([held(ANN)], desk(ANN, cases=9), desk(BOB)) == ()

    @pytest.mark.parametrize("gone", [(), (desk(ANN, leaves_on=TODAY),)], ids=["not there", "leaves today"])
    def test_it_finds_another_when_that_one_left(self, gone: tuple[Desk, ...]) -> None:
        assert only([held(ANN)], *gone, desk(BOB)) == (BOB, Why.HOLDER_LEFT, None)

    def test_a_certificate_that_ran_out_ends_it(self) -> None:
        lapsed = desk(ANN, certified_until=TODAY - timedelta(days=1))
        assert only([held(ANN)], lapsed, desk(BOB)) == (BOB, Why.HOLDER_UNFIT, None)

    def test_a_brief_absence_does_not_end_it_and_a_long_one_does_until_it_is_over(self) -> None:
        away = desk(ANN, absences=(Absence(TODAY, TODAY + timedelta(days=4)),))
        brief = desk(ANN, absences=(Absence(TODAY, TODAY + timedelta(days=1)),))
        assert moves([held(ANN)], brief, desk(BOB)) == ()
        (move,) = moves([held(ANN)], away, desk(BOB))
        assert (move.to_id, move.why, move.home_id) == (BOB, Why.HOLDER_AWAY, ANN)
        lent = held(BOB, home_id=ANN)
        assert moves([lent], away, desk(BOB)) == ()
        assert only([lent], desk(ANN), desk(BOB)) == (ANN, Why.BACK_HOME, None)

    def test_it_stays_with_who_is_away_rather_than_with_nobody(self) -> None:
        away = desk(ANN, absences=(Absence(TODAY, TODAY + timedelta(days=4)),))
        assert moves([held(ANN)], away) == ()

    def test_a_negotiation_stays_through_absence_and_reshuffle_and_not_with_one_who_left(self) -> None:
        away = desk(ANN, absences=(Absence(TODAY, TODAY + timedelta(days=4)),))
        talks, anew = held(ANN, is_reserved=True), replace(TERMS, reshuffles=True)
        assert moves([talks], away, desk(BOB), terms=anew) == ()
        assert only([talks], desk(BOB)) == (BOB, Why.HOLDER_LEFT, None)


class TestDealingAnew:
    ANEW = replace(TERMS, reshuffles=True, sticky_days=30)

    def test_moves_what_has_stayed_long_enough(self) -> None:
        old, young = TODAY - timedelta(days=30), TODAY - timedelta(days=29)
        mine = [case(n, holder_id=ANN, held_since=old) for n in range(1, 5)]
        assert {move.to_id for move in moves(mine, desk(ANN), desk(BOB), terms=self.ANEW)} == {BOB}
        assert len(moves(mine, desk(ANN), desk(BOB), terms=self.ANEW)) == 2
        kept = [replace(one, held_since=young) for one in mine]
        assert moves(kept, desk(ANN), desk(BOB), terms=self.ANEW) == ()

    def test_moves_nothing_that_comes_back_to_its_own_desk(self) -> None:
        assert moves([held(ANN)], desk(ANN), terms=self.ANEW) == ()


def test_shares_follow_capacity() -> None:
    cases = [case(n) for n in range(1, 31)]
    after = assign(cases, [desk(ANN, capacity=40), desk(BOB, capacity=20)], TERMS).desks
    assert [one.cases for one in after] == [20, 10]


def test_it_is_told_how_a_desk_was_chosen() -> None:
    (move,) = moves([case(1)], desk(ANN, cases=4), desk(BOB, cases=3), desk(EVE, languages=frozenset({"en"})))
    assert (move.to_id, move.held, move.capacity, move.among) == (BOB, 3, 10, 2)
