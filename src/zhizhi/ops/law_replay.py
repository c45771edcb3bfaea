"""`zhizhi law replay`: every stored decision asked again under the packs that it names."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress

from zhizhi.ops.case_documents import to_line
from zhizhi.usecases.zones import days_as_span

if TYPE_CHECKING:  # the store is imported when the command runs: `zhizhi law --help` needs no database
    from zhizhi.usecases.replay import Replayed

SHOWN_MAX = 100


@click.command("replay")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="自该日起（北京时间）· from this day on")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="至该日止（含）· to this day, inclusive")
@click.option("--shown", default=SHOWN_MAX, show_default=True, help="最多列出的差异 · differences listed at most")
def replay_command(since: datetime | None, until: datetime | None, shown: int) -> None:
    """重放已存的判定，报告差异 · ask stored decisions again under the packs of then; exits 1 on a difference.

    Each difference is a line of JSON on standard output: id, instant, and each key with what was stored and what is
    answered now.
    """
    from zhizhi.store.contacts.decided import Span, count_decisions, stream_decisions
    from zhizhi.store.law.releases import keep_releases
    from zhizhi.usecases.replay import replay

    keep_releases(datetime.now(UTC))
    span = Span(*days_as_span(since and since.date(), until and until.date()))
    agreed = differing = impossible = 0
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("重放 replay", total=count_decisions(span))
        for one in replay(stream_decisions(span)):
            if one.cannot is not None:
                impossible += 1
            elif one.differences:
                differing += 1
            else:
                agreed += 1
            if not _is_same(one) and differing + impossible <= shown:
                click.echo(to_line(_told(one)))
            progress.advance(task)
    click.echo(f"一致 agreed {agreed}, 不一致 differ {differing}, 无法重放 cannot be replayed {impossible}", err=True)
    sys.exit(1 if differing or impossible else 0)


def _is_same(one: "Replayed") -> bool:
    return one.cannot is None and not one.differences


def _told(one: "Replayed") -> dict[str, object]:
    told: dict[str, object] = {
        "decision": one.then.id,
        "at": one.then.at.isoformat(),
        "engine": one.then.body["engine"],
    }
    if one.cannot is not None:
        return {**told, "cannot": one.cannot}
    return {**told, "differs": [{"key": d.key, "stored": d.stored, "now": d.now} for d in one.differences]}
