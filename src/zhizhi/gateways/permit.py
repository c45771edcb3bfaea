"""What a channel needs to send once, and what it answers: the only door to the outside world.

`send(grant, at)` of every channel answers one of three values. `Sent`: the provider took it. `Failed`: proof that
nothing left, so the permit may be given back. `Unknown`: it may have left, so the permit stays counted.
"""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from zhizhi.core.kernel.content import Content
from zhizhi.core.kernel.text import Text


class Origin(StrEnum):
    """Which clock minted the permit."""

    SYSTEM = "system"
    DECLARED = "declared"


class FailureKind(StrEnum):
    """Whether the same contact could succeed later, within its permit."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class PermitGrant:
    """One permit, claimed and opened for one call; address and content live in memory only and never in a repr."""

    permit_id: int
    person_id: int
    party_id: int
    point_id: int
    channel: str
    address: str = field(repr=False)
    content: Content = field(repr=False)
    content_digest: str
    not_before: datetime
    expires_at: datetime
    must_end_by: datetime | None
    origin: Origin
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it; `already` says that it had done so at an earlier try with the same idempotency key."""

    provider_message_id: str
    parts: int = 1
    already: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing left, proven: refused here before traffic, cut before the request left, or refused by the provider."""

    kind: FailureKind
    code: str
    message: Text
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have left: the answer to a request that was (perhaps partly) written never came, or cannot be read."""

    code: str
    message: Text


SendOutcome = Sent | Failed | Unknown


class SendingChannel(Protocol):
    """A channel that leaves by itself; the manual channel has `open_call` instead."""

    channel: str

    def send(self, grant: PermitGrant, at: datetime) -> SendOutcome:
        """Send once."""
        ...


_REFUSALS = {
    "wrong_channel": Text(
        zh="许可属于渠道 `{permit}`,不能由 `{here}` 发出",
        en="the permit is for channel `{permit}` and cannot leave by `{here}`",
    ),
    "declared_clock": Text(
        zh="许可出自演示时钟,真实渠道拒绝发出;演示请接入演示发件箱",
        en="the permit comes from a declared clock, which a real channel refuses; connect the demonstration outbox",
    ),
    "content_changed": Text(
        zh="内容与许可绑定的摘要不符,未发出;请重新申请许可",
        en="the content differs from the digest bound to the permit; propose the contact again",
    ),
    "bad_content": Text(
        zh="内容含有无法编码的字符或重复的变量,请修改模板",
        en="the content holds half a character, or a variable twice; mend the template",
    ),
    "not_yet_valid": Text(zh="许可尚未生效", en="the permit is not valid yet"),
    "permit_expired": Text(
        zh="许可已过期,未发出;请重新申请许可", en="the permit has expired and nothing left; propose the contact again"
    ),
    "naive_time": Text(zh="许可的时间没有时区", en="a time of the permit has no zone"),
    "no_idempotency_key": Text(zh="许可没有幂等键", en="the permit has no idempotency key"),
}


def refuse(code: str, kind: FailureKind = FailureKind.PERMANENT, **values: object) -> Failed:
    """A refusal of this module by its code."""
    return Failed(kind, code, _REFUSALS[code].fill(**values))


def refuse_unless_valid(grant: PermitGrant, at: datetime, *, channel: str, into_sink: bool) -> Failed | None:
    """Every channel's first step: whether this permit may leave here and now; no traffic has happened yet.

    Boundary: valid from `not_before` (included) until `expires_at` (excluded).
    """
    if grant.channel != channel:
        return refuse("wrong_channel", permit=grant.channel, here=channel)
    if not grant.idempotency_key:
        return refuse("no_idempotency_key")
    if any(instant.utcoffset() is None for instant in (at, grant.not_before, grant.expires_at)):
        return refuse("naive_time")
    if grant.origin is not Origin.SYSTEM and not into_sink:
        return refuse("declared_clock")
    try:
        digest = grant.content.digest()
    except ValueError:
        return refuse("bad_content")
    if digest != grant.content_digest:
        return refuse("content_changed")
    if at < grant.not_before:
        return refuse("not_yet_valid", FailureKind.TEMPORARY)
    if at >= grant.expires_at:
        return refuse("permit_expired")
    return None


class Ends(Protocol):
    """What may leave until an instant."""

    @property
    def expires_at(self) -> datetime:
        """From then on it may not."""
        ...


class Deadline:
    """How long a request may still take to leave: what was permitted at the call must not leave after the permit ends.

    `send` reads no clock: the rest of the permit's time is measured on a monotonic one from the moment of the call.
    """

    def __init__(self, grants: Iterable[Ends], at: datetime, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ends = monotonic() + min((grant.expires_at - at).total_seconds() for grant in grants)

    def left(self, at_most: float) -> float:
        """Seconds that remain, at most `at_most`, never negative."""
        return max(0.0, min(at_most, self._ends - self._monotonic()))

    def passed(self) -> bool:
        """Whether the permit's time has run out."""
        return self._monotonic() >= self._ends


_TELEPHONE = re.compile(r"\+?[0-9]{5,15}")


def is_telephone(address: str) -> bool:
    """Whether an address is a bare telephone number: five to fifteen digits, with or without a leading plus."""
    return _TELEPHONE.fullmatch(address) is not None


BAD_TELEPHONE = Failed(
    FailureKind.PERMANENT,
    "bad_telephone",
    Text(
        zh="联系方式不是可拨打的号码(5 至 15 位数字),请更正联系方式",
        en="the contact point is no telephone number of 5 to 15 digits; correct the point",
    ),
)
