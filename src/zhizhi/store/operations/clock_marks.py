"""What the installation knows of its clocks, and the word of a person who has checked them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.transact.leaves import NewLeaf, add_leaves


@dataclass(frozen=True, slots=True)
class KnownClocks:
    """The database's clock, the latest instant at which a process trusted its own, and how often a person vouched."""

    database: datetime
    latest_known: datetime | None
    vouched: int


def access_clocks() -> KnownClocks:
    """What is known now."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp(), at, position FROM watermark WHERE name = 'clock'")
        return KnownClocks(*cursor.fetchone())


def accept_clocks(ground: str, at: datetime) -> KnownClocks:
    """Somebody has checked the clocks: what went back or stepped is the time from now on. Leaves a leaf.

    Every process takes this up with its next look; one that still differs from the database stays held.
    """
    known = access_clocks()
    values = {"clock": "accepted", "ground": ground, "latest_known": str(known.latest_known)}
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE watermark SET position = position + 1, at = clock_timestamp() WHERE name = 'clock'"
            " RETURNING clock_timestamp(), at, position"
        )
        after = KnownClocks(*cursor.fetchone())
        add_leaves([NewLeaf(LeafKind.SETTING, at, uuid4(), values)])
    return after
