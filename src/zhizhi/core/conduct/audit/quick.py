"""What is plain of most contacts without counting: that a measure is kept, and what the facts of a row come to.

Of a person of whom nothing was said and no state has a date, a feature depends on the row alone, or on whether there
was a contact before. So contacts with one key have one record of facts. Of hours and counts a proof shows that a rule
is surely kept: within the hours of that day, or fewer contacts so far than the cap allows. Where there is no proof
nothing is decided here: the measure of the single decision is asked.
"""

from collections.abc import Callable, Hashable
from datetime import date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.audit.story import Contact
from zhizhi.core.conduct.audit.trail import Trail
from zhizhi.core.conduct.counts import SOURCES
from zhizhi.core.conduct.hours import plain_hours, zones_abroad
from zhizhi.core.kernel.days import add_years
from zhizhi.core.kernel.instants import day_in, zone_of
from zhizhi.core.law.features import Value
from zhizhi.core.law.nodes import Avoid, Body, Cap, Cooldown, Fresh, Window

KEYED = frozenset(
    (
        "contact.channel",
        "contact.form",
        "contact.robot",
        "contact.purpose",
        "contact.continues",
        "contact.replies",
        "contact.reminder",
        "contact.first",
        "contact.discloses_debt",
        "contact.identifies_collector",
        "contact.names_principal",
        "contact.opt_out_notice",
        "contact.recording",
        "contact.team_size",
        "contact.id_shown",
        "contact.place",
        "contact.enters_premises",
        "contact.at_inconvenient_place",
        "contact.at_prohibited_work",
        "contact.content",
        "party.role",
        "party.owes",
        "party.consumer",
        "party.professional",
        "party.named_by_debtor",
        "party.refused",
        "party.refused_channel",
        "party.refusal_confirmed",
        "party.offered_to_pay",
        "point.source",
        "point.misdirected",
        "point.refused",
        "point.objected",
        "point.text_refused",
        "point.employers",
        "collector.kind",
        "collector.listed",
        "collector.contract_running",
        "collector.evaluated_on",
        "collector.inspected_on",
        "collector.trained_on",
        "collector.person_acts",
        "collector.private_device",
        "collector.private_device_approved",
        "debtor.state",
        "debtor.far_west",
        "debtor.represented",
        "debts.state",
        "debts.disputed",
        "debts.claimed_paid",
        "debts.ceased",
        "case.complaint_open",
        "case.no_contact_order",
        "case.hardship",
        "case.unreachable_by_contract",
        "visit.consented",
        "entry.consented",
        "entry.employer_consented",
        "callback.requested",
        "callback.timed",
    )
)
"""Features that follow from the key of a quiet person's contact. Every other one is read for each contact."""

Proof: TypeAlias = Callable[[Contact, date, Trail], bool]
"""Whether a measure surely permits a contact of a day after a trail."""


class Proofs:
    """Proofs for the bodies of rules, on the clocks of a person; one for equal bodies."""

    def __init__(self, zone: ZoneInfo, time_zones: tuple[str, ...]) -> None:
        self._zone, self._time_zones = zone, time_zones
        self._known: dict[Body, Proof | None] = {}

    def of(self, body: Body) -> Proof | None:
        """How the body is shown to permit; None where nothing short of asking it tells. Boundary: `always` for some."""
        if body not in self._known:
            self._known[body] = self._made(body)
        return self._known[body]

    def _made(self, body: Body) -> Proof | None:
        if isinstance(body, Avoid):
            return always
        if isinstance(body, Window):
            return self._hours(body)
        if isinstance(body, Cap):
            return _cap(body)
        return _cooldown(body) if isinstance(body, Cooldown) else None

    def _hours(self, body: Window) -> Proof:
        """The whole contact lies in one interval of its day on every clock."""
        opens, closes = _int(body.opens), _int(body.closes)
        abroad = [zone_of(key) for key in zones_abroad(self._time_zones, self._zone)] if body.zones else []
        clocks = [(zone, plain_hours(zone, opens, closes, body.edges)) for zone in (self._zone, *abroad)]
        known: list[dict[date, list[tuple[datetime, datetime]]]] = [{} for _ in clocks]

        def proof(contact: Contact, day: date, _trail: Trail) -> bool:
            at = contact.proposed.at
            ends = (contact.proposed.expected_end_at if body.whole else None) or at
            for place, (zone, hours) in enumerate(clocks):
                of_day = day if place == 0 else day_in(zone, at)
                spans = known[place].get(of_day)
                if spans is None:
                    spans = known[place][of_day] = hours(of_day)
                if not any(first <= at < last and ends <= last for first, last in spans):
                    return False
            return True

        return proof


