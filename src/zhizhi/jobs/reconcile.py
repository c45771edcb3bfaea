"""`zhizhi reconcile`: what carriers, providers and agencies recorded, against the permits that were used."""

import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.table import Table

from zhizhi.core.kernel.errors import Refused
from zhizhi.jobs.reconciliation import Worked, complete, load_sources, look_at, reconcile_file, settings_file, work_due
from zhizhi.store.reconciliation.runs import working_source
from zhizhi.store.transact.reconciling import Counts
from zhizhi.usecases.reconciliation.sources import KINDS

STATES = {
    "matched": "已核对 matched",
    "late": "迟到 late",
    "unreadable": "无法读取 unreadable",
    "refused": "设置有误 settings refused",
}
FIGURES: dict[str, Callable[[Counts], int]] = {
    "行 rows": lambda counts: counts.rows,
    "一致 agreed": lambda counts: counts.agreed,
    "不符 differing": lambda counts: counts.differing,
    "无许可 unmatched": lambda counts: counts.unmatched,
    "呼入 inbound": lambda counts: counts.inbound,
    "未读入 rejected": lambda counts: counts.rejected,
    "许可 permits": lambda counts: counts.permits,
    "无记录 missing": lambda counts: counts.missing,
    "跨日 carried": lambda counts: counts.carried,
}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def reconcile() -> None:
    """对账：话单、回执、委外清单与触达许可 · Others' records of our contacts against the permits that were used."""


@reconcile.command("run")
@click.option(
    "--source", "code", metavar="CODE", help="只处理这个来源的一天（与 --on 合用） · one source's day, with --on"
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="哪一天 · which day")
@click.option(
    "--file", "path", type=click.Path(path_type=Path), help="改用此文件 · this file instead of the one expected"
)
def run_command(code: str | None, on: datetime | None, path: Path | None) -> None:
    """核对到期的文件 · Reconcile what is due; exits 1 where anything did not match, 2 where settings are wrong."""
    at = datetime.now(UTC)
    if (code is None) != (on is None) or (path is not None and code is None):
        raise click.UsageError("--source 与 --on 须一起用 · --source and --on go together")
    try:
        worked = [_one(code, on.date(), path, at)] if code and on else work_due(_settings(), at)
    except Refused as refused:
        _fail(refused)
    _show(worked)
    if any(one.state == "refused" for one in worked):
        sys.exit(2)
    sys.exit(1 if any(_is_wrong(one) for one in worked) else 0)


@reconcile.command("check")
def check_command() -> None:
    """检查设置与映射 · Read the settings and maps and say what was understood."""
    table = Table(box=None, pad_edge=False)
    for heading in (
        "来源 source",
        "种类 kind",
        "机构 lender",
        "渠道 channels",
        "昨日文件 file of yesterday",
        "截止 due by",
    ):
        table.add_column(heading)
    settings, at = _settings(), datetime.now(UTC)
    try:
        for source in load_sources(settings):
            whole, _ = complete(source, settings)
            on = whole.yesterday(at)
            kind = KINDS[whole.kind]
            cells = (whole.code, f"{kind.zh} {kind.en}", whole.lender, " ".join(whole.channels), whole.file_of(on))
            table.add_row(*cells, f"{whole.due_at(on).astimezone(whole.zone):%Y-%m-%d %H:%M %Z}")
    except Refused as refused:
        _fail(refused)
    if not table.row_count:
        click.echo(f"没有来源 · no source in {settings.name}; docs/reconcile.md")
        return
    Console().print(table)


def _one(code: str, on: date, path: Path | None, at: datetime) -> Worked:
    settings = _settings()
    found = [source for source in load_sources(settings) if source.code == code]
    if not found:
        raise click.UsageError(f"没有来源 `{code}` · there is no source `{code}`")
    source, lender_id = complete(found[0], settings)
    if at < source.ready_at(on):
        raise click.UsageError("这一天还没有结束 · that day is not over")
    with working_source(code) as is_ours:
        if not is_ours:
            raise click.ClickException("另一个进程正在核对此来源 · another process works this source")
        seen = look_at(path or Path(source.folder) / source.file_of(on))
        if seen is None:
            raise click.UsageError("没有这个文件 · there is no such file")
        return reconcile_file(source, lender_id, on, seen, at)


def _settings() -> Path:
    return settings_file(Path(os.environ["ZHIZHI_STATE"]))


def _is_wrong(worked: Worked) -> bool:
    counts = worked.counts
    return counts is None or bool(counts.differing + counts.unmatched + counts.missing + counts.rejected)


def _show(worked: list[Worked]) -> None:
    if not worked:
        click.echo("没有到期的文件 · nothing is due")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("来源 source", "日 day", "状态 state"):
        table.add_column(heading)
    for heading in FIGURES:
        table.add_column(heading, justify="right")
    for one in worked:
        figures = [f"{figure(one.counts):,}" if one.counts else "" for figure in FIGURES.values()]
        table.add_row(one.source, one.on.isoformat(), STATES[one.state], *figures)
    Console().print(table)
    for one in worked:
        if one.text is not None:
            click.echo(f"{one.source} {one.on}: {one.text.zh} · {one.text.en}")


def _fail(refused: Refused) -> NoReturn:
    click.echo(f"{refused.text.zh}\n{refused.text.en}", err=True)
    sys.exit(2)
