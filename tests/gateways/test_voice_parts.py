"""The parts of the voice gateway without a telephone: frames, events in any order, meanings, sound, settings."""

import dataclasses
import json
import struct
import wave
from array import array
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click import ClickException
from hypothesis import given
from hypothesis import strategies as st

from gateways.phones import heard_in_wav, settings_for
from law.contacts import contact
from law.regf import consumer_contact
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.compiled import decide_compiled as decide
from zhizhi.gateways.connected import ChannelsRefused, load_settings, voice_settings
from zhizhi.gateways.objects.folder import FolderObjects
from zhizhi.gateways.voice.audio import BLOCK_SAMPLES, NoRecording, both_sides
from zhizhi.gateways.voice.control import ControlLost, Frames
from zhizhi.gateways.voice.progress import Leg, LegProgress, Meaning, Progress, heard_in, meaning_of
from zhizhi.gateways.voice.recorder import Pair
from zhizhi.gateways.voice.settings import VoiceRefused, VoiceSettings, accounts_of
from zhizhi.jobs.voice import keeper_name, only_keeper_of
from zhizhi.ops.run import has_telephones
from zhizhi.store.keyring import KeyUnavailable, Seal
from zhizhi.store.packs import load_law
from zhizhi.store.recordings.sealing import opened_blocks, sealed_blocks
from zhizhi.usecases.place_call import asks_for_recording

LEGS = {"sip:desk@x": Leg.DESK, "sip:line@x": Leg.LINE}


def event(kind: str, **changes: object) -> Mapping[str, Any]:
    """An event of the line, as the engine tells it."""
    return {"type": kind, "accountaor": "sip:line@x", "direction": "outgoing", "id": "a", "param": "", **changes}


def told(*events: Mapping[str, Any]) -> LegProgress:
    """The line after events, a second each."""
    progress = Progress()
    progress.line.placed_at = 0.0
    for second, one in enumerate(events, start=1):
        heard = heard_in(one, LEGS)
        if heard is not None:
            progress.hear(heard, float(second))
    return progress.line


class TestFrames:
    @given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), max_size=5), st.data())
    def test_messages_come_whole_however_they_are_cut(
        self, messages: list[dict[str, str]], data: st.DataObject
    ) -> None:
        stream = b"".join(b"%d:%s," % (len(body), body) for body in map(_json, messages))
        frames, got, rest = Frames(), [], stream
        while rest:
            size = data.draw(st.integers(1, len(rest)))
            got += frames.feed(rest[:size])
            rest = rest[size:]
        assert got == messages

    @pytest.mark.parametrize("stream", [b"x", b"3:{}x,", b"2:{};", b"999999:", b"-1:,", b"2:[],", b"1:{,", b"123456"])
    def test_nonsense_is_refused(self, stream: bytes) -> None:
        with pytest.raises(ControlLost):
            Frames().feed(stream)


class TestEvents:
    def test_what_comes_twice_or_late_changes_nothing(self) -> None:
        once = told(event("CALL_RINGING"), event("CALL_ESTABLISHED"), event("CALL_CLOSED", param="486 Busy Here"))
        twice = told(
            event("CALL_RINGING"),
            event("CALL_ESTABLISHED"),
            event("CALL_CLOSED", param="486 Busy Here"),
            event("CALL_RINGING"),
            event("CALL_ESTABLISHED"),
            event("CALL_CLOSED", param="other"),
        )
        assert once == twice

    def test_a_ring_after_the_answer_is_none(self) -> None:
        line = told(event("CALL_ESTABLISHED"), event("CALL_RINGING"))
        assert (line.rang_at, line.answered_at) == (None, 1.0)

    @pytest.mark.parametrize("order", [*permutations(["CALL_RINGING", "CALL_ESTABLISHED", "CALL_CLOSED"])])
    def test_the_end_is_the_end_in_any_order(self, order: tuple[str, ...]) -> None:
        line = told(*map(event, order))
        assert line.closed_at == order.index("CALL_CLOSED") + 1.0
        assert line.answered_at is None or line.answered_at < line.closed_at

    @pytest.mark.parametrize(
        "changes",
        [{"accountaor": "sip:other@x"}, {"direction": "incoming"}, {"type": "CALL_RTCP"}, {"type": None}],
    )
    def test_events_of_other_calls_are_passed_over(self, changes: dict[str, Any]) -> None:
        assert heard_in({**event("CALL_ESTABLISHED"), **changes}, LEGS) is None

    def test_a_second_call_on_the_same_account_is_not_ours(self) -> None:
        line = told(event("CALL_RINGING"), event("CALL_CLOSED", id="b"))
        assert line.closed_at is None

    def test_before_a_leg_was_placed_nothing_of_it_is_believed(self) -> None:
        progress, heard = Progress(), heard_in(event("CALL_ESTABLISHED"), LEGS)
        assert heard is not None
        progress.hear(heard, 1.0)
        assert progress == Progress()


