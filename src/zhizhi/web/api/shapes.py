"""What may be sent to lease: bodies are checked against these records, and the document is made of them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from zhizhi.usecases.calling.making import SEATS_MAX
from zhizhi.usecases.lease import PERSONS_MAX, SECONDS_MAX, SECONDS_MIN
from zhizhi.usecases.lease_record import KINDS
from zhizhi.web.api.fields import Instant, Line, Many, Nothing, OneOf, Shape, Whole

__all__ = ["CallRecord", "FreeSeats", "LeaseTerms", "ManyLeases", "NamedCase", "Nothing", "OneLease"]

PURPOSES = ("collect", "remind", "answer_request")
CASE = Line("案件编号（与 account 二选一）", "our case number (this or `account`)")
ACCOUNT = Line("贷款账号（与 case 二选一）", "the lender's account number (this or `case`)")


class NamedCase(Shape):
    """Whom to ring, by one of two numbers."""

    case: Annotated[str | None, CASE] = None
    account: Annotated[str | None, ACCOUNT, Field(repr=False)] = None


class LeaseTerms(Shape):
    """What a lease is asked for."""

    campaign: Annotated[str, Line("活动名称", "name of the campaign")]
    seconds: Annotated[int, Whole("有效秒数", "for how many seconds", SECONDS_MIN, SECONDS_MAX)]
    script: Annotated[str, Line("已批准的话术代码", "code of an approved call script")]
    caller: Annotated[str | None, Line("接通后通话的坐席登录名", "login of the staff member who will speak")] = None
    purpose: Annotated[str, OneOf("联系目的", "purpose of the contact", PURPOSES)] = "collect"
    goes_from: Annotated[
        str | None,
        Line(
            "外呼号码，含区号；机构设有号码库时必填",
            "outbound number; needed where the lender keeps a register",
        ),
    ] = None


class OneLease(LeaseTerms):
    """A lease for one person."""

    case: Annotated[str | None, CASE] = None
    account: Annotated[str | None, ACCOUNT, Field(repr=False)] = None


class ManyLeases(LeaseTerms):
    """Leases for several persons in one commit."""

    persons: Annotated[list[NamedCase], Many("要拨打的客户", "whom to ring", PERSONS_MAX)]


class FreeSeat(Shape):
    """A seat that has no call."""

    login: Annotated[str, Line("坐席登录名", "login of the seat")]


class FreeSeats(Shape):
    """Who is free to talk now."""

    seconds: Annotated[int, Whole("有效秒数", "for how many seconds", SECONDS_MIN, SECONDS_MAX)]
    free: Annotated[list[FreeSeat], Many("空闲坐席", "the free seats", SEATS_MAX)]


class CallRecord(Shape):
    """One report of a lease; reports may come in any order."""

    kind: Annotated[str, OneOf("发生了什么", "what happened", KINDS)]
    began_at: Annotated[datetime | None, Instant("拨号时刻，须带时区", "when it was dialled, with an offset")] = None
    ring_seconds: Annotated[int | None, Whole("响铃秒数", "how long it rang", 0, 600)] = None
    talk_seconds: Annotated[int | None, Whole("通话秒数", "how long the talk was", 0, 21_600)] = None
    number: Annotated[str | None, Line("实际拨打的号码", "the number that was called", most=30), Field(repr=False)] = (
        None
    )
    proof: Annotated[
        str,
        Line("线路或外呼系统的话单号", "number of the carrier's or dialler's record", least=0, most=200),
        Field(repr=False),
    ] = ""
