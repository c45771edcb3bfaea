"""Calls whose signalling and sound are encrypted, over real engines."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from gateways.calls import dialled, ended, heard, keep, opened, until
from gateways.phones import (
    DESK_TONE,
    LINE_TONE,
    LOGIN,
    LOUDNESS,
    NUMBER,
    PLAIN,
    Speaks,
    needs_engine,
    phone,
    settings_for,
    strength,
    write_certificate,
)
from zhizhi.gateways.voice.call import EndReason, Stage
from zhizhi.gateways.voice.settings import VoiceRefused


def encrypted(folder: Path, transport: str, media: str) -> Speaks:
    """A telephone that takes no call but an encrypted one."""
    insists = {"srtp": ";mediaenc=srtp-mand", "dtls_srtp": ";mediaenc=dtls_srtp"}[media]
    return Speaks(transport, media, insists, write_certificate(folder / "own.pem") if transport == "tls" else None)


@pytest.mark.parametrize(("transport", "media"), [("udp", "dtls_srtp"), ("tls", "srtp")])
def test_both_sides_are_recorded_of_an_encrypted_call(tmp_path: Path, transport: str, media: str) -> None:
    needs_engine()
    speaks = encrypted(tmp_path, transport, media)
    with ExitStack() as stack:
        desk = stack.enter_context(phone(tmp_path / "desk", LOGIN, DESK_TONE, speaks=speaks))
        line = stack.enter_context(phone(tmp_path / "line", NUMBER, LINE_TONE, speaks=speaks))
        call = dialled(tmp_path / "spool", desk=desk.port, line=line.port, media=media, transport=transport)
        until(call, Stage.TALKS)
        keep(call, 1.5)
        call.hang_up()
        pair = call.line_recording()
        assert pair is not None
        left, right, _ = heard(pair)
    assert strength(left, DESK_TONE) > 0.5 * LOUDNESS > 0.05 * LOUDNESS > strength(left, LINE_TONE)
    assert strength(right, LINE_TONE) > 0.5 * LOUDNESS > 0.05 * LOUDNESS > strength(right, DESK_TONE)


def test_a_desk_that_speaks_in_the_clear_is_not_talked_to(tmp_path: Path) -> None:
    needs_engine()
    with phone(tmp_path / "desk", LOGIN, DESK_TONE, speaks=PLAIN) as desk:
        call = opened(tmp_path / "spool", desk=desk.port, line=desk.port, media="dtls_srtp")
        assert ended(call).reason is EndReason.DESK_NO_ANSWER


@pytest.mark.parametrize("changes", [{"media": "zrtp"}, {"media": "srtp"}, {"media": "srtp", "transport": "tcp"}])
def test_keys_never_travel_in_an_open_signalling(tmp_path: Path, changes: dict[str, str]) -> None:
    with pytest.raises(VoiceRefused, match="media"):
        settings_for(tmp_path, desk=1, line=2, **changes)
