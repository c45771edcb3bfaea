"""What comes back from a channel: delivery receipts and replies.

Channels parse; jobs store the values in the inbox and act by a command.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ReceiptState(StrEnum):
    """What the carrier says became of a message that it had taken."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    PENDING = "pending"


class ReplyKind(StrEnum):
    """What a reply means for the medium; what is not a clear refusal stays free text for a person to read."""

    REFUSE_MEDIUM = "refuse_medium"
    FREE_TEXT = "free_text"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery report. `key` is unique at the provider and makes storing it twice harmless."""

    key: str
    provider_message_id: str
    idempotency_key: str
    state: ReceiptState
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """One message from a borrower, or from a person who now holds the number."""

    key: str
    address: str = field(repr=False)
    text: str = field(repr=False)
    kind: ReplyKind
    at: datetime
    provider_message_id: str = ""


# Whole replies that refuse, after folding. By the habit of Chinese carriers one letter suffices: T(D) 退订, N 否.
_REFUSING_WORDS = frozenset(
    {
        "t",
        "td",
        "tt",
        "tdd",
        "n",
        "no",
        "r",
        "q",
        "qx",
        "tuiding",
        "stop",
        "stopall",
        "end",
        "quit",
        "cancel",
        "unsubscribe",
        "optout",
    }
    | {"取消", "停止", "停", "退", "不要", "不需要", "拒绝", "勿扰", "取消订阅"}
)
# Refuse wherever they stand: over-reading costs one medium, under-reading breaks the law.
_REFUSING_PARTS = (
    "退订",
    "退訂",
    "拒收",
    "别再发",
    "別再發",
    "不要再发",
    "不要再發",
    "别发了",
    "不要发",
    "停止发送",
    "unsubscribe",
    "stopsending",
)
_PREFIX = re.compile(r"^(回复|回復|回覆|发送|发|reply)")
_NOT_A_WORD = re.compile(r"[\W_]+")


def classify_reply(text: str) -> ReplyKind:
    """Whether a reply refuses the medium; width, case, spaces, punctuation and a quoted signature do not matter."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = re.sub(r"【[^】]*】", "", folded)
    folded = _NOT_A_WORD.sub("", folded)
    folded = _PREFIX.sub("", folded)
    if folded in _REFUSING_WORDS or any(part in folded for part in _REFUSING_PARTS):
        return ReplyKind.REFUSE_MEDIUM
    return ReplyKind.FREE_TEXT