class TestMeanings:
    @pytest.mark.parametrize(
        ("because", "rang", "meaning"),
        [
            ("486 Busy Here", False, Meaning("busy", "busy")),
            ("600 Busy Everywhere", True, Meaning("busy", "busy")),
            ("603 Decline", True, Meaning("rejected", "rejected")),
            ("404 Not Found", False, Meaning("not_in_service", "empty_number")),
            ("407 Proxy Authentication Required", False, Meaning(proof="not_authorised")),
            ("407 Proxy Authentication Required", True, Meaning("no_answer", "no_answer")),
            ("Connection refused", False, Meaning(proof="unreachable")),
            ("Connection refused", True, Meaning("no_answer", "no_answer")),
            ("503 Service Unavailable", False, Meaning()),
            ("500 Server Error", True, Meaning("no_answer", "no_answer")),
            ("Connection timed out", False, Meaning()),
            ("", False, Meaning()),
            ("4860 nonsense", False, Meaning()),
        ],
    )
    def test_only_proof_says_that_nothing_rang(self, because: str, rang: bool, meaning: Meaning) -> None:
        line = LegProgress(placed_at=0.0, rang_at=1.0 if rang else None, closed_at=2.0, because=because)
        assert meaning_of(line) == meaning


class TestSound:
    def test_the_shorter_side_is_silent_at_the_beginning(self, tmp_path: Path) -> None:
        pair = Pair(side(tmp_path / "a.wav", [1] * 10), side(tmp_path / "b.wav", [2] * 7))
        left, right = heard_in_wav(b"".join(both_sides(pair).blocks))
        assert list(left) == [1] * 10
        assert list(right) == [0, 0, 0] + [2] * 7

    def test_a_side_that_never_came_is_said(self, tmp_path: Path) -> None:
        one = both_sides(Pair(side(tmp_path / "a.wav", [1] * 10), side(tmp_path / "b.wav", [])))
        both = both_sides(Pair(side(tmp_path / "c.wav", [1] * 10), side(tmp_path / "d.wav", [2])))
        assert (one.is_one_sided, both.is_one_sided) == (True, False)

    def test_silence_and_sound_go_over_the_edges_of_blocks(self, tmp_path: Path) -> None:
        longer, shorter = BLOCK_SAMPLES + 5, 3
        pair = Pair(side(tmp_path / "a.wav", [2] * shorter), side(tmp_path / "b.wav", [1] * longer))
        left, right = heard_in_wav(b"".join(both_sides(pair).blocks))
        assert list(left) == [0] * (longer - shorter) + [2] * shorter
        assert list(right) == [1] * longer

    def test_a_header_that_was_never_finished_is_not_believed(self, tmp_path: Path) -> None:
        pair = Pair(side(tmp_path / "a.wav", [1] * 9), side(tmp_path / "b.wav", [2] * 9))
        for path in (pair.sent, pair.received):
            octets = bytearray(path.read_bytes())
            octets[40:44] = struct.pack("<I", 0)
            path.write_bytes(octets)
        left, right = heard_in_wav(b"".join(both_sides(pair).blocks))
        assert (list(left), list(right)) == ([1] * 9, [2] * 9)

    @pytest.mark.parametrize(
        "broken", [b"", b"RIFF", b"RIFF....WAVE", b"RIFF....WAVEdata\x04\0\0\0\1\0\1\0", b"x" * 60]
    )
    def test_what_is_no_sound_is_refused(self, tmp_path: Path, broken: bytes) -> None:
        (tmp_path / "a.wav").write_bytes(broken)
        with pytest.raises(NoRecording):
            both_sides(Pair(tmp_path / "a.wav", side(tmp_path / "b.wav", [1])))

    def test_a_side_that_is_not_there_or_nothing_at_all_is_no_recording(self, tmp_path: Path) -> None:
        with pytest.raises(NoRecording):
            both_sides(Pair(tmp_path / "none.wav", side(tmp_path / "b.wav", [1])))
        with pytest.raises(NoRecording):
            both_sides(Pair(side(tmp_path / "c.wav", []), side(tmp_path / "d.wav", [])))


