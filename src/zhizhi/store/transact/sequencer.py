"""The one sequencer: numbers committed leaves, extends the tree, signs a checkpoint; no use case waits for it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connections, transaction

from zhizhi.core.evidence.checkpoint import Checkpoint as CheckpointValue
from zhizhi.core.evidence.tree import Frontier, leaf_hash
from zhizhi.store.evidence.models import Checkpoint
from zhizhi.store.evidence.signer import log_signer
from zhizhi.store.locks import Lock, wait_for

BATCH_MAX = 5000


@dataclass(frozen=True, slots=True)
class Sequenced:
    """How many leaves were numbered now, and how many the log holds."""

    added: int
    size: int


def sequence(at: datetime, *, limit: int = BATCH_MAX) -> Sequenced:
    """Number up to `limit` leaves in the order of writing and sign one checkpoint over them, in one transaction.

    A second sequencer waits its turn.
    """
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        wait_for(Lock.SEQUENCER)
        latest = Checkpoint.objects.using("gate").order_by("-size").first()
        frontier = Frontier.from_bytes(bytes(latest.frontier)) if latest else Frontier()
        cursor.execute("SELECT id, body FROM leaf WHERE position IS NULL ORDER BY written LIMIT %s", [limit])
        leaves = cursor.fetchall()
        if not leaves and latest:
            return Sequenced(0, frontier.size)
        first = frontier.size
        for _, body in leaves:
            frontier.append(leaf_hash(bytes(body)))
        cursor.execute(
            "UPDATE leaf SET position = given.position"
            " FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS position) given"
            " WHERE leaf.id = given.id",
            [[leaf_id for leaf_id, _ in leaves], list(range(first, frontier.size))],
        )
        signer = log_signer()
        value = CheckpointValue(origin=signer.name, size=frontier.size, root=frontier.root())
        Checkpoint.objects.using("gate").create(
            size=frontier.size, root=value.root, frontier=frontier.to_bytes(), note=value.sign(signer), signed_at=at
        )
        return Sequenced(len(leaves), frontier.size)


def sequence_all(at: datetime) -> Sequenced:
    """Number everything that waits."""
    added, done = 0, sequence(at)
    while done.added:
        added += done.added
        done = sequence(at)
    return Sequenced(added, done.size)
