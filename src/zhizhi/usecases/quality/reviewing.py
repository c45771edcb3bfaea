"""质检、申诉、复核与处理: who may say what about a contact that was drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.debt.tables.workdays_cn import WORKDAYS_CN
from zhizhi.core.kernel.text import Text
from zhizhi.core.quality.marks import MARKS
from zhizhi.store.lenders.rights import Right
from zhizhi.store.quality.reviewing import (
    NewConsequence,
    appeal_review,
    give_review,
    lender_of_review,
    rule_appeal,
    set_consequence,
)
from zhizhi.store.quality.words import CONSEQUENCES
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

APPEAL_WORKING_DAYS = 3
"""House rule: the day on which the review is shown does not count."""
TEXT_CHARACTERS_MIN = 4
SECOND_MAX = 6 * 3600


@dataclass(frozen=True, slots=True)
class Review:
    """A review of a person's contact, by whoever acts."""

    person_id: int
    review_id: int
    by: int

    @property
    def named(self) -> tuple[int, int]:
        """As rows name it."""
        return self.person_id, self.review_id


Marked = Sequence[tuple[str, int | None]]


def review(which: Review, marks: Marked, remark: str, at: datetime) -> None:
    """Give the verdict; no mark is a clean contact.

    Refuses: NotAllowed, another reviewer's, one that is given, an unknown mark, a second out of range, a mark without
    words on what was heard, words with a number in them.
    """
    _require(which, Right.REVIEW_QUALITY)
    _check(marks)
    said = checked_text(remark, "remark", characters_min=TEXT_CHARACTERS_MIN if marks else 0)
    give_review(which.named, marks, said, appeal_until(at), by=which.by, at=at)


def appeal_until(at: datetime) -> date:
    """The last day for an appeal against what is shown now."""
    return WORKDAYS_CN.add_working_days(civil_day(at), APPEAL_WORKING_DAYS)


def appeal(which: Review, ground: str, at: datetime) -> None:
    """Refuses: NotAllowed, a ground too short or with a number, another's contact, one that is too late."""
    _require(which, Right.APPEAL_QUALITY)
    said = checked_text(ground, "ground", characters_min=TEXT_CHARACTERS_MIN)
    appeal_review(which.named, said, civil_day(at), by=which.by, at=at)


def rule(which: Review, marks: Marked | None, ruling: str, at: datetime) -> None:
    """The second look: upheld where no marks are given, else these take the place of the first ones.

    Refuses: NotAllowed, whoever reviewed or made the contact, one that nobody appealed, an unknown mark, no words.
    """
    _require(which, Right.RULE_QUALITY)
    _check(marks or ())
    said = checked_text(ruling, "ruling", characters_min=TEXT_CHARACTERS_MIN)
    rule_appeal(which.named, marks, said, by=which.by, at=at)


def follow(which: Review, consequence: str, ground: str, at: datetime) -> None:
    """Say what comes of a verdict that stands; retraining holds the collector's contacts from this second.

    Refuses: NotAllowed, an unknown consequence, no ground, a verdict that may still be appealed, one's own.
    """
    _require(which, Right.FOLLOW_QUALITY)
    if consequence not in CONSEQUENCES:
        raise UseCaseRefused("bad_consequence", Text("请选择处理", "help: choose what comes of it"), "consequence")
    said = checked_text(ground, "ground", characters_min=TEXT_CHARACTERS_MIN)
    set_consequence(which.named, NewConsequence(consequence, said, which.by), civil_day(at), at)


def _require(which: Review, right: Right) -> None:
    lender_id = lender_of_review(which.named)
    if lender_id is None:
        raise UseCaseRefused("moved_on", Text("没有这条质检", "there is no such review"))
    acting = require(which.by, right)
    if acting.agency_id is None:  # an agency's collector works for whoever placed the case
        require(which.by, right, lender_id=lender_id)


def _check(marks: Marked) -> None:
    for code, second in marks:
        if code not in MARKS:
            raise UseCaseRefused("bad_mark", Text("没有这个扣分项", "there is no such mark"))
        if second is not None and not 0 <= second <= SECOND_MAX:
            raise UseCaseRefused(
                "bad_second", Text("时间点（秒）不合理", "the second is out of range"), f"second_{code}"
            )
