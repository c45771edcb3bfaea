"""What may be sent, as typed records: bodies are checked against them, and the document is generated from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.usecases.lease import PERSONS_MAX, SECONDS_MAX, SECONDS_MIN
from zhizhi.usecases.lease_record import KINDS

PURPOSES = ("collect", "remind", "answer_request")


def text(zh: str, en: str, *, most: int = 100, least: int = 1, one_of: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """Bounds of a text."""
    return {"says": Text(zh, en), "least": least, "most": most, "one_of": one_of}


def number(zh: str, en: str, least: int, most: int) -> Mapping[str, Any]:
    """Bounds of a whole number."""
    return {"says": Text(zh, en), "least": least, "most": most}


def says(zh: str, en: str, most: int = 0) -> Mapping[str, Any]:
    """What something else is; `most`: of a list."""
    return {"says": Text(zh, en), "most": most}


CASE = text("案件编号（与 account 二选一）", "our case number (this or `account`)")
ACCOUNT = text("贷款账号（与 case 二选一）", "the lender's account number (this or `case`)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCase:
    """Whom to ring, by one of two numbers."""

    case: str | None = field(default=None, metadata=CASE)
    account: str | None = field(default=None, metadata=ACCOUNT, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTerms:
    """What a lease is asked for."""

    campaign: str = field(metadata=text("活动名称", "name of the campaign"))
    seconds: int = field(metadata=number("有效秒数", "for how many seconds", SECONDS_MIN, SECONDS_MAX))
    script: str = field(metadata=text("已批准的话术代码", "code of an approved call script"))
    caller: str | None = field(
        default=None,
        metadata=text("接通后通话的坐席登录名", "login of the staff member who will speak"),
    )
    purpose: str = field(default="collect", metadata=text("联系目的", "purpose of the contact", one_of=PURPOSES))


@dataclass(frozen=True, slots=True, kw_only=True)
class OneLease(LeaseTerms):
    """A lease for one person."""

    case: str | None = field(default=None, metadata=CASE)
    account: str | None = field(default=None, metadata=ACCOUNT, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyLeases(LeaseTerms):
    """Leases for several persons in one commit."""

    persons: tuple[NamedCase, ...] = field(metadata=says("要拨打的客户", "whom to ring", PERSONS_MAX))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One report of a lease; reports may come in any order."""

    kind: str = field(metadata=text("发生了什么", "what happened", one_of=KINDS))
    began_at: datetime | None = field(
        default=None, metadata=says("拨号时刻，须带时区", "when it was dialled, with an offset")
    )
    ring_seconds: int | None = field(default=None, metadata=number("响铃秒数", "how long it rang", 0, 600))
    talk_seconds: int | None = field(default=None, metadata=number("通话秒数", "how long the talk was", 0, 21_600))
    number: str | None = field(
        default=None, metadata=text("实际拨打的号码", "the number that was called", most=30), repr=False
    )
    proof: str = field(
        default="",
        metadata=text("线路或外呼系统的话单号", "number of the carrier's or dialler's record", least=0, most=200),
        repr=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """An empty body: `{}`."""
