"""A case looked at only where somebody asks: each part of a view is made when it is first wanted.

The reference prepares a case whole (`core/conduct/view.py`). Most contacts are decided by the events of one day and a
few plain facts, so here nothing is prepared. What this page has no quick way for, the reference's own view makes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.case import Case, Debt, Event, State
from zhizhi.core.conduct.lost_contact import gate_state
from zhizhi.core.conduct.said import Said, Stood
from zhizhi.core.conduct.view import CALL_CHANNELS, View, days_to_come
from zhizhi.core.kernel.instants import day_in, wall
from zhizhi.core.law.features import GateState
from zhizhi.core.law.nodes import Gate

EDGES_KEPT, GATES_KEPT = 8_192, 256
NO_KINDS: frozenset[str] = frozenset()
_NOTHING, _DAY = timedelta(0), timedelta(days=1)
_VISITS, _LETTERS = frozenset({"visit"}), frozenset({"letter"})
_SERVED_OR_NOT = frozenset({"visit", "letter"})
"""Channels on which serving a document is no contact."""


Day = tuple[list[Event], bool]
"""Events of a day, and whether each is a contact of its own that is no reminder."""


class Glance(View):
    """A view whose parts are made on demand. Boundary: events stand in time order, as a case that was read has them."""

    kinds: frozenset[str]
    agreed: Sequence[Stood]
    spared: Sequence[Stood]
    _calls_of: dict[date, Day]
    _gates: dict[tuple[Gate, datetime], GateState]

    def __init__(self, case: Case, zone: ZoneInfo) -> None:
        proposed = case.proposed
        self.case = case
        self.proposed = proposed
        self.zone = zone
        self.strict = case.reading == "strict"
        self.party = _named(case.parties, proposed.party)
        self.point = None if proposed.point is None else _named(case.points, proposed.point)
        end = proposed.expected_end_at
        self.length = _NOTHING if end is None else end - proposed.at
        begun = proposed.on_call
        in_session = proposed.in_session and self.in_open_session
        self.debts = case.debts if proposed.debts is None else _named_debts(case.debts, proposed.debts)
        if not case.statements:
            self.kinds = NO_KINDS
        self.continues = in_session or (begun is not None and begun in self.inbound_ids)

    def __getattr__(self, name: str) -> Any:
        make = _PARTS.get(name)
        if make is not None:
            value = make(self)
            setattr(self, name, value)
            return value
        if name.startswith("__"):
            raise AttributeError(name)
        View.__init__(self, self.case, self.zone.key)
        return self.__dict__[name]

    def counts(self, event: Event, channels: frozenset[str]) -> bool:
        """Whether an event on one of the channels is a contact of ours with the party about a debt of the same lender.

        Boundary: what continues a contact that the person began is no contact of ours, nor is serving a document.
        """
        if event.direction != "out" or event.channel not in channels or event.party != self.proposed.party:
            return False
        if event.purpose == "serve" and event.channel in _SERVED_OR_NOT:
            return False
        if (event.in_session or event.on_call is not None) and not self.is_new(event):
            return False
        return event.debts is None or self.same_lender(event)

    def events_of(self, day: date, channels: frozenset[str]) -> list[Event]:
        """The countable events of a civil day, in time order."""
        events = self.case.events
        if not events:
            return []
        first, last, exact = _edges(self.zone, day)
        if events[-1].at < first:
            return []
        found, party = [], self.proposed.party
        for event in reversed(events):
            at = event.at
            if at < first:
                break
            if at < last and event.direction == "out" and event.party == party and event.channel in channels:
                if not exact and day_in(self.zone, at) != day:
                    continue
                plain = event.debts is None and event.on_call is None and not event.in_session
                if (plain and event.purpose != "serve") or self.counts(event, channels):
                    found.append(event)
        found.reverse()
        return found

    def calls_of(self, day: date) -> Day:
        """The calls of a day that are contacts of ours."""
        found = self._calls_of.get(day)
        if found is None:
            found = self._calls_of[day] = _day_of(self.events_of(day, CALL_CHANNELS))
        return found

    def visits_of(self, day: date) -> Day:
        """The visits of a day that are contacts of ours."""
        return _day_of(self.events_of(day, _VISITS))

    def gate_at(self, term: Gate, at: datetime) -> GateState:
        """The state of a gate at an instant; the contract's own case plays no part where none was agreed."""
        if term.contract != "ignored" and self.case.facts.unreachable_by_contract is None:
            term = _without_contract(term)
        found = self._gates.get((term, at))
        if found is None:
            found = self._gates[term, at] = gate_state(self, term, at)
        return found


