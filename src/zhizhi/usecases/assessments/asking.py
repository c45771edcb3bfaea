"""Ask for an assessment; and those with which an invented book begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.assessments.keeping import ends_of_assessments, synthetic_lenders
from zhizhi.store.assessments.words import ACTIVITIES, DAYS_MAX
from zhizhi.usecases.approvals.asking import Ask, ask
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.assessments.act import ANSWERS, ASSESSMENT
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import days_as_span

ANSWER_CHARACTERS_MIN = 10
GROUND = "依个人信息保护法第五十五条，事前评估"
SEED_YEARS_MAX = 10
"""Of an invented book that is older than that, the first years have none."""
_SEED_BEFORE, _SEED_SPAN = timedelta(days=1), timedelta(days=365)
SEEDED = {
    "necessity": "演示数据：催收为履行合同所必需，范围限于联系与还款所需。",
    "impact": "演示数据：可能泄露债务、打扰他人；量级与敏感程度已列明。",
    "measures": "演示数据：掩码、最小可见、许可制触达、全程存证。",
}


@dataclass(frozen=True, slots=True)
class AskAssessment:
    """Somebody wrote an assessment, to be in force for so many days from now."""

    lender_id: int
    activity: str
    days: int
    necessity: str
    impact: str
    measures: str
    by: int


def ask_assessment(command: AskAssessment, at: datetime) -> int:
    """Ask a second person to approve it; answers the request.

    Refuses: NotAllowed, an unknown activity, more than a year, an answer of less than ten characters or with a number.
    """
    if command.activity not in ACTIVITIES:
        raise UseCaseRefused("bad_activity", Text("请选择活动", "help: choose an activity"), "activity")
    if not 1 <= command.days <= DAYS_MAX:
        text = Text(f"有效期为 1 至 {DAYS_MAX} 天", f"it is in force for 1 to {DAYS_MAX} days")
        raise UseCaseRefused("bad_days", text, "days")
    said = {name: getattr(command, name) for name in ANSWERS}
    return _ask(command.lender_id, command.activity, (at, at + timedelta(days=command.days)), said, command.by, at)


def add_assessments(author: int, approver: int, at: datetime) -> int:
    """Approved assessments of every activity for each synthetic lender where none stands: from the first day of its
    book, which may be worked on a declared clock, until now and a year more; answers how many.

    Boundary: a real lender gets none, its contacts wait until two of its people have assessed them.
    """
    added = 0
    for lender_id, first_on in synthetic_lenders():
        ends = ends_of_assessments(lender_id)
        book_from = at if first_on is None else min(at, days_as_span(first_on, None)[0])
        for activity in ACTIVITIES:
            until = max(ends.get(activity, book_from - _SEED_BEFORE), at - _SEED_SPAN * SEED_YEARS_MAX)
            while until <= at:
                _approved(lender_id, activity, (until, until + _SEED_SPAN), author, approver, at)
                until += _SEED_SPAN
                added += 1
    return added


def _approved(
    lender_id: int, activity: str, span: tuple[datetime, datetime], author: int, approver: int, at: datetime
) -> None:
    asked = _ask(lender_id, activity, span, SEEDED, author, at)
    standing = load_standing(asked)
    assert standing is not None, "just asked"
    rule(Rule(asked, standing.digest, True, approver), at)


def _ask(
    lender_id: int, activity: str, span: tuple[datetime, datetime], said: dict[str, str], by: int, at: datetime
) -> int:
    answers = {name: checked_text(said[name], name, characters_min=ANSWER_CHARACTERS_MIN) for name in ANSWERS}
    request = {"activity": activity, "from": span[0].isoformat(), "until": span[1].isoformat(), **answers}
    return ask(ASSESSMENT, Ask(request, GROUND, by, lender_id), at)
