"""One seed from its book to its audit."""

from datetime import time, timedelta

from simulation.changes import Changes
from simulation.events import Events
from simulation.office import Office
from simulation.place import Place
from simulation.seeding import seed_book
from simulation.truth import Truth
from simulation.world import Plan, World
from zhizhi.store.transact.sequencer import sequence_all

DRAINED_AFTER = timedelta(hours=30)  # faults have ended: every queue is empty after so long


def simulate(plan: Plan, place: Place) -> Truth:
    """Live through the plan; answers what really happened. The database holds what the product thinks of it."""
    world = World(plan, place)
    try:
        return _live(world)
    finally:
        world.close()


def _live(world: World) -> Truth:
    plan = world.plan
    seeded = seed_book(world.place, world.truth, world.random, plan.persons, world.now - timedelta(hours=4))
    events, changes = Events(world, seeded.staff), Changes(world, seeded)
    office = Office(world, seeded, events.hear)
    world.another = events.meanwhile
    for day in range(plan.days):
        world.at(world.on(day, time(6, 30)), changes.payments_file)
        if world.random.random() < 0.4:
            world.at(world.on(day, time(7, 10)), changes.withdraw)
        if plan.pack_change and day == plan.days // 2:
            world.at(world.on(day, time(13)), changes.change_law)
        office.plan_day(day)
        world.run_until(world.on(day + 1, time(4)))
    _come_to_rest(world, office)
    return world.truth


def _come_to_rest(world: World, office: Office) -> None:
    """Faults end; what is under way ends by itself, and somebody settles what only a person can."""
    world.be_quiet()
    begun = world.now
    for hours in (1, 6, 12, 18, 24):
        world.at(begun + timedelta(hours=hours), office.deliver)
    world.at(begun + timedelta(hours=20), office.settle)
    world.run_until(begun + DRAINED_AFTER)
    sequence_all(world.now)
    world.truth.ended_at = world.now
