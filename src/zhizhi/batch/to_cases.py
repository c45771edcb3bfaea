"""Facts in tables as conduct cases: what the single decision reads for the proposals that the tables cannot tell."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from zhizhi.batch.engine import loaded
from zhizhi.batch.from_cases import from_us
from zhizhi.batch.joins import to_arrow
from zhizhi.batch.tables import Facts
from zhizhi.core.conduct.case import (
    COLLECTOR_ITSELF,
    Case,
    CaseFacts,
    Collector,
    CollectorPerson,
    Debt,
    Event,
    Party,
    Point,
    Proposed,
    Review,
    State,
    Statement,
)
from zhizhi.core.law.law import Law

Row = dict[str, Any]
_OF_PERSON = (
    "persons", "debtor_spans", "debts", "debt_spans", "parties", "points", "statements", "reviews", "events",
)  # fmt: skip
_EVENT_KEYS = (
    "channel", "direction", "form", "robot", "by", "outcome", "purpose", "talk_seconds", "exchanged", "about_debt",
    "physical", "in_session",
)  # fmt: skip
_SAID_KEYS = (
    "kind", "told", "on", "form", "per_day", "channel", "place", "purpose_told", "consequences_told", "why", "written",
)  # fmt: skip
_WAY_KEYS = (
    "channel", "direction", "video", "rcs", "form", "robot", "purpose", "discloses_debt", "identifies_collector",
    "names_principal", "opt_out_notice", "recording", "team_size", "id_shown", "place", "enters_premises",
    "known_place",
)  # fmt: skip

_WANTED = "zhizhi_batch_wanted"
_PERSONS = "zhizhi_batch_wanted_persons"


def cases_of(connection: Any, facts: Facts, proposals: Sequence[int], law: Law, reading: str) -> Iterator[Case]:
    """The cases of some proposals, each with the number of its proposal as id; in the order of the proposals."""
    wanted = loaded(connection, pa.table({"proposal": pa.array(proposals, pa.int64())}), _WANTED)
    asked = to_arrow(connection, facts.proposals.semi_join(wanted, "proposal"))
    persons = loaded(connection, asked.select(["person"]), _PERSONS)
    rows = {
        name: _by_person(to_arrow(connection, getattr(facts, name).semi_join(persons, "person"))) for name in _OF_PERSON
    }
    ways = {row["contact"]: row for row in to_arrow(connection, facts.contacts).to_pylist()}
    collectors = {row["collector"]: row for row in to_arrow(connection, facts.collectors).to_pylist()}
    found = {row["proposal"]: row for row in asked.to_pylist()}
    for number in proposals:
        proposal = found[number]
        own = {name: of_person[proposal["person"]] for name, of_person in rows.items()}
        yield _case(own, proposal, ways[proposal["contact"]], collectors[proposal["collector"]], law, reading)


def _by_person(table: pa.Table) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        found[row["person"]].append(row)
    return found


def _case(own: dict[str, list[Row]], proposal: Row, way: Row, collector: Row, law: Law, reading: str) -> Case:
    person = own["persons"][0]
    before = proposal["seq"]
    events = sorted(
        (event for event in own["events"] if before is None or event["seq"] < before), key=lambda event: event["seq"]
    )
    return Case(
        id=str(proposal["proposal"]),
        profile=law.profile,
        reading=reading,
        time_zones=tuple(person["zones"] or (law.zone or "",)),
        debtor_states=tuple(_state(span) for span in own["debtor_spans"]),
        facts=CaseFacts(
            complaint_open=person["complaint_open"],
            no_contact_order_until=from_us(person["no_contact_order_until_us"]),
            suit_pending=person["suit_pending"],
            hardship_until=from_us(person["hardship_until_us"]),
            unreachable_by_contract=person["unreachable_by_contract"],
        ),
        reviews=tuple(_review(review) for review in own["reviews"]),
        debts=tuple(_debt(debt, own["debt_spans"]) for debt in own["debts"]),
        parties=tuple(
            Party(
                _id("p", party["party"]), party["role"], party["named_by_debtor"], party["liability_evidence"],
                party["estate_value_minor"],
            )
            for party in own["parties"]
        ),
        points=tuple(_point(point) for point in own["points"]),
        collector=_collector(collector),
        statements=tuple(
            _statement(said, of) for said in sorted(own["statements"], key=lambda said: said["seq"]) for of in _of(said)
        ),
        events=tuple(_event(event) for event in events),
        proposed=_proposed(proposal, way),
    )  # fmt: skip


def _id(kind: str, number: int | None) -> Any:
    """Parties, points, debts and events count from nothing each; the letter keeps them apart."""
    return None if number is None else f"{kind}{number}"


def _debts(numbers: list[int] | None) -> tuple[str, ...] | None:
    return None if numbers is None else tuple(f"d{number}" for number in numbers)


def _state(span: Row) -> State:
    return State(span["state"], from_us(span["since_us"]), from_us(span["until_us"]))


def _review(row: Row) -> Review:
    at, until = from_us(row["at_us"]), from_us(row["until_us"])
    assert at is not None, "a review has an instant"
    assert until is not None, "a review has an end"
    channels = row["channels"]
    return Review(row["rule"], at, "reviewer", until, None if channels is None else frozenset(channels))


def _debt(row: Row, spans: list[Row]) -> Debt:
    states = (State(row["state"]),) if row["state"] is not None else tuple(
        _state(span) for span in spans if span["debt"] == row["debt"]
    )  # fmt: skip
    return Debt(
        _id("d", row["debt"]), row["lender"], states, row["product"], row["service_group"], row["validation_ends_on"],
        row["outstanding_minor"],
    )  # fmt: skip


def _point(row: Row) -> Point:
    return Point(
        _id("m", row["point"]), _id("p", row["party"]), row["kind"], row["reserved"], row["source"], row["place"],
        row["owner"], from_us(row["invalid_since_us"]), row["misdirected"],
    )  # fmt: skip


def _collector(row: Row) -> Collector:
    person = CollectorPerson(
        "person", row["trained_on"], row["certified_until"], row["private_device"], row["private_device_approved"]
    )
    return Collector(
        row["kind"], row["id"], row["listed"], row["evaluated_on"], row["inspected_on"], row["contract_ends_on"],
        person if row["person_acts"] else None,
    )  # fmt: skip


def _of(row: Row) -> list[str | None]:
    """What a statement is of: the kind that it withdraws, or the party and the point whose use it objects to."""
    if row["kind"] == "withdraw":
        return [row["of"]]
    named = [_id("p", row["of_party"]), _id("m", row["of_point"])]
    return [of for of in named if of is not None] or [None]


def _statement(row: Row, of: str | None) -> Statement:
    at = from_us(row["at_us"])
    assert at is not None, "a statement has an instant"
    start = from_us(row["from_us"]) or row["from_on"]
    return Statement(
        at=at,
        by=COLLECTOR_ITSELF if row["by"] is None else _id("p", row["by"]),
        received_at=from_us(row["received_us"]),
        debt=_id("d", row["debt"]),
        point=_id("m", row["point"]),
        days=None if row["days"] is None else frozenset(row["days"]),
        start=row["from_minute"] if start is None else start,
        end=row["to_minute"],
        until=from_us(row["until_us"]),
        of=of,
        **{key: row[key] for key in _SAID_KEYS},
    )


def _event(row: Row) -> Event:
    at = from_us(row["at_us"])
    assert at is not None, "an event has an instant"
    return Event(
        id=_id("e", row["event"]),
        at=at,
        party=_id("p", row["party"]),
        point=_id("m", row["point"]),
        debts=_debts(row["debts"]),
        attributed_to=_id("d", row["attributed_to"]),
        in_reply_to=_id("e", row["in_reply_to"]),
        on_call=_id("e", row["on_call"]),
        **{key: row[key] for key in _EVENT_KEYS},
    )


def _proposed(row: Row, way: Row) -> Proposed:
    at = from_us(row["at_us"])
    assert at is not None, "a proposal has an instant"
    return Proposed(
        at=at,
        party=_id("p", row["party"]),
        point=_id("m", row["point"]),
        debts=_debts(row["debts"]),
        attributed_to=_id("d", row["attributed_to"]),
        in_reply_to=_id("e", row["in_reply_to"]),
        on_call=_id("e", row["on_call"]),
        in_session=row["in_session"],
        content=None if way["content"] is None else frozenset(way["content"]),
        expected_end_at=from_us(row["expected_end_us"]),
        **{key: way[key] for key in _WAY_KEYS},
    )
