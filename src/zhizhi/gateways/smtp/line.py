"""One connection to a mail server, and what its answers prove.

Only who may write to somebody imports this: the channel, which takes a permit, and invitations, which carry nothing but
a code (`pyproject.toml`).

Boundary: the message has left once the line that ends it (`CRLF . CRLF`) may have been written. A server that loses
the connection before that line must drop the message (RFC 5321, 4.1.1.4): an earlier failure proves that nothing left.
"""

import contextlib
import hashlib
import smtplib
import socket
import ssl
import threading
from datetime import datetime
from email.header import Header
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import Deadline, Failed, FailureKind, SendOutcome, Sent, Unknown
from zhizhi.gateways.smtp.settings import Security, SmtpSettings

MAX_ADDRESS_OCTETS = 254
_SERVICE_CLOSING = 421


class SmtpLine:
    """Keeps one connection open between messages and serves one thread at a time."""

    def __init__(self, settings: SmtpSettings) -> None:
        if settings.login and settings.security is Security.PLAIN and not settings.into_sink:
            raise ValueError("an smtp login needs tls: choose `starttls` or `tls`")
        self._settings = settings
        self._domain = settings.sender.rpartition("@")[2]
        self._lock = threading.Lock()
        self._connection: smtplib.SMTP | None = None

    def deliver(
        self, address: str, subject: str, body: str, key: str, at: datetime, deadline: Deadline, late: Failed
    ) -> SendOutcome:
        """Send one message to an address that `mail_address` made. `key`: the same message has the same id. `late`:
        what is answered where its time runs out on the way."""
        message_id = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{self._domain}>"
        try:
            octets = self._compose(address, subject, body, message_id, at)
        except ValueError:
            return _BAD_CONTENT
        with self._lock:
            return self._exchange(address, octets, message_id, deadline, late)

    def close(self) -> None:
        """End the open connection, if there is one."""
        with self._lock:
            self._drop(politely=True)

    def _compose(self, address: str, subject: str, body: str, message_id: str, at: datetime) -> bytes:
        if not subject.isprintable():
            raise ValueError("a subject is one line")
        # not EmailMessage: its folding loses the blanks between two encoded words of a long subject
        message = MIMEText(body, "plain", "utf-8")
        message["From"] = self._settings.sender
        message["To"] = address
        message["Subject"] = Header(subject, "utf-8").encode()
        message["Date"] = format_datetime(at)
        message["Message-ID"] = message_id
        message["Auto-Submitted"] = "auto-generated"
        return message.as_bytes(policy=compat32.clone(linesep="\r\n"))

    def _exchange(self, address: str, octets: bytes, message_id: str, deadline: Deadline, late: Failed) -> SendOutcome:
        if self._connection is not None and not _is_quiet(self._connection):
            self._drop(politely=False)  # it said more than it was asked: its next answers would be those before
        reused = self._connection is not None
        try:
            connection = self._connection or self._connect(deadline)
            try:
                self._open_envelope(connection, address)
            except smtplib.SMTPServerDisconnected:
                if not reused:
                    raise
                self._drop(politely=False)  # an idle connection died: no envelope was taken, so a fresh one is safe
                connection = self._connect(deadline)
                self._open_envelope(connection, address)
            if deadline.passed():
                self._drop(politely=False)
                return late
            connection.send(_quote(octets))
        except smtplib.SMTPAuthenticationError as error:
            self._drop(politely=False)
            return _failed_login(error.smtp_code)
        except smtplib.SMTPResponseException as error:
            self._forget_envelope(error.smtp_code)
            return _refused(error.smtp_code)
        except (OSError, smtplib.SMTPException):
            self._drop(politely=False)
            return _NOT_CONNECTED
        return self._finish(connection, message_id)

    def _finish(self, connection: smtplib.SMTP, message_id: str) -> SendOutcome:
        """The line that ends the message: from here on silence means that it may have left."""
        try:
            connection.send(b".\r\n")
            code, _ = connection.getreply()
        except (OSError, smtplib.SMTPException):
            self._drop(politely=False)
            return _NO_ANSWER
        if 200 <= code < 300:
            return Sent(message_id)
        self._forget_envelope(code)
        return _refused(code) if 400 <= code < 600 else _NO_ANSWER

    def _connect(self, deadline: Deadline) -> smtplib.SMTP:
        settings = self._settings
        timeout = deadline.left(settings.timeout_seconds)
        if timeout <= 0:
            raise TimeoutError
        context = None if settings.security is Security.PLAIN else ssl.create_default_context(cafile=settings.ca_file)
        connection: smtplib.SMTP
        if settings.security is Security.TLS:
            connection = smtplib.SMTP_SSL(settings.host, settings.port, timeout=timeout, context=context)
        else:
            connection = smtplib.SMTP(settings.host, settings.port, timeout=timeout)
        try:
            if (
                connection.sock is not None
            ):  # the end line is a write of its own and must not wait for an acknowledgement
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.ehlo_or_helo_if_needed()
            if settings.security is Security.STARTTLS:
                code, reply = connection.starttls(context=context)
                if code != 220:
                    raise smtplib.SMTPResponseException(code, reply)
                connection.ehlo()
            if settings.login:
                connection.login(settings.login, settings.password)
        except (OSError, smtplib.SMTPException):
            connection.close()
            raise
        if connection.sock is not None:  # it outlives this permit, whose rest bounded the way here
            connection.sock.settimeout(settings.timeout_seconds)
        self._connection = connection
        return connection

    def _open_envelope(self, connection: smtplib.SMTP, address: str) -> None:
        steps: tuple[tuple[str, tuple[int, ...]], ...] = (
            (f"MAIL FROM:<{self._settings.sender}>", (250,)),
            (f"RCPT TO:<{address}>", (250, 251)),
            ("DATA", (354,)),
        )
        for command, accepted in steps:
            code, reply = connection.docmd(command)
            if code not in accepted:
                raise smtplib.SMTPResponseException(code, reply)

    def _forget_envelope(self, code: int) -> None:
        connection = self._connection
        if connection is None:
            return
        if code == _SERVICE_CLOSING or not 400 <= code < 600:  # an answer out of turn: what follows it is no better
            self._drop(politely=False)
            return
        try:
            connection.rset()
        except (OSError, smtplib.SMTPException):
            self._drop(politely=False)

    def _drop(self, *, politely: bool) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with contextlib.suppress(
            OSError, smtplib.SMTPException
        ):  # the other side may be gone, which is what was wanted
            if politely:
                connection.quit()
        connection.close()


