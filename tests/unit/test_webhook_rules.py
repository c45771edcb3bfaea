"""When a message is tried again, and which leaf is which event."""

from datetime import UTC, datetime, timedelta

import pytest

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.webhooks.catalogue import EVENTS, EventType, data_of, event_of, types_for
from zhizhi.usecases.webhooks.schedule import AFTER, SPREAD, TRIES_MAX, next_try

AT = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


def test_ten_tries_over_about_three_days_each_further_apart() -> None:
    pauses = [next_try(tries, AT, 0.0) for tries in range(1, TRIES_MAX)]
    assert [(at - AT if at else None) for at in pauses] == list(AFTER)
    assert next_try(TRIES_MAX, AT, 0.0) is None
    assert timedelta(days=3) < sum(AFTER, timedelta()) < timedelta(days=4)
    assert list(AFTER) == sorted(AFTER)


@pytest.mark.parametrize("tries", range(1, TRIES_MAX))
def test_chance_makes_a_pause_longer_by_a_fifth_at_most(tries: int) -> None:
    longest = next_try(tries, AT, 1.0)
    assert longest == AT + AFTER[tries - 1] * (1 + SPREAD)


def test_a_receiver_makes_a_pause_longer_never_shorter_and_a_day_at_most() -> None:
    assert next_try(1, AT, 0.0, timedelta(minutes=3)) == AT + timedelta(minutes=3)
    assert next_try(3, AT, 0.0, timedelta(seconds=1)) == AT + AFTER[2]
    assert next_try(1, AT, 0.0, timedelta(days=400)) == AT + timedelta(days=1)
    assert next_try(1, AT, 0.0, timedelta(days=-1)) == AT + AFTER[0]


def test_every_event_is_in_the_table_and_comes_from_some_leaf() -> None:
    assert set(EVENTS) == set(EventType)
    tables = ("decision", "hold", "contact", "delivery", "statement", "stop", "note", "breach_inquiry", "relief",
              "placement", "placement_extension", None)  # fmt: skip
    told_apart_by = ((), ("ended_by",), ("ended_at",), ("broken",))
    made = {
        event_of(kind.value, table, fields, stop)
        for kind in LeafKind for table in tables for fields in told_apart_by for stop in (None, "plan")
    }  # fmt: skip
    assert made == {*EventType, None}


def test_what_is_nobodys_case_and_that_a_case_left_is_no_agencys_to_know() -> None:
    of_nobody = {EventType.IMPORT_ENDED, EventType.INQUIRY_OPENED, EventType.INQUIRY_ENDED}
    assert set(types_for(is_agency=False)) - set(types_for(is_agency=True)) == of_nobody | {EventType.PLACEMENT_ENDED}


def test_the_data_of_an_event_are_ids_and_a_place() -> None:
    for event in EventType:
        told = data_of(event, "C-1", 7)
        assert set(told) == {*({"case"} if event.row.of_case else ()), event.row.noun, "href"}
