"""A real SMTP server (aiosmtpd) that keeps what arrives."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default as default_policy
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session


class Postbox:
    """Keeps what arrives; `answers` overrides the reply of a stage, the answer `cut` cuts the connection there."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.mails: list[Envelope] = []
        self.seen: list[str] = []

    def _at(self, server: Any, stage: str) -> str | None:
        self.seen.append(stage)
        answer = self.answers.get(stage)
        if answer == "cut":
            server.transport.abort()
            return "421 gone"
        return answer

    async def handle_MAIL(self, server: Any, _s: Session, envelope: Envelope, address: str, _o: list[str]) -> str:
        envelope.mail_from = address
        return self._at(server, "MAIL") or "250 OK"

    async def handle_RCPT(self, server: Any, _s: Session, envelope: Envelope, address: str, _o: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return self._at(server, "RCPT") or "250 OK"

    async def handle_DATA(self, server: Any, _s: Session, envelope: Envelope) -> str:
        self.mails.append(envelope)
        return self._at(server, "DATA") or "250 queued"


@contextmanager
def serve(postbox: Postbox, **options: Any) -> Iterator[int]:
    """Listen with it; answers the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port, ready_timeout=60.0, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def text_of(mail: Envelope) -> str:
    """The body of a mail that arrived."""
    content: str = message_from_bytes(mail.content or b"", policy=default_policy).get_content()
    return content