def _is_quiet(connection: smtplib.SMTP) -> bool:
    """Whether nothing waits to be read that nobody asked for. An end that closed says nothing either."""
    if connection.sock is None or connection.file is None:
        return True
    timeout = connection.sock.gettimeout()
    connection.sock.settimeout(0)
    try:
        return not connection.file.peek(1)
    except ssl.SSLWantReadError:
        return True
    except OSError:
        return False
    finally:
        connection.sock.settimeout(timeout)


def mail_address(address: str) -> str | None:
    """The address as ASCII (an international domain in its A-form), or None where no server could take it."""
    local, at_sign, domain = address.rpartition("@")
    if (
        not at_sign
        or not local
        or not domain
        or any(c.isspace() or c in '<>,;:"()[]\\@' for c in local)
        or not local.isascii()
    ):
        return None
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    if not all(c.isalnum() or c in "-." for c in ascii_domain) or "." not in ascii_domain.strip("."):
        return None
    result = f"{local}@{ascii_domain}"
    return result if len(result) <= MAX_ADDRESS_OCTETS and result.isprintable() else None


def _quote(octets: bytes) -> bytes:
    """The message with leading dots doubled and a final line end, without the line that ends the transfer."""
    quoted = octets.replace(b"\r\n.", b"\r\n..")
    if quoted.startswith(b"."):
        quoted = b"." + quoted
    return quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n"


def _refused(code: int) -> Failed:
    kind = FailureKind.PERMANENT if 500 <= code < 600 else FailureKind.TEMPORARY
    return Failed(kind, f"smtp_{code}", _REFUSED.fill(code=code))


def _failed_login(code: int) -> Failed:
    return Failed(FailureKind.TEMPORARY, "login_refused", _LOGIN_REFUSED.fill(code=code))


_REFUSED = Text(zh="邮件服务器拒收(代码 {code}),未发出", en="the mail server refused it (code {code}); nothing left")
_LOGIN_REFUSED = Text(
    zh="邮件服务器拒绝登录(代码 {code}),未发出;请检查账号与密码设置",
    en="the mail server refused the login (code {code}); nothing left; check login and password in the settings",
)
_BAD_CONTENT = Failed(
    FailureKind.PERMANENT,
    "bad_content",
    Text(
        zh="主题或正文含有邮件不能携带的字符,请修改模板",
        en="subject or body holds characters that a mail cannot carry; mend the template",
    ),
)
_NOT_CONNECTED = Failed(
    FailureKind.TEMPORARY,
    "not_connected",
    Text(
        zh="邮件发出之前连接中断,可确认未发出", en="the connection ended before the message was complete; nothing left"
    ),
)
_NO_ANSWER = Unknown(
    "no_answer",
    Text(
        zh="邮件已写出,但服务器没有答复;是否送出未知",
        en="the message was written but the server never answered; whether it left is unknown",
    ),
)
