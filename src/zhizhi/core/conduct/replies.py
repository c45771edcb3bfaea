"""Answers to what a party sent: one, in the same medium, and where and when it was asked for.

Law: 12 CFR 1006.6(b)(1)-(2) and its comments, 1006.14(h)(2)(ii), 1006.22(f)(3), as rows US-06, US-07, US-24, US-27 read
them. Each answer is a feature: true, false, or None where the case does not say.
"""

from datetime import datetime, timedelta

from zhizhi.core.conduct.case import Event
from zhizhi.core.conduct.counts import COUNTERS, UNANSWERED
from zhizhi.core.conduct.hours import spared_hours, window_state
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import zone_of

_MAY_ANSWER = frozenset({None, "answer_request"})


def unspent_reply(view: View, at: datetime) -> bool | None:
    """Whether the contact is the one answer, in the same medium, to something that the party sent.

    Boundary: a call that the party made and that was talked on has had its answer. An answer that did not arrive, or a
    call that nobody took, was none; a message of which nobody wrote down what it answered may have been it.
    """
    sent = _answered(view, at)
    if sent is None or sent.channel != view.proposed.channel:
        return False
    if sent.channel == "voice" and COUNTERS["talks"](sent, view, 0) is True:
        return False
    found = [_spends(event, sent) for event in view.every["contacts"] if _follows(view, event, sent, at)]
    return False if True in found else None if None in found else True


def answered_at_bad_time(view: View, at: datetime) -> bool:
    """Whether what is answered came in hours that the party had named as inconvenient.

    Reading: strict asks that these same hours still run.
    """
    sent = _answered(view, at)
    stood = view.said.stood("inconvenient_time", by=view.party.id)
    if sent is None or not stood:
        return False
    zones = [zone_of(key) for key in dict.fromkeys(view.case.time_zones)]
    state = window_state(sent.at, timedelta(0), [(zone, spared_hours(zone, stood)) for zone in zones])
    if state.inside:
        return False
    return not view.strict or state.opens_at is None or at < state.opens_at


def answered_same_point(view: View, at: datetime) -> bool | None:
    """Whether the answer goes to the number or address that the party used."""
    sent = _answered(view, at)
    if sent is None:
        return False
    if sent.point is None or view.proposed.point is None:
        return None
    return sent.point == view.proposed.point


def wrote_from(view: View, at: datetime) -> bool | None:
    """Whether the party wrote to this collector about the debt from the address of the contact."""
    if view.proposed.point is None:
        return None
    own = view.case.collector.id
    found = [
        event.about_debt
        for event in view.case.events
        if event.direction == "in"
        and event.party == view.party.id
        and (event.point, event.channel) == (view.proposed.point, view.proposed.channel)
        and event.at <= at
        and (event.by or own) == own
    ]
    return True if True in found else None if None in found else False


def _answered(view: View, at: datetime) -> Event | None:
    """What the contact answers: something that the same party sent before."""
    for event in view.case.events:
        if event.id == view.proposed.in_reply_to:
            return event if event.direction == "in" and event.party == view.party.id and event.at <= at else None
    return None


def _follows(view: View, event: Event, sent: Event, at: datetime) -> bool:
    return event.party == view.party.id and sent.at <= event.at <= at


def _spends(event: Event, sent: Event) -> bool | None:
    if event.outcome == "undelivered" or event.outcome in UNANSWERED:
        return False
    if event.in_reply_to == sent.id:
        return None if event.outcome is None else True
    unsaid = event.in_reply_to is None and event.channel == sent.channel and event.purpose in _MAY_ANSWER
    return None if unsaid else False
