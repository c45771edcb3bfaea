"""The log of this system as its checker reads it: one snapshot, streamed, with what the rows disclose today."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

from zhizhi.core.evidence.checkpoint import Verifier
from zhizhi.core.evidence.fsck import Opening, StoredLeaf
from zhizhi.store.evidence.models import Checkpoint
from zhizhi.store.evidence.signer import log_signer

LEAVES_AT_ONCE = 2000
# What a row says today of the fields that its leaf committed to; kinds that are not here are compared by their leaf alone.
_DECISIONS = "SELECT person_id, id, body, facts, by FROM decision WHERE id = ANY (%s)"
_DELIVERIES = "SELECT person_id, id, state, failure, permit_id FROM delivery WHERE id = ANY (%s)"
_PAYMENTS = "SELECT person_id, id, debt_id, amount_minor FROM payment WHERE id = ANY (%s)"


def _of_decision(row: tuple[Any, ...]) -> dict[str, Any]:
    return {"decision": row[2], "facts": row[3], "by": row[4]}


def _of_delivery(row: tuple[Any, ...]) -> dict[str, Any]:
    return {"state": row[2], "failure": row[3], "permit": row[4]}


def _of_payment(row: tuple[Any, ...]) -> dict[str, Any]:
    return {"debt": row[2], "amount_minor": row[3]}


SOURCES: dict[str, tuple[str, Callable[[tuple[Any, ...]], dict[str, Any]]]] = {
    **dict.fromkeys(("permit", "refusal", "hold"), (_DECISIONS, _of_decision)),
    **dict.fromkeys(("contact", "outcome"), (_DELIVERIES, _of_delivery)),
    "payment": (_PAYMENTS, _of_payment),
}


class DatabaseLog:
    """What `zhizhi evidence export-log` and `fsck` read; the snapshot lasts as long as `open_log` is open."""

    def verifiers(self) -> Sequence[Verifier]:
        """The key of the log."""
        return [log_signer().verifier]

    def notes(self) -> Sequence[bytes]:
        """The signed checkpoints, oldest first."""
        return [
            bytes(note) for note in Checkpoint.objects.using("gate").order_by("size").values_list("note", flat=True)
        ]

    def entries(self) -> Iterable[bytes]:
        """Leaves by position."""
        return (body for block in self._blocks() for _, _, _, body, _, _ in block)

    def stored_leaves(self) -> Iterator[StoredLeaf]:
        """Leaves by position with the openings of their rows."""
        for block in self._blocks():
            opened = self._openings(block)
            for leaf_id, position, _, body, _, _ in block:
                yield StoredLeaf(position, body, opened.get(leaf_id, ()))

    def object_digest(self, name: str) -> str | None:
        """No objects are stored yet: recordings come with the voice gateway."""
        del name
        return None

    def _blocks(self) -> Iterator[list[tuple[int, int, str, bytes, int | None, int | None]]]:
        first = 0
        while True:
            with connections["gate"].cursor() as cursor:
                cursor.execute(
                    "SELECT id, position, kind, body, source_person_id, source_id FROM leaf WHERE position >= %s"
                    " ORDER BY position LIMIT %s",
                    [first, LEAVES_AT_ONCE],
                )
                block = [(*row[:3], bytes(row[3]), *row[4:]) for row in cursor.fetchall()]
            if not block:
                return
            yield block
            first = block[-1][1] + 1

    def _openings(
        self, block: list[tuple[int, int, str, bytes, int | None, int | None]]
    ) -> dict[int, tuple[Opening, ...]]:
        salts = self._salts([row[0] for row in block])
        openings: dict[int, tuple[Opening, ...]] = {}
        for query, read in dict.fromkeys(SOURCES.values()):
            rows = self._rows(query, [row[5] for row in block if row[5] and SOURCES.get(row[2], ("",))[0] == query])
            for leaf_id, _, kind, _, person_id, source_id in block:
                source = rows.get((person_id, source_id))
                if source is None or SOURCES.get(kind, ("",))[0] != query:
                    continue
                known = salts.get(leaf_id, {})
                openings[leaf_id] = tuple(
                    Opening(name, value, base64.b64decode(known[name]))
                    for name, value in read(source).items()
                    if name in known
                )
        return openings

    def _salts(self, leaf_ids: list[int]) -> dict[int, dict[str, str]]:
        with connections["gate"].cursor() as cursor:
            cursor.execute("SELECT leaf_id, salts FROM salt WHERE leaf_id = ANY (%s)", [leaf_ids])
            return {leaf_id: _json(salts) for leaf_id, salts in cursor.fetchall()}

    def _rows(self, query: str, ids: list[int | None]) -> dict[tuple[Any, Any], tuple[Any, ...]]:
        with connections["gate"].cursor() as cursor:
            cursor.execute(query, [ids])
            return {(row[0], row[1]): tuple(_json(value) for value in row) for row in cursor.fetchall()}


def _json(value: Any) -> Any:
    """Django reads jsonb as text through a raw cursor."""
    return json.loads(value) if isinstance(value, str) and value[:1] in "{[" else value


@contextmanager
def open_log() -> Iterator[DatabaseLog]:
    """Open the log in one snapshot."""
    with transaction.atomic(using="gate"), connections["gate"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield DatabaseLog()
