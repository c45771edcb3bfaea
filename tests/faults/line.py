"""Lines that break where they are told to: between a process and PostgreSQL, between a process and a provider.

Every step that goes over a line has a name and a count, so that a run without a fault lists the places at which one
can be injected, and each place can be found again.
"""

import re
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

OCTETS_MAX = 1 << 16
WRITES = ("INSERT", "UPDATE", "DELETE", "WITH", "COPY")
LATE_SECONDS = 4.0  # longer than a worker of these scenes waits for an answer (stage.TIMEOUT_SECONDS)


@dataclass(frozen=True, slots=True)
class Point:
    """The n-th time that a step of this name goes over a line."""

    step: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.step}#{self.nth}"

    @classmethod
    def parse(cls, text: str) -> "Point":
        """The reverse of `str`."""
        step, _, nth = text.rpartition("#")
        return cls(step, int(nth))


@dataclass
class Trap:
    """At one point, once, something happens; before it strikes, points are only counted."""

    point: Point | None = None
    side: str = ""
    strike: Callable[[], None] = lambda: None
    before: Callable[[], None] = lambda: None
    struck: threading.Event = field(default_factory=threading.Event)
    passed: list[Point] = field(default_factory=list)
    problem: str = ""
    is_met: bool = False
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self) -> None:
        """What comes just before; what does not let it happen here is kept in `problem`."""
        try:
            self.before()
        except OSError as problem:
            self.problem = f"{type(problem).__name__}: {problem}"

    def spring(self) -> None:
        """Let it happen, and then say that it did."""
        try:
            self.strike()
        except OSError as problem:
            raise RuntimeError("the fault cannot be injected here") from problem
        self.struck.set()

    def reach(self, step: str) -> bool:
        """Count a step; answers whether the fault belongs here."""
        with self._lock:
            self._counts[step] += 1
            here = Point(step, self._counts[step])
            self.passed.append(here)
            if here != self.point or self.is_met:
                return False
            self.is_met = True
        return True


class _Line(ABC):
    """Accepts on one socket, connects to another, and carries octets both ways in threads of its own."""

    def __init__(self, listener: socket.socket, reach_other: Callable[[], socket.socket], trap: Trap) -> None:
        self.trap = trap
        self._listener = listener
        self._reach_other = reach_other
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """No new connections, and an end to all that are."""
        self._closed.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()

    def cut_all(self) -> None:
        """End every connection at once."""
        with self._lock:
            ends, self._open = list(self._open), set()
        for end in ends:
            _end(end)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._begin, args=(near,), daemon=True).start()

    def _begin(self, near: socket.socket) -> None:
        try:
            far = self._reach_other()
        except OSError:
            _end(near)
            return
        with self._lock:
            self._open |= {near, far}
        try:
            with suppress(OSError):  # either end is gone, which ends the line
                self._carry(near, far)
        finally:
            with self._lock:
                self._open -= {near, far}
            for end in (near, far):
                _end(end)

    @abstractmethod
    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        """Carry what two ends say to each other, until one of them is gone."""


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)  # wakes whoever waits on it; what was handed over before still arrives
    end.close()


class PostgresLine(_Line):
    """Knows the protocol: a step is one statement, named by its first words; a commit by what it commits.

    `before`: the statement never reaches the server. `after`: the server has answered it, and nobody hears the answer.
    `then`: something happens (`Trap.before`) just before the statement goes its way.
    """

    def __init__(self, folder: Path, server: Path, trap: Trap) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(folder / ".s.PGSQL.5432"))
        listener.listen(64)

        def reach() -> socket.socket:
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(server / ".s.PGSQL.5432"))
            return far

        super().__init__(listener, reach, trap)

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        length = _exactly(near, 4)
        far.sendall(length + _exactly(near, struct.unpack("!I", length)[0] - 4))
        _answers_until_ready(far, near)
        named = _Naming()
        while True:
            message = _message(near)
            step = named.step_of(message)
            if message[:1] == b"X":
                far.sendall(message)
                return
            if step is None:
                far.sendall(message)
                continue
            is_here = self.trap.reach(step)
            if is_here and self.trap.side == "before":
                self.trap.spring()
                return
            if is_here:
                self.trap.prepare()
            try:
                far.sendall(message)  # what was prepared may have ended the server's side already
                answer = _answers_until_ready(far, None if is_here else near)
            finally:
                if is_here:
                    self.trap.spring()
            if is_here and self.trap.side == "after":
                return
            if is_here:
                near.sendall(answer)


class _Naming:
    """What the statements of one connection are called."""

    def __init__(self) -> None:
        self._parsed = ""
        self._asked = ""
        self._wrote = ""

    def step_of(self, message: bytes) -> str | None:
        """The name of the step that this message completes; None where more of it will come."""
        kind = message[:1]
        if kind == b"P":
            self._parsed = message[5:].split(b"\0", 2)[1].decode("utf-8", "replace")
            return None
        if kind == b"Q":
            self._asked = message[5:-1].decode("utf-8", "replace")
            return self._named(self._asked)
        if kind in (b"c", b"f") and self._asked:  # rows that were copied in; asked otherwise, a sync ends them
            return f"end of {self._named(self._asked)}"
        if kind == b"S":
            self._asked = ""
            return self._named(self._parsed)
        return None

    def _named(self, sql: str) -> str:
        words = " ".join(re.sub(r"'[^']*'|[\"0-9\\]+", "", sql).split())[:56].strip() or "nothing"
        verb = words.partition(" ")[0].upper()
        if verb == "BEGIN":
            self._wrote = ""
        elif verb in WRITES and not self._wrote:
            self._wrote = " ".join(words.split()[:4])
        elif verb == "COMMIT":
            return f"COMMIT of {self._wrote or 'reading'}"
        return words


