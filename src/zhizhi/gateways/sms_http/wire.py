"""The template provider's interface in names and numbers, and its request signature; see `docs/channels.md`."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

MAX_MESSAGES_A_REQUEST = 200
MAX_BODY_OCTETS = 1_048_576
MAX_EVENTS_A_PULL = 500
MAX_CLOCK_SKEW = timedelta(minutes=5)

KEY_HEADER = "X-Access-Key"
DATE_HEADER = "X-Date"
NONCE_HEADER = "X-Nonce"
SIGNATURE_HEADER = "X-Signature"


class Code(StrEnum):
    """What the provider answers, for a whole request or for one message."""

    OK = "ok"
    ACCEPTED = "accepted"
    DUPLICATE_OUT_ID = "duplicate_out_id"
    # one message
    SIGNATURE_NOT_FILED = "signature_not_filed"
    TEMPLATE_NOT_APPROVED = "template_not_approved"
    VARIABLES_MISMATCH = "variables_mismatch"
    BAD_NUMBER = "bad_number"
    MOBILE_BLACK_LIST = "mobile_black_list"
    OUT_ID_CONFLICT = "out_id_conflict"
    RATE_LIMITED = "rate_limited"
    # a whole request
    UNKNOWN_KEY = "unknown_key"
    BAD_REQUEST_SIGNATURE = "bad_request_signature"
    CLOCK_SKEW = "clock_skew"
    NONCE_REUSED = "nonce_reused"
    MALFORMED = "malformed"
    TOO_MANY_MESSAGES = "too_many_messages"
    NOT_FOUND = "not_found"
    SYSTEM_BUSY = "system_busy"


HTTP_STATUS = {
    Code.OK: 200,
    Code.UNKNOWN_KEY: 401,
    Code.BAD_REQUEST_SIGNATURE: 401,
    Code.CLOCK_SKEW: 401,
    Code.NONCE_REUSED: 401,
    Code.MALFORMED: 400,
    Code.TOO_MANY_MESSAGES: 413,
    Code.NOT_FOUND: 404,
    Code.RATE_LIMITED: 429,
    Code.SYSTEM_BUSY: 503,
}


def to_wire(document: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def to_wire_date(instant: datetime) -> str:
    """`2026-11-23T02:00:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_wire_date(text: str) -> datetime:
    """The reverse of `to_wire_date`. Refuses: any other form (ValueError)."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def sign(secret: str, *, method: str, target: str, date: str, nonce: str, body: bytes) -> str:
    """HMAC-SHA256 (hex) over method, path with query, date, nonce and the SHA-256 of the body, one to a line."""
    lines = (method.upper(), target, date, nonce, hashlib.sha256(body).hexdigest())
    return hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
