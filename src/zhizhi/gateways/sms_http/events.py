"""Receipts and replies in the provider's form, pulled or pushed."""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.inbound import Receipt, ReceiptState, Reply, classify_reply
from zhizhi.gateways.permit import is_telephone
from zhizhi.gateways.sms_http import wire


class EventError(Exception):
    """A receipt, a reply or a pushed request that is not what the provider documents; it is refused as a whole."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(text.en)
        self.code = code
        self.text = text


_UNREADABLE = Text(
    zh="回执或回复的格式不符合服务商文档", en="the receipt or reply is not in the form that the provider documents"
)
_NOT_SIGNED = Text(zh="推送请求验签失败,已拒绝", en="the pushed request is not signed by the provider; refused")
_NOT_NOW = Text(zh="推送请求的时间相差超过 5 分钟,已拒绝", en="the pushed request is more than 5 minutes off; refused")
MAX_TEXT = 4_000


def receipt_of(event: Any) -> Receipt:
    """One delivery receipt. Refuses: a missing field or an unknown state (EventError)."""
    try:
        return Receipt(
            key=_text(event["key"]),
            provider_message_id=_text(event["message_id"]),
            idempotency_key=_text(event["out_id"]),
            state=ReceiptState(event["state"]),
            code=_text(event["carrier_code"]),
            at=wire.from_wire_date(event["at"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EventError("unreadable_event", _UNREADABLE) from error


def reply_of(event: Any) -> Reply:
    """One inbound reply with its meaning for the medium. Refuses: a missing field or a sender that is no number."""
    try:
        text, number = _text(event["text"]), _text(event["from"])
        if not is_telephone(number):
            raise ValueError("not a number")
        return Reply(
            key=_text(event["key"]),
            address=number,
            text=text,
            kind=classify_reply(text),
            at=wire.from_wire_date(event["at"]),
            provider_message_id=_text(event.get("message_id", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EventError("unreadable_event", _UNREADABLE) from error


def parse_push(
    headers: Mapping[str, str], target: str, body: bytes, secret: str, at: datetime
) -> tuple[list[Receipt], list[Reply]]:
    """What a provider pushed by webhook, once its signature holds. `at` is the real clock's now.

    Repeated pushes are harmless, since every event carries its key. Refuses: a bad signature, an old date, a bad form.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    date, nonce = lowered.get(wire.DATE_HEADER.lower(), ""), lowered.get(wire.NONCE_HEADER.lower(), "")
    expected = wire.sign(secret, method="POST", target=target, date=date, nonce=nonce, body=body)
    if not hmac.compare_digest(expected.encode(), lowered.get(wire.SIGNATURE_HEADER.lower(), "").encode()):
        raise EventError("bad_request_signature", _NOT_SIGNED)
    try:
        skew = abs(wire.from_wire_date(date) - at)
    except ValueError as error:
        raise EventError("clock_skew", _NOT_NOW) from error
    if skew > wire.MAX_CLOCK_SKEW:
        raise EventError("clock_skew", _NOT_NOW)
    try:
        document = json.loads(body)
        receipts, replies = document.get("receipts", []), document.get("replies", [])
        if len(receipts) + len(replies) > 2 * wire.MAX_EVENTS_A_PULL:
            raise ValueError("too many events")
        return [receipt_of(event) for event in receipts], [reply_of(event) for event in replies]
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise EventError("unreadable_event", _UNREADABLE) from error


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValueError("not a short text")
    return value
