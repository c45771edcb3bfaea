"""`zhizhi worker`: what runs without a person, until it is told to stop."""

import logging
import os
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
from django.db import OperationalError, close_old_connections

from zhizhi.jobs.connecting import connected
from zhizhi.jobs.outbox import Outbox
from zhizhi.jobs.receipts import Receipts
from zhizhi.store.transact.claims import give_up_lost_claims
from zhizhi.store.transact.sequencer import sequence

LOG = logging.getLogger(__name__)
PAUSE_SECONDS = 0.5
PAUSE_AFTER_FAULT_SECONDS = 3.0


@click.command()
@click.option("--once", is_flag=True, help="只做一轮 · one round only")
def worker(once: bool) -> None:
    """后台任务：发出、回执、存证编号 · Deliver, fetch receipts, number leaves, until stopped."""
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    state = Path(os.environ["ZHIZHI_STATE"])
    with connected(state, _now) as here:
        outbox, receipts = Outbox(here.channels, f"worker {os.getpid()}"), Receipts(here.channels)
        while not stop.is_set():
            pause = PAUSE_SECONDS
            try:
                work_round(outbox, receipts, _now())
            except OperationalError as error:  # the database is away: nothing leaves; look again until it is back
                LOG.warning("the database is away: %s", type(error).__name__)
                close_old_connections()
                pause = PAUSE_AFTER_FAULT_SECONDS
            if once:
                return
            stop.wait(pause)


def _now() -> datetime:
    return datetime.now(UTC)


def work_round(outbox: Outbox, receipts: Receipts, at: datetime) -> None:
    """One round: what is due leaves, what came back is worked on, what was committed is numbered."""
    give_up_lost_claims(at)
    outbox.drain(at)
    receipts.pull(at)
    sequence(at)
