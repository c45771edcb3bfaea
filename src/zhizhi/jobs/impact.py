"""Runs that weigh a proposed pack against history, one after another."""

from collections.abc import Callable
from datetime import datetime

from zhizhi.batch.written.cases import opened_book
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.pack import Pack
from zhizhi.jobs.long_job import LongJob, work_oldest
from zhizhi.store.contacts.decided import Span, count_decisions, stream_decisions
from zhizhi.store.law.impacts import ImpactRow, advance_run, claim_run, fail_run, finish_run, give_run_back
from zhizhi.store.law.releases import NotKept, load_release
from zhizhi.usecases.impact import Impact, weigh
from zhizhi.usecases.zones import days_as_span

GONE = Text("拟议的规则包没有存档，请重新提交", "the proposed pack is not kept; help: bring it again")


class PackGone(Refused):
    """The pack that a run was asked for is not kept here."""


def work_waiting_impact(at: datetime, beat: Callable[[], None] = lambda: None) -> bool:
    """Weigh the oldest run that waits. Answers whether there was one."""

    def work(run: ImpactRow, at: datetime) -> None:
        try:
            proposed = load_release(run.sha256)
        except NotKept as error:
            raise PackGone("not_kept", GONE) from error
        finish_run(run.id, _weigh(run, proposed, beat).to_document(), at)

    return work_oldest(LongJob("impact", claim_run, work, _fail, give_run_back), at)


def _fail(run: ImpactRow, _code: str, text: Text, at: datetime) -> None:
    fail_run(run.id, text, at)


def _weigh(run: ImpactRow, proposed: Pack, beat: Callable[[], None]) -> Impact:
    since, until = days_as_span(run.since, run.until)
    span = Span(since, until, run.lender_id)
    total = count_decisions(span)
    impact = Impact()
    for done in weigh(impact, stream_decisions(span), total, proposed, opened_book):
        advance_run(run.id, done, total)
        beat()
    return impact
