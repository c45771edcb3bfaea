"""The proposals: their days, and of those with something beside them all that their own rows say."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis

from zhizhi.batch.clock import DAY_US, Clock
from zhizhi.batch.demand import Demand
from zhizhi.batch.joins import attach
from zhizhi.batch.plan import Plan
from zhizhi.batch.tables import Column, Facts, Table
from zhizhi.batch.truth import NO, YES, column_of, surely
from zhizhi.core.conduct.hours import zones_abroad
from zhizhi.core.kernel.instants import zone_of

PROFESSIONAL = ("attorney", "creditor", "creditor_attorney", "collector_attorney", "credit_bureau")
_NEEDS_GUARDIAN = ("no_capacity", "limited_capacity", "minor")
_LIABLE = ("co_borrower", "guarantor", "spouse")
ROLES = ("debtor", *_LIABLE, "heir", "guardian", *PROFESSIONAL)
"""Roles of a party that a feature is made of."""

_FUTURE_US = 402 * DAY_US
"""How far after the proposals the clock is asked: the horizon of the next instant."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What every part of the batch works with: the facts, what the law asks, and the clock of the law.

    `zones`: those of the law's clock: one, or those of the debtors. `abroad`: all others of the book.
    """

    facts: Facts
    holders: Table
    """Persons with how many debts they have, and their one state."""
    several: Table
    """Debts of persons with several, numbered."""
    said: Table
    """Statements with the spans over which they stood."""
    demand: Demand
    away: Table
    """Zones besides the law's own where a person may be."""
    zones: tuple[str, ...]
    abroad: tuple[str, ...]
    plan: Plan
    reviewed: bool
    """Whether anybody released a hold."""
    next_instants: bool
    """Whether the next permitted instants are asked for."""
    earliest_us: int
    """No event or statement lies before."""
    asked_first_us: int
    asked_last_us: int
    """The first and the last instant of a proposal."""

    def clock(self, rows: Table) -> Clock:
        """The clock of the law for rows that carry a `zone`; where the law has one zone it is not read."""
        zone = rows.zone if len(self.zones) != 1 else None
        return Clock(self.zones, self.earliest_us, self.asked_last_us + _FUTURE_US, zone)

    def clock_abroad(self, zone: Column) -> Clock:
        """The clock of any zone of the book."""
        return Clock(self.abroad, self.earliest_us, self.asked_last_us + _FUTURE_US, zone)

    def zoned(self, rows: Table) -> Table:
        """Rows with a `person`, and the `zone` of the law's clock for that person."""
        if self.demand.law.zone:
            return rows.mutate(zone=ibis.literal(self.demand.law.zone))
        persons = self.facts.persons
        return rows.inner_join(persons.select("person", zone=persons.zones[0]), "person")


def dated(scene: Scene, proposals: Table) -> Table:
    """Proposals with their zone, their day there, and how long they are planned to be."""
    rows = scene.zoned(proposals)
    length = (rows.expected_end_us - rows.at_us).fill_null(0)
    return rows.mutate(day=scene.clock(rows).day(rows.at_us), length_us=length)


def asked(scene: Scene, proposals: Table) -> Table:
    """One row for each of these proposals, with what its way, its collector and dated facts of its person say."""
    facts = scene.facts
    rows = dated(scene, proposals.drop("attributed_to"))
    ways = facts.contacts.select("contact", "channel", "robot", "purpose", "place", "known_place")
    rows = rows.inner_join(ways, "contact")
    rows = rows.inner_join(facts.collectors.select("collector", collector_id="id"), "collector")
    persons = facts.persons.select("person", "no_contact_order_until_us", "hardship_until_us")
    stopped = persons.no_contact_order_until_us.notnull() | persons.hardship_until_us.notnull()
    rows = attach(rows, persons.filter(stopped), "person")
    rows = attach(rows, scene.away.select("person").distinct().mutate(abroad=YES), "person", {"abroad": False})
    rows = rows.mutate(
        ordered=surely(rows.at_us < rows.no_contact_order_until_us),
        paused=surely(rows.at_us < rows.hardship_until_us),
    )
    return _with_continues(scene, rows)


def with_party_and_point(scene: Scene, rows: Table) -> Table:
    """Proposals with what is read of their party and point beside what somebody said.

    `rows`: a step. Of the others in the book nothing is hashed then.
    """
    facts, persons = scene.facts, rows.select("person").distinct()
    points = facts.points.semi_join(persons, "person")
    points = points.select("person", "point", point_kind="kind", point_place="place", point_owner="owner")
    parties = facts.parties.semi_join(persons, "person").select("person", "party", "role")
    rows = rows.inner_join(parties, ["person", "party"])
    rows = attach(rows, points, ["person", "point"])
    return rows.mutate(contact_place=rows.place.coalesce(rows.point_place))


