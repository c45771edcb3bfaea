"""A lease that its system speaks of: found within the token's scope, its person held while something is written."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from zhizhi.store.bulk_stops.standing import is_stopped_in_bulk
from zhizhi.store.bulk_stops.words import STOPPED
from zhizhi.store.keyring import person_seal
from zhizhi.store.leases.models import Lease
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.many import Question, Rows, ask, rows_of
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.people.rows import open_point
from zhizhi.store.transact.claims import CLAIMED, Claimed, claimed_of, staff_of
from zhizhi.store.transact.person import LockedPerson


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease whose person nobody else writes for until the transaction ends; `claimed` is without address.

    `came_between`: what was written since the lease, a stop, words, money, a withdrawn script or house rules; None
    where nothing was.
    `is_overtaken`: somebody committed for the person since the lease, so what the law said then may no longer hold.
    """

    lease: Lease
    person: LockedPerson
    state: str
    claimed: Claimed = field(repr=False)
    collector_kind: str
    sealed_point: bytes = field(repr=False)
    is_over: bool
    is_overtaken: bool
    came_between: str | None

    def number(self) -> str:
        """The number that was leased, opened. Refuses: KeyUnavailable."""
        return open_point(person_seal(self.person.data_key), self.sealed_point, self.claimed.point_id)


# The scope is that of the token now: a case that was taken from an agency is no longer the agency's to speak of,
# except by the token that leased it, whose records are still to come. Nobody is locked whom the token does not know.
_SCOPED = """
FROM lease x JOIN lease_campaign g ON g.id = x.campaign_id AND g.lender_id = %s AND g.agency_id IS NOT DISTINCT FROM %s
JOIN person p ON p.id = x.person_id
"""
_LOCK = f"""
UPDATE person SET version = person.version + 1
FROM (SELECT p.id {_SCOPED} WHERE x.person_id = %s AND x.id = %s FOR UPDATE OF p) locked
WHERE person.id = locked.id
RETURNING person.id, person.lender_id, person.subject, person.data_key
"""
_LEASE = tuple(one.attname for one in Lease._meta.concrete_fields if one.column)
# What was written since the lease: a stop, words, money, a script that was withdrawn or that claims what is not true,
# other house rules of the lender.
_CAME_BETWEEN = """
coalesce(
    (SELECT 'stop' FROM stop s
     WHERE s.person_id = x.person_id AND s.lifted_at IS NULL AND s.from_at >= x.leased_at LIMIT 1),
    (SELECT 'statement' FROM statement s WHERE s.person_id = x.person_id AND s.recorded_at >= x.leased_at LIMIT 1),
    (SELECT 'payment' FROM payment y WHERE y.person_id = x.person_id AND y.recorded_at >= x.leased_at LIMIT 1),
    (SELECT 'template_withdrawn' FROM template_version v WHERE v.id = m.template_version_id AND v.state = 'withdrawn'),
    CASE WHEN EXISTS (SELECT 1 FROM zhizhi_unnoticed(m.person_id) u
                      WHERE m.debts = '[]' OR m.debts @> to_jsonb(u.debt_id))
         THEN 'creditor_unnoticed' END,
    CASE WHEN zhizhi_claims_untrue(m.person_id, m.id, now()) THEN 'untrue_claim' END,
    CASE WHEN NOT zhizhi_names_house(m.lender_id, m.person_id, m.decision_id) THEN 'house_rules' END)
"""
_HELD = f"""
SELECT {", ".join(f"x.{name}" for name in _LEASE)}, d.state, m.used_at, o.sealed,
    EXISTS (SELECT 1 FROM agency a WHERE a.code = m.collector), g.ended_at IS NOT NULL, p.version - 1 <> x.version,
    {_CAME_BETWEEN}, {CLAIMED}
{_SCOPED}
JOIN delivery d ON d.person_id = x.person_id AND d.id = x.delivery_id
JOIN permit m ON m.person_id = x.person_id AND m.id = x.permit_id
JOIN point o ON o.person_id = x.person_id AND o.id = m.point_id
WHERE x.person_id = %s AND x.id = %s FOR UPDATE OF x
"""


@contextmanager
def holding_lease(bearer: Bearer, person_id: int, lease_id: int) -> Iterator[HeldLease | None]:
    """One durable transaction about a lease; None where the token has none of that name. Refuses: ClockNotTrusted."""
    require_clock()
    with transaction.atomic(using="gate", durable=True):
        yield _hold(bearer, person_id, lease_id)


