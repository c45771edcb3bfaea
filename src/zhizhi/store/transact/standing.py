"""A contact that was permitted and waits, when something was written about its person since: what the law was asked
then, so that it can be asked again, and the mark that it still permits (docs/decisions/0051-asked-again.md)."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from zhizhi.store.many import Question, ask
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.transact.claims import hold_laws, staff_of
from zhizhi.store.transact.deliveries import cancel_these

OVERTAKEN = "overtaken"
"""Why a delivery was pulled back: its permit stood, and the law permits it no more."""


@dataclass(frozen=True, slots=True)
class Permitted:
    """A contact that the law permitted, in the terms of its permit; `proposed` as the law was asked about it."""

    person_id: int
    permit_id: int
    party_id: int
    point_id: int
    channel: str
    form: str
    purpose: str
    debts: tuple[int, ...]
    must_end_by: datetime | None
    origin: str
    is_synthetic: bool
    proposed: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A permitted contact that waits, its person held; `staff_id`: who makes it, None for the lender itself."""

    permitted: Permitted
    delivery_id: int
    subject: UUID
    lender: str
    staff_id: int | None
    by: str
    run_id: int | None


_WAITING = """
SELECT m.id, m.party_id, m.point_id, m.channel, m.form, m.purpose, m.debts::text, m.must_end_by, m.origin,
    l.is_synthetic, (v.facts -> 'proposed')::text, p.subject, l.code, v.facts -> 'collector' -> 'person' ->> 'id',
    v.by, d.run_id
FROM delivery d
JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
JOIN decision v ON v.person_id = m.person_id AND v.id = m.decision_id
JOIN person p ON p.id = d.person_id JOIN lender l ON l.id = m.lender_id
WHERE d.person_id = %s AND d.id = %s AND d.state = 'waiting' AND m.state = 'open'
  AND d.stands_at IS DISTINCT FROM p.version
"""
_STANDS = "UPDATE delivery SET stands_at = %s WHERE person_id = %s AND id = %s AND state = 'waiting'"


@contextmanager
def holding_waiting(person_id: int, delivery_id: int) -> Iterator[Waiting | None]:
    """One durable transaction about a delivery that waits and was overtaken, its person and the house rules held; None
    where it waits no more, or somebody else has asked. Refuses: ClockNotTrusted."""
    require_clock()
    with transaction.atomic(using="gate", durable=True):
        hold_laws(person_id)
        rows = ask(Question(_WAITING, [person_id, delivery_id], list))
        yield _waiting(person_id, delivery_id, rows[0]) if rows else None


def _waiting(person_id: int, delivery_id: int, row: tuple[Any, ...]) -> Waiting:
    permit_id, party_id, point_id, channel, form, purpose, debts, until, origin, is_synthetic, proposed, *rest = row
    subject, lender, caller, by, run_id = rest
    permitted = Permitted(
        person_id=person_id,
        permit_id=permit_id,
        party_id=party_id,
        point_id=point_id,
        channel=channel,
        form=form,
        purpose=purpose,
        debts=tuple(int(debt) for debt in json.loads(debts)),
        must_end_by=until,
        origin=origin,
        is_synthetic=is_synthetic,
        proposed=json.loads(proposed),
    )
    return Waiting(permitted, delivery_id, subject, lender, staff_of(caller), by, run_id)


def note_standing(waiting: Waiting, version: int) -> None:
    """The law permits it as the person stood at that version; the transaction of `holding_waiting` is open."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_STANDS, [version, waiting.permitted.person_id, waiting.delivery_id])
        assert cursor.rowcount == 1, "the person is held, and the delivery waited under its lock"


def pull_back_overtaken(waiting: Waiting, at: datetime) -> None:
    """The law permits it no more, or could not be asked: its permit is given back; the transaction is open."""
    cancel_these(waiting.permitted.person_id, [waiting.delivery_id], at, OVERTAKEN)


def is_overtaken(person_id: int, delivery_id: int) -> bool:
    """Whether it was pulled back for that."""
    asked = "SELECT 1 FROM delivery WHERE person_id = %s AND id = %s AND failure = %s"
    return bool(ask(Question(asked, [person_id, delivery_id, OVERTAKEN], list)))
