"""An assignment is undone: what is where it was put goes back, the rest says why not; its digest tells any change."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from zhizhi.core.assignment.assign import assign
from zhizhi.core.assignment.digest import digest_of
from zhizhi.core.assignment.facts import Absence, CaseToAssign, Desk, Move, Terms, Why
from zhizhi.core.assignment.undo import Done, Stuck, take_back

TODAY = date(2026, 3, 2)
ANN, BOB, EVE = (Desk(number, 10, trained_on=date(2026, 1, 5)) for number in (1, 2, 3))
DESKS = [ANN, BOB, EVE]
PUT = Done(1, ANN.id, BOB.id, None, ANN.id)
NOW = CaseToAssign(1, 100, "m1", "zh", holder_id=BOB.id, home_id=ANN.id)


def why(case: CaseToAssign | None, *desks: Desk, done: Done = PUT) -> Stuck | None:
    taken = take_back([done], [case] if case else [], desks or DESKS, TODAY)
    assert len(taken.stuck) + len(taken.assignment.moves) == 1
    return taken.stuck[0][1] if taken.stuck else None


def test_what_is_where_it_was_put_goes_back_with_its_home_of_before() -> None:
    taken = take_back([PUT], [NOW], DESKS, TODAY)
    (move,) = taken.assignment.moves
    assert (move.from_id, move.to_id, move.why, move.home_id) == (BOB.id, ANN.id, Why.UNDONE, None)
    after = {desk.id: (desk.cases, desk.got, desk.gave) for desk in taken.assignment.desks}
    assert after == {ANN.id: (1, 1, 0), BOB.id: (0, 0, 1), EVE.id: (0, 0, 0)}


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (None, Stuck.CLOSED),
        (replace(NOW, holder_id=EVE.id), Stuck.MOVED_ON),
        (replace(NOW, home_id=None), Stuck.MOVED_ON),
        (replace(NOW, barred_ids=frozenset({ANN.id})), Stuck.HOLDER_BARRED),
        (replace(NOW, language="yue"), Stuck.HOLDER_UNFIT),
        (replace(NOW, agency_id=7), Stuck.HOLDER_UNFIT),
        (NOW, None),
    ],
)
def test_whatever_is_not_says_why(case: CaseToAssign | None, reason: Stuck | None) -> None:
    assert why(case) is reason


def test_nothing_goes_back_to_who_left_or_is_not_trained_any_more() -> None:
    assert why(NOW, BOB) is Stuck.HOLDER_LEFT
    assert why(NOW, replace(ANN, trained_on=None), BOB) is Stuck.HOLDER_UNFIT


def test_a_new_case_goes_back_to_nobody() -> None:
    done = Done(1, None, BOB.id, None, None)
    taken = take_back([done], [replace(NOW, home_id=None)], DESKS, TODAY)
    assert [(move.to_id, move.unplaced) for move in taken.assignment.moves] == [(None, None)]


def test_undoing_what_was_just_done_leaves_every_desk_as_it_was() -> None:
    held = [CaseToAssign(n, 100 * n, "m1", "zh", holder_id=DESKS[n % 3].id) for n in range(1, 13)]
    gone = replace(ANN, absences=(Absence(TODAY, TODAY + timedelta(days=9)),))
    done = assign(held, [gone, BOB, EVE], Terms(TODAY)).moves
    now = {move.case_id: move for move in done}
    after = [replace(case, holder_id=now[case.id].to_id, home_id=now[case.id].home_id) if case.id in now else case
             for case in held]  # fmt: skip
    made = [Done(move.case_id, move.from_id, move.to_id, None, move.home_id) for move in done]
    taken = take_back(made, after, DESKS, TODAY)
    assert len(done) == 4
    assert taken.stuck == ()
    assert {move.case_id: move.to_id for move in taken.assignment.moves} == {one.case_id: one.from_id for one in made}
    assert [(desk.cases, desk.balance_minor) for desk in taken.assignment.desks] == [
        (4, sum(case.balance_minor for case in held if case.holder_id == desk.id)) for desk in DESKS
    ]


def test_the_digest_tells_every_change_and_knows_no_order() -> None:
    moves = [Move(2, None, 1, Why.NEW, None, 3, 10, 2), Move(1, 1, 2, Why.HOLDER_AWAY, 1, 0, 10, 1)]
    same = digest_of(moves)
    assert digest_of(reversed(moves)) == same
    changes = {"to_id": 3, "from_id": 3, "why": Why.HOLDER_LEFT, "home_id": 3, "held": 9, "capacity": 9, "among": 9}
    for name, value in changes.items():
        assert digest_of([replace(moves[0], **{name: value}), moves[1]]) != same, name
    assert digest_of(moves[:1]) != same
