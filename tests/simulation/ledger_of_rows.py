"""What the product wrote down, as raw rows by the auditor's own SQL, as the owner of the tables."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg

Key = tuple[int, int]
One = TypeVar("One")
EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit as it stands."""

    person: int
    id: int
    decision: int
    party: int
    point: int
    channel: str
    purpose: str
    digest: str
    minted_at: datetime
    not_before: datetime
    expires_at: datetime
    state: str
    used_at: datetime | None
    run: int | None
    campaign: int | None
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A place in the outbox as it stands."""

    person: int
    id: int
    permit: int
    channel: str
    gateway: str
    state: str
    message: str | None


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that counts."""

    person: int
    id: int
    permit: int
    channel: str
    at: datetime
    outcome: str | None


class Rows:
    """The tables, read once. `since`: what is long and does not change is read from here on only."""

    def __init__(self, url: str, since: datetime = EVER) -> None:
        self.since = since
        self.checked: Counter[str] = Counter()
        self._connection = psycopg.connect(url, autocommit=True)
        self.permits = {(one.person, one.id): one for one in map(_permit, self.ask(_PERMITS))}
        self.deliveries = {(row[0], row[2]): Delivery(*row) for row in self.ask(_DELIVERIES)}
        self.contacts = {(row[0], row[2]): Contact(*row) for row in self.ask(_CONTACTS)}
        self.roles: dict[Key, str] = {(person, party): role for person, party, role in self.ask(_ROLES)}
        self.profiles: dict[int, str] = dict(self.ask(_PROFILES))

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a question."""
        return self._connection.execute(sql, values).fetchall()

    def stream(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Rows of a question whose answer is long."""
        with self._connection.transaction(), self._connection.cursor("auditor") as cursor:
            cursor.execute(sql, values)
            yield from cursor

    def each(self, promise: str, things: Iterable[One]) -> Iterator[One]:
        """Each thing of which a promise is asked, counted: an auditor who looked at nothing has found nothing."""
        for one in things:
            self.checked[promise] += 1
            yield one

    def close(self) -> None:
        """Nothing more is asked."""
        self._connection.close()


def _permit(row: tuple[Any, ...]) -> Permit:
    return Permit(*row)


_PERMITS = """
SELECT m.person_id, m.id, m.decision_id, m.party_id, m.point_id, m.channel, m.purpose, m.content_digest, m.minted_at,
    m.not_before, m.expires_at, m.state, m.used_at, d.run_id, d.campaign_id, m.released_at
FROM permit m LEFT JOIN delivery d ON d.person_id = m.person_id AND d.permit_id = m.id
"""
_DELIVERIES = "SELECT person_id, id, permit_id, channel, gateway, state, provider_key FROM delivery"
_CONTACTS = """
SELECT person_id, id, permit_id, channel, at, outcome FROM contact WHERE direction = 'out' AND permit_id IS NOT NULL
"""
_ROLES = "SELECT person_id, id, role FROM party"
_PROFILES = "SELECT p.id, l.profile FROM person p JOIN lender l ON l.id = p.lender_id"
