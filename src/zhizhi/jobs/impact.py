"""Runs that weigh a proposed pack against history, one after another."""

from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.pack import Pack
from zhizhi.store.contacts.decided import Span, count_decisions, stream_decisions
from zhizhi.store.law.impacts import ImpactRow, advance_run, claim_run, fail_run, finish_run
from zhizhi.store.law.releases import NotKept, load_release
from zhizhi.usecases.impact import Impact, weigh_chunks
from zhizhi.usecases.zones import days_as_span

GONE = Text("拟议的规则包没有存档，请重新提交", "the proposed pack is not kept; help: bring it again")


def work_waiting_impact(at: datetime) -> bool:
    """Weigh the oldest run that waits. Answers whether there was one."""
    with claim_run() as run:
        if run is None:
            return False
        try:
            finish_run(run.id, _weigh(run, load_release(run.sha256)).to_document(), at)
        except NotKept:
            fail_run(run.id, GONE, at)
    return True


def _weigh(run: ImpactRow, proposed: Pack) -> Impact:
    since, until = days_as_span(run.since, run.until)
    span = Span(since, until, run.lender_id)
    total = count_decisions(span)
    impact = Impact()
    for done in weigh_chunks(impact, stream_decisions(span), proposed):
        advance_run(run.id, done, total)
    return impact
