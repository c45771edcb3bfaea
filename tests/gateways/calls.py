"""What the voice tests do over and over: open a call, keep it until something happens, listen to what is left."""

import time
from array import array
from datetime import timedelta
from pathlib import Path

from gateways.grants import AT, make_grant
from gateways.phones import LOGIN, NUMBER, Phone, heard_in_wav, settings_for
from zhizhi.gateways.voice.audio import both_sides
from zhizhi.gateways.voice.call import CallEnd, LiveCall, Stage
from zhizhi.gateways.voice.channel import VoiceChannel
from zhizhi.gateways.voice.recorder import Pair

PATIENCE = 90.0  # beyond the limit of a call


def until(call: LiveCall, stage: Stage, *, seconds: float = PATIENCE) -> float:
    """Keep a call until it is so far; answers the monotonic second."""
    end = time.monotonic() + seconds
    while call.watch(0.05) is not stage:
        assert call.end is None, f"{call.end} instead of {stage}"
        assert time.monotonic() < end, f"still {call.stage} instead of {stage}"
    return time.monotonic()


def opened(
    spool: Path, *, desk: int, line: int, limit: float = 60.0, must_record: bool = True, **changes: object
) -> LiveCall:
    channel = VoiceChannel(settings_for(spool, desk=desk, line=line, **changes))
    call = channel.open("c1", LOGIN, AT, must_end_by=AT + timedelta(seconds=limit), must_record=must_record)
    assert isinstance(call, LiveCall)
    return call


def ended(call: LiveCall) -> CallEnd:
    until(call, Stage.ENDED)
    assert call.end is not None
    return call.end


def heard(pair: Pair) -> tuple["array[int]", "array[int]", int]:
    """The left and the right side of what was recorded, and its seconds."""
    sound = both_sides(pair)
    return *heard_in_wav(b"".join(sound.blocks)), sound.seconds


def dial(call: LiveCall) -> None:
    """Place the line of a call that is ready."""
    refused = call.dial(make_grant("voice", NUMBER), AT)
    assert refused is None, refused


def keep(call: LiveCall, seconds: float) -> None:
    """Keep a call for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert call.watch(0.05) is not Stage.ENDED, call.end


def closed(phone: Phone, *, seconds: float = 30.0) -> bool:
    """Whether the telephone notices, within so long, that its call is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if any(event.get("type") == "CALL_CLOSED" for event in phone.events(0.05)):
            return True
    return False


def dialled(spool: Path, *, desk: int, line: int, **changes: object) -> LiveCall:
    """A call whose line was placed."""
    call = opened(spool, desk=desk, line=line, **changes)  # type: ignore[arg-type]  # the test names the fields
    until(call, Stage.READY)
    dial(call)
    return call
