"""Bulk stops are counted, set and lifted, and what waits for those whom they mean is given back."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import uuid4

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.bulk_stops.models import BulkStop, Residence
from zhizhi.store.bulk_stops.words import SPARED, STOPPED
from zhizhi.store.channels import AT_A_DESK, DIALLER
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.many import Question, ask
from zhizhi.store.transact.deliveries import EXPIRED_MAX, cancel_stopped_in_bulk
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import lock_persons, writing

OVER = Text("该批量停催已到期或已解除", "this bulk stop is over, or was lifted")


@dataclass(frozen=True, slots=True)
class NewBulkStop:
    """Whom it means (None and empty: all), from when until when, and why."""

    lender_id: int | None
    agency_id: int | None
    product: str
    channel: str
    areas: tuple[str, ...]
    from_at: datetime
    until_at: datetime
    reason: str
    ground: str


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a stop means now: persons with an open case, those of them whose residence nobody recorded, contacts that
    wait, that a worker holds, calls under way, and leases that were not confirmed."""

    persons: int
    unplaced: int
    waiting: int
    in_hand: int
    talking: int
    leased: int


_MEANT = """
WITH meant AS MATERIALIZED (
    SELECT q.person_id, q.is_placed FROM zhizhi_bulk_persons(%s::bigint, %s::bigint, %s::text, %s::jsonb) q
    WHERE EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = q.person_id AND c.closed_on IS NULL)
), handed AS (
    SELECT d.state, d.gateway = ANY (%s::text[]) AS is_call, d.gateway = %s::text AS is_leased,
        x.expires_at > %s::timestamptz AS waits_to_ring
    FROM delivery d JOIN meant USING (person_id) JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
    LEFT JOIN lease x ON x.person_id = d.person_id AND x.delivery_id = d.id AND x.confirmed_at IS NULL
        AND x.recalled_at IS NULL
    WHERE d.state IN ('waiting', 'claimed') AND %s::text IN ('', m.channel) AND NOT m.purpose = ANY (%s::text[])
)
SELECT (SELECT count(*) FROM meant), (SELECT count(*) FROM meant WHERE NOT is_placed),
    count(*) FILTER (WHERE state = 'waiting'),
    count(*) FILTER (WHERE state = 'claimed' AND NOT is_call AND NOT is_leased),
    count(*) FILTER (WHERE state = 'claimed' AND is_call), count(*) FILTER (WHERE is_leased AND waits_to_ring)
FROM handed
"""


def count_meant(new: NewBulkStop, at: datetime) -> Meant:
    """Whom it would mean at an instant; without an area everybody is placed well enough."""
    asked = [
        *(new.lender_id, new.agency_id, new.product, _as_json(new.areas)),
        *(list(AT_A_DESK), DIALLER, at, new.channel, list(SPARED)),
    ]
    persons, unplaced, *rest = ask(Question(_MEANT, asked, list))[0]
    return Meant(persons, unplaced if new.areas else 0, *rest)


def _as_json(areas: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{area}"' for area in areas) + "]"


def keep_bulk_stop(new: NewBulkStop, at: datetime, by: int) -> int:
    """Set it; from this commit on it binds wherever a contact passes. Answers its id."""
    meant = count_meant(new, at)
    counts = {one.name: getattr(meant, one.name) for one in fields(Meant)}
    with transaction.atomic(using="gate", durable=True):
        row = BulkStop.objects.using("gate").create(
            lender_id=new.lender_id,
            agency_id=new.agency_id,
            product=new.product,
            channel=new.channel,
            areas=list(new.areas),
            from_at=new.from_at,
            until_at=new.until_at,
            reason=new.reason,
            ground=new.ground,
            counts=counts,
            set_by_id=by,
            set_at=at,
        )
        _log(row, LeafKind.HOLD, at)
    return int(row.pk)


def lift_bulk_stop(stop_id: int, ground: str, approval_id: int, at: datetime, by: int) -> None:
    """Lift it before its end, in the caller's transaction on `gate`. Refuses: one that is over."""
    row = BulkStop.objects.using("gate").select_for_update().filter(pk=stop_id, lifted_at=None, until_at__gt=at).first()
    if row is None:
        raise Refused("stop_over", OVER)
    row.lifted_at, row.lifted_by_id, row.lifted_ground, row.approval_id = at, by, ground, approval_id
    row.save(using="gate", update_fields=["lifted_at", "lifted_by", "lifted_ground", "approval"])
    _log(row, LeafKind.RELEASE, at)


def _log(row: BulkStop, kind: LeafKind, at: datetime) -> None:
    values = {
        "lender": row.lender_id,
        "agency": row.agency_id,
        "product": row.product,
        "channel": row.channel,
        "areas": row.areas,
        "from": instant(row.from_at),
        "until": instant(row.until_at),
        "reason": row.reason,
        "ground": row.ground,
        "counts": row.counts,
        "by": row.set_by_id,
        "lifted_by": row.lifted_by_id,
        "lifted_ground": row.lifted_ground,
        "approval": row.approval_id,
    }
    add_leaves([NewLeaf(kind, at, uuid4(), values, source_id=row.pk, source_table="bulk_stop")])


_WAITING = """
SELECT DISTINCT d.person_id FROM delivery d JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
WHERE d.state = 'waiting' AND zhizhi_bulk_stop_of(d.person_id, d.channel, m.purpose, %s) IS NOT NULL LIMIT %s
"""


def give_back_stopped(at: datetime, beat: Callable[[], None], *, limit: int = EXPIRED_MAX) -> int:
    """What waits for anybody whom a bulk stop means ends, and its permits are given back, at most so many persons a
    commit. It would not leave either way: this is why it does not wait on. Answers how many."""
    done = 0
    while True:
        with transaction.atomic(using="gate", durable=True):
            with connections["gate"].cursor() as cursor:
                cursor.execute(_WAITING, [at, limit])
                persons = sorted(row[0] for row in cursor.fetchall())
            if not persons:
                return done
            lock_persons(persons)
            done += cancel_stopped_in_bulk(persons, at, STOPPED)
        beat()


def add_residence(person_id: int, division: str, at: datetime, by: int) -> None:
    """Where somebody lives, as they said; whatever was known before stays. Refuses: a person that does not exist."""
    with writing(person_id) as person:
        row = Residence(person_id=person_id, id=ids.take(), division=division, source="said", at=at, by_id=by)
        row.save(using="gate", force_insert=True)
        values = {"division": division, "source": row.source, "by": by}
        add_leaves([NewLeaf(LeafKind.PERSON, at, person.subject, values, person_id, row.id, source_table="residence")])
