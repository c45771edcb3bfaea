"""Requests that come at the same time are answered together, by one thread of the process: the more come, the more
share a commit.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Condition, Lock, Thread
from typing import Generic, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")
IDLE_SECONDS = 30.0


class Company:
    """Who asks at this moment: whoever asks alone has nobody to wait for."""

    def __init__(self) -> None:
        self._asking = 0
        self._changes = Lock()

    @contextmanager
    def joined(self) -> Iterator[bool]:
        """Around a request: whether nobody else of this process is in the middle of one."""
        with self._changes:
            is_alone = self._asking == 0
            self._asking += 1
        try:
            yield is_alone
        finally:
            with self._changes:
                self._asking -= 1


class Gathered(Generic[Job, Answer]):
    """Whatever waits while a group is answered is the next group. Where several ask it waits until as many are there as
    were answered or waiting when the group before was, or `seconds`: whoever was answered may be about to ask again,
    and a group costs much by itself. (By the answered alone, four who ask again and again stay two groups of two.) Who
    asks alone, after one who did, waits for nobody, unless it is known that whoever asks here `has_company`.

    `work` answers jobs together, in their order, with None for one that is to be asked alone; where it fails, all are.
    `most` bounds the sum of `size` over a group of more than one. The thread begins with the first job and ends, and
    its connection with it, when nobody asked for a while.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Job]], Sequence[Answer | None]],
        *,
        size: Callable[[Job], int],
        most: int,
        seconds: float,
        failed: Callable[[Exception], None],
        ended: Callable[[], None],
        idle: float = IDLE_SECONDS,
        has_company: bool = False,
    ) -> None:
        self._work = work
        self._size = size
        self._most = most
        self._seconds = seconds
        self._failed = failed
        self._ended = ended
        self._idle = idle
        self._has_company = has_company
        self._asking = 0  # when the latest group was answered: of it, or waiting
        self._waiting: deque[tuple[Job, Future[Answer | None]]] = deque()
        self._changed = Condition()
        self._thread: Thread | None = None

    def ask(self, job: Job) -> Answer | None:
        """The answer, once its group is done; None: it is to be asked alone."""
        answer: Future[Answer | None] = Future()
        with self._changed:
            self._waiting.append((job, answer))
            if self._thread is None or not self._thread.is_alive():  # none yet, or none in this process since a fork
                self._thread = Thread(target=self._run, name="gathered", daemon=True)
                self._thread.start()
            self._changed.notify()
        return answer.result()

    def waiting(self) -> int:
        """How many wait for the next group."""
        with self._changed:
            return len(self._waiting)

    def _run(self) -> None:
        while group := self._next():
            answers: Sequence[Answer | None] = [None] * len(group)
            try:
                done = self._work([job for job, _ in group])
                assert len(done) == len(group), "every job is answered"
                answers = done
            except Exception as error:  # whosever it is: who asks alone is told of his own
                self._failed(error)
            finally:  # whatever happens, nobody waits for ever
                with self._changed:
                    self._asking = len(group) + len(self._waiting)
                for (_, waits), answer in zip(group, answers, strict=True):
                    waits.set_result(answer)
        self._ended()

    def _next(self) -> list[tuple[Job, "Future[Answer | None]"]]:
        """What waits, or nothing where nobody asked for a while: then the thread is no longer this one."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting, self._idle):
                self._thread = None
                return []
            if self._has_company or self._asking > 1 or len(self._waiting) > 1:
                self._changed.wait_for(self._are_there, self._seconds)
            group = [self._waiting.popleft()]
            size = self._size(group[0][0])
            while self._waiting and size + self._size(self._waiting[0][0]) <= self._most:
                group.append(self._waiting.popleft())
                size += self._size(group[-1][0])
            return group

    def _are_there(self) -> bool:
        """Nobody else is to be expected, or would have a place."""
        waiting = len(self._waiting)
        return waiting >= max(2, self._asking) or sum(self._size(job) for job, _ in self._waiting) >= self._most
