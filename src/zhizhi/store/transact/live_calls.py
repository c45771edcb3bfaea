"""A call that the system places: asked for by a click, taken by one keeper, told on the way, ended once.

Its end, its recording, what became of its delivery and their leaves are one commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.contacts.calls import OpenCall
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.recordings.models import LiveCall, Recording
from zhizhi.store.transact.deliveries import Settled, settle_in
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import writing

ASKED_FOR = timedelta(minutes=1)  # a click that nobody took up by then is stale: the collector is not waiting any more
NOT_TAKEN = "not_taken"


@dataclass(frozen=True, slots=True)
class TakenCall:
    """A call in the hands of this keeper."""

    person_id: int
    call_id: int
    permit_id: int
    delivery_id: int
    staff_id: int
    login: str
    must_end_by: datetime | None
    must_record: bool
    state: str
    placed_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewRecording:
    """What was stored of a call."""

    recording_id: int
    object_name: str
    sha256: str
    sealed_sha256: str
    bytes: int
    seconds: int


@dataclass(frozen=True, slots=True)
class EndedCall:
    """How a call ended. `settled`: what becomes of its delivery now; None where nothing was claimed, or where the
    person at the desk is still to say what came of it."""

    call: TakenCall
    at: datetime
    because: str
    outcome: str | None = None
    line_result: str | None = None
    ring_seconds: int | None = None
    talk_seconds: int | None = None
    recording_failure: str | None = None
    recording: NewRecording | None = None
    settled: Settled | None = None


class Asked(StrEnum):
    """What became of a click."""

    NOW = "now"
    BEFORE = "before"
    ENDED = "ended"


def ask_call(call: OpenCall, by: int, at: datetime, *, must_record: bool) -> Asked:
    """Ask for a permitted call to be placed, once: a second click on the same permit finds the first, or its end."""
    claimed = call.claimed
    row = LiveCall(
        person_id=claimed.person_id,
        id=ids.take(),
        permit_id=claimed.permit_id,
        delivery_id=call.delivery_id,
        staff_id=by,
        must_end_by=claimed.must_end_by,
        must_record=must_record,
        asked_at=at,
    )
    with transaction.atomic(using="gate", durable=True):
        known = LiveCall.objects.using("gate").filter(person_id=claimed.person_id, permit_id=claimed.permit_id).first()
        if known is not None:
            return Asked.ENDED if known.state == "ended" else Asked.BEFORE
        LiveCall.objects.using("gate").bulk_create([row], ignore_conflicts=True)  # of two clicks at once one counts
        return Asked.NOW


def is_call_of(person_id: int, permit_id: int, by: int) -> bool:
    """Whether somebody asked for this call."""
    rows = LiveCall.objects.using("gate").filter(person_id=person_id, permit_id=permit_id, staff_id=by)
    return rows.exists()


_STALE = """
UPDATE live_call SET state = 'ended', ended_at = %(at)s, ended_because = %(because)s
WHERE state = 'asked' AND asked_at <= %(before)s
"""
_TAKE = """
WITH mine AS (
    SELECT person_id, id FROM live_call WHERE state = 'asked' ORDER BY asked_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE live_call c SET state = 'desk_rings', keeper = %(keeper)s
FROM mine, staff s WHERE c.person_id = mine.person_id AND c.id = mine.id AND s.id = c.staff_id
"""
_CALL = """c.person_id, c.id, c.permit_id, c.delivery_id, c.staff_id, s.login, c.must_end_by, c.must_record, c.state,
    c.placed_at, c.answered_at"""


def take_calls(keeper: str, at: datetime, limit: int) -> list[TakenCall]:
    """Take up to so many calls that were asked for; those that waited too long end without a ring."""
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(_STALE, {"at": at, "because": NOT_TAKEN, "before": at - ASKED_FOR})
        cursor.execute(f"{_TAKE} RETURNING {_CALL}", {"keeper": keeper, "limit": limit})
        return [TakenCall(*row) for row in cursor.fetchall()]


def calls_of(keeper: str) -> list[TakenCall]:
    """The calls of a keeper that have not ended: what it finds when it starts again."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            f"SELECT {_CALL} FROM live_call c JOIN staff s ON s.id = c.staff_id"
            " WHERE c.state <> 'ended' AND c.keeper = %s ORDER BY c.asked_at",
            [keeper],
        )
        return [TakenCall(*row) for row in cursor.fetchall()]


