"""`zhizhi pg`: the embedded database by itself, for looking into it and for backups."""

import os
import shutil
import sys
import time

import click

from zhizhi.gateways.postgres.problem import DatabaseProblem
from zhizhi.gateways.postgres.server import attach, start
from zhizhi.ops.environment import NoDatabase, state_folder
from zhizhi.ops.supervise import StopRequest

POLL_SECONDS = 0.2


@click.group()
def pg() -> None:
    """内置数据库 · The embedded PostgreSQL: status, address, shell, foreground server."""


@pg.command()
def status() -> None:
    """是否在运行 · Whether it runs, and where. Exit code 1 when it does not."""
    state = state_folder()
    running = attach(state)
    click.echo(f"{state / 'postgres'}: " + ("运行中 · running" if running else "未运行 · not running"))
    sys.exit(0 if running else 1)


@pg.command()
def url() -> None:
    """运行中的数据库的地址 · The owner's address of the running database, for `DATABASE_URL`, pg_dump and the like."""
    click.echo(running_url())


@pg.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """进入 psql（需本机已装客户端） · A psql session with the running database; needs Debian's postgresql-client."""
    program = shutil.which("psql")
    if program is None:
        raise click.ClickException("没有 psql；apt-get install postgresql-client · no psql on this machine")
    os.execv(program, [program, running_url(), *arguments])  # noqa: S606 - psql, found on the path, no shell


@pg.command(name="run")
def run_server() -> None:
    """在前台运行数据库 · Run the database in the foreground until Ctrl-C."""
    stop = StopRequest()
    stop.install()
    try:
        with start(state_folder()) as server:
            click.echo(server.owner_url)
            while not stop.count and server.is_alive():
                time.sleep(POLL_SECONDS)
    except DatabaseProblem as problem:
        raise NoDatabase(problem) from problem


def running_url() -> str:
    """The owner's address. Refuses: a database that does not run."""
    running = attach(state_folder())
    if running is None:
        raise click.ClickException("未运行；请先运行 zhizhi pg run · not running; help: start `zhizhi pg run` first")
    return running.owner_url
