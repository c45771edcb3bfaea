"""Campaigns of the simulation: planned, started, throttled, paused, resumed and cancelled while everybody goes on."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from simulation.seeding import Seeded
from simulation.truth import Meant, Moved
from simulation.world import NOT_ALLOWED, SECOND, World
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.campaigns.window import Window
from zhizhi.store.cases.reads import CaseFilter
from zhizhi.usecases.campaigns.making import MakeCampaign, make_campaign
from zhizhi.usecases.campaigns.running import StepCampaign, Throttle, step_campaign, throttle, work_campaigns
from zhizhi.usecases.claim_contacts import claim_campaign_contacts

TEMPLATES = ("plan-sms", "plan-sms", "plan-email")
WINDOWS = ((time(8), time(12)), (time(9), time(18)), (time(13), time(20)), (time(7), time(23)))
RATES = (None, 1, 1, 3, 20)  # of a small book; a larger one is let through faster
PERSONS_A_RATE = 40
EVERY = timedelta(minutes=37)
ROUNDS = (0, 1, 4)  # seconds apart: throttles let a little through each time
EAGER_SHARE, ORDINARY_SHARE = 0.5, 0.1  # of days on which a lender makes one
MINUTE = timedelta(minutes=1)
OPEN = "SELECT person_id, number FROM collection_case WHERE lender_id = %s AND closed_on IS NULL ORDER BY person_id"
CLOSED = "SELECT number FROM collection_case WHERE lender_id = %s AND closed_on IS NOT NULL ORDER BY id LIMIT 3"


@dataclass
class Campaigner:
    """Those who write to many, and the worker's thread for them."""

    world: World
    seeded: Seeded
    made: list[int] = field(default_factory=list)
    workers: int = 0

    def plan_day(self, day: int) -> None:
        """What is made today, and when the worker gets to campaigns."""
        world = self.world
        share = ORDINARY_SHARE if world.plan.is_ordinary else EAGER_SHARE
        for lender, _ in self.seeded.lenders:
            number = max(1, world.plan.pressure // 4) if day == 0 or world.random.random() < share else 0
            for _ in range(number):
                at = world.on(day, time(8, 20)) + world.random.randrange(240) * MINUTE
                world.at(at, partial(self.make, lender, world.on(day, time()).date()))
        at = world.on(day, time(8)) + world.random.randrange(600) * SECOND
        while at < world.on(day, time(22, 30)):
            world.at(at, self.work)
            at += EVERY

    def make(self, lender: int, on: date) -> None:
        """Somebody makes one, of a filter or of a list, and what will be done to it later."""
        world, random = self.world, self.world.random
        begins, ends = random.choice(WINDOWS)
        listed, named, rejected = self._listed(lender) if random.random() < 0.5 else (None, None, 0)
        before = {row[0] for row in world.rows(OPEN, lender)}
        if not before:
            return
        command = MakeCampaign(
            lender_id=lender, name="模拟群发", template_code=random.choice(TEMPLATES), purpose="collect",
            window=Window(on, on + random.choice((0, 0, 1)) * timedelta(days=1), begins.hour * 60, ends.hour * 60),
            per_second=self._rate(), chosen=CaseFilter(), listed=listed, by=self.seeded.staff.supervisor,
        )  # fmt: skip
        done = world.step("make campaign", partial(make_campaign, command, world.now))
        if not done.went_well:
            return
        after = {row[0] for row in world.rows(OPEN, lender)}
        wanted = after | before if named is None else named
        meant = Meant(
            world.truth.next(), world.now, done.value, frozenset(wanted & before & after),
            frozenset(wanted & (before | after)), rejected,
        )  # fmt: skip
        world.truth.meant.append(meant)
        self.made.append(done.value)
        self._moved(done.value, "throttled", command.per_second)
        self._plan(done.value)

    def _rate(self) -> int | None:
        rate = self.world.random.choice(RATES)
        return rate and rate * max(1, self.world.plan.persons // PERSONS_A_RATE)

    def _listed(self, lender: int) -> tuple[str, set[int], int]:
        """A list with some cases, one of them twice, one that is over, and one that nobody has."""
        world = self.world
        rows = world.rows(OPEN, lender)
        some = world.random.sample(rows, len(rows) - len(rows) // 3)
        over = [row[0] for row in world.rows(CLOSED, lender)]
        wrong = [some[0][1], *over, "C-1999-99999999"] if some else ["C-1999-99999999"]
        return "\n".join([*(number for _, number in some), *wrong]), {person for person, _ in some}, len(wrong)

    def _plan(self, campaign: int) -> None:
        """Started, and perhaps throttled, paused and resumed, or cancelled."""
        world, roll = self.world, self.world.random.random
        at = world.now + world.random.randint(1, 20) * MINUTE
        world.at(at, partial(self.step, campaign, "started"))
        if roll() < 0.5:
            at += world.random.choice((1, 20, 60)) * MINUTE
            world.at(at, partial(self.step, campaign, "paused"))
            if roll() < 0.85:
                world.at(at + world.random.choice((5, 70, 200)) * MINUTE, partial(self.step, campaign, "resumed"))
        if roll() < 0.3:
            world.at(at + world.random.choice((30, 120)) * MINUTE, partial(self.throttle, campaign))
        if roll() < 0.15:
            world.at(at + world.random.choice((10, 50, 100)) * MINUTE, partial(self.step, campaign, "cancelled"))

    def step(self, campaign: int, what: str) -> None:
        """Somebody clicks; the same again is refused."""
        world = self.world
        command = StepCampaign(campaign, what, self.seeded.staff.supervisor)
        done = world.step(f"campaign {what}", partial(step_campaign, command, world.now))
        if done.refused:
            return
        self._moved(campaign, what, certain=not done.died)
        if not done.died and world.random.random() < 0.2:
            world.must_refuse(0, f"{what} twice", partial(step_campaign, command, world.now), ("cannot_move",))
            meddling = StepCampaign(campaign, what, self.seeded.staff.stranger)
            world.must_refuse(0, f"{what} by a collector", partial(step_campaign, meddling, world.now), (NOT_ALLOWED,))

    def throttle(self, campaign: int) -> None:
        """Another rate from now on."""
        world, rate = self.world, self._rate()
        command = Throttle(campaign, "", rate, self.seeded.staff.supervisor)
        done = world.step("campaign throttled", partial(throttle, command, world.now))
        if not done.refused:
            self._moved(campaign, "throttled", rate, certain=not done.died)

    def _moved(self, campaign: int, what: str, per_second: int | None = None, *, certain: bool = True) -> None:
        world = self.world
        world.truth.moved.append(Moved(world.truth.next(), world.now, campaign, what, certain, per_second))

    def meanwhile(self) -> None:
        """Another process stops a campaign just now."""
        if self.made:
            self.step(self.made[-1], "paused")
            self.world.at(self.world.now + 20 * MINUTE, partial(self.step, self.made[-1], "resumed"))

    def work(self) -> None:
        """The worker decides a chunk and sends what throttles let through, a few times in a row."""
        world = self.world
        if not world.rows("SELECT 1 FROM campaign WHERE state = 'running' OR (ended_at IS NOT NULL AND counts IS NULL)"
                          " LIMIT 1"):  # fmt: skip
            return
        for seconds in ROUNDS:
            world.at(world.now + seconds * SECOND, self.round)

    def round(self) -> None:
        """One round of the worker's two threads."""
        world = self.world
        self.workers += 1
        world.step("campaigns", partial(work_campaigns, world.now))
        channels = {"sink": dict.fromkeys(("sms", "email", "letter"), world.carrier)}
        outbox = Outbox(channels, f"worker of campaigns {self.workers}", monotonic=world.carrier.steady)
        limit, at = world.random.choice((3, 50)), world.now
        world.step("outbox of campaigns", lambda: outbox.send(claim_campaign_contacts, at, limit=limit))

    def rest(self, at: datetime) -> None:
        """What still stands about is called off, and put away."""
        world = self.world
        for (campaign,) in world.rows("SELECT id FROM campaign WHERE ended_at IS NULL ORDER BY id"):
            world.at(at, partial(self.step, campaign, "cancelled"))
        for hours in (1, 2, 13, 25):
            world.at(at + timedelta(hours=hours), self.work)
