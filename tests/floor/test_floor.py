"""A small floor, lived for some days: what each reader is told agrees with the ledger and with the permits."""

from floor.books import shown
from floor.house import FloorPlan
from floor.month import live
from simulation.place import open_place
from zhizhi.gateways.postgres.server import Server

PLAN = FloorPlan(seed=7, accounts=120, seats=4, agencies=2, seats_an_agency=1, days=3, calls_a_seat=4)


def test_every_report_of_a_floor_reconciles(server: Server, template_database: str) -> None:
    with open_place(server, template_database, "floor") as place:
        month = live(PLAN, place)
    assert not month.recount.differences, "\n".join(shown(month.recount))
    assert month.dials
