"""What people have said: which statements stand at an instant, and when that changes."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.case import COLLECTOR_ITSELF, CREDITOR, Case, Statement
from zhizhi.core.kernel.instants import wall

_OUR_SIDE_HAS_TO_HEAR = frozenset(
    [
        "agree_hours",
        "agree_frequency",
        "consent_visit",
        "consent_entry",
        "request_callback",
        "offer_to_pay",
    ]
)
"""What permits something counts only where we, or the creditor, were told. What restricts counts whoever was told."""

_WE_OURSELVES_HAVE_TO_HEAR = frozenset({"consent_calls", "consent_time"})
"""Consent to more calls or other hours counts for whom it was given to directly (US-09)."""

_AGREEMENTS = frozenset({"agree_hours", "agree_frequency"})
"""They restrict as well as permit: one that others heard, or about only a part of the debts, can still narrow."""

_ON_IS_WHEN = frozenset({"agree_hours", "agree_frequency", "consent_visit"})
"""Kinds whose `on` is the one day they hold on; of a claimed payment it is the day of the payment."""


@dataclass(frozen=True, slots=True)
class Stood:
    """A statement and the span over which it stood. `narrows`: an agreement that may restrict but permits nothing."""

    said: Statement
    since: datetime
    until: datetime | None
    narrows: bool = False


class Said:
    """The statements of a case that concern the debts of the contact, on the clock of the law's zone."""

    def __init__(self, case: Case, zone: ZoneInfo, debts: frozenset[str]) -> None:
        self._zone = zone
        self._us = {COLLECTOR_ITSELF, case.collector.id}
        if case.collector.kind == "lender":
            self._us.add(CREDITOR)
        self._debts = debts
        self._stood: dict[str, list[Stood]] = defaultdict(list)
        for place, said in enumerate(case.statements):
            heard, concerns = self._heard(said), self._concerns(said)
            narrows = said.kind in _AGREEMENTS and not (heard and concerns) and self._touches(said)
            if said.kind != "withdraw" and ((heard and concerns) or narrows):
                ends = [end_of(said.until, zone), *_withdrawals(case.statements[place + 1 :], said)]
                until = min((end for end in ends if end is not None), default=None)
                self._stood[said.kind].append(Stood(said, said.received_at or said.at, until, narrows))

    def told_us(self, said: Statement) -> bool:
        """Whether the collector of the contact heard it itself."""
        return said.told in self._us

    def _heard(self, said: Statement) -> bool:
        if said.kind in _WE_OURSELVES_HAVE_TO_HEAR:
            return self.told_us(said)
        return said.kind not in _OUR_SIDE_HAS_TO_HEAR or self.told_us(said) or said.told == CREDITOR

    def _concerns(self, said: Statement) -> bool:
        """Boundary: what permits for one debt permits no contact about another beside it; what restricts does."""
        if said.kind in _OUR_SIDE_HAS_TO_HEAR | _WE_OURSELVES_HAVE_TO_HEAR and said.debt is not None:
            return self._debts == {said.debt}
        return self._touches(said)

    def _touches(self, said: Statement) -> bool:
        return said.debt is None or said.debt in self._debts

    def standing(self, kind: str, at: datetime, by: str | None = None, day: date | None = None) -> list[Statement]:
        """Statements of a kind that stand: begun, not ended, for that day, none later of the same scope."""
        return [stood.said for stood in self.stood_at(kind, at, by, day)]

    def stood_at(self, kind: str, at: datetime, by: str | None = None, day: date | None = None) -> list[Stood]:
        """The same with their spans. Boundary: what only narrows replaces nothing that permits, and is not replaced."""
        found: dict[object, Stood] = {}
        for stood in self._stood.get(kind, ()):
            said = stood.said
            if (
                stood.since > at
                or (stood.until is not None and stood.until <= at)
                or (by is not None and said.by != by)
            ):
                continue
            if said.on is not None and kind in _ON_IS_WHEN and day is not None and said.on != day:
                continue
            scope = (stood.narrows, _scope(said))
            found.pop(scope, None)
            found[scope] = stood
        return list(found.values())

    def stood(self, kind: str, by: str) -> list[Stood]:
        """Every statement of a kind by a party with the span over which it stood, in time order."""
        return [stood for stood in self._stood.get(kind, ()) if stood.said.by == by]

    def changes(self) -> Iterator[datetime]:
        """Instants at which some statement begins or ends."""
        for kind, all_stood in self._stood.items():
            for stood in all_stood:
                yield stood.since
                if stood.until is not None:
                    yield stood.until
                if stood.said.on is not None and kind in _ON_IS_WHEN:
                    yield wall(self._zone, stood.said.on, 0)
                    yield wall(self._zone, stood.said.on + timedelta(days=1), 0)
                if isinstance(stood.said.start, date):
                    start = start_of(stood.said.start, self._zone)
                    assert start is not None, "a day or an instant"
                    yield start


def end_of(until: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    """The first instant after a span: an instant excludes itself, a date includes its whole day."""
    if until is None or isinstance(until, datetime):
        return until
    return wall(zone, until + timedelta(days=1), 0)


def start_of(since: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    """The first instant of a span: an instant itself, or midnight of a date."""
    if since is None or isinstance(since, datetime):
        return since
    return wall(zone, since, 0)


def _scope(said: Statement) -> object:
    """What a later statement has to agree in to replace this one."""
    if said.kind == "agree_hours":
        return (said.by, said.debt, said.on, said.days)
    if said.kind == "inconvenient_time":
        return (said.by, said.debt, said.days, said.start, said.end)
    return (said.by, said.debt, said.point, said.channel, said.place, said.of)


def _withdrawals(later: tuple[Statement, ...], said: Statement) -> Iterator[datetime]:
    for withdrawal in later:
        if withdrawal.kind == "withdraw" and withdrawal.of == said.kind and withdrawal.by == said.by:
            pairs = (
                (withdrawal.debt, said.debt),
                (withdrawal.place, said.place),
                (withdrawal.point, said.point),
                (withdrawal.channel, said.channel),
            )
            if all(narrowed is None or narrowed == own for narrowed, own in pairs):
                yield withdrawal.received_at or withdrawal.at
