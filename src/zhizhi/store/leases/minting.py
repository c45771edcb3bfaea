"""A lease is written in the commit of its permit: used from that second, in the hands of the system that asked."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from django.db import connections, transaction

from zhizhi.store.ids import ids
from zhizhi.store.leases.models import KeptAnswer, Lease, LeaseCampaign
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.many import Question, ask, insert_many
from zhizhi.store.operations.clock_guard import require_clock

DIALLER = "dialler"
"""The gateway of leased deliveries: no worker serves it; they are born claimed by the token that leased them."""


@dataclass(frozen=True, slots=True)
class NewLease:
    """A permit of this commit that is leased."""

    person_id: int
    permit_id: int
    delivery_id: int
    expires_at: datetime


@contextmanager
def one_commit(holding: Iterable[int] = ()) -> Iterator[None]:
    """Decisions, leases and the kept answer of one request in one transaction, the persons held from its beginning.

    Refuses: ClockNotTrusted.
    """
    require_clock()
    held = sorted(set(holding))
    with transaction.atomic(using="gate", durable=True):
        if held:
            with connections["gate"].cursor() as cursor:
                cursor.execute("SELECT 1 FROM person WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE", [held])
        yield


_USE = "UPDATE permit SET state = 'used', used_at = %s WHERE person_id = %s AND id = %s AND state = 'open'"
_TAKE = (
    "UPDATE delivery SET state = 'claimed', claimed_at = %s, claimed_by = %s, attempts = 1"
    " WHERE person_id = %s AND id = %s AND state = 'waiting'"
)


def write_leases(new: Sequence[NewLease], campaign_id: int, bearer: Bearer, at: datetime) -> list[int]:
    """Use the permits and hand them out; answers the ids of the leases. The permits' own transaction is open."""
    if not new:
        return []
    lease_ids = ids.take_many(len(new))
    rows = [
        Lease(
            person_id=one.person_id,
            id=lease_id,
            permit_id=one.permit_id,
            delivery_id=one.delivery_id,
            campaign_id=campaign_id,
            token_id=bearer.token_id,
            leased_at=at,
            expires_at=one.expires_at,
        )
        for lease_id, one in zip(lease_ids, new, strict=True)
    ]
    connection = connections["gate"]
    by = claimed_by(bearer.token_id)
    with connection.wrap_database_errors, connection.connection.pipeline():
        cursor = psycopg.Cursor(connection.connection)
        cursor.executemany(_USE, [(at, one.person_id, one.permit_id) for one in new])
        cursor.executemany(_TAKE, [(at, by, one.person_id, one.delivery_id) for one in new])
        insert_many(rows)
    return list(lease_ids)


def keep_answer(row: KeptAnswer) -> None:
    """Keep what the request is answered; the transaction is open. Two of one key: the second fails as a whole."""
    insert_many([row])


def claimed_by(token_id: int) -> str:
    """How a delivery names the token that holds it."""
    return f"t{token_id}"


_CAMPAIGN = (
    "SELECT id, ended_at IS NOT NULL FROM lease_campaign"
    " WHERE lender_id = %s AND agency_id IS NOT DISTINCT FROM %s::bigint AND name = %s"
)


def open_campaign(bearer: Bearer, name: str, at: datetime) -> int | None:
    """The campaign of a name, begun where it is new; None where it has ended. A lease that a campaign's end overtook is
    refused when it is confirmed."""
    for _ in range(2):
        rows = ask(Question(_CAMPAIGN, [bearer.lender_id, bearer.agency_id, name], list))
        if rows:
            campaign_id, is_over = rows[0]
            return None if is_over else int(campaign_id)
        LeaseCampaign.objects.using("gate").bulk_create(
            [LeaseCampaign(lender_id=bearer.lender_id, agency_id=bearer.agency_id, name=name, begun_at=at)],
            ignore_conflicts=True,
        )
    raise AssertionError("a campaign that was just begun is there")
