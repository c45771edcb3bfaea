"""Messages are told once more: by the system that they are for, or by who keeps the installation."""

from datetime import datetime

from zhizhi.store.lenders.rights import Right
from zhizhi.store.webhooks.replaying import Replay, replay
from zhizhi.usecases.authority import require


def replay_webhooks(asked: Replay, at: datetime, *, lender_id: int | None = None) -> int:
    """Send them again; answers how many. The caller has seen that the endpoint may be seen by whoever asks.

    Refuses: NotAllowed, where the right is missing or the endpoint's lender is not theirs; NoSuchEndpoint; an endpoint
    that is off.
    """
    require(asked.by, Right.REPLAY_WEBHOOKS, lender_id=lender_id)
    return replay(asked, at)
