"""A case looked at only where somebody asks: each part of a view is made when it is first wanted.

The reference prepares a case whole (`core/conduct/view.py`). Most contacts are decided by the events of one day and a few
plain facts, so here nothing is prepared. What this page has no quick way for, the reference's own view makes.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.case import Case, Debt, Event, Party, Point, State
from zhizhi.core.conduct.said import Said
from zhizhi.core.conduct.view import CALL_CHANNELS, View
from zhizhi.core.kernel.instants import day_in, wall

EDGES_KEPT = 8_192
_NOTHING, _DAY = timedelta(0), timedelta(days=1)
_INSTANT = attrgetter("at")
_VISITS, _LETTERS = frozenset({"visit"}), frozenset({"letter"})
_SERVED_OR_NOT = frozenset({"visit", "letter"})
"""Channels on which serving a document is no contact."""


class Glance(View):
    """A view whose parts are made on demand. Boundary: events stand in time order, as a case that was read has them."""

    kinds: frozenset[str]
    _calls_of: dict[date, tuple[list[Event], bool]]

    def __init__(self, case: Case, zone: ZoneInfo) -> None:
        proposed = case.proposed
        self.case = case
        self.proposed = proposed
        self.zone = zone
        self.strict = case.reading == "strict"
        self.party = _last_named(case.parties, proposed.party)
        self.point = None if proposed.point is None else _last_named(case.points, proposed.point)
        end = proposed.expected_end_at
        self.length = _NOTHING if end is None else end - proposed.at
        begun = proposed.on_call
        self.continues = proposed.in_session or (begun is not None and begun in self.inbound_ids)

    def __getattr__(self, name: str) -> Any:
        make = _PARTS.get(name)
        if make is not None:
            value = make(self)
            self.__dict__[name] = value
            return value
        if name.startswith("__"):
            raise AttributeError(name)
        View.__init__(self, self.case, self.zone.key)
        return self.__dict__[name]

    def counts(self, event: Event) -> bool:
        """Whether an event is a contact of ours with the party about a debt of the same lender.

        Boundary: what continues a contact that the person began is no contact of ours.
        """
        if event.direction != "out" or event.party != self.proposed.party or event.in_session:
            return False
        if event.on_call is not None and event.on_call in self.inbound_ids:
            return False
        return event.debts is None or self.same_lender(event)

    def calls_of(self, day: date) -> tuple[list[Event], bool]:
        """The calls of a day that are contacts of ours, and whether each is a call of its own that is no reminder."""
        found = self._calls_of.get(day)
        if found is None:
            calls = self.calls.get(day)
            plain = True
            for event in calls:
                if event.physical is not None or event.purpose == "remind":
                    plain = False
                    break
            found = self._calls_of[day] = (calls, plain)
        return found


class Days(dict[date, list[Event]]):
    """The countable events of some channels by civil day, of which only the days that are asked for are looked at."""

    def __init__(self, glance: Glance, channels: frozenset[str]) -> None:
        super().__init__()
        self._glance = glance
        self._channels = channels

    def get(self, day: date, _default: object = None) -> list[Event]:  # type: ignore[override]  # a day without any has []
        """The events of a day."""
        if day not in self:
            self[day] = list(self._of(day))
        return self[day]

    def values(self) -> list[list[Event]]:  # type: ignore[override]  # what the reference asks of it: every event
        """Every event, in one list."""
        return [[event for event in self._glance.case.events if self._is_wanted(event)]]

    def _of(self, day: date) -> Iterator[Event]:
        glance, events = self._glance, self._glance.case.events
        if not events:
            return
        first, last, exact = _edges(glance.zone, day)
        if events[-1].at < first:
            return
        for event in events[bisect_left(events, first, key=_INSTANT) :]:
            if event.at >= last:
                break
            if self._is_wanted(event) and (exact or day_in(glance.zone, event.at) == day):
                yield event

    def _is_wanted(self, event: Event) -> bool:
        if event.channel not in self._channels or (event.purpose == "serve" and event.channel in _SERVED_OR_NOT):
            return False
        return self._glance.counts(event)


@lru_cache(maxsize=EDGES_KEPT)
def _edges(zone: ZoneInfo, day: date) -> tuple[datetime, datetime, bool]:
    """Instants between which a civil day lies, and whether that is all there is between them.

    Boundary: where the clock is changed nearby, a day may begin twice; then the edges are wide and each event is asked.
    """
    first, last = wall(zone, day, 0), wall(zone, day + _DAY, 0)
    before, after = (first - _DAY).astimezone(zone), (last + _DAY).astimezone(zone)
    if before.utcoffset() == after.utcoffset() and last - first == _DAY:
        return first, last, True
    return first - _DAY, last + _DAY, False


def _last_named(items: tuple[Any, ...], name: str) -> Any:
    for item in items:
        if item.id == name:
            return item
    raise KeyError(name)


def _first_out_at(glance: Glance) -> datetime | None:
    party = glance.proposed.party
    for event in glance.case.events:
        if event.direction == "out" and event.party == party and not event.in_session:
            if event.on_call is not None and event.on_call in glance.inbound_ids:
                continue
            return event.at
    return None


def _replies(glance: Glance) -> bool:
    answered = glance.proposed.in_reply_to
    if glance.continues or answered is None:
        return glance.continues
    return any(
        event.id == answered and event.direction == "in" and event.party == glance.party.id
        for event in glance.case.events
    )


def _debts(glance: Glance) -> tuple[Debt, ...]:
    named = glance.proposed.debts
    return glance.case.debts if named is None else tuple(debt for debt in glance.case.debts if debt.id in named)


def _changes(glance: Glance) -> tuple[datetime, ...]:
    return () if _is_settled(glance) else tuple(sorted(set(glance._changes())))


def _is_settled(glance: Glance) -> bool:
    """Whether nothing in the case begins or ends at an instant: nobody said anything, and nothing is dated."""
    case = glance.case
    if case.statements or case.reviews or (case.events and case.events[-1].at > case.proposed.at):
        return False
    if case.facts.no_contact_order_until is not None or case.facts.hardship_until is not None:
        return False
    if any(point.invalid_since is not None for point in case.points):
        return False
    return _is_timeless(case.debtor_states) and all(_is_timeless(debt.states) for debt in case.debts)


def _is_timeless(states: tuple[State, ...]) -> bool:
    return all(state.since is None and state.until is None for state in states)


def state_at_all_times(states: tuple[State, ...]) -> str | None:
    """The one state that is always there; None where there are several, or it is dated."""
    if len(states) != 1:
        return None
    only = states[0]
    return only.state if only.since is None and only.until is None else None


def _letters(glance: Glance) -> list[Event]:
    return Days(glance, _LETTERS).values()[0]


_PARTS: Mapping[str, Callable[[Glance], object]] = {
    "parties": lambda glance: {party.id: party for party in glance.case.parties},
    "points": lambda glance: {point.id: point for point in glance.case.points},
    "debtors": lambda glance: frozenset(party.id for party in glance.case.parties if party.role == "debtor"),
    "debts": _debts,
    "debt_ids": lambda glance: frozenset(debt.id for debt in glance.debts),
    "said": lambda glance: Said(glance.case, glance.zone, glance.debt_ids),
    "_debts": lambda glance: {debt.id: debt for debt in glance.case.debts},
    "_lenders": lambda glance: frozenset(debt.lender for debt in glance.debts),
    "inbound_ids": lambda glance: frozenset(event.id for event in glance.case.events if event.direction == "in"),
    "replies": _replies,
    "calls": lambda glance: Days(glance, CALL_CHANNELS),
    "visits": lambda glance: Days(glance, _VISITS),
    "letters": _letters,
    "first_out_at": _first_out_at,
    "changes": _changes,
    "_calls_of": lambda _: {},
    "kinds": lambda glance: frozenset(said.kind for said in glance.case.statements),
}
