"""`zhizhi run`: the whole product with one command, in the embedded size; what is started here ends here.

The order: database, migrate, (first start) the demonstration book or the book that was named, one business day, then
web server, worker and the local provider, which are watched until Ctrl-C, a polite kill or a closed terminal. After
kill -9 the kernel ends the children, and the next start recovers.
"""

import contextlib
import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import click
from rich.console import Console
from rich.panel import Panel

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.connected import SIP, ChannelsRefused, load_settings
from zhizhi.gateways.postgres import external
from zhizhi.ops.environment import Surroundings, prepared_environment, state_folder
from zhizhi.ops.supervise import Child, StoppedError, StopRequest, Supervisor

PORT = 8000
SINK_PORT = 8800
PORTS_TRIED_MAX = 100
DATABASE_LOOK_SECONDS = 1.0
HEALTH_PATH = "/healthz"
SIGN_INS = "demonstration-sign-ins.txt"  # written by the step that loads the demonstration book, shown as it is
ZHIZHI = (sys.executable, "-m", "zhizhi")


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for."""

    book: Path | None
    map: Path | None
    port: int
    has_demonstration: bool
    day: str


@dataclass(frozen=True, slots=True)
class Step:
    """One command that runs to its end before the product is open. With `once` it is not repeated on this database."""

    name: str
    title: Text
    argv: tuple[str, ...]
    once: bool = False


class RunFailed(click.ClickException):
    """Why the product could not be started, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")


def steps_of(options: Options, state: Path) -> list[Step]:
    """The commands before the doors open, in order."""
    steps = [Step("migrate", Text(zh="升级数据库", en="migrate"), (*ZHIZHI, "migrate"))]
    if options.book is not None:
        mapped = ("--map", str(options.map)) if options.map else ()
        steps.append(Step("import", Text(zh="导入账本", en="import"), (*ZHIZHI, "import", str(options.book), *mapped)))
    elif options.has_demonstration:
        folder = str(state / "demonstration")
        generate = (*ZHIZHI, "generate", "--out", folder, "--on", options.day)
        steps += [
            Step("generate", Text(zh="生成演示账本", en="generate"), generate, once=True),
            Step("demonstration", Text(zh="装入演示账本", en="load"), (*ZHIZHI, "import", folder), once=True),
        ]
    defaults = Text(zh="装入默认策略与演示账号", en="default strategies and demonstration sign-ins")
    steps.append(Step("defaults", defaults, (*ZHIZHI, "defaults", "--demonstration")))
    # a declared day works at any real hour; it refuses to start where a real channel is connected
    on = ("--on", options.day)
    return [*steps, Step("day", Text(zh="处理一个工作日", en="one business day"), (*ZHIZHI, "day", *on))]


def children_of(listening: socket.socket, sink_port: int, state: Path) -> list[Child]:
    """What stays open, in the order of starting: who delivers needs somewhere to deliver to.

    The web server's socket is ours, so after a crash it loses no address and no caller.
    """
    number = listening.fileno()
    address = address_of(listening)
    sink = (*ZHIZHI, "sink", "--state", str(state / "sink"), "--port", str(sink_port))
    return [
        Child("sink", sink, health_url=f"http://127.0.0.1:{sink_port}/"),
        Child("worker", (*ZHIZHI, "worker")),
        Child("web", (*ZHIZHI, "web", "--fd", str(number)), health_url=address + HEALTH_PATH, pass_fds=(number,)),
        *([Child("voice", (*ZHIZHI, "voice"))] if has_telephones(state) else []),
    ]


def has_telephones(state: Path) -> bool:
    """Whether the system places calls here. Refuses: channels that cannot be read."""
    try:
        channels = load_settings(Path(os.environ.get("ZHIZHI_CHANNELS") or state / "channels.toml"))
    except ChannelsRefused as refused:
        raise RunFailed(zh=refused.text.zh, en=refused.text.en) from refused
    return channels.gateways.get("voice") == SIP


@click.command()
@click.option("--book", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="自己的账本 · your own book")
@click.option("--map", "map_", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="列映射 · its map")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="被占用则用下一个 · or next"
)
@click.option("--no-demo", is_flag=True, help="不装入演示账本 · no demonstration book")
@click.option("--on", "day", metavar="DATE", help="处理哪一天（缺省：今天；演示账本为昨天） · which day")
def run(book: Path | None, map_: Path | None, port: int, no_demo: bool, day: str | None) -> None:
    """一条命令运行整个系统 · Run the whole product: database, book, one business day, console and worker."""
    if map_ is not None and book is None:
        raise click.UsageError("--map 需要 --book · --map needs --book")
    is_demonstration = book is None and not no_demo
    # yesterday, so that nothing that the demonstration did lies ahead of whoever looks at it now
    business_day = day or day_in_china(back=1 if is_demonstration else 0)
    options = Options(book, map_, port, is_demonstration, business_day)
    console = Console()
    stop = StopRequest()
    stop.install()
    try:
        with only_one(state_folder()) as lock, prepared_environment() as surroundings:
            Run(options, surroundings, console, stop).go(lock)
    except StoppedError:
        console.print("已停止 · stopped")


