"""SMS over SMPP 3.4: UCS-2 for Chinese, long texts in parts, receipts and replies as they come in.

Boundary: a part has left once its first octet may have been written. A text of which one part left and another did not
is unknown: the borrower may have read a half of it.
"""

import hmac
import itertools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.core.kernel.errors import told
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.inbound import Receipt, Reply, ReplyKind, classify_reply
from zhizhi.gateways.permit import (
    BAD_TELEPHONE,
    Deadline,
    Failed,
    FailureKind,
    PermitGrant,
    SendOutcome,
    Sent,
    Unknown,
    is_telephone,
    refuse,
    refuse_unless_valid,
)
from zhizhi.gateways.smpp.pdu import (
    BadPduError,
    Command,
    Delivered,
    Part,
    read_c_octets,
    read_delivered,
    split,
    submit_body,
)
from zhizhi.gateways.smpp.receipts import receipt_of
from zhizhi.gateways.smpp.session import (
    STATUS_NEVER,
    STATUS_OK,
    STATUS_TRY_AGAIN,
    Answer,
    BindRefused,
    NotWritten,
    PerhapsWritten,
    Session,
    connect,
)

_log = logging.getLogger(__name__)

MAX_OPEN_PARTS = 1_000
_QUEUE_FULL, _THROTTLED, _SYSTEM_ERROR, _SUBMIT_FAILED = 0x14, 0x58, 0x08, 0x45
_TEMPORARY_STATUSES = frozenset({_QUEUE_FULL, _THROTTLED, _SYSTEM_ERROR, _SUBMIT_FAILED, STATUS_TRY_AGAIN})


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """One account at an SMSC. `receipt_ids_are_decimal`: it answers ids in hexadecimal and receipts in decimal."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    source: str
    system_type: str = ""
    timeout_seconds: float = 10.0
    idle_seconds: float = 30.0
    receipt_ids_are_decimal: bool = False
    into_sink: bool = False


class SmppChannel:
    """Sends text messages; safe for many threads, whose requests share one bound connection.

    `store` takes every receipt and reply before the SMSC is told that it arrived; if it fails, the SMSC sends it again.
    `wall` is the real clock, by which incoming messages are dated.
    """

    channel = "sms"

    def __init__(
        self, settings: SmppSettings, store: Callable[[Receipt | Reply], None], wall: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._store = store
        self._wall = wall
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._references = itertools.count()
        self._open_parts: OrderedDict[tuple[str, int, int], dict[int, str]] = OrderedDict()

    def send(self, grant: PermitGrant, at: datetime) -> SendOutcome:
        """Send one text. Its provider id is that of the last part, for which alone a receipt is asked."""
        refusal = refuse_unless_valid(grant, at, channel=self.channel, into_sink=self._settings.into_sink)
        if refusal:
            return refusal
        if not is_telephone(grant.address):
            return BAD_TELEPHONE
        content = grant.content
        text = f"【{content.signature}】{content.body}" if content.signature else content.body
        try:
            parts = split(text, next(self._references))
        except ValueError:
            return _BAD_TEXT
        deadline = Deadline([grant], at)
        session = self._bound(deadline)
        if isinstance(session, Failed):
            return session
        valid_seconds = int((grant.expires_at - at).total_seconds())
        return self._submit(session, grant.address, parts, valid_seconds, deadline)

    def listen(self) -> Failed | None:
        """Bind without sending, so that receipts and replies come in; None once bound."""
        session = self._bound(None)
        return session if isinstance(session, Failed) else None

    def close(self) -> None:
        """Unbind."""
        with self._lock:
            if self._session is not None:
                self._session.unbind()
            self._session = None

    def _bound(self, deadline: Deadline | None) -> Session | Failed:
        settings = self._settings
        with self._lock:
            if self._session is not None and self._session.is_open:
                return self._session
            timeout = deadline.left(settings.timeout_seconds) if deadline else settings.timeout_seconds
            if timeout <= 0:
                return refuse("permit_expired")
            try:
                session = Session(
                    connect(settings.host, settings.port, timeout), settings.timeout_seconds, self._handle
                )  # it outlives this permit, whose rest bounds the way to it only
                session.bind(settings.system_id, settings.password, settings.system_type, settings.idle_seconds)
            except BindRefused as error:
                code = f"bind_{error.status:#x}"
                return Failed(FailureKind.TEMPORARY, code, _BIND_REFUSED.fill(status=f"{error.status:#x}"))
            except OSError:
                return _NOT_CONNECTED
            self._session = session
            return session

    def _submit(
        self, session: Session, number: str, parts: list[Part], valid_seconds: int, deadline: Deadline
    ) -> SendOutcome:
        message_id = ""
        for index, part in enumerate(parts):
            is_last = index == len(parts) - 1
            body = submit_body(self._settings.source, number, part, valid_seconds=valid_seconds, wants_receipt=is_last)
            try:
                answer = session.request(Command.SUBMIT_SM, body, deadline.passed)
            except NotWritten:
                if index:
                    return _PARTLY_SENT
                return refuse("permit_expired") if deadline.passed() else _NOT_CONNECTED
            except PerhapsWritten:
                return _NO_ANSWER
            if answer.status != STATUS_OK or answer.command != Command.SUBMIT_SM_RESP:
                return _PARTLY_SENT if index else _refused(answer)
            try:
                message_id, _ = read_c_octets(answer.body)
            except ValueError:
                message_id = ""
        return Sent(message_id, parts=len(parts)) if message_id else _NO_ID

    def _handle(self, body: bytes) -> int:
        """One deliver_sm: stored first, acknowledged then."""
        try:
            delivered = read_delivered(body)
            event = self._to_event(delivered)
        except (BadPduError, ValueError):
            _log.warning("smpp: a deliver_sm of %d octets cannot be read; refused", len(body))
            return STATUS_NEVER
        try:
            self._store(event)
        except Exception as fault:
            _log.error("smpp: an incoming message could not be stored, the SMSC will send it again: %s", told(fault))
            return STATUS_TRY_AGAIN
        return STATUS_OK

    def _to_event(self, delivered: Delivered) -> Receipt | Reply:
        now = self._wall()
        if delivered.is_receipt:
            return receipt_of(delivered, now, ids_are_decimal=self._settings.receipt_ids_are_decimal)
        if not is_telephone(delivered.source):
            raise ValueError("a sender that is no number")
        facts = f"{now.date()}|{delivered.source}|{delivered.reference}|{delivered.part}|{delivered.text}"
        key = hmac.digest(self._settings.password.encode(), facts.encode(), "sha256").hex()
        kind = self._classify(delivered)
        return Reply(key=f"smpp-{key}", address=delivered.source, text=delivered.text, kind=kind, at=now)

    def _classify(self, delivered: Delivered) -> ReplyKind:
        """Parts are stored one by one, so that none is lost; the last to come is judged together with the others."""
        if delivered.reference is None or delivered.parts < 2:
            return classify_reply(delivered.text)
        group = (delivered.source, delivered.reference, delivered.parts)
        texts = self._open_parts.setdefault(group, {})
        texts[delivered.part] = delivered.text
        if len(self._open_parts) > MAX_OPEN_PARTS:
            self._open_parts.popitem(last=False)
        if len(texts) == delivered.parts:
            self._open_parts.pop(group, None)
        return max(
            classify_reply(delivered.text),
            classify_reply("".join(texts[part] for part in sorted(texts))),
            key=lambda kind: kind is ReplyKind.REFUSE_MEDIUM,
        )


def _refused(answer: Answer) -> Failed:
    kind = FailureKind.TEMPORARY if answer.status in _TEMPORARY_STATUSES else FailureKind.PERMANENT
    return Failed(kind, f"smpp_{answer.status:#x}", _REFUSED.fill(status=f"{answer.status:#x}"))


_REFUSED = Text(zh="短信中心拒收(状态 {status}),未发出", en="the SMSC refused it (status {status}); nothing left")
_BIND_REFUSED = Text(
    zh="短信中心拒绝登录(状态 {status}),未发出;请检查账号设置",
    en="the SMSC refused the login (status {status}); nothing left; check the account in the settings",
)
_NOT_CONNECTED = Failed(
    FailureKind.TEMPORARY,
    "not_connected",
    Text(zh="未能连上短信中心,可确认未发出", en="the SMSC could not be reached; nothing left"),
)
_BAD_TEXT = Failed(
    FailureKind.PERMANENT,
    "bad_text",
    Text(
        zh="短信过长或含有不能发送的字符,请修改模板", en="the text is too long or cannot be encoded; mend the template"
    ),
)
_NO_ANSWER = Unknown(
    "no_answer",
    Text(
        zh="短信已写出,但短信中心没有答复;是否送出未知",
        en="the message was written but not answered; whether it left is unknown",
    ),
)
_PARTLY_SENT = Unknown(
    "partly_sent",
    Text(zh="长短信只有一部分被接收;视为可能已送出", en="only a part of the text was taken; it counts as perhaps sent"),
)
_NO_ID = Unknown(
    "no_id",
    Text(zh="短信中心接收但没有给出编号;是否送出未知", en="the SMSC took it without an id; whether it left is unknown"),
)
