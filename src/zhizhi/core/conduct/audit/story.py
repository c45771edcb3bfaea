"""The contacts of one person, in time order, and the case that each of them was when it happened."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from zhizhi.core.conduct.audit.knowledge import Assumption, Knowledge
from zhizhi.core.conduct.audit.told import Told
from zhizhi.core.conduct.audit.trail import Trail, are_timeless, states_of
from zhizhi.core.conduct.case import Case, CaseFacts, Collector, Debt, Event, Party, Point, Proposed, State, Statement
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import day_in, zone_of
from zhizhi.core.law.law import Law

HISTORY_MAX = 500
"""Contacts of a person that the one after them is judged against; the latest ones, many months of the busiest log."""

DEBTOR = "debtor"
ONE_DEBT = "debt"
_DEAD_NUMBER = "empty_number"
_TELLS_OF_NUMBER = frozenset({_DEAD_NUMBER, "answered"})
_UNKNOWN_STATE = (State("overdue"),)


@dataclass(frozen=True, slots=True)
class Contact:
    """One row of a log. `told`: features that it states outright; `assumed`: what had to be assumed to read it."""

    event: Event
    proposed: Proposed
    party: Party
    point: Point | None
    collector: Collector
    told: Told = field(default_factory=dict)
    assumed: frozenset[Assumption] = frozenset()
    team: str = ""
    worker: str = ""

    @property
    def row(self) -> str:
        """The id of the row."""
        return self.event.id


@dataclass(frozen=True, slots=True)
class Story:
    """All that a log and its side tables hold about one person. `contacts` stand in time order."""

    person: str
    contacts: Sequence[Contact]
    debts: tuple[Debt, ...] = ()
    debtor_states: tuple[State, ...] = ()
    statements: tuple[Statement, ...] = ()
    time_zones: tuple[str, ...] = ()


def views(story: Story, law: Law, reading: str, knowledge: Knowledge) -> Iterator[tuple[Contact, View]]:
    """Each outbound contact with the case that it was: only what stood before it in the log is its history.

    Boundary: of two contacts of one instant the row that stands first happened first. A number that the carrier
    called empty is dead from then on, until it answers.
    """
    for contact, so_far in moments(story, law, reading, knowledge):
        yield contact, so_far.view(contact)


def moments(story: Story, law: Law, reading: str, knowledge: Knowledge) -> Iterator[tuple[Contact, "SoFar"]]:
    """Each outbound contact, and what is known of the person at that moment: it changes with the next step."""
    so_far = SoFar(story, law, reading, knowledge)
    for contact in story.contacts:
        so_far.meet(contact)
        if contact.event.direction == "out":
            yield contact, so_far
        so_far.add(contact)


class SoFar:
    """What is known of a person before a contact."""

    def __init__(self, story: Story, law: Law, reading: str, knowledge: Knowledge) -> None:
        self._story, self._profile, self._reading = story, law.profile, reading
        self._knowledge = knowledge
        self._zone_key = law.zone or (story.time_zones[0] if story.time_zones else "")
        self._zones = story.time_zones or (self._zone_key,)
        self._parties: dict[str, Party] = {DEBTOR: Party(DEBTOR, DEBTOR)}
        self._points: dict[str, Point] = {}
        self._events: list[Event] = []
        self._debts = _debts(story)
        self._states: dict[tuple[str, ...] | None, frozenset[frozenset[str]]] = {}
        self._is_timeless = not story.statements and all(
            are_timeless(states) for states in (story.debtor_states, *(debt.states for debt in self._debts))
        )
        self._of_person = (story.time_zones, frozenset(state.state for state in story.debtor_states))
        self.trail = Trail()
        self.zone = zone_of(self._zone_key)

    @property
    def is_quiet(self) -> bool:
        """Whether features follow from the row: nobody said anything, no state has a date, no contact was left out."""
        return self._is_timeless and self.trail.is_plain and len(self._events) < HISTORY_MAX

    def key(self, contact: Contact) -> Hashable:
        """What the features of a quiet person's contact depend on beside its row."""
        debts = contact.proposed.debts
        if debts not in self._states:
            self._states[debts] = states_of(self._debts, debts)
        return (self._of_person, self._states[debts], contact.party.id in self.trail.contacted)

    def view(self, contact: Contact) -> View:
        """The case of a contact, prepared."""
        return View(self.case(contact), self._zone_key)

    def meet(self, contact: Contact) -> None:
        """Whoever is contacted, and by which number, is known when it happens."""
        self._parties[contact.party.id] = contact.party
        if contact.point is not None:
            known = self._points.get(contact.point.id)
            dead = None if known is None else known.invalid_since
            self._points[contact.point.id] = (
                contact.point if dead is None else replace(contact.point, invalid_since=dead)
            )

    def add(self, contact: Contact) -> None:
        """A contact that has happened is history for the next."""
        event = contact.event
        if event.purpose == "remind" and not self._knowledge.debt_states:
            # whether it was before the due date is not known: it counts to a cap perhaps, not certainly
            event = replace(event, outcome=None, point=None)
        self._events.append(event)
        self.trail.add(event, day_in(self.zone, event.at))
        del self._events[: -HISTORY_MAX or None]
        if contact.point is not None and contact.event.line_result in _TELLS_OF_NUMBER:
            known = self._points[contact.point.id]
            dead = contact.event.line_result == _DEAD_NUMBER
            since = (known.invalid_since or contact.event.at) if dead else None
            if since != known.invalid_since:
                self._points[contact.point.id] = replace(known, invalid_since=since)

    def case(self, contact: Contact) -> Case:
        """The case of a contact before it is made."""
        story = self._story
        return Case(
            id=contact.row,
            profile=self._profile,
            reading=self._reading,
            time_zones=self._zones,
            debtor_states=story.debtor_states or (State("normal"),),
            facts=CaseFacts(),
            reviews=(),
            debts=self._debts,
            parties=tuple(self._parties.values()),
            points=tuple(self._points.values()),
            collector=contact.collector,
            statements=tuple(said for said in story.statements if said.at <= contact.proposed.at),
            events=tuple(self._events),
            proposed=contact.proposed,
        )


def _debts(story: Story) -> tuple[Debt, ...]:
    """The debts of the table of debts, and those that only the log names."""
    known = {debt.id: debt for debt in story.debts}
    for contact in story.contacts:
        for debt in contact.proposed.debts or ():
            known.setdefault(debt, Debt(debt, "lender", _UNKNOWN_STATE))
    return tuple(known.values()) or (Debt(ONE_DEBT, "lender", _UNKNOWN_STATE),)
