"""What is compared: a record of somebody else's, a permit of ours that was used, and what can be wrong with the two.

Instants are microseconds since 1970, so that distances are whole numbers.
"""

from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.kernel.text import Text

SECOND = 1_000_000
HOUR = 3600 * SECOND


class Kind(StrEnum):
    """What was found, the gravest first: a finding with several is named by the first of them."""

    UNKNOWN_NUMBER = "unknown_number"
    RELEASED_PERMIT = "released_permit"
    RECORD_WITHOUT_PERMIT = "record_without_permit"
    NUMBER_DIFFERS = "number_differs"
    OUTSIDE_DAY = "outside_day"
    RECORDED_TWICE = "recorded_twice"
    WRONG_CALLER = "wrong_caller"
    OUTCOME_DIFFERS = "outcome_differs"
    TIMES_DIFFER = "times_differ"
    LENGTH_DIFFERS = "length_differs"
    PARTS_DIFFER = "parts_differ"
    PERMIT_WITHOUT_RECORD = "permit_without_record"
    FILE_LATE = "file_late"
    FILE_UNREADABLE = "file_unreadable"
    ROWS_UNREADABLE = "rows_unreadable"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _LABELS[self]


OF_FILES = (Kind.FILE_LATE, Kind.FILE_UNREADABLE, Kind.ROWS_UNREADABLE)
"""Kinds that speak of a file, not of a contact."""

_LABELS = {
    Kind.UNKNOWN_NUMBER: Text("号码不属于任何客户", "a contact to a number of nobody we know"),
    Kind.RELEASED_PERMIT: Text("许可已归还，却有记录", "a contact whose permit was given back"),
    Kind.RECORD_WITHOUT_PERMIT: Text("有记录，无许可", "a contact without a permit"),
    Kind.NUMBER_DIFFERS: Text("联系的号码与许可不符", "another number than the permit names"),
    Kind.OUTSIDE_DAY: Text("记录不在文件所属日", "a record of another day than the file's"),
    Kind.RECORDED_TWICE: Text("同一触达记录两次", "recorded twice"),
    Kind.WRONG_CALLER: Text("主叫号码不是登记的号码", "a caller number that is not ours"),
    Kind.OUTCOME_DIFFERS: Text("结果不符", "the outcomes differ"),
    Kind.TIMES_DIFFER: Text("时刻相差超过容差", "the instants differ"),
    Kind.LENGTH_DIFFERS: Text("通话时长不符", "the lengths differ"),
    Kind.PARTS_DIFFER: Text("短信条数不符", "the numbers of SMS parts differ"),
    Kind.PERMIT_WITHOUT_RECORD: Text("有许可，无记录", "a used permit without a record"),
    Kind.FILE_LATE: Text("文件未按时送达", "the file was late"),
    Kind.FILE_UNREADABLE: Text("文件无法读取", "the file cannot be read"),
    Kind.ROWS_UNREADABLE: Text("部分行无法读取", "some rows cannot be read"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source allows. `opens` up to but not including `closes` is its civil day.

    `tolerance`: clocks that differ by as much agree. `apart`: records this far from a permit of the same number still
    speak of the same contact, at another time. `length_tolerance` in seconds.
    """

    opens: int
    closes: int
    tolerance: int
    apart: int
    length_tolerance: int


@dataclass(frozen=True, slots=True)
class Record:
    """One contact in somebody else's file, after its number was looked up.

    `identity`: the id that its author gave it, or nothing. `permit`: the permit that it names, where it is one of this
    day. `number_differs`: it names a permit for another number. `came_twice`: its wall clock showed this time twice
    that day, and `at` is the first. What the file does not say is None.
    """

    row: int
    at: int
    identity: str = ""
    permit: int | None = None
    number_differs: bool = False
    came_twice: bool = False
    caller_is_ours: bool | None = None
    is_answered: bool | None = None
    is_delivered: bool | None = None
    talk_seconds: int | None = None
    parts: int | None = None

    def said(self) -> tuple[object, ...]:
        """What makes two rows one contact: the author's id, or everything that is told."""
        if self.identity:
            return (self.identity,)
        told = (self.at, self.permit, self.caller_is_ours, self.is_answered, self.is_delivered)
        return (*told, self.talk_seconds, self.parts)


@dataclass(frozen=True, slots=True)
class Used:
    """A permit that was used, and how we say that it ended.

    `is_released`: given back on proof that nothing left, so no record is expected. `is_due`: without a record it is
    missing; otherwise it may still stand in the file of the day before or after.
    """

    permit: int
    person: int
    at: int
    is_released: bool = False
    is_due: bool = True
    is_answered: bool | None = None
    is_delivered: bool | None = None
    talk_seconds: int | None = None
    parts: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A record and the permit it belongs to; `kinds` is empty where they agree."""

    record: Record
    used: Used
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """One number's records and permits of a day: each record stands in `pairs` or `alone`, each due permit in `pairs`
    or `missing`, each other one in `pairs` or `carried`."""

    pairs: tuple[Pair, ...]
    alone: tuple[tuple[Record, tuple[Kind, ...]], ...]
    missing: tuple[Used, ...]
    carried: tuple[Used, ...]
