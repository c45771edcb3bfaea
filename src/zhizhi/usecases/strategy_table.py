"""A strategy as data: which contact is wished for, for whom, on which day and at which hour. It proposes; the law
disposes.

The table is TOML, documented in docs/strategy.md. A step fits a case by stage, days past due, balance and history;
it never says whether a contact
is permitted.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import BEIJING

STEPS_MAX = 200
SLOT = timedelta(minutes=5)
STAGES = ("reminder", "early", "middle", "visit", "litigation")
CHANNELS = ("app", "sms", "email", "voice", "letter", "im")
DAYS_MIN, DAYS_MAX = -30, 36_500
_KEYS = {"id", "days", "channel", "template", "purpose", "form", "hours"}
_OPTIONAL = {
    "every_days",
    "on_days",
    "balance_from_minor",
    "balance_below_minor",
    "products",
    "robot",
    "skip_if_promise",
}
_TOP = {"code", "name", "entry", "stages", "step"}


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table."""

    id: str
    days: tuple[int, int]
    channel: str
    template: str
    purpose: str
    form: str
    hours: tuple[time, time]
    every_days: int | None = None
    on_days: tuple[int, ...] = ()
    balance_from_minor: int = 0
    balance_below_minor: int | None = None
    products: tuple[str, ...] = ()
    robot: bool = False
    skip_if_promise: bool = True

    def fits(self, case: "CaseToWork") -> bool:
        """Whether this row speaks of the case today."""
        days = case.days_past_due
        in_span = self.days[0] <= days <= self.days[1]
        on_day = days in self.on_days if self.on_days else (days - self.days[0]) % (self.every_days or 1) == 0
        below = self.balance_below_minor is None or case.balance_minor < self.balance_below_minor
        of_product = not self.products or case.product in self.products
        free = not (self.skip_if_promise and case.has_open_promise)
        return in_span and on_day and case.balance_minor >= self.balance_from_minor and below and of_product and free

    def planned_at(self, on: date, seat: int) -> datetime:
        """The instant on a day; cases are spread evenly over the step's hours by their seat, in slots of five
        minutes."""
        first = datetime.combine(on, self.hours[0], BEIJING)
        slots = (datetime.combine(on, self.hours[1], BEIJING) - first) // SLOT
        return first + SLOT * (seat % max(slots, 1))


@dataclass(frozen=True, slots=True)
class CaseToWork:
    """What a strategy may know of a case."""

    person_id: int
    case_id: int
    days_past_due: int
    balance_minor: int
    product: str
    has_open_promise: bool
    collector_id: int | None


@dataclass(frozen=True, slots=True)
class StrategyTable:
    """A parsed strategy."""

    code: str
    name: Text
    entry_from_days: int
    tolerance_days: int
    tolerance_minor: int
    stages: tuple[tuple[int, str], ...]
    steps: tuple[Step, ...]

    def stage_of(self, days_past_due: int) -> str:
        """The stage by days past due: the last one that has begun."""
        return next((stage for first, stage in reversed(self.stages) if days_past_due >= first), self.stages[0][1])

    def wishes(self, case: CaseToWork) -> list[Step]:
        """The steps that speak of the case today, in the order of the table."""
        return [step for step in self.steps if step.fits(case)]


def parse_strategy(body: str) -> StrategyTable:
    """Read a table. Refuses: what it does not know, with the step and the key named."""
    try:
        table = tomllib.loads(body)
    except tomllib.TOMLDecodeError as error:
        raise _refused("", str(error)) from error
    _keys("", table, _TOP, set())
    entry = table["entry"]
    _keys("entry", entry, {"from_days", "tolerance_days", "tolerance_minor"}, set())
    stages = tuple(sorted((int(first), stage) for stage, first in table["stages"].items()))
    if not stages or any(stage not in STAGES for _, stage in stages):
        raise _refused("stages", f"use one of {', '.join(STAGES)}")
    if len(table["step"]) > STEPS_MAX:
        raise _refused("step", f"at most {STEPS_MAX} steps")
    steps = tuple(_step(index, row) for index, row in enumerate(table["step"], 1))
    if len({step.id for step in steps}) != len(steps):
        raise _refused("step", "a step id stands twice")
    return StrategyTable(
        code=str(table["code"]),
        name=Text(table["name"]["zh"], table["name"]["en"]),
        entry_from_days=int(entry["from_days"]),
        tolerance_days=int(entry["tolerance_days"]),
        tolerance_minor=int(entry["tolerance_minor"]),
        stages=stages,
        steps=steps,
    )


def _step(index: int, row: Mapping[str, Any]) -> Step:
    place = f"step {index} `{row.get('id', '?')}`"
    _keys(place, row, _KEYS, _OPTIONAL)
    first, last = row["days"]
    if not DAYS_MIN <= first <= last <= DAYS_MAX:
        raise _refused(place, "`days` is [first, last], first not after last")
    if row["channel"] not in CHANNELS:
        raise _refused(place, f"`channel` is one of {', '.join(CHANNELS)}")
    if ("every_days" in row) == ("on_days" in row):
        raise _refused(place, "give exactly one of `every_days` and `on_days`")
    if "every_days" in row and row["every_days"] < 1:
        raise _refused(place, "`every_days` is at least 1")
    try:
        hours = (time.fromisoformat(row["hours"][0]), time.fromisoformat(row["hours"][1]))
    except (ValueError, IndexError) as error:
        raise _refused(place, '`hours` is ["09:00", "20:00"]') from error
    if hours[0] >= hours[1]:
        raise _refused(place, "`hours` begin before they end")
    plain = {key: value for key, value in row.items() if key not in ("days", "hours", "on_days", "products")}
    return Step(
        **plain,
        days=(first, last),
        hours=hours,
        on_days=tuple(row.get("on_days", ())),
        products=tuple(row.get("products", ())),
    )


def _keys(place: str, table: Mapping[str, Any], required: set[str], optional: set[str]) -> None:
    if missing := sorted(required - table.keys()):
        raise _refused(place, f"`{missing[0]}` is missing")
    if unknown := sorted(table.keys() - required - optional):
        raise _refused(place, f"unknown key `{unknown[0]}`")


def _refused(place: str, why: str) -> UseCaseRefused:
    where = f"{place}: " if place else ""
    return UseCaseRefused(
        "bad_strategy", Text(f"策略表有误：{where}{why}", f"the strategy table is wrong: {where}{why}"), "body"
    )
