"""The proposals with what stands beside them: how, by whom, with whom, where; and the features that this settles."""

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

PROFESSIONAL = ["attorney", "creditor", "creditor_attorney", "collector_attorney", "credit_bureau"]
_NEEDS_GUARDIAN = ("no_capacity", "limited_capacity", "minor")
_STATED = (
    "channel", "form", "robot", "purpose", "discloses_debt", "identifies_collector", "names_principal", "recording",
    "team_size", "id_shown", "enters_premises",
)  # fmt: skip
_WAY = ("contact", "channel", "form", "robot", "purpose", "place", "known_place", "enters_premises")
_DATED = ("evaluated_on", "inspected_on", "trained_on")
_FUTURE_US = 402 * DAY_US
"""How far after the proposals the clock is asked: the horizon of the next instant."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What every part of the batch works with: the facts, what the law asks, and the clock of the law.

    `zones`: those of the law's clock: one, or those of the debtors. `abroad`: all others of the book.
    """

    facts: Facts
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
    earliest_us: int
    """No event or statement lies before."""
    asked_first_us: int
    asked_last_us: int
    """The first and the last instant of a proposal."""

    def clock(self, zone: Column) -> Clock:
        """The clock of the law for rows whose zone stands in a column."""
        return Clock(self.zones, self.earliest_us, self.asked_last_us + _FUTURE_US, zone)

    def clock_abroad(self, zone: Column) -> Clock:
        """The clock of any zone of the book."""
        return Clock(self.abroad, self.earliest_us, self.asked_last_us + _FUTURE_US, zone)


def asked(scene: Scene) -> Table:
    """One row a proposal, with all that its own rows say."""
    facts, demand = scene.facts, scene.demand
    points = facts.points.select(
        "person", "point", "misdirected", point_kind="kind", point_place="place", point_source="source",
        point_owner="owner",
    )  # fmt: skip
    rows = facts.proposals.drop("attributed_to").inner_join(facts.contacts.select(*_WAY), "contact")
    rows = rows.inner_join(_collectors(demand, facts.collectors), "collector")
    rows = rows.inner_join(facts.parties, ["person", "party"])
    rows = rows.inner_join(_persons(scene), "person")
    rows = attach(rows, points, ["person", "point"])
    rows = attach(rows, scene.away.select("person").distinct().mutate(abroad=YES), "person", {"abroad": False})
    rows = rows.mutate(
        day=scene.clock(rows.zone).day(rows.at_us),
        length_us=(rows.expected_end_us - rows.at_us).fill_null(0),
        contact_place=rows.place.coalesce(rows.point_place),
    )
    return _with_continues(scene, rows)


