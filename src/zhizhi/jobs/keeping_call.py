"""One call from the moment it is taken to the commit of its end: desk, permit, line, limit, recording, outcome."""

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import close_old_connections, connections

from zhizhi.core.kernel.errors import told
from zhizhi.gateways.permit import Failed, Sent, Unknown
from zhizhi.gateways.voice.audio import NoRecording, both_sides
from zhizhi.gateways.voice.call import UNKNOWN_END, CallEnd, EndReason, LiveCall, Stage, failed
from zhizhi.gateways.voice.channel import VoiceChannel
from zhizhi.gateways.voice.engine import end_left_behind
from zhizhi.gateways.voice.recorder import RECORDINGS_FOLDER, Pair, Recorder
from zhizhi.jobs.long_job import DATABASE_AWAY
from zhizhi.jobs.outbox import grant_of
from zhizhi.store.channels import SIP
from zhizhi.store.contacts.calls import OpenCall, find_open_call
from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.operations.clock_guard import ClockNotTrusted
from zhizhi.store.recordings.keeping import PersonErased, keep_recording
from zhizhi.store.transact.deliveries import Settled
from zhizhi.store.transact.live_calls import EndedCall, NewRecording, TakenCall, end_call, is_hang_up_asked, note_stage
from zhizhi.usecases.claim_contacts import claim_contacts
from zhizhi.usecases.outbound.needed import taken_number
from zhizhi.usecases.refused import UseCaseRefused