_FIRST_AT = {"placed": "placed_at", "rings": "rang_at", "talks": "answered_at"}


def note_stage(call: TakenCall, state: str, at: datetime) -> None:
    """Write how far a call is; a stage is dated once."""
    dated = {_FIRST_AT[state]: at} if state in _FIRST_AT else {}
    rows = LiveCall.objects.using("gate").filter(person_id=call.person_id, id=call.call_id)
    rows.update(state=state, **dated)


def is_hang_up_asked(call: TakenCall) -> bool:
    """Whether the person at the desk wants it to end."""
    rows = LiveCall.objects.using("gate").filter(person_id=call.person_id, id=call.call_id)
    return rows.filter(hang_up_asked_at__isnull=False).exists()


def ask_hang_up(person_id: int, permit_id: int, by: int, at: datetime) -> bool:
    """Ask for one's own call to end; false where it has ended, or is another's."""
    rows = LiveCall.objects.using("gate").filter(person_id=person_id, permit_id=permit_id, staff_id=by)
    return bool(rows.exclude(state="ended").update(hang_up_asked_at=at))


def end_call(ended: EndedCall) -> None:
    """Write the end of a call with everything that goes with it; a second time, nothing is written."""
    call = ended.call
    with writing(call.person_id) as person:
        live = LiveCall.objects.using("gate").filter(person_id=call.person_id, id=call.call_id)
        if not live.exclude(state="ended").update(
            state="ended",
            ended_at=ended.at,
            ended_because=ended.because,
            outcome=ended.outcome,
            line_result=ended.line_result,
            ring_seconds=ended.ring_seconds,
            talk_seconds=ended.talk_seconds,
            recording_failure=ended.recording_failure,
        ):
            return
        if ended.recording is not None:
            _add_recording(call, ended.recording, ended.at)
        if ended.settled is not None:
            settle_in([ended.settled])
        add_leaves(_leaves(ended, live.get(), person.subject))


def _add_recording(call: TakenCall, new: NewRecording, at: datetime) -> None:
    Recording.objects.using("gate").create(
        person_id=call.person_id,
        id=new.recording_id,
        call_id=call.call_id,
        permit_id=call.permit_id,
        object_name=new.object_name,
        sha256=new.sha256,
        sealed_sha256=new.sealed_sha256,
        bytes=new.bytes,
        seconds=new.seconds,
        made_at=at,
    )


def _leaves(ended: EndedCall, row: LiveCall, subject: UUID) -> Sequence[NewLeaf]:
    call = ended.call
    told = {
        "permit": row.permit_id,
        "ended": row.ended_because,
        "outcome": row.outcome,
        "line_result": row.line_result,
        "ring_seconds": row.ring_seconds,
        "talk_seconds": row.talk_seconds,
        "recording_failure": row.recording_failure,
        "answered_at": instant(row.answered_at),
    }
    leaves = [
        NewLeaf(LeafKind.OUTCOME, ended.at, subject, told, call.person_id, call.call_id, source_table="live_call")
    ]
    new = ended.recording
    if new is not None:
        kept = {
            "call": call.call_id,
            "permit": call.permit_id,
            "object": new.object_name,
            "sha256": new.sha256,
            "sealed_sha256": new.sealed_sha256,
            "bytes": new.bytes,
            "seconds": new.seconds,
        }
        leaves.append(
            NewLeaf(
                LeafKind.RECORDING, ended.at, subject, kept, call.person_id, new.recording_id, source_table="recording"
            )
        )
    return leaves
