"""Messages on their way: of each channel so many at once, those of one group and no other.

A channel that takes one at a time is handed its messages by the calling thread; the others have threads of their own,
which ask whether a message was called off, hand it over, and touch nothing else. Ends are taken by the caller alone.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from zhizhi.store.transact.claims import Claimed
from zhizhi.store.transact.deliveries import Settled

Way = tuple[str, str]
"""Gateway and channel."""
HandOver = Callable[[Claimed], Settled]
"""Hand one over and say how it ended; it raises nothing."""


class Lines:
    """The threads of the channels that take several messages at once; begun with the first message."""

    def __init__(self, at_once: Mapping[Way, int]) -> None:
        self._pools = {
            way: ThreadPoolExecutor(count, thread_name_prefix=f"outbox {way[0]}/{way[1]}")
            for way, count in at_once.items()
            if count > 1
        }

    def of(self, one: Claimed) -> ThreadPoolExecutor | None:
        """The threads for a message; None where the caller hands it over itself."""
        return self._pools.get((one.gateway, one.channel))


class Group:
    """What was claimed together, until each has its end."""

    def __init__(self, lines: Lines, hand_over: HandOver, claimed: Sequence[Claimed]) -> None:
        self._hand_over = hand_over
        self._alone: deque[Claimed] = deque()
        self._flying: dict[Future[Settled], Claimed] = {}
        for one in claimed:
            line = lines.of(one)
            if line is None:
                self._alone.append(one)
            else:
                self._flying[line.submit(hand_over, one)] = one

    @property
    def is_under_way(self) -> bool:
        """Whether any has no end yet."""
        return bool(self._alone or self._flying)

    def take(self, within_seconds: float) -> list[Settled]:
        """Ends that have come; where there is nothing to hand over here, waits for one, at most so long."""
        ends = [self._hand_over(self._alone.popleft())] if self._alone else []
        done, _ = wait(self._flying, 0 if ends else within_seconds, FIRST_COMPLETED)
        return ends + [self._landed(one) for one in done]

    def call_off(self) -> list[Claimed]:
        """Begin no more; answers those that nobody began to hand over."""
        unbegun = [*self._alone, *(one for future, one in self._flying.items() if future.cancel())]
        self._alone.clear()
        self._flying = {future: one for future, one in self._flying.items() if not future.cancelled()}
        return unbegun

    def wait_for_all(self) -> list[Settled]:
        """The ends of those that are under way, however long that takes."""
        return [self._landed(future) for future in list(self._flying)]

    def _landed(self, future: Future[Settled]) -> Settled:
        del self._flying[future]
        return future.result()
