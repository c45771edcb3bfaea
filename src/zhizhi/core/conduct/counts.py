"""Whether an event is of a kind that the law counts: yes, no, or not known from its record."""

from collections.abc import Callable, Mapping

from zhizhi.core.conduct.case import Event
from zhizhi.core.conduct.view import View
from zhizhi.core.law.catalogue import COUNTS

ANSWERED = frozenset({"conversation", "connected", "answered_dropped"})
VOICEMAIL = frozenset({"voicemail_limited", "voicemail_debt", "voicemail_full"})
UNANSWERED = frozenset({"no_answer", "busy", "not_in_service", "rejected"})
_LEFT = frozenset({"delivered", "sent"})
_OFF_THE_LINE = frozenset({"busy", "not_in_service", "undelivered"})
_SILENT = frozenset({"no_answer", "rejected"}) | VOICEMAIL

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


def _any_letter(_event: Event, _view: View, _seconds: int) -> Counts:
    return True


def _misdirected(event: Event, view: View) -> Counts:
    """Whether the number was found not to be the person's; an event without its number may have gone to such a one."""
    if event.point is not None:
        return view.points[event.point].misdirected is True
    own = [point for point in view.case.points if point.party == event.party and point.misdirected is True]
    return None if own else False


def _placed_call(event: Event, view: View, _seconds: int) -> Counts:
    """Source: US-18, US-22: what never reached the line, or another's number, was no call to the person."""
    misdirected = _misdirected(event, view)
    if event.outcome in _OFF_THE_LINE or misdirected is True:
        return False
    return None if event.outcome is None or misdirected is None else True


def _silent_call(event: Event, view: View, seconds: int) -> Counts:
    return False if event.outcome not in (None, *_SILENT) else _placed_call(event, view, seconds)


def _talk(event: Event, view: View, _seconds: int) -> Counts:
    """Source: US-17; strict: an answered call that drops is a talk where anything was said."""
    if _misdirected(event, view) is True:
        return False
    if event.outcome == "conversation":
        return True
    if event.outcome == "answered_dropped":
        return event.exchanged if view.strict else False
    return event.exchanged if event.outcome in (None, "connected") else False


def _arrived(event: Event, _view: View, _seconds: int) -> Counts:
    return None if event.outcome is None else event.outcome != "undelivered"


def _any_contact(event: Event, _view: View, _seconds: int) -> Counts:
    return event.outcome != "undelivered"


COUNTERS: Mapping[str, Callable[[Event, View, int], Counts]] = {
    "connected_notices": _connected_notice,
    "valid_calls": _valid_call,
    "answered_calls": _answered_call,
    "dials": _dial,
    "unanswered_dials_alike": _unanswered_alike,
    "visits": _visit,
    "valid_visits": _valid_visit,
    "letters": _any_letter,
    "placed_calls": _placed_call,
    "silent_calls": _silent_call,
    "talks": _talk,
    "written": _arrived,
    "contacts": _any_contact,
}
assert COUNTERS.keys() == COUNTS.keys(), "every count of the catalogue is computed, and nothing else"

SOURCES: Mapping[str, str] = {
    "visits": "visits",
    "valid_visits": "visits",
    "letters": "letters",
    "talks": "talks",
    "written": "written",
    "contacts": "contacts",
}
"""Where a kind is looked for; every other among the calls that were placed."""
TO_ONE_NUMBER = frozenset({"dials", "unanswered_dials_alike"})
