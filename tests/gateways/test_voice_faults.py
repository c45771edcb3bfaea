"""What breaks on the way: the engine, its socket, the recorder, the keeper itself."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateways.calls import closed, dial, dialled, ended, heard, keep, opened, until
from gateways.phones import LINE_TONE, LOUDNESS, desk_and_line, strength
from zhizhi.gateways.permit import Failed, Sent, Unknown
from zhizhi.gateways.voice.call import EndReason, Stage
from zhizhi.gateways.voice.recorder import RECORDINGS_FOLDER

BUSY_SECONDS = 20  # what a talk of one second may have become on a machine that does other work


def recordings(spool: Path) -> Path:
    """Where the engine of the one call writes."""
    return spool / "c1" / RECORDINGS_FOLDER


class TestTheEngineIsKilled:
    def test_before_the_line_was_placed_nothing_rang(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path) as (desk, line):
            call = opened(tmp_path / "spool", desk=desk.port, line=line.port)
            until(call, Stage.READY)
            os.kill(call.engine_pid, signal.SIGKILL)
            end = ended(call)
        assert end.reason is EndReason.ENGINE_LOST
        assert isinstance(end.sent, Failed)

    def test_while_it_rings_nobody_knows(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path, answers="manual") as (desk, line):
            call = dialled(tmp_path / "spool", desk=desk.port, line=line.port)
            until(call, Stage.RINGS)
            os.kill(call.engine_pid, signal.SIGKILL)
            end = ended(call)
        assert end.reason is EndReason.ENGINE_LOST
        assert isinstance(end.sent, Unknown)
        assert end.outcome is None

    def test_during_the_talk_the_talk_took_place_and_is_recorded_so_far(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path) as (desk, line):
            call = dialled(tmp_path / "spool", desk=desk.port, line=line.port)
            until(call, Stage.TALKS)
            keep(call, 1.0)
            os.kill(call.engine_pid, signal.SIGKILL)
            end = ended(call)
        assert (end.reason, end.outcome) == (EndReason.ENGINE_LOST, "connected")
        assert end.talk_seconds is not None
        assert 1 <= end.talk_seconds <= BUSY_SECONDS
        pair = call.line_recording()
        assert pair is not None
        _, right, seconds = heard(pair)  # the engine could not finish the header of its files
        assert 1 <= seconds <= BUSY_SECONDS
        assert strength(right, LINE_TONE) > 0.5 * LOUDNESS


class TestTheSocketIsCut:
    def test_a_call_out_of_hand_is_ended(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path) as (desk, line):
            call = dialled(tmp_path / "spool", desk=desk.port, line=line.port)
            until(call, Stage.TALKS)
            call._engine.control._connection.shutdown(socket.SHUT_RDWR)  # the test cuts the wire
            end = ended(call)
            assert closed(line)
        assert (end.reason, end.outcome) == (EndReason.CONTROL_LOST, "connected")
        assert isinstance(end.sent, Sent)


class TestTheKeeperIsGone:
    def test_a_keeper_that_sleeps_does_not_stretch_the_limit(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path) as (desk, line):
            call = dialled(tmp_path / "spool", desk=desk.port, line=line.port, limit=8.0)
            until(call, Stage.TALKS)
            assert closed(line)  # nobody watches the call: the engine's own clock ends it
            end = ended(call)
        assert (end.reason, end.outcome) == (EndReason.LIMIT, "connected")
        pair = call.line_recording()
        assert pair is not None
        assert heard(pair)[2] <= 8

    def test_a_keeper_that_is_killed_takes_the_call_with_it(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path) as (desk, line):
            keeper = subprocess.Popen(
                [sys.executable, "-c", KEEPER, str(tmp_path / "spool"), str(desk.port), str(line.port)],
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            assert keeper.stdout is not None
            assert keeper.stdout.readline() == b"talks\n"
            keeper.kill()
            keeper.wait()
            keeper.stdout.close()
            assert closed(line)


KEEPER = """
import sys, time
from pathlib import Path
from gateways.calls import dialled, until
from zhizhi.gateways.voice.call import Stage
call = dialled(Path(sys.argv[1]), desk=int(sys.argv[2]), line=int(sys.argv[3]))
until(call, Stage.TALKS)
print("talks", flush=True)
while True:
    call.watch(1.0)
"""


class TestTheRecorder:
    def test_without_a_proven_recorder_the_line_is_not_placed(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path) as (desk, line):
            call = opened(tmp_path / "spool", desk=desk.port, line=line.port)
            shutil.rmtree(recordings(tmp_path / "spool"))
            end = ended(call)
            assert not line.events(0.1)
        assert end.reason is EndReason.RECORDER_UNPROVEN
        assert isinstance(end.sent, Failed)

    def test_where_no_rule_asks_it_is_noted(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path) as (desk, line):
            call = opened(tmp_path / "spool", desk=desk.port, line=line.port, must_record=False)
            shutil.rmtree(recordings(tmp_path / "spool"))
            until(call, Stage.READY)
            dial(call)
            until(call, Stage.TALKS)
            keep(call, 1.0)
            call.hang_up()
            end = call.end
        assert end is not None
        assert (end.reason, end.outcome, end.recording_failure) == (EndReason.ASKED, "connected", "recorder_unproven")

    def test_a_recording_that_is_taken_away_ends_the_call(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path) as (desk, line):
            call = dialled(tmp_path / "spool", desk=desk.port, line=line.port)
            until(call, Stage.TALKS)
            keep(call, 0.5)
            shutil.rmtree(recordings(tmp_path / "spool"))
            end = ended(call)
            assert closed(line)
        assert (end.reason, end.outcome) == (EndReason.RECORDER_STOPPED, "connected")
        assert end.recording_failure == "recorder_stopped"

    def test_a_full_disk_ends_the_call(self, tmp_path: Path) -> None:
        with small_disk(tmp_path / "spool") as spool, desk_and_line(tmp_path) as (desk, line):
            call = dialled(spool, desk=desk.port, line=line.port)
            until(call, Stage.TALKS)
            end = ended(call)
        assert (end.reason, end.recording_failure) == (EndReason.RECORDER_STOPPED, "recorder_stopped")


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A disk of 160 KiB, which two legs fill in about two seconds."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(place)]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("voice tests: a small disk cannot be mounted here (needs root)")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
