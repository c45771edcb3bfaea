"""Whatever steps a file takes: it stands where the table leads, no deadline before its step, the ledger adds up."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.debt.tables.workdays_cn import WORKDAYS_CN
from zhizhi.core.litigation.bars import Bar, DebtFacts, bars_of
from zhizhi.core.litigation.deadlines import Acts, Agenda, Due, agenda, cautious_limitation
from zhizhi.core.litigation.fees import FeeItem, FeeMove, FeeSum, needs_two, require_fee, scale_of, sum_fees
from zhizhi.core.litigation.machine import (
    MOVES,
    NEEDS_DAY,
    Standing,
    StepRefused,
    Taken,
    begin,
    replay,
    steps_from,
    take,
)
from zhizhi.core.litigation.talk import AGREED, PREPARED, TITLED, contradicts
from zhizhi.core.litigation.words import Lane, State, Step

OPENED = date(2026, 3, 2)
BEGIN_BY = date(2029, 1, 31)
PREPARE = Taken(Step.PREPARE, OPENED, BEGIN_BY)
LANES = st.sampled_from(list(Lane))


@st.composite
def walks(draw: st.DrawFn) -> tuple[Lane, list[Taken]]:
    """A file of any lane, worked by steps that it may take, on days of which none lies before the one before."""
    lane, steps, on = draw(LANES), [PREPARE], OPENED
    standing = begin(lane)
    for _ in range(draw(st.integers(0, 14))):
        possible = steps_from(standing)
        if not possible:
            break
        step = draw(st.sampled_from(possible))
        on += timedelta(days=draw(st.integers(0, 40)))
        names = step in NEEDS_DAY or draw(st.booleans())
        taken = Taken(step, on, on + timedelta(days=draw(st.integers(0, 60))) if names else None)
        try:
            agenda(lane, [*steps, taken], WORKDAYS_CN)
        except StepRefused as refused:
            if refused.code != "too_early":  # silence takes its time; anything else that is offered can be taken
                raise
            on += timedelta(days=120)
            taken = Taken(step, on, on if names else None)
        steps.append(taken)
        standing = take(standing, taken)
    return lane, steps


@given(walks())
def test_a_file_stands_where_its_steps_lead_and_no_deadline_lies_before_its_step(
    walk: tuple[Lane, list[Taken]],
) -> None:
    lane, steps = walk
    done = agenda(lane, steps, WORKDAYS_CN)
    assert done.standing == replay(lane, steps)
    for one in done.deadlines:
        begun = steps[one.step_n - 1]
        assert one.begun_on == begun.on
        assert one.due_on >= begun.on
        assert one.met_on is None or one.dropped_on is None
        ended = one.met_on or one.dropped_on
        assert ended is None or begun.on <= ended <= steps[-1].on
        if (
            one.term.acts is Acts.US
            and one.due_on > begun.on
            and one.term.due is not Due.HEARING
            and (one.term.due is not Due.CORRECT)
        ):
            assert WORKDAYS_CN.is_working(one.due_on)
    if done.standing.state is State.ENDED:
        assert not [one for one in done.deadlines if one.is_open]


@given(walks())
def test_what_a_file_was_told_before_stays_when_it_goes_on(walk: tuple[Lane, list[Taken]]) -> None:
    """Deadlines that ended stay as they ended, and one that began keeps its day."""
    lane, steps = walk
    before: Agenda | None = None
    for n in range(1, len(steps) + 1):
        now = agenda(lane, steps[:n], WORKDAYS_CN)
        if before is not None:
            for old, new in zip(before.deadlines, now.deadlines, strict=False):
                assert (old.term, old.step_n, old.due_on) == (new.term, new.step_n, new.due_on)
                assert old.is_open or old == new
        before = now


@given(walks(), st.sampled_from(list(Step)), st.booleans())
def test_a_step_that_the_table_does_not_name_is_refused_and_nothing_changes(
    walk: tuple[Lane, list[Taken]], step: Step, names: bool
) -> None:
    lane, steps = walk
    standing = replay(lane, steps)
    on = steps[-1].on + timedelta(days=200)
    taken = Taken(step, on, on if names or step in NEEDS_DAY else None)
    if step in steps_from(standing):
        assert take(standing, taken) == replay(lane, [*steps, taken])
        return
    with pytest.raises(StepRefused):
        take(standing, taken)
    assert replay(lane, steps) == standing


@given(walks(), st.integers(1, 400))
def test_no_step_lies_before_the_one_before(walk: tuple[Lane, list[Taken]], days: int) -> None:
    lane, steps = walk
    for step in steps_from(replay(lane, steps)):
        early = Taken(step, steps[-1].on - timedelta(days=days), steps[-1].on)
        with pytest.raises(StepRefused, match="before_last"):
            agenda(lane, [*steps, early], WORKDAYS_CN)


def test_every_state_but_the_end_leads_on_and_every_state_is_reached() -> None:
    reached = {State.PREPARED} | {move.to for move in MOVES.values() if move.to}
    assert reached == set(State)
    for lane in Lane:
        for state in set(State) - {State.ENDED}:
            assert steps_from(Standing(state, lane, before_settling=State.SERVED)), state
        assert steps_from(Standing(State.ENDED, lane)) == ()
    assert {step for _, step in MOVES} == set(Step) - {Step.PREPARE}


@pytest.mark.parametrize("settled_from", [State.SERVED, State.ENFORCING, State.PREPARED])
def test_a_settlement_that_is_broken_leads_back_to_where_the_file_stood(settled_from: State) -> None:
    was = Standing(settled_from, Lane.SUIT, has_title=settled_from is State.ENFORCING)
    settled = take(was, Taken(Step.SETTLE, OPENED, OPENED))
    assert settled.state is State.SETTLED
    assert take(settled, Taken(Step.SETTLEMENT_BROKEN, OPENED)) == was


def taken(*steps: tuple[Step, date] | tuple[Step, date, date]) -> list[Taken]:
    return [PREPARE, *(Taken(*one) for one in steps)]


def due_of(done: Agenda, due: Due) -> date:
    (found,) = [one.due_on for one in done.deadlines if one.term.due is due and one.is_open]
    return found


def test_an_objection_ends_a_payment_order_and_the_suit_is_refused_within_seven_days() -> None:
    steps = taken(
        (Step.ASK_ORDER, date(2026, 3, 3)), (Step.ORDER_ACCEPTED, date(2026, 3, 6)),
        (Step.ORDER_ISSUED, date(2026, 3, 16)), (Step.ORDER_SERVED, date(2026, 3, 20)),
    )  # fmt: skip
    served = agenda(Lane.PAYMENT_ORDER, steps, WORKDAYS_CN)
    assert due_of(served, Due.ORDER_OBJECTION) == date(2026, 4, 7)  # the fifteenth day is a Saturday before Qingming
    with pytest.raises(StepRefused, match="too_early"):
        agenda(Lane.PAYMENT_ORDER, [*steps, Taken(Step.ORDER_STANDS, date(2026, 4, 7))], WORKDAYS_CN)
    stands = agenda(Lane.PAYMENT_ORDER, [*steps, Taken(Step.ORDER_STANDS, date(2026, 4, 8))], WORKDAYS_CN)
    assert stands.standing == Standing(State.EFFECTIVE, Lane.PAYMENT_ORDER, has_title=True)
    assert due_of(stands, Due.ENFORCE) == date(2028, 4, 7)  # two years on is a Saturday: ours ends on the Friday
    objected = agenda(Lane.PAYMENT_ORDER, [*steps, Taken(Step.ORDER_OBJECTED, date(2026, 4, 1))], WORKDAYS_CN)
    assert objected.standing.state is State.ORDER_LAPSED
    assert due_of(objected, Due.REFUSE_SUIT) == date(2026, 4, 8)
    suit = agenda(
        Lane.PAYMENT_ORDER,
        [*steps, Taken(Step.ORDER_OBJECTED, date(2026, 4, 1)), Taken(Step.BECOMES_SUIT, date(2026, 4, 9))],
        WORKDAYS_CN,
    )
    assert suit.standing == Standing(State.ACCEPTED, Lane.SUIT)
    (late,) = [one for one in suit.deadlines if one.term.due is Due.REFUSE_SUIT]
    assert late.is_missed(date(2026, 4, 9))


def test_a_small_claim_has_one_instance() -> None:
    decided = Standing(State.DECIDED, Lane.SMALL_CLAIM)
    assert Step.APPEAL not in steps_from(decided)
    with pytest.raises(StepRefused, match="one_instance"):
        take(decided, Taken(Step.APPEAL, OPENED))
    assert take(Standing(State.DECIDED, Lane.SUIT), Taken(Step.APPEAL, OPENED)).state is State.APPEALED


def test_limitation_is_read_cautiously_and_met_by_beginning() -> None:
    assert cautious_limitation(date(2026, 2, 18), None, WORKDAYS_CN) == date(2029, 2, 16)  # a Sunday: the Friday before
    assert cautious_limitation(None, None, WORKDAYS_CN) is None
    opened = agenda(Lane.SUIT, [PREPARE], WORKDAYS_CN)
    assert due_of(opened, Due.BEGIN_IN_TIME) == BEGIN_BY
    filed = agenda(Lane.SUIT, taken((Step.FILE, date(2026, 3, 9))), WORKDAYS_CN)
    (begun,) = [one for one in filed.deadlines if one.term.due is Due.BEGIN_IN_TIME]
    assert begun.met_on == date(2026, 3, 9)


DEBT = DebtFacts(balance_minor=100_000, claim_minor=100_000, begin_by=BEGIN_BY)


@pytest.mark.parametrize(
    ("changed", "lane", "bar"),
    [
        ({"balance_minor": 0, "claim_minor": 0}, Lane.SUIT, Bar.NOTHING_OWED),
        ({"claim_minor": 100_001}, Lane.SUIT, Bar.CLAIM_TOO_HIGH),
        ({"begin_by": date(2026, 3, 1)}, Lane.SUIT, Bar.TIME_BARRED),
        ({"begin_by": None}, Lane.MEDIATION, Bar.NO_LIMITATION_DAY),
        ({"has_arbitration_clause": True}, Lane.SUIT, Bar.ARBITRATION_CLAUSE),
        ({"has_arbitration_clause": True}, Lane.PAYMENT_ORDER, Bar.ARBITRATION_CLAUSE),
        ({}, Lane.ARBITRATION, Bar.NO_ARBITRATION_CLAUSE),
        ({"is_notarised": True}, Lane.SMALL_CLAIM, Bar.NOTARISED),
        ({}, Lane.NOTARISED, Bar.NOT_NOTARISED),
        ({"is_disputed": True}, Lane.PAYMENT_ORDER, Bar.DISPUTED),
        ({"is_missing": True}, Lane.PAYMENT_ORDER, Bar.MISSING),
        ({"is_missing": True}, Lane.SMALL_CLAIM, Bar.MISSING),
        ({"is_bankrupt": True}, Lane.SUIT, Bar.BANKRUPTCY),
        ({"is_deceased": True}, Lane.SUIT, Bar.DECEASED),
        ({"is_plan_kept": True}, Lane.MEDIATION, Bar.AGREEMENT_KEPT),
        ({"is_with_agency": True}, Lane.SUIT, Bar.WITH_AGENCY),
        ({"lacks_notice": True}, Lane.SUIT, Bar.NOTICE_MISSING),
        ({"is_in_court": True}, Lane.SUIT, Bar.OPEN_ALREADY),
        ({"is_case_open": False}, Lane.SUIT, Bar.CASE_CLOSED),
    ],
)
def test_what_stands_in_the_way_is_named_and_nothing_else(changed: dict[str, Any], lane: Lane, bar: Bar) -> None:
    assert bars_of(replace(DEBT, **changed), lane, OPENED) == (bar,)


@pytest.mark.parametrize(
    ("changed", "lane"),
    [({}, Lane.SUIT), ({"is_missing": True}, Lane.SUIT), ({"is_disputed": True}, Lane.SUIT), ({}, Lane.MEDIATION),
     ({"has_arbitration_clause": True}, Lane.ARBITRATION), ({"is_notarised": True}, Lane.NOTARISED),
     ({"begin_by": OPENED}, Lane.SUIT)],
)  # fmt: skip
def test_a_lane_that_fits_is_open(changed: dict[str, Any], lane: Lane) -> None:
    assert bars_of(replace(DEBT, **changed), lane, OPENED) == ()


ENTRIES = st.lists(st.tuples(st.sampled_from(list(FeeMove)), st.integers(-5, 3000)), max_size=30)


@given(ENTRIES, st.booleans())
def test_what_a_ledger_takes_adds_up_and_never_gives_back_more_than_was_advanced(
    wished: list[tuple[FeeMove, int]], has_title: bool
) -> None:
    standing = Standing(State.EFFECTIVE if has_title else State.SERVED, Lane.SUIT, has_title=has_title)
    kept: list[tuple[FeeMove, int]] = []
    for move, minor in wished:
        try:
            require_fee(standing, FeeItem.CASE, move, minor, sum_fees(kept))
        except StepRefused:
            continue
        kept.append((move, minor))
    total = sum_fees(kept)
    assert total.outstanding >= 0
    assert total.advanced == total.refunded + total.recovered + total.borne + total.outstanding
    assert has_title or total.recovered == 0
    assert all(minor > 0 for _, minor in kept)


@pytest.mark.parametrize(
    ("move", "item", "minor", "two"),
    [
        (FeeMove.ADVANCED, FeeItem.CASE, 55_000, False),  # 30,000 yuan: 50 + 2.5 % of 20,000
        (FeeMove.ADVANCED, FeeItem.CASE, 55_001, True),
        (FeeMove.ADVANCED, FeeItem.ANNOUNCEMENT, 500_000, False),
        (FeeMove.ADVANCED, FeeItem.ANNOUNCEMENT, 500_001, True),
        (FeeMove.REFUNDED, FeeItem.CASE, 9_000_000, False),
        (FeeMove.BORNE, FeeItem.CASE, 1, True),
    ],
)
def test_more_than_the_scale_or_than_one_may_advance_takes_two_persons(
    move: FeeMove, item: FeeItem, minor: int, two: bool
) -> None:
    assert needs_two(move, item, minor, scale_of(item, Lane.SUIT, 3_000_000, OPENED)) is two


def test_scales_follow_the_lane() -> None:
    assert scale_of(FeeItem.CASE, Lane.SMALL_CLAIM, 3_000_000, OPENED) == 27_500
    assert scale_of(FeeItem.PAYMENT_ORDER, Lane.PAYMENT_ORDER, 3_000_000, OPENED) == 18_333
    assert scale_of(FeeItem.LAW_FIRM, Lane.SUIT, 3_000_000, OPENED) is None
    assert sum_fees([]) == FeeSum()


SUIT, ENFORCEMENT = "如仍不还款我们将向法院起诉", "法院将强制执行"
STATES = st.sampled_from([None, *State])


@given(st.lists(STATES, max_size=3))
def test_a_threat_of_court_is_true_of_every_debt_or_it_is_not_said(states: list[State | None]) -> None:
    agreed = not AGREED.isdisjoint(states)
    assert contradicts(SUIT, "collect", states) is not (bool(states) and set(states) <= PREPARED)
    assert contradicts(ENFORCEMENT, "collect", states) is not (bool(states) and set(states) <= TITLED & PREPARED)
    assert contradicts("您好，请还款", "collect", states) is agreed, (
        "an agreement that is kept is all that is asked for"
    )
    assert not contradicts(SUIT, "complaint_reply", states)  # an answer names the ways to complain and to sue
    assert contradicts("您好", "active_litigation", states) is not (
        bool(states) and set(states) <= PREPARED - {State.PREPARED}
    )


def test_while_an_agreement_is_kept_nobody_talks_of_court() -> None:
    assert AGREED.isdisjoint(PREPARED)
    assert State.MEDIATING not in PREPARED
