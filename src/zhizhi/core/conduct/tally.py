"""Counting: which events of a kind share the key of a contact and fall into its window, certainly and at most.

One way for caps, cooldowns and what has to come first. Rows of one physical call are one. A fact that the record leaves
open makes an event doubtful; its place is named.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from zhizhi.core.conduct.case import Event
from zhizhi.core.conduct.consent import Call, consented_to_call
from zhizhi.core.conduct.counts import COUNTERS, SOURCES, TO_ONE_NUMBER, Counts
from zhizhi.core.conduct.keys import SHARES
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import day_in, wall
from zhizhi.core.law.features import AfterState, CooldownState, Count, Doubt, limit_of
from zhizhi.core.law.nodes import PERSON_OF_LENDER, After, Cap, Cooldown, Number

_OF_A_NUMBER = frozenset({"placed_calls", "silent_calls"})
"""Kinds that leave out calls to a number that was found not to be the person's."""
_OF_A_LENGTH = frozenset({"valid_calls", "answered_calls"})


@dataclass(frozen=True, slots=True)
class Counted:
    """An event that counts, or may: then with the places of the facts that would tell."""

    event: Event
    certain: bool
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is counted: the kind, its key, and the numbers that bear on it."""

    count: str
    per: frozenset[str]
    seconds: int = 0
    consent_days: int = 0


@dataclass(frozen=True, slots=True)
class _Window:
    """From when on events fall into it: the first day, and for minutes the instant after which. None: always."""

    first: date | None
    after: datetime | None = None


def cap_state(view: View, term: Cap, at: datetime, day: date) -> Count:
    """The count of a cap for a contact at an instant; of several debts the fullest.

    Boundary: an event exactly so many minutes before does not count any more.
    """
    kind = _Kind(term.count, term.per, _int(term.min_seconds), _int(term.consent_days))
    if term.minutes is None:
        window = _Window(day - timedelta(days=_int(term.days) - 1))
    else:
        since = at - timedelta(minutes=_int(term.minutes))
        window = _Window(day_in(view.zone, since), since)
    agreed = agreed_number(view, term, at, day)
    limit = limit_of(term, agreed)
    consented, unheard = consented_to_call(view, Call(view.party.id, view.proposed.point, at), kind.consent_days)
    of_debts = [list(_tally(view, kind, debt, window, at, day)) for debt in _debts(view, term.per)]
    states = [_count(view, term, at, limit, found) for found in of_debts]
    fullest = max(states, key=lambda state: state.possible)
    return Count(
        certain=max(state.certain for state in states),
        possible=fullest.possible,
        facts=tuple(dict.fromkeys(chain.from_iterable(state.facts for state in states))),
        doubt=_doubt((*fullest.doubt.facts, *unheard)),
        resets_at=_released_at(states, limit),
        agreed=agreed,
        consented=consented,
    )


def _released_at(states: list[Count], limit: int | None) -> datetime:
    """When no debt is at the limit any more: certainly, else possibly; where none is, when some count next falls."""
    for full in (
        [state.resets_at for state in states if limit is not None and state.certain >= limit],
        [state.resets_at for state in states if limit is not None and state.possible >= limit],
    ):
        if full:
            return max(full)
    return min(state.resets_at for state in states)


def _count(view: View, term: Cap, at: datetime, limit: int | None, found: list[Counted]) -> Count:
    certain = [one.event for one in found if one.certain]
    doubtful = [fact for one in found for fact in one.unknown]
    if view.proposed.point is None and doubtful and term.count in TO_ONE_NUMBER:
        doubtful.append("proposed.point")
    return Count(
        certain=len(certain),
        possible=len(found),
        facts=tuple(one.event.id for one in found),
        doubt=_doubt(doubtful),
        resets_at=_falls_at(view, term, at, limit, certain, [one.event for one in found]),
    )


def _falls_at(
    view: View, term: Cap, at: datetime, limit: int | None, certain: list[Event], possible: list[Event]
) -> datetime:
    """At the limit: when the count falls below it, if nothing else happens; else when it next falls."""
    for events in (certain, possible):
        if limit is not None and len(events) >= limit > 0:
            return sorted(_leaves_at(view, term, event.at) for event in events)[len(events) - limit]
    return min((_leaves_at(view, term, event.at) for event in possible), default=_leaves_at(view, term, at))


def _leaves_at(view: View, term: Cap, at: datetime) -> datetime:
    """The first instant at which what happened at an instant is no longer in the window."""
    if term.minutes is not None:
        return at + timedelta(minutes=_int(term.minutes))
    return wall(view.zone, day_in(view.zone, at) + timedelta(days=_int(term.days)), 0)


def cooldown_state(view: View, term: Cooldown, at: datetime) -> CooldownState:
    """The days that events of a kind certainly bar, and those that doubtful ones may; of several debts the latest."""
    kind = _Kind(term.count, term.per)
    day, days = day_in(view.zone, at), timedelta(days=_int(term.days))
    window = _Window(day - days + timedelta(days=1))
    call = Call(view.party.id, view.proposed.point, at)
    consented, unheard = consented_to_call(view, call, _int(term.consent_days))
    found = [one for debt in _debts(view, term.per) for one in _tally(view, kind, debt, window, at, day)]

    def until(certain: bool) -> datetime | None:
        ends = [day_in(view.zone, one.event.at) + days for one in found if one.certain is certain]
        return wall(view.zone, max(ends), 0) if ends else None

    return CooldownState(
        certain_until=until(certain=True),
        possible_until=until(certain=False),
        facts=tuple(dict.fromkeys(one.event.id for one in found)),
        doubt=_doubt((*(fact for one in found for fact in one.unknown), *unheard)),
        consented=consented,
    )


def after_state(view: View, term: After, at: datetime) -> AfterState:
    """From when on what has to come first did come; of several debts each needs its own."""
    kind = _Kind(term.count, term.per)
    of_debts = [
        list(_tally(view, kind, debt, _Window(None), at, day_in(view.zone, at))) for debt in _debts(view, term.per)
    ]

    def since(events: Iterable[Event]) -> datetime | None:
        first = next(iter(events), None)
        if first is None or not _int(term.days):
            return None if first is None else first.at
        return wall(view.zone, day_in(view.zone, first.at) + timedelta(days=_int(term.days)), 0)

    certain = [since(one.event for one in found if one.certain) for found in of_debts]
    possible = [since(one.event for one in found) for found in of_debts]
    found = list(chain.from_iterable(of_debts))
    return AfterState(
        certain_from=_latest(certain),
        possible_from=_latest(possible),
        facts=tuple(dict.fromkeys(one.event.id for one in found)),
        doubt=_doubt(fact for one in found for fact in one.unknown),
    )


def _latest(starts: list[datetime | None]) -> datetime | None:
    known = [start for start in starts if start is not None]
    return max(known) if len(known) == len(starts) else None


def _debts(view: View, per: frozenset[str]) -> tuple[str | None, ...]:
    """The debts that a count is kept for, each apart; one place for all where it is not kept by debt."""
    return view.debt_keys if "debt" in per else (None,)


def _tally(view: View, kind: _Kind, debt: str | None, window: _Window, at: datetime, day: date) -> Iterator[Counted]:
    calls: dict[str, tuple[Counts, Counted]] = {}
    for event in _events(view, kind, window.first, day):
        if event.at > at or (window.after is not None and event.at <= window.after) or _is_reminder(view, event, at):
            continue
        counts, unknown = _weighed(view, kind, debt, event)
        key = f"physical {event.physical}" if event.physical is not None else f"event {event.id}"
        before = calls.get(key)
        if before is None or before[0] is False or (before[0] is None and counts):
            calls[key] = (counts, Counted(event, counts is True, () if counts else unknown))
    return (counted for counts, counted in calls.values() if counts is not False)


def _events(view: View, kind: _Kind, first: date | None, day: date) -> Iterator[Event]:
    """Events that may count, in time order. Boundary: a view keeps those of its person and lender by day."""
    source = SOURCES.get(kind.count, "calls")
    narrow = kind.per >= PERSON_OF_LENDER
    if narrow and first is not None and source in ("calls", "visits"):
        of_day = view.calls if source == "calls" else view.visits
        for back in range((day - first).days, -1, -1):
            yield from of_day.get(day - timedelta(days=back), ())
        return
    for event in view.letters if narrow and source == "letters" else view.every[source]:
        if first is None or day_in(view.zone, event.at) >= first:
            yield event


def _weighed(view: View, kind: _Kind, debt: str | None, event: Event) -> tuple[Counts, tuple[str, ...]]:
    """Whether an event counts; where nobody knows, the facts that would tell."""
    parts: list[tuple[Counts, str]] = []
    for key in sorted(kind.per):
        shared, place = SHARES[key](view, event, kind.count, debt)
        if shared is False:
            return False, ()
        parts.append((shared, place))
    parts.append((COUNTERS[kind.count](event, view, kind.seconds), _open_fact(view, kind, event)))
    if kind.consent_days:
        call = Call(event.party, event.point, event.at, is_past=True)
        consented, open_facts = consented_to_call(view, call, kind.consent_days)
        parts += [(None if consented is None else not consented, fact) for fact in open_facts or ("",)]
    if any(counts is False for counts, _ in parts):
        return False, ()
    unknown = tuple(dict.fromkeys(place for counts, place in parts if counts is None))
    return (None if unknown else True), unknown


def _open_fact(view: View, kind: _Kind, event: Event) -> str:
    """The place of the fact for want of which a kind does not tell whether an event is of it."""
    to_one_number = kind.count in TO_ONE_NUMBER
    outcome_known = event.outcome is not None
    if event.point is None and (to_one_number or (outcome_known and kind.count in _OF_A_NUMBER)):
        return f"events.{event.id}.point"
    if to_one_number and view.proposed.point is None and outcome_known:
        return "proposed.point"
    if not outcome_known:
        return f"events.{event.id}.outcome"
    too_short = kind.count in _OF_A_LENGTH and event.talk_seconds is None
    return f"events.{event.id}.{'talk_seconds' if too_short else 'exchanged'}"


def _is_reminder(view: View, event: Event, at: datetime) -> bool:
    """Source: A-23: a service reminder before the due date consumes no cap; once a debt is due, everything counts."""
    return event.purpose == "remind" and view.not_due(view.debts_of(event), at)


def _doubt(facts: Iterable[str]) -> Doubt:
    named = tuple(dict.fromkeys(facts))
    return Doubt(named, bool(named) and all(fact.endswith(".outcome") for fact in named))


def _int(number: Number | None) -> int:
    assert isinstance(number, int), "numbers are filled in before a rule is evaluated"
    return number


def agreed_number(view: View, term: Cap, at: datetime, day: date) -> int | None:
    """The contacts a day that the party agreed to.

    Boundary: of several that stand, the lowest; one that may only narrow never stands above the limit.
    """
    if term.agreed is None:
        return None
    found = []
    for stood in view.said.stood_at("agree_frequency", at, by=view.party.id, day=day):
        said = stood.said
        assert said.per_day is not None, "an agreed frequency has a number"
        if said.point is None or (term.agreed == "dials" and said.point == view.proposed.point):
            least = term.limit if stood.narrows and isinstance(term.limit, int) else said.per_day
            found.append(min(said.per_day, least))
    return min(found, default=None)
