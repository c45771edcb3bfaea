"""The simulated floor answers the same way to the same question, and refuses questions it cannot answer."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from zhizhi.gateways.generator.ageing import Ageing, bucket_of
from zhizhi.gateways.generator.behaviour import answer, behaviour_of, index_of, plan_instalment_paid
from zhizhi.gateways.generator.parameters import load_parameters
from zhizhi.gateways.generator.seasons import Seasons
from zhizhi.gateways.generator.truths import truth_source

AT = datetime(2026, 3, 2, 19, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


def key(index: int) -> str:
    return f"C{index:09d}"


def test_the_same_question_has_the_same_answer_whatever_the_zone_of_the_instant() -> None:
    for index in range(200):
        here = answer(key(index), 7, AT, "voice", attempts_today=0, dpd=15)
        assert here == answer(key(index), 7, AT.astimezone(UTC), "voice", attempts_today=0, dpd=15)


def test_another_instant_or_another_seed_can_have_another_answer() -> None:
    told = [answer(key(index), 7, AT, "voice", attempts_today=0, dpd=15) for index in range(200)]
    later = [answer(key(i), 7, AT + timedelta(minutes=1), "voice", attempts_today=0, dpd=15) for i in range(200)]
    other = [answer(key(index), 8, AT, "voice", attempts_today=0, dpd=15) for index in range(200)]
    assert told != later
    assert told != other


def test_answers_fall_with_the_attempt_and_with_the_age_of_the_arrears() -> None:
    def rate(dpd: int, attempts: int) -> float:
        told = (answer(key(i), 7, AT, "voice", attempts_today=attempts, dpd=dpd) for i in range(3000))
        return sum(one.outcome in {"conversation", "answered_dropped"} for one in told) / 3000

    assert rate(15, 0) > rate(15, 3) > 0
    assert rate(15, 0) > rate(45, 0) > rate(75, 0) > 0


def test_a_promise_lies_ahead_and_only_a_right_party_makes_one() -> None:
    seen: Counter[str] = Counter()
    for index in range(6000):
        told = answer(key(index), 7, AT, "voice", attempts_today=0, dpd=12)
        seen[told.outcome] += 1
        if told.promised_on or told.pays_on:
            assert told.right_party
            assert told.exchanged
        if told.promised_on:
            assert date(2026, 3, 2) < told.promised_on <= date(2026, 3, 9)
            assert told.promised_share in {50, 100}
            seen["kept" if told.pays_on and told.pays_on <= told.promised_on else "broken"] += 1
        assert (told.talk_seconds > 0) == (told.line_result == "answered")
    assert seen["kept"] / (seen["kept"] + seen["broken"]) == pytest.approx(0.62, abs=0.08)


def test_a_dead_number_stays_dead_and_a_dead_person_never_answers() -> None:
    truth = truth_source(load_parameters("prime"), 7)
    dead = [i for i in range(4000) if truth(i).number_dead and truth(i).is_lost(20)]
    assert dead
    for index in dead:
        if truth(index).deceased < 0:
            assert answer(key(index), 7, AT, "voice", attempts_today=0, dpd=20).line_result == "empty_number"
            assert answer(key(index), 7, AT, "sms", attempts_today=0, dpd=20).outcome == "undelivered"
    for index in (i for i in range(4000) if truth(i).deceased >= 0):
        assert answer(key(index), 7, AT, "voice", attempts_today=0, dpd=5).right_party is None


def test_an_instant_without_an_offset_and_an_unknown_channel_are_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        answer(key(1), 7, datetime(2026, 3, 2, 10), "voice", attempts_today=0, dpd=5)
    with pytest.raises(ValueError, match="pigeon"):
        answer(key(1), 7, AT, "pigeon", attempts_today=0, dpd=5)


def test_any_text_is_a_truth_key_and_a_customer_number_is_its_index() -> None:
    assert index_of("C000000042") == 42
    assert index_of("a real book's own number") == index_of("a real book's own number")
    assert index_of("C00000004２") != 42  # a full-width digit is no customer number of ours


def test_four_plans_in_five_pay_the_first_instalment_and_two_in_five_live_a_year() -> None:
    plans = 4000
    first = sum(plan_instalment_paid(key(index), 7, 1) for index in range(plans)) / plans
    year = sum(all(plan_instalment_paid(key(i), 7, n) for n in range(1, 13)) for i in range(plans)) / plans
    assert first == pytest.approx(0.80, abs=0.02)
    assert year == pytest.approx(0.42, abs=0.025)


def test_the_festival_lowers_answers_and_paydays_draw_payments() -> None:
    model = behaviour_of("prime")
    assert model.answers(15, 19, 0, festival=True, pays_soon=-1) < model.answers(
        15, 19, 0, festival=False, pays_soon=-1
    )
    seasons = Seasons(load_parameters("prime"))
    assert date(2026, 2, 17).toordinal() in seasons.festival_days
    assert date(2025, 1, 29).toordinal() in seasons.festival_days
    assert date.fromordinal(seasons.after_festival(date(2026, 2, 18).toordinal())) == date(2026, 2, 24)
    assert date.fromordinal(seasons.payday_within(date(2026, 3, 8).toordinal(), 4)) == date(2026, 3, 10)
    assert date.fromordinal(seasons.payday_within(date(2026, 2, 26).toordinal(), 4)) == date(2026, 2, 28)
    assert date.fromordinal(seasons.payday_within(date(2026, 3, 3).toordinal(), 4)) == date(2026, 3, 3)


def test_a_cure_never_leaves_its_bucket_for_a_payday_or_a_festival() -> None:
    parameters = load_parameters("prime")
    ageing = Ageing(parameters, Seasons(parameters))
    entry = date(2026, 1, 20).toordinal()
    step = (1 << 32) // 97
    for pull in (0, 1 << 30, (1 << 32) - 1):
        for word in range(0, 1 << 32, step):
            cure = ageing.draw((word, 1 << 31, 1 << 31, word, word, pull), entry)
            assert cure.plan or cure.days >= 1
        assert all(
            ageing.earlier((0, word, 0, 0, 0, pull), entry).days in range(31, 61) for word in range(0, 1 << 32, step)
        )
    assert [bucket_of(day) for day in (1, 30, 31, 60, 61, 90, 91)] == ["m1", "m1", "m2", "m2", "m3", "m3", "m4"]
