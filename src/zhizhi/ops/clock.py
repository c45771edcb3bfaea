"""`zhizhi clock`: what this machine's clock is worth, and the word of a person after a step."""

from datetime import UTC, datetime, timedelta

import click

from zhizhi.core.kernel.errors import Refused
from zhizhi.store.operations.clock_guard import ClockGuard
from zhizhi.store.operations.clock_marks import access_clocks
from zhizhi.usecases.accept_clocks import accept_clocks

MILLISECOND = timedelta(milliseconds=1)


@click.group()
def clock() -> None:
    """核对时钟：时钟不可信时不联系任何人 · Check the clocks: while they are not trusted, nobody is contacted."""


@clock.command()
def show() -> None:
    """显示本机与数据库时钟之差；不可信则退出码为 1 · Show how far apart the clocks are; exit 1 where not trusted."""
    judged, known = ClockGuard().look(), access_clocks()
    latest = known.latest_known.isoformat(timespec="seconds") if known.latest_known else "—"
    click.echo(f"数据库时钟 · database clock      {known.database.isoformat(timespec='seconds')}")
    click.echo(f"本机快 · this machine is ahead    {judged.ahead // MILLISECOND} ms")
    click.echo(f"最近可信时刻 · latest trusted     {latest}")
    if judged.why is not None:
        raise click.ClickException(f"{judged.why.zh}\n{judged.why.en}")
    click.echo("可信 · trusted")


@clock.command()
@click.option("--ground", required=True, help="核对了什么（至少 6 个字） · what was checked")
def accept(ground: str) -> None:
    """核实后认定现在的时钟正确（写入存证） · Say, having checked, that the clocks are right now; leaves a leaf."""
    try:
        accept_clocks(ground, datetime.now(UTC))
    except Refused as refused:
        raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
    click.echo("已认定；各进程数秒内恢复 · accepted; every process goes on within seconds")