class TestAtRest:
    seal = Seal(b"k" * 32)

    @given(st.lists(st.binary(min_size=1, max_size=50), max_size=4), st.integers(1, 40))
    def test_what_is_sealed_opens_however_it_is_read(self, blocks: list[bytes], size: int) -> None:
        stored = b"".join(sealed_blocks(self.seal, 7, blocks))
        read = [stored[n : n + size] for n in range(0, len(stored), size)]
        assert b"".join(opened_blocks(self.seal, 7, read)) == b"".join(blocks)

    def test_blocks_that_are_altered_cut_moved_or_another_recordings_do_not_open(self) -> None:
        framed = list(sealed_blocks(self.seal, 7, [b"one", b"two", b"three"]))
        flipped = framed[0][:-1] + bytes([framed[0][-1] ^ 1])
        for stored in (
            framed[:2],
            [framed[1], framed[0], framed[2]],
            [framed[0], framed[2]],
            [flipped, *framed[1:]],
            [b"".join(framed)[:-1]],
            [],
            [b"\xff\xff\xff\xff"],
        ):
            with pytest.raises(KeyUnavailable):
                list(opened_blocks(self.seal, 7, stored))
        with pytest.raises(KeyUnavailable):
            list(opened_blocks(self.seal, 8, framed))


class TestFolder:
    NAME = "recording/" + "0" * 32

    def test_a_name_is_written_once_and_whole(self, tmp_path: Path) -> None:
        store = FolderObjects(tmp_path)
        stored = store.put(self.NAME, [b"a", b"b"])
        assert b"".join(store.open(self.NAME)) == b"ab"
        assert store.digest(self.NAME) == stored.sha256
        with pytest.raises(FileExistsError):
            store.put(self.NAME, [b"c"])
        assert b"".join(store.open(self.NAME)) == b"ab"

    def test_what_breaks_on_the_way_leaves_nothing(self, tmp_path: Path) -> None:
        def breaking() -> Any:
            yield b"a"
            raise OSError("the disk is full")

        store = FolderObjects(tmp_path)
        with pytest.raises(OSError, match="full"):
            store.put(self.NAME, breaking())
        assert store.digest(self.NAME) is None
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    @pytest.mark.parametrize("name", ["../x", "recording/..", "recording/" + "0" * 31, "/etc/passwd", "a/b/c"])
    def test_no_name_leads_out_of_the_folder(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ValueError, match="no name"):
            FolderObjects(tmp_path).digest(name)


