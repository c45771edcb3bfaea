"""抽样: the contacts of a day, or of some days in a row, are drawn once these days are over and signed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zhizhi.core.kernel.text import Text
from zhizhi.core.quality.sample import HOUSE_PLAN, draw
from zhizhi.store.lenders.rights import Right, roles_with
from zhizhi.store.quality.drawing import (
    NewDraw,
    Seed,
    as_candidates,
    keep_draw,
    load_inspected,
    load_reviewers,
    load_seed,
)
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused

DAYS_MAX = 7


@dataclass(frozen=True, slots=True)
class DrawSample:
    """A lender and its days, both included."""

    lender_id: int
    from_on: date
    until_on: date
    by: int


def draw_sample(command: DrawSample, at: datetime) -> int:
    """Draw, and give each contact to its reviewers; answers the id. How many and which is nobody's choice: the plan is
    the house's, and the seed of each day is the root that was signed after it.

    Refuses: NotAllowed, no days or more than seven, a day that is not over or not signed yet, one that was drawn from,
    days without contacts, nobody who reviews.
    """
    require(command.by, Right.DRAW_QUALITY, lender_id=command.lender_id)
    days = (command.until_on - command.from_on).days + 1
    if not 1 <= days <= DAYS_MAX:
        text = Text(f"一次抽 1 至 {DAYS_MAX} 天", f"from one day to {DAYS_MAX} at a time")
        raise UseCaseRefused("bad_days", text, "until_on")
    seeds = _seeds([command.from_on + timedelta(days=n) for n in range(days)])
    contacts = load_inspected(command.lender_id, command.from_on, command.until_on)
    if not contacts:
        raise UseCaseRefused("no_contacts", Text("这些日期没有人工触达", "nobody made a contact on these days"))
    reviewers = load_reviewers(roles_with(Right.REVIEW_QUALITY), command.lender_id)
    if not reviewers:
        text = Text("没有质检员；请先在「人员」增设", "nobody reviews here; help: add a quality reviewer under Staff")
        raise UseCaseRefused("no_reviewer", text)
    drawn = draw(as_candidates(contacts, seeds), HOUSE_PLAN)
    new = NewDraw(command.lender_id, command.from_on, command.until_on, HOUSE_PLAN, seeds, contacts, drawn, reviewers)
    return keep_draw(new, at, command.by)


def _seeds(days: list[date]) -> dict[date, Seed]:
    seeds = {}
    for on in days:
        seed = load_seed(on)
        if seed is None:
            text = Text(
                f"{on} 尚未结束，或其后存证日志尚未签署；种子取自结束后的首个锚点",
                f"{on} is not over, or the log was not signed since; the seed is the first checkpoint after it",
            )
            raise UseCaseRefused("not_signed", text, "until_on")
        seeds[on] = seed
    return seeds
