"""Work on what the outside world told us: receipts become outcomes, 退订 refuses the medium at once, other words
are kept for a person."""

from datetime import datetime

from zhizhi.store.inbox.arrivals import WaitingArrival, finish_arrival, waiting_arrivals
from zhizhi.store.transact.receipts import find_points, record_inbound, record_receipt
from zhizhi.usecases.record_statement import RecordStatement, record_statement


def work_inbox(at: datetime) -> int:
    """Work on a batch of waiting events; answers how many."""
    arrivals = waiting_arrivals()
    for arrival in arrivals:
        finish_arrival(arrival.item_id, at, _work(arrival, at))
    return len(arrivals)


def _work(arrival: WaitingArrival, at: datetime) -> str | None:
    gateway, _, what = arrival.source.partition("/")
    if what == "receipts":
        return _receipt(gateway, arrival, at)
    return _reply(arrival, at)


def _receipt(gateway: str, arrival: WaitingArrival, at: datetime) -> str | None:
    body = arrival.body
    if body["state"] not in ("delivered", "undelivered"):
        return None  # on its way: the next receipt says more
    known = record_receipt(gateway, body["provider_message_id"], body["state"], datetime.fromisoformat(body["at"]), at)
    return None if known else "unknown_message"


def _reply(arrival: WaitingArrival, at: datetime) -> str | None:
    body = arrival.body
    points = find_points(body["address"])
    said_at = min(datetime.fromisoformat(body["at"]), at)
    for person_id, party_id, point_id in points:
        record_inbound(person_id, party_id, point_id, body["channel"], said_at, at)
        if body["kind"] == "refuse_medium":
            refusal = {"channel": body["channel"]}
            record_statement(
                RecordStatement(
                    person_id, party_id, "refuse_medium", refusal, None, source=body["channel"], said_at=said_at
                ),
                at,
            )
    return None if points else "unknown_number"
