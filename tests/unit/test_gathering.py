"""Requests that are answered together: who shares a group, how large it is, and that nobody is lost."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore
from time import monotonic

import pytest

from zhizhi.usecases.gathering import Company, Gathered

LONG = 120.0  # seconds; whoever waits as long fails the test
SHORT = 0.05


class Work:
    """Answers each job with itself; the first group waits until it is let go, so that others come meanwhile."""

    def __init__(self, *, fails_at: int = -1) -> None:
        self.groups: list[list[int]] = []
        self.begun = Event()
        self.go_on = Event()
        self.failures: list[Exception] = []
        self._fails_at = fails_at

    def __call__(self, jobs: Sequence[int]) -> list[int | None]:
        self.groups.append(list(jobs))
        if len(self.groups) == 1:
            self.begun.set()
            assert self.go_on.wait(LONG)
        if self._fails_at in jobs:
            raise ValueError("a job of this group")
        return [None if job < 0 else job for job in jobs]


def answers_of(work: Work, jobs: Sequence[int], *, most: int) -> list[int | None]:
    """Ask for the first alone, and for the others while it is being answered."""
    gathered: Gathered[int, int] = Gathered(
        work, size=lambda _: 1, most=most, seconds=0.0, failed=work.failures.append, ended=lambda: None
    )
    with ThreadPoolExecutor(len(jobs)) as pool:
        first = pool.submit(gathered.ask, jobs[0])
        assert work.begun.wait(LONG)
        rest = [pool.submit(gathered.ask, job) for job in jobs[1:]]
        while gathered.waiting() < len(rest):
            assert not any(one.done() for one in rest)
        work.go_on.set()
        return [one.result(LONG) for one in (first, *rest)]


def test_what_comes_while_a_group_is_answered_is_the_next_group() -> None:
    work = Work()
    assert answers_of(work, range(10), most=100) == list(range(10))
    assert [len(group) for group in work.groups] == [1, 9]


def test_a_group_is_bounded() -> None:
    work = Work()
    assert answers_of(work, range(10), most=4) == list(range(10))
    assert [len(group) for group in work.groups] == [1, 4, 4, 1]


def test_one_larger_than_the_bound_goes_alone() -> None:
    work = Work()
    work.go_on.set()
    gathered: Gathered[int, int] = Gathered(
        work, size=lambda job: job, most=4, seconds=0.0, failed=work.failures.append, ended=lambda: None
    )
    assert gathered.ask(9) == 9


@pytest.mark.parametrize("fails_at", [0, 5])
def test_where_a_group_fails_everybody_of_it_is_to_ask_alone(fails_at: int) -> None:
    work = Work(fails_at=fails_at)
    answers = answers_of(work, range(10), most=100)
    failed = {0} if fails_at == 0 else set(range(1, 10))
    assert answers == [None if job in failed else job for job in range(10)]
    assert [type(one) for one in work.failures] == [ValueError]


def test_the_thread_goes_on_after_a_failure_and_for_one_that_is_to_ask_alone() -> None:
    work = Work(fails_at=7)
    work.go_on.set()
    gathered: Gathered[int, int] = Gathered(
        work, size=lambda _: 1, most=4, seconds=0.0, failed=work.failures.append, ended=lambda: None
    )
    assert [gathered.ask(job) for job in (7, -1, 3)] == [None, None, 3]


def test_the_thread_ends_when_nobody_asks_and_begins_again_with_the_next_job() -> None:
    work = Work()
    work.go_on.set()
    ended = Semaphore(0)
    gathered: Gathered[int, int] = Gathered(
        work, size=lambda _: 1, most=4, seconds=0.0, failed=work.failures.append, ended=ended.release, idle=0.01
    )
    for job in range(3):
        assert gathered.ask(job) == job
        assert ended.acquire(timeout=LONG), "its connection was given back"


def test_who_asks_in_the_middle_of_anothers_request_has_company() -> None:
    company = Company()
    with company.joined() as first, company.joined() as second:
        assert (first, second) == (True, False)
    with company.joined() as later:
        assert later, "everybody has gone"


def test_who_fails_is_no_company_any_more() -> None:
    company = Company()
    with pytest.raises(ValueError, match="a job"), company.joined():
        raise ValueError("a job")
    with company.joined() as later:
        assert later


def gathering(work: Work, seconds: float, *, has_company: bool = False) -> Gathered[int, int]:
    return Gathered(
        work,
        size=lambda _: 1,
        most=100,
        seconds=seconds,
        failed=work.failures.append,
        ended=lambda: None,
        has_company=has_company,
    )


def waited(ask: Callable[[], object]) -> float:
    """Seconds until the answer."""
    begun = monotonic()
    ask()
    return monotonic() - begun


def test_who_asks_alone_waits_for_nobody() -> None:
    work = Work()
    work.go_on.set()
    gathered = gathering(work, LONG)
    assert waited(lambda: [gathered.ask(job) for job in (1, 2, 3)]) < LONG


def test_where_several_asked_a_group_waits_until_all_of_them_are_there_again() -> None:
    """Also those who were waiting while others were answered: else three who ask again and again stay one and two."""
    work = Work()
    gathered = gathering(work, LONG)
    with ThreadPoolExecutor(3) as pool:
        answered = pool.submit(gathered.ask, 0)
        assert work.begun.wait(LONG)
        waiting = [pool.submit(gathered.ask, job) for job in (1, 2)]
        while gathered.waiting() < len(waiting):
            assert not any(one.done() for one in waiting)
        work.go_on.set()
        assert answered.result(LONG) == 0
        assert waited(lambda: gathered.ask(3)) < LONG
        assert [one.result(LONG) for one in waiting] == [1, 2]
        again = [pool.submit(gathered.ask, job) for job in (4, 5)]
        while gathered.waiting() < len(again):
            assert not any(one.done() for one in again)
        assert waited(lambda: gathered.ask(6)) < LONG
        assert [one.result(LONG) for one in again] == [4, 5]
    assert [sorted(group) for group in work.groups] == [[0], [1, 2, 3], [4, 5, 6]]


def test_and_no_longer_than_it_may() -> None:
    work = Work()
    gathered = gathering(work, SHORT)
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(gathered.ask, 0)]
        assert work.begun.wait(LONG)
        asked += [pool.submit(gathered.ask, job) for job in (1, 2)]
        while gathered.waiting() < 2:
            assert not any(one.done() for one in asked)
        work.go_on.set()
        assert [one.result(LONG) for one in asked] == [0, 1, 2]
    assert waited(lambda: gathered.ask(3)) >= SHORT, "after several asked"
    assert work.groups[-1] == [3]


def test_where_whoever_asks_is_known_to_have_company_a_group_waits_also_for_one() -> None:
    work = Work()
    work.go_on.set()
    gathered = gathering(work, SHORT, has_company=True)
    assert waited(lambda: gathered.ask(1)) >= SHORT
    assert waited(lambda: gathered.ask(2)) >= SHORT
