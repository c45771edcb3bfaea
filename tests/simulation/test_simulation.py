"""Small worlds of fixed seeds: whatever happens in them, nothing that was promised is broken."""

from collections.abc import Iterator

import pytest

from simulation.place import Place, open_place
from simulation.run import Report, run
from simulation.world import Plan
from zhizhi.gateways.postgres.server import Server

SEEDS = (1, 2, 3)


@pytest.fixture
def place(server: Server, template_database: str, request: pytest.FixtureRequest) -> Iterator[Place]:
    with open_place(server, template_database, f"world_{abs(hash(request.node.name)) % 10**9}") as opened:
        yield opened


def told(report: Report) -> str:
    """The first broken promise with what happened to that person."""
    first = report.broken[0]
    lines = [f"seed {report.plan.seed}: {first.promise}: person {first.person} at {first.at}: {first.seen}"]
    return "\n".join(lines + [f"  {line.at} {line.what}" for line in report.history])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_promise_is_broken_in_a_world_of_this_seed(place: Place, seed: int) -> None:
    report = run(Plan(seed, persons=25, days=3), place)
    assert report.truth.departures
    assert report.truth.dials
    assert not report.broken, told(report)
