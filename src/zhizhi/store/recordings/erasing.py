"""Recordings whose time may have ended, and their erasure: decided in rows and in the log first, then done.

A process that dies between the two leaves a decision that the next round carries out; one that dies before it leaves
everything as it was.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store import objects
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.recordings.models import RecordingErasure
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import writing

PROCEEDINGS = ("dispute", "complaint", "bankruptcy", "no_contact_order")
"""Stops behind which somebody may still ask what was said; a case at court is an open case."""

OUT_OF_HANDS = ["settled_with_waiver", "assigned", "subrogated", "ended", "withdrawn"]
"""Exits of a case after which nobody here learns whether the debt was settled."""


@dataclass(frozen=True, slots=True)
class EndedRecording:
    """A recording of a person on whom nothing is open, with the instants and days from which the law counts.

    `house`: digest of the lender's house pack. `settled_on`: None while a debt is not settled; `is_out_of_hands`: where
    that will never be known here.
    """

    person_id: int
    recording_id: int
    object_name: str
    profile: str
    house: str | None
    made_at: datetime
    latest_contact_at: datetime | None
    proceedings_ended_at: datetime | None
    case_closed_on: date
    settled_on: date | None
    is_out_of_hands: bool


# Every subquery asks for one person by the leading column of a key.
_ENDED = """
SELECT r.person_id, r.id, r.object_name, l.profile,
    (SELECT h.sha256 FROM house_activation h WHERE h.lender_id = l.id AND h.ended_at IS NULL), r.made_at,
    (SELECT max(c.at) FROM contact c WHERE c.person_id = r.person_id),
    (SELECT max(coalesce(least(s.lifted_at, s.until_at), s.until_at)) FROM stop s
      WHERE s.person_id = r.person_id AND s.kind = ANY (%(proceedings)s)),
    closed.last_on,
    CASE WHEN NOT EXISTS (SELECT 1 FROM debt d WHERE d.person_id = r.person_id AND d.state <> 'settled')
         THEN greatest((SELECT max(y.paid_on) FROM payment y WHERE y.person_id = r.person_id),
                       (SELECT max(e."on") FROM entry e WHERE e.person_id = r.person_id), closed.last_on) END,
    EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = r.person_id AND c.closed_on = closed.last_on
              AND c.exit = ANY (%(out_of_hands)s))
FROM recording r
JOIN person p ON p.id = r.person_id
JOIN lender l ON l.id = p.lender_id
JOIN LATERAL (SELECT max(c.closed_on) AS last_on, bool_or(c.closed_on IS NULL) AS is_open
                FROM collection_case c WHERE c.person_id = r.person_id) closed ON closed.is_open IS FALSE
WHERE r.made_at < %(at)s AND (r.person_id, r.id) > (%(person)s, %(recording)s)
  AND (%(only)s::bigint IS NULL OR (r.person_id, r.id) = (%(only_person)s, %(only)s))
  AND NOT EXISTS (SELECT 1 FROM recording_erasure x WHERE x.person_id = r.person_id AND x.recording_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.person_id = r.person_id AND h.state = 'open')
  AND NOT EXISTS (SELECT 1 FROM breach_inquiry i WHERE i.permit_id = r.permit_id AND i.ended_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM stop s WHERE s.person_id = r.person_id AND s.kind = ANY (%(proceedings)s)
                    AND (s.lifted_at IS NULL OR s.lifted_at > %(at)s) AND (s.until_at IS NULL OR s.until_at > %(at)s))
ORDER BY r.person_id, r.id LIMIT %(limit)s
"""
FIRST = (0, 0)


def ended_recordings(at: datetime, after: tuple[int, int], limit: int) -> list[EndedRecording]:
    """Recordings on whose person no case, hold, inquiry or proceedings are open, from behind a person and an id."""
    return _ended(at, after, limit, only=None)


def _ended(at: datetime, after: tuple[int, int], limit: int, only: tuple[int, int] | None) -> list[EndedRecording]:
    person, recording = only or (None, None)
    asked: dict[str, Any] = {"at": at, "limit": limit, "proceedings": list(PROCEEDINGS), "out_of_hands": OUT_OF_HANDS}
    asked |= {"person": after[0], "recording": after[1], "only_person": person, "only": recording}
    with connections["gate"].cursor() as cursor:
        cursor.execute(_ENDED, asked)
        return [EndedRecording(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class TimeEnded:
    """By which rule a recording was kept until when, and on which civil day that is over."""

    kept_until: date
    rule: str
    today: date


def decide_erasure(found: EndedRecording, ended: TimeEnded, at: datetime) -> bool:
    """Write that a recording is erased, with its leaf; its salts go at once. False: something has come up since.

    Refuses: a clock that is not trusted (`ClockNotTrusted`).
    """
    with writing(found.person_id) as person:
        require_clock()
        if _ended(at, FIRST, 1, only=(found.person_id, found.recording_id)) != [found]:
            return False
        row = RecordingErasure.objects.using("gate").create(
            person_id=found.person_id,
            id=ids.take(),
            recording_id=found.recording_id,
            object_name=found.object_name,
            kept_until=ended.kept_until,
            rule=ended.rule,
            erased_on=ended.today,
            decided_at=at,
        )
        _erase_salts(found)
        told = {
            "recording": row.recording_id,
            "object": row.object_name,
            "kept_until": row.kept_until.isoformat(),
            "rule": row.rule,
            "erased_on": row.erased_on.isoformat(),
            "decided_at": instant(at),
        }
        source = (found.person_id, row.id)
        add_leaves([NewLeaf(LeafKind.ERASURE, at, person.subject, told, *source, source_table="recording_erasure")])
    return True


def _erase_salts(found: EndedRecording) -> None:
    """Without its salts the leaf of the recording proves its place in the log, and says nothing any more."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM salt s USING leaf l WHERE l.source_person_id = %s AND l.source_id = %s"
            " AND l.source_table = 'recording' AND s.person_id = l.source_person_id AND s.leaf_id = l.id",
            [found.person_id, found.recording_id],
        )


def finish_erasures(at: datetime, limit: int) -> int:
    """Remove the octets of erasures that were decided, and note that they are gone; answers how many."""
    undone = RecordingErasure.objects.using("gate").filter(gone_at=None).order_by("decided_at")[:limit]
    for row in undone:
        objects.objects().remove(row.object_name)
        RecordingErasure.objects.using("gate").filter(person_id=row.person_id, id=row.id, gone_at=None).update(
            gone_at=at
        )
    return len(undone)


def erased_on(person_id: int, recording_id: int) -> date | None:
    """The civil day on which a recording was erased; None where it was not."""
    rows = RecordingErasure.objects.using("gate").filter(person_id=person_id, recording_id=recording_id)
    return rows.values_list("erased_on", flat=True).first()
