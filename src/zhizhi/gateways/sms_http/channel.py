"""SMS through an HTTP template provider: signed requests, filed signature and template, out id, receipts, replies.

Boundary: the request has left once its first octet may have been written. Failures before that, and every refusal that
the provider documents, prove that nothing left; any other answer, or none, is unknown. `look_up` settles an unknown.
"""

import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.inbound import Receipt, Reply
from zhizhi.gateways.permit import (
    BAD_TELEPHONE,
    Deadline,
    Failed,
    PermitGrant,
    SendOutcome,
    Sent,
    is_telephone,
    refuse,
    refuse_unless_valid,
)
from zhizhi.gateways.sms_http import wire
from zhizhi.gateways.sms_http.answers import (
    BATCH_TOO_LARGE,
    KEY_TWICE,
    NO_ANSWER,
    NOT_CONNECTED,
    UNREADABLE_ANSWER,
    outcome_of,
    refusal_of,
)
from zhizhi.gateways.sms_http.events import EventError, receipt_of, reply_of
from zhizhi.gateways.sms_http.wire import Code

_Event = TypeVar("_Event", Receipt, Reply)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """One account at a provider; only the demonstration outbox (`into_sink`) takes permits of a declared clock."""

    base_url: str
    access_key: str
    secret: str = field(repr=False)
    timeout_seconds: float = 10.0
    into_sink: bool = False


class ProviderError(Exception):
    """A request that sends nothing (a pull, a filing, a look-up) did not succeed; try it again later."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(text.en)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The provider knows no message with this idempotency key: proof, once the request can no longer be under way."""


