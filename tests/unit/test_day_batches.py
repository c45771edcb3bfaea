"""A day's wishes are decided by the batch: many persons at once, each person's wishes one after the other."""

from datetime import UTC, datetime

from zhizhi.store.strategy.working import PlannedWish
from zhizhi.usecases.run_day import BATCH_MAX, batches

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def wish(number: int, person: int) -> PlannedWish:
    return PlannedWish(
        person_id=person, wish_id=number, case_id=person, channel="sms", purpose="collect", form="notification",
        template_code="plan-sms", planned_at=AT, collector_id=None,
    )  # fmt: skip


def test_a_person_with_two_wishes_costs_one_batch_more_and_not_one_each_time() -> None:
    wishes = [wish(number, number // 2) for number in range(600)]
    assert [len(batch) for batch in batches(wishes)] == [300, 300]


def test_a_batch_has_a_person_once_and_no_more_than_its_limit_and_nothing_is_lost() -> None:
    wishes = [wish(number, number % 700) for number in range(1500)]
    made = list(batches(wishes))
    assert all(len({one.person_id for one in batch}) == len(batch) <= BATCH_MAX for batch in made)
    assert sorted(one.wish_id for batch in made for one in batch) == list(range(1500))


def test_the_wishes_of_a_person_keep_their_order() -> None:
    wishes = [wish(number, number % 3) for number in range(9)]
    assert [one.wish_id for batch in batches(wishes) for one in batch if one.person_id == 1] == [1, 4, 7]
