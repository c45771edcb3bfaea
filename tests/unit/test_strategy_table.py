"""A strategy is read whole or refused with its place; its steps fit by days, balance, product and promise."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.strategy_table import SLOT, CaseToWork, StrategyTable, parse_strategy

HEAD = """
code = "X"
name = { zh = "甲", en = "A" }
[entry]
from_days = -3
tolerance_days = 3
tolerance_minor = 1000
[stages]
reminder = -30
early = 4
middle = 31
"""
STEP = """
[[step]]
id = "s1"
days = [4, 10]
every_days = 2
channel = "sms"
template = "plan-sms"
purpose = "collect"
form = "notification"
hours = ["10:00", "12:00"]
"""
CASE = CaseToWork(1, 1, 4, 50_000, "instalment_loan", has_open_promise=False, collector_id=None)


def table(step: str = STEP, head: str = HEAD) -> StrategyTable:
    return parse_strategy(head + step)


def fits(step: str, case: CaseToWork) -> bool:
    return bool(table(step).wishes(case))


@pytest.mark.parametrize("name", ["c_step_by_step.toml", "e_remote_first.toml"])
def test_the_strategies_of_the_product_are_read(name: str) -> None:
    read = parse_strategy((files("zhizhi") / "defaults" / "strategies" / name).read_text(encoding="utf-8"))
    assert read.steps
    assert read.stages == tuple(sorted(read.stages))


@pytest.mark.parametrize(("days", "wanted"), [(3, False), (4, True), (5, False), (6, True), (10, True), (11, False)])
def test_a_step_speaks_on_its_days_from_the_first_on(days: int, wanted: bool) -> None:
    assert fits(STEP, replace(CASE, days_past_due=days)) is wanted


@pytest.mark.parametrize(("days", "wanted"), [(4, False), (5, True), (8, True), (10, False), (11, False)])
def test_a_step_may_name_its_days(days: int, wanted: bool) -> None:
    named = STEP.replace("every_days = 2", "on_days = [5, 8, 11]").replace("[4, 10]", "[4, 10]")
    if days == 11:
        with pytest.raises(UseCaseRefused, match="on_days"):
            table(named)
    else:
        assert fits(named.replace(", 11]", "]"), replace(CASE, days_past_due=days)) is wanted


@pytest.mark.parametrize(("minor", "wanted"), [(9_999, False), (10_000, True), (99_999, True), (100_000, False)])
def test_a_step_speaks_of_balances_from_and_below(minor: int, wanted: bool) -> None:
    bounded = STEP + "balance_from_minor = 10000\nbalance_below_minor = 100000\n"
    assert fits(bounded, replace(CASE, balance_minor=minor)) is wanted


def test_a_step_may_speak_of_some_products_only() -> None:
    cards = STEP + 'products = ["credit_card"]\n'
    assert not fits(cards, CASE)
    assert fits(cards, replace(CASE, product="credit_card"))


def test_a_promise_that_runs_silences_a_step_unless_it_says_otherwise() -> None:
    promised = replace(CASE, has_open_promise=True)
    assert not fits(STEP, promised)
    assert fits(STEP + "skip_if_promise = false\n", promised)


@given(st.integers(0, 10_000))
def test_cases_are_spread_over_the_hours_in_slots(seat: int) -> None:
    (step,) = table().steps
    on = date(2026, 3, 2)
    at = step.planned_at(on, seat)
    first = datetime(2026, 3, 2, 10, 0, tzinfo=BEIJING)
    assert first <= at < first + timedelta(hours=2)
    assert (at - first) % SLOT == timedelta(0)
    assert step.planned_at(on, seat + 24) == at


def test_hours_shorter_than_a_slot_are_one_slot() -> None:
    (step,) = table(STEP.replace('"12:00"', '"10:02"')).steps
    assert {step.planned_at(date(2026, 3, 2), seat) for seat in range(9)} == {
        datetime(2026, 3, 2, 10, 0, tzinfo=BEIJING)
    }


WRONG = {
    "no TOML": ("code = ", ""),
    "a key too many at the top": (HEAD.replace('code = "X"', 'code = "X"\nlaw = "none"'), STEP),
    "no entry": (HEAD.replace("[entry]", "[other]"), STEP),
    "an entry that is no table": ('code = "X"\nname = { zh = "甲", en = "A" }\nentry = 3\n[stages]\nearly = 4\n', STEP),
    "a text where a number belongs": (HEAD.replace("from_days = -3", 'from_days = "early"'), STEP),
    "a truth where a number belongs": (HEAD.replace("from_days = -3", "from_days = true"), STEP),
    "a negative tolerance": (HEAD.replace("tolerance_minor = 1000", "tolerance_minor = -1"), STEP),
    "a name in one language": (HEAD.replace(', en = "A"', ""), STEP),
    "a name that is no table": (HEAD.replace('{ zh = "甲", en = "A" }', '"甲"'), STEP),
    "an unknown stage": (HEAD.replace("middle = 31", "late = 31"), STEP),
    "two stages on one day": (HEAD.replace("middle = 31", "middle = 4"), STEP),
    "no steps": (HEAD, ""),
    "a step that is no table": (HEAD.replace('code = "X"', 'code = "X"\nstep = [1]'), ""),
    "a step without an id": (HEAD, STEP.replace('id = "s1"', "")),
    "a step twice": (HEAD, STEP + STEP),
    "an unknown key": (HEAD, STEP + "force = true\n"),
    "days as a number": (HEAD, STEP.replace("[4, 10]", "4")),
    "three days": (HEAD, STEP.replace("[4, 10]", "[4, 7, 10]")),
    "days the wrong way round": (HEAD, STEP.replace("[4, 10]", "[10, 4]")),
    "days of another century": (HEAD, STEP.replace("[4, 10]", "[4, 99999]")),
    "an unknown channel": (HEAD, STEP.replace('"sms"', '"fax"')),
    "an unknown purpose": (HEAD, STEP.replace('"collect"', '"scare"')),
    "an unknown form": (HEAD, STEP.replace('"notification"', '"shouted"')),
    "an unknown product": (HEAD, STEP + 'products = ["house"]\n'),
    "products as a text": (HEAD, STEP + 'products = "credit_card"\n'),
    "both cadences": (HEAD, STEP + "on_days = [4]\n"),
    "no cadence": (HEAD, STEP.replace("every_days = 2", "")),
    "a cadence of nothing": (HEAD, STEP.replace("every_days = 2", "every_days = 0")),
    "a day outside the span": (HEAD, STEP.replace("every_days = 2", "on_days = [3]")),
    "hours without an end": (HEAD, STEP.replace('["10:00", "12:00"]', '["10:00"]')),
    "hours as a text": (HEAD, STEP.replace('["10:00", "12:00"]', '"10:00"')),
    "hours that are none": (HEAD, STEP.replace('"12:00"', '"25:00"')),
    "hours the wrong way round": (HEAD, STEP.replace('["10:00", "12:00"]', '["12:00", "10:00"]')),
    "a robot by name": (HEAD, STEP + 'robot = "yes"\n'),
    "a balance of text": (HEAD, STEP + 'balance_from_minor = "1"\n'),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_refused_with_its_place_in_both_languages(what: str) -> None:
    head, step = WRONG[what]
    with pytest.raises(UseCaseRefused) as refused:
        table(step, head)
    assert refused.value.code == "bad_strategy"
    assert refused.value.field == "body"
    assert refused.value.text.zh != refused.value.text.en


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(UseCaseRefused):
        parse_strategy(text)