def _hold(bearer: Bearer, person_id: int, lease_id: int) -> HeldLease | None:
    named = [bearer.lender_id, bearer.agency_id, person_id, lease_id]
    law = Question("SELECT zhizhi_hold_law(%s)", [bearer.lender_id], list)  # no activation between here and the commit
    # one after the other in one round trip: what is read is never older than what the locks waited for
    locked, _, found = rows_of(Question(_LOCK, named, list), law, Question(_HELD, named, list))
    if not locked:
        return None
    ((*columns, state, used_at, sealed, is_agency, is_over, is_overtaken, came_between), terms) = _cut(found)
    return HeldLease(
        lease=Lease(**dict(zip(_LEASE, columns, strict=True))),
        person=LockedPerson(*locked[0]),
        state=state,
        claimed=claimed_of(terms, used_at),
        collector_kind="agency" if is_agency else "lender",
        sealed_point=bytes(sealed),
        is_over=is_over,
        is_overtaken=is_overtaken,
        came_between=came_between,
    )


def _cut(found: Rows) -> tuple[list[Any], list[Any]]:
    """What is read of the lease, and what `claimed_of` reads."""
    (row,) = found
    end = len(_LEASE) + 7
    return list(row[:end]), list(row[end:])


def stopped_since(held: HeldLease, at: datetime) -> str | None:
    """That a bulk stop is in the way now; None where none is. The transaction is open."""
    claimed = held.claimed
    return STOPPED if is_stopped_in_bulk(claimed.person_id, claimed.channel, claimed.purpose, at) else None


_LEASED = """
SELECT (v.facts -> 'proposed')::text, v.facts -> 'collector' -> 'person' ->> 'id', l.is_synthetic
FROM permit m JOIN decision v ON v.person_id = m.person_id AND v.id = m.decision_id JOIN lender l ON l.id = m.lender_id
WHERE m.person_id = %s AND m.id = %s
"""


@dataclass(frozen=True, slots=True)
class Leased:
    """What the law was asked about when a lease was made; `staff_id`: who was to speak, where somebody was named."""

    proposed: Mapping[str, Any] = field(repr=False)
    staff_id: int | None
    is_synthetic: bool


def load_leased(held: HeldLease) -> Leased:
    """What was asked about, to be asked again."""
    ((proposed, caller, is_synthetic),) = ask(Question(_LEASED, [held.lease.person_id, held.lease.permit_id], list))
    return Leased(json.loads(proposed), staff_of(caller), is_synthetic)


def confirm_lease(held: HeldLease, at: datetime) -> None:
    """The system rings now; the transaction is open."""
    _update(held, "confirmed_at = %s", [at])


def recall_lease(held: HeldLease, because: str, at: datetime) -> None:
    """The system must not ring any more; the transaction is open."""
    _update(held, "recalled_at = %s, recalled_because = %s", [at, because])


def _update(held: HeldLease, what: str, values: list[Any]) -> None:
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            f"UPDATE lease SET {what}"
            " WHERE person_id = %s AND id = %s AND confirmed_at IS NULL AND recalled_at IS NULL",
            [*values, held.lease.person_id, held.lease.id],
        )
        assert cursor.rowcount == 1, "the person is held, and the lease was looked at under its lock"


_END = """
UPDATE lease_campaign SET ended_at = %s
WHERE lender_id = %s AND agency_id IS NOT DISTINCT FROM %s AND name = %s AND ended_at IS NULL RETURNING id
"""
_RECALL_ALL = """
UPDATE lease SET recalled_at = %s, recalled_because = 'campaign_over'
WHERE campaign_id = %s AND confirmed_at IS NULL AND recalled_at IS NULL AND expires_at > %s
"""
_THERE = "SELECT 1 FROM lease_campaign WHERE lender_id = %s AND agency_id IS NOT DISTINCT FROM %s AND name = %s"


@contextmanager
def ending_campaign(bearer: Bearer, name: str, at: datetime) -> Iterator[int | None]:
    """End a campaign and recall what waits; yields how many, 0 where it had ended, None where there is none.

    A lease that is committed at the same instant is refused when it is confirmed: a confirmation looks at the campaign.
    """
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(_END, [at, bearer.lender_id, bearer.agency_id, name])
        row = cursor.fetchone()
        if row is None:
            cursor.execute(_THERE, [bearer.lender_id, bearer.agency_id, name])
            recalled = None if cursor.fetchone() is None else 0
        else:
            cursor.execute(_RECALL_ALL, [at, row[0], at])
            recalled = int(cursor.rowcount)
        yield recalled
