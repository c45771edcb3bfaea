"""Consent given to this collector itself: to be called, and to be contacted at a time.

Law: 12 CFR 1006.6(b)(4)(i), 1006.14(b)(3)(i), as rows US-09 and US-18 read them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zhizhi.core.conduct.case import Event, Statement
from zhizhi.core.conduct.counts import COUNTERS
from zhizhi.core.conduct.hours import spared_hours, window_state
from zhizhi.core.conduct.keys import SHARES
from zhizhi.core.conduct.said import Stood, end_of, start_of
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.days import LAST_DAY
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, day_in, wall, zone_of


@dataclass(frozen=True, slots=True)
class Call:
    """A call to ask about: one of the past, or the proposed one. What happened with a past one itself is left out."""

    party: str
    point: str | None
    at: datetime
    is_past: bool = False


def consented_to_call(view: View, call: Call, days: int) -> tuple[bool | None, tuple[str, ...]]:
    """Whether the party's consent to calls covers a call, and the facts for want of which nobody knows.

    A callback that was asked for is such a consent. Boundary: it lasts so many days, the day of its receipt being the
    first, and ends with the talk about the debt that follows it.
    """
    answers: list[bool | None] = []
    unknown: list[str] = []
    for stood in _consents(view, call) if days else ():
        start, end = _span(view, stood.said, stood.since)
        if start <= call.at < min(end, wall(view.zone, day_in(view.zone, stood.since) + timedelta(days=days), 0)):
            ended, facts = _talked_since(view, call, stood.since)
            answers.append(None if ended is None else not ended)
            unknown += facts
    if True in answers:
        return True, ()
    return (None if None in answers else False), tuple(unknown)


def _consents(view: View, call: Call) -> Iterator[Stood]:
    yield from view.said.stood_at("consent_calls", call.at, by=call.party)
    for stood in view.said.stood_at("request_callback", call.at, by=call.party):
        if view.said.told_us(stood.said) and stood.said.point in (None, call.point):
            yield stood


def _span(view: View, said: Statement, since: datetime) -> tuple[datetime, datetime]:
    """Boundary: a callback without a start begins when it was asked for, without an end it ends with that day."""
    start = start_of(said.start if isinstance(said.start, date) else None, view.zone) or since
    end = end_of(said.until, view.zone)
    if end is None:
        last = day_in(view.zone, start) if said.kind == "request_callback" else LAST_DAY
        end = wall(view.zone, last, MINUTES_PER_DAY)
    return start, end


def _talked_since(view: View, call: Call, since: datetime) -> tuple[bool | None, tuple[str, ...]]:
    doubtful = []
    for event in view.every["talks"]:
        if event.party != call.party or event.at <= since or event.at > call.at:
            continue
        if call.is_past and event.at == call.at:
            continue
        parts = [COUNTERS["talks"](event, view, 0), _about(view, event)]
        if False not in parts:
            if None not in parts:
                return True, ()
            doubtful.append(f"events.{event.id}.outcome" if event.outcome is None else f"events.{event.id}.about_debt")
    return (None if doubtful else False), tuple(doubtful)


def _about(view: View, event: Event) -> bool | None:
    """Whether a talk was about a debt of the contact."""
    found = [SHARES["debt"](view, event, "talks", debt)[0] for debt in view.debt_keys]
    return True if True in found else None if None in found else False


def consented_to_time(view: View, at: datetime) -> bool:
    """Whether the party told this collector that the time suits. Boundary: hours named as inconvenient since win.

    Reading: strict asks that the planned end suits too.
    """
    length = view.length if view.strict else timedelta(0)
    for stood in view.said.stood_at("consent_time", at, by=view.party.id):
        start = stood.said.start
        begins = max(start, stood.since) if isinstance(start, datetime) else stood.since
        ends = stood.until is None or (at < stood.until and at + length <= stood.until)
        if begins <= at and ends and not _named_since(view, stood.since, at, length):
            return True
    return _callback_suits(view, at, length)


def _named_since(view: View, since: datetime, at: datetime, length: timedelta) -> bool:
    later = [one for one in view.said.stood("inconvenient_time", by=view.party.id) if one.since > since]
    zones = [zone_of(key) for key in dict.fromkeys(view.case.time_zones)]
    return bool(later) and not window_state(at, length, [(zone, spared_hours(zone, later)) for zone in zones]).inside


def _callback_suits(view: View, at: datetime, length: timedelta) -> bool:
    """A callback asked for between two instants, told to this collector itself."""
    for said in view.said.standing("request_callback", at, by=view.party.id):
        if view.proposed.channel == "voice" and view.said.told_us(said) and _within(said, at, length):
            return said.point in (None, view.proposed.point)
    return False


def _within(said: Statement, at: datetime, length: timedelta) -> bool:
    start, end = said.start, said.until
    return isinstance(start, datetime) and isinstance(end, datetime) and start <= at < end and at + length <= end