def always(_contact: Contact, _day: date, _trail: Trail) -> bool:
    """Hours named as inconvenient: who said nothing named none."""
    return True


def fresh(body: Fresh, value: Value) -> Proof:
    """A day that is known lies in its span."""
    assert isinstance(value, date), "a feature of type day"
    last = add_years(value, 1) if body.anniversary else value + timedelta(days=_int(body.days))
    return lambda _contact, day, _trail: value <= day <= last


def _cap(body: Cap) -> Proof | None:
    """Fewer contacts of that kind so far than the limit. Nobody agreed to another number."""
    if body.limit is None:
        return always
    limit, back = _int(body.limit), timedelta(days=_int(body.days) - 1)
    minutes = None if body.minutes is None else timedelta(minutes=_int(body.minutes))
    source = _source(body.count, body.per)

    def proof(contact: Contact, day: date, trail: Trail) -> bool:
        if trail.count < limit:
            return True
        at = contact.proposed.at
        first, after = (day - back, None) if minutes is None else (date.min, at - minutes)
        return trail.at_most(source, contact.party.id, first, after) < limit

    return proof


def _cooldown(body: Cooldown) -> Proof:
    """Nothing of that kind within its days."""
    back, source = timedelta(days=_int(body.days) - 1), _source(body.count, body.per)
    return lambda contact, day, trail: trail.at_most(source, contact.party.id, day - back, None) == 0


def _source(count: str, per: frozenset[str]) -> str:
    return SOURCES.get(count, "calls") if "person" in per else "everything"


def is_plain(contact: Contact) -> bool:
    """Whether a contact is one as logs hold them: what is proposed is what happened, with whom and by which number."""
    event, proposed = contact.event, contact.proposed
    return (
        proposed.at == event.at
        and proposed.party == contact.party.id == event.party
        and proposed.point == (None if contact.point is None else contact.point.id)
        and not (proposed.in_session or event.in_session)
        and proposed.on_call is proposed.in_reply_to is event.on_call is None
    )


def key_of(contact: Contact, day: date) -> Hashable:
    """What the features of a row depend on, beside its person: two contacts of one key have one record of facts."""
    proposed, party, point, collector = contact.proposed, contact.party, contact.point, contact.collector
    worker, ends_on = collector.person, collector.contract_ends_on
    return (
        proposed.channel, proposed.form, proposed.robot, proposed.purpose, proposed.discloses_debt,
        proposed.identifies_collector, proposed.names_principal, proposed.opt_out_notice, proposed.recording,
        proposed.team_size, proposed.id_shown, proposed.place, proposed.known_place, proposed.enters_premises,
        proposed.content, party.role, party.named_by_debtor, party.liability_evidence, party.estate_value_minor,
        None if point is None else (point.kind, point.source, point.place, point.owner, point.misdirected),
        collector.kind, collector.listed, collector.evaluated_on, collector.inspected_on,
        None if ends_on is None else day <= ends_on,
        None if worker is None else (worker.trained_on, worker.private_device, worker.private_device_approved),
        tuple(contact.told.items()), contact.assumed,
    )  # fmt: skip


def _int(number: object) -> int:
    assert isinstance(number, int), "numbers are filled in before a rule is evaluated"
    return number
