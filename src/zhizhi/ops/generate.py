"""`zhizhi generate`: write the synthetic demonstration book to a folder."""

from datetime import date, datetime
from pathlib import Path
from typing import cast

import click

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.generator.book import Book
from zhizhi.gateways.generator.parameters import Calibration
from zhizhi.gateways.generator.refusal import BookRefused
from zhizhi.gateways.generator.tables import TABLES
from zhizhi.gateways.generator.writing import Format, write_book

_DONE = Text(
    zh="已生成合成数据：{accounts} 个账户，{files} 个文件，目录 {out}（种子 {seed}，截至 {on} 开业前）",
    en="synthetic book written: {accounts} accounts, {files} files, folder {out} (seed {seed}, before {on} opens)",
)


@click.command(name="generate")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="输出目录 · folder to write to"
)
@click.option(
    "--accounts", default=5000, show_default=True, type=click.IntRange(min=1), help="账户数 · number of accounts"
)
@click.option("--seed", default=20260301, show_default=True, type=click.IntRange(0, 2**63 - 1), help="种子 · the seed")
@click.option(
    "--on",
    default="2026-03-02",
    show_default=True,
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="截至日 · the as-of day",
)
@click.option(
    "--calibration", default="prime", show_default=True, type=click.Choice(["prime", "weak"]), help="校准 · calibration"
)
@click.option(
    "--format", "format_", default="csv", show_default=True, type=click.Choice(["csv", "parquet"]), help="格式 · format"
)
@click.option(
    "--only", multiple=True, type=click.Choice(list(TABLES)), help="只写这些文件 · write only these files (repeatable)"
)
def generate(
    *, out: Path, accounts: int, seed: int, on: datetime, calibration: str, format_: str, only: tuple[str, ...]
) -> None:
    """生成合成演示数据 · write a synthetic demonstration book; the same seed gives the same bytes."""
    day = date(on.year, on.month, on.day)
    try:
        book = Book(seed, day, cast(Calibration, calibration))
        with click.progressbar(length=accounts, label="生成 · generating") as bar:
            done = 0

            def progress(count: int) -> None:
                nonlocal done
                bar.update(count - done)
                done = count

            manifest = write_book(book, out, accounts, format=cast(Format, format_), only=only, progress=progress)
    except BookRefused as error:
        raise click.ClickException(str(error)) from error
    files = manifest["files"]
    told = _DONE.fill(accounts=accounts, files=len(cast(dict[str, object], files)), out=out, seed=seed, on=day)
    click.echo(told.zh)
    click.echo(told.en)
