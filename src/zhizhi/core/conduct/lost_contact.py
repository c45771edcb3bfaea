"""Lost contact: whether the debtor counts as unreachable, so that third persons may be asked for him."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zhizhi.core.conduct.case import Event, Point
from zhizhi.core.conduct.counts import ANSWERED, VOICEMAIL
from zhizhi.core.conduct.view import CALL_CHANNELS, View
from zhizhi.core.kernel.instants import day_in, wall
from zhizhi.core.law.features import Doubt, GateState
from zhizhi.core.law.nodes import Gate

_FAILED = frozenset({"no_answer", "not_in_service"})
_UNLAWFUL = frozenset({"purchased", "address_book"})


@dataclass(frozen=True, slots=True)
class _Terms:
    """The numbers of a gate, filled in."""

    attempts: int
    days: int
    same_day: bool
    spacing: timedelta
    other_points: bool
    opens_at: int

    @classmethod
    def of(cls, gate: Gate) -> "_Terms":
        numbers = (gate.attempts, gate.days, gate.spacing_minutes, gate.opens_at)
        attempts, days, spacing, opens_at = (number for number in numbers if isinstance(number, int))
        return cls(attempts, days, gate.same_day, timedelta(minutes=spacing), gate.other_points, opens_at)


def gate_state(view: View, gate: Gate, at: datetime) -> GateState:
    """Whether the gate is open at an instant.

    Boundary: what the record leaves open is read once against the contact and once for it; if these differ, it is
    unknown.
    """
    agreed = view.case.facts.unreachable_by_contract
    if gate.contract != "ignored" and agreed is False:
        return GateState(False, None, (), Doubt())
    if gate.contract == "opens" and agreed is True:
        return GateState(True, None, (), Doubt())
    terms = _Terms.of(gate)
    surely, facts = _opened_at(view, terms, at, generous=False)
    perhaps, _ = _opened_at(view, terms, at, generous=True)
    if surely is not None and surely <= at:
        return GateState(True, None, facts, Doubt())
    doubt = _doubt(view, at)
    if perhaps is not None and perhaps <= at:
        return GateState(None, surely, facts, doubt)
    opens_at = min((one for one in (surely, perhaps) if one is not None), default=None)
    return GateState(False, opens_at, facts, doubt)


def _opened_at(view: View, terms: _Terms, at: datetime, generous: bool) -> tuple[datetime | None, tuple[str, ...]]:
    """When the gate opened, or will if nothing else happens; and the events that show it."""
    reserved = [
        p for p in _own_points(view) if p.kind == "mobile" and (p.reserved or (generous and p.reserved is None))
    ]
    if not reserved:
        return None, ()
    failed = _failed_since_reached(view, at, generous)
    ids = {point.id for point in reserved}
    on_reserved = [event for event in failed if event.point in ids or (generous and event.point is None)]
    facts = tuple(event.id for event in on_reserved)
    if terms.other_points and not _others_tried(view, failed, ids, at, generous):
        return None, facts
    found = [_after_attempts(view, terms, on_reserved), _after_days(view, terms, on_reserved)]
    invalid = [point.invalid_since for point in reserved]
    if all(since is not None for since in invalid):
        found.append(max(since for since in invalid if since is not None))
    reached_at = _reached_at(view, at, generous)
    opened = [instant for instant in found if instant is not None and (reached_at is None or instant > reached_at)]
    return min(opened, default=None), facts


def _own_points(view: View) -> list[Point]:
    return [point for point in view.case.points if point.party in view.debtors and point.misdirected is not True]


def _is_call(event: Event) -> bool:
    return event.direction == "out" and event.channel in CALL_CHANNELS


def _reached(view: View, event: Event, generous: bool) -> bool:
    """Source: A-09: an inbound contact, answered call, met visit or rejected call shows that the debtor is reached."""
    if event.direction == "in" or event.outcome in ANSWERED or event.outcome in ("rejected", "met", "session_open"):
        return True
    if event.outcome in VOICEMAIL and view.strict and _is_call(event):
        return True
    return event.outcome is None and event.channel in (*CALL_CHANNELS, "visit") and not generous


def _events_of_debtor(view: View, at: datetime) -> list[Event]:
    return [event for event in view.case.events if event.party in view.debtors and event.at <= at]


def _reached_at(view: View, at: datetime, generous: bool) -> datetime | None:
    reached = [event.at for event in _events_of_debtor(view, at) if _reached(view, event, generous)]
    return reached[-1] if reached else None


def _failed_since_reached(view: View, at: datetime, generous: bool) -> list[Event]:
    """Boundary: a busy line neither opens the gate nor shows that the debtor can be reached."""
    found: list[Event] = []
    for event in _events_of_debtor(view, at):
        if _reached(view, event, generous):
            found = []
        elif _is_call(event) and view.same_lender(event):
            voicemail = event.outcome in VOICEMAIL and not view.strict
            if event.outcome in _FAILED or voicemail or (event.outcome is None and generous):
                found.append(event)
    return found


def _others_tried(view: View, failed: list[Event], reserved: set[str], at: datetime, generous: bool) -> bool:
    tried = {event.point for event in failed}
    if generous and None in tried:
        return True
    for point in _own_points(view):
        if point.kind not in ("mobile", "landline") or point.id in reserved or point.source in _UNLAWFUL:
            continue
        dead = point.invalid_since is not None and point.invalid_since <= at
        if not dead and point.id not in tried:
            return False
    return True


def _after_attempts(view: View, terms: _Terms, failed: list[Event]) -> datetime | None:
    """The opening hour of the day after the failed dial that completes the row; a row of none is never completed."""
    counted: list[datetime] = []
    for event in failed:
        if not counted or event.at - counted[-1] >= terms.spacing:
            counted.append(event.at)
    if not 1 <= terms.attempts <= len(counted):
        return None
    return _day_after(view, terms, day_in(view.zone, counted[terms.attempts - 1]))


def _after_days(view: View, terms: _Terms, failed: list[Event]) -> datetime | None:
    firsts: dict[date, datetime] = {}
    for event in failed:
        firsts.setdefault(day_in(view.zone, event.at), event.at)
    for day, instant in sorted(firsts.items()):
        if all(day - timedelta(days=back) in firsts for back in range(terms.days)):
            return instant if terms.same_day else _day_after(view, terms, day)
    return None


def _day_after(view: View, terms: _Terms, day: date) -> datetime:
    return wall(view.zone, day + timedelta(days=1), terms.opens_at)


def _doubt(view: View, at: datetime) -> Doubt:
    facts = []
    for event in _events_of_debtor(view, at):
        if event.direction == "out" and event.outcome is None and event.channel in (*CALL_CHANNELS, "visit"):
            facts.append(f"events.{event.id}.outcome")
        elif _is_call(event) and event.point is None:
            facts.append(f"events.{event.id}.point")
    facts += [f"points.{p.id}.reserved" for p in _own_points(view) if p.kind == "mobile" and p.reserved is None]
    return Doubt(tuple(facts), bool(facts) and all(fact.endswith(".outcome") for fact in facts))
