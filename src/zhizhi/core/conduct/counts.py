"""Counting: how many events of a kind fall on the day of a contact, certainly and at most."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from zhizhi.core.conduct.case import Event
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import wall
from zhizhi.core.law.features import Count, Doubt
from zhizhi.core.law.nodes import Cap

ANSWERED = frozenset({"conversation", "connected", "answered_dropped"})
VOICEMAIL = frozenset({"voicemail_limited", "voicemail_debt", "voicemail_full"})
UNANSWERED = frozenset({"no_answer", "busy", "not_in_service", "rejected"})
_LEFT = frozenset({"delivered", "sent"})

Counts = bool | None
"""Whether an event counts; None where the record does not tell."""


def _connected_notice(event: Event, _view: View, _seconds: int) -> Counts:
    """Source: README of the cases: a connected notice of any length; voicemail is none in the plain reading."""
    if event.form != "notification":
        return False
    if event.outcome is None:
        return None
    return event.outcome in ANSWERED or (event.channel == "ringless_voicemail" and event.outcome in _LEFT)


def _exchange(event: Event) -> Counts:
    return True if event.exchanged is None and event.outcome == "conversation" else event.exchanged


def _long_enough(event: Event, seconds: int) -> Counts:
    return None if event.talk_seconds is None else event.talk_seconds >= seconds


def _valid_call(event: Event, _view: View, seconds: int) -> Counts:
    """Source: GBT-025: from six seconds on, and both sides have said what they mean."""
    if event.form != "interactive" or (event.outcome is not None and event.outcome not in ANSWERED):
        return False
    parts = (_long_enough(event, seconds), _exchange(event))
    if False in parts:
        return False
    return None if None in parts else True


def _answered_call(event: Event, _view: View, seconds: int) -> Counts:
    """Source: A-03: every answered call counts unless records prove it short and empty; a connected notice always."""
    empty = event.talk_seconds is not None and event.talk_seconds < seconds and event.exchanged is False
    if event.outcome is None:
        if event.talk_seconds or event.exchanged:
            return not (empty and event.form == "interactive")
        return False if empty and event.form == "interactive" else None
    if event.channel == "ringless_voicemail" and event.outcome in _LEFT:
        return True
    if event.outcome not in ANSWERED and event.outcome not in VOICEMAIL:
        return False
    return event.form == "notification" or not empty


def _dial(event: Event, view: View, _seconds: int) -> Counts:
    """Source: A-04: every dial to the number, whoever made it and however it ended."""
    if view.proposed.point is None or event.point is None:
        return None
    return event.point == view.proposed.point


def _unanswered_alike(event: Event, view: View, seconds: int) -> Counts:
    collector = view.case.collector.id
    if (event.by or collector) != collector or event.robot != view.proposed.robot or event.outcome in ANSWERED:
        return False
    dialled = _dial(event, view, seconds)
    return None if dialled and event.outcome is None else dialled


def _visit(_event: Event, _view: View, _seconds: int) -> Counts:
    """Source: A-15: a fruitless visit counts too."""
    return True


def _valid_visit(event: Event, _view: View, _seconds: int) -> Counts:
    if event.outcome not in (None, "met") or event.exchanged is False:
        return False
    return True if event.outcome == "met" and event.exchanged else None


_COUNTERS: Mapping[str, Callable[[Event, View, int], Counts]] = {
    "connected_notices": _connected_notice,
    "valid_calls": _valid_call,
    "answered_calls": _answered_call,
    "dials": _dial,
    "unanswered_dials_alike": _unanswered_alike,
    "visits": _visit,
    "valid_visits": _valid_visit,
}
_OF_VISITS = frozenset({"visits", "valid_visits"})


def count(view: View, term: Cap, at: datetime, day: date) -> Count:
    """Events of the kind of a cap on the day of an instant and not after it; rows of one physical call are one."""
    counter = _COUNTERS[term.count]
    assert isinstance(term.min_seconds, int), "numbers are filled in before a rule is evaluated"
    calls: dict[str, tuple[Counts, Event]] = {}
    for event in (view.visits if term.count in _OF_VISITS else view.calls).get(day, ()):
        if event.at > at or _is_reminder(view, event, at):
            continue
        counts = counter(event, view, term.min_seconds)
        key = f"physical {event.physical}" if event.physical is not None else f"event {event.id}"
        before = calls.get(key)
        if before is None or before[0] is False or (before[0] is None and counts):
            calls[key] = (counts, event)
    certain = [event for counts, event in calls.values() if counts]
    doubtful = [event for counts, event in calls.values() if counts is None]
    return Count(
        certain=len(certain),
        possible=len(certain) + len(doubtful),
        facts=tuple(event.id for counts, event in calls.values() if counts is not False),
        doubt=_doubt(doubtful, view, term),
        resets_at=wall(view.zone, day + timedelta(days=1), 0),
        agreed=_agreed(view, term, at, day),
    )


def _is_reminder(view: View, event: Event, at: datetime) -> bool:
    """Source: A-23: a service reminder before the due date consumes no cap; once a debt is due, everything counts."""
    return event.purpose == "remind" and view.not_due(view.debts_of(event), at)


def _doubt(doubtful: list[Event], view: View, term: Cap) -> Doubt:
    facts: list[str] = []
    for event in doubtful:
        if event.point is None and term.count in ("dials", "unanswered_dials_alike"):
            facts.append(f"events.{event.id}.point")
        elif event.outcome is None:
            facts.append(f"events.{event.id}.outcome")
        elif event.talk_seconds is None:
            facts.append(f"events.{event.id}.talk_seconds")
        else:
            facts.append(f"events.{event.id}.exchanged")
    if doubtful and view.proposed.point is None and term.count in ("dials", "unanswered_dials_alike"):
        facts.append("proposed.point")
    return Doubt(tuple(facts), bool(facts) and all(fact.endswith(".outcome") for fact in facts))


def _agreed(view: View, term: Cap, at: datetime, day: date) -> int | None:
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
