"""Small worlds of fixed seeds: whatever happens in them, nothing that was promised is broken."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import connections

from simulation.audit import Findings, audit
from simulation.mutants import HARMED, WHOLE, Harmed, living
from simulation.place import Place, open_place
from simulation.run import Report, run
from simulation.seeding import Seeded
from simulation.simulate import seed, simulate
from simulation.world import Plan
from zhizhi.gateways.postgres.server import Server

BUSY = Plan(21, persons=16, days=1, faults=0.0, interleaved=0.1, pack_change=False, pressure=8)
FAULTY = replace(BUSY, faults=0.04, interleaved=0.03, pack_change=True, days=2, pressure=3)
WORLDS_MAX = 8  # what is broken is not met in every small world


@pytest.fixture(scope="module")
def book(server: Server, template_database: str) -> Iterator[tuple[Place, Seeded]]:
    """The book of all worlds, loaded once; each world works on a copy."""
    with open_place(server, template_database, "busy_book") as opened:
        seeded = seed(BUSY, opened)
        connections.close_all()  # a database that is copied has no visitors
        yield opened, seeded


def told(report: Report) -> str:
    """The first broken promise with what happened to that person."""
    first = report.broken[0]
    lines = [f"seed {report.plan.seed}: {first.promise}: person {first.person} at {first.at}: {first.seen}"]
    return "\n".join(lines + [f"  {line.at} {line.what}" for line in report.history])


def test_no_promise_is_broken_in_a_world_whose_law_changes(server: Server, book: tuple[Place, Seeded]) -> None:
    place, seeded = book
    with open_place(server, "busy_book", "law_changes", like=place.folder) as copy:
        report = run(replace(FAULTY, seed=1), copy, seeded=seeded)
    assert not report.broken, told(report)
    assert set(report.checked) >= ASKED, "a promise that was asked of nothing is not kept"


def found_by_the_auditor(plan: Plan, harmed: Harmed, server: Server, book: tuple[Place, Seeded]) -> Findings:
    """What a product that is broken so, or whole, broke in a world."""
    place, seeded = book
    with open_place(server, "busy_book", f"busy_{plan.seed}", like=place.folder) as copy:
        with living(harmed, copy):
            truth = simulate(replace(plan, only=harmed.only), copy, seeded)
        return audit(truth, copy.url)


@pytest.mark.slow
@pytest.mark.parametrize("harmed", HARMED, ids=lambda one: one.name)
def test_the_auditor_sees_each_way_in_which_a_product_is_broken_on_purpose(
    server: Server, book: tuple[Place, Seeded], harmed: Harmed
) -> None:
    unseen = {mutant.promise: mutant.name for mutant in harmed.mutants}
    for number in range(harmed.world, harmed.world + WORLDS_MAX):
        for one in found_by_the_auditor(replace(BUSY, seed=number), harmed, server, book).broken:
            unseen.pop(one.promise, None)
        if not unseen:
            return
    pytest.fail(f"nobody saw {sorted(unseen.values())}")


def test_the_same_busy_world_breaks_nothing_where_the_product_is_whole(
    server: Server, book: tuple[Place, Seeded]
) -> None:
    found = found_by_the_auditor(replace(BUSY, seed=0), WHOLE, server, book)
    assert not found.broken, found.broken[0]


ASKED = {
    "a message leaves with a valid permit, for its very content",
    "nobody is contacted at night",
    "silence after words",
    "what left stays counted in every later decision",
    "a lease counts until it is proven that it never rang",
    "a confirmation obeys what came since",
    "what was reported is a contact",
    "a campaign sends while it runs, within its hours",
    "each member has one end",
    "campaigns end",
    "a file is compared",
    "a difference is found and named",
    "everything has a leaf",
    "whoever may is let through",
    "what may not be is refused",
}
