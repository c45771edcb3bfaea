"""One case prepared for many instants: its contact looked up, its history sorted by what it can count to."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.case import Case, Debt, Event, Party, Point, State
from zhizhi.core.conduct.said import Said, end_of, start_of
from zhizhi.core.kernel.instants import day_in, zone_of

CALL_CHANNELS = frozenset({"voice", "ringless_voicemail"})
_WRITTEN = frozenset({"letter", "email", "sms", "im", "app"})
_SESSION_OUTCOMES = frozenset({"session_open", "session_closed"})
_SOURCES = ("calls", "visits", "letters", "talks", "written", "contacts")


class View:
    """A case as the engine reads it. Nothing in it depends on the instant that is asked about."""

    def __init__(self, case: Case, zone_key: str) -> None:
        self.case = case
        self.proposed = case.proposed
        self.zone = zone_of(zone_key)
        self.strict = case.reading == "strict"
        self.parties = {party.id: party for party in case.parties}
        self.points = {point.id: point for point in case.points}
        self.party: Party = self.parties[case.proposed.party]
        self.point: Point | None = self.points.get(case.proposed.point or "")
        self.debtors = frozenset(party.id for party in case.parties if party.role == "debtor")
        named = case.proposed.debts
        self.debts: tuple[Debt, ...] = tuple(debt for debt in case.debts if named is None or debt.id in named)
        self.debt_ids = frozenset(debt.id for debt in self.debts)
        self.said = Said(case, self.zone, self.debt_ids)
        self.length = (
            case.proposed.expected_end_at - case.proposed.at
            if case.proposed.expected_end_at is not None
            else timedelta(0)
        )
        self._debts = {debt.id: debt for debt in case.debts}
        self._lenders = frozenset(debt.lender for debt in self.debts)
        self.inbound_ids = frozenset(event.id for event in case.events if event.direction == "in")
        begun = case.proposed.on_call
        self.continues = self.in_open_session or (begun is not None and begun in self.inbound_ids)
        answered = case.proposed.in_reply_to
        self.replies = self.continues or any(
            event.id == answered and event.direction == "in" and event.party == self.party.id for event in case.events
        )
        self.calls: dict[date, list[Event]] = defaultdict(list)
        self.visits: dict[date, list[Event]] = defaultdict(list)
        self.letters: list[Event] = []
        self.first_out_at: datetime | None = None
        for event in case.events:
            if event.direction == "out" and event.party == self.party.id:
                self._sort_in(event)
        self.changes = tuple(sorted(set(self._changes())))

    def _sort_in(self, event: Event) -> None:
        """Boundary: what continues a contact that the person began is no contact of ours and counts to nothing."""
        if not self.is_new(event):
            return
        if self.first_out_at is None:
            self.first_out_at = event.at
        if not self.same_lender(event):
            return
        if event.channel in CALL_CHANNELS:
            self.calls[day_in(self.zone, event.at)].append(event)
        elif event.channel == "visit" and event.purpose != "serve":
            self.visits[day_in(self.zone, event.at)].append(event)
        elif event.channel == "letter" and event.purpose != "serve":
            self.letters.append(event)

    @property
    def in_open_session(self) -> bool:
        """Whether the contact happens in a session of the party's on our pages that nobody recorded as closed."""
        sessions = [
            event.outcome
            for event in self.case.events
            if event.channel == self.proposed.channel and event.party == self.proposed.party
            and event.outcome in _SESSION_OUTCOMES and event.at <= self.proposed.at
        ]  # fmt: skip
        return self.proposed.in_session and sessions[-1:] != ["session_closed"]

    def is_new(self, event: Event) -> bool:
        """Whether an event is a contact of ours: outbound, and not within one that the person began."""
        within = event.in_session or (event.on_call is not None and event.on_call in self.inbound_ids)
        return event.direction == "out" and not within

    @cached_property
    def every(self) -> Mapping[str, list[Event]]:
        """Events of the whole case that something may count, whoever they were with, in time order."""
        found: dict[str, list[Event]] = {source: [] for source in _SOURCES}
        for event in self.case.events:
            if event.channel == "voice" and event.direction != "internal":
                found["talks"].append(event)
            if not self.is_new(event):
                continue
            found["contacts"].append(event)
            if event.channel in CALL_CHANNELS:
                found["calls"].append(event)
            elif event.purpose != "serve":
                if event.channel in _WRITTEN:
                    found["written"].append(event)
                if event.channel in ("visit", "letter"):
                    found[f"{event.channel}s"].append(event)
        return found

    @cached_property
    def debt_keys(self) -> tuple[str, ...]:
        """The debts that the contact counts to; the one that it is attributed to, where it names one."""
        chosen = self.proposed.attributed_to
        if chosen is not None:
            return (self.key_of_id(chosen),)
        return tuple(dict.fromkeys(self.key_of(debt) for debt in self.debts))

    def key_of(self, debt: Debt) -> str:
        """What makes two debts one for the law: the group they are serviced in, or else themselves."""
        return f"debt {debt.id}" if debt.group is None else f"group {debt.group}"

    def key_of_id(self, debt: str) -> str:
        """The same by the id of a debt."""
        return self.key_of(self._debts[debt])

    def same_lender(self, event: Event) -> bool:
        """Whether an event was about a debt of a lender that the contact is about, whoever made it."""
        return event.debts is None or any(self._debts[debt].lender in self._lenders for debt in event.debts)

    def debts_of(self, event: Event) -> list[Debt]:
        """The debts an event was about; all, where none is named."""
        return list(self.case.debts) if event.debts is None else [self._debts[debt] for debt in event.debts]

    def states(self, states: tuple[State, ...], at: datetime) -> frozenset[str]:
        """The states that hold at an instant."""
        if len(states) == 1 and states[0].since is None and states[0].until is None:
            return frozenset({states[0].state})
        found = set()
        for state in states:
            since, until = start_of(state.since, self.zone), end_of(state.until, self.zone)
            if (since is None or since <= at) and (until is None or at < until):
                found.add(state.state)
        return frozenset(found)

    def not_due(self, debts: list[Debt] | tuple[Debt, ...], at: datetime) -> bool:
        """Whether no debt of them is due yet."""
        return all(self.states(debt.states, at) == {"not_due"} for debt in debts)

    def _changes(self) -> list[datetime]:
        case, zone = self.case, self.zone
        found: list[datetime | None] = list(self.said.changes())
        for state in (*case.debtor_states, *(state for debt in case.debts for state in debt.states)):
            found += [start_of(state.since, zone), end_of(state.until, zone)]
        for review in case.reviews:
            found += [review.at, end_of(review.until, zone)]
        found += [end_of(case.facts.no_contact_order_until, zone), end_of(case.facts.hardship_until, zone)]
        found += [point.invalid_since for point in case.points]
        found += [event.at for event in case.events if event.at > case.proposed.at]
        found += [start_of(day, zone) for day in days_to_come(case, zone)]
        return [instant for instant in found if instant is not None]


def days_to_come(case: Case, zone: ZoneInfo) -> list[date]:
    """Days of the collector that the contact lies before: a training or an evaluation that is arranged counts from its
    day on."""
    person, today = case.collector.person, day_in(zone, case.proposed.at)
    days = (case.collector.evaluated_on, case.collector.inspected_on, person.trained_on if person is not None else None)
    return [day for day in days if day is not None and day > today]
