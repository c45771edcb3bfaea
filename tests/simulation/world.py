"""The world of one seed: a clock, a list of what will happen, and everybody who does it, one step after another.

Steps are taken one at a time, so a seed happens the same way each time; what other processes do in between happens
before a transaction begins or while a message is leaving, also drawn from the seed.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from time import perf_counter
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import psycopg
from django.db import InterfaceError, OperationalError, connections

from simulation.carrier import ORDINARY_MOODS, Carrier
from simulation.faults import KINDS, Faults, Killed
from simulation.place import Place
from simulation.truth import Claim, Denied, Told, Truth, Wrongly
from zhizhi.core.kernel.errors import Refused, told
from zhizhi.store.campaigns import pacing
from zhizhi.store.ids import ids
from zhizhi.store.operations import clock_guard
from zhizhi.store.operations.clock_guard import ClockGuard
from zhizhi.store.transact.claims import Claimed, Found, claim

SHANGHAI = ZoneInfo("Asia/Shanghai")
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
CLOCK_STEPPED = "clock_stepped"
STATEMENTS_UNTIL_CUT = 25
COMMITS_UNTIL_DEATH = 4
NOT_ALLOWED = "not_allowed"
# Read beside the product: collectors act on the open cases in the own hands, whoever else acts here on all of them.
IS_THEIRS = """
SELECT s.role NOT IN ('collector', 'agency_collector', 'field_officer') OR EXISTS (
    SELECT 1 FROM collection_case c WHERE c.person_id = %s AND c.collector_id = s.id AND c.closed_on IS NULL
    AND c.agency_id IS NOT DISTINCT FROM s.agency_id)
