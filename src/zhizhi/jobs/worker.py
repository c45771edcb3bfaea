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

from zhizhi.jobs.audits import work_waiting_audit
from zhizhi.jobs.connecting import connected
from zhizhi.jobs.impact import work_waiting_impact
from zhizhi.jobs.imports import erase_old_refused_rows, work_waiting_import
from zhizhi.jobs.outbox import Outbox
from zhizhi.jobs.receipts import Receipts
from zhizhi.store.audits.runs import erase_audits
from zhizhi.store.transact.claims import give_up_lost_claims
from zhizhi.store.transact.sequencer import sequence

LOG = logging.getLogger(__name__)
PAUSE_SECONDS = 0.5
PAUSE_AFTER_FAULT_SECONDS = 3.0
UPLOADS_LOOK_EVERY = 4  # pauses between two looks for uploads


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
    if not once:  # a book takes minutes, and no message waits for it
        threading.Thread(target=work_at_length, args=(state / "uploads", stop), name="long work", daemon=True).start()
    with connected(state, _now) as here:
        outbox, receipts = Outbox(here.channels, f"worker {os.getpid()}"), Receipts(here.channels)
        while not stop.is_set():
            pause = PAUSE_SECONDS
            try:
                work_round(outbox, receipts, _now())
            except OperationalError as error:  # the database is away: nothing leaves; look again until it is back
                pause = _database_away(error)
            if once:
                return
            stop.wait(pause)


def work_at_length(uploads: Path, stop: threading.Event) -> None:
    """What takes minutes, until the worker stops: imports, packs to weigh against history, logs to audit.

    Refused rows and findings that are old enough are erased on the way.
    """
    while not stop.is_set():
        pause = PAUSE_SECONDS
        try:
            while not stop.is_set() and work_waiting_import(uploads, _now()):
                LOG.info("an upload was worked")
            while not stop.is_set() and work_waiting_impact(_now()):
                LOG.info("a pack was weighed")
            while not stop.is_set() and work_waiting_audit(uploads, _now()):
                LOG.info("a contact log was audited")
            erase_old_refused_rows(_now())
            erase_audits(_now())
        except OperationalError as error:
            pause = _database_away(error)
        stop.wait(pause * UPLOADS_LOOK_EVERY)


def _database_away(error: OperationalError) -> float:
    LOG.warning("the database is away: %s", type(error).__name__)
    close_old_connections()
    return PAUSE_AFTER_FAULT_SECONDS


def _now() -> datetime:
    return datetime.now(UTC)


def work_round(outbox: Outbox, receipts: Receipts, at: datetime) -> None:
    """One round: what is due leaves, what came back is worked on, what was committed is numbered."""
    give_up_lost_claims(at)
    outbox.drain(at)
    receipts.pull(at)
    sequence(at)
