"""A live call: the desk's telephone first, then the line; watched, recorded, and ended at its limit."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import (
    BAD_TELEPHONE,
    Failed,
    FailureKind,
    PermitGrant,
    SendOutcome,
    Sent,
    Unknown,
    is_telephone,
    refuse_unless_valid,
)
from zhizhi.gateways.voice.control import ControlLost
from zhizhi.gateways.voice.engine import Engine
from zhizhi.gateways.voice.progress import Leg, Progress, heard_in, meaning_of
from zhizhi.gateways.voice.recorder import Pair, Recorder, Watch
from zhizhi.gateways.voice.settings import VoiceSettings

CHANNEL = "voice"
END_AHEAD_SECONDS = 1.0  # what taking leave may take: at its limit a call is over, not about to end
LEAVE_SECONDS = 2.0
READS_MAX = 8  # of what waits to be read at the end of a call; each takes 64 KiB


class Stage(StrEnum):
    """How far a call is."""

    DESK_RINGS = "desk_rings"
    READY = "ready"
    PLACED = "placed"
    RINGS = "rings"
    TALKS = "talks"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a call ended."""

    LIMIT = "limit"
    THEY_HUNG_UP = "they_hung_up"
    DESK_HUNG_UP = "desk_hung_up"
    ASKED = "asked"
    NO_ANSWER = "no_answer"
    LINE_REFUSED = "line_refused"
    RECORDER_STOPPED = "recorder_stopped"
    RECORDER_UNPROVEN = "recorder_unproven"
    DESK_NO_ANSWER = "desk_no_answer"
    PERMIT_OVER = "permit_over"
    NUMBER_FALLS = "number_falls"
    NOT_PLACED = "not_placed"
    ENGINE_LOST = "engine_lost"
    CONTROL_LOST = "control_lost"
    KEEPER_BROKE = "keeper_broke"


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How it ended: `sent` as every channel answers, `outcome` and `line_result` in the words of
    contract/conduct-case.md.

    Rounding: `talk_seconds` up, so that a call is never counted as shorter than it was.
    """

    reason: EndReason
    sent: SendOutcome
    outcome: str | None
    line_result: str | None
    ring_seconds: int | None
    talk_seconds: int | None
    recording_failure: str | None


class LiveCall:
    """One call in the hands of one keeper, who calls `watch` over and over. Nothing else may use it meanwhile."""

    def __init__(
        self,
        engine: Engine,
        settings: VoiceSettings,
        *,
        ends_at: float,
        must_record: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._ends_at = ends_at
        self._must_record = must_record
        self._monotonic = monotonic
        self._legs = {settings.desk_account: Leg.DESK, settings.account: Leg.LINE}
        self._progress = Progress()
        self._recorder = Recorder(engine.recordings)
        self._watch: Watch | None = None
        self._is_ready = False
        self._recording_failure: str | None = None
        self._end: CallEnd | None = None

    @property
    def stage(self) -> Stage:
        """How far it is."""
        line = self._progress.line
        if self._end is not None:
            return Stage.ENDED
        if line.answered_at is not None:
            return Stage.TALKS
        if line.rang_at is not None:
            return Stage.RINGS
        if line.placed_at is not None:
            return Stage.PLACED
        return Stage.READY if self._is_ready else Stage.DESK_RINGS

    @property
    def end(self) -> CallEnd | None:
        """How it ended, once it has."""
        return self._end

    @property
    def engine_pid(self) -> int:
        """The process that carries it."""
        return self._engine.pid

    def ring_desk(self, login: str) -> None:
        """Call the collector's own telephone; no permit is used by that."""
        self._place(Leg.DESK, self._settings.desk_of(login))

    def dial(self, grant: PermitGrant, at: datetime) -> Failed | None:
        """Place the call of a permit, once the desk is there and the recorder is proven. A refusal ends the call.

        From the moment at which the engine is told the number, only proof says that nothing rang.
        """
        assert self.stage is Stage.READY, "the desk comes first"
        if grant.must_end_by is not None:
            ends_at = self._monotonic() + (grant.must_end_by - at).total_seconds() - END_AHEAD_SECONDS
            self._ends_at = min(self._ends_at, ends_at)
        refusal = refuse_unless_valid(grant, at, channel=CHANNEL, into_sink=False)
        if refusal is None and not is_telephone(grant.address):
            refusal = BAD_TELEPHONE
        if refusal is None and self._ends_at - self._monotonic() < self._settings.seconds_min:
            refusal = TOO_LATE
        if refusal is not None:
            self._finish(EndReason.NOT_PLACED, refusal)
            return refusal
        if not self._place(Leg.LINE, self._settings.line_of(grant.address)):
            self._finish(EndReason.NOT_PLACED, NOT_TAKEN)
            return NOT_TAKEN
        return None

    def hang_up(self, reason: EndReason = EndReason.ASKED) -> None:
        """End it now."""
        if self._end is None:
            self._finish(reason)

    def watch(self, seconds: float) -> Stage:
        """Take in what happened, waiting at most so long, and end the call where it has to end."""
        if self._end is not None:
            return Stage.ENDED
        try:
            self._take_in(min(seconds, max(0.0, self._ends_at - self._monotonic())))
        except ControlLost:
            self._finish(self._after_loss())
        else:
            if (reason := self._why_over(self._monotonic())) is not None:
                self._finish(reason)
        return self.stage

    def line_recording(self) -> Pair | None:
        """What was recorded of the line: sent is the desk's voice, received the other side's."""
        return self._recorder.line()

    def _place(self, leg: Leg, address: str) -> bool:
        """Dial on one leg. Answers false where the engine says that it did not; a lost engine is seen by `watch`."""
        account = next(account for account, of in self._legs.items() if of is leg)
        try:
            if self._engine.control.ask("uafind", account).get("ok") is not True:
                return False
            self._progress.leg(leg).placed_at = self._monotonic()
            if self._engine.control.ask("dial", address).get("ok") is True:
                return True
            self._progress.leg(leg).placed_at = None
        except ControlLost:
            return self._progress.leg(leg).placed_at is not None
        return False

    def _take_in(self, seconds: float) -> None:
        for message in self._engine.control.events(seconds):
            heard = heard_in(message, self._legs)
            if heard is not None:
                self._progress.hear(heard, self._monotonic())

    def _after_loss(self) -> EndReason:
        """The socket is gone: with its engine, or alone. An engine that its own clock ended has kept the limit."""
        if not self._engine.ends_soon(LEAVE_SECONDS):
            return EndReason.CONTROL_LOST
        near_limit = self._monotonic() >= self._ends_at - END_AHEAD_SECONDS - LEAVE_SECONDS
        return EndReason.LIMIT if near_limit and self._engine.ended_in_order() else EndReason.ENGINE_LOST

    def _why_over(self, now: float) -> EndReason | None:
        desk, line = self._progress.desk, self._progress.line
        if line.closed_at is not None:
            return EndReason.THEY_HUNG_UP if line.answered_at is not None else EndReason.LINE_REFUSED
        if desk.closed_at is not None:
            return EndReason.DESK_HUNG_UP if desk.answered_at is not None else EndReason.DESK_NO_ANSWER
        if now >= self._ends_at:
            return EndReason.LIMIT
        if desk.answered_at is None:
            waited = desk.placed_at is not None and now - desk.placed_at > self._settings.desk_seconds
            return EndReason.DESK_NO_ANSWER if waited or desk.placed_at is None else None
        if line.answered_at is not None:
            return self._why_unrecorded(line.answered_at, now)
        if line.placed_at is not None:
            return EndReason.NO_ANSWER if now - line.placed_at > self._settings.ring_seconds else None
        return self._why_not_ready(desk.answered_at, now)

    def _why_not_ready(self, answered_at: float, now: float) -> EndReason | None:
        """The desk is there: see the recorder at work, then the line may be placed."""
        if self._is_ready:
            return None
        if self._recorder.prove_desk():
            self._is_ready = True
        elif now - answered_at > self._settings.recorder_seconds:
            self._recording_failure = EndReason.RECORDER_UNPROVEN.value
            if self._must_record:
                return EndReason.RECORDER_UNPROVEN
            self._is_ready = True
        return None

    def _why_unrecorded(self, answered_at: float, now: float) -> EndReason | None:
        self._watch = self._watch or Watch(self._recorder, answered_at, self._settings.recorder_seconds)
        if self._recording_failure is None:
            self._recording_failure = self._watch.failure(now)
        return EndReason.RECORDER_STOPPED if self._recording_failure is not None and self._must_record else None

    def _finish(self, reason: EndReason, refusal: Failed | None = None) -> None:
        """Take leave of both legs and end the engine; then say what is known."""
        self._take_in_the_rest()
        line = self._progress.line
        was_heard = line.rang_at is not None or line.answered_at is not None or line.closed_at is not None
        is_unheard = line.placed_at is not None and not was_heard
        over_at = line.closed_at or self._monotonic()
        in_order = self._engine.end(self._settings.unheard_seconds if is_unheard else LEAVE_SECONDS)
        self._take_in_the_rest()
        self._engine.control.close()
        self._end = self._judged(reason, refusal, over_at, in_order=in_order)

    def _take_in_the_rest(self) -> None:
        """What was told and not read yet, also what crossed our leave: an answer must not pass for none."""
        with suppress(ControlLost):
            for _ in range(READS_MAX):
                self._take_in(0.0)

    def _judged(self, reason: EndReason, refusal: Failed | None, over_at: float, *, in_order: bool) -> CallEnd:
        line = self._progress.line
        ring = talk = None
        outcome = line_result = None
        if line.placed_at is not None:
            ring = int((line.answered_at or over_at) - (line.rang_at or line.placed_at))
        sent: SendOutcome = Sent(line.call_id)
        if line.answered_at is not None:
            talk = max(0, math.ceil(over_at - line.answered_at))
            crossed = line.answered_at > over_at
            outcome, line_result = "answered_dropped" if crossed else "connected", "answered"
        elif line.placed_at is None:
            sent, ring = refusal or failed(reason.value), None
        elif line.closed_at is None:  # we ended it
            if in_order and line.rang_at is not None:
                outcome, line_result = "no_answer", "no_answer"
            else:
                sent = Unknown(reason.value, UNKNOWN_END)
        else:
            meaning = meaning_of(line)
            outcome, line_result = meaning.outcome, meaning.line_result
            if meaning.proof is not None:
                sent = failed(meaning.proof)
            elif meaning.outcome is None:
                sent = Unknown("line_refused", UNKNOWN_END)
        return CallEnd(reason, sent, outcome, line_result, ring, talk, self._recording_failure)


def failed(code: str) -> Failed:
    """Nothing rang, proven."""
    return Failed(FailureKind.TEMPORARY, code, NOTHING_RANG)


NOTHING_RANG = Text(zh="未呼出", en="no call was placed")
UNKNOWN_END = Text(zh="是否振铃无法确定", en="whether it rang is not known")
TOO_LATE = Failed(
    FailureKind.PERMANENT,
    "too_late",
    Text(zh="距规定的结束时间太近，未呼出", en="too close to the instant by which it has to end; no call was placed"),
)
NOT_TAKEN = Failed(
    FailureKind.TEMPORARY, "engine_refused", Text(zh="通话引擎没有接受呼叫", en="the engine did not take the call")
)
