"""`zhizhi keys`: how the keys of personal data stand, and their rotation while work goes on."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import click

from zhizhi.core.kernel.errors import KeyUnavailable, Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.rotation.rotate import (
    GRACE_SECONDS,
    Rotated,
    bring_on,
    rotate_data,
    rotate_root,
    rotate_wrapping,
    standing,
)

T = TypeVar("T")
TOLD_EVERY_SECONDS = 2.0
STEPS = {
    "wrapping": Text("已重新封装 {n} 位客户的密钥", "rings wrapped anew: {n}"),
    "root": Text("已重新封存 {n} 项", "values sealed anew: {n}"),
    "announcing": Text("新密钥已预告，至客户编号 {n}", "new keys announced, up to person {n}"),
    "waiting": Text("等待 {n} 个较早开始的事务结束", "waiting for transactions that began before: {n}"),
    "sealing": Text("已以新密钥重新封存 {n} 位客户", "persons sealed anew: {n}"),
}


@click.group()
def keys() -> None:
    """个人信息密钥：状态与在线轮换 · Keys of personal data: how they stand, and rotation while work goes on."""


@keys.command()
def status() -> None:
    """显示密钥版本与尚待处理的数量；有则退出码为 1 · Show versions and what is left; exit 1 where something is."""
    found = _asked(standing)
    click.echo(f"封装密钥 · wrapping key    v{found.wrapping}: {found.rings[0]} / {found.rings[1]}")
    click.echo(f"根密钥 · root              v{found.root}: {found.values[0]} / {found.values[1]}")
    if found.unfinished is not None:
        raise click.ClickException(
            f"有未完成的轮换，请继续 · a rotation is unfinished; go on: zhizhi keys rotate {found.unfinished}"
        )
    if found.rings[0] < found.rings[1] or found.values[0] < found.values[1]:
        raise click.ClickException("尚有旧版本，请运行 · older versions are left; help: zhizhi keys rewrap")


@keys.command()
@click.argument("kind", type=click.Choice(["wrapping", "data", "root"]))
@click.option(
    "--grace", type=click.FloatRange(0, 600), default=GRACE_SECONDS, show_default=True,
    help="data：启用新密钥前的等待秒数，不短于最长的请求 · seconds before a new data key is used; the longest request",
)  # fmt: skip
def rotate(kind: str, grace: float) -> None:
    """轮换密钥，系统照常运行；中断后再次运行即继续 · Rotate keys; work goes on. Run it again after a break: it goes on.

    wrapping：密钥服务的主密钥 · the key service's own. data：每位客户的数据密钥 · the data key of every person.
    root：列表与系统密钥 · keys of lists and of the product.
    """
    at, told = datetime.now(UTC), progress()
    run: dict[str, Callable[[], Rotated]] = {
        "wrapping": lambda: rotate_wrapping(at, told),
        "data": lambda: rotate_data(at, told, grace),
        "root": lambda: rotate_root(at, told),
    }
    done = _asked(run[kind])
    click.echo(f"已完成 · done: {done.kind} v{done.aim}, {done.done}")
    if done.unopened:
        raise click.ClickException(
            f"{done.unopened} 项无法以任何密钥打开，已原样保留 · that no key opens, left as they were: {done.unopened}"
        )


@keys.command()
def rewrap() -> None:
    """把仍在旧版本下的改到最新版本 · Bring what is left under older versions to the newest."""
    rings, values = _asked(lambda: bring_on(progress()))
    click.echo(f"已完成 · done: {rings} + {values}")


def _asked(run: Callable[[], T]) -> T:
    try:
        return run()
    except Refused as refused:
        raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
    except KeyUnavailable as away:
        text = getattr(away, "text", Text("密钥不可用", "no key is available now"))
        raise click.ClickException(f"{text.zh} · {text.en}") from away


def progress() -> Callable[[str, int], None]:
    """Tells a step at most every two seconds, on the error stream."""
    told_at = dict.fromkeys(STEPS, 0.0)

    def tell(step: str, n: int) -> None:
        now = time.monotonic()
        if now - told_at[step] >= TOLD_EVERY_SECONDS:
            told_at[step] = now
            text = STEPS[step].fill(n=n)
            sys.stderr.write(f"{text.zh} · {text.en}\n")

    return tell
