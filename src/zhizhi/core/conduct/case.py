"""The conduct case as values: one proposed contact and everything known when it is proposed. Format: conduct case 1."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.conduct.errors import CaseCode, CaseError, refuse_first
from zhizhi.core.conduct.reading import Reader
from zhizhi.core.conduct.shape import CASE
from zhizhi.core.kernel.text import Text

__all__ = ["Case", "CaseCode", "CaseError", "parse_case"]

COLLECTOR_ITSELF = "collector"
CREDITOR = "creditor"

_REFERENCES = (
    ("party", "parties"),
    ("point", "points"),
    ("attributed_to", "debts"),
    ("in_reply_to", "events"),
    ("on_call", "events"),
)
"""Keys of an event or contact that name something of the case, and what they name."""

_TWICE = Text("重复使用了同一编号", "is used twice; help: give each its own id")
_UNDEFINED = Text("没有定义这个编号", "is not defined in this case")
_OUT_OF_ORDER = Text("应按时间先后排列", "must not lie before the one above it; help: list them in time order")
_BEFORE_START = Text("早于开始时刻", "lies before its beginning")
_BOTH_STATES = Text("不能同时给出 state 和 states", "stands beside `state`; help: write one of the two")
_NO_STATE = Text("缺失", "is missing; help: write `state`, or `states` where several hold")


@dataclass(frozen=True, slots=True)
class State:
    """A state of a debtor or debt and when it holds: from `since` on, up to `until`; a date counts whole."""

    state: str
    since: date | datetime | None = None
    until: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class Debt:
    """One debt. `group`: debts serviced as one."""

    id: str
    lender: str
    states: tuple[State, ...]
    product: str | None = None
    group: str | None = None
    validation_ends_on: date | None = None
    outstanding_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody the contact may be with."""

    id: str
    role: str
    named_by_debtor: bool | None = None
    liability_evidence: bool | None = None
    estate_value_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A way to reach a party."""

    id: str
    party: str
    kind: str
    reserved: bool | None = None
    source: str | None = None
    place: str | None = None
    owner: str | None = None
    invalid_since: datetime | None = None
    misdirected: bool | None = None


@dataclass(frozen=True, slots=True)
class CollectorPerson:
    """The person who would make the contact."""

    id: str
    trained_on: date | None = None
    certified_until: date | None = None
    private_device: bool | None = None
    private_device_approved: bool | None = None


@dataclass(frozen=True, slots=True)
class Collector:
    """Who proposes the contact."""

    kind: str
    id: str
    listed: bool | None = None
    evaluated_on: date | None = None
    inspected_on: date | None = None
    contract_ends_on: date | None = None
    person: CollectorPerson | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Facts about our own work on the case."""

    complaint_open: bool = False
    no_contact_order_until: date | datetime | None = None
    suit_pending: bool = False
    hardship_until: date | datetime | None = None
    unreachable_by_contract: bool | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A hold that a person has looked at and released for a while."""

    rule: str
    at: datetime
    by: str
    until: date | datetime
    channels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person said. `start` and `end` are the keys `from` and `to` or `until` of the kind, as it defines them."""

    at: datetime
    by: str
    kind: str
    told: str = COLLECTOR_ITSELF
    received_at: datetime | None = None
    debt: str | None = None
    days: frozenset[str] | None = None
    start: int | date | datetime | None = None
    end: int | None = None
    on: date | None = None
    until: date | datetime | None = None
    form: str | None = None
    per_day: int | None = None
    point: str | None = None
    channel: str | None = None
    place: str | None = None
    purpose_told: bool | None = None
    consequences_told: bool | None = None
    of: str | None = None
    amount_minor: int | None = None
    proof: bool | None = None
    why: str | None = None
    written: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """One contact of the history."""

    id: str
    at: datetime
    channel: str
    direction: str
    party: str
    video: bool = False
    rcs: bool = False
    point: str | None = None
    debts: tuple[str, ...] | None = None
    attributed_to: str | None = None
    form: str = "interactive"
    robot: bool = False
    by: str | None = None
    ring_seconds: int | None = None
    line_result: str | None = None
    outcome: str | None = None
    purpose: str | None = None
    talk_seconds: int | None = None
    exchanged: bool | None = None
    about_debt: bool | None = None
    physical: str | None = None
    in_reply_to: str | None = None
    on_call: str | None = None
    in_session: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """The contact to decide."""

    at: datetime
    channel: str
    direction: str
    party: str
    purpose: str
    video: bool = False
    rcs: bool = False
    point: str | None = None
    debts: tuple[str, ...] | None = None
    attributed_to: str | None = None
    form: str = "interactive"
    robot: bool = False
    in_reply_to: str | None = None
    on_call: str | None = None
    in_session: bool = False
    discloses_debt: bool | None = None
    identifies_collector: bool | None = None
    names_principal: bool | None = None
    opt_out_notice: bool | None = None
    recording: str | None = None
    team_size: int | None = None
    id_shown: bool | None = None
    place: str | None = None
    enters_premises: bool | None = None
    known_place: str | None = None
    content: frozenset[str] | None = None
    expected_end_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A conduct case that was read without a finding."""

    id: str
    profile: str
    reading: str
    time_zones: tuple[str, ...]
    debtor_states: tuple[State, ...]
    facts: CaseFacts
    reviews: tuple[Review, ...]
    debts: tuple[Debt, ...]
    parties: tuple[Party, ...]
    points: tuple[Point, ...]
    collector: Collector
    statements: tuple[Statement, ...]
    events: tuple[Event, ...]
    proposed: Proposed


def parse_case(document: object) -> Case:
    """Read one conduct case. Refuses: CaseError with the first finding in the order of checking."""
    reader = Reader()
    if not isinstance(document, dict):
        raise CaseError(CaseCode.BAD_JSON.value, Text("案例应为对象", "a case must be an object"))
    read: Any = reader.read_object(CASE, document, "")
    _check_states(reader, read)
    _check_order(reader, read)
    _check_references(reader, read)
    refuse_first(reader.findings)
    return _build(read)


def _holders_of_states(read: Any) -> list[tuple[str, Any]]:
    holders = [("debtor", read["debtor"])] if "debtor" in read else []
    return holders + [(f"debts[{n}]", debt) for n, debt in enumerate(read.get("debts", ()))]


def _check_states(reader: Reader, read: Any) -> None:
    damaged = {f.place for f in reader.findings}
    for place, holder in _holders_of_states(read):
        if "state" in holder and "states" in holder:
            reader.refuse(CaseCode.CONFLICT, f"{place}.states", _BOTH_STATES)
        elif not holder.keys() & {"state", "states"} and not {place, f"{place}.state", f"{place}.states"} & damaged:
            reader.refuse(CaseCode.MISSING_KEY, f"{place}.state", _NO_STATE)


def _comparable(first: Any, second: Any) -> bool:
    """Whether two ends are of one kind; a date beside an instant is compared when the zone is known."""
    return type(first) is type(second)


def _check_order(reader: Reader, read: Any) -> None:
    for key in ("statements", "events"):
        latest = None
        for n, item in enumerate(read.get(key, ())):
            at = item.get("at")
            if latest is not None and at is not None and at < latest:
                reader.refuse(CaseCode.BAD_ORDER, f"{key}[{n}].at", _OUT_OF_ORDER)
            latest = at if at is not None else latest
    spans: list[tuple[str, Any, Any]] = [
        (f"{place}.states[{n}].until", state.get("since"), state.get("until"))
        for place, holder in _holders_of_states(read)
        for n, state in enumerate(holder.get("states", ()))
    ]
    for n, said in enumerate(read.get("statements", ())):
        if said.get("kind") in ("consent_calls", "consent_time", "request_callback"):
            spans.append((f"statements[{n}].until", said.get("from"), said.get("until")))
        spans.append((f"statements[{n}].received_at", said.get("at"), said.get("received_at")))
    proposed = read.get("proposed", {})
    spans.append(("proposed.expected_end_at", proposed.get("at"), proposed.get("expected_end_at")))
    for place, start, end in spans:
        if start is not None and end is not None and _comparable(start, end) and end < start:
            reader.refuse(CaseCode.BAD_ORDER, place, _BEFORE_START)


def _check_references(reader: Reader, read: Any) -> None:
    known = {key: _ids(reader, read, key) for key in ("debts", "parties", "points", "events")}

    def refer(key: str, owner: str, name: str, value: object) -> None:
        if value is not None and value not in known[key]:
            reader.refuse(CaseCode.BAD_REFERENCE, f"{owner}.{name}", _UNDEFINED)

    for n, point in enumerate(read.get("points", ())):
        refer("parties", f"points[{n}]", "party", point.get("party"))
    contacts = [(f"events[{n}]", event) for n, event in enumerate(read.get("events", ()))]
    for place, contact in [*contacts, ("proposed", read.get("proposed", {}))]:
        for name, key in _REFERENCES:
            if name in contact:
                refer(key, place, name, contact[name])
        for n, debt in enumerate(contact.get("debts", ())):
            refer("debts", place, f"debts[{n}]", debt)
    for n, said in enumerate(read.get("statements", ())):
        place = f"statements[{n}]"
        if said.get("by") not in (COLLECTOR_ITSELF, CREDITOR):
            refer("parties", place, "by", said.get("by"))
        refer("points", place, "point", said.get("point"))
        refer("debts", place, "debt", said.get("debt"))
        if said.get("kind") == "object_use" and said.get("of") not in known["parties"]:
            refer("points", place, "of", said.get("of"))


def _ids(reader: Reader, read: Any, key: str) -> set[object]:
    seen: set[object] = set()
    for n, item in enumerate(read.get(key, ())):
        if item.get("id") in seen:
            reader.refuse(CaseCode.BAD_REFERENCE, f"{key}[{n}].id", _TWICE)
        if "id" in item:
            seen.add(item["id"])
    return seen


def _states(holder: Any) -> tuple[State, ...]:
    if "state" in holder:
        return (State(holder["state"]),)
    return tuple(State(**state) for state in holder["states"])


def _without_states(holder: Any) -> dict[str, Any]:
    return {key: value for key, value in holder.items() if key not in ("state", "states")}


def _statement(said: Any) -> Statement:
    renamed = dict(said)
    start, end = renamed.pop("from", None), renamed.pop("to", None)
    return Statement(start=start, end=end, **renamed)


def _collector(written: Any) -> Collector:
    person = written.get("person")
    rest = {key: value for key, value in written.items() if key != "person"}
    return Collector(person=CollectorPerson(**person) if person is not None else None, **rest)


def _build(read: Any) -> Case:
    return Case(
        id=read["id"],
        profile=read["profile"],
        reading=read.get("reading", "strict"),
        time_zones=read["debtor"]["time_zones"],
        debtor_states=_states(read["debtor"]),
        facts=CaseFacts(**read.get("case", {})),
        reviews=tuple(Review(**review) for review in read.get("reviews", ())),
        debts=tuple(Debt(states=_states(debt), **_without_states(debt)) for debt in read["debts"]),
        parties=tuple(Party(**party) for party in read["parties"]),
        points=tuple(Point(**point) for point in read["points"]),
        collector=_collector(read["collector"]),
        statements=tuple(_statement(said) for said in read["statements"]),
        events=tuple(Event(**event) for event in read["events"]),
        proposed=Proposed(**read["proposed"]),
    )
