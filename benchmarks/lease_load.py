"""A load that does not wait for answers: requests leave at fixed instants, over connections that stay open.

One thread, one selector, octets made beforehand and answers read afterwards, so that what it measures is the server.
A request that finds every connection busy waits for one; its latency counts from the instant at which it was to leave,
and so does everything that this process itself is late (no coordinated omission).
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
RECEIVE_BYTES = 1 << 16
SILENCE_SECONDS_MAX = 60.0
BEGINS_AFTER = 0.2  # seconds, for the first request to leave in time too
TRIES_MAX = 3  # the server closes a connection that rested: asked again, which the idempotency key makes safe


@dataclass(slots=True)
class Answered:
    """What came back of one request: status, body, and seconds from the instant at which it was to leave."""

    status: int
    body: bytes
    seconds: float


@dataclass(slots=True)
class _Request:
    place: int
    due: float
    octets: bytes
    tries: int = 0


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    request: _Request | None = None
    received: bytearray = field(default_factory=bytearray)


class Load:
    """Sends requests to a port of this machine."""

    def __init__(self, port: int, connections: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._idle = [self._open() for _ in range(connections)]
        self._open_loop: deque[_Request] = deque()
        self._waiting: deque[_Request] = deque()
        self._answers: dict[int, Answered] = {}

    def send(self, requests: Sequence[bytes], a_second: float) -> list[Answered]:
        """The n-th request leaves at n / `a_second`; answers in the order of the requests."""
        begun = time.perf_counter() + BEGINS_AFTER
        self._open_loop.extend(_Request(n, begun + n / a_second, octets) for n, octets in enumerate(requests))
        self._answers.clear()
        while len(self._answers) < len(requests):
            now = time.perf_counter()
            while self._open_loop and self._open_loop[0].due <= now:
                self._waiting.append(self._open_loop.popleft())
            while self._waiting and self._idle:
                self._ask(self._idle.pop(), self._waiting.popleft())
            pause = self._open_loop[0].due - time.perf_counter() if self._open_loop else SILENCE_SECONDS_MAX
            ready = self._selector.select(max(0.0, pause))
            if not ready and not self._open_loop:
                raise TimeoutError(f"nothing came back for {SILENCE_SECONDS_MAX:.0f} s")
            for key, _ in ready:
                self._receive(key.data)
        return [self._answers[n] for n in range(len(requests))]

    def close(self) -> None:
        """Give the connections back."""
        for connection in self._idle:
            connection.socket.close()
        self._selector.close()

    def _open(self) -> _Connection:
        opened = socket.create_connection(("127.0.0.1", self._port), timeout=SILENCE_SECONDS_MAX)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(opened)
        self._selector.register(opened, selectors.EVENT_READ, connection)
        return connection

    def _ask(self, connection: _Connection, request: _Request) -> None:
        request.tries += 1
        connection.request = request
        try:
            connection.socket.sendall(request.octets)
        except OSError:
            self._replace(connection)

    def _receive(self, connection: _Connection) -> None:
        try:
            octets = connection.socket.recv(RECEIVE_BYTES)
        except OSError:
            octets = b""
        if not octets:
            self._replace(connection)
            return
        connection.received += octets
        head = connection.received.find(HEAD_END)
        if head < 0 or connection.request is None:
            return
        begin = head + len(HEAD_END)
        end = begin + _length_of(bytes(connection.received[:head]))
        if len(connection.received) < end:
            return
        request = connection.request
        status = int(connection.received.split(b" ", 2)[1])
        body = bytes(connection.received[begin:end])
        self._answers[request.place] = Answered(status, body, time.perf_counter() - request.due)
        connection.request = None
        connection.received.clear()
        self._idle.append(connection)

    def _replace(self, connection: _Connection) -> None:
        """The server closed it: another one takes its place, and its request, if it carried one, is asked again."""
        self._selector.unregister(connection.socket)
        connection.socket.close()
        if connection in self._idle:
            self._idle.remove(connection)
        request, fresh = connection.request, self._open()
        if request is None:
            self._idle.append(fresh)
        elif request.tries < TRIES_MAX:
            self._ask(fresh, request)
        else:
            raise ConnectionError(f"the server closed the connection {request.tries} times")


def _length_of(head: bytes) -> int:
    lower = head.lower()
    begin = lower.index(LENGTH) + len(LENGTH)
    return int(lower[begin:].split(b"\r\n", 1)[0])
