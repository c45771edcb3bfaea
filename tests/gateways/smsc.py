"""An SMSC for the tests, on the codec of aiosmpplib, so that ours meets one that we did not write."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from aiosmpplib import protocol
from aiosmpplib.state import NPI, TON, PhoneNumber, SmppCommand, SmppCommandStatus

ROK = 0


class Smsc:
    """Accepts binds and submits; `answers` overrides what happens to the n-th submit: a status, "cut" or "silent"."""

    def __init__(self, password: str = "secret", answers: dict[int, int | str] | None = None) -> None:
        self.password = password
        self.answers = answers or {}
        self.submitted: list[protocol.SubmitSm] = []
        self.raw: list[bytes] = []
        self.statuses: list[int] = []
        self.enquired = threading.Event()
        self.ended = threading.Event()  # a client closed its connection
        self.responded = threading.Condition()
        self.connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._listener.close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def deliver(self, message: protocol.DeliverSm | bytes) -> int:
        """Send one deliver_sm over the newest connection; the status that came back."""
        if isinstance(message, bytes):
            pdu = message
        else:
            message.sequence_num = 1_000 + len(self.statuses)
            message.set_encoding_info("gsm0338", None)
            pdu = message.pdu()
        with self.responded:
            before = len(self.statuses)
            self.connections[-1].sendall(pdu)
            assert self.responded.wait_for(lambda: len(self.statuses) > before, 60), "no deliver_sm_resp came"
            return self.statuses[-1]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, EOFError):
            while True:
                self._take(connection, _read_pdu(connection))
        self.ended.set()

    def _take(self, connection: socket.socket, pdu: bytes) -> None:
        header = protocol.SmppMessage.parse_header(pdu)
        sequence = header.sequence_num
        if header.smpp_command is SmppCommand.BIND_TRANSCEIVER:
            bind = protocol.BindTransceiver.from_pdu(pdu, header)
            assert isinstance(bind, protocol.BindTransceiver)
            good = bind.password == self.password and bind.interface_version == 0x34
            status = SmppCommandStatus.ESME_ROK if good else SmppCommandStatus.ESME_RINVPASWD
            connection.sendall(protocol.BindTransceiverResp(sequence, status, "peer").pdu())
        elif header.smpp_command is SmppCommand.SUBMIT_SM:
            self._submit(connection, pdu, header)
        elif header.smpp_command is SmppCommand.DELIVER_SM_RESP:
            with self.responded:
                self.statuses.append(header.command_status.value)
                self.responded.notify_all()
        elif header.smpp_command is SmppCommand.ENQUIRE_LINK:
            self.enquired.set()
            connection.sendall(protocol.EnquireLinkResp(sequence).pdu())
        elif header.smpp_command is SmppCommand.UNBIND:
            connection.sendall(protocol.UnbindResp(sequence).pdu())

    def _submit(self, connection: socket.socket, pdu: bytes, header: protocol.PduHeader) -> None:
        number = len(self.submitted)
        answer = self.answers.get(number, ROK)
        message = protocol.SubmitSm.from_pdu(pdu, header, "gsm0338")
        assert isinstance(message, protocol.SubmitSm)
        assert isinstance(message.validity_period, timedelta)
        self.raw.append(pdu)
        self.submitted.append(message)
        if answer == "cut":
            connection.shutdown(socket.SHUT_RDWR)
        elif answer == "no id":
            connection.sendall(protocol.SubmitSmResp(sequence_num=header.sequence_num).pdu())
        elif answer == "nack":
            connection.sendall(protocol.GenericNack(sequence_num=header.sequence_num).pdu())
        elif isinstance(answer, int):
            body = b"" if answer else f"m{number}".encode() + b"\0"
            connection.sendall(struct.pack("!IIII", 16 + len(body), 0x80000004, answer, header.sequence_num) + body)


def _read_pdu(connection: socket.socket) -> bytes:
    head = _exactly(connection, 4)
    return head + _exactly(connection, struct.unpack("!I", head)[0] - 4)


def _exactly(connection: socket.socket, count: int) -> bytes:
    octets = b""
    while len(octets) < count:
        more = connection.recv(count - len(octets))
        if not more:
            raise EOFError
        octets += more
    return octets


@contextmanager
def serving(**options: object) -> Iterator[Smsc]:
    smsc = Smsc(**options)  # type: ignore[arg-type]  # the options of Smsc
    try:
        yield smsc
    finally:
        smsc.close()


def inbound(text: str, source: str = "10000000001", **changes: object) -> protocol.DeliverSm:
    """A message or receipt from the network."""
    number = PhoneNumber(source, TON.INTERNATIONAL, NPI.ISDN)
    return protocol.DeliverSm(short_message=text, source=number, **changes)
