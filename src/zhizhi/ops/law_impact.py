"""`zhizhi law impact`: what a proposed pack would have done to the decisions of a span."""

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from zhizhi.core.conduct.replay import Shift
from zhizhi.core.law.errors import PackError
from zhizhi.ops.law_words import one_pack_named
from zhizhi.usecases.zones import days_as_span

if TYPE_CHECKING:  # the store is imported when the command runs: `zhizhi law --help` needs no database
    from zhizhi.usecases.impact import Impact

SHIFTS = {
    Shift.SAME: "不变 same",
    Shift.NEWLY_REFUSED: "新拒绝 newly refused",
    Shift.NEWLY_HELD: "新待核定 newly held",
    Shift.NEWLY_PERMITTED: "新准许 newly permitted",
    Shift.OTHER_GROUND: "理由或时间不同 other ground or instant",
}
DIMENSIONS = {
    "rule": "规则 rule",
    "channel": "渠道 channel",
    "stage": "阶段 stage",
    "collector": "催收方 collector",
    "day": "日 day",
}


@click.command("impact")
@click.argument("name", metavar="PACK")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="自该日起（北京时间）· from this day on")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="至该日止（含）· to this day, inclusive")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · one JSON document instead of tables")
def impact_command(name: str, since: datetime | None, until: datetime | None, as_json: bool) -> None:
    """以拟议的规则包重判历史 · decide history again under a pack: a folder, or an id of this release."""
    from zhizhi.batch.written.cases import opened_book
    from zhizhi.store.contacts.decided import Span, count_decisions, stream_decisions
    from zhizhi.store.law.releases import keep_releases
    from zhizhi.usecases.impact import Impact, weigh

    try:
        proposed = one_pack_named(name)
    except PackError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    keep_releases(datetime.now(UTC))
    span = Span(*days_as_span(since and since.date(), until and until.date()))
    impact = Impact()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        total = count_decisions(span)
        task = progress.add_task("重判 deciding again", total=total)
        for done in weigh(impact, stream_decisions(span), total, proposed, opened_book):
            progress.update(task, completed=done)
    if as_json:
        click.echo(json.dumps(impact.to_document(), ensure_ascii=False))
    else:
        _tables(impact)


def _tables(impact: "Impact") -> None:
    console = Console(width=None if sys.stdout.isatty() else 110)
    document = impact.to_document()
    total = Table("结果 outcome", "判定数 decisions")
    for kind, text in SHIFTS.items():
        total.add_row(text, f"{document['shifts'][kind.value]:,}")
    total.add_row("与此规则包无关 not concerned", f"{impact.not_concerned:,}")
    for name, count in impact.cannot.items():
        total.add_row(f"无法重判 cannot be asked: {name}", f"{count:,}")
    console.print(total)
    for name, title in DIMENSIONS.items():
        changed = {key: counts for key, counts in document["along"][name].items() if set(counts) - {"same"}}
        if changed:
            console.print(_table(title, changed))


def _table(title: str, changed: dict[str, dict[str, int]]) -> Table:
    kinds = [kind for kind in SHIFTS if kind is not Shift.SAME]
    table = Table(title, *(SHIFTS[kind] for kind in kinds))
    for key, counts in changed.items():
        table.add_row(key, *(f"{counts.get(kind.value, 0):,}" for kind in kinds))
    return table
