"""Work on what the outside world told us: receipts become outcomes, 退订 refuses the medium at once, other words
are kept for a person."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from zhizhi.core.kernel.errors import Refused
from zhizhi.store.inbox.arrivals import WaitingArrival, finish_arrival, waiting_arrivals
from zhizhi.store.transact.receipts import Reply, Reported, find_points, record_receipt, record_reply

# A receipt may overtake the commit of the sending that it speaks of; after this long the message is not ours.
RECEIPT_WAITS = timedelta(minutes=15)
# What a receipt says is what came of the contact; one that is on its way was sent.
OUTCOMES = {"delivered": "delivered", "undelivered": "undelivered", "pending": "sent"}
UNKNOWN_MESSAGE = "unknown_message"


def work_inbox(at: datetime) -> int:
    """Work on everything that waits; answers how many events were finished.

    One that cannot be read stops no other; nor does one that breaks something: it goes on waiting, and the first
    exception is raised once the others are done.
    """
    done = after = 0
    fault: Exception | None = None
    while arrivals := waiting_arrivals(after):
        for arrival in arrivals:
            try:
                done += _work(arrival, at)
            except Exception as met:
                fault = fault or met
        after = arrivals[-1].item_id
    if fault is not None:
        raise fault
    return done


def _work(arrival: WaitingArrival, at: datetime) -> bool:
    if arrival.body is None:
        failure: str | None = "unreadable"
    else:
        try:
            failure = _understood(arrival, arrival.body, at)
        except Refused as refused:
            failure = refused.code
        except (KeyError, TypeError, ValueError):
            failure = "malformed"
    if failure == UNKNOWN_MESSAGE and at < arrival.received_at + RECEIPT_WAITS:
        return False
    finish_arrival(arrival.item_id, at, failure)
    return True


def _understood(arrival: WaitingArrival, body: Mapping[str, Any], at: datetime) -> str | None:
    gateway, _, what = arrival.source.partition("/")
    if what == "receipts":
        return _receipt(gateway, body, at)
    return _reply(arrival.item_id, body, at)


def _receipt(gateway: str, body: Mapping[str, Any], at: datetime) -> str | None:
    outcome = OUTCOMES.get(body["state"])
    if outcome is None:
        return None  # none that says something
    reported_at = datetime.fromisoformat(body["at"])
    out_id = str(body.get("out_id", ""))
    reported = Reported(gateway, body["provider_message_id"], outcome, reported_at, out_id)
    return None if record_receipt(reported, at) else UNKNOWN_MESSAGE


def _reply(item_id: int, body: Mapping[str, Any], at: datetime) -> str | None:
    points = find_points(body["address"])
    if not points:
        return "unknown_number"
    said_at = min(datetime.fromisoformat(body["at"]), at)
    refuses = body["kind"] == "refuse_medium"
    record_reply(Reply(item_id, body["channel"], said_at, refuses, str(body.get("text", ""))), points, at)
    return None
