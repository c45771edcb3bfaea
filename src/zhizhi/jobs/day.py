"""`zhizhi day`: one run of a day for every lender, with a progress bar and figures that add up."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from zhizhi.core.kernel.errors import Refused
from zhizhi.jobs.connecting import connected
from zhizhi.jobs.filing import file_templates
from zhizhi.jobs.floor import Floor
from zhizhi.jobs.outbox import Outbox
from zhizhi.jobs.receipts import Receipts
from zhizhi.store import channels as store_channels
from zhizhi.store.strategy.working import DayFigures, load_lenders
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.run_day import RunDay, run_day
from zhizhi.usecases.zones import civil_day


@click.command()
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="用演示时钟处理这一天（仅演示发件箱） · work this day on a declared clock (demonstration outbox only)",
)
@click.option("--lender", "only", metavar="CODE", help="只处理这家机构 · this lender only")
def day(on: datetime | None, only: str | None) -> None:
    """处理一个工作日：变龄、承诺、策略、判定、发出 · Work one day: age, promises, strategy, decide, deliver."""
    started = datetime.now(UTC)
    origin = "declared" if on else "system"
    business_day: date = on.date() if on else civil_day(started)
    lenders = [row for row in load_lenders() if only in (None, row[1])]
    if not lenders:
        raise click.ClickException("没有机构；请先导入账本 · there is no lender; help: import a book first")
    state = Path(os.environ["ZHIZHI_STATE"])
    console = Console()
    figures: dict[str, DayFigures] = {}
    with connected(state, _now) as here:
        outbox = Outbox(here.channels, f"day {os.getpid()}", origin=origin, at_once=here.at_once)
        receipts, floor = Receipts(here.channels), Floor(f"floor {os.getpid()}")

        def deliver(at: datetime) -> None:
            floor.drain(at)
            outbox.drain(at)

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            for lender_id, code, is_synthetic in lenders:
                file_templates(here.channels, lender_id)
                by_floor = {"voice": store_channels.FLOOR} if on and is_synthetic else {}
                store_channels.install({**here.settings.gateways, **by_floor})
                task = progress.add_task(code, total=None)

                def advance(_lender: str, done: int, total: int, task: TaskID = task) -> None:
                    progress.update(task, completed=done, total=total)

                try:
                    figures[code] = run_day(RunDay(lender_id, business_day, origin), started, deliver, advance)
                except Refused as refused:
                    raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
                receipts.pull(datetime.now(UTC))
        sequenced = sequence_all(datetime.now(UTC))
    show(console, business_day, figures)
    console.print(f"存证 · evidence: {sequenced.size} 条 leaves, +{sequenced.added}")


def _now() -> datetime:
    return datetime.now(UTC)


def show(console: Console, on: date, figures: dict[str, DayFigures]) -> None:
    """The summary table: every line adds up to the one above it."""
    table = Table(title=f"{on} 运行结果 · the day's run", title_justify="left")
    table.add_column("")
    for code in figures:
        table.add_column(code, justify="right")
    table.add_column("合计 total", justify="right", style="bold")
    rows: dict[str, Callable[[DayFigures], int]] = {
        "策略意愿 wishes": lambda f: f.wishes,
        "  渠道未接入 skipped": lambda f: f.skipped,
        "提案 proposals": lambda f: f.wishes - f.skipped,
        "  许可 permitted": lambda f: f.permitted,
        "    已送出 delivered": lambda f: f.deliveries.get("delivered", 0),
        "    未成 failed": lambda f: f.deliveries.get("failed", 0) + f.deliveries.get("cancelled", 0),
        "      其中无人拨打 calls nobody made": lambda f: f.calls_not_made,
        "    等待 waiting": lambda f: sum(f.deliveries.get(state, 0) for state in ("waiting", "claimed", "unknown")),
        "  拒绝 refused": lambda f: f.refused,
        "  待人工核定 held": lambda f: f.held,
        "  未到时点 later": lambda f: f.planned,
    }
    for label, count in rows.items():
        counts = [count(one) for one in figures.values()]
        table.add_row(label, *(f"{value:,}" for value in counts), f"{sum(counts):,}")
    console.print(table)
    _show_reasons(console, "拒绝理由 refused by rule", [one.refused_by_rule for one in figures.values()])
    _show_reasons(console, "待核定理由 held by rule", [one.held_by_rule for one in figures.values()])


def _show_reasons(console: Console, title: str, counted: list[dict[str, int]]) -> None:
    total: dict[str, int] = {}
    for counts in counted:
        for rule, count in counts.items():
            total[rule] = total.get(rule, 0) + count
    if not total:
        return
    table = Table(title=title, title_justify="left")
    table.add_column("规则 rule")
    table.add_column("", justify="right")
    for rule, count in sorted(total.items(), key=lambda pair: (-pair[1], pair[0])):
        table.add_row(rule, f"{count:,}")
    console.print(table)
