"""The template provider's rules, as `docs/channels.md` documents them: who may ask, what is taken, what is answered."""

import hashlib
import hmac
import json
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from string import Template
from typing import Any
from urllib.parse import parse_qs, urlsplit

from zhizhi.gateways.inbound import ReplyKind, classify_reply
from zhizhi.gateways.permit import is_telephone
from zhizhi.gateways.sink.outbox import Outbox, Taken, message_id_of
from zhizhi.gateways.sms_http import wire
from zhizhi.gateways.sms_http.wire import Code

MAX_NONCES = 400_000
MAX_OUT_ID = 128
MAX_NAME = 64
MAX_TEMPLATE = 2_000
MAX_VALUE = 200
_NONCE = re.compile(r"[0-9a-f]{16,64}")
Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """How the sink behaves. Numbers that end in one of `undelivered` give a receipt `undelivered`."""

    access_key: str
    secret: str = field(repr=False)
    undelivered: tuple[str, ...] = ()
    messages_a_minute_a_number: int = 0


class ProviderRefusal(Exception):
    """A request that is refused as a whole."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.value)
        self.code = code


class Provider:
    """Answers requests; keeps nonces and rates in memory and messages in the outbox. `wall` is the real clock."""

    def __init__(self, outbox: Outbox, settings: ProviderSettings, wall: Callable[[], datetime]) -> None:
        self.outbox = outbox
        self._settings = settings
        self._wall = wall
        self._lock = threading.Lock()
        self._nonces: dict[str, datetime] = {}
        self._recent: dict[str, deque[datetime]] = {}

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request of the interface."""
        try:
            self._authenticate(method, target, headers, body)
            document = self._route(method, target, body)
        except ProviderRefusal as refusal:
            return wire.HTTP_STATUS[refusal.code], {"code": refusal.code.value}
        except OSError:
            return wire.HTTP_STATUS[Code.SYSTEM_BUSY], {"code": Code.SYSTEM_BUSY.value}
        return 200, {"code": Code.OK.value, **document}

    def _authenticate(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        date, nonce = headers.get(wire.DATE_HEADER, ""), headers.get(wire.NONCE_HEADER, "")
        if not hmac.compare_digest(headers.get(wire.KEY_HEADER, "").encode(), self._settings.access_key.encode()):
            raise ProviderRefusal(Code.UNKNOWN_KEY)
        expected = wire.sign(self._settings.secret, method=method, target=target, date=date, nonce=nonce, body=body)
        if not hmac.compare_digest(headers.get(wire.SIGNATURE_HEADER, "").encode(), expected.encode()):
            raise ProviderRefusal(Code.BAD_REQUEST_SIGNATURE)
        now = self._wall()
        try:
            asked_at = wire.from_wire_date(date)
        except ValueError:
            raise ProviderRefusal(Code.CLOCK_SKEW) from None
        if abs(asked_at - now) > wire.MAX_CLOCK_SKEW:
            raise ProviderRefusal(Code.CLOCK_SKEW)
        if not _NONCE.fullmatch(nonce):
            raise ProviderRefusal(Code.MALFORMED)
        self._use_nonce(nonce, now)

    def _use_nonce(self, nonce: str, now: datetime) -> None:
        with self._lock:
            if nonce in self._nonces:
                raise ProviderRefusal(Code.NONCE_REUSED)
            # a date may be five minutes ahead, so a nonce matters for ten; the oldest stand first
            while self._nonces and now - next(iter(self._nonces.values())) > 2 * wire.MAX_CLOCK_SKEW:
                del self._nonces[next(iter(self._nonces))]
            if len(self._nonces) >= MAX_NONCES:
                raise ProviderRefusal(Code.SYSTEM_BUSY)
            self._nonces[nonce] = now

    def _route(self, method: str, target: str, body: bytes) -> dict[str, Any]:
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        match (method, parts.path):
            case ("POST", "/v1/messages"):
                return self._take(_object(body))
            case ("GET", "/v1/message"):
                return self._look_up(query.get("out_id", ""))
            case ("GET", "/v1/receipts"):
                return self._receipts(*_range(query))
            case ("GET", "/v1/replies"):
                return self._replies(*_range(query))
            case ("POST", "/v1/signatures"):
                return self._file_signature(_object(body))
            case ("POST", "/v1/templates"):
                return self._file_template(_object(body))
            case _:
                raise ProviderRefusal(Code.NOT_FOUND)

    def _take(self, document: dict[str, Any]) -> dict[str, Any]:
        messages = document.get("messages")
        if not isinstance(messages, list) or not messages:
            raise ProviderRefusal(Code.MALFORMED)
        if len(messages) > wire.MAX_MESSAGES_A_REQUEST:
            raise ProviderRefusal(Code.TOO_MANY_MESSAGES)
        now = self._wall()
        results: list[dict[str, Any]] = []
        rendered: list[tuple[int, dict[str, Any]]] = []
        for index, message in enumerate(messages):
            out_id = _short(message.get("out_id") if isinstance(message, dict) else None, MAX_OUT_ID)
            outcome = self._check_or_refuse(message, out_id, now)
            results.append({"out_id": out_id})
            if isinstance(outcome, Code):
                results[index]["code"] = outcome.value
            else:
                rendered.append((index, outcome))
        for (index, _), taken in zip(rendered, self.outbox.take([line for _, line in rendered]), strict=True):
            if isinstance(taken, Taken):
                code = Code.DUPLICATE_OUT_ID if taken.already else Code.ACCEPTED
                results[index] |= {"code": code.value, "message_id": taken.message_id}
            else:
                results[index]["code"] = Code.OUT_ID_CONFLICT.value
        return {"results": results}

    def _check_or_refuse(self, message: dict[str, Any], out_id: str, now: datetime) -> Code | dict[str, Any]:
        try:
            return self._check(message, out_id, now)
        except ProviderRefusal as refusal:  # one bad message must not take its whole batch with it
            return refusal.code

    def _check(self, message: dict[str, Any], out_id: str, now: datetime) -> Code | dict[str, Any]:
        number = _short(message.get("to"), MAX_NAME)
        signature, template_id = (
            _short(message.get("signature"), MAX_NAME),
            _short(message.get("template_id"), MAX_NAME),
        )
        variables = message.get("variables")
        if not isinstance(variables, dict):
            raise ProviderRefusal(Code.MALFORMED)
        values = {_short(name, MAX_NAME): _short(value, MAX_VALUE, empty=True) for name, value in variables.items()}
        digest = hashlib.sha256(
            json.dumps([number, signature, template_id, values], sort_keys=True).encode()
        ).hexdigest()
        if not is_telephone(number):
            return Code.BAD_NUMBER
        if signature not in self.outbox.signatures:
            return Code.SIGNATURE_NOT_FILED
        body = self.outbox.templates.get(template_id)
        if body is None:
            return Code.TEMPLATE_NOT_APPROVED
        if set(Template(body).get_identifiers()) != set(values):
            return Code.VARIABLES_MISMATCH
        line = {
            "channel": "sms",
            "out_id": out_id,
            "digest": digest,
            "at": wire.to_wire_date(now),
            "to": number,
            "text": f"【{signature}】{Template(body).substitute(values)}",
            "template_id": template_id,
        }
        if self.outbox.find(out_id) is None:
            if self.outbox.is_blocked(number):
                return Code.MOBILE_BLACK_LIST
            if self._is_too_fast(number, now):
                return Code.RATE_LIMITED
        return line

    def _is_too_fast(self, number: str, now: datetime) -> bool:
        limit = self._settings.messages_a_minute_a_number
        if not limit:
            return False
        with self._lock:
            recent = self._recent.setdefault(number, deque())
            while recent and now - recent[0] > timedelta(minutes=1):
                recent.popleft()
            if len(recent) >= limit:
                return True
            recent.append(now)
            return False

    def _look_up(self, out_id: str) -> dict[str, Any]:
        n = self.outbox.find(out_id)
        if n is None:
            raise ProviderRefusal(Code.NOT_FOUND)
        return {"message_id": message_id_of(n)}

    def _receipts(self, after: int, limit: int) -> dict[str, Any]:
        events = [self.receipt(n, message) for n, message in self.outbox.after("sms", after, limit)]
        return {"events": events, "next": str(after + len(events))}

    def receipt(self, n: int, message: Mapping[str, Any]) -> dict[str, Any]:
        """The delivery receipt of a message: a carrier that always answers at once."""
        missed = any(message["to"].endswith(suffix) for suffix in self._settings.undelivered)
        return {
            "key": f"receipt-{message_id_of(n)}",
            "message_id": message_id_of(n),
            "out_id": message["out_id"],
            "state": "undelivered" if missed else "delivered",
            "carrier_code": "UNDELIV" if missed else "DELIVRD",
            "at": message["at"],
        }

    def _replies(self, after: int, limit: int) -> dict[str, Any]:
        events = [reply_event(n, reply) for n, reply in self.outbox.replies_after(after, limit)]
        return {"events": events, "next": str(after + len(events))}

    def reply_as_borrower(self, n: int, text: str) -> bool:
        """A reply to message n, typed on the page; False where there is no such short message or no text."""
        message = self.outbox.message(n)
        if message is None or message["channel"] != "sms" or not text.strip() or len(text) > MAX_TEMPLATE:
            return False
        self.outbox.reply(
            {
                "from": message["to"],
                "text": text.strip(),
                "at": wire.to_wire_date(self._wall()),
                "message_id": message_id_of(n),
                "refuses": classify_reply(text) is ReplyKind.REFUSE_MEDIUM,
            }
        )
        return True

    def take_mail(self, line: dict[str, Any]) -> None:
        """Store an e-mail that the SMTP side received. Refuses: a full disk (OSError)."""
        self.outbox.take([{**line, "channel": "email", "at": wire.to_wire_date(self._wall())}])

    def _file_signature(self, document: dict[str, Any]) -> dict[str, Any]:
        self.outbox.file({"signature": _short(document.get("name"), MAX_NAME)})
        return {"state": "approved"}

    def _file_template(self, document: dict[str, Any]) -> dict[str, Any]:
        template_id, body = _short(document.get("template_id"), MAX_NAME), _short(document.get("body"), MAX_TEMPLATE)
        if not Template(body).is_valid():
            raise ProviderRefusal(Code.MALFORMED)
        self.outbox.file({"template_id": template_id, "body": body})
        return {"state": "approved"}


def reply_event(n: int, reply: Mapping[str, Any]) -> dict[str, Any]:
    """A stored reply in the form of the interface."""
    event = {name: reply[name] for name in ("from", "text", "at", "message_id")}
    return {"key": f"reply-{n:010d}", **event}


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ProviderRefusal(Code.MALFORMED)
    return document


def _short(value: object, limit: int, *, empty: bool = False) -> str:
    if not isinstance(value, str) or len(value) > limit or not (value or empty):
        raise ProviderRefusal(Code.MALFORMED)
    return value


def _range(query: Mapping[str, str]) -> tuple[int, int]:
    try:
        after, limit = int(query.get("after") or "0"), int(query.get("limit") or str(wire.MAX_EVENTS_A_PULL))
    except ValueError:
        raise ProviderRefusal(Code.MALFORMED) from None
    if not (0 <= after < 2**63 and 1 <= limit <= wire.MAX_EVENTS_A_PULL):
        raise ProviderRefusal(Code.MALFORMED)
    return after, limit
