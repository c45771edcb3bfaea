"""`zhizhi voice`: keeps the calls that the system places, each in a thread of its own with an engine of its own.

The limit of a call is held three times: by its keeper, by the engine's own clock, and by the engine's tie to its
keeper, so that a call never outlives the process that watches it. What a keeper that died leaves behind is settled at
its next start: from what it wrote on the way, and from what was recorded.
"""

import fcntl
import hashlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from zhizhi.core.kernel.errors import told
from zhizhi.gateways.connected import ChannelsRefused, load_settings, voice_settings
from zhizhi.gateways.voice.channel import VoiceChannel
from zhizhi.gateways.voice.settings import VoiceRefused, modules_folder
from zhizhi.jobs.keeping_call import Keeper, Surroundings
from zhizhi.jobs.long_job import DATABASE_AWAY
from zhizhi.jobs.steps import Beat, WorkerThread
from zhizhi.jobs.telling import fall_silent, tell_heartbeats
from zhizhi.store.transact.live_calls import calls_of, take_calls
from zhizhi.usecases.place_call import settle_unreported

LOG = logging.getLogger(__name__)
CALLS_MAX = 32  # at once; each is a thread, an engine, and two files that grow
PAUSE_SECONDS = 0.2


@click.command()
def voice() -> None:
    """电话网关：拨打、限时、双方录音 · Place permitted calls, end them in time, record both sides, until stopped.

    The first signal stops taking calls and lets those that are on come to their end; a second one hangs up.
    """
    state = Path(os.environ["ZHIZHI_STATE"])
    channels_file = Path(os.environ.get("ZHIZHI_CHANNELS") or state / "channels.toml")
    try:
        settings = voice_settings(load_settings(channels_file), state)
        modules_folder()
    except (ChannelsRefused, VoiceRefused) as refused:
        raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
    stop, hang_up = threading.Event(), threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        (hang_up if stop.is_set() else stop).set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    with only_keeper_of(settings.spool):
        around = Surroundings(VoiceChannel(settings), settings.spool, _now, time.monotonic, hang_up)
        switchboard = Switchboard(around, keeper_name(settings.spool))
        switchboard.settle_left_behind()
        keeping = WorkerThread("calls", switchboard.steps(), _now, tell_heartbeats)
        keeping.run(stop, PAUSE_SECONDS)
        switchboard.wait()
        fall_silent()


class Switchboard:
    """Takes calls that were asked for and gives each a keeper."""

    def __init__(self, around: Surroundings, name: str) -> None:
        self._around = around
        self._name = name
        self._threads: list[threading.Thread] = []

    def steps(self) -> dict[str, Callable[[datetime, Beat], object]]:
        """What the thread of the calls does in turn."""
        return {"take": lambda at, beat: self.take(at), "unreported": lambda at, beat: settle_unreported(at)}

    def take(self, at: datetime) -> int:
        """Give a keeper to each call that was asked for, as many as fit; answers how many."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        room = CALLS_MAX - len(self._threads)
        taken = take_calls(self._name, at, room) if room > 0 else []
        for call in taken:
            keeper = Keeper(call, self._around)
            thread = threading.Thread(target=keeper.keep, name=f"call {call.call_id}")
            self._threads.append(thread)
            thread.start()
        return len(taken)

    def settle_left_behind(self) -> int:
        """End and settle the calls of a keeper of this name that died; answers how many."""
        left = calls_of(self._name)
        for call in left:
            try:
                Keeper(call, self._around).settle_left_behind()
            except DATABASE_AWAY:
                raise
            except Exception as fault:  # it stays open and counted; the others must not wait for it
                LOG.error("call %s, left behind, was not settled: %s", call.call_id, told(fault))
        return len(left)

    def wait(self) -> None:
        """Until every call has come to its end."""
        for thread in self._threads:
            thread.join()


@contextmanager
def only_keeper_of(spool: Path) -> Iterator[None]:
    """One voice worker for a spool: a second one would take the calls of the first for left behind."""
    spool.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (spool / "keeper.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise click.ClickException(
                "该录音暂存目录已有电话网关在运行 · a voice worker keeps this spool already"
            ) from error
        yield


def keeper_name(spool: Path) -> str:
    """The same at every start on this machine with this spool."""
    return f"{socket.gethostname()} {hashlib.sha256(os.fsencode(spool.resolve())).hexdigest()[:8]}"


def _now() -> datetime:
    return datetime.now(UTC)