def own_features(demand: Demand, rows: Table) -> dict[str, Column]:
    """The features that the person, party, point, way of contact and collector of a record settle."""
    found = {
        "contact.continues": rows.continues,
        "contact.replies": rows.replies,
        "contact.reminder": (rows.purpose == "remind") & rows.not_due,
        "contact.place": rows.place.coalesce(rows.point_place),
        "party.role": rows.role,
        "party.professional": rows.role.isin(PROFESSIONAL),
        "party.named_by_debtor": rows.named_by_debtor,
        "point.source": rows.point_source,
        "point.misdirected": surely(rows.misdirected),
        "case.complaint_open": rows.complaint_open,
        "case.no_contact_order": rows.ordered,
        "case.hardship": rows.paused,
        "case.unreachable_by_contract": ibis.cases(
            (rows.unreachable_by_contract, "met"), (~rows.unreachable_by_contract, "not_met"), else_="not_agreed"
        ),
    }
    if demand.asks("party.owes"):
        found["party.owes"] = _owes(rows)
    return {column_of(name): column for name, column in found.items() if demand.asks(name)}


def _owes(rows: Table) -> Column:
    dead = rows[column_of("debtor.state", "deceased")]
    in_need = rows[column_of("debtor.state", _NEEDS_GUARDIAN[0])]
    for state in _NEEDS_GUARDIAN[1:]:
        in_need = in_need | rows[column_of("debtor.state", state)]
    return ibis.cases(
        (rows.role == "debtor", YES),
        (rows.role.isin(_LIABLE), rows.liability_evidence),
        (rows.role == "heir", ibis.ifelse(dead, rows.leaves_estate, NO)),
        (rows.role == "guardian", in_need),
        else_=NO,
    )


def debtor_states(demand: Demand) -> list[str]:
    """The states of a debtor that decide something."""
    asked_for = {value for feature, value in demand.values if feature == "debtor.state"}
    if demand.asks("party.owes"):
        asked_for |= {"deceased", *_NEEDS_GUARDIAN}
    return sorted(asked_for)


def with_debtor_states(scene: Scene, rows: Table) -> Table:
    """Whether each state that decides something holds at the instant of the proposal."""
    states = debtor_states(scene.demand)
    if not states:
        return rows
    spans = scene.facts.debtor_spans
    spans = spans.filter(spans.state.isin(states)).rename(held="state")
    held = scene.facts.proposals.select("proposal", "person", "at_us").inner_join(spans, "person")
    held = held.filter(holds(held))
    found = held.group_by("proposal").agg(
        **{column_of("debtor.state", state): (held.held == state).any() for state in states}
    )
    found = scene.plan.step("debtor_states", found)
    return attach(rows, found, fills={column_of("debtor.state", state): False for state in states})


def holds(rows: Table) -> Column:
    """Whether a span `since_us` to `until_us` holds at `at_us`."""
    return (rows.since_us.fill_null(rows.at_us) <= rows.at_us) & (rows.until_us.isnull() | (rows.at_us < rows.until_us))


def zones_away(facts: Facts, law_zone: str | None, keys: Sequence[str]) -> Table:
    """The zones besides the law's own where a person may be, one row each: `person`, `key`."""
    persons = facts.persons.filter(facts.persons.zones.notnull())
    away = persons.select("person", own=persons.zones[0], key=persons.zones.unnest())
    if law_zone is None:
        return away.filter(away.key != away.own).select("person", "key").distinct()
    elsewhere = [key for key in keys if zones_abroad((key,), zone_of(law_zone))]
    return away.filter(away.key.isin(elsewhere)).select("person", "key").distinct()


def linked(proposals: Table) -> Table:
    """Proposals that may continue or answer a contact."""
    return proposals.filter(proposals.on_call.notnull() | proposals.in_reply_to.notnull() | proposals.in_session)


def _with_continues(scene: Scene, rows: Table) -> Table:
    """Whether the contact continues or answers one that the person began.

    Boundary: a session that somebody recorded as closed is not continued.
    """
    own = ["proposal", "person", "party", "channel", "at_us", "seq", "on_call", "in_reply_to", "in_session"]
    pairs = linked(scene.facts.proposals)
    pairs = pairs.inner_join(scene.facts.contacts.select("contact", "channel"), "contact").select(*own)
    past = scene.facts.events.select(
        "person", "event", "direction", "outcome", e_party="party", e_channel="channel", e_us="at_us", e_seq="seq"
    )
    pairs = pairs.inner_join(past, "person")
    pairs = pairs.filter(pairs.seq.isnull() | (pairs.e_seq < pairs.seq))
    begun, theirs = pairs.direction == "in", pairs.e_party == pairs.party
    session = theirs & (pairs.e_channel == pairs.channel) & (pairs.e_us <= pairs.at_us)
    session = session & pairs.outcome.isin(["session_open", "session_closed"])
    found = pairs.group_by("proposal").agg(
        in_call=surely(begun & (pairs.event == pairs.on_call)).any(),
        answers=surely(begun & theirs & (pairs.event == pairs.in_reply_to)).any(),
        session=pairs.outcome.argmax(pairs.e_seq, where=surely(session)),
    )
    rows = attach(rows, scene.plan.step("continues", found), fills={"in_call": False, "answers": False})
    continues = (rows.in_session & (rows.session.fill_null("session_open") != "session_closed")) | rows.in_call
    return rows.mutate(continues=continues, replies=continues | rows.answers).drop("in_call", "answers", "session")
