"""A process whose clock is not trusted proposes nothing and sends nothing, says why, and goes on by itself."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import TEN, ToldChannel, propose_call, propose_sms, rows
from zhizhi.core.kernel.clocks import DIFFERS_AT_MOST, ClockState
from zhizhi.jobs.outbox import Outbox
from zhizhi.jobs.steps import WorkerThread
from zhizhi.jobs.telling import with_trusted_clock
from zhizhi.store.lenders.models import Lender
from zhizhi.store.operations import clock_guard
from zhizhi.store.operations.clock_guard import LOOKS_EVERY, ClockGuard, ClockNotTrusted
from zhizhi.store.operations.clock_marks import accept_clocks, access_clocks
from zhizhi.store.operations.heartbeats import load_heartbeats
from zhizhi.store.transact.gate import commit_decisions
from zhizhi.usecases.start_call import StartCall, start_call

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1000))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHOLE_BOUND = DIFFERS_AT_MOST + timedelta(seconds=2)  # a question to the database takes time too


@dataclass
class Clocks:
    """This machine's clocks as a test turns them: `off` from what they would show."""

    off: timedelta = timedelta(0)
    slept: timedelta = timedelta(0)
    guard: ClockGuard = field(init=False)

    def __post_init__(self) -> None:
        self.guard = ClockGuard(self.wall, self.steady, "test machine/1")

    def wall(self) -> datetime:
        return datetime.now(UTC) + self.off

    def steady(self) -> timedelta:
        return clock_guard._steady() + self.slept

    def wait(self) -> None:
        """Let the latest answer grow old."""
        self.slept += LOOKS_EVERY
        self.off += LOOKS_EVERY


@pytest.fixture
def clocks(store: str) -> Iterator[Clocks]:
    made = Clocks()
    before = clock_guard.install(made.guard)
    yield made
    clock_guard.install(before)
    rows("UPDATE watermark SET at = NULL WHERE name = 'clock' RETURNING 1")


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return make_staff("collector", "collector", lender, 50).pk


@pytest.fixture
def who(lender: Lender) -> Borrower:
    return make_borrower(lender, next(NUMBERS))


@pytest.mark.parametrize("off", [HOUR, -HOUR, DAY, -DAY, WHOLE_BOUND, -WHOLE_BOUND], ids=str)
def test_a_clock_that_is_not_the_databases_permits_nothing_and_sends_nothing(
    clocks: Clocks, who: Borrower, by: int, off: timedelta
) -> None:
    propose_sms(who, by, TEN)
    call = propose_call(who, by, TEN).permit_id
    assert call is not None
    before = rows("SELECT count(*) FROM decision")
    clocks.off = off
    sink = ToldChannel()
    with pytest.raises(ClockNotTrusted) as refused:
        propose_call(who, by, TEN)
    assert refused.value.code == "clock_differs"
    assert "时钟" in refused.value.text.zh
    with pytest.raises(ClockNotTrusted):
        Outbox({"sink": {"sms": sink}}, "test").drain(TEN)
    with pytest.raises(ClockNotTrusted):
        start_call(StartCall(who.person, call, by), TEN)
    assert sink.sent == []
    assert rows("SELECT count(*) FROM decision") == before
    assert rows("SELECT DISTINCT state FROM permit WHERE person_id = %s", who.person) == [("open",)]
    clocks.off = timedelta(0)
    Outbox({"sink": {"sms": sink}}, "test").drain(TEN)
    assert [grant.person_id for grant in sink.sent] == [who.person]


def test_the_bound_itself_is_trusted(clocks: Clocks) -> None:
    clocks.off = DIFFERS_AT_MOST - timedelta(seconds=2)
    commit_decisions([])
    clocks.off = -clocks.off
    clocks.wait()
    # from ahead to behind is a step of twice as much
    assert clocks.guard.look().state is ClockState.STEPPED


def test_a_step_is_seen_at_once_though_the_latest_answer_is_fresh(clocks: Clocks) -> None:
    assert clocks.guard.look().state is ClockState.AGREES
    clocks.off = HOUR
    assert clocks.guard.look().state is ClockState.DIFFERS


def test_a_sleep_is_no_step(clocks: Clocks) -> None:
    commit_decisions([])
    clocks.slept = clocks.off = timedelta(seconds=3)
    assert clocks.guard.look().state is ClockState.AGREES


def _whole_machine(clocks: Clocks, monkeypatch: pytest.MonkeyPatch, off: timedelta) -> None:
    """Turn the clock of a machine that holds its database too."""
    clocks.off = off
    shifted = f"clock_timestamp() + interval '{off // timedelta(seconds=1)} seconds', w.at"
    monkeypatch.setattr(clock_guard, "_ASK", clock_guard._ASK.replace("clock_timestamp(), w.at", shifted))