class TestSettings:
    @pytest.mark.parametrize(
        "changes",
        [
            {"line": "sip:{number}@a;b"},
            {"line": "sip:fixed@a"},
            {"desk": "sip:fixed@a"},
            {"password": "a\nmodule stdio.so"},
            {"account": "sip:desk@127.0.0.1"},
            {"transport": "carrier pigeon"},
        ],
    )
    def test_what_would_end_a_line_of_the_engine_or_mix_the_legs_is_refused(
        self, tmp_path: Path, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(VoiceRefused):
            dataclasses.replace(settings_for(tmp_path, desk=1, line=2), **changes)

    @pytest.mark.parametrize("login", ["", "a;b", "a b", "王", "a" * 65])
    def test_a_sign_in_that_is_no_extension_is_refused(self, tmp_path: Path, login: str) -> None:
        with pytest.raises(VoiceRefused):
            settings_for(tmp_path, desk=1, line=2).desk_of(login)

    def test_a_password_is_in_the_engines_file_and_in_no_repr(self, tmp_path: Path) -> None:
        settings = settings_for(
            tmp_path, desk=1, line=2, login="zhizhi", password="opensesame", outbound="sip:pbx;transport=tls"
        )
        assert "auth_pass=opensesame" in accounts_of(settings)
        assert 'outbound="sip:pbx;transport=tls"' in accounts_of(settings)
        assert "opensesame" not in repr(settings)


class TestWhenARuleAsks:
    @pytest.mark.parametrize(
        ("document", "asks"),
        [
            (contact(), True),
            (consumer_contact(), False),
        ],
        ids=["the standard obliges to it", "Regulation F does not ask"],
    )
    def test_the_law_itself_is_asked(self, document: dict[str, Any], asks: bool) -> None:
        law = load_law(document["profile"])
        decision = decide(parse_case(document), law)
        assert decision.verdict == "permit"
        assert asks_for_recording(document, decision.to_document(), law) is asks


class TestTheCommand:
    def settings(self, folder: Path, text: str) -> VoiceSettings:
        (folder / "channels.toml").write_text(text, encoding="utf-8")
        return voice_settings(load_settings(folder / "channels.toml"), folder)

    def test_a_telephone_system_is_read_from_the_channels(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("opensesame\n")
        settings = self.settings(
            tmp_path,
            '[voice]\ngateway = "sip"\nline = "sip:{number}@t.example"\ndesk = "sip:{login}@p.example"\n'
            'account = "sip:z@p.example"\ndesk_account = "sip:d@p.example"\ntransport = "tls"\nlogin = "z"\n'
            f'secret_file = "{tmp_path}/secret"\n',
        )
        assert (settings.line_of("10000000001"), settings.password) == ("sip:10000000001@t.example", "opensesame")
        assert settings.spool == tmp_path / "calls"

    @pytest.mark.parametrize("text", ['[voice]\ngateway = "manual"\n', '[voice]\ngateway = "sip"\nline = "x"\n', ""])
    def test_without_one_it_says_what_is_missing(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(ChannelsRefused, match="voice"):
            self.settings(tmp_path, text)

    @pytest.mark.parametrize(("gateway", "runs"), [("sip", True), ("manual", False)])
    def test_the_whole_product_keeps_calls_where_telephones_are_connected(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gateway: str, runs: bool
    ) -> None:
        monkeypatch.delenv("ZHIZHI_CHANNELS", raising=False)
        (tmp_path / "channels.toml").write_text(f'[voice]\ngateway = "{gateway}"\n')
        assert has_telephones(tmp_path) is runs

    def test_a_spool_has_one_keeper(self, tmp_path: Path) -> None:
        with only_keeper_of(tmp_path), pytest.raises(ClickException, match="already"), only_keeper_of(tmp_path):
            pass
        with only_keeper_of(tmp_path):  # free again
            assert keeper_name(tmp_path) == keeper_name(tmp_path)
            assert keeper_name(tmp_path) != keeper_name(tmp_path / "other")


def side(path: Path, samples: list[int]) -> Path:
    """One direction, as the engine writes it."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(array("h", samples).tobytes())
    return path


def _json(value: dict[str, str]) -> bytes:
    return json.dumps(value).encode()
