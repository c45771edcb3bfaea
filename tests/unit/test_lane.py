"""The lane of leases, its deciding left to threads: who shares a group and who is asked alone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest

from zhizhi.web.api import lane
from zhizhi.web.api.lane import ADDRESSES, HEALTH, PERSONS_MAX, Answered, Came, Deciding, Lane, Message
from zhizhi.web.api.reading import BODY_BYTES_MAX

ONE, MANY = ADDRESSES
AWAY = Answered(503, (), b"away")
WAIT_SECONDS = 120.0


@dataclass
class Desk:
    """Remembers what it was asked; answers with the body that came, or as a test says."""

    groups: list[list[bytes]] = field(default_factory=list)
    alone: list[bytes] = field(default_factory=list)
    leaves: frozenset[bytes] = frozenset()
    goes_on: Event = field(default_factory=Event)
    fault: Exception | None = None
    ended: int = 0

    def __post_init__(self) -> None:
        self.goes_on.set()

    def together(self, group: Sequence[Came]) -> list[Answered | None]:
        self.groups.append([came.body for came in group])
        assert self.goes_on.wait(WAIT_SECONDS)
        if self.fault is not None:
            raise self.fault
        return [None if came.body in self.leaves else Answered(200, (), came.body) for came in group]

    def ready(self) -> Answered:
        if self.fault is not None:
            raise self.fault
        return AWAY

    def by_itself(self, came: Came) -> Answered:
        self.alone.append(came.body)
        return Answered(200, (), b"alone " + came.body)

    def end(self) -> None:
        self.ended += 1

    def lane(self, executor: Callable[[], Executor] = lambda: ThreadPoolExecutor(3)) -> Lane:
        return Lane(executor, Deciding(self.ready, self.together, self.by_itself), self.end, seconds_apart=0.05)


async def asked(served: Lane, body: bytes, path: str = ONE, parts: Sequence[Message] = ()) -> tuple[int, bytes]:
    """Status and content of one request; `parts`: its messages where they are not one with the body."""
    waiting = list(parts) or [{"type": "http.request", "body": body, "more_body": False}]
    said: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0) if waiting else await asyncio.Future()

    async def send(message: Message) -> None:
        said.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": [(b"host", b"localhost")]}
    await served(scope, receive, send)
    return (said[0]["status"], said[1]["body"]) if said else (0, b"")


def lived(desk: Desk, life: Callable[[Lane], Awaitable[Any]], **named: Any) -> Any:
    """What came of a life between the start and the end of a server."""

    async def live() -> Any:
        served, told = desk.lane(**named), []
        ends: asyncio.Event = asyncio.Event()
        started: asyncio.Event = asyncio.Event()
        steps = iter([started.wait, ends.wait])
        started.set()

        async def receive() -> Message:
            await next(steps)()
            return {"type": "lifespan"}

        async def send(message: Message) -> None:
            told.append(message["type"])

        server = asyncio.create_task(served({"type": "lifespan"}, receive, send))
        while not told:
            await asyncio.sleep(0.01)
        answer = await life(served) if told == ["lifespan.startup.complete"] else told
        ends.set()
        await server
        return answer

    # in a thread of its own: a browser that another test opened keeps a loop running in this one
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, live()).result(WAIT_SECONDS)


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.005)


def test_whoever_comes_alone_waits_for_nobody_and_what_waits_meanwhile_shares_a_group() -> None:
    desk = Desk()
    desk.goes_on.clear()

    async def life(served: Lane) -> list[tuple[int, bytes]]:
        first = asyncio.create_task(asked(served, b"0"))
        await until(lambda: desk.groups == [[b"0"]])
        others = [asyncio.create_task(asked(served, str(n).encode())) for n in range(1, 6)]
        await until(lambda: len(desk.groups) == 2)
        last = asyncio.create_task(asked(served, b"6"))
        await asyncio.sleep(0.15)
        assert len(desk.groups) == 2, "as many groups at once as there are processes for them"
        desk.goes_on.set()
        return list(await asyncio.gather(first, *others, last))

    assert lived(desk, life) == [(200, str(n).encode()) for n in range(7)]
    assert desk.groups == [[b"0"], [b"1", b"2", b"3", b"4", b"5"], [b"6"]]


def test_a_group_asks_for_no_more_persons_than_a_commit_takes() -> None:
    desk = Desk()
    desk.goes_on.clear()
    batch = b'{"persons": [' + b",".join([b'{"case": "C"}'] * (PERSONS_MAX - 1)) + b"]}"

    async def life(served: Lane) -> None:
        asking = [asyncio.create_task(asked(served, b"0"))]
        await until(lambda: len(desk.groups) == 1)
        asking += [asyncio.create_task(asked(served, body, MANY)) for body in (batch, b'{"account": "A"}', b'"case"')]
        await until(lambda: len(desk.groups) == 2)
        desk.goes_on.set()
        await asyncio.gather(*asking)

    lived(desk, life)
    assert desk.groups == [[b"0"], [batch, b'{"account": "A"}'], [b'"case"']]


def test_a_request_that_is_given_up_costs_nobody_else_of_its_group_the_answer() -> None:
    desk = Desk()
    desk.goes_on.clear()

    async def life(served: Lane) -> list[tuple[int, bytes]]:
        first = asyncio.create_task(asked(served, b"0"))
        await until(lambda: len(desk.groups) == 1)
        given_up, other = (asyncio.create_task(asked(served, body)) for body in (b"1", b"2"))
        await until(lambda: len(desk.groups) == 2)
        given_up.cancel()
        desk.goes_on.set()
        return list(await asyncio.gather(first, other))

    assert lived(desk, life) == [(200, b"0"), (200, b"2")]
    assert desk.groups == [[b"0"], [b"1", b"2"]]


def test_who_is_left_out_of_a_group_is_asked_alone_and_so_is_what_nobody_gathers() -> None:
    desk = Desk(leaves=frozenset([b"held"]))

    async def life(served: Lane) -> list[tuple[int, bytes]]:
        return [await asked(served, b"held"), await asked(served, b"x", "/api/v1/leases/1-2/confirm")]

    assert lived(desk, life) == [(200, b"alone held"), (200, b"alone x")]
    assert desk.groups == [[b"held"]]


def test_where_a_process_was_killed_everybody_is_told_to_come_again_and_the_server_ends() -> None:
    desk = Desk()

    async def life(served: Lane) -> list[tuple[int, bytes]]:
        desk.fault = BrokenProcessPool()
        return [await asked(served, b"a"), await asked(served, b"b")]

    assert lived(desk, life) == [(503, b"away")] * 2
    assert desk.ended == 2
    assert desk.alone == []


def test_a_probe_is_answered_by_a_process_that_decides() -> None:
    desk = Desk()

    async def life(served: Lane) -> list[tuple[int, bytes]]:
        well = await asked(served, b"", HEALTH)
        desk.fault = BrokenProcessPool()
        return [well, await asked(served, b"", HEALTH)]

    assert lived(desk, life) == [(200, b"ok\n"), (503, b"away")]
    assert desk.ended == 1
    assert desk.groups == []


def test_nothing_is_served_where_no_process_stands() -> None:
    def none() -> Executor:
        executor = ThreadPoolExecutor(1)
        executor.shutdown()
        return executor

    assert lived(Desk(), lambda _: pytest.fail("it lives"), executor=none) == ["lifespan.startup.failed"]


def test_a_body_comes_in_parts_is_cut_where_it_is_too_large_and_may_never_come_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk()

    def part(octets: bytes, *, more: bool) -> Message:
        return {"type": "http.request", "body": octets, "more_body": more}

    async def life(served: Lane) -> list[tuple[int, bytes]]:
        halves = [part(b"a", more=True), part(b"b", more=False)]
        large = [part(b"x" * BODY_BYTES_MAX, more=True), part(b"y", more=True), part(b"z", more=False)]
        come = [
            await asked(served, b"", parts=halves),
            await asked(served, b"", parts=large),
            await asked(served, b"", parts=[part(b"a", more=True), {"type": "http.disconnect"}]),
        ]
        monkeypatch.setattr(lane, "BODY_SECONDS_MAX", 0.05)
        return [*come, await asked(served, b"", parts=[part(b"a", more=True)])]

    whole, large, gone, slow = lived(desk, life)
    assert whole == (200, b"ab")
    assert large[0] == 200
    assert len(large[1]) == BODY_BYTES_MAX + 1, "whoever reads it sees that it is too large"
    assert slow[0] == 408
    assert gone == (0, b"")
    assert len(desk.groups) == 2
