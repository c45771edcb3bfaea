"""Single steps of a plan: the first instant at which a wished contact is permitted after those already planned.

What comes of a planned contact is not known. It is asked about three times: as if every earlier one reached the person,
as if none did, and as if nobody wrote down what came of it. A step stands only where all three permit it; a rule looks
at outcomes in one direction, so any mixture of them permits it too.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from zhizhi.core.conduct.case import Case, Event, Proposed
from zhizhi.core.conduct.decision import Decision, Reason, Verdict
from zhizhi.core.conduct.planning.wish import Horizon, Times, Wish
from zhizhi.core.kernel.instants import day_in, wall, zone_of
from zhizhi.core.law.law import Law

Decide = Callable[[Case, Law], Decision]
"""The engine that judges a step: the reference evaluator, or a quicker one that means the same."""

TURNS_MAX = 400
"""Instants that are tried for one step; one that takes more is given up, and the search says so."""

VALID_TALK_SECONDS = 60
_LIVE = frozenset({"voice", "ringless_voicemail"})


class CameOf(StrEnum):
    """What is supposed to have come of every planned contact."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Placed:
    """A contact of a wish at an instant."""

    wish: int
    point: str | None
    at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Stuck:
    """Why a wish has no instant left: the last decision against it; None where only the span was too short."""

    decision: Decision | None


class Steps:
    """One case, one law, one span. Keeps every reason that it met. `cut`: a step was given up before its end."""

    def __init__(self, case: Case, wishes: tuple[Wish, ...], horizon: Horizon, law: Law, decide: Decide) -> None:
        self.case, self.wishes, self.horizon, self.law = case, wishes, horizon, law
        self.zone = zone_of(law.zone or case.time_zones[0])
        self.cut = False
        self.met: dict[str, Reason] = {}
        self._decide = decide
        self._events: dict[tuple[tuple[Placed, ...], CameOf], tuple[Event, ...]] = {}
        self._taken = frozenset(event.id for event in case.events)

    def first(
        self, placed: tuple[Placed, ...], number: int, point: str | None, times: Times | None = None
    ) -> Placed | Stuck:
        """The first instant inside the span, after what is placed, at which the contact is permitted."""
        wish = self.wishes[number]
        at = self._inside(wish, self._free_from(placed, number), times)
        for _ in range(TURNS_MAX):
            if at >= self.horizon.until:
                return Stuck(None)
            against = self._against(placed, wish, point, at)
            if against is None:
                return Placed(number, point, at, at + wish.lasts)
            opens = against.next_permitted_at
            if opens is None or opens >= self.horizon.until:
                return Stuck(against)
            at = self._inside(wish, opens, times)
        self.cut = True
        return Stuck(None)

    def decisions(self, placed: tuple[Placed, ...], step: Placed) -> dict[CameOf, Decision]:
        """What is decided about a step, by what came of those before it."""
        wish = self.wishes[step.wish]
        return {came: self._ask(placed, wish, step.point, step.at, came) for came in CameOf}

    def preferred(self, step: Placed) -> bool:
        """Whether a step lies at a time that its wish prefers; any time will do where it prefers none."""
        prefer = self.wishes[step.wish].prefer
        return prefer is None or prefer.holds(self.zone, step.at)

    def proposed(self, wish: Wish, point: str | None, at: datetime) -> Proposed:
        """The contact as it would be proposed."""
        ends_at = at + wish.lasts if wish.lasts else None
        return replace(wish.contact, at=at, point=point, expected_end_at=ends_at)

    def _free_from(self, placed: tuple[Placed, ...], number: int) -> datetime:
        """Contacts with one person follow each other; those of one wish lie apart."""
        at = max((one.ends_at for one in placed), default=self.horizon.start)
        own = [self._next_of_wish(one) for one in placed if one.wish == number]
        return max([at, self.horizon.start, *own])

    def _next_of_wish(self, before: Placed) -> datetime:
        wish = self.wishes[before.wish]
        at = before.ends_at + wish.apart
        if not wish.apart_days:
            return at
        day = day_in(self.zone, before.at) + timedelta(days=wish.apart_days)
        return max(at, wall(self.zone, day, 0))

    def _inside(self, wish: Wish, at: datetime, times: Times | None) -> datetime:
        """The first instant from `at` on that lies in all of the given times."""
        while True:
            moved = at
            for span in (wish.only, times):
                moved = moved if span is None else span.next_in(self.zone, moved)
            if moved == at or moved >= self.horizon.until:
                return moved
            at = moved

    def _against(self, placed: tuple[Placed, ...], wish: Wish, point: str | None, at: datetime) -> Decision | None:
        """The decision that opens last of those that do not permit; None where all permit."""
        worst: Decision | None = None
        for came in CameOf if placed else (CameOf.UNKNOWN,):
            decision = self._ask(placed, wish, point, at, came)
            if decision.verdict is Verdict.PERMIT:
                continue
            if decision.next_permitted_at is None:
                return decision
            if worst is None or _opens(decision) > _opens(worst):
                worst = decision
        return worst

    def _ask(self, placed: tuple[Placed, ...], wish: Wish, point: str | None, at: datetime, came: CameOf) -> Decision:
        case = replace(self.case, events=self._after(placed, came), proposed=self.proposed(wish, point, at))
        decision = self._decide(case, self.law)
        for reason in decision.reasons:
            self.met.setdefault(reason.rule, reason)
        return decision

    def _after(self, placed: tuple[Placed, ...], came: CameOf) -> tuple[Event, ...]:
        key = (placed, came)
        if key not in self._events:
            planned = [self.event(one, place, came) for place, one in enumerate(placed)]
            self._events[key] = tuple(sorted([*self.case.events, *planned], key=lambda event: event.at))
        return self._events[key]

    def event(self, step: Placed, place: int, came: CameOf) -> Event:
        """A planned contact as the history would hold it."""
        wish = self.wishes[step.wish]
        contact = wish.contact
        name = f"plan-{place + 1}"
        while name in self._taken:
            name += "'"
        event = Event(
            id=name,
            at=step.at,
            channel=contact.channel,
            direction=contact.direction,
            party=contact.party,
            video=contact.video,
            rcs=contact.rcs,
            point=step.point,
            debts=contact.debts,
            attributed_to=contact.attributed_to,
            form=contact.form,
            robot=contact.robot,
            by=self.case.collector.id,
            purpose=contact.purpose,
            in_reply_to=contact.in_reply_to,
            on_call=contact.on_call,
            in_session=contact.in_session,
        )
        return _with_outcome(event, came, max(int(wish.lasts.total_seconds()), VALID_TALK_SECONDS))


def _opens(decision: Decision) -> datetime:
    assert decision.next_permitted_at is not None, "only decisions that open are compared"
    return decision.next_permitted_at


def _with_outcome(event: Event, came: CameOf, seconds: int) -> Event:
    """What came of it, in the words of its channel: a valid talk, an answered notice, a delivery, a meeting."""
    if came is CameOf.UNKNOWN:
        return event
    reached = came is CameOf.REACHED
    if event.channel == "visit":
        return replace(event, outcome="met" if reached else "nobody_met", exchanged=reached)
    if event.channel not in _LIVE:
        return replace(event, outcome="delivered" if reached else "undelivered")
    if not reached:
        return replace(event, outcome="no_answer", talk_seconds=0, exchanged=False)
    if event.channel == "ringless_voicemail":
        return replace(event, outcome="delivered")
    talked = "conversation" if event.form == "interactive" else "connected"
    return replace(event, outcome=talked, talk_seconds=seconds, exchanged=event.form == "interactive", about_debt=True)
