"""The log of this system as its checker reads it: one snapshot, streamed, with what the rows disclose today."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction

from zhizhi.core.evidence.checkpoint import Verifier
from zhizhi.core.evidence.fsck import ErasedObject, Opening, StoredLeaf, StoredObject
from zhizhi.store import objects
from zhizhi.store.evidence.models import Checkpoint
from zhizhi.store.evidence.signer import log_signer
from zhizhi.store.evidence.sources import SOURCES, Source
from zhizhi.store.imports.left_uploads import lying_uploads, state_of_upload
from zhizhi.store.imports.uploads import uploads_folder
from zhizhi.store.recordings.strays import stray_objects

LEAVES_AT_ONCE = 2000
JSONB = 3802  # the type's number in PostgreSQL


@dataclass(frozen=True, slots=True)
class _Row:
    """A leaf as it stands; `is_latest` of the leaves about its row."""

    id: int
    position: int
    body: bytes
    person_id: int | None
    table: str | None
    source_id: int | None
    is_latest: bool


_LEAF = """
SELECT l.id, l.position, l.body, l.source_person_id, l.source_table, l.source_id,
    l.source_table IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM leaf n WHERE n.source_person_id = l.source_person_id AND n.source_id = l.source_id
          AND n.source_table = l.source_table AND (n.position > l.position OR n.position IS NULL)
    ) AND (l.source_person_id IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM leaf n WHERE n.source_person_id IS NULL AND n.source_id = l.source_id
          AND n.source_table = l.source_table AND (n.position > l.position OR n.position IS NULL)
    ))
FROM leaf l
"""
_LEAVES = f"{_LEAF} WHERE l.position >= %s ORDER BY l.position LIMIT %s"
_LEAVES_BY_ID = f"{_LEAF} WHERE l.id = ANY (%s)"


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
        return (row.body for block in self._blocks() for row in block)

    def stored_leaves(self) -> Iterator[StoredLeaf]:
        """Leaves by position with the openings of their rows."""
        for block in self._blocks():
            opened, erased = self._openings(block), self._erased_objects(block)
            stored = self._stored_objects(block, erased)
            for row in block:
                lies, gone = stored.get(row.id, ()), erased.get(row.id, ())
                yield StoredLeaf(row.position, row.body, opened.get(row.id, ()), lies, gone)

    def openings_of(self, leaf_ids: list[int]) -> dict[int, tuple[Opening, ...]]:
        """What the rows behind some leaves disclose today, by leaf."""
        with connections["gate"].cursor() as cursor:
            cursor.execute(_LEAVES_BY_ID, [leaf_ids])
            return self._openings([_Row(row[0], row[1], bytes(row[2]), *row[3:]) for row in cursor.fetchall()])

    def object_digest(self, name: str) -> str | None:
        """Read from the object store. Refuses: none installed where a leaf names an object."""
        return objects.objects().digest(name)

    def stray_files(self) -> int:
        """Recordings and uploads that no row speaks of; the worker deletes them after their deadline."""
        uploads = uploads_folder()
        lying = lying_uploads(uploads) if uploads.is_dir() else ()
        return sum(1 for _ in stray_objects()) + sum(state_of_upload(one.name) is None for one in lying)

    def _blocks(self) -> Iterator[list[_Row]]:
        first = 0
        while True:
            with connections["gate"].cursor() as cursor:
                cursor.execute(_LEAVES, [first, LEAVES_AT_ONCE])
                block = [_Row(row[0], row[1], bytes(row[2]), *row[3:]) for row in cursor.fetchall()]
            if not block:
                return
            yield block
            first = block[-1].position + 1

    def _openings(self, block: list[_Row]) -> dict[int, tuple[Opening, ...]]:
        """What the rows say today; of a row that is gone, nothing fits."""
        salts = self._salts([row.id for row in block])
        openings: dict[int, tuple[Opening, ...]] = {}
        for table, source in SOURCES.items():
            leaves = [row for row in block if row.table == table and row.id in salts]
            rows = self._rows(table, source, [row.source_id for row in leaves]) if leaves else {}
            for leaf in leaves:
                found = rows.get((leaf.person_id if source.has_person else None, leaf.source_id))
                told = _told(source, found, is_latest=leaf.is_latest)
                known = salts[leaf.id]
                openings[leaf.id] = tuple(
                    Opening(name, value, base64.b64decode(known[name])) for name, value in told.items() if name in known
                )
        return openings

    def _erased_objects(self, block: list[_Row]) -> dict[int, tuple[ErasedObject, ...]]:
        """The recordings whose time ended. Boundary: a row of an erasure counts only with the leaf of that erasure."""
        leaves = {row.source_id: row.id for row in block if row.table == "recording"}
        with connections["gate"].cursor() as cursor:
            cursor.execute(
                "SELECT e.recording_id, e.object_name, e.erased_on, e.gone_at IS NOT NULL FROM recording_erasure e"
                " JOIN leaf l ON l.source_person_id = e.person_id AND l.source_id = e.id"
                " AND l.source_table = 'recording_erasure' WHERE e.recording_id = ANY (%s)",
                [list(leaves)],
            )
            return {leaves[found]: (ErasedObject(*erased),) for found, *erased in cursor.fetchall()}

    def _stored_objects(self, block: list[_Row], erased: Mapping[int, object]) -> dict[int, tuple[StoredObject, ...]]:
        """The recordings that leaves speak of: stored octets, as the rows expect them; an erased person's are gone."""
        leaves = {row.source_id: row.id for row in block if row.table == "recording" and row.id not in erased}
        with connections["gate"].cursor() as cursor:
            cursor.execute(
                "SELECT r.id, r.object_name, r.sealed_sha256 FROM recording r JOIN person p ON p.id = r.person_id"
                " WHERE r.id = ANY (%s) AND p.data_key IS NOT NULL",
                [list(leaves)],
            )
            return {leaves[found]: (StoredObject(name, digest),) for found, name, digest in cursor.fetchall()}

    def _salts(self, leaf_ids: list[int]) -> dict[int, dict[str, str]]:
        with connections["gate"].cursor() as cursor:
            cursor.execute("SELECT leaf_id, salts FROM salt WHERE leaf_id = ANY (%s)", [leaf_ids])
            return {leaf_id: _json(salts) for leaf_id, salts in cursor.fetchall()}

    def _rows(
        self, table: str, source: Source, ids: list[int | None]
    ) -> dict[tuple[int | None, int | None], tuple[Any, ...]]:
        person = "person_id" if source.has_person else "NULL::bigint"
        with connections["gate"].cursor() as cursor:
            cursor.execute(f"SELECT {person}, id, {source.columns} FROM {table} WHERE id = ANY (%s)", [ids])
            is_json = [column.type_code == JSONB for column in cursor.description or ()]
            return {
                (row[0], row[1]): tuple(
                    _json(value) if told_as_json else value
                    for value, told_as_json in zip(row[2:], is_json[2:], strict=True)
                )
                for row in cursor.fetchall()
            }


def _told(source: Source, row: tuple[Any, ...] | None, *, is_latest: bool) -> dict[str, Any]:
    if row is None:
        width = len(source.columns.split(","))
        gone: tuple[Any, ...] = (None,) * width
        return source.fixed(gone)
    return {**source.fixed(row), **(source.latest(row) if is_latest else {})}


def _json(value: Any) -> Any:
    """Django reads jsonb as text through a raw cursor."""
    return json.loads(value) if isinstance(value, str) else value


@contextmanager
def open_log() -> Iterator[DatabaseLog]:
    """Open the log in one snapshot."""
    with transaction.atomic(using="gate"), connections["gate"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield DatabaseLog()
