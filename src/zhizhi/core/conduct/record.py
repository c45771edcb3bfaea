"""The features of one case at one instant: what people, statements, history and clocks come to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.conduct.case import Event
from zhizhi.core.conduct.consent import consented_to_time
from zhizhi.core.conduct.counts import UNANSWERED
from zhizhi.core.conduct.hours import agreed_hours, plain_hours, spared_hours, window_state, zones_abroad
from zhizhi.core.conduct.lost_contact import gate_state
from zhizhi.core.conduct.replies import answered_at_bad_time, answered_same_point, unspent_reply, wrote_from
from zhizhi.core.conduct.said import end_of
from zhizhi.core.conduct.standing import ceased, spoken_with, told_before, unverified
from zhizhi.core.conduct.tally import after_state, cap_state, cooldown_state
from zhizhi.core.conduct.view import CALL_CHANNELS, View
from zhizhi.core.conduct.wishes import (
    at_inconvenient_place,
    at_prohibited_work,
    confirmed_refusal,
    objected_use,
    refused_channel,
    refused_contact,
    refused_point,
    refused_texts,
)
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, day_in, wall, zone_of
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.features import AfterState, CooldownState, Count, GateState, Value, WindowState
from zhizhi.core.law.nodes import After, Avoid, Cap, Cooldown, Gate, Window

_FAR_WEST = frozenset({"Asia/Urumqi", "Asia/Kashgar"})
_PROFESSIONAL = frozenset({"attorney", "creditor", "creditor_attorney", "collector_attorney", "credit_bureau"})
_CONSUMERS = frozenset({"debtor", "co_borrower", "guarantor", "spouse", "guardian"})
_NEEDS_GUARDIAN = frozenset({"no_capacity", "limited_capacity", "minor"})


class Record:
    """Features of a view at an instant. Implements `zhizhi.core.law.features.Features`."""

    __slots__ = ("_counts", "_hours", "_values", "at", "day", "view")

    def __init__(self, view: View, at: datetime) -> None:
        self.view = view
        self.at = at
        self.day: date = day_in(view.zone, at)
        self._values: dict[str, Value] = {}
        self._counts: dict[Cap, Count] = {}
        self._hours: dict[Window | Avoid, WindowState] = {}

    @property
    def next_change_at(self) -> datetime | None:
        """The next instant at which a statement, state or release begins or ends."""
        return next((change for change in self.view.changes if change > self.at), None)

    def value(self, feature: str) -> Value:
        """A feature of the catalogue; None where the case does not say."""
        if feature not in self._values:
            self._values[feature] = _VALUES[feature](self)
        return self._values[feature]

    def place(self, feature: str) -> str:
        """Where in the case the missing fact would stand."""
        return _place(self.view, feature)

    def window(self, term: Window) -> WindowState:
        """Hours of the law, or those agreed to by the debtor for contacts with him."""
        if term not in self._hours:
            self._hours[term] = self._window(term)
        return self._hours[term]

    def _window(self, term: Window) -> WindowState:
        view = self.view
        assert isinstance(term.opens, int), "numbers are filled in before a rule is evaluated"
        assert isinstance(term.closes, int), "numbers are filled in before a rule is evaluated"
        stood = view.said.stood("agree_hours", by=view.party.id) if view.party.role == "debtor" else []
        replacing = [one for one in stood if not one.narrows]
        hours = (
            agreed_hours(view.zone, term.opens, term.closes, replacing, term.clause_widens)
            if replacing
            else plain_hours(view.zone, term.opens, term.closes, term.edges)
        )
        clocks = [(view.zone, hours)]
        if len(replacing) < len(stood):
            narrowing = [one for one in stood if one.narrows]
            clocks.append((view.zone, agreed_hours(view.zone, 0, MINUTES_PER_DAY, narrowing, clause_widens=True)))
        for key in zones_abroad(view.case.time_zones, view.zone) if term.zones else ():
            clocks.append((zone_of(key), plain_hours(zone_of(key), term.opens, term.closes, term.edges)))
        length = view.length if term.whole else view.length * 0
        return window_state(self.at, length, clocks)

    def spared(self, term: Avoid) -> WindowState:
        """Hours outside those that the party named as inconvenient."""
        if term not in self._hours:
            self._hours[term] = self._spared(term)
        return self._hours[term]

    def _spared(self, term: Avoid) -> WindowState:
        view = self.view
        stood = view.said.stood("inconvenient_time", by=view.party.id)
        if not stood:
            return WindowState(True, None, None)
        zones = [view.zone]
        zones += [zone_of(key) for key in zones_abroad(view.case.time_zones, view.zone)] if term.zones else []
        length = view.length if term.whole else view.length * 0
        return window_state(self.at, length, [(zone, spared_hours(zone, stood, term.edges)) for zone in zones])

    def count(self, term: Cap) -> Count:
        """A count in the window of the contact."""
        if term not in self._counts:
            self._counts[term] = cap_state(self.view, term, self.at, self.day)
        return self._counts[term]

    def cooldown(self, term: Cooldown) -> CooldownState:
        """The latest events of a kind."""
        return cooldown_state(self.view, term, self.at)

    def after(self, term: After) -> AfterState:
        """The first event of a kind."""
        return after_state(self.view, term, self.at)

    def gate(self, term: Gate) -> GateState:
        """Lost contact."""
        return gate_state(self.view, term, self.at)

    def values(self) -> Mapping[str, Value]:
        """Every feature of the catalogue: the whole finite record, as other engines read it."""
        return {feature: self.value(feature) for feature in FEATURES}

    @property
    def callback_ends_at(self) -> datetime | None:
        """When the span of the requested callback ends that the contact lies in."""
        return max((callback.ends_at for callback in _callbacks(self)), default=None)


def _owes(record: Record) -> Value:
    """Source: ST-02, ST-03, ST-04, A-13. Who is on no list owes nothing."""
    view, role = record.view, record.view.party.role
    states = view.states(view.case.debtor_states, record.at)
    if role == "debtor":
        return True
    if role in ("co_borrower", "guarantor", "spouse"):
        return view.party.liability_evidence
    if role == "heir":
        estate = view.party.estate_value_minor
        return False if "deceased" not in states else None if estate is None else estate > 0
    if role == "guardian":
        return not states.isdisjoint(_NEEDS_GUARDIAN)
    return False


def _consumer(record: Record) -> Value:
    """Source: US-12. Boundary: an heir stands for a debtor who died, a guardian for one who needs him."""
    view, role = record.view, record.view.party.role
    if role == "heir":
        return "deceased" in view.states(view.case.debtor_states, record.at)
    return role in _CONSUMERS


def _offered(record: Record) -> Value:
    return bool(record.view.said.standing("offer_to_pay", record.at, by=record.view.party.id))


def _reminder(record: Record) -> Value:
    """Source: A-23: a reminder about an overdue loan is collection."""
    return record.view.proposed.purpose == "remind" and record.view.not_due(record.view.debts, record.at)


def _first(record: Record) -> Value:
    first = record.view.first_out_at
    return first is None or first > record.at


def _contact_place(record: Record) -> str | None:
    view = record.view
    return view.proposed.place or (view.point.place if view.point is not None else None)


def _visit_consented(record: Record) -> Value:
    view, place = record.view, _contact_place(record)
    given = view.said.standing("consent_visit", record.at, by=view.party.id, day=record.day)
    if place is None:
        return None if given else False
    told = [(said.purpose_told, said.consequences_told) for said in given if said.place == place]
    if not told or False in told[-1]:
        return False
    return None if None in told[-1] else True


def _entry_consented_by(record: Record, by: list[str]) -> Value:
    place = _contact_place(record)
    given = [said for party in by for said in record.view.said.standing("consent_entry", record.at, by=party)]
    if place is None:
        return None if given else False
    return any(said.place == place for said in given)


def _entry_consented(record: Record) -> Value:
    return _entry_consented_by(record, [record.view.party.id])


def _employer_consented(record: Record) -> Value:
    return _entry_consented_by(record, [party.id for party in record.view.case.parties if party.role == "employer"])


def _disputed(record: Record) -> Value:
    view = record.view
    if any("disputed" in view.states(debt.states, record.at) for debt in view.debts):
        return True
    return bool(view.said.standing("dispute", record.at) or view.said.standing("denies_debt", record.at))


def _claimed_paid(record: Record) -> Value:
    return bool(record.view.said.standing("claims_paid", record.at))


def _represented(record: Record) -> Value:
    view = record.view
    speakers = {party.id for party in view.case.parties if party.role in ("debtor", "attorney")}
    return any(said.by in speakers for said in view.said.standing("represented_by_attorney", record.at))


def _debt_states(record: Record) -> Value:
    view = record.view
    return frozenset().union(*(view.states(debt.states, record.at) for debt in view.debts))


def _no_contact_order(record: Record) -> Value:
    end = end_of(record.view.case.facts.no_contact_order_until, record.view.zone)
    return end is not None and record.at < end


def _hardship(record: Record) -> Value:
    end = end_of(record.view.case.facts.hardship_until, record.view.zone)
    return end is not None and record.at < end


def _unreachable_by_contract(record: Record) -> Value:
    agreed = record.view.case.facts.unreachable_by_contract
    return "not_agreed" if agreed is None else "met" if agreed else "not_met"


def _contract_running(record: Record) -> Value:
    ends_on = record.view.case.collector.contract_ends_on
    return None if ends_on is None else record.day <= ends_on


def _person_acts(record: Record) -> Value:
    return record.view.case.collector.person is not None or not record.view.proposed.robot


def _person(record: Record, key: str) -> Value:
    person = record.view.case.collector.person
    value: Value = None if person is None else getattr(person, key)
    return value


@dataclass(frozen=True, slots=True)
class _Callback:
    """A callback asked for in whose span a contact lies: whether it is still to be made, and both ends were named."""

    unused: bool | None
    timed: bool
    ends_at: datetime


def _callbacks(record: Record) -> list[_Callback]:
    """Callbacks asked for in whose span the contact lies and which were not made yet.

    Source: A-22. Boundary: without a start it begins when it was asked for, without an end it ends with that day.
    """
    view, at = record.view, record.at
    proposed = view.proposed
    if proposed.channel != "voice" or proposed.purpose != "answer_request":
        return []
    found: list[_Callback] = []
    for said in view.said.standing("request_callback", at, by=view.party.id):
        start = said.start if isinstance(said.start, datetime) else said.received_at or said.at
        end = said.until
        if not isinstance(end, datetime):
            end = wall(view.zone, day_in(view.zone, start), 24 * 60)
        fits = start <= at < end and (not view.strict or at + view.length <= end)
        if fits and said.point in (None, proposed.point):
            unused = _unused(
                view, [e for calls in view.calls.values() for e in calls if start <= e.at < end and e.at <= at]
            )
            if unused is not False:
                timed = isinstance(said.start, datetime) and said.until is not None
                found.append(_Callback(unused, timed, end))
    return found


def _unused(view: View, calls: list[Event]) -> bool | None:
    """A callback is used up by any call in its span that did not end unanswered."""
    if any(call.outcome is not None and call.outcome not in UNANSWERED for call in calls):
        return False
    return None if any(call.outcome is None for call in calls) else True


def _callback(record: Record) -> Value:
    found = [callback.unused for callback in _callbacks(record)]
    return True if True in found else None if found else False


def _callback_timed(record: Record) -> Value:
    found = [callback.unused for callback in _callbacks(record) if callback.timed]
    return True if True in found else None if found else False


def _wish(answer: Callable[[View, datetime], bool | None]) -> Callable[[Record], Value]:
    return lambda record: answer(record.view, record.at)


def _proposed(key: str) -> Callable[[Record], Value]:
    def read(record: Record) -> Value:
        value: Value = getattr(record.view.proposed, key)
        return value

    return read


def _collector(key: str) -> Callable[[Record], Value]:
    def read(record: Record) -> Value:
        value: Value = getattr(record.view.case.collector, key)
        return value

    return read


_VALUES: Mapping[str, Callable[[Record], Value]] = {
    "contact.channel": _proposed("channel"),
    "contact.form": _proposed("form"),
    "contact.robot": _proposed("robot"),
    "contact.purpose": _proposed("purpose"),
    "contact.continues": lambda record: record.view.continues,
    "contact.replies": lambda record: record.view.replies,
    "contact.reminder": _reminder,
    "contact.first": _first,
    "contact.discloses_debt": _proposed("discloses_debt"),
    "contact.identifies_collector": _proposed("identifies_collector"),
    "contact.names_principal": _proposed("names_principal"),
    "contact.opt_out_notice": _proposed("opt_out_notice"),
    "contact.recording": _proposed("recording"),
    "contact.team_size": _proposed("team_size"),
    "contact.id_shown": _proposed("id_shown"),
    "contact.place": _contact_place,
    "contact.enters_premises": _proposed("enters_premises"),
    "contact.at_inconvenient_place": _wish(at_inconvenient_place),
    "contact.at_prohibited_work": _wish(at_prohibited_work),
    "contact.content": _proposed("content"),
    "party.role": lambda record: record.view.party.role,
    "party.owes": _owes,
    "party.consumer": _consumer,
    "party.told_before": _wish(told_before),
    "party.professional": lambda record: record.view.party.role in _PROFESSIONAL,
    "party.named_by_debtor": lambda record: record.view.party.named_by_debtor,
    "party.refused": _wish(refused_contact),
    "party.refused_channel": _wish(refused_channel),
    "party.refusal_confirmed": _wish(confirmed_refusal),
    "party.offered_to_pay": _offered,
    "point.source": lambda record: record.view.point.source if record.view.point else None,
    "point.misdirected": lambda record: record.view.point is not None and record.view.point.misdirected is True,
    "point.refused": _wish(refused_point),
    "point.objected": _wish(objected_use),
    "point.text_refused": _wish(refused_texts),
    "point.employers": lambda record: record.view.point is not None and record.view.point.owner == "employer",
    "point.wrote_from": _wish(wrote_from),
    "collector.kind": _collector("kind"),
    "collector.listed": _collector("listed"),
    "collector.contract_running": _contract_running,
    "collector.evaluated_on": _collector("evaluated_on"),
    "collector.inspected_on": _collector("inspected_on"),
    "collector.trained_on": lambda record: _person(record, "trained_on"),
    "collector.person_acts": _person_acts,
    "collector.private_device": lambda record: _person(record, "private_device"),
    "collector.private_device_approved": lambda record: _person(record, "private_device_approved"),
    "debtor.state": lambda record: record.view.states(record.view.case.debtor_states, record.at),
    "debts.state": _debt_states,
    "debts.disputed": _disputed,
    "debts.claimed_paid": _claimed_paid,
    "debts.ceased": _wish(ceased),
    "debts.unverified": _wish(unverified),
    "debtor.far_west": lambda record: not _FAR_WEST.isdisjoint(record.view.case.time_zones),
    "debtor.represented": _represented,
    "debtor.spoken_with": _wish(spoken_with),
    "case.complaint_open": lambda record: record.view.case.facts.complaint_open,
    "case.no_contact_order": _no_contact_order,
    "case.hardship": _hardship,
    "case.unreachable_by_contract": _unreachable_by_contract,
    "visit.consented": _visit_consented,
    "entry.consented": _entry_consented,
    "entry.employer_consented": _employer_consented,
    "callback.requested": _callback,
    "callback.timed": _callback_timed,
    "consent.time": _wish(consented_to_time),
    "reply.unspent": _wish(unspent_reply),
    "reply.at_bad_time": _wish(answered_at_bad_time),
    "reply.same_point": _wish(answered_same_point),
}
assert _VALUES.keys() == FEATURES.keys(), "every feature of the catalogue is computed, and nothing else"
assert FEATURES["contact.channel"].values >= CALL_CHANNELS, "channels are those of the catalogue"


_STANDS_ELSEWHERE: Mapping[str, str] = {
    "collector.contract_running": "collector.contract_ends_on",
    "callback.requested": "events.outcome",
    "callback.timed": "events.outcome",
    "reply.unspent": "events.outcome",
    "reply.same_point": "proposed.point",
    "party.told_before": "events.outcome",
    "debtor.spoken_with": "events.outcome",
    "party.refusal_confirmed": "events.purpose",
    "point.wrote_from": "events.about_debt",
    "point.refused": "proposed.point",
    "point.text_refused": "proposed.point",
    "point.objected": "proposed.point",
    "debts.unverified": "statements.dispute",
}
"""Features that are told by a fact of another name."""


def _place(view: View, feature: str) -> str:
    """Where the fact would stand, by the ids of the case."""
    party, point = f"parties.{view.party.id}", view.proposed.point
    if feature in _STANDS_ELSEWHERE:
        return _STANDS_ELSEWHERE[feature]
    key = feature.partition(".")[2]
    if feature == "party.owes":
        return f"{party}.{'estate_value_minor' if view.party.role == 'heir' else 'liability_evidence'}"
    if feature == "point.source":
        return "proposed.point" if point is None else f"points.{point}.source"
    if feature in ("collector.trained_on", "collector.private_device", "collector.private_device_approved"):
        return f"collector.person.{key}" if view.case.collector.person else "collector.person"
    if feature in ("contact.at_inconvenient_place", "contact.at_prohibited_work"):
        return "proposed.place" if point is None else f"points.{point}.place"
    if feature.startswith(("visit.", "entry.")):
        return "proposed.place" if _place_unknown(view) else "statements.consent_visit"
    prefix = {"contact": "proposed", "party": party}.get(feature.partition(".")[0], feature.partition(".")[0])
    return f"{prefix}.{key}"


def _place_unknown(view: View) -> bool:
    return view.proposed.place is None and (view.point is None or view.point.place is None)
