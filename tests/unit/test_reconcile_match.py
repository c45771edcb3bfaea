"""Records of others against our permits: which belongs to which, and what is said of each."""

import pytest

from zhizhi.core.reconcile.facts import HOUR, SECOND, Kind, Limits, Matched, Record, Used
from zhizhi.core.reconcile.match import match
from zhizhi.core.reconcile.outcomes import sms_parts, was_answered
from zhizhi.gateways.smpp.pdu import split

DAY = 24 * HOUR
LIMITS = Limits(opens=0, closes=DAY, tolerance=60 * SECOND, apart=1800 * SECOND, length_tolerance=3)
TEN = 10 * HOUR


def record(row: int, seconds: int, **more: object) -> Record:
    return Record(row, TEN + seconds * SECOND, **more)  # type: ignore[arg-type]  # the test names the fields


def used(permit: int, seconds: int, **more: object) -> Used:
    return Used(permit, 7, TEN + seconds * SECOND, **more)  # type: ignore[arg-type]  # the test names the fields


def pairs(matched: Matched) -> list[tuple[int, int, tuple[Kind, ...]]]:
    return [(pair.record.row, pair.used.permit, pair.kinds) for pair in matched.pairs]


def alone(matched: Matched) -> list[tuple[int, tuple[Kind, ...]]]:
    return [(one.row, kinds) for one, kinds in matched.alone]


def test_two_calls_a_minute_apart_do_not_cross() -> None:
    matched = match([record(2, 50), record(3, 110)], [used(11, 0), used(12, 60)], LIMITS)
    assert pairs(matched) == [(2, 11, ()), (3, 12, ())]


def test_the_most_pairs_come_before_the_nearest() -> None:
    # the nearest pair alone (0 and 5 s) would leave a call without a permit and a permit without a call
    matched = match([record(2, 5), record(3, 55)], [used(11, -50), used(12, 0)], LIMITS)
    assert pairs(matched) == [(2, 11, ()), (3, 12, ())]
    assert not matched.alone
    assert not matched.missing


def test_a_record_without_a_permit_and_a_permit_without_a_record_are_told_apart() -> None:
    matched = match([record(2, 0), record(3, 7200)], [used(11, 10), used(12, -7200)], LIMITS)
    assert pairs(matched) == [(2, 11, ())]
    assert alone(matched) == [(3, (Kind.RECORD_WITHOUT_PERMIT,))]
    assert [one.permit for one in matched.missing] == [12]


def test_a_contact_at_another_time_is_one_finding() -> None:
    matched = match([record(2, 600)], [used(11, 0)], LIMITS)
    assert pairs(matched) == [(2, 11, (Kind.TIMES_DIFFER,))]


@pytest.mark.parametrize(("seconds", "agrees"), [(60, True), (61, False), (-60, True), (-61, False)])
def test_the_tolerance_itself_agrees(seconds: int, agrees: bool) -> None:
    assert (pairs(match([record(2, seconds)], [used(11, 0)], LIMITS))[0][2] == ()) is agrees


def test_a_record_that_names_its_permit_belongs_to_it_and_not_to_the_nearest() -> None:
    matched = match([record(2, 1, permit=12), record(3, 40)], [used(11, 0), used(12, 40)], LIMITS)
    assert sorted(pairs(matched)) == [(2, 12, ()), (3, 11, ())]


def test_a_permit_that_two_records_name_belongs_to_the_nearer() -> None:
    matched = match([record(2, 50, permit=11), record(3, 1, permit=11)], [used(11, 0)], LIMITS)
    assert pairs(matched) == [(3, 11, ())]
    assert alone(matched) == [(2, (Kind.RECORD_WITHOUT_PERMIT,))]


def test_a_record_of_another_number_is_never_paired_by_its_time() -> None:
    matched = match([record(2, 0, permit=99, number_differs=True)], [used(11, 0)], LIMITS)
    assert alone(matched) == [(2, (Kind.RECORD_WITHOUT_PERMIT,))]
    assert [one.permit for one in matched.missing] == [11]


def test_another_number_than_the_permit_names_is_said() -> None:
    matched = match([record(2, 0, permit=11, number_differs=True)], [used(11, 0)], LIMITS)
    assert pairs(matched) == [(2, 11, (Kind.NUMBER_DIFFERS,))]


def test_a_repeated_row_does_not_take_the_permit_of_the_next_call() -> None:
    rows = [record(2, 0, identity="a"), record(3, 0, identity="a"), record(4, 30, identity="b")]
    matched = match(rows, [used(11, 0), used(12, 30)], LIMITS)
    assert pairs(matched) == [(2, 11, ()), (4, 12, ())]
    assert alone(matched) == [(3, (Kind.RECORDED_TWICE,))]