def test_a_machine_that_stepped_with_its_database_waits_for_a_person_or_for_the_clock_to_come_back(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch, by: int
) -> None:
    commit_decisions([])
    with monkeypatch.context() as stepped:
        _whole_machine(clocks, stepped, HOUR)
        with pytest.raises(ClockNotTrusted, match="clock_stepped"):
            commit_decisions([])
    clocks.off = timedelta(0)
    commit_decisions([])
    leaves = "SELECT count(*) FROM leaf WHERE kind = 'setting'"
    before = rows(leaves)[0][0]
    with monkeypatch.context() as stepped:
        _whole_machine(clocks, stepped, HOUR)
        with pytest.raises(ClockNotTrusted, match="clock_stepped"):
            commit_decisions([])
        accept_clocks("主机时钟已按 NTP 校准", TEN)
        commit_decisions([])
    assert rows(leaves) == [(before + 1,)]


def test_clocks_that_went_back_behind_what_is_recorded_hold_even_a_new_process(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_decisions([])
    fresh = Clocks()
    clock_guard.install(fresh.guard)
    with monkeypatch.context() as back:
        _whole_machine(fresh, back, -DAY)
        with pytest.raises(ClockNotTrusted, match="clock_went_back"):
            commit_decisions([])
    fresh.off = timedelta(0)
    commit_decisions([])


def test_a_clock_of_another_machine_vouches_for_a_step(clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_decisions([])
    elsewhere = clock_guard._ASK.replace("inet_server_addr() IS NOT NULL AND", "true OR")
    monkeypatch.setattr(clock_guard, "_ASK", elsewhere)
    _whole_machine(clocks, monkeypatch, HOUR)
    commit_decisions([])


def test_what_a_process_thinks_of_its_clock_is_noted_for_all(clocks: Clocks) -> None:
    clocks.off = HOUR
    with pytest.raises(ClockNotTrusted):
        commit_decisions([])
    (row,) = [one for one in load_heartbeats() if one.process == "test machine/1"]
    assert row.clock is ClockState.DIFFERS
    assert abs(row.clock_ahead - HOUR) < timedelta(minutes=5)
    assert row.age < timedelta(minutes=5)


def test_the_two_marks_can_be_read(clocks: Clocks) -> None:
    commit_decisions([])
    known = access_clocks()
    assert known.latest_known is not None
    assert abs(known.latest_known - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_step_of_the_worker_rests_with_its_clock_and_goes_on_within_seconds(clocks: Clocks, store: str) -> None:
    worked: list[datetime] = []
    inbox: list[datetime] = []
    steady = [0.0]
    works = {
        "outbox": with_trusted_clock(lambda at, _beat: worked.append(at)),
        "inbox": lambda at, _beat: inbox.append(at),
    }
    thread = WorkerThread("deliveries", works, lambda: TEN, steady=lambda: steady[0])
    clocks.off = HOUR
    for _ in range(40):  # two minutes: the pause does not grow
        thread.take_all(Event())
        steady[0] += 3.0
    assert worked == []
    assert len(inbox) == 40
    (failing,) = thread.progress().failing
    assert failing.name == "outbox"
    assert failing.fault.startswith("ClockNotTrusted")
    clocks.off = timedelta(0)
    thread.take_all(Event())
    assert worked == [TEN]
    assert thread.progress().failing == ()


ASKED = """
import sys
from zhizhi.config.wiring import start
start()
from zhizhi.store.operations.clock_guard import ClockNotTrusted, require_clock
try:
    require_clock()
except ClockNotTrusted as refused:
    sys.stdout.write(refused.code)
else:
    sys.stdout.write("trusted")
"""


@pytest.mark.parametrize("off", ["-1h", "+1h", "+1d", "-1d", None])
def test_a_whole_process_under_faketime_trusts_nothing(database: str, tmp_path: Path, off: str | None) -> None:
    faketime = shutil.which("faketime")
    if faketime is None:
        pytest.skip("faketime is absent: apt-get install faketime")
    argv = [sys.executable, "-c", ASKED]
    environment = {**os.environ, "DATABASE_URL": database, "ZHIZHI_STATE": str(tmp_path)}
    told = [faketime, "-f", off, *argv] if off else argv
    done = subprocess.run(told, env=environment, capture_output=True, text=True, check=False, timeout=280)
    assert done.stdout == ("clock_differs" if off else "trusted"), done.stderr


def command(database: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`zhizhi clock` as a process."""
    environment = {**os.environ, "DATABASE_URL": database, "ZHIZHI_STATE": str(folder)}
    argv = [sys.executable, "-m", "zhizhi", "clock", *words]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=280)


def test_the_command_shows_the_clocks_and_takes_a_ground(database: str, tmp_path: Path, store: str) -> None:
    shown = command(database, tmp_path, "show")
    assert (shown.returncode, "trusted" in shown.stdout) == (0, True), shown.stderr
    refused = command(database, tmp_path, "accept", "--ground", "好")
    assert refused.returncode == 1
    assert "至少写 6 个字" in refused.stderr
    before = access_clocks().vouched
    accepted = command(database, tmp_path, "accept", "--ground", "已与 NTP 服务器核对")
    assert accepted.returncode == 0, accepted.stderr
    assert access_clocks().vouched == before + 1
