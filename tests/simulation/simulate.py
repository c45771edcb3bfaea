"""One seed from its book to its audit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from random import Random

from simulation.campaigner import Campaigner
from simulation.changes import Changes
from simulation.dialler import Dialler
from simulation.events import Events
from simulation.nights import Nights
from simulation.office import Office
from simulation.place import Place
from simulation.seeding import Seeded, seed_book
from simulation.truth import Truth
from simulation.world import SHANGHAI, Plan, World
from zhizhi.store.transact.sequencer import sequence_all

OPENED = time(2)
DRAINED_AFTER = timedelta(hours=30)  # faults have ended: every queue is empty after so long
STOPS_A_CAMPAIGN = 0.05  # of what comes in between
Watch = Callable[[World, int], bool]  # after each day; whether it is enough


def nobody(_world: World, _day: int) -> bool:
    """Nobody watches, and every day is lived."""
    return False


def seed(plan: Plan, place: Place) -> Seeded:
    """The book of a plan, before anybody works on it."""
    at = datetime.combine(plan.begins_on, OPENED, SHANGHAI)
    truth, random = Truth(plan.begins_on, at), Random(plan.seed)
    return seed_book(place, truth, random, plan.persons, at, is_ordinary=plan.is_ordinary)


def simulate(plan: Plan, place: Place, seeded: Seeded | None = None, watch: Watch = nobody) -> Truth:
    """Live through the plan; answers what really happened. The database holds what the product thinks of it.

    `seeded`: the book, where it is in the place already. `watch` may end the plan early; it comes to rest all the same.
    """
    book = seeded or seed(plan, place)
    world = World(plan, place)
    try:
        world.truth.uploads += book.uploads
        return _live(world, book, watch)
    finally:
        world.close()


def _live(world: World, seeded: Seeded, watch: Watch) -> Truth:
    plan = world.plan
    events, changes = Events(world, seeded.staff), Changes(world, seeded.staff.supervisor)
    office = Office(world, seeded, events.hear)
    others = Others(Dialler(world, seeded, events.something), Campaigner(world, seeded), Nights(world, seeded))
    world.another = partial(_meanwhile, world, events, others.campaigner)
    for day in range(plan.days):
        world.at(world.on(day, time(6, 30)), changes.payments_file)
        if world.random.random() < 0.4:
            world.at(world.on(day, time(7, 10)), changes.withdraw)
        if plan.pack_change and day == plan.days // 2:
            world.at(world.on(day, time(13)), changes.change_law)
        office.plan_day(day)
        others.plan_day(day)
        world.run_until(world.on(day + 1, time(4)))
        if watch(world, day):
            break
    _come_to_rest(world, office, others)
    return world.truth


@dataclass(frozen=True, slots=True)
class Others:
    """Who works beside the office and its desks."""

    dialler: Dialler
    campaigner: Campaigner
    nights: Nights

    def plan_day(self, day: int) -> None:
        """Put everybody's day into the future."""
        self.dialler.plan_day(day)
        self.campaigner.plan_day(day)
        self.nights.plan_day(day)


def _meanwhile(world: World, events: Events, campaigner: Campaigner) -> None:
    if world.random.random() < STOPS_A_CAMPAIGN:
        campaigner.meanwhile()
    else:
        events.meanwhile()


def _come_to_rest(world: World, office: Office, others: Others) -> None:
    """Faults end; what is under way ends by itself, and somebody settles what only a person can."""
    world.be_quiet()
    begun = world.now
    others.nights.plan_day((begun.date() - world.plan.begins_on).days)
    others.campaigner.rest(begun)
    for hours in (1, 6, 12, 18, 24):
        world.at(begun + timedelta(hours=hours), office.deliver)
    world.at(begun + timedelta(hours=20), office.settle)
    world.run_until(begun + DRAINED_AFTER)
    sequence_all(world.now)
    world.truth.ended_at = world.now
