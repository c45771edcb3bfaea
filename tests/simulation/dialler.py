"""Diallers of other people: they lease, confirm, ring and report; or forget, ring all the same, report late or lies."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import partial
from itertools import count
from typing import Any

from simulation.people import Answer, answer
from simulation.seeding import Seeded, caller_of
from simulation.truth import Confirmed, Leased, Reported, Ring
from simulation.world import SECOND, World
from zhizhi.store.leases.answers import Asked
from zhizhi.store.leases.candidates import Named
from zhizhi.store.leases.tokens import Bearer, create_token, load_bearer
from zhizhi.usecases.lease import LeasePermits, lease_permits
from zhizhi.usecases.lease_confirm import ConfirmLease, EndCampaign, confirm, end
from zhizhi.usecases.lease_record import RecordLease, record
from zhizhi.usecases.lease_words import lease_named

SHIFTS = (time(7, 58), time(9, 10), time(13, 40), time(19, 20), time(21, 40))
EAGER_SHARE, ORDINARY_SHARE = 3, 100  # of how many persons with a case a dialler wants to ring one, each shift
AT_ONCE_MAX = 12
EAGER_HAPPENS, ORDINARY_HAPPENS = 0.3, 0.02  # of leases, something before they are confirmed
TRIES = 3  # a dialler asks again with the same key where nobody answered
LASTS = timedelta(days=400)
CLOCK_IS_OFF = "clock_"  # nothing is committed by it, and a dialler asks again
PROOF = "CDR-20260302-0001"
SCOPES = ("lease", "lease.number")
OPEN_CASES = """
SELECT c.number FROM collection_case c WHERE c.lender_id = %s AND c.closed_on IS NULL ORDER BY c.person_id
"""
PERMIT = "SELECT permit_id FROM lease WHERE person_id = %s AND id = %s"
# How a dialler goes on with what it leased, of a thousand.
WAYS = {
    "as it should": 700,
    "forgets": 80,
    "rings unconfirmed": 50,
    "rings late": 40,
    "wrong number": 40,
    "dead line": 90,
}
# What it reports of a call that it made.
REPORTS = {
    "truth": 730,
    "nothing": 60,
    "twice": 80,
    "another end": 40,
    "two ends": 30,
    "never rang": 30,
    "on the way": 30,
}
DELAYS = (1, 1, 20, 400, 4000, 70_000)
ENDS_OF = {"conversation": "talked", "answered_dropped": "abandoned"}


@dataclass(frozen=True, slots=True)
class Call:
    """A lease in the hands of a dialler; `until`: when the talk has to be over."""

    bearer: Bearer
    leased: Leased
    name: str
    until: datetime | None


@dataclass
class Dialler:
    """One dialler of each lender. Whatever it does, it does over the use cases of the API."""

    world: World
    seeded: Seeded
    something: Callable[[int], None]  # whatever may happen to somebody while a dialler is about to ring
    bearers: dict[int, Bearer] = field(default_factory=dict)
    keys: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        at = self.world.now
        for lender, code in self.seeded.lenders:
            _, secret = create_token("dialler", code, None, SCOPES, expires_at=at + LASTS, at=at)
            bearer = load_bearer(secret, at)
            assert bearer is not None, "a token that was made is in force"
            self.bearers[lender] = bearer

    def plan_day(self, day: int) -> None:
        """Shifts of a day; in the evening what is not confirmed is called back."""
        world = self.world
        share = ORDINARY_SHARE if world.plan.is_ordinary else EAGER_SHARE
        for lender, bearer in self.bearers.items():
            name = f"day {day}"
            for clock in SHIFTS:
                off = timedelta(seconds=world.random.randrange(900))
                world.at(world.on(day, clock) + off, partial(self.shift, lender, bearer, name, share))
            world.at(world.on(day, time(21, 50)), partial(self.end, bearer, name))

    def shift(self, lender: int, bearer: Bearer, campaign: str, share: int) -> None:
        """Lease for some persons, in requests of a few."""
        world = self.world
        numbers = [row[0] for row in world.rows(OPEN_CASES, lender)]
        wanted = world.random.sample(numbers, min(len(numbers), 1 + len(numbers) // share))
        while wanted:
            some, wanted = wanted[:AT_ONCE_MAX], wanted[AT_ONCE_MAX:]
            self.lease(bearer, campaign, some)

    def lease(self, bearer: Bearer, campaign: str, numbers: list[str]) -> None:
        """One request; where nobody answered the same again, and now and then although somebody did."""
        world = self.world
        command = LeasePermits(
            bearer=bearer, campaign=campaign, script="call-plan",
            caller=caller_of(bearer.lender) if world.random.random() < 0.8 else None,
            persons=tuple(Named(case=number) for number in numbers), asked=self._asked(bearer),
            seconds=world.random.choice((5, 30, 60, 120)), purpose="collect",
        )  # fmt: skip
        answered = self._until_answered("lease", lambda: lease_permits(command, world.now))
        if answered is None:
            return
        if world.random.random() < 0.05 and self._until_answered(
            "lease again", lambda: lease_permits(command, world.now)
        ) not in (None, answered):
            world.goes_wrong(0, "the same request for leases was answered differently")
        for one in answered["leases"]:
            if one["verdict"] == "permit":
                self._work(bearer, one)

    def _asked(self, bearer: Bearer) -> Asked:
        key = f"k{next(self.keys)}"
        return Asked(bearer.token_id, key, key.encode())

    def _until_answered(self, name: str, work: Any) -> dict[str, Any] | None:
        for _ in range(TRIES):
            done = self.world.step(name, work)
            if not done.died:
                return done.value if done.went_well else None
        return None

    def _work(self, bearer: Bearer, answered: dict[str, Any]) -> None:
        world, named = self.world, lease_named(answered["lease"])
        assert named is not None, "a lease has a name"
        person, lease = named
        ((permit,),) = world.rows(PERMIT, person, lease)
        expires_at = datetime.fromisoformat(answered["expires_at"])
        leased = Leased(world.truth.next(), world.now, person, lease, permit, answered["number"], expires_at)
        world.truth.leased.append(leased)
        until = answered["must_end_by"] and datetime.fromisoformat(answered["must_end_by"])
        way = world.random.choices(list(WAYS), list(WAYS.values()))[0]
        world.truth.tick(f"dialler {way}")
        if way == "forgets":
            return
        later = world.now + world.random.choice((1, 3, 10, 50)) * SECOND
        if way == "rings late":
            later = expires_at + world.random.choice((4, 60, 600)) * SECOND
        if world.random.random() < (ORDINARY_HAPPENS if world.plan.is_ordinary else EAGER_HAPPENS):
            world.at(world.now, partial(self.something, person))
        world.at(later, partial(self.ring, Call(bearer, leased, answered["lease"], until), way))

    def ring(self, call: Call, way: str) -> None:
        """Ask whether it may, ring, and put the report into the future."""
        world = self.world
        said = self._confirm(call) if way in ("as it should", "wrong number", "dead line") else {}
        may_ring = bool(said and said["valid"])
        if way in ("as it should", "wrong number", "dead line") and not may_ring and world.random.random() < 0.9:
            way = "dead line"  # it obeys
        if way == "dead line":
            world.at(self._later(), partial(self.report, call, "never_rang", None, 0))
            return
        untils = [call.until, said and said.get("must_end_by") and datetime.fromisoformat(said["must_end_by"])]
        told = self._in_time(answer(world.random), [one for one in untils if one])
        number = "10999999999" if way == "wrong number" else call.leased.number
        obeys = may_ring and way == "as it should"
        rang = self._rang(call, told, number, world.truth.confirmed[-1].order if obeys else None)
        end = rang.ended_at + world.random.choice(DELAYS) * SECOND
        world.at(end, partial(self.report_call, call, told, rang))

    def _confirm(self, call: Call) -> dict[str, Any] | None:
        world, leased = self.world, call.leased
        command = ConfirmLease(call.bearer, call.name, self._asked(call.bearer))
        for _ in range(TRIES):
            done = world.step("confirm", lambda: confirm(command, world.now))
            is_valid = done.value["valid"] if done.went_well else None
            world.truth.confirmed.append(
                Confirmed(world.truth.next(), world.now, leased.person, leased.lease, leased.permit, is_valid)
            )
            if is_valid is False:
                world.truth.tick(f"not confirmed {done.value['code']}")
            if not done.died:
                break
        if is_valid and world.random.random() < 0.05:
            again = ConfirmLease(call.bearer, call.name, self._asked(call.bearer))
            twice = world.step("confirm again", lambda: confirm(again, world.now))
            if twice.went_well and twice.value["valid"]:
                world.goes_wrong(leased.person, "a lease was confirmed twice")
        return done.value if done.went_well else None

    def _in_time(self, told: Answer, untils: list[datetime]) -> Answer:
        """A dialler hangs up in time."""
        if not untils:
            return told
        left = int((min(untils) - self.world.now).total_seconds()) - 1
        if told.ring_seconds >= left:
            return Answer("no_answer", "no_answer", max(0, left), 0, False)
        return replace(told, talk_seconds=min(told.talk_seconds, left - told.ring_seconds))

    def _rang(self, call: Call, told: Answer, number: str, confirmed: int | None) -> Ring:
        world, leased = self.world, call.leased
        ended = world.now + timedelta(seconds=told.ring_seconds + told.talk_seconds)
        ring = Ring(
            world.truth.next(), world.now, ended, leased.person, leased.permit, number, told.is_answered,
            told.talk_seconds, confirmed,
        )  # fmt: skip
        world.truth.rings.append(ring)
        return ring

    def _later(self) -> datetime:
        return self.world.now + self.world.random.choice(DELAYS) * SECOND

    def report_call(self, call: Call, told: Answer, rang: Ring) -> None:
        """What it says of a call that it made."""
        world = self.world
        how = world.random.choices(list(REPORTS), list(REPORTS.values()))[0]
        world.truth.tick(f"dialler reports {how}")
        true = ENDS_OF.get(told.outcome, told.outcome)
        other = "no_answer" if true != "no_answer" else "busy"
        if true == "talked" and not told.talk_seconds:
            true = "abandoned"
        kinds = {
            "truth": (true,),
            "nothing": (),
            "twice": (true, true),
            "another end": (other,),
            "two ends": (true, other),
            "never rang": ("never_rang",),
            "on the way": ("rang", true, "rang"),
        }
        for kind in kinds[how]:
            self.report(call, kind, rang, told.talk_seconds)

    def report(self, call: Call, kind: str, rang: Ring | None, talk: int) -> None:
        """One report; the same again where nobody answered."""
        world, leased = self.world, call.leased
        differs = rang is not None and rang.number != leased.number
        command = RecordLease(
            bearer=call.bearer, lease=call.name, kind=kind, began_at=rang.at if rang else None, ring_seconds=None,
            talk_seconds=talk if kind == "talked" else None, number=rang.number if rang else None,
            proof=PROOF if kind == "never_rang" else "", asked=self._asked(call.bearer),
        )  # fmt: skip
        for _ in range(TRIES):
            done = world.step(f"report {kind}", lambda: record(command, world.now))
            if not done.died and not done.refused.startswith(CLOCK_IS_OFF):
                break
        if not done.refused:
            world.truth.reported.append(
                Reported(
                    world.truth.next(), world.now, leased.person, leased.lease, leased.permit, kind, command.began_at,
                    differs, done.went_well,
                )
            )  # fmt: skip
        elif (kind, done.refused) != ("never_rang", "it_rang") and not done.refused.startswith(CLOCK_IS_OFF):
            world.goes_wrong(leased.person, f"a report of {kind} was refused: {done.refused}")

    def end(self, bearer: Bearer, campaign: str) -> None:
        """The day of the dialler is over; nothing more is leased for it."""
        world = self.world
        over = EndCampaign(bearer, campaign, self._asked(bearer))
        if self._until_answered("end of leases", lambda: end(over, world.now)) is None:
            return
        numbers = [row[0] for row in world.rows(OPEN_CASES, bearer.lender_id)][:1]
        command = LeasePermits(
            bearer=bearer, campaign=campaign, script="call-plan", caller=None, asked=self._asked(bearer), seconds=60,
            persons=tuple(Named(case=number) for number in numbers), purpose="collect",
        )  # fmt: skip
        world.must_refuse(0, "leased after the end", lambda: lease_permits(command, world.now), ("campaign_over",))
