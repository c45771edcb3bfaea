"""The control socket of one engine: commands out, answers and events in, as netstrings that hold JSON."""

import json
import select
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

HOST = "127.0.0.1"
FRAME_BYTES_MAX = 65_536  # the longest message of the engine is a list of calls
_DIGITS_MAX = len(str(FRAME_BYTES_MAX))
_READ_BYTES = 65_536
_ANSWER_SECONDS = 5.0

Message = Mapping[str, Any]


class ControlLost(Exception):
    """The engine closed the socket, does not answer, or speaks nonsense: it is not in our hands any more."""


class Frames:
    """Cuts a stream of octets into messages. Refuses: what is no netstring, is too long, or holds no JSON object."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, octets: bytes) -> list[Message]:
        """The messages that are whole by now."""
        self._rest += octets
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> Message | None:
        length, colon, rest = self._rest.partition(b":")
        if not colon:
            if len(length) > _DIGITS_MAX or (length and not length.isdigit()):
                raise ControlLost("no netstring")
            return None
        if not length.isdigit() or len(length) > _DIGITS_MAX or int(length) > FRAME_BYTES_MAX:
            raise ControlLost("no netstring, or one that is too long")
        size = int(length)
        if len(rest) <= size:
            return None
        if rest[size : size + 1] != b",":
            raise ControlLost("a netstring without its end")
        self._rest = rest[size + 1 :]
        return _parsed(rest[:size])


def _parsed(body: bytes) -> Message:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise ControlLost("no JSON") from error
    if not isinstance(message, dict):
        raise ControlLost("no JSON object")
    return message


class Control:
    """One connection to an engine; events that come while an answer is awaited are kept for `events`."""

    def __init__(self, connection: socket.socket, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._monotonic = monotonic
        self._frames = Frames()
        self._events: list[Message] = []
        self._answers: dict[str, Message] = {}
        self._sent = 0

    def ask(self, command: str, parameters: str = "") -> Message:
        """Send one command and wait for its answer. Refuses: no answer in time (`ControlLost`)."""
        self._sent += 1
        token = str(self._sent)
        body = json.dumps({"command": command, "params": parameters, "token": token}).encode()
        try:
            self._connection.sendall(b"%d:%s," % (len(body), body))
        except OSError as error:
            raise ControlLost("the command could not be written") from error
        end = self._monotonic() + _ANSWER_SECONDS
        while token not in self._answers:
            left = end - self._monotonic()
            if left <= 0:
                raise ControlLost("no answer to a command")
            self._read(left)
        return self._answers.pop(token)

    def events(self, seconds: float) -> list[Message]:
        """What the engine told by now; waits at most so long for the first."""
        if not self._events:
            self._read(seconds)
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Let go of the socket; the engine goes on."""
        self._connection.close()

    def _read(self, seconds: float) -> None:
        try:
            readable, _, _ = select.select([self._connection], [], [], max(0.0, seconds))
            if not readable:
                return
            octets = self._connection.recv(_READ_BYTES)
        except OSError as error:
            raise ControlLost("the socket broke") from error
        if not octets:
            raise ControlLost("the engine closed the socket")
        for message in self._frames.feed(octets):
            if message.get("event") is True:
                self._events.append(message)
            elif message.get("response") is True:
                self._answers[str(message.get("token"))] = message
