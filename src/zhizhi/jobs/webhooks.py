"""Webhooks leave: leaves become messages, messages become requests, and how each ended is written.

A few requests of an endpoint are under way at once, many of all: one that is slow keeps its own places, not others'.
Endpoints that fail share half of the places, so that dead ones leave room for those that live.
"""

import logging
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path

from zhizhi.core.kernel.errors import told
from zhizhi.gateways.webhooks.sender import Answered, Sender
from zhizhi.gateways.webhooks.settings import load_webhook_settings
from zhizhi.jobs.long_job import DATABASE_AWAY
from zhizhi.jobs.steps import Beat, Work
from zhizhi.jobs.telling import with_trusted_clock
from zhizhi.store.webhooks.fan_out import fan_out
from zhizhi.store.webhooks.sending import DueMessage, Tried, claim_due, write_tried
from zhizhi.usecases.webhooks.schedule import next_try

PLACES = 64
PLACES_OF_ENDPOINT = 4
PLACES_OF_FAILING = 1
STEP_SECONDS = 2.0
"""How long a step goes on claiming; then the steps beside it have their turn, while requests go on."""
LOOK_SECONDS = 0.1
LOG = logging.getLogger(__name__)


class Sending:
    """Requests under way. Only the thread of the step claims and writes; the others only send."""

    def __init__(
        self,
        sender: Sender,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._sender, self._monotonic, self._chance = sender, monotonic, chance
        self._pool = ThreadPoolExecutor(PLACES, thread_name_prefix="webhook")
        self._under_way: dict[Future[Tried], tuple[DueMessage, bool]] = {}
        self._unwritten: list[Tried] = []

    def work(self, at: datetime, beat: Beat = lambda: None) -> int:
        """Claim, send and write for a while; answers how many ended. What is still under way is written by the next."""
        started, done = self._monotonic(), 0
        while True:
            now = at + timedelta(seconds=self._monotonic() - started)
            claimed = self._claim(now)
            landed = self._land(LOOK_SECONDS)
            done += landed
            beat()
            is_over = self._monotonic() - started >= STEP_SECONDS
            if is_over or not (claimed or landed):
                return done

    def finish(self) -> int:
        """Claim nothing more and wait for what is under way; for whoever works one round only."""
        done = 0
        while self._under_way or self._unwritten:
            done += self._land(LOOK_SECONDS)
        return done

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _claim(self, now: datetime) -> int:
        busy = Counter(message.endpoint_id for message, _ in self._under_way.values())
        of_failing = sum(is_failing for _, is_failing in self._under_way.values())
        claimed = 0
        for is_failing, each, free in (
            (False, PLACES_OF_ENDPOINT, PLACES - len(self._under_way)),
            (True, PLACES_OF_FAILING, min(PLACES // 2 - of_failing, PLACES - len(self._under_way))),
        ):
            for message in claim_due(now, busy=busy, each=each, limit=free - claimed, failing=is_failing):
                self._under_way[self._pool.submit(self._send, message, now)] = (message, is_failing)
                claimed += 1
        return claimed

    def _land(self, seconds: float) -> int:
        """Write what has ended. Where the database is away it is kept, and written before anything else is claimed."""
        if self._under_way:
            done, _ = wait(self._under_way, timeout=seconds, return_when=FIRST_COMPLETED)
            for one in done:
                del self._under_way[one]
                self._unwritten.append(one.result())
        ends, self._unwritten = self._unwritten, []
        try:
            write_tried(ends)
        except DATABASE_AWAY:
            self._unwritten = ends
            raise
        return len(ends)

    def _send(self, message: DueMessage, at: datetime) -> Tried:
        try:
            if message.secrets:
                answered = self._sender.send(message.url, message.message_id, message.body, message.secrets, at)
            else:
                answered = Answered("unreadable", 0)
        except Exception as fault:
            # A sender answers with values; where one breaks instead, the message may have left all the same.
            LOG.error("a webhook could not be sent: %s", told(fault))
            answered = Answered("protocol", 0)
        is_last = answered.end in ("accepted", "gone")
        ended_at = at + timedelta(milliseconds=answered.milliseconds)
        next_at = None if is_last else next_try(message.tries + 1, ended_at, self._chance(), answered.retry_after)
        return Tried(message, at, answered.milliseconds, answered.end, answered.status, next_at)


def steps_of_webhooks(state: Path, stop: threading.Event, *, once: bool = False) -> dict[str, Work]:
    """What is committed becomes messages, and messages leave, in a thread of their own: no contact waits for them."""
    sending = Sending(Sender(load_webhook_settings(settings_file(state))))

    def reading(at: datetime, beat: Beat) -> None:
        while fan_out(at) and not stop.is_set():
            beat()

    def leaving(at: datetime, beat: Beat) -> None:
        sending.work(at, beat)
        if once:
            sending.finish()

    return {"webhook events": with_trusted_clock(reading), "webhooks": with_trusted_clock(leaving)}


def settings_file(state: Path) -> Path:
    """Where the networks of this installation are named."""
    return Path(os.environ.get("ZHIZHI_WEBHOOKS") or state / "webhooks.toml")
