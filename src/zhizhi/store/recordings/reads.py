"""Calls and recordings as screens, keepers and checkers read them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from zhizhi.store import objects
from zhizhi.store.keyring import person_seal
from zhizhi.store.people.models import Person
from zhizhi.store.recordings.models import LiveCall, Recording
from zhizhi.store.recordings.sealing import opened_blocks
from zhizhi.store.select import select


@dataclass(frozen=True, slots=True)
class LiveCallRow:
    """A call as its screen shows it."""

    permit_id: int
    state: str
    asked_at: datetime
    must_record: bool
    answered_at: datetime | None
    ended_because: str | None
    outcome: str | None
    line_result: str | None
    ring_seconds: int | None
    talk_seconds: int | None
    recording_failure: str | None


_CALL = """
SELECT permit_id, state, asked_at, must_record, answered_at, ended_because, outcome, line_result, ring_seconds,
    talk_seconds, recording_failure
FROM live_call WHERE person_id = %(person)s AND permit_id = %(permit)s
"""


def load_live_call(person_id: int, permit_id: int) -> LiveCallRow | None:
    """The call of a permit, where the viewer may see it."""
    rows = select(_CALL, {"person": person_id, "permit": permit_id})
    return LiveCallRow(*rows[0]) if rows else None


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the engine knows of a call, better than whoever made it."""

    is_over: bool
    line_result: str | None
    ring_seconds: int | None
    talk_seconds: int | None

    def to_facts(self) -> dict[str, int | str]:
        """What of it is known, by the columns of a contact."""
        known = {
            "line_result": self.line_result,
            "ring_seconds": self.ring_seconds,
            "talk_seconds": self.talk_seconds,
        }
        return {name: value for name, value in known.items() if value is not None}


def load_engine_facts(person_id: int, permit_id: int) -> EngineFacts | None:
    """What the engine measured; None where no engine placed the call."""
    row = LiveCall.objects.using("gate").filter(person_id=person_id, permit_id=permit_id).first()
    if row is None:
        return None
    return EngineFacts(row.state == "ended", row.line_result, row.ring_seconds, row.talk_seconds)


@dataclass(frozen=True, slots=True)
class UnreportedCall:
    """A call that was answered and ended, of which the desk has not said what came of it."""

    person_id: int
    permit_id: int


def unreported_calls(ended_before: datetime, limit: int) -> list[UnreportedCall]:
    """Those that ended before an instant."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "SELECT c.person_id, c.permit_id FROM delivery d"
            " JOIN live_call c ON c.person_id = d.person_id AND c.delivery_id = d.id"
            " WHERE d.state = 'claimed' AND d.gateway = 'sip' AND c.state = 'ended' AND c.ended_at < %s"
            " ORDER BY c.ended_at LIMIT %s",
            [ended_before, limit],
        )
        return [UnreportedCall(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """Where a recording lies, and what its row says of it."""

    person_id: int
    recording_id: int
    permit_id: int
    object_name: str
    sha256: str
    sealed_sha256: str
    bytes: int
    seconds: int
    made_at: datetime


def load_recording(person_id: int, permit_id: int) -> StoredRecording | None:
    """The recording of a permit's call."""
    row = Recording.objects.using("gate").filter(person_id=person_id, permit_id=permit_id).first()
    if row is None:
        return None
    return StoredRecording(
        row.person_id,
        row.id,
        row.permit_id,
        row.object_name,
        row.sha256,
        row.sealed_sha256,
        row.bytes,
        row.seconds,
        row.made_at,
    )


def open_recording(stored: StoredRecording) -> Iterator[bytes]:
    """The WAV. Refuses: an erased person, altered octets (`KeyUnavailable`), nothing there (`FileNotFoundError`)."""
    wrapped = Person.objects.using("gate").values_list("data_key", flat=True).get(id=stored.person_id)
    return opened_blocks(person_seal(wrapped), stored.recording_id, objects.objects().open(stored.object_name))