LOG = logging.getLogger(__name__)
WATCH_SECONDS = 0.1
LOOK_SECONDS = 0.5  # between two looks whether the desk wants the call to end
PAUSE_SECONDS = 2.0
KEEPING_TRIES_MAX = 5  # of storing a recording; then the end is told without it, and the spool keeps it
KEEPER_LOST = "keeper_lost"
NOT_STORED = "not_stored"
NOTHING_RECORDED = "nothing_recorded"
ONE_SIDED = "one_sided"  # kept all the same: the other side never sent a sound
ERASED = "person_erased"
_WRITTEN = {Stage.PLACED: "placed", Stage.RINGS: "rings", Stage.TALKS: "talks"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What keepers share; `hang_up` is set when all calls are to end."""

    channel: VoiceChannel
    spool: Path
    wall: Callable[[], datetime]
    monotonic: Callable[[], float]
    hang_up: threading.Event


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What became of the recording."""

    recording: NewRecording | None = None
    failure: str | None = None


class Keeper:
    """Keeps one call. The permit is used at the last moment, when the desk is there and the recorder is proven."""

    def __init__(self, call: TakenCall, around: Surroundings) -> None:
        self._call = call
        self._around = around
        self._key = f"{call.person_id}-{call.call_id}"
        self._written = call.state
        self._looked_at = 0.0

    def keep(self) -> None:
        """The whole call; the body of its thread."""
        try:
            self._keep()
        except Exception as fault:  # the row stays open, counted, and is settled at the next start
            LOG.error("call %s was not settled: %s", self._call.call_id, told(fault))
        finally:
            connections.close_all()

    def settle_left_behind(self) -> None:
        """What a keeper left behind that died: its engine is ended, and what was written says what happened."""
        call = self._call
        end_left_behind(self._around.spool / self._key)
        pair = Recorder(self._around.spool / self._key / RECORDINGS_FOLDER).line()
        lost = CallEnd(EndReason.ENGINE_LOST, Unknown(KEEPER_LOST, UNKNOWN_END), None, None, None, None, None)
        if call.placed_at is None:
            lost = CallEnd(EndReason.ENGINE_LOST, failed(KEEPER_LOST), None, None, None, None, None)
        elif call.answered_at is not None:
            talked = _seconds_of(pair)
            lost = CallEnd(EndReason.ENGINE_LOST, Sent(""), "connected", "answered", None, talked, None)
        self._tell_end(lost, KEEPER_LOST, pair)

    def _keep(self) -> None:
        call, around = self._call, self._around
        live = around.channel.open(
            self._key, call.login, around.wall(), must_end_by=call.must_end_by, must_record=call.must_record
        )
        if isinstance(live, Failed):
            self._tell_end(CallEnd(EndReason.NOT_PLACED, live, None, None, None, None, None), live.code, None)
            return
        try:
            while live.watch(WATCH_SECONDS) is not Stage.ENDED:
                self._step(live)
        except Exception as fault:  # whatever broke, the call is ended and its end is told
            LOG.error("the keeper of call %s broke: %s", call.call_id, told(fault))
            live.hang_up(EndReason.KEEPER_BROKE)
        assert live.end is not None
        self._tell_end(live.end, live.end.reason.value, live.line_recording())

    def _step(self, live: LiveCall) -> None:
        if live.stage is Stage.READY:
            self._place(live)
        elif live.stage in _WRITTEN:
            self._note(live.stage)
        now = self._around.monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            if self._around.hang_up.is_set() or self._is_hang_up_asked():
                live.hang_up()

    def _place(self, live: LiveCall) -> None:
        """Use the permit and dial. That it was placed is committed before the number is told to the engine."""
        call, around, at = self._call, self._around, self._around.wall()
        try:
            taken_number(call.person_id, call.permit_id, at, around.channel.shows)
            mine = (call.person_id, call.delivery_id)
            claimed = claim_contacts([SIP], at, f"u{call.staff_id}", only=mine, origin="system")
            if not claimed or not claimed[0].is_readable:
                live.hang_up(EndReason.PERMIT_OVER)
                return
            note_stage(call, "placed", at)
            self._written = "placed"
        except UseCaseRefused:
            live.hang_up(EndReason.NUMBER_FALLS)
            return
        except (*DATABASE_AWAY, ClockNotTrusted, KeyUnavailable) as fault:
            LOG.warning("call %s is not placed: %s", call.call_id, told(fault))
            live.hang_up(EndReason.NOT_PLACED)
            return
        live.dial(grant_of(claimed[0]), self._around.wall())

    def _note(self, stage: Stage) -> None:
        """Write how far it is; without a database the call goes on, under its limit, and is told at its end."""
        if self._written == _WRITTEN[stage]:
            return
        try:
            note_stage(self._call, _WRITTEN[stage], self._around.wall())
            self._written = _WRITTEN[stage]
        except DATABASE_AWAY as fault:
            self._database_away(fault)

    def _is_hang_up_asked(self) -> bool:
        try:
            return is_hang_up_asked(self._call)
        except DATABASE_AWAY as fault:
            self._database_away(fault)
            return False

    def _database_away(self, fault: Exception) -> None:
        LOG.warning("call %s: the database is away: %s", self._call.call_id, told(fault))
        close_old_connections()

    def _tell_end(self, end: CallEnd, because: str, pair: Pair | None) -> None:
        """Store the recording, then commit the end with it; tried until the database is there."""
        at = self._around.wall()
        while True:
            try:
                recorded = self._recorded(end, pair)
                end_call(self._ended(end, because, recorded, at))
                break
            except DATABASE_AWAY as fault:
                self._database_away(fault)
                if self._around.hang_up.is_set():  # told to go: the next start finds the row and the spool
                    raise
                self._pause()
        if recorded.failure != NOT_STORED:
            shutil.rmtree(self._around.spool / self._key, ignore_errors=True)

    def _recorded(self, end: CallEnd, pair: Pair | None) -> _Recorded:
        if end.outcome != "connected":  # nobody spoke
            return _Recorded(failure=end.recording_failure)
        for _ in range(KEEPING_TRIES_MAX):
            try:
                return self._stored(end, pair)
            except NoRecording:
                return _Recorded(failure=end.recording_failure or NOTHING_RECORDED)
            except PersonErased:
                return _Recorded(failure=ERASED)
            except (OSError, KeyUnavailable) as fault:
                LOG.error("call %s: the recording was not stored: %s", self._call.call_id, told(fault))
                self._pause()
        return _Recorded(failure=NOT_STORED)

    def _stored(self, end: CallEnd, pair: Pair | None) -> _Recorded:
        if pair is None:
            raise NoRecording("no file of the line")
        sound = both_sides(pair)
        recording = keep_recording(self._call.person_id, sound.blocks, sound.seconds)
        return _Recorded(recording, end.recording_failure or (ONE_SIDED if sound.is_one_sided else None))

    def _pause(self) -> None:
        self._around.hang_up.wait(PAUSE_SECONDS)

    def _ended(self, end: CallEnd, because: str, recorded: _Recorded, at: datetime) -> EndedCall:
        call = self._call
        open_call = find_open_call(call.person_id, call.permit_id, "claimed")
        return EndedCall(
            call=call,
            at=at,
            because=because,
            outcome=end.outcome,
            line_result=end.line_result,
            ring_seconds=end.ring_seconds,
            talk_seconds=end.talk_seconds,
            recording_failure=recorded.failure,
            recording=recorded.recording,
            settled=None if open_call is None else _settled(open_call, end, at),
        )


def _settled(open_call: OpenCall, end: CallEnd, at: datetime) -> Settled | None:
    """What becomes of the delivery. One that was answered waits for the word of the desk, counted as "perhaps"."""
    match end.sent:
        case Failed(code=code):
            return Settled(open_call.claimed, "failed", at, failure=code)
        case Unknown(code=code):
            return Settled(open_call.claimed, "unknown", at, failure=code)
        case Sent() if end.outcome == "connected":
            return None
        case Sent(provider_message_id=key):
            facts = {
                "ring_seconds": end.ring_seconds,
                "line_result": end.line_result,
                "collector_kind": open_call.collector_kind,
            }
            return Settled(
                open_call.claimed, "delivered", at, end.outcome, key or None, facts=facts, staff_id=open_call.staff_id
            )


def _seconds_of(pair: Pair | None) -> int | None:
    """How long was recorded, as the length of a talk that nobody measured to its end."""
    if pair is None:
        return None
    try:
        return both_sides(pair).seconds
    except NoRecording:
        return None