def _message(near: socket.socket) -> bytes:
    head = _exactly(near, 5)
    return head + _exactly(near, struct.unpack("!I", head[1:])[0] - 4)


def _answers_until_ready(far: socket.socket, near: socket.socket | None) -> bytes:
    """Read what the server answers until it is ready again, or waits for rows that are copied in, and hand it on where
    somebody is to hear it."""
    heard = b""
    while True:
        message = _message(far)
        if near is not None:
            near.sendall(message)
        else:
            heard += message
        if message[:1] in (b"Z", b"G"):
            return heard


def _exactly(end: socket.socket, count: int) -> bytes:
    octets = b""
    while len(octets) < count:
        more = end.recv(count - len(octets))
        if not more:
            raise ConnectionResetError("closed by the other side")
        octets += more
    return octets


class ProviderLine(_Line):
    """Knows HTTP, SMTP and SMPP by their first words only: a step is one piece of octets, to the provider or back.

    What `side` may be: `cut` (this piece never arrives), `half` (a half of it does, then the line breaks), `gone` (it
    arrives, then the line breaks), `twice`, `nonsense` (other octets arrive), `late` (it arrives when nobody waits for
    an answer any more), `never` (from this piece on nothing arrives any more; the line stays).
    """

    def __init__(self, port: int, trap: Trap) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = listener.getsockname()[1]
        super().__init__(listener, lambda: socket.create_connection(("127.0.0.1", port)), trap)

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.trap.reach("connected"):
            self.trap.spring()
            return
        said = ["greeting"]
        back = threading.Thread(target=self._back, args=(near, far, said), daemon=True)
        back.start()
        self._pump(near, far, lambda piece: f"> {_note(said, piece)}", near)
        back.join()

    def _back(self, near: socket.socket, far: socket.socket, said: list[str]) -> None:
        with suppress(OSError):
            self._pump(far, near, lambda piece: f"< {said[0]}", near)
        _end(near)

    def _pump(
        self, source: socket.socket, target: socket.socket, name: Callable[[bytes], str], near: socket.socket
    ) -> None:
        is_silent = False
        while octets := source.recv(OCTETS_MAX):
            for piece in [] if is_silent else _pieces(octets):
                if not self.trap.reach(name(piece)):
                    target.sendall(piece)
                    continue
                self.trap.spring()
                is_silent = self.trap.side == "never"
                if is_silent:
                    break
                if self.trap.side == "late":
                    self._closed.wait(LATE_SECONDS)
                handed, goes_on = SPOILT[self.trap.side](piece)
                target.sendall(handed)
                if not goes_on:
                    for end in (near, source, target):
                        _end(end)
                    return
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


def _pieces(octets: bytes) -> list[bytes]:
    """What was written apart may have come together: head and body of a request, a mail and its end, units of SMPP."""
    if octets.startswith(b"POST") and not octets.endswith(HEAD_END):
        head, _, body = octets.partition(HEAD_END)
        return [head + HEAD_END, body]
    if octets.endswith(MAIL_END) and len(octets) > len(MAIL_END):
        return [octets[:-3], octets[-3:]]
    return list(_units(octets))


def _units(octets: bytes) -> Iterator[bytes]:
    """The units of SMPP, each of which begins with its length; anything else is one piece."""
    while len(octets) >= SMPP_HEAD and octets[0] == 0:
        length = max(SMPP_HEAD, struct.unpack("!I", octets[:4])[0])
        yield octets[:length]
        octets = octets[length:]
    if octets:
        yield octets


HEAD_END = b"\r\n\r\n"
SMPP_HEAD = 16
MAIL_END = b"\r\n.\r\n"
NONSENSE = bytes(range(200, 256)) + b"\r\n\r\n"
SPOILT: dict[str, Callable[[bytes], tuple[bytes, bool]]] = {
    "cut": lambda octets: (b"", False),
    "half": lambda octets: (octets[: len(octets) // 2], False),
    "gone": lambda octets: (octets, False),
    "twice": lambda octets: (octets + octets, True),
    "nonsense": lambda octets: (NONSENSE, True),
    "late": lambda octets: (octets, True),
}
_COMMANDS = {0x4: "submit_sm", 0x9: "bind", 0x15: "enquire_link", 0x6: "unbind", 0x80000005: "deliver_sm_resp"}


def _note(said: list[str], piece: bytes) -> str:
    said[0] = _first_word(piece)
    return said[0]


def _first_word(piece: bytes) -> str:
    if len(piece) >= SMPP_HEAD and piece[0] == 0:
        return _COMMANDS.get(struct.unpack("!I", piece[4:8])[0], "other pdu")
    line = piece.split(b"\r\n", 1)[0]
    if line == b".":
        return "end of data"
    words = re.match(rb"(GET|POST) (/[a-z0-9/]*)|(EHLO|HELO|MAIL|RCPT|DATA|RSET|QUIT)\b", line, re.IGNORECASE)
    if words is None:
        return "content"
    return words.group(0).decode().split("?")[0]
