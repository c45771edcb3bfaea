"""征信异议: by when it is answered, what the answer may be, and what credit reporting is told because of it.

Law: CRR 25 (F-10): the item is marked as disputed, checked, and answered in writing within twenty natural days of the
receipt; what is wrong is corrected, what is right is unmarked, what cannot be settled is put on record.
"""

from datetime import date, timedelta
from enum import StrEnum

from zhizhi.core.kernel.text import Text

ANSWER_DAYS = 20
"""Natural days; the day of receipt does not count, and a day of rest moves nothing."""
CORRECTION_DAYS = 1
"""House rule T+1: what an answer asks of credit reporting is sent by the day after it."""


class ObjectionHow(StrEnum):
    """How it came in."""

    CALL = "call"
    COUNTER = "counter"
    LETTER = "letter"
    BUREAU = "bureau"

    @property
    def label(self) -> Text:
        """On screens."""
        return _HOWS[self]


_HOWS = {
    ObjectionHow.CALL: Text("通话中", "in a call"),
    ObjectionHow.COUNTER: Text("当面", "at the counter"),
    ObjectionHow.LETTER: Text("来信", "by letter"),
    ObjectionHow.BUREAU: Text("征信机构转来", "passed on by credit reporting"),
}


class Message(StrEnum):
    """What credit reporting is told."""

    MARK = "mark"
    CORRECT = "correct"
    UNMARK = "unmark"
    RECORD = "record"

    @property
    def label(self) -> Text:
        """On screens."""
        return _MESSAGES[self]


_MESSAGES = {
    Message.MARK: Text("标注异议", "mark as disputed"),
    Message.CORRECT: Text("更正", "correct it"),
    Message.UNMARK: Text("取消标注", "take the mark away"),
    Message.RECORD: Text("记载核查情况", "put on record that it cannot be settled"),
}


class ObjectionAnswer(StrEnum):
    """What the check found."""

    WRONG = "wrong"
    RIGHT = "right"
    UNCLEAR = "unclear"

    @property
    def label(self) -> Text:
        """On screens."""
        return _ANSWERS[self]

    @property
    def message(self) -> Message:
        """What it asks of credit reporting."""
        return _ASKS[self]


_ANSWERS = {
    ObjectionAnswer.WRONG: Text("确有错误，予以更正", "it was wrong and is corrected"),
    ObjectionAnswer.RIGHT: Text("核查无误", "it is right"),
    ObjectionAnswer.UNCLEAR: Text("无法核实，予以记载", "it cannot be settled and is put on record"),
}
_ASKS = {
    ObjectionAnswer.WRONG: Message.CORRECT,
    ObjectionAnswer.RIGHT: Message.UNMARK,
    ObjectionAnswer.UNCLEAR: Message.RECORD,
}


def answer_due_on(received_on: date) -> date:
    """The last day for the written answer."""
    return received_on + timedelta(days=ANSWER_DAYS)


def message_due_on(message: Message, on: date) -> date:
    """The last day to send it: a mark the same day, what follows an answer the day after."""
    return on if message is Message.MARK else on + timedelta(days=CORRECTION_DAYS)