class HttpSmsChannel:
    """Sends template messages. `wall` is the real clock that signs requests; it never decides on a permit."""

    channel = "sms"

    def __init__(self, settings: SmsSettings, wall: Callable[[], datetime]) -> None:
        self._settings = settings
        self._wall = wall
        # shorter than any server's idle time, so that a reused connection is not one that the server just closed
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=4.0)
        self._client = httpx.Client(base_url=settings.base_url, limits=limits, trust_env=False, follow_redirects=False)

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def send(self, grant: PermitGrant, at: datetime) -> SendOutcome:
        """Send one message."""
        return self.send_many([grant], at)[0]

    def send_many(self, grants: Sequence[PermitGrant], at: datetime) -> list[SendOutcome]:
        """Send up to MAX_MESSAGES_A_REQUEST in one request: an outcome each, in order. Invalid permits stay."""
        outcomes: list[SendOutcome | None] = [self._check(grant, at) for grant in grants]
        seen: set[str] = set()
        for index, grant in enumerate(grants):
            if outcomes[index] is None and grant.idempotency_key in seen:
                outcomes[index] = KEY_TWICE
            seen.add(grant.idempotency_key)
        going = [index for index, outcome in enumerate(outcomes) if outcome is None]
        if len(going) > wire.MAX_MESSAGES_A_REQUEST:
            return [outcome or BATCH_TOO_LARGE for outcome in outcomes]
        if going:
            answered = self._submit([grants[index] for index in going], at)
            for index, outcome in zip(going, answered, strict=True):
                outcomes[index] = outcome
        return [outcome or UNREADABLE_ANSWER for outcome in outcomes]

    def look_up(self, idempotency_key: str) -> Sent | NotTaken:
        """Settle an unknown: did the provider take a message with this key? Refuses: no answer (ProviderError)."""
        answer = self._ask("GET", "/v1/message?" + str(httpx.QueryParams({"out_id": idempotency_key})))
        if answer.get("code") == Code.NOT_FOUND:
            return NotTaken()
        outcome = outcome_of({"code": Code.ACCEPTED, "message_id": answer.get("message_id")})
        if not isinstance(outcome, Sent):
            raise ProviderError(UNREADABLE_ANSWER.code, UNREADABLE_ANSWER.message)
        return Sent(outcome.provider_message_id, already=True)

    def pull_receipts(self, after: str = "") -> tuple[list[Receipt], str]:
        """Delivery receipts behind a cursor, and the next cursor: store the receipts, then the cursor.

        Limit: MAX_EVENTS_A_PULL. Refuses: no clear answer (ProviderError). An unreadable event is logged and
        passed over, since it would hold up all refusals behind it.
        """
        events, cursor = self._pull("/v1/receipts", after)
        return _readable(receipt_of, events), cursor

    def pull_replies(self, after: str = "") -> tuple[list[Reply], str]:
        """Inbound replies behind a cursor, and the next cursor."""
        events, cursor = self._pull("/v1/replies", after)
        return _readable(reply_of, events), cursor

    def file_signature(self, name: str) -> None:
        """File a signature (the name in 【】). Filing it again changes nothing."""
        self._ask("POST", "/v1/signatures", {"name": name})

    def file_template(self, template_id: str, body: str) -> str:
        """File a template whose variables stand as `${name}`; answers `approved`, `reviewing` or `refused`."""
        return str(self._ask("POST", "/v1/templates", {"template_id": template_id, "body": body}).get("state", ""))

    def _check(self, grant: PermitGrant, at: datetime) -> Failed | None:
        refusal = refuse_unless_valid(grant, at, channel=self.channel, into_sink=self._settings.into_sink)
        if refusal is None and not is_telephone(grant.address):
            return BAD_TELEPHONE
        return refusal

    def _submit(self, grants: Sequence[PermitGrant], at: datetime) -> list[SendOutcome]:
        document = {
            "messages": [
                {
                    "out_id": grant.idempotency_key,
                    "to": grant.address,
                    "signature": grant.content.signature,
                    "template_id": grant.content.template_id,
                    "variables": dict(grant.content.variables),
                }
                for grant in grants
            ]
        }
        deadline = Deadline(grants, at)
        written = False

        def watch(event: str, _info: Mapping[str, Any]) -> None:
            nonlocal written
            if event == "http11.send_request_headers.started":
                if deadline.passed():
                    raise _TooLateError
                written = True

        try:
            response = self._request("POST", "/v1/messages", wire.to_wire(document), deadline, watch)
        except _TooLateError:
            return [refuse("permit_expired")] * len(grants)
        except (httpx.HTTPError, httpx.InvalidURL):
            return [NO_ANSWER if written else NOT_CONNECTED] * len(grants)
        return _read_answer(response, grants)

    def _request(
        self, method: str, target: str, body: bytes, deadline: Deadline | None, watch: Callable[..., None] | None
    ) -> httpx.Response:
        date, nonce = wire.to_wire_date(self._wall()), secrets.token_hex(16)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            wire.KEY_HEADER: self._settings.access_key,
            wire.DATE_HEADER: date,
            wire.NONCE_HEADER: nonce,
            wire.SIGNATURE_HEADER: wire.sign(
                self._settings.secret, method=method, target=target, date=date, nonce=nonce, body=body
            ),
        }
        limit = self._settings.timeout_seconds
        to_connect = deadline.left(limit) if deadline else limit
        timeout = httpx.Timeout(limit, connect=to_connect, pool=to_connect)
        extensions = {"trace": watch} if watch else None
        return self._client.request(
            method, target, content=body, headers=headers, timeout=timeout, extensions=extensions
        )

    def _ask(self, method: str, target: str, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
        body = b"" if document is None else wire.to_wire(document)
        try:
            answer = _json_object(self._request(method, target, body, None, None))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderError(NOT_CONNECTED.code, _NO_REACH) from error
        code = answer.get("code")
        if code in (Code.OK, Code.NOT_FOUND):
            return answer
        refusal = refusal_of(code)
        if refusal is None:
            raise ProviderError(UNREADABLE_ANSWER.code, _NOT_DOCUMENTED)
        raise ProviderError(refusal.code, refusal.message)

    def _pull(self, path: str, after: str) -> tuple[list[dict[str, Any]], str]:
        query = str(httpx.QueryParams({"after": after, "limit": wire.MAX_EVENTS_A_PULL}))
        answer = self._ask("GET", f"{path}?{query}")
        events, cursor = answer.get("events"), answer.get("next")
        if not isinstance(events, list) or len(events) > wire.MAX_EVENTS_A_PULL or not isinstance(cursor, str):
            raise ProviderError(UNREADABLE_ANSWER.code, _NOT_DOCUMENTED)
        return events, cursor


class _TooLateError(Exception):
    """The permit ended while a connection was being made."""


def _read_answer(response: httpx.Response, grants: Sequence[PermitGrant]) -> list[SendOutcome]:
    answer = _json_object(response)
    code = answer.get("code")
    if code != Code.OK:
        refusal = refusal_of(code, answer.get("retry_after_seconds"))
        return [refusal or UNREADABLE_ANSWER] * len(grants)
    results = answer.get("results")
    listed = results if isinstance(results, list) else []
    by_key = {result["out_id"]: result for result in listed if isinstance(result, dict) and "out_id" in result}
    return [
        outcome_of(by_key[grant.idempotency_key]) if grant.idempotency_key in by_key else UNREADABLE_ANSWER
        for grant in grants
    ]


def _readable(parse: Callable[[Any], _Event], events: Sequence[Any]) -> list[_Event]:
    read: list[_Event] = []
    for position, event in enumerate(events):
        try:
            read.append(parse(event))
        except EventError as error:
            _log.error("sms provider: event %d of %d is not what it documents (%s)", position, len(events), error.code)
    return read


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


_NO_REACH = Text(zh="未能连上服务商,稍后再试", en="the provider could not be reached; try again later")
_NOT_DOCUMENTED = Text(zh="服务商的答复不在其文档之列", en="the answer is none that the provider documents")
