"""Letters: until when the latest ones about the same credit product bar the next."""

from datetime import datetime, timedelta

from zhizhi.core.conduct.case import Debt, Event
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import day_in, wall
from zhizhi.core.law.features import CooldownState, Doubt
from zhizhi.core.law.nodes import Cooldown


def cooldown_state(view: View, term: Cooldown, at: datetime) -> CooldownState:
    """The days that letters about the same product certainly bar, and those that letters of unknown product may bar."""
    assert isinstance(term.days, int), "numbers are filled in before a rule is evaluated"
    certain: datetime | None = None
    possible: datetime | None = None
    facts: list[str] = []
    doubts: list[str] = []
    for event in view.letters:
        same = _same_product(view, event)
        if event.at > at or same is False:
            continue
        until = wall(view.zone, day_in(view.zone, event.at) + timedelta(days=term.days), 0)
        if until > at:
            facts.append(event.id)
        if same:
            certain = until if certain is None else max(certain, until)
        else:
            possible = until if possible is None else max(possible, until)
            doubts.append(f"events.{event.id}.debts.product")
    return CooldownState(certain, possible, tuple(facts), Doubt(tuple(doubts)))


def _same_product(view: View, event: Event) -> bool | None:
    """Boundary: the same debt is the same product, whatever it is called; two debts of unknown product may be."""
    pairs = [_same(mine, other) for mine in view.debts for other in view.debts_of(event)]
    if True in pairs:
        return True
    return None if None in pairs else False


def _same(mine: Debt, other: Debt) -> bool | None:
    if mine.id == other.id:
        return True
    if mine.lender != other.lender:
        return False
    if mine.product is None or other.product is None:
        return None
    return mine.product == other.product
