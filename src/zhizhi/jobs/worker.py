"""`zhizhi worker`: what runs without a person, until it is told to stop."""

import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
from django.conf import settings

from zhizhi.gateways.invitations.settings import open_invitation_sender
from zhizhi.jobs.audits import work_waiting_audit
from zhizhi.jobs.connecting import Connected, connected
from zhizhi.jobs.debits import steps_of_debits
from zhizhi.jobs.erasures import steps_of_erasures
from zhizhi.jobs.impact import work_waiting_impact
from zhizhi.jobs.imports import work_waiting_import
from zhizhi.jobs.invitations import steps_of_invitations
from zhizhi.jobs.long_job import leave_long_work
from zhizhi.jobs.outbox import Outbox
from zhizhi.jobs.receipts import Receipts
from zhizhi.jobs.reconciliation import settings_file, work_due
from zhizhi.jobs.steps import Beat, Work, WorkerThread
from zhizhi.jobs.telling import fall_silent, tell_heartbeats, with_trusted_clock
from zhizhi.jobs.webhooks import steps_of_webhooks
from zhizhi.store.canaries.alarms import seal_alarms
from zhizhi.store.operations.tallies import count_leaves
from zhizhi.store.transact.claims import give_up_lost_claims
from zhizhi.store.transact.sequencer import sequence
from zhizhi.usecases.campaigns.running import work_campaigns
from zhizhi.usecases.claim_contacts import claim_campaign_contacts
from zhizhi.usecases.portal.answering import answer_requests
from zhizhi.usecases.work_inbox import work_inbox

PAUSE_SECONDS = 0.5
LONG_WORK_PAUSE_SECONDS = 2.0


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
        deliveries = WorkerThread("deliveries", steps_of_deliveries(here), _now, tell_heartbeats)
        campaigns = WorkerThread("campaigns", steps_of_campaigns(stop), _now, tell_heartbeats)
        mail = steps_of_invitations(open_invitation_sender(here.settings, settings.ORIGIN), _now)
        told = {**steps_of_webhooks(state, stop, once=once), **mail}
        webhooks = WorkerThread("webhooks", told, _now, tell_heartbeats)
        if once:
            for thread in (campaigns, deliveries, webhooks):
                thread.take_all(stop)
            fall_silent()
            for thread in (campaigns, deliveries, webhooks):
                _complain_of(thread)
            return
        deciding = (stop, PAUSE_SECONDS)
        for beside in (campaigns, webhooks):
            threading.Thread(target=beside.run, args=deciding, name=beside.name, daemon=True).start()
        long_work = WorkerThread("long work", steps_of_long_work(state, stop), _now, tell_heartbeats)
        at_length = (stop, LONG_WORK_PAUSE_SECONDS)
        threading.Thread(target=long_work.run, args=at_length, name=long_work.name, daemon=True).start()
        deliveries.run(stop, PAUSE_SECONDS)
        leave_long_work()
        fall_silent()


def steps_of_deliveries(here: Connected) -> dict[str, Work]:
    """What is due leaves, what came back is kept and worked on, what was committed is numbered."""
    outbox = Outbox(here.channels, f"worker {os.getpid()}", at_once=here.at_once)
    receipts = Receipts(here.channels)

    def fetching(gateway: str) -> Work:
        return lambda at, beat: receipts.fetch(gateway, at)

    return {
        "portal requests": with_trusted_clock(lambda at, beat: answer_requests(at)),
        "lost claims": with_trusted_clock(lambda at, beat: give_up_lost_claims(at)),
        "outbox": with_trusted_clock(lambda at, beat: outbox.drain(at, beat=beat)),
        "outbox of campaigns": with_trusted_clock(lambda at, beat: outbox.send(claim_campaign_contacts, at, beat=beat)),
        **{f"receipts of {gateway}": fetching(gateway) for gateway in here.channels},
        "inbox": lambda at, beat: work_inbox(at),
        "canary alarms": with_trusted_clock(lambda at, beat: seal_alarms(at)),
        "sequencer": with_trusted_clock(lambda at, beat: sequence(at)),
        "counts": lambda at, beat: count_leaves(),
    }


def steps_of_campaigns(stop: threading.Event) -> dict[str, Work]:
    """Campaigns ask the law in a thread of their own: what is due leaves meanwhile."""

    def work(_at: datetime, beat: Beat) -> None:
        while work_campaigns(_now(), beat) and not stop.is_set():
            beat()

    return {"campaigns": with_trusted_clock(work)}


def steps_of_long_work(state: Path, stop: threading.Event) -> dict[str, Work]:
    """What takes minutes and no message waits for: imports, packs to weigh, logs to audit, others' records to
    reconcile; what may be kept no longer is erased."""
    uploads = state / "uploads"

    def one_by_one(work_oldest: Callable[[datetime, Beat], bool]) -> Work:
        def work(_at: datetime, beat: Beat) -> None:
            while not stop.is_set() and work_oldest(_now(), beat):
                beat()

        return work

    return {
        "imports": one_by_one(lambda at, beat: work_waiting_import(uploads, at, beat)),
        "impact": one_by_one(work_waiting_impact),
        "audits": one_by_one(lambda at, beat: work_waiting_audit(uploads, at, beat)),
        "reconciliation": lambda at, beat: work_due(settings_file(state), at, beat),
        **steps_of_debits(state),
        **steps_of_erasures(uploads),
    }


def _complain_of(thread: WorkerThread) -> None:
    """One round that met an exception did not succeed, whatever else it did."""
    failing = [f"{step.name}: {step.fault}" for step in thread.progress().failing]
    if failing:
        raise click.ClickException("本轮未全部完成 · the round did not succeed\n" + "\n".join(failing))


def _now() -> datetime:
    return datetime.now(UTC)
