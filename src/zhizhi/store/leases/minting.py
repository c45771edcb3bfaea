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
from zhizhi.store.transact.gate import Decided, Stale, decisions_of, under_one_law


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


_KEEP = """
INSERT INTO kept_answer (at, token_id, key, request_sha256, sealed)
SELECT * FROM unnest(%s::timestamptz[], %s::bigint[], %s::text[], %s::bytea[], %s::bytea[])
"""


def write_leases(decided: Sequence[Decided], answers: Sequence[KeptAnswer]) -> None:
    """Write what was decided of persons that are held, hand out what it leases, and keep what their requests are
    answered, in one round trip; the transaction of `one_commit` is open.

    Two requests of one key: the later one fails as a whole.
    """
    decisions = decisions_of(decided, waits=True)
    written, _ = rows_of(decisions, _kept(answers))
    assert not any(isinstance(one, Stale) for one in decisions.read(written)), "nobody else commits for who is held"


def _kept(answers: Sequence[KeptAnswer]) -> Question[None]:
    columns = ("at", "token_id", "key", "request_sha256", "sealed")
    return Question(_KEEP, [[getattr(one, name) for one in answers] for name in columns], lambda _: None)


def keep_answer(row: KeptAnswer) -> None:
    """Keep what the request is answered; the transaction is open. Two of one key: the second fails as a whole."""
    insert_many([row])


def keep_answer_alone(row: KeptAnswer) -> None:
    """`keep_answer` in a transaction of its own."""
    with transaction.atomic(using="gate", durable=True):
        keep_answer(row)


_CAMPAIGNS = """
SELECT w.place, g.id, g.ended_at IS NOT NULL
FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[]) w (place, lender_id, agency_id, name)
JOIN lease_campaign g ON g.lender_id = w.lender_id AND g.agency_id IS NOT DISTINCT FROM w.agency_id AND g.name = w.name
"""


@dataclass(frozen=True, slots=True)
class KnownCampaign:
    """A campaign of a system; a lease that its end overtook is refused when it is confirmed."""

    id: int
    is_over: bool


def campaigns_of(wanted: Sequence[tuple[Bearer, str]]) -> Question[Mapping[int, KnownCampaign]]:
    """The campaign of each bearer and name, by place; absent is one that is new."""
    columns: list[list[object]] = [
        list(range(len(wanted))),
        [bearer.lender_id for bearer, _ in wanted],
        [bearer.agency_id for bearer, _ in wanted],
        [name for _, name in wanted],
    ]
    return Question(_CAMPAIGNS, columns, lambda rows: {place: KnownCampaign(*row) for place, *row in rows})


def begin_campaign(bearer: Bearer, name: str, at: datetime) -> KnownCampaign:
    """Begin a campaign, unless somebody else began it meanwhile."""
    LeaseCampaign.objects.using("gate").bulk_create(
        [LeaseCampaign(lender_id=bearer.lender_id, agency_id=bearer.agency_id, name=name, begun_at=at)],
        ignore_conflicts=True,
    )
    return ask(campaigns_of([(bearer, name)]))[0]
