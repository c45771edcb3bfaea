"""A strategy as data: which contact is wished for, for whom, on which day and at which hour. It proposes; the law
disposes.

The table is TOML, documented in docs/strategy.md. A step fits a case by days past due, balance, product and history; it
never says whether a contact is permitted.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from zhizhi.core.conduct.words import PURPOSES
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.usecases.refused import UseCaseRefused

STEPS_MAX = 200
SLOT = timedelta(minutes=5)
STAGES = ("reminder", "early", "middle", "visit", "litigation")
CHANNELS = ("app", "sms", "email", "voice", "letter", "im")
FORMS = ("notification", "interactive")
PRODUCTS = ("instalment_loan", "revolving_line", "credit_card")
DAYS_MIN, DAYS_MAX = -30, 36_500
MINOR_MAX = 10**15
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

    def wishes(self, case: CaseToWork) -> list[Step]:
        """The steps that speak of the case today, in the order of the table."""
        return [step for step in self.steps if step.fits(case)]


def parse_strategy(body: str) -> StrategyTable:
    """Read a table. Refuses: what it does not know, with the step and the key named."""
    try:
        table = tomllib.loads(body)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _refused("", f"不是 TOML（{error}）", f"this is no TOML ({error})") from error
    _keys("", table, _TOP, set())
    name, entry = _table("", table, "name"), _table("", table, "entry")
    _keys("name", name, {"zh", "en"}, set())
    _keys("entry", entry, {"from_days", "tolerance_days", "tolerance_minor"}, set())
    return StrategyTable(
        code=_text("", table, "code"),
        name=Text(_text("name", name, "zh"), _text("name", name, "en")),
        entry_from_days=_number("entry", entry, "from_days", DAYS_MIN, DAYS_MAX),
        tolerance_days=_number("entry", entry, "tolerance_days", 0, DAYS_MAX),
        tolerance_minor=_number("entry", entry, "tolerance_minor", 0, MINOR_MAX),
        stages=_stages(_table("", table, "stages")),
        steps=_steps(table["step"]),
    )


def _stages(table: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    if not table or not table.keys() <= set(STAGES):
        raise _refused("stages", f"可用：{'、'.join(STAGES)}", f"use {', '.join(STAGES)}")
    stages = sorted((_number("stages", table, stage, DAYS_MIN, DAYS_MAX), stage) for stage in table)
    if len({first for first, _ in stages}) != len(stages):
        raise _refused("stages", "两个阶段从同一天开始", "two stages begin on one day")
    return tuple(stages)


def _steps(written: object) -> tuple[Step, ...]:
    if not isinstance(written, list) or not 0 < len(written) <= STEPS_MAX:
        raise _refused("step", f"须有 1 至 {STEPS_MAX} 个 [[step]]", f"write 1 to {STEPS_MAX} of [[step]]")
    steps = tuple(_step(index, row) for index, row in enumerate(written, 1))
    if len({step.id for step in steps}) != len(steps):
        raise _refused("step", "两个步骤的 id 相同", "a step id stands twice")
    return steps


def _step(index: int, row: object) -> Step:
    if not isinstance(row, dict):
        raise _refused(f"step {index}", "应为 [[step]] 表", "write a table [[step]]")
    place = f"step {index} `{row.get('id', '?')}`"
    _keys(place, row, _KEYS, _OPTIONAL)
    first, last = _pair(place, row, "days")
    if not all(isinstance(day, int) for day in (first, last)) or not DAYS_MIN <= first <= last <= DAYS_MAX:
        raise _refused(place, "`days` 应为 [首日, 末日]", "`days` is [first, last], first not after last")
    if ("every_days" in row) == ("on_days" in row):
        raise _refused(place, "须且只能给出 `every_days` 或 `on_days`", "give one of `every_days` and `on_days`")
    return Step(
        id=_text(place, row, "id"),
        days=(first, last),
        channel=_one_of(place, row, "channel", CHANNELS),
        template=_text(place, row, "template"),
        purpose=_one_of(place, row, "purpose", PURPOSES),
        form=_one_of(place, row, "form", FORMS),
        hours=_hours(place, row),
        every_days=_number(place, row, "every_days", 1, DAYS_MAX) if "every_days" in row else None,
        on_days=_on_days(place, row["on_days"], first, last) if "on_days" in row else (),
        balance_from_minor=_number(place, row, "balance_from_minor", 0, MINOR_MAX, default=0),
        balance_below_minor=(
            _number(place, row, "balance_below_minor", 1, MINOR_MAX) if "balance_below_minor" in row else None
        ),
        products=_products(place, row.get("products", [])),
        robot=_flag(place, row, "robot", default=False),
        skip_if_promise=_flag(place, row, "skip_if_promise", default=True),
    )


def _pair(place: str, row: Mapping[str, Any], key: str) -> tuple[Any, Any]:
    value = row[key]
    if not isinstance(value, list) or len(value) != len(("first", "last")):
        raise _refused(place, f"`{key}` 应有两个值", f"`{key}` has two values")
    return value[0], value[1]


def _hours(place: str, row: Mapping[str, Any]) -> tuple[time, time]:
    opens, closes = _pair(place, row, "hours")
    try:
        hours = time.fromisoformat(opens), time.fromisoformat(closes)
    except (ValueError, TypeError) as error:
        raise _refused(place, '`hours` 应为 ["09:00", "20:00"]', '`hours` is ["09:00", "20:00"]') from error
    if hours[0].tzinfo or hours[1].tzinfo or hours[0] >= hours[1]:
        raise _refused(place, "`hours` 的开始须早于结束", "`hours` begin before they end")
    return hours


def _on_days(place: str, value: object, first: int, last: int) -> tuple[int, ...]:
    if not isinstance(value, list) or not value or not all(_is_number(day, first, last) for day in value):
        raise _refused(place, "`on_days` 须在 `days` 之内", "`on_days` are days within `days`")
    return tuple(value)


def _products(place: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not set(map(str, value)) <= set(PRODUCTS):
        raise _refused(place, f"`products` 可用：{'、'.join(PRODUCTS)}", f"`products` are of {', '.join(PRODUCTS)}")
    return tuple(map(str, value))


def _table(place: str, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table[key]
    if not isinstance(value, dict):
        raise _refused(place, f"`{key}` 应为表", f"`{key}` is a table")
    return value


def _text(place: str, table: Mapping[str, Any], key: str) -> str:
    value = table[key]
    if not isinstance(value, str) or not value.strip():
        raise _refused(place, f"`{key}` 应为文字", f"`{key}` is a text")
    return value


def _one_of(place: str, table: Mapping[str, Any], key: str, choices: Sequence[str]) -> str:
    if table[key] not in choices:
        raise _refused(place, f"`{key}` 可用：{'、'.join(choices)}", f"`{key}` is one of {', '.join(choices)}")
    return str(table[key])


def _flag(place: str, table: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise _refused(place, f"`{key}` 应为 true 或 false", f"`{key}` is true or false")
    return value


def _number(
    place: str, table: Mapping[str, Any], key: str, least: int, most: int, *, default: int | None = None
) -> int:
    value = table.get(key, default)
    if not isinstance(value, int) or not _is_number(value, least, most):
        raise _refused(place, f"`{key}` 应为 {least} 至 {most} 的整数", f"`{key}` is a number from {least} to {most}")
    return value


def _is_number(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _keys(place: str, table: Mapping[str, Any], required: set[str], optional: set[str]) -> None:
    if missing := sorted(required - table.keys()):
        raise _refused(place, f"缺少 `{missing[0]}`", f"`{missing[0]}` is missing")
    if unknown := sorted(table.keys() - required - optional):
        raise _refused(place, f"未知的键 `{unknown[0]}`", f"unknown key `{unknown[0]}`")


def _refused(place: str, zh: str, en: str) -> UseCaseRefused:
    where = f"{place}: " if place else ""
    return UseCaseRefused(
        "bad_strategy", Text(f"策略表有误：{where}{zh}", f"the strategy table is wrong: {where}{en}"), "body"
    )
