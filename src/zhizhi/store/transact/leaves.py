"""Leaves are committed with the rows they speak of; the sequencer numbers them later, so no use case waits for the
log."""

import base64
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from zhizhi.core.evidence.leaf import SALT_BYTES, LeafKind, commit_octets, octets_of
from zhizhi.core.evidence.leaf import Leaf as LeafValue
from zhizhi.store.evidence.models import Leaf, Salt
from zhizhi.store.ids import ids
from zhizhi.store.many import insert_many


@dataclass(frozen=True, slots=True)
class NewLeaf:
    """A fact to be logged: `values` are committed to field by field, each under a salt of its own.

    `source_table` and `source_id` name the row that the values speak of, where its checker shall compare them
    (store/evidence/sources.py). `written`: values that the caller has as canonical JSON already.
    """

    kind: LeafKind
    at: datetime
    subject: UUID
    values: Mapping[str, Any]
    person_id: int | None = None
    source_id: int | None = None
    pack: str | None = None
    code: str | None = None
    tz: str | None = None
    source_table: str | None = None
    written: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def add_leaves(facts: Iterable[NewLeaf]) -> None:
    """Insert leaves and their salts; the caller's transaction on `gate` is open."""
    insert_many(*leaf_rows(facts))


def leaf_rows(facts: Iterable[NewLeaf]) -> tuple[list[Leaf], list[Salt]]:
    """Leaves and their salts, to be inserted with what they speak of. Salts of no person stand under person 0."""
    facts = list(facts)
    leaf_ids = ids.take_many(len(facts)) if facts else range(0)
    leaves, salts = [], []
    for leaf_id, fact in zip(leaf_ids, facts, strict=True):
        body, salts_of_leaf = sealed_leaf(fact)
        leaves.append(
            Leaf(
                id=leaf_id,
                kind=fact.kind.value,
                at=fact.at,
                subject=fact.subject,
                body=body,
                source_person_id=fact.person_id,
                source_id=fact.source_id,
                source_table=fact.source_table,
            )
        )
        salts.append(Salt(person_id=fact.person_id or 0, id=leaf_id, leaf_id=leaf_id, salts=salts_of_leaf))
    return leaves, salts


def sealed_leaf(fact: NewLeaf) -> tuple[bytes, dict[str, str]]:
    """The octets of a leaf, and by field the fresh salts of its commitments, in base64."""
    octets = {**fact.written, **{name: octets_of(value) for name, value in fact.values.items()}}
    own = {name: os.urandom(SALT_BYTES) for name in octets}
    value = LeafValue(
        kind=fact.kind,
        at=fact.at,
        subject=fact.subject.hex,
        commits=tuple(commit_octets(name, written, own[name]) for name, written in octets.items()),
        pack=fact.pack,
        code=fact.code,
        tz=fact.tz,
    )
    return value.to_bytes(), {name: base64.b64encode(salt).decode() for name, salt in own.items()}
