"""Conduct cases as facts in tables. For small jobs and to compare the readings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pyarrow as pa

from zhizhi.batch.tables import SCHEMAS, arrow_table
from zhizhi.core.conduct.case import Case, State, Statement
from zhizhi.core.conduct.said import end_of, start_of
from zhizhi.core.kernel.instants import zone_of

Row = dict[str, object]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CONTACT_KEYS = (
    "channel", "direction", "video", "rcs", "form", "robot", "purpose", "discloses_debt", "identifies_collector",
    "names_principal", "opt_out_notice", "recording", "team_size", "id_shown", "place", "enters_premises",
    "known_place",
)  # fmt: skip
_EVENT_KEYS = (
    "channel", "direction", "form", "robot", "by", "outcome", "purpose", "talk_seconds", "exchanged", "about_debt",
    "physical", "in_session",
)  # fmt: skip
_COLLECTOR_KEYS = ("kind", "id", "listed", "evaluated_on", "inspected_on", "contract_ends_on")
_PERSON_KEYS = ("trained_on", "certified_until", "private_device", "private_device_approved")
_SAID_KEYS = (
    "kind", "told", "on", "form", "per_day", "channel", "place", "purpose_told", "consequences_told", "why", "written",
)  # fmt: skip


def to_us(instant: datetime | None) -> int | None:
    """An instant as microseconds of UTC since 1970."""
    return None if instant is None else (instant - _EPOCH) // _MICROSECOND


def from_us(microseconds: int | None) -> datetime | None:
    """The instant of so many microseconds of UTC since 1970."""
    return None if microseconds is None else _EPOCH + microseconds * _MICROSECOND


@dataclass(slots=True)
class _Ordinals:
    """Ids of a case as integers, in the order of the case."""

    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, names: Iterable[str]) -> None:
        for name in names:
            self.numbers.setdefault(name, len(self.numbers))

    def __call__(self, name: str | None) -> int | None:
        return None if name is None else self.numbers[name]

    def each(self, names: tuple[str, ...] | None) -> list[int] | None:
        return None if names is None else [self.numbers[name] for name in names]


def tables_of_cases(cases: Iterable[Case], zone_key: str | None) -> dict[str, pa.Table]:
    """Tables of cases; person and proposal are the place of the case. `zone_key`: of the law; None: the debtor's."""
    return tables_of_people(([case] for case in cases), zone_key)


def tables_of_people(people: Iterable[Sequence[Case]], zone_key: str | None) -> dict[str, pa.Table]:
    """Tables of persons; the cases of a person differ in what is proposed, and in the collector, alone.

    The person is the place among the people, the proposal that among the cases of all.
    """
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in SCHEMAS}
    ways: dict[object, int] = {}
    for person, cases in enumerate(people):
        of = _Of(cases[0])
        _facts(rows, of, person, cases[0], zone_of(zone_key or cases[0].time_zones[0]))
        for case in cases:
            rows["proposals"].append({"proposal": len(rows["proposals"]), **_proposal(rows, ways, of, person, case)})
    return {name: arrow_table(name, found) for name, found in rows.items()}


class _Of:
    """The integers of a case's debts, parties, points and events."""

    def __init__(self, case: Case) -> None:
        self.debts, self.parties, self.points, self.events = _Ordinals(), _Ordinals(), _Ordinals(), _Ordinals()
        self.debts.add(debt.id for debt in case.debts)
        self.parties.add(party.id for party in case.parties)
        self.points.add(point.id for point in case.points)
        self.events.add(event.id for event in case.events)


def _facts(rows: Mapping[str, list[Any]], of: _Of, person: int, case: Case, zone: ZoneInfo) -> None:
    debts, parties, points, events = of.debts, of.parties, of.points, of.events
    rows["persons"].append(_person(person, case, zone))
    rows["debtor_spans"] += [{"person": person, **_span(state, zone)} for state in case.debtor_states]
    for debt in case.debts:
        _add_debt(rows, person, debts, debt, zone)
    rows["parties"] += [
        {
            "person": person, "party": parties(party.id), "role": party.role, "named_by_debtor": party.named_by_debtor,
            "liability_evidence": party.liability_evidence, "estate_value_minor": party.estate_value_minor,
        }
        for party in case.parties
    ]  # fmt: skip
    rows["points"] += [
        {
            "person": person, "point": points(point.id), "party": parties(point.party), "kind": point.kind,
            "reserved": point.reserved, "source": point.source, "place": point.place, "owner": point.owner,
            "invalid_since_us": to_us(point.invalid_since), "misdirected": point.misdirected,
        }
        for point in case.points
    ]  # fmt: skip
    rows["statements"] += [
        _statement(person, seq, said, (debts, parties, points), zone) for seq, said in enumerate(case.statements)
    ]
    rows["reviews"] += [
        {
            "person": person, "rule": review.rule, "at_us": to_us(review.at),
            "until_us": to_us(end_of(review.until, zone)),
            "channels": None if review.channels is None else sorted(review.channels),
        }
        for review in case.reviews
    ]  # fmt: skip
    for seq, event in enumerate(case.events):
        rows["events"].append(
            {
                "person": person, "event": events(event.id), "seq": seq, "at_us": to_us(event.at),
                "party": parties(event.party), "point": points(event.point), "debts": debts.each(event.debts),
                "attributed_to": debts(event.attributed_to), "in_reply_to": events(event.in_reply_to),
                "on_call": events(event.on_call), **{key: getattr(event, key) for key in _EVENT_KEYS},
            }
        )  # fmt: skip


