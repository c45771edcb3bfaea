"""Make an agency's statement of a month: from the ledger and the placements, the same facts give the same statement."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import groupby

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.core.placement.commission import Earned, Nothing, attribute, state
from zhizhi.core.placement.rate_card import RateCard
from zhizhi.store.commission.cards import card_of
from zhizhi.store.commission.gathering import (
    Arrived,
    HeldCase,
    Span,
    has_served,
    load_breaches,
    load_held,
    load_money,
)
from zhizhi.store.commission.statements import LineToState, ToState, write_statement
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused

DECEMBER = 12


@dataclass(frozen=True, slots=True)
class StateMonth:
    """An agency's month with a lender."""

    lender_id: int
    agency_id: int
    month: date
    currency: str
    by: int


def state_month(command: StateMonth, at: datetime) -> int:
    """Make the statement; answers its id.

    A payment is of the month in which the ledger got it, so that each is stated once, however late it came; whose it is
    follows from the day on which it was paid. Money that goes back after its month was stated is taken back at the rate
    that it was stated at.

    Refuses: NotAllowed, a month that is not over, one without a rate card, one whose statement stands.
    """
    require(command.by, Right.SETTLE_COMMISSION, lender_id=command.lender_id)
    span = _span(command, at)
    if at < span.until_at:
        raise UseCaseRefused("not_over", Text("该月尚未结束", "the month is not over yet"), "month")
    found = card_of(command.lender_id, command.agency_id, command.currency, command.month)
    if found is None:
        raise UseCaseRefused("no_card", Text("该月没有生效的费率表", "no rate card is in force in this month"), "where")
    lines = _lines(span, found.card)
    breaches = load_breaches(span)
    base = found.card.base_minor if has_served(span) else 0
    total = state((line.earned for line in lines), [found.card.breach_minor] * len(breaches), base)
    return write_statement(ToState(span, found.id, lines, breaches, total, command.by))


def _span(command: StateMonth, at: datetime) -> Span:
    first = command.month.replace(day=1)
    later = date(first.year + first.month // DECEMBER, first.month % DECEMBER + 1, 1)
    from_at, until_at = (datetime.combine(day, time(), BEIJING) for day in (first, later))
    return Span(command.lender_id, command.agency_id, command.currency, first, from_at, until_at, at)


def _lines(span: Span, card: RateCard) -> list[LineToState]:
    """Every payment of the month that is the agency's, whether it earns or not, person by person."""
    arrived = sorted(load_money(span), key=lambda one: one.person_id)
    held = load_held(span, sorted({one.person_id for one in arrived}))
    lines = []
    for person_id, group in groupby(arrived, key=lambda one: one.person_id):
        cases = held[person_id]
        numbers = {case.held.id: case.case_number for case in cases}
        for one in group:
            earned = _earned(one, cases, card)
            if earned.held is not None and earned.held.agency_id == span.agency_id:
                lines.append(LineToState(person_id, numbers[earned.held.id], earned))
    return lines


def _earned(one: Arrived, cases: list[HeldCase], card: RateCard) -> Earned:
    if one.before is None:
        return attribute(one.money, [case.held for case in cases], card)
    (held,) = (case.held for case in cases if case.held.id == one.before.placement_id)
    nothing = Nothing(one.before.nothing) if one.before.nothing is not None else None
    return replace(Earned(one.money, held, one.before.rate), nothing=nothing)