class Run:
    """One run of the product, from the first step to the last child's end."""

    def __init__(self, options: Options, surroundings: Surroundings, console: Console, stop: StopRequest) -> None:
        self.options = options
        self.surroundings = surroundings
        self.console = console
        self.stop = stop
        self.next_look = 0.0
        self.listening = open_port(options.port)
        self.children = children_of(self.listening, two_free_ports(), surroundings.state)
        self.supervisor = Supervisor(surroundings.state / "log", os.environ, stop, self.say)

    def say(self, text: Text) -> None:
        """One line to the terminal."""
        self.console.print(f"{text.zh} · {text.en}", highlight=False, markup=False)

    def go(self, lock: IO[str]) -> None:
        """Steps, children, address, watch."""
        try:
            self.work_steps()
            failed = self.supervisor.bring_up(self.children)
            if failed is not None:
                raise self.why_not_up(failed)
            note_address(lock, address_of(self.listening))
            self.welcome()
            self.supervisor.watch(self.tend_database)
        finally:
            self.supervisor.stop()
            self.listening.close()
        self.say(Text(zh="已停止", en="stopped"))

    def work_steps(self) -> None:
        """Run each step in the open terminal; the first that fails ends the run (`RunFailed`)."""
        done = DoneSteps(self.surroundings.state, external.identity(self.surroundings.owner_url))
        for step in steps_of(self.options, self.surroundings.state):
            self.stop.check()
            if step.once and done.includes(step.name):
                continue
            self.say(Text(zh=f"▸ {step.title.zh}", en=step.title.en))
            code = self.supervisor.run_step(step.argv)
            if code != 0:
                command = " ".join(("zhizhi", *step.argv[len(ZHIZHI) :]))
                raise RunFailed(
                    zh=f"“{step.title.zh}”没有完成（退出码 {code}），原因见上；数据没有损坏，可单独重试：{command}",
                    en=f"`{step.title.en}` did not finish (exit {code}), the reason stands above; retry: {command}",
                )
            if step.once:
                done.add(step.name)

    def why_not_up(self, name: str) -> RunFailed:
        """The last words of the child that ended or never answered."""
        log = self.supervisor.log_of(name)
        return RunFailed(
            zh=f"{name} 没有正常启动；日志 {log} 的末尾：\n{self.supervisor.tail(name)}",
            en=f"{name} did not come up; the end of its log stands above",
        )

    def welcome(self) -> None:
        """The address, and who can sign in to the demonstration."""
        address = address_of(self.listening)
        lines = [f"控制台 · console   {address}", f"日志 · logs   {self.surroundings.state / 'log'}"]
        sign_ins = self.surroundings.state / SIGN_INS
        if sign_ins.exists():
            lines += ["", sign_ins.read_text(encoding="utf-8").rstrip()]
        lines += ["", "Ctrl-C 停止 · Ctrl-C stops"]
        self.console.print(Panel("\n".join(lines), title="知止 Zhizhi", expand=False), highlight=False)

    def tend_database(self) -> None:
        """A database that crashed is started again in its place; the children reconnect."""
        server = self.surroundings.server
        if server is None or time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + DATABASE_LOOK_SECONDS
        if not server.is_alive():
            self.say(Text(zh="数据库已结束，正在重启", en="the database has ended, starting it again"))
            server.revive(self.surroundings.state)


class DoneSteps:
    """Which first-start steps a database has behind it. Kept beside the database and named by it, not by the folder."""

    def __init__(self, state: Path, database: str) -> None:
        self._path = state / "first-start.json"
        self._database = database

    def includes(self, name: str) -> bool:
        """True when this database has it behind it."""
        return name in self._all().get(self._database, [])

    def add(self, name: str) -> None:
        """Remember it; written whole or not at all."""
        every = self._all()
        every.setdefault(self._database, []).append(name)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(every), encoding="utf-8")
        fresh.replace(self._path)

    def _all(self) -> dict[str, list[str]]:
        if not self._path.exists():
            return {}
        every: dict[str, list[str]] = json.loads(self._path.read_text(encoding="utf-8"))
        return every


@contextlib.contextmanager
def only_one(state: Path) -> Iterator[IO[str]]:
    """One run for a state folder. Refuses: a second one, naming where the first is to be found."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "run.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            where = lock.read().strip() or "（正在启动 · still starting）"
            raise RunFailed(zh=f"已在运行：{where}", en=f"already running: {where}") from None
        lock.truncate(0)
        yield lock
        lock.truncate(0)


def note_address(lock: IO[str], address: str) -> None:
    """Tell a second `zhizhi run` where this one is."""
    lock.write(f"{address} (pid {os.getpid()})\n")
    lock.flush()


def open_port(first: int) -> socket.socket:
    """A listening socket on this machine only: the port asked for, else the next free one."""
    for port in range(first, min(first + PORTS_TRIED_MAX, 65536)):
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", port), backlog=1024)
    raise RunFailed(
        zh=f"从 {first} 起没有空闲端口；请用 --port 指定", en=f"no free port from {first} on; help: use --port"
    )


def two_free_ports() -> int:
    """A port that nobody uses now and whose next one is free too: the local provider takes messages and mail."""
    for port in range(SINK_PORT, SINK_PORT + PORTS_TRIED_MAX, 2):
        with (
            contextlib.suppress(OSError),
            socket.create_server(("127.0.0.1", port)),
            socket.create_server(("127.0.0.1", port + 1)),
        ):
            return port
    raise RunFailed(
        zh=f"从 {SINK_PORT} 起没有两个相邻的空闲端口", en=f"no two neighbouring free ports from {SINK_PORT} on"
    )


def day_in_china(back: int) -> str:
    """The civil day of the lenders, who count it in China; `back` days ago."""
    return (datetime.now(BEIJING).date() - timedelta(days=back)).isoformat()


def address_of(listening: socket.socket) -> str:
    """The address for a browser."""
    return f"http://127.0.0.1:{listening.getsockname()[1]}"