def _proposal(rows: Mapping[str, list[Any]], ways: dict[object, int], of: _Of, person: int, case: Case) -> Row:
    proposed = case.proposed
    return {
        "person": person, "party": of.parties(proposed.party), "point": of.points(proposed.point),
        "at_us": to_us(proposed.at), "expected_end_us": to_us(proposed.expected_end_at),
        "contact": _way(rows, ways, case), "collector": _collector(rows, ways, case),
        "debts": of.debts.each(proposed.debts), "attributed_to": of.debts(proposed.attributed_to),
        "in_reply_to": of.events(proposed.in_reply_to), "on_call": of.events(proposed.on_call),
        "in_session": proposed.in_session,
    }  # fmt: skip


def _person(person: int, case: Case, zone: ZoneInfo) -> dict[str, object]:
    facts = case.facts
    return {
        "person": person, "zones": list(case.time_zones), "complaint_open": facts.complaint_open,
        "no_contact_order_until_us": to_us(end_of(facts.no_contact_order_until, zone)),
        "hardship_until_us": to_us(end_of(facts.hardship_until, zone)),
        "unreachable_by_contract": facts.unreachable_by_contract, "suit_pending": facts.suit_pending,
    }  # fmt: skip


def _span(state: State, zone: ZoneInfo) -> dict[str, object]:
    return {
        "state": state.state,
        "since_us": to_us(start_of(state.since, zone)),
        "until_us": to_us(end_of(state.until, zone)),
    }


def _add_debt(rows: Mapping[str, list[Any]], person: int, debts: _Ordinals, debt: Any, zone: ZoneInfo) -> None:
    constant = len(debt.states) == 1 and debt.states[0].since is None and debt.states[0].until is None
    rows["debts"].append(
        {
            "person": person, "debt": debts(debt.id), "lender": debt.lender, "product": debt.product,
            "state": debt.states[0].state if constant else None, "validation_ends_on": debt.validation_ends_on,
            "outstanding_minor": debt.outstanding_minor, "service_group": debt.group,
        }
    )  # fmt: skip
    if not constant:
        spans = [{"person": person, "debt": debts(debt.id), **_span(state, zone)} for state in debt.states]
        rows["debt_spans"].extend(spans)


def _statement(
    person: int, seq: int, said: Statement, ordinals: tuple[_Ordinals, _Ordinals, _Ordinals], zone: ZoneInfo
) -> dict[str, object]:
    debts, parties, points = ordinals
    row: dict[str, object] = {
        "person": person, "seq": seq, "at_us": to_us(said.at), "received_us": to_us(said.received_at),
        "by": parties.numbers.get(said.by), "debt": debts(said.debt), "point": points(said.point),
        "days": None if said.days is None else sorted(said.days), "until_us": to_us(end_of(said.until, zone)),
        **{key: getattr(said, key) for key in _SAID_KEYS},
    }  # fmt: skip
    if isinstance(said.start, datetime):
        row["from_us"] = to_us(said.start)
    elif isinstance(said.start, date):
        row["from_on"] = said.start
    else:
        row["from_minute"] = said.start
    row["to_minute"] = said.end
    if said.kind == "withdraw":
        row["of"] = said.of
    elif said.kind == "object_use":
        row["of_party"], row["of_point"] = (
            parties.numbers.get(cast(str, said.of)),
            points.numbers.get(cast(str, said.of)),
        )
    return row


def _way(rows: Mapping[str, list[Any]], ways: dict[object, int], case: Case) -> int:
    proposed = case.proposed
    made = tuple(getattr(proposed, key) for key in _CONTACT_KEYS)
    content = None if proposed.content is None else tuple(sorted(proposed.content))
    key = ("contact", made, content)
    if key not in ways:
        ways[key] = len(rows["contacts"])
        way = dict(zip(_CONTACT_KEYS, made, strict=True))
        rows["contacts"].append({"contact": ways[key], "content": None if content is None else list(content), **way})
    return ways[key]


def _collector(rows: Mapping[str, list[Any]], ways: dict[object, int], case: Case) -> int:
    collector, person = case.collector, case.collector.person
    own = {key: getattr(collector, key) for key in _COLLECTOR_KEYS}
    acts = {key: getattr(person, key) if person is not None else None for key in _PERSON_KEYS}
    key = ("collector", tuple(own.values()), person is not None, tuple(acts.values()))
    if key not in ways:
        ways[key] = len(rows["collectors"])
        rows["collectors"].append({"collector": ways[key], "person_acts": person is not None, **own, **acts})
    return ways[key]