def own_features(demand: Demand, rows: Table) -> dict[str, Column]:
    """The features that the columns of a proposal settle."""
    at = rows.at_us
    found = {
        "contact.continues": rows.continues,
        "contact.replies": rows.replies,
        "contact.reminder": (rows.purpose == "remind") & rows.not_due,
        "contact.place": rows.contact_place,
        "party.role": rows.role,
        "party.professional": rows.role.isin(PROFESSIONAL),
        "party.named_by_debtor": rows.named_by_debtor,
        "point.source": rows.point_source,
        "point.misdirected": surely(rows.misdirected),
        "case.complaint_open": rows.complaint_open,
        "case.no_contact_order": surely(at < rows.no_contact_order_until_us),
        "case.hardship": surely(at < rows.hardship_until_us),
        "case.unreachable_by_contract": ibis.cases(
            (rows.unreachable_by_contract, "met"), (~rows.unreachable_by_contract, "not_met"), else_="not_agreed"
        ),
        "collector.person_acts": rows.person_acts | ~rows.robot,
        "collector.contract_running": rows.day <= rows.contract_ends_day,
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
        (rows.role.isin(["co_borrower", "guarantor", "spouse"]), rows.liability_evidence),
        (rows.role == "heir", ibis.ifelse(dead, rows.estate_value_minor > 0, NO)),
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


def ways(demand: Demand, contacts: Table) -> Table:
    """The features that a way of contact settles."""
    marks = {
        column_of("contact.content", value): contacts.content.contains(value)
        for feature, value in sorted(demand.values)
        if feature == "contact.content"
    }
    stated = {column_of(f"contact.{name}"): contacts[name] for name in _STATED if demand.asks(f"contact.{name}")}
    return contacts.select("contact", **stated, **marks)


def who(demand: Demand, collectors: Table) -> Table:
    """The features that a collector settles."""
    plain = ("kind", "listed", "private_device", "private_device_approved")
    found = {column_of(f"collector.{name}"): collectors[name] for name in plain if demand.asks(f"collector.{name}")}
    for name in _DATED:
        if demand.asks(f"collector.{name}"):
            found[column_of(f"collector.{name}")] = collectors[name].epoch_days().cast("int64")
    return collectors.select("collector", **found)


def _collectors(demand: Demand, collectors: Table) -> Table:
    """What a collector says of himself; days as numbers, and the same date a year later beside them."""
    found = {}
    for name in _DATED:
        column = column_of(f"collector.{name}")
        if demand.asks(f"collector.{name}"):
            found[column] = collectors[name].epoch_days().cast("int64")
            found[f"{column}_anniversary"] = (collectors[name] + ibis.interval(years=1)).epoch_days().cast("int64")
    return collectors.select(
        "collector", "person_acts", collector_id="id",
        contract_ends_day=collectors.contract_ends_on.epoch_days().cast("int64"), **found,
    )  # fmt: skip


def _persons(scene: Scene) -> Table:
    """What is known of a person's case, on whose clock."""
    persons = scene.facts.persons
    return persons.select(
        "person", "complaint_open", "no_contact_order_until_us", "hardship_until_us", "unreachable_by_contract",
        zone=ibis.literal(scene.zones[0]) if scene.demand.law.zone else persons.zones[0],
    )  # fmt: skip


def zones_away(facts: Facts, law_zone: str | None, keys: Sequence[str]) -> Table:
    """The zones besides the law's own where a person may be, one row each: `person`, `key`."""
    persons = facts.persons.filter(facts.persons.zones.notnull())
    away = persons.select("person", own=persons.zones[0], key=persons.zones.unnest())
    if law_zone is None:
        return away.filter(away.key != away.own).select("person", "key").distinct()
    elsewhere = [key for key in keys if zones_abroad((key,), zone_of(law_zone))]
    return away.filter(away.key.isin(elsewhere)).select("person", "key").distinct()


def _with_continues(scene: Scene, rows: Table) -> Table:
    """Whether the contact continues or answers one that the person began.

    Boundary: a session that somebody recorded as closed is not continued.
    """
    own = ["proposal", "person", "party", "channel", "at_us", "seq", "on_call", "in_reply_to", "in_session"]
    asking = scene.facts.proposals
    linked = asking.filter(asking.on_call.notnull() | asking.in_reply_to.notnull() | asking.in_session)
    linked = linked.inner_join(scene.facts.contacts.select("contact", "channel"), "contact").select(*own)
    past = scene.facts.events.select(
        "person", "event", "direction", "outcome", e_party="party", e_channel="channel", e_us="at_us", e_seq="seq"
    )
    linked = linked.inner_join(past, "person")
    linked = linked.filter(linked.seq.isnull() | (linked.e_seq < linked.seq))
    begun, theirs = linked.direction == "in", linked.e_party == linked.party
    session = theirs & (linked.e_channel == linked.channel) & (linked.e_us <= linked.at_us)
    session = session & linked.outcome.isin(["session_open", "session_closed"])
    found = linked.group_by("proposal").agg(
        in_call=surely(begun & (linked.event == linked.on_call)).any(),
        answers=surely(begun & theirs & (linked.event == linked.in_reply_to)).any(),
        session=linked.outcome.argmax(linked.e_seq, where=surely(session)),
    )
    rows = attach(rows, scene.plan.step("continues", found), fills={"in_call": False, "answers": False})
    continues = (rows.in_session & (rows.session.fill_null("session_open") != "session_closed")) | rows.in_call
    return rows.mutate(continues=continues, replies=continues | rows.answers).drop("in_call", "answers", "session")
