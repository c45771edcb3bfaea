"""HTTP for those who lease hundreds of permits a second: this process speaks it and gathers, others decide.

An ASGI application of one address and its batch. It reads octets and hands them on as they came; it knows no token, key
or row, and holds no connection of the database. Why it is apart from the web server: docs/decisions/0063-lease-lane.md.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any

from zhizhi.web.api.reading import BODY_BYTES_MAX

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ADDRESSES = ("/api/v1/leases", "/api/v1/leases/batch")
HEALTH = "/healthz"
PERSONS_MAX = 100
"""Of a group; a request is taken to ask for as many as it names, and whoever decides looks at both again."""
GROUPS_AT_ONCE = 2
SECONDS_APART = 0.012
"""Between the beginnings of two groups while one is under way: a group costs as much by itself as three permits."""
BODY_SECONDS_MAX = 30.0
NAMES = (b'"case"', b'"account"')


@dataclass(frozen=True, slots=True)
class Came:
    """A request as it came, to be answered in another process."""

    method: str
    path: str
    query: bytes = field(repr=False)
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def persons(self) -> int:
        """About how many it asks for."""
        return max(1, sum(self.body.count(name) for name in NAMES))


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes back."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    content: bytes = field(repr=False)


_PLAIN = (b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")
WELL = Answered(200, _PLAIN, b"ok\n")
TOO_SLOW = Answered(408, (*_PLAIN, (b"connection", b"close")), b"help: send the whole body at once\n")


@dataclass(frozen=True, slots=True)
class Deciding:
    """What runs in the other processes.

    `ready` says what is answered where they are gone. Of `together` None is to be asked `alone`, which waits for
    whoever holds its persons.
    """

    ready: Callable[[], Answered]
    together: Callable[[Sequence[Came]], Sequence[Answered | None]]
    alone: Callable[[Came], Answered]


class Lane:
    """Requests wait for the next group; one begins as soon as none is under way, or so long after the one before."""

    def __init__(
        self,
        executor: Callable[[], Executor],
        deciding: Deciding,
        ended: Callable[[], None],
        *,
        seconds_apart: float = SECONDS_APART,
    ) -> None:
        """`executor` has a process for each group and one for who waits alone; `ended` is called where one is gone."""
        self._open = executor
        self._deciding = deciding
        self._ended = ended
        self._seconds_apart = seconds_apart
        self._waiting: deque[tuple[Came, asyncio.Future[Answered | None]]] = deque()
        self._under_way = 0
        self._began = 0.0
        self._later: asyncio.TimerHandle | None = None
        self._groups: set[asyncio.Task[None]] = set()
        self._one_alone = asyncio.Lock()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """ASGI 3, of which it takes the protocols `lifespan` and `http`."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            try:
                came = await _read(scope, receive)
            except TimeoutError:
                await _say(TOO_SLOW, send)
            else:
                if came is not None:
                    await _say(await self._answer(came), send)
        else:
            raise ValueError("only HTTP is spoken here")

    async def _live(self, receive: Receive, send: Send) -> None:
        """Until the server ends: all processes stand before the first request is taken."""
        await receive()
        loop = asyncio.get_running_loop()
        try:
            self._executor = self._open()
            ready = [loop.run_in_executor(self._executor, self._deciding.ready) for _ in range(GROUPS_AT_ONCE + 1)]
            self._away, *_ = await asyncio.gather(*ready)
        except Exception as error:  # whatever it is, nothing is served
            await send({"type": "lifespan.startup.failed", "message": type(error).__name__})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await loop.run_in_executor(None, self._executor.shutdown)
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, came: Came) -> Answered:
        try:
            if came.path == HEALTH:
                return await self._health()
            return await self._gathered(came) or await self._alone(came)
        except BrokenProcessPool:  # one was killed: nothing is decided here any more, and whoever began us begins anew
            self._ended()
            return self._away

    async def _health(self) -> Answered:
        """A process answers; so a probe finds out that one was killed before anybody asks for a lease."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._deciding.ready)
        return WELL

    async def _gathered(self, came: Came) -> Answered | None:
        if came.path not in ADDRESSES:
            return None
        waits: asyncio.Future[Answered | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((came, waits))
        self._begin()
        return await waits

    async def _alone(self, came: Came) -> Answered:
        async with self._one_alone:
            return await asyncio.get_running_loop().run_in_executor(self._executor, self._deciding.alone, came)

    def _begin(self) -> None:
        """Begin a group, or see to it that one begins when it is time."""
        if not self._waiting or self._later is not None or self._under_way == GROUPS_AT_ONCE:
            return
        loop = asyncio.get_running_loop()
        left = self._began + self._seconds_apart - loop.time()
        if self._under_way and left > 0:
            self._later = loop.call_later(left, self._begin_now)
        else:
            self._begin_now()

    def _begin_now(self) -> None:
        loop = asyncio.get_running_loop()
        self._later, self._began = None, loop.time()
        self._under_way += 1
        self._groups.add(group := loop.create_task(self._decide(self._next())))
        group.add_done_callback(self._groups.discard)

    async def _decide(self, group: Sequence[tuple[Came, "asyncio.Future[Answered | None]"]]) -> None:
        """Each has its answer, or learns that there is none."""
        asked = [came for came, _ in group]
        try:
            loop = asyncio.get_running_loop()
            answers = await loop.run_in_executor(self._executor, self._deciding.together, asked)
            for (_, waits), answered in zip(group, answers, strict=True):
                if not waits.done():  # else nobody waits any more; what was decided stands
                    waits.set_result(answered)
        except Exception as error:  # whatever it is, each of them is told
            for _, waits in group:
                if not waits.done():
                    waits.set_exception(error)
        finally:
            self._under_way -= 1
            self._begin()

    def _next(self) -> list[tuple[Came, "asyncio.Future[Answered | None]"]]:
        group = [self._waiting.popleft()]
        persons = group[0][0].persons()
        while self._waiting and persons + self._waiting[0][0].persons() <= PERSONS_MAX:
            group.append(self._waiting.popleft())
            persons += group[-1][0].persons()
        return group


async def _read(scope: Message, receive: Receive) -> Came | None:
    """The whole request; None where whoever asked went away. Of a body that is too large a part, to be told so."""
    body = bytearray()
    async with asyncio.timeout(BODY_SECONDS_MAX):
        while len(body) <= BODY_BYTES_MAX:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
    headers = tuple((bytes(name), bytes(value)) for name, value in scope["headers"])
    return Came(scope["method"], scope["path"], scope["query_string"], headers, bytes(body))


async def _say(answered: Answered, send: Send) -> None:
    await send({"type": "http.response.start", "status": answered.status, "headers": list(answered.headers)})
    await send({"type": "http.response.body", "body": answered.content})