FROM staff s WHERE s.id = %s
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who acts on whom."""

    person: int
    by: int


@dataclass(frozen=True, slots=True)
class Done:
    """How a step went: it answered, was refused, or its process died and nobody knows."""

    value: Any = None
    refused: str = ""
    died: bool = False

    @property
    def went_well(self) -> bool:
        """It answered."""
        return not self.died and not self.refused


@dataclass(frozen=True, slots=True)
class Plan:
    """How large, how long, how bad."""

    seed: int
    persons: int = 30
    days: int = 6
    begins_on: date = date(2026, 3, 2)
    faults: float = 0.03
    interleaved: float = 0.02
    pack_change: bool = True
    pressure: int = 1
    is_ordinary: bool = False  # a house that wishes for as much as one does; else for all that it can
    only: tuple[str, ...] = ()


def standing_guard() -> ClockGuard:
    """A guard that asks the database once: how often a real one asks would depend on how fast this machine is."""
    standing: list[datetime] = []
    guard = ClockGuard(lambda: standing[0] if standing else datetime.now(UTC), lambda: timedelta(0), "simulation/1")
    guard.require()
    standing.append(datetime.now(UTC))
    return guard


def stepped_guard(off: timedelta) -> ClockGuard:
    """A guard of a machine whose clock is off."""
    return ClockGuard(lambda: datetime.now(UTC) + off, lambda: timedelta(0), "simulation/1")


@dataclass
class World:
    """Clock, dice, truth, and the things that are waiting to happen."""

    plan: Plan
    place: Place
    truth: Truth = field(init=False)
    random: Random = field(init=False)
    carrier: Carrier = field(init=False)
    faults: Faults = field(init=False)
    now: datetime = field(init=False)
    looking: psycopg.Connection[Any] = field(init=False)
    another: Callable[[], None] = lambda: None  # something that another process does in between
    _guard_before: ClockGuard = field(init=False)
    _coming: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _number: "count[int]" = field(default_factory=count)
    _depth: int = 0
    _clock_is_off: bool = False
    is_quiet: bool = False
    _campaign_claims: Callable[..., Found] = field(default_factory=lambda: pacing._claim)

    def __post_init__(self) -> None:
        self.random = Random(self.plan.seed)
        self.now = self.on(0, time(6))
        self.truth = Truth(self.plan.begins_on, self.now)
        self.carrier = Carrier(Random(self.plan.seed + 1), self.truth, lambda _at: self._between(0.1))
        if self.plan.is_ordinary:
            self.carrier.moods = dict(ORDINARY_MOODS)
        self.faults = Faults(lambda: self._between(self.plan.interleaved))
        self.looking = psycopg.connect(self.place.url, autocommit=True)
        self._guard_before = clock_guard.install(standing_guard())

    def on(self, day: int, clock: time) -> datetime:
        """An instant of a day of the simulation."""
        return datetime.combine(self.plan.begins_on + timedelta(days=day), clock, SHANGHAI)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the database, for somebody who has to pick a case or a message."""
        return self.looking.execute(sql, values).fetchall()

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        """Something will happen then."""
        heapq.heappush(self._coming, (max(when, self.now), next(self._number), what))

    def run_until(self, end: datetime) -> None:
        """Let everything happen that is due before an instant."""
        with (
            self.faults.at_work(),
            patch("zhizhi.usecases.claim_contacts.claim", self._claim),
            patch("zhizhi.store.campaigns.pacing._claim", self._claim_of_campaign),
        ):
            while self._coming and self._coming[0][0] < end:
                when, _, what = heapq.heappop(self._coming)
                self.now = max(when, self.now + timedelta(milliseconds=20))
                what()
        self.now = end

    def be_quiet(self) -> None:
        """Faults end, and nobody comes in between any more."""
        self.is_quiet = True
        self.carrier.moods = {"takes": 1}

    def close(self) -> None:
        """Nobody looks any more."""
        self.looking.close()
        clock_guard.install(self._guard_before)

    def is_theirs(self, desk: Desk) -> bool:
        """Whether somebody has the case now."""
        return bool(self.rows(IS_THEIRS, desk.person, desk.by)[0][0])

    def step(self, name: str, work: Callable[[], Any], risk: float = 1.0, desk: Desk | None = None) -> Done:
        """What may be is done by one process, perhaps with a fault on its way; `risk` where that is rarer than it
        should. `desk`: who needs the case for it, which may have gone meanwhile."""
        done = self._try(name, work, risk)
        if done.went_well and desk is not None:
            self.truth.let_through += 1
        if done.refused == NOT_ALLOWED and (desk is None or self.is_theirs(desk)):
            person, by = (desk.person, desk.by) if desk is not None else (0, 0)
            self.truth.denied.append(Denied(self.truth.next(), self.now, person, by, name))
        return done

    def _try(self, name: str, work: Callable[[], Any], risk: float = 1.0) -> Done:
        outer, begun = (self.faults.kind, self.faults.left), perf_counter()
        self.faults.disarm()
        if not self._depth and not self.is_quiet and self.random.random() < risk * self.plan.faults:
            self._arm()
        self._depth += 1
        done = Done(died=True)
        try:
            done = Done(work())
        except Refused as refused:
            done = Done(refused=refused.code)
            self.truth.tick(f"refused {name} {refused.code}")
        except (Killed, OperationalError, InterfaceError) as fault:
            kind = f"{name}: {type(fault).__name__}"
            self.truth.faults[kind] = self.truth.faults.get(kind, 0) + 1
        except Exception as bug:
            self.goes_wrong(0, f"{name} broke: {told(bug)}")
        finally:
            self._depth -= 1
            if not self._depth:
                self.truth.seconds[name] = self.truth.seconds.get(name, 0.0) + perf_counter() - begun
            self.faults.kind, self.faults.left = outer
            if self._clock_is_off and not self._depth:  # set right again, in a fresh process
                self._clock_is_off = False
                clock_guard.install(standing_guard())
        if done.died:
            self._begin_again()
        self.truth.tick(name)
        return done

    def tell(
        self,
        person: int,
        kind: str,
        work: Callable[[], Any],
        facts: Mapping[str, Any] | None = None,
        learned: Callable[[Any], dict[str, Any]] | None = None,
        *,
        by: int,
    ) -> Done:
        """The product is told something about a person; the truth keeps that it was, and whether it surely was."""
        done = self.step(kind, work, desk=Desk(person, by))
        if not done.refused:
            known = {**(facts or {}), **(learned(done.value) if learned and done.went_well else {})}
            self.truth.told.append(Told(self.truth.next(), self.now, person, kind, done.went_well, known))
        return done

    def must_refuse(
        self, person: int, what: str, work: Callable[[], Any], codes: Sequence[str], by: int | None = None
    ) -> None:
        """Somebody tries what may not be; that it goes through is a broken promise.

        `by`: who needs the case even to be told why not. While a step is under way cases are taken away, not given.
        """
        if by is not None and not self.is_theirs(Desk(person, by)):
            codes = (NOT_ALLOWED,)
        done = self._try(what, work)
        is_gone = by is not None and done.refused == NOT_ALLOWED and not self.is_theirs(Desk(person, by))
        if done.went_well or (done.refused and done.refused not in codes and not is_gone):
            self.goes_wrong(person, f"{what}: {done.refused or 'accepted'}")
        self.truth.rightly_refused += bool(done.refused)

    def goes_wrong(self, person: int, what: str) -> None:
        """Somebody saw what may not be."""
        self.truth.wrongly.append(Wrongly(self.truth.next(), self.now, person, what))

    def _arm(self) -> None:
        kind = self.random.choice((*KINDS, CLOCK_STEPPED))
        if kind == CLOCK_STEPPED:
            clock_guard.install(stepped_guard(self.random.choice((-HOUR, HOUR, 24 * HOUR))))
            self._clock_is_off = True
            self.truth.tick(CLOCK_STEPPED)
            return
        within = COMMITS_UNTIL_DEATH if "commit" in kind else STATEMENTS_UNTIL_CUT
        self.faults.arm(kind, self.random.randint(1, within))

    def _begin_again(self) -> None:
        """The process that died is gone; another one begins."""
        connections["gate"].close()
        ids.forget()

    def _between(self, share: float) -> None:
        if self.is_quiet or self._depth != 1 or self.random.random() >= share:
            return
        self.truth.tick("came in between")
        skew = timedelta(seconds=self.random.choice((-2, -1, 0, 1, 2)))
        before, self.now = self.now, self.now + skew
        try:
            self.another()
        finally:
            self.now = before

    def _claim(self, *values: Any, **named: Any) -> Found:
        """As the product claims; the truth keeps when it was done."""
        claimed, overtaken = claim(*values, **named)
        return self._noted(claimed), overtaken

    def _claim_of_campaign(self, campaign: int, gateways: Sequence[str], at: datetime, *rest: Any) -> Found:
        """The same for one campaign's."""
        claimed, overtaken = self._campaign_claims(campaign, gateways, at, *rest)
        return self._noted(claimed, at), overtaken

    def _noted(self, claimed: list[Claimed], at: datetime | None = None) -> list[Claimed]:
        order = self.truth.next()
        self.truth.claims += [Claim(order, at or self.now, one.person_id, one.permit_id) for one in claimed]
        return claimed
