"""Leases: what counts, from when, until what is proven; who may ask for whom."""

import pytest

from gatework import TEN, rows
from leasework import Desk, bearer_of, lease, make_desk, place

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture(scope="module")
def desk(store: str) -> Desk:
    return make_desk()


def test_a_lease_is_a_permit_that_is_used_from_its_first_second(desk: Desk) -> None:
    someone = place(desk)
    (answer,) = lease(bearer_of(desk), someone)
    assert answer["verdict"] == "permit", answer
    assert answer["number"] == someone.who.number
    assert answer["expires_in_seconds"] == 60
    assert rows(
        "SELECT m.state, m.used_at, d.state, d.gateway FROM permit m JOIN delivery d ON d.person_id = m.person_id"
        " AND d.permit_id = m.id WHERE m.person_id = %s",
        someone.who.person,
    ) == [("used", TEN, "claimed", "dialler")]
