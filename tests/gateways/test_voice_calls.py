"""Real calls: two telephones, an engine between them, what the line says, what is left."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from gateways.calls import closed, dialled, ended, heard, opened, until
from gateways.grants import AT, make_grant
from gateways.phones import (
    DESK_TONE,
    LINE_TONE,
    LOGIN,
    LOUDNESS,
    NUMBER,
    answering,
    desk_alone,
    desk_and_line,
    free_port,
    needs_engine,
    phone,
    settings_for,
    silent_port,
    strength,
)
from zhizhi.gateways.permit import Failed, Sent, Unknown
from zhizhi.gateways.voice.call import CallEnd, EndReason, Stage
from zhizhi.gateways.voice.channel import VoiceChannel


def test_a_call_rings_is_answered_ends_at_its_limit_and_leaves_both_sides(tmp_path: Path) -> None:
    with desk_and_line(tmp_path) as (desk, line):
        begun = time.monotonic()
        call = dialled(tmp_path / "spool", desk=desk.port, line=line.port, limit=8.0)
        until(call, Stage.TALKS)
        end = ended(call)
        lasted = time.monotonic() - begun
        pair = call.line_recording()
        assert pair is not None
        left, right, seconds = heard(pair)
    assert end.reason is EndReason.LIMIT
    assert isinstance(end.sent, Sent)
    assert (end.outcome, end.line_result, end.recording_failure) == ("connected", "answered", None)
    assert lasted > 6.9
    assert seconds <= 8, (
        "over at its limit of eight seconds, not about to end; how late we hear of it is another matter"
    )
    assert end.talk_seconds is not None
    assert abs(seconds - end.talk_seconds) <= 1
    assert strength(left, DESK_TONE) > 0.5 * LOUDNESS > 0.05 * LOUDNESS > strength(left, LINE_TONE)
    assert strength(right, LINE_TONE) > 0.5 * LOUDNESS > 0.05 * LOUDNESS > strength(right, DESK_TONE)


class TestWhatTheLineSays:
    """Nobody answers: what the switch says, and what may be believed of it."""

    @pytest.mark.parametrize(
        ("answers", "outcome", "line_result"),
        [
            (["486 Busy Here"], "busy", "busy"),
            (["180 Ringing", "603 Decline"], "rejected", "rejected"),
            (["180 Ringing", "480 Temporarily Unavailable"], "no_answer", "no_answer"),
            (["404 Not Found"], "not_in_service", "empty_number"),
            (["180 Ringing", "503 Service Unavailable"], "no_answer", "no_answer"),
        ],
    )
    def test_a_final_answer_is_an_outcome(
        self, tmp_path: Path, answers: list[str], outcome: str, line_result: str
    ) -> None:
        end = self.called(tmp_path, answers)
        assert isinstance(end.sent, Sent)
        assert (end.reason, end.outcome, end.line_result) == (EndReason.LINE_REFUSED, outcome, line_result)
        assert end.talk_seconds is None

    def test_a_proxy_that_fails_without_a_ring_proves_nothing(self, tmp_path: Path) -> None:
        end = self.called(tmp_path, ["503 Service Unavailable"])
        assert isinstance(end.sent, Unknown)
        assert end.outcome is None

    def test_a_trunk_that_asks_who_we_are_let_nothing_through(self, tmp_path: Path) -> None:
        challenge = '407 Who Is It\nProxy-Authenticate: Digest realm="trunk", nonce="0123456789abcdef"'
        end = self.called(tmp_path, [challenge], rounds=2)
        assert isinstance(end.sent, Failed)
        assert end.sent.code == "not_authorised"

    def test_a_refused_connection_is_proof_that_nothing_rang(self, tmp_path: Path) -> None:
        with desk_alone(tmp_path) as port:
            call = dialled(tmp_path / "spool", desk=port, line=free_port(), transport="tcp")
            end = ended(call)
        assert isinstance(end.sent, Failed)
        assert end.sent.code == "unreachable"

    def test_silence_is_no_proof(self, tmp_path: Path) -> None:
        with desk_alone(tmp_path) as port, silent_port() as nobody:
            call = dialled(tmp_path / "spool", desk=port, line=nobody, ring_seconds=0.5)
            end = ended(call)
        assert end.reason is EndReason.NO_ANSWER
        assert isinstance(end.sent, Unknown)

    def called(self, tmp_path: Path, answers: list[str], rounds: int = 1) -> CallEnd:
        with desk_alone(tmp_path) as port, answering(tmp_path / "switch", *answers, rounds=rounds) as line:
            call = dialled(tmp_path / "spool", desk=port, line=line)
            return ended(call)


class TestWhoEndsIt:
    def test_they_hang_up(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path) as (desk, line):
            call = dialled(tmp_path / "spool", desk=desk.port, line=line.port)
            until(call, Stage.TALKS)
            line.hang_up()
            end = ended(call)
        assert (end.reason, end.outcome) == (EndReason.THEY_HUNG_UP, "connected")

    def test_the_collector_hangs_up(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path) as (desk, line):
            call = dialled(tmp_path / "spool", desk=desk.port, line=line.port)
            until(call, Stage.TALKS)
            desk.hang_up()
            end = ended(call)
            assert closed(line)
        assert (end.reason, end.outcome) == (EndReason.DESK_HUNG_UP, "connected")

    def test_nobody_answers_and_the_ringing_is_called_back(self, tmp_path: Path) -> None:
        with desk_and_line(tmp_path, answers="manual") as (desk, line):
            call = dialled(tmp_path / "spool", desk=desk.port, line=line.port, ring_seconds=1.0)
            until(call, Stage.RINGS)
            end = ended(call)
            assert closed(line)
        assert (end.reason, end.outcome, end.line_result) == (EndReason.NO_ANSWER, "no_answer", "no_answer")
        assert isinstance(end.sent, Sent)

    def test_a_desk_that_does_not_answer_lets_nothing_ring(self, tmp_path: Path) -> None:
        needs_engine()
        with phone(tmp_path / "desk", LOGIN, DESK_TONE, answers="manual") as desk:
            call = opened(tmp_path / "spool", desk=desk.port, line=free_port(), desk_seconds=0.5)
            end = ended(call)
        assert end.reason is EndReason.DESK_NO_ANSWER
        assert isinstance(end.sent, Failed)

    def test_a_permit_that_is_over_is_not_dialled(self, tmp_path: Path) -> None:
        with desk_alone(tmp_path) as port, silent_port() as nobody:
            call = opened(tmp_path / "spool", desk=port, line=nobody)
            until(call, Stage.READY)
            refused = call.dial(make_grant("voice", NUMBER, expires_at=AT), AT)
            assert isinstance(refused, Failed)
            assert refused.code == "permit_expired"
            assert call.end is not None
            assert call.end.sent == refused

    def test_a_limit_that_is_too_near_opens_nothing(self, tmp_path: Path) -> None:
        needs_engine()
        channel = VoiceChannel(settings_for(tmp_path / "spool", desk=1, line=1, seconds_min=5.0))
        refused = channel.open("c1", LOGIN, AT, must_end_by=AT + timedelta(seconds=5), must_record=True)
        assert isinstance(refused, Failed)
        assert refused.code == "too_late"
        assert not (tmp_path / "spool").exists()
