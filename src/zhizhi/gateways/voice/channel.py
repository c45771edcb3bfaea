"""Click-to-dial: the collector's telephone rings, then the person's, and one engine carries nothing but this call."""

import math
import time
from collections.abc import Callable
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import Failed, FailureKind
from zhizhi.gateways.voice.call import CHANNEL, END_AHEAD_SECONDS, TOO_LATE, LiveCall
from zhizhi.gateways.voice.engine import EngineFailed, start_engine
from zhizhi.gateways.voice.settings import VoiceRefused, VoiceSettings

TALK_SECONDS_MAX = 6 * 3600  # of a call that no law limits
ENGINE_FAILED = Failed(
    FailureKind.TEMPORARY, "engine_failed", Text(zh="通话引擎没有启动，未呼出", en="the engine did not start; no call")
)


class VoiceChannel:
    """Opens calls; `key` names a call's folder in the spool and is used once."""

    channel = CHANNEL

    def __init__(self, settings: VoiceSettings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic

    @property
    def shows(self) -> str:
        """The number that the line shows; empty where the settings do not say."""
        return self._settings.shows

    def open(
        self, key: str, login: str, at: datetime, *, must_end_by: datetime | None, must_record: bool
    ) -> LiveCall | Failed:
        """Start an engine and ring the desk. A failure is proof that nothing rang, for no number is known here yet.

        Call it in the thread that keeps the call: the engine ends with that thread.
        """
        left = float(TALK_SECONDS_MAX)
        if must_end_by is not None:
            left = min(left, (must_end_by - at).total_seconds())
        ends_at = self._monotonic() + left - END_AHEAD_SECONDS
        if left - END_AHEAD_SECONDS < self._settings.seconds_min:
            return TOO_LATE
        try:
            # The engine's own clock counts whole seconds from its start, which is a little later than now.
            engine = start_engine(self._settings, self._settings.spool / key, math.ceil(left) - 1, self._monotonic)
        except (EngineFailed, VoiceRefused, OSError):
            return ENGINE_FAILED
        call = LiveCall(engine, self._settings, ends_at=ends_at, must_record=must_record, monotonic=self._monotonic)
        try:
            call.ring_desk(login)
        except VoiceRefused as refused:
            call.hang_up()
            return Failed(FailureKind.PERMANENT, "bad_desk", refused.text)
        return call
