"""A group of messages on its way: so many at once of each channel, and an end for each, however it is broken off."""

import threading
from datetime import UTC, datetime
from uuid import UUID

from zhizhi.core.kernel.content import Content
from zhizhi.jobs.under_way import Group, Lines
from zhizhi.store.transact.claims import Claimed
from zhizhi.store.transact.deliveries import Settled

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MEET_SECONDS = 120.0


def claimed(n: int, channel: str) -> Claimed:
    return Claimed(
        person_id=n, delivery_id=n, permit_id=n, subject=UUID(int=n), gateway="g", channel=channel, party_id=n,
        point_id=n, address="", content=Content(""), content_digest="", not_before=AT, expires_at=AT, must_end_by=None,
        origin="system", purpose="collect", form="notification", debts=[], collector="L1", used_at=AT,
    )  # fmt: skip


def left(one: Claimed) -> Settled:
    return Settled(one, "delivered", AT, "sent")


def ids(ends: list[Settled]) -> list[int]:
    return sorted(end.claimed.delivery_id for end in ends)


def run(group: Group) -> list[Settled]:
    ends: list[Settled] = []
    while group.is_under_way:
        ends += group.take(MEET_SECONDS)
    return ends


def test_a_slow_channel_holds_up_neither_another_nor_those_that_take_one_at_a_time() -> None:
    has_left = [threading.Event(), threading.Event()]

    def hand_over(one: Claimed) -> Settled:
        if one.channel == "slow":
            assert all(event.wait(MEET_SECONDS) for event in has_left)
        else:
            has_left[one.channel == "alone"].set()
        return left(one)

    lines = Lines({("g", "slow"): 2, ("g", "quick"): 2, ("g", "alone"): 1})
    mixed = [claimed(1, "slow"), claimed(2, "slow"), claimed(3, "quick"), claimed(4, "alone"), claimed(5, "unnamed")]
    assert ids(run(Group(lines, hand_over, mixed))) == [1, 2, 3, 4, 5]


def test_a_channel_that_takes_one_at_a_time_is_handed_its_messages_by_the_caller_in_their_order() -> None:
    seen: list[tuple[int, threading.Thread]] = []

    def hand_over(one: Claimed) -> Settled:
        seen.append((one.delivery_id, threading.current_thread()))
        return left(one)

    run(Group(Lines({}), hand_over, [claimed(n, "sms") for n in range(4)]))
    assert seen == [(n, threading.current_thread()) for n in range(4)]


def test_broken_off_what_was_begun_has_its_end_and_the_rest_was_never_begun() -> None:
    begun: list[int] = []
    goes_on = threading.Event()
    are_begun = threading.Semaphore(0)

    def hand_over(one: Claimed) -> Settled:
        begun.append(one.delivery_id)
        are_begun.release()
        assert goes_on.wait(MEET_SECONDS)
        return left(one)

    group = Group(Lines({("g", "sms"): 2}), hand_over, [claimed(n, "sms") for n in range(6)])
    for _ in range(2):
        assert are_begun.acquire(timeout=MEET_SECONDS)
    threading.Timer(0.05, goes_on.set).start()
    unbegun, ends = group.call_off(), group.wait_for_all()
    assert ids(ends) == sorted(begun)
    assert sorted([*begun, *(one.delivery_id for one in unbegun)]) == list(range(6))
    assert len(begun) < 6
    assert not group.is_under_way
    assert (group.call_off(), group.wait_for_all()) == ([], [])
