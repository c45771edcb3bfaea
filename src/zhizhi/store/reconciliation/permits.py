"""The permits of a source's day, streamed in the order in which records are taken up, and the look-ups beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connections

from zhizhi.core.kernel.content import Content
from zhizhi.core.reconcile.outcomes import sms_parts
from zhizhi.store.keyring import KeyUnavailable, SearchKeys, person_seal
from zhizhi.store.people.rows import customer_key, open_content, point_key

FETCHED_AT_ONCE = 2000
PERMIT_LIVES_AT_MOST = timedelta(days=1)
"""A permit is used within a day of its decision (minutes, in fact): what the index on decisions is asked for."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which permits: used in the span, by whom, through what. `by_person`: grouped by person instead of by number."""

    lender_id: int
    channels: tuple[str, ...]
    collector: str
    gateway: str
    clock: str
    by_person: bool
    since: datetime
    until: datetime
    with_content: bool = False


@dataclass(frozen=True, slots=True)
class StoredPermit:
    """A permit that was used, with how we say that it ended."""

    group: str
    permit_id: int
    person_id: int
    used_at: datetime
    is_released: bool
    outcome: str | None
    line_result: str | None
    talk_seconds: int | None
    parts: int | None = field(default=None)


class Keys:
    """The keyed hashes of one lender under which records and permits meet."""

    def __init__(self, lender_id: int) -> None:
        self._keys = SearchKeys(lender_id)

    def number(self, number: str) -> int:
        """As `point.value_key`."""
        return point_key(self._keys, number)

    def person(self, customer_number: str) -> int:
        """As `person.customer_key`."""
        return customer_key(self._keys, customer_number)

    def fingerprint(self, what: str) -> bytes:
        """What an inquiry speaks of, as a hash that tells nothing."""
        return self._keys.digest("reconciliation", what.encode())


def group_of(channel: str, key: int) -> str:
    """The group of a channel and key, in the order of the stream."""
    return f"{channel}:{key:016x}"


_USED = """
FROM decision d
JOIN permit p ON p.person_id = d.person_id AND p.decision_id = d.id
JOIN point t ON t.person_id = p.person_id AND t.id = p.point_id
JOIN person n ON n.id = p.person_id
LEFT JOIN delivery v ON v.person_id = p.person_id AND v.permit_id = p.id
WHERE d.at >= %(decided_since)s AND d.at < %(decided_until)s AND p.used_at >= %(since)s AND p.used_at < %(until)s
  AND p.lender_id = %(lender)s AND p.channel = ANY (%(channels)s) AND p.origin = %(clock)s
  AND (%(collector)s = '' OR p.collector = %(collector)s) AND (%(gateway)s = '' OR v.gateway = %(gateway)s)
"""
_KEY = {False: "t.value_key", True: "n.customer_key"}
_GROUP = "(p.channel || ':' || lpad(to_hex({key}), 16, '0')) COLLATE \"C\""


def _values(scope: Scope) -> dict[str, Any]:
    return {
        "lender": scope.lender_id,
        "channels": list(scope.channels),
        "collector": scope.collector,
        "gateway": scope.gateway,
        "clock": scope.clock,
        "since": scope.since,
        "until": scope.until,
        "decided_since": scope.since - PERMIT_LIVES_AT_MOST,
        "decided_until": scope.until + PERMIT_LIVES_AT_MOST,
    }


def stream_permits(scope: Scope) -> Iterator[StoredPermit]:
    """Used permits by group, instant and id; the caller's transaction is open."""
    content = "v.id AS delivery, v.sealed, n.data_key" if scope.with_content else "NULL AS delivery, NULL, NULL"
    sql = (
        f"WITH used AS (SELECT {_GROUP.format(key=_KEY[scope.by_person])} AS grouped, p.id, p.person_id, p.used_at,"
        f" p.state, {content} {_USED})"
        " SELECT u.*, c.outcome, c.line_result, c.talk_seconds FROM used u"
        " LEFT JOIN contact c ON c.person_id = u.person_id AND c.permit_id = u.id ORDER BY 1, 4, 2"
    )
    with connections["gate"].chunked_cursor() as cursor:
        cursor.execute(sql, _values(scope))
        while rows := cursor.fetchmany(FETCHED_AT_ONCE):
            for grouped, permit, person, used_at, state, delivery, sealed, data_key, outcome, line, talk in rows:
                parts = None if sealed is None or data_key is None else _parts(delivery, sealed, data_key)
                yield StoredPermit(grouped, permit, person, used_at, state == "released", outcome, line, talk, parts)


def _parts(delivery_id: int, sealed: bytes, data_key: bytes) -> int | None:
    """How many messages a text is; None where it does not open any more."""
    try:
        content = Content.from_document(open_content(person_seal(data_key), sealed, delivery_id))
    except KeyUnavailable:
        return None
    return sms_parts(f"【{content.signature}】{content.body}" if content.signature else content.body)


def find_named(scope: Scope, names: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The groups of permits of this scope by (person, permit), as our reference names them."""
    sql = (
        f"SELECT p.person_id, p.id, {_GROUP.format(key=_KEY[scope.by_person])} {_USED}"
        " AND (p.person_id, p.id) IN (SELECT * FROM unnest(%(persons)s::bigint[], %(permits)s::bigint[]))"
    )
    persons, permits = [person for person, _ in names], [permit for _, permit in names]
    with connections["gate"].cursor() as cursor:
        cursor.execute(sql, _values(scope) | {"persons": persons, "permits": permits})
        return {(person, permit): group for person, permit, group in cursor.fetchall()}


def find_sent(scope: Scope, provider_keys: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Permits of this scope by the provider's own id of the message: permit and group."""
    sql = (
        f"SELECT v.provider_key, p.id, {_GROUP.format(key=_KEY[scope.by_person])} {_USED}"
        " AND v.provider_key = ANY (%(provider_keys)s)"
    )
    with connections["gate"].cursor() as cursor:
        cursor.execute(sql, _values(scope) | {"provider_keys": list(provider_keys)})
        return {key: (permit, group) for key, permit, group in cursor.fetchall()}


_POINT_OWNERS = """
SELECT t.value_key, min(t.person_id), count(DISTINCT t.person_id) FROM point t JOIN person n ON n.id = t.person_id
WHERE t.value_key = ANY (%s) AND n.lender_id = %s GROUP BY t.value_key
"""
_PERSON_OWNERS = """
SELECT n.customer_key, min(n.id), count(*) FROM person n WHERE n.customer_key = ANY (%s) AND n.lender_id = %s
GROUP BY n.customer_key
"""


def find_owners(scope: Scope, keys: Sequence[int]) -> dict[int, int | None]:
    """Whose numbers these are: the person, or None where several share one; a number of nobody is absent."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_PERSON_OWNERS if scope.by_person else _POINT_OWNERS, [list(keys), scope.lender_id])
        return {key: person if count == 1 else None for key, person, count in cursor.fetchall()}