def test_rows_without_ids_are_one_contact_only_when_all_that_is_told_is_the_same() -> None:
    rows = [record(2, 0, talk_seconds=5), record(3, 0, talk_seconds=5), record(4, 0, talk_seconds=6)]
    matched = match(rows, [used(11, 0), used(12, 1)], LIMITS)
    assert alone(matched) == [(3, (Kind.RECORDED_TWICE,))]
    assert len(matched.pairs) == 2


def test_a_permit_that_was_given_back_needs_no_record_and_may_have_none() -> None:
    assert match([], [used(11, 0, is_released=True)], LIMITS) == Matched((), (), (), ())
    matched = match([record(2, 5)], [used(11, 0, is_released=True)], LIMITS)
    assert pairs(matched) == [(2, 11, (Kind.RELEASED_PERMIT,))]


def test_a_used_permit_comes_before_one_that_was_given_back() -> None:
    matched = match([record(2, 5)], [used(11, 5, is_released=True), used(12, 30)], LIMITS)
    assert pairs(matched) == [(2, 12, ())]


def test_a_permit_given_back_at_that_time_explains_more_than_one_of_half_an_hour_later() -> None:
    matched = match([record(2, 5)], [used(11, 0, is_released=True), used(12, 1500)], LIMITS)
    assert pairs(matched) == [(2, 11, (Kind.RELEASED_PERMIT,))]
    assert [one.permit for one in matched.missing] == [12]


@pytest.mark.parametrize(
    ("theirs", "ours", "kinds"),
    [
        ({"is_answered": True, "talk_seconds": 40}, {"is_answered": False}, (Kind.OUTCOME_DIFFERS,)),
        ({"is_answered": False}, {"is_answered": True, "talk_seconds": 40}, (Kind.OUTCOME_DIFFERS,)),
        ({"is_delivered": False}, {"is_delivered": True}, (Kind.OUTCOME_DIFFERS,)),
        ({"is_answered": True, "talk_seconds": 44}, {"is_answered": True, "talk_seconds": 40}, (Kind.LENGTH_DIFFERS,)),
        ({"is_answered": True, "talk_seconds": 43}, {"is_answered": True, "talk_seconds": 40}, ()),
        ({"is_answered": True, "talk_seconds": 43}, {"is_answered": True}, ()),
        ({"is_answered": True}, {}, ()),
        ({"parts": 3}, {"parts": 2}, (Kind.PARTS_DIFFER,)),
        ({"parts": 3}, {}, ()),
        ({"caller_is_ours": False, "parts": 3}, {"parts": 2}, (Kind.WRONG_CALLER, Kind.PARTS_DIFFER)),
    ],
)
def test_what_one_side_does_not_say_is_no_difference(
    theirs: dict[str, object], ours: dict[str, object], kinds: tuple[Kind, ...]
) -> None:
    assert pairs(match([record(2, 0, **theirs)], [used(11, 0, **ours)], LIMITS)) == [(2, 11, kinds)]


def test_a_row_of_another_day_is_said_and_the_edge_of_the_day_is_not_another_day() -> None:
    before, edge = Record(2, -61 * SECOND), Record(3, -60 * SECOND)
    matched = match([before, edge], [Used(11, 7, 0)], LIMITS)
    assert alone(matched) == [(2, (Kind.OUTSIDE_DAY,))]
    assert pairs(matched) == [(3, 11, ())]


def test_a_permit_near_midnight_may_stand_in_the_other_days_file() -> None:
    matched = match([], [Used(11, 7, DAY - SECOND, is_due=False), Used(12, 7, DAY - HOUR)], LIMITS)
    assert [one.permit for one in matched.carried] == [11]
    assert [one.permit for one in matched.missing] == [12]


def test_an_hour_that_came_twice_is_the_one_in_which_a_permit_was_used() -> None:
    twice = record(2, 0, came_twice=True)
    assert pairs(match([twice], [used(11, 3600)], LIMITS)) == [(2, 11, ())]
    assert pairs(match([twice], [used(11, 0), used(12, 3600)], LIMITS)) == [(2, 11, ())]
    assert pairs(match([twice], [used(11, 600)], LIMITS)) == [(2, 11, (Kind.TIMES_DIFFER,))]


def test_a_call_that_lasted_was_answered_whatever_word_stands_beside_it() -> None:
    assert was_answered("no_answer", "no_answer", 40) is True
    assert was_answered("no_answer", None, 0) is False
    assert was_answered(None, "intercepted") is None
    assert was_answered("voicemail_full") is None


@pytest.mark.parametrize("text", ["", "a" * 160, "a" * 161, "中" * 70, "中" * 71, "中" * 133 + "😀", "😀" * 67, "a_b"])
def test_a_text_has_the_parts_that_our_own_carrier_session_cuts_it_into(text: str) -> None:
    assert sms_parts(text) == len(split(text, 1))
