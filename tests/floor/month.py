"""A month, day after day: the run in the morning, the seats, the money, and every evening the reports."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from time import perf_counter

from floor.books import Day, Recount, recount
from floor.desks import Desks, Done
from floor.house import FloorPlan, House, open_house, place_cases
from floor.money import Came, Money
from simulation.carrier import Carrier
from simulation.place import Place
from simulation.truth import Truth
from simulation.world import standing_guard
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.commission.reads import load_statement
from zhizhi.store.operations import clock_guard
from zhizhi.store.strategy.working import DayFigures
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import reading
from zhizhi.usecases.commission.signing import SignStatement, sign_for_agency, sign_for_lender
from zhizhi.usecases.commission.stating import StateMonth, state_month
from zhizhi.usecases.run_day import RunDay, run_day

OPENED, OPENS, EVENING, HOURS, SUNDAY = time(2), time(9), time(19), timedelta(hours=9), 6
TICKS = tuple(time(hour, minute) for hour, minute in ((7, 30), (9, 0), (10, 5), (12, 20), (16, 10), (19, 5), (21, 54)))
PHASES = ("run", "seats", "money", "reports")
Say = Callable[[str], None]


@dataclass(slots=True)
class Month:
    """What came of it."""

    recount: Recount = field(default_factory=Recount)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.0))
    asked: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    dials: int = 0
    talks: int = 0
    promises: int = 0
    messages: int = 0
    arrivals: int = 0
    minor: int = 0
    nothing: int = 0
    statements: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Floor:
    """Whoever does something on a day."""

    desks: Desks
    money: Money
    carrier: Carrier


def live(plan: FloorPlan, place: Place, say: Say = lambda _: None) -> Month:
    """Live it; answers what came of it."""
    before = clock_guard.install(standing_guard())
    month, begins = Month(), datetime.combine(plan.begins_on, OPENED, BEIJING)
    begun = perf_counter()
    house = open_house(plan, place, begins)
    say(f"book in and house open: {perf_counter() - begun:.0f} s")
    truth = Truth(plan.begins_on, begins)
    carrier = Carrier(Random(plan.seed + 1), truth, lambda _at: None, {"takes": 1})
    desks, money = Desks(house, Random(plan.seed + 2)), Money(house, Random(plan.seed + 3))
    try:
        for n in range(plan.days):
            _day(plan, house, plan.begins_on + timedelta(days=n), Floor(desks, money, carrier), month, say)
        _state_months(plan, house, month)
        sequence_all(_at(plan.begins_on + timedelta(days=plan.days), time(11)))
    finally:
        desks.close()
        money.close()
        clock_guard.install(before)
    month.messages = len(truth.departures)
    return month


def _day(plan: FloorPlan, house: House, on: date, floor: Floor, month: Month, say: Say) -> None:
    worked = 0 if on.weekday() == SUNDAY else plan.calls_a_seat
    turns = [_at(on, OPENS) + HOURS * (n / plan.calls_a_seat) for n in range(worked)]
    done, left, came = Done(), dict[int, str](), Came()
    for at, what in sorted([*((_at(on, one), "run") for one in TICKS), *((at, "seats") for at in turns),
                            (_at(on, EVENING), "money")]):  # fmt: skip
        begun = perf_counter()
        match what:
            case "run":
                _run(house.lenders, at, floor.carrier)
            case "seats":
                floor.desks.round(at, left, done)
            case "money":
                came = floor.money.come(on, at, done.promised)
        month.seconds[what] += perf_counter() - begun
        if on == plan.begins_on and at == _at(on, TICKS[0]):
            place_cases(house, [one.agency_id for one in house.managers if one.agency_id], at + timedelta(minutes=30))
    begun = perf_counter()
    day = Day(on, _run(house.lenders, _at(on, TICKS[-1]) + timedelta(hours=1), floor.carrier), done, came,
              sum(one.minor for one in came.astray))  # fmt: skip
    recount(house, day, month.recount)
    month.seconds["reports"] += perf_counter() - begun
    _add(month, done, came)
    say(
        f"{on}: {sum(done.dials.values()):,} dials, {came.arrivals:,} arrivals; next case"
        f" {done.seconds['next case']:.1f} s, calls {done.seconds['call']:.1f} s, nothing to do {done.nothing:,};"
        f" {dict(done.asked)} {dict(done.refused)}; {len(month.recount.differences)} differences so far"
    )


def _run(lenders: Sequence[int], at: datetime, carrier: Carrier) -> tuple[DayFigures, ...]:
    """What the timer does every now and then: the day's run of each lender, and what it permits leaves."""
    outbox = Outbox({"sink": dict.fromkeys(("sms", "email", "letter"), carrier)}, "floor", monotonic=carrier.steady)
    figures = tuple(
        run_day(RunDay(lender, at.date(), "system"), at, lambda _: None, lambda *_: None) for lender in lenders
    )
    while outbox.drain(at, limit=500):
        pass
    return figures


def _state_months(plan: FloorPlan, house: House, month: Month) -> None:
    """Each agency's statement of the month that is over, signed by both."""
    ends = plan.begins_on + timedelta(days=plan.days)
    first = plan.begins_on.replace(day=1)
    if (first + timedelta(days=31)).replace(day=1) > ends:
        return  # the month is not over
    at = _at(ends, time(10))
    for lender in house.lenders:
        for manager in house.managers:
            assert manager.agency_id is not None, "a manager is of an agency"
            statement = state_month(StateMonth(lender, manager.agency_id, first, "CNY", house.clerk), at)
            with reading(manager):
                shown = load_statement(statement)
            assert shown is not None, "its own"
            sign_for_agency(SignStatement(statement, shown.digest, manager.staff_id), at)
            sign_for_lender(SignStatement(statement, shown.digest, house.clerk), at)
            month.statements.append(statement)


def _add(month: Month, done: Done, came: Came) -> None:
    month.asked += done.asked
    month.refused += done.refused
    month.dials += sum(done.dials.values())
    month.talks += sum(done.talks.values())
    month.promises += len(done.promised)
    month.arrivals += came.arrivals
    month.minor += sum(came.minor.values())
    month.nothing += done.nothing


def _at(on: date, clock: time) -> datetime:
    return datetime.combine(on, clock, BEIJING)
