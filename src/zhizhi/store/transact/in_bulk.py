"""Decisions of many persons in a few statements: what `zhizhi_commit_decision` does for one, table by table for all.

The triggers and keys of each row are the same; of a person that has changed nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from zhizhi.store.many import Question, Rows, rows_of

IN_BULK_FROM = 20
"""Persons from which on statements for all of them together cost less than one statement each."""

# Rows are locked in the order of ids, so that two batches never wait for each other; the version is asked again after
# the wait.
_COMPARE_AND_SET = """
UPDATE person SET version = person.version + 1
FROM (
    SELECT p.id FROM person p
    JOIN unnest(%b::bigint[], %b::bigint[], %b::bytea[]) AS wanted (id, version, sealed_under)
      ON p.id = wanted.id AND p.version = wanted.version
     AND (wanted.sealed_under IS NULL OR p.data_key = wanted.sealed_under)
    ORDER BY p.id FOR UPDATE OF p
) fresh
WHERE person.id = fresh.id
RETURNING person.id, (SELECT c.stage FROM collection_case c WHERE c.person_id = person.id AND c.closed_on IS NULL)
"""
_HOLDS = """
SELECT h.person_id, h.rule, h.id FROM hold h
JOIN unnest(%b::bigint[], %b::text[]) AS put (person_id, rule) ON h.person_id = put.person_id AND h.rule = put.rule
WHERE h.state = 'open'
"""
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a row: its name, its type, and the value that it takes; `=` before a value stands for itself."""

    name: str
    type: str
    value: str = ""

    @property
    def key(self) -> str:
        """The name of its value."""
        return self.value or self.name

    @property
    def sent_as(self) -> str:
        """The type in which it travels: a document as its text, so that its octets are taken as they are."""
        return "text" if self.type == "jsonb" else self.type


def _columns(written: str) -> tuple[_Column, ...]:
    return tuple(_Column(*one.split(":")) for one in written.split())


_DECISION = _columns(
    "person_id:bigint:of_person id:bigint:decision_id at:timestamptz verdict:text channel:text stage:text rule:text"
    " next_permitted_at:timestamptz hold_for:text facts:jsonb body:jsonb run_id:bigint by:text"
)
_PERMIT = _columns(
    "person_id:bigint:of_person id:bigint:permit_id decision_id:bigint lender_id:bigint party_id:bigint"
    " point_id:bigint channel:text form:text purpose:text debts:jsonb collector:text template_version_id:bigint"
    " content_digest:text minted_at:timestamptz:at not_before:timestamptz expires_at:timestamptz"
    " must_end_by:timestamptz origin:text state:text:=open"
)
_DELIVERY = _columns(
    "person_id:bigint:of_person id:bigint:delivery_id permit_id:bigint channel:text gateway:text state:text:=waiting"
    " sealed:bytea due_at:timestamptz:not_before attempts:integer:=0 run_id:bigint campaign_id:bigint:of_campaign"
)
_HOLD = _columns(
    "person_id:bigint:of_person id:bigint:hold_id decision_id:bigint rule:text opened_at:timestamptz:at"
    " state:text:=open"
)
_LEAF = _columns(
    "id:bigint:leaf_id kind:text:leaf_kind at:timestamptz subject:uuid body:bytea:leaf_body"
    " source_person_id:bigint:of_person source_id:bigint:decision_id source_table:text:=decision"
)
_SALT = _columns("person_id:bigint:of_person id:bigint:leaf_id leaf_id:bigint salts:jsonb")


def commit_many(values: Sequence[Values]) -> list[tuple[bool, int | None]]:
    """Commit the values of `zhizhi_commit_decision`, of different persons; the transaction is open.

    Answers, in their order, whether the person still stood at its version, and the hold that waits for somebody.
    """
    stages: dict[object, str | None] = dict(_fresh(values))
    fresh = [{**one, "stage": stages[one["of_person"]] or ""} for one in values if one["of_person"] in stages]
    permitted = [one for one in fresh if one.get("permit_id") is not None]
    held = [one for one in fresh if one["hold_id"] is not None]
    tables = (
        ("decision", _DECISION, fresh),
        ("permit", _PERMIT, permitted),
        ("delivery", _DELIVERY, permitted),
        ("hold", _HOLD, held),
        ("leaf", _LEAF, fresh),
        ("salt", _SALT, fresh),
    )
    asking = Question(_HOLDS if held else None, [_all(held, "of_person"), _all(held, "rule")], list)
    *_, waiting = rows_of(*(_insert(table, columns, rows) for table, columns, rows in tables), asking)
    holds = {(person, rule): hold for person, rule, hold in waiting}
    return [(one["of_person"] in stages, holds.get((one["of_person"], one["rule"]))) for one in values]


def _fresh(values: Sequence[Values]) -> Rows:
    """The persons that still stood at their versions, held and moved on, with the stages of their open cases."""
    wanted = [_all(values, name) for name in ("of_person", "at_version", "sealed_under")]
    (rows,) = rows_of(Question(_COMPARE_AND_SET, wanted, list))
    return rows


def _all(values: Sequence[Values], name: str) -> list[object]:
    return [one.get(name) for one in values]


def _insert(table: str, columns: tuple[_Column, ...], rows: Sequence[Values]) -> Question[Rows]:
    sent = [_all(rows, column.key) for column in columns if not column.key.startswith("=")]
    return Question(_statement(table, columns) if rows else None, sent, list)


@cache
def _statement(table: str, columns: tuple[_Column, ...]) -> str:
    """Open holds are met by a question that was put before: it is not put twice."""
    sent = [column for column in columns if not column.key.startswith("=")]
    taken = ", ".join(
        f"'{column.key[1:]}'" if column.key.startswith("=") else f"n.{column.name}::{column.type}" for column in columns
    )
    arrays = ", ".join(f"%b::{column.sent_as}[]" for column in sent)
    names = ", ".join(column.name for column in sent)
    unless = " ON CONFLICT DO NOTHING" if table == "hold" else ""
    return (
        f"INSERT INTO {table} ({', '.join(column.name for column in columns)})"
        f" SELECT {taken} FROM unnest({arrays}) AS n ({names}){unless}"
    )
