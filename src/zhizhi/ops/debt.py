"""`zhizhi debt`: debt cases in, one result a line out. Pure: no database, no settings."""

import json
import sys
from pathlib import Path
from typing import NoReturn

import click

from zhizhi.core.debt.check import Difference, check_case
from zhizhi.core.debt.document import parse_cases
from zhizhi.core.debt.errors import DebtError
from zhizhi.core.debt.extension import parse_extension
from zhizhi.core.debt.facts import OFFICIAL, Tables
from zhizhi.core.debt.operations import OpName
from zhizhi.core.debt.solve import solve as solve_case
from zhizhi.core.debt.solve import to_error

EXIT_DIFFERENCE = 1
EXIT_UNREADABLE = 2

_STDIN = "-"
_SHOWN_CHARACTERS_MAX = 200


def _load_tables(_ctx: click.Context, _param: click.Parameter, file: str | None) -> Tables:
    """The official tables, with the rows of the operator's file behind them."""
    if file is None:
        return OFFICIAL
    try:
        return parse_extension(Path(file).read_bytes(), OFFICIAL)
    except OSError as error:
        raise click.BadParameter(f"无法读取 · cannot be read: {error.strerror}") from error
    except DebtError as error:
        raise click.BadParameter(f"{error.text.zh} · {error.text.en}") from error


_tables_option = click.option(
    "--tables",
    type=click.Path(dir_okay=False),
    callback=_load_tables,
    help="补录较新的 LPR 与节假日 · a file of newer LPR rows and working days, behind the shipped ones",
)


@click.group()
def debt() -> None:
    """债务算术：还款冲抵、计息等 · debt arithmetic: allocation, accrual and more."""


@debt.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@_tables_option
def solve(file: str, tables: Tables) -> None:
    """逐案求解，每案一行 JSON · solve every case of FILE (or `-`), one JSON result a line."""
    for case in _load_cases(file):
        click.echo(_to_line(solve_case(case, tables)))


@debt.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--op",
    "ops",
    multiple=True,
    type=click.Choice([name.value for name in OpName]),
    help="只核对该运算 · only this operation; repeatable",
)
@_tables_option
def check(file: str, ops: tuple[str, ...], tables: Tables) -> None:
    """与案例中的 expect 比对 · compare with what the cases of FILE expect; exits 1 on a difference."""
    cases = [case for case in _load_cases(file) if not ops or case.get("op") in ops]
    found = [differences for case in cases if (differences := check_case(case, tables))]
    for differences in found:
        for difference in differences:
            _show(difference)
    click.echo(f"核对 {len(cases)} 案，不符 {len(found)} 案 · {len(cases)} cases checked, {len(found)} differ")
    if found:
        sys.exit(EXIT_DIFFERENCE)


def _load_cases(file: str) -> list[dict[str, object]]:
    try:
        raw = sys.stdin.buffer.read() if file == _STDIN else Path(file).read_bytes()
        return parse_cases(raw)
    except OSError as error:
        click.echo(f"无法读取文件 · the file cannot be read: {error.strerror}", err=True)
        _refuse({"code": "bad_json", "message": "the file cannot be read"})
    except DebtError as error:
        _refuse(to_error(error))


def _refuse(error: dict[str, str]) -> NoReturn:
    click.echo(_to_line({"id": None, "op": None, "error": error}))
    sys.exit(EXIT_UNREADABLE)


def _to_line(result: dict[str, object]) -> bytes:
    """UTF-8 whatever the terminal speaks; half a character, which JSON may hold and UTF-8 may not, is escaped."""
    try:
        return json.dumps(result, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(result).encode("utf-8")


def _show(difference: Difference) -> None:
    click.echo(f"{_shortened(difference.case_id)}: {difference.key}")
    click.echo(f"  期望 expected {_shortened(difference.expected)}")
    click.echo(f"  得到 found    {_shortened(difference.found)}")


def _shortened(written: str) -> str:
    shown = written if len(written) <= _SHOWN_CHARACTERS_MAX else f"{written[:_SHOWN_CHARACTERS_MAX]}…"
    return shown.encode("utf-8", "backslashreplace").decode("utf-8")
