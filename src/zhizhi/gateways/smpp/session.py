"""One bound connection to an SMSC: requests are answered by sequence number, incoming messages by a handler.

The library aiosmpplib keeps its queue over a reconnect, so that a message could leave after its permit ended, and hides
whether octets were written; this session never sends anything twice and says at each failure what may have left.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from zhizhi.core.kernel.errors import told
from zhizhi.gateways.smpp.pdu import HEADER, MAX_PDU_OCTETS, BadPduError, Command, bind_body, pack

_log = logging.getLogger(__name__)

STATUS_OK = 0x00
STATUS_BAD_COMMAND = 0x03
STATUS_TRY_AGAIN = 0x64
STATUS_NEVER = 0x65
_LAST_SEQUENCE = 0x7FFFFFFF


class NotWritten(Exception):
    """The request never began to leave."""


class PerhapsWritten(Exception):
    """The request was (perhaps partly) written and no answer came."""


class BindRefused(Exception):
    """The SMSC refused the login."""

    def __init__(self, status: int) -> None:
        super().__init__(f"bind refused with status {status:#x}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to one request."""

    command: int
    status: int
    body: bytes


class Session:
    """A bound session. `handle` reads one deliver_sm and answers with the status for the SMSC."""

    def __init__(self, connection: socket.socket, timeout: float, handle: Callable[[bytes], int]) -> None:
        self._connection = connection
        self._timeout = timeout
        self._handle = handle
        self._write_lock = threading.Lock()
        self._pending: dict[int, Future[Answer]] = {}
        self._pending_lock = threading.Lock()
        self._sequence = 0
        self._closed = threading.Event()
        self._buffer = b""

    @property
    def is_open(self) -> bool:
        """Whether requests can be written."""
        return not self._closed.is_set()

    def bind(self, system_id: str, password: str, system_type: str, idle_seconds: float) -> None:
        """Log in and begin to read. Refuses: a refused login (BindRefused), a lost connection (OSError)."""
        reader = threading.Thread(target=self._read_for_ever, args=(idle_seconds,), name="smpp-reader", daemon=True)
        reader.start()
        try:
            answer = self.request(Command.BIND_TRANSCEIVER, bind_body(system_id, password, system_type))
        except (NotWritten, PerhapsWritten) as error:
            self.close()
            raise ConnectionError("the bind was not answered") from error
        if answer.command != Command.BIND_TRANSCEIVER_RESP or answer.status != STATUS_OK:
            self.close()
            raise BindRefused(answer.status)

    def request(self, command: Command, body: bytes, is_too_late: Callable[[], bool] = lambda: False) -> Answer:
        """Write one request and wait for its response. Refuses: NotWritten, PerhapsWritten."""
        future: Future[Answer] = Future()
        with self._write_lock:
            if self._closed.is_set() or is_too_late():
                raise NotWritten
            self._sequence = self._sequence % _LAST_SEQUENCE + 1
            sequence = self._sequence
            with self._pending_lock:
                self._pending[sequence] = future
            try:
                self._connection.sendall(pack(command, sequence, body))
            except OSError as error:
                self.close()
                raise PerhapsWritten from error
        try:
            return future.result(self._timeout)
        except TimeoutError as error:
            raise PerhapsWritten from error
        finally:
            with self._pending_lock:
                self._pending.pop(sequence, None)

    def unbind(self) -> None:
        """Say goodbye and close."""
        with contextlib.suppress(NotWritten, PerhapsWritten):  # the other side may be gone, which is what was wanted
            self.request(Command.UNBIND, b"")
        self.close()

    def close(self) -> None:
        """Close; whoever waits learns that the request may have left."""
        self._closed.set()
        with contextlib.suppress(OSError):  # closed by the other side already
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()
        with self._pending_lock:
            waiting, self._pending = list(self._pending.values()), {}
        for future in waiting:
            if not future.done():
                future.set_exception(PerhapsWritten())

    def _read_for_ever(self, idle_seconds: float) -> None:
        try:
            self._connection.settimeout(idle_seconds)
            while not self._closed.is_set():
                self._take(*self._read_pdu())
        except (OSError, BadPduError) as error:
            if not self._closed.is_set():
                _log.info("smpp session ended: %s", type(error).__name__)
        except Exception as fault:  # nobody waits for this thread: what it says here is all that is heard of it
            _log.error("smpp session broke: %s", told(fault))
        finally:
            self.close()

    def _read_pdu(self) -> tuple[int, int, int, bytes]:
        length, command, status, sequence = HEADER.unpack(self._read_exactly(HEADER.size))
        if not HEADER.size <= length <= MAX_PDU_OCTETS:
            raise BadPduError("a length that no PDU has")
        return command, status, sequence, self._read_exactly(length - HEADER.size)

    def _read_exactly(self, count: int) -> bytes:
        enquired = False
        while len(self._buffer) < count:
            try:
                octets = self._connection.recv(65_536)
            except TimeoutError:
                if enquired:
                    raise
                enquired = True
                self._reply(Command.ENQUIRE_LINK, self._next_sequence())
                continue
            if not octets:
                raise ConnectionError("closed by the other side")
            self._buffer += octets
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _take(self, command: int, status: int, sequence: int, body: bytes) -> None:
        if command & Command.GENERIC_NACK:
            with self._pending_lock:
                future = self._pending.pop(sequence, None)
            if future is not None:
                future.set_result(Answer(command, status, body))
            return
        match command:
            case Command.DELIVER_SM:
                self._reply(Command.DELIVER_SM_RESP, sequence, b"\0", self._handle(body))
            case Command.ENQUIRE_LINK:
                self._reply(Command.ENQUIRE_LINK_RESP, sequence)
            case Command.UNBIND:
                self._reply(Command.UNBIND_RESP, sequence)
                raise ConnectionError("the other side said goodbye")
            case _:
                self._reply(Command.GENERIC_NACK, sequence, status=STATUS_BAD_COMMAND)

    def _next_sequence(self) -> int:
        with self._write_lock:
            self._sequence = self._sequence % _LAST_SEQUENCE + 1
            return self._sequence

    def _reply(self, command: Command, sequence: int, body: bytes = b"", status: int = STATUS_OK) -> None:
        with self._write_lock:
            self._connection.sendall(pack(command, sequence, body, status))


def connect(host: str, port: int, timeout: float) -> socket.socket:
    """A connection that is not bound yet. Refuses: no answer (OSError)."""
    connection = socket.create_connection((host, port), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