def _day_of(events: list[Event]) -> Day:
    for event in events:
        if event.physical is not None or event.purpose == "remind":
            return events, False
    return events, True


@lru_cache(maxsize=GATES_KEPT)
def _without_contract(term: Gate) -> Gate:
    return replace(term, contract="ignored")


class Days:
    """The countable events of some channels by civil day, in so far as the reference reads them off a view."""

    def __init__(self, glance: Glance, channels: frozenset[str]) -> None:
        self._glance = glance
        self._channels = channels
        self._days: dict[date, list[Event]] = {}

    def get(self, day: date, _default: object = None) -> list[Event]:
        """The events of a day."""
        if day not in self._days:
            self._days[day] = self._glance.events_of(day, self._channels)
        return self._days[day]

    def values(self) -> list[list[Event]]:
        """Every event, of all days."""
        return [[event for event in self._glance.case.events if self._glance.counts(event, self._channels)]]


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


def _named(items: tuple[Any, ...], name: str) -> Any:
    for item in items:
        if item.id == name:
            return item
    raise KeyError(name)


def _first_out_at(glance: Glance) -> datetime | None:
    party = glance.proposed.party
    for event in glance.case.events:
        if event.direction == "out" and event.party == party and glance.is_new(event):
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


def _named_debts(debts: tuple[Debt, ...], named: tuple[str, ...]) -> tuple[Debt, ...]:
    return tuple([debt for debt in debts if debt.id in named])


def _changes(glance: Glance) -> tuple[datetime, ...]:
    return () if _is_settled(glance) else tuple(sorted(set(glance._changes())))


def _is_settled(glance: Glance) -> bool:
    """Whether nothing in the case begins or ends at an instant: nobody said anything, and nothing is dated."""
    case = glance.case
    if case.statements or case.reviews or (case.events and case.events[-1].at > case.proposed.at):
        return False
    if case.facts.no_contact_order_until is not None or case.facts.hardship_until is not None:
        return False
    for point in case.points:
        if point.invalid_since is not None:
            return False
    if not _is_timeless(case.debtor_states) or days_to_come(case, glance.zone):
        return False
    return all(map(_is_timeless, (debt.states for debt in case.debts)))


def _is_timeless(states: tuple[State, ...]) -> bool:
    if len(states) == 1:
        return states[0].since is None and states[0].until is None
    return all(state.since is None and state.until is None for state in states)


def state_at_all_times(states: tuple[State, ...]) -> str | None:
    """The one state that is always there; None where there are several, or it is dated."""
    if len(states) != 1:
        return None
    only = states[0]
    return only.state if only.since is None and only.until is None else None


_PARTS: Mapping[str, Callable[[Glance], object]] = {
    "parties": lambda glance: {party.id: party for party in glance.case.parties},
    "points": lambda glance: {point.id: point for point in glance.case.points},
    "debtors": lambda glance: frozenset(party.id for party in glance.case.parties if party.role == "debtor"),
    "debt_ids": lambda glance: frozenset(debt.id for debt in glance.debts),
    "said": lambda glance: Said(glance.case, glance.zone, glance.debt_ids),
    "_debts": lambda glance: {debt.id: debt for debt in glance.case.debts},
    "_lenders": lambda glance: frozenset(debt.lender for debt in glance.debts),
    "inbound_ids": lambda glance: frozenset(event.id for event in glance.case.events if event.direction == "in"),
    "replies": _replies,
    "calls": lambda glance: Days(glance, CALL_CHANNELS),
    "visits": lambda glance: Days(glance, _VISITS),
    "letters": lambda glance: [event for event in glance.case.events if glance.counts(event, _LETTERS)],
    "first_out_at": _first_out_at,
    "changes": _changes,
    "agreed": lambda glance: glance.said.stood("agree_hours", by=glance.party.id),
    "spared": lambda glance: glance.said.stood("inconvenient_time", by=glance.party.id),
    "_calls_of": lambda _: {},
    "_gates": lambda _: {},
    "kinds": lambda glance: frozenset(said.kind for said in glance.case.statements),
}
