"""The database goes away while messages leave: what is known of them is written once it is back, and nothing twice."""

from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, close_old_connections, connections

from book import make_borrower, make_lender, make_staff
from gatework import TEN, ToldChannel, propose_sms, rows
from zhizhi.gateways.permit import PermitGrant, SendOutcome, Sent
from zhizhi.jobs import outbox
from zhizhi.jobs.outbox import Outbox

pytestmark = pytest.mark.usefixtures("store")
SECOND = timedelta(seconds=1)


def test_what_left_before_the_database_went_away_is_written_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "SETTLE_MAX", 2)
    lender = make_lender("AWAY")
    by = make_staff("collector-away", "collector", lender, capacity=5).pk
    for n in range(3):
        assert propose_sms(make_borrower(lender, n), by, TEN).permit_id is not None

    def lose_the_database(grant: PermitGrant) -> SendOutcome:
        connections["gate"].connection.close()
        return Sent(f"m-{grant.permit_id}")

    channel = ToldChannel(answer=lose_the_database)
    draining = Outbox({"sink": {"sms": channel}}, "test")
    with pytest.raises((OperationalError, InterfaceError)):
        draining.drain(TEN)
    close_old_connections()
    assert rows("SELECT DISTINCT state FROM delivery") == [("claimed",)]

    draining.drain(TEN + SECOND)
    assert len(channel.sent) == 2
    assert rows(
        "SELECT d.state, d.failure, m.state, count(*) FROM delivery d JOIN permit m ON m.id = d.permit_id"
        " GROUP BY 1, 2, 3 ORDER BY 1"
    ) == [("delivered", None, "used", 2), ("failed", "not_sent", "released", 1)]
    assert draining.drain(TEN + 2 * SECOND) == 0
