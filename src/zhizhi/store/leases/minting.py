"""A lease is written in the commit of its permit: used from that second, in the hands of the system that asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from zhizhi.store.leases.models import KeptAnswer, LeaseCampaign
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.many import Question, ask, insert_many, rows_of
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.snapshot import PersonFacts, facts_of
from zhizhi.store.transact.gate import under_one_law


@dataclass(frozen=True, slots=True)
class NewLease:
    """A permit of this commit that is leased."""

    id: int
    person_id: int
    permit_id: int
    delivery_id: int
    campaign_id: int
    token_id: int
    version: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class HeldPerson:
    """A person for whom nobody else commits until the transaction ends, as it stands under the lock."""

    facts: PersonFacts = field(repr=False)
    data_key: bytes | None = field(repr=False)


_LOCK = "SELECT id, data_key FROM person WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE"


@contextmanager
def one_commit(person_ids: Iterable[int], at: datetime, *, waits: bool) -> Iterator[Mapping[int, HeldPerson]]:
    """Decisions, leases and kept answers in one transaction; yields the persons held from its beginning.

    Who `waits` holds all of them in the end; otherwise a person whom somebody else holds just now is left out, so that
    one who is busy does not keep others waiting. Refuses: ClockNotTrusted; at its end OtherLaw.
    """
    require_clock()
    wanted = sorted(set(person_ids))
    lock = Question(_LOCK if waits else f"{_LOCK} SKIP LOCKED", [wanted], list)
    facts = facts_of(wanted, at)
    with under_one_law(), transaction.atomic(using="gate", durable=True):
        # one after the other in one round trip: what is read is never older than what the lock waited for
        locked, stood = rows_of(lock, facts)
        keys: dict[int, bytes | None] = dict(locked)
        known = facts.read([row for row in stood if row[0] in keys])
        yield {person_id: HeldPerson(one, keys[person_id]) for person_id, one in known.items()}


_USE = """
UPDATE permit m SET state = 'used', used_at = %s
FROM unnest(%s::bigint[], %s::bigint[]) g (person_id, id)
WHERE m.person_id = g.person_id AND m.id = g.id AND m.state = 'open' RETURNING m.id
"""
_TAKE = """
UPDATE delivery d SET state = 'claimed', claimed_at = %s, claimed_by = g.token, attempts = 1
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) g (person_id, id, token)
WHERE d.person_id = g.person_id AND d.id = g.id AND d.state = 'waiting' RETURNING d.id
"""


_LEASE = """
INSERT INTO lease (leased_at, person_id, id, permit_id, delivery_id, campaign_id, token_id, version, expires_at)
SELECT %s, g.* FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::timestamptz[]) g
"""
_ANSWER = """
INSERT INTO kept_answer (at, token_id, key, request_sha256, sealed)
SELECT %s, g.* FROM unnest(%s::bigint[], %s::text[], %s::bytea[], %s::bytea[]) g
"""


def write_leases(new: Sequence[NewLease], answers: Sequence[KeptAnswer], at: datetime) -> None:
    """Use the permits, hand them out and keep what their requests are answered; the permits' own transaction is open.

    Two requests of one key: the later one fails as a whole.
    """
    persons = [one.person_id for one in new]
    leases = (
        persons,
        [one.id for one in new],
        [one.permit_id for one in new],
        [one.delivery_id for one in new],
        [one.campaign_id for one in new],
        [one.token_id for one in new],
        [one.version for one in new],
        [one.expires_at for one in new],
    )
    kept = (
        [one.token_id for one in answers],
        [one.key for one in answers],
        [one.request_sha256 for one in answers],
        [one.sealed for one in answers],
    )
    holders = [claimed_by(one.token_id) for one in new]
    used, taken, *_ = rows_of(
        Question(_USE if new else None, [at, persons, [one.permit_id for one in new]], list),
        Question(_TAKE if new else None, [at, persons, [one.delivery_id for one in new], holders], list),
        Question(_LEASE if new else None, [at, *leases], list),
        Question(_ANSWER, [at, *kept], list),
    )
    assert len(used) == len(taken) == len(new), "permit and delivery were minted in this transaction"


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


@dataclass(frozen=True, slots=True)
class KnownCampaign:
    """A campaign of a system; a lease that its end overtook is refused when it is confirmed."""

    id: int
    is_over: bool


def campaign_of(bearer: Bearer, name: str) -> Question[KnownCampaign | None]:
    """The campaign of a name; None where it is new."""
    values = [bearer.lender_id, bearer.agency_id, name]
    return Question(_CAMPAIGN, values, lambda rows: KnownCampaign(*rows[0]) if rows else None)


def begin_campaign(bearer: Bearer, name: str, at: datetime) -> KnownCampaign:
    """Begin a campaign, unless somebody else began it meanwhile."""
    LeaseCampaign.objects.using("gate").bulk_create(
        [LeaseCampaign(lender_id=bearer.lender_id, agency_id=bearer.agency_id, name=name, begun_at=at)],
        ignore_conflicts=True,
    )
    begun = ask(campaign_of(bearer, name))
    assert begun is not None, "a campaign that was just begun is there"
    return begun
