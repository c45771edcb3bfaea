"""Small worlds of fixed seeds: whatever happens in them, nothing that was promised is broken."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import connections

from simulation.audit import audit
from simulation.mutants import HARMED, WHOLE, Harmed, living
from simulation.place import Place, open_place
from simulation.run import Report, run
from simulation.seeding import Seeded
from simulation.simulate import seed, simulate
from simulation.world import Plan
from zhizhi.gateways.postgres.server import Server


@pytest.fixture
def place(server: Server, template_database: str, request: pytest.FixtureRequest) -> Iterator[Place]:
    with open_place(server, template_database, f"world_{abs(hash(request.node.name)) % 10**9}") as opened:
        yield opened


def told(report: Report) -> str:
    """The first broken promise with what happened to that person."""
    first = report.broken[0]
    lines = [f"seed {report.plan.seed}: {first.promise}: person {first.person} at {first.at}: {first.seen}"]
    return "\n".join(lines + [f"  {line.at} {line.what}" for line in report.history])


def test_no_promise_is_broken_in_a_world_whose_law_changes(place: Place) -> None:
    report = run(Plan(1, persons=20, days=2, pressure=4), place)
    assert report.truth.departures
    assert report.truth.dials
    assert not report.broken, told(report)


BUSY = Plan(21, persons=16, days=1, faults=0.0, interleaved=0.1, pack_change=False, pressure=16)
WORLDS_MAX = 5  # what is broken is not met in every small world


@pytest.fixture(scope="module")
def book(server: Server, template_database: str) -> Iterator[tuple[Place, Seeded]]:
    """The book of the busy worlds, loaded once; each world works on a copy."""
    with open_place(server, template_database, "busy_book") as opened:
        seeded = seed(BUSY, opened)
        connections.close_all()  # a database that is copied has no visitors
        yield opened, seeded


@pytest.mark.parametrize("seed", [2, 3])
def test_no_promise_is_broken_in_a_world_of_this_seed(server: Server, book: tuple[Place, Seeded], seed: int) -> None:
    place, seeded = book
    with open_place(server, "busy_book", f"calm_{seed}", like=place.folder) as copy:
        report = run(Plan(seed, persons=16, days=2, pack_change=False, pressure=4), copy, seeded=seeded)
        assert report.truth.departures
        assert report.truth.dials
        assert not report.broken, told(report)


def found_by_the_auditor(harmed: Harmed, server: Server, book: tuple[Place, Seeded], number: int) -> set[str]:
    """The promises that a broken product broke in a world."""
    place, seeded = book
    with open_place(server, "busy_book", f"busy_{number}", like=place.folder) as copy:
        with living(harmed, copy):
            truth = simulate(replace(BUSY, seed=number, only=harmed.only), copy, seeded)
        return {one.promise for one in audit(truth, copy.url).broken}


@pytest.mark.slow
@pytest.mark.parametrize("harmed", HARMED, ids=lambda one: one.name)
def test_the_auditor_sees_each_way_in_which_a_product_is_broken_on_purpose(
    server: Server, book: tuple[Place, Seeded], harmed: Harmed
) -> None:
    unseen = {mutant.promise: mutant.name for mutant in harmed.mutants}
    for number in range(harmed.world, harmed.world + WORLDS_MAX):
        for promise in found_by_the_auditor(harmed, server, book, number):
            unseen.pop(promise, None)
        if not unseen:
            return
    pytest.fail(f"nobody saw {sorted(unseen.values())}")


def test_the_same_busy_world_breaks_nothing_where_the_product_is_whole(
    server: Server, book: tuple[Place, Seeded]
) -> None:
    assert found_by_the_auditor(WHOLE, server, book, 0) == set()
