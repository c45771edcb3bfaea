"""Facts in tables: what the batch reads, column by column, and how it comes in and goes out as Parquet or Arrow.

Instants are whole microseconds of UTC since 1970 (`*_us`), so that no engine applies a zone of its own; civil days are
dates. A span is half open; whoever writes a table has turned a civil date of a span into an instant of the law's zone.
A null is a fact that nobody knows, except where a column says what it means. Ids are integers: `person` is unique in
the book, the others within their person. Nothing here is a name, a number or an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

import ibis
import pyarrow as pa

from zhizhi.batch.engine import loaded

Table: TypeAlias = Any
"""An Ibis table. The library is not typed."""
Column: TypeAlias = Any
"""An Ibis column or scalar."""

SCHEMAS: Mapping[str, Mapping[str, str]] = {
    "persons": {
        "person": "!int64",
        "zones": "array<string>",  # IANA zones where the debtor may be, the first his own; null: the law's own zone
        "complaint_open": "!boolean",
        "no_contact_order_until_us": "int64",  # null: no order
        "hardship_until_us": "int64",  # null: no pause
        "unreachable_by_contract": "boolean",  # null: not agreed
        "suit_pending": "!boolean",
    },
    "debtor_spans": {  # states of the debtor; a person without a row is in no state that a rule asks for
        "person": "!int64",
        "state": "!string",
        "since_us": "int64",  # null: always was
        "until_us": "int64",  # null: no end known
    },
    "debts": {
        "person": "!int64",
        "debt": "!int64",
        "lender": "!string",
        "product": "string",
        "state": "string",  # null: its states have spans, which stand in `debt_spans`
        "validation_ends_on": "date",
        "outstanding_minor": "int64",
        "service_group": "string",  # debts serviced as one
    },
    "debt_spans": {
        "person": "!int64",
        "debt": "!int64",
        "state": "!string",
        "since_us": "int64",
        "until_us": "int64",
    },
    "parties": {
        "person": "!int64",
        "party": "!int64",
        "role": "!string",
        "named_by_debtor": "boolean",
        "liability_evidence": "boolean",
        "estate_value_minor": "int64",
    },
    "points": {
        "person": "!int64",
        "point": "!int64",
        "party": "!int64",
        "kind": "!string",
        "reserved": "boolean",
        "source": "string",
        "place": "string",
        "owner": "string",
        "invalid_since_us": "int64",
        "misdirected": "boolean",
    },
    "collectors": {  # who proposes: one row for each collector and person who acts
        "collector": "!int64",
        "kind": "!string",
        "id": "!string",
        "listed": "boolean",
        "evaluated_on": "date",
        "inspected_on": "date",
        "contract_ends_on": "date",
        "person_acts": "!boolean",  # a person is named
        "trained_on": "date",
        "certified_until": "date",
        "private_device": "boolean",
        "private_device_approved": "boolean",
    },
    "contacts": {  # how a contact would be made; one row for each way, shared by all proposals made that way
        "contact": "!int64",
        "channel": "!string",
        "direction": "!string",
        "video": "!boolean",
        "rcs": "!boolean",
        "form": "!string",
        "robot": "!boolean",
        "purpose": "!string",
        "discloses_debt": "boolean",
        "identifies_collector": "boolean",
        "names_principal": "boolean",
        "opt_out_notice": "boolean",
        "recording": "string",
        "team_size": "int64",
        "id_shown": "boolean",
        "place": "string",
        "enters_premises": "boolean",
        "known_place": "string",
        "content": "array<string>",  # marks; empty: screened and none found
    },
    "statements": {
        "person": "!int64",
        "seq": "!int64",  # order in which they were made
        "at_us": "!int64",
        "received_us": "int64",  # null: at once
        "by": "int64",  # the party; null: the collector or creditor itself
        "kind": "!string",
        "told": "!string",  # `collector`, `creditor`, or the id of another collector
        "debt": "int64",
        "days": "array<string>",  # sorted; null: every day
        "from_minute": "int64",  # of `agree_hours` and `inconvenient_time`
        "to_minute": "int64",
        "from_us": "int64",  # of `request_callback` and `consent_time`
        "from_on": "date",  # of `consent_calls`
        "on": "date",
        "until_us": "int64",
        "form": "string",
        "per_day": "int64",
        "point": "int64",
        "channel": "string",
        "place": "string",
        "purpose_told": "boolean",
        "consequences_told": "boolean",
        "of": "string",  # of `withdraw`: the kind
        "of_party": "int64",  # of `object_use`
        "of_point": "int64",
        "why": "string",
        "written": "!boolean",
    },
    "reviews": {
        "person": "!int64",
        "rule": "!string",  # id of a rule, or a row
        "at_us": "!int64",
        "until_us": "!int64",
        "channels": "array<string>",  # null: every channel
    },
    "events": {
        "person": "!int64",
        "event": "!int64",
        "seq": "!int64",  # order in the history of the person; `at_us` never falls along it
        "at_us": "!int64",
        "channel": "!string",
        "direction": "!string",
        "party": "!int64",
        "point": "int64",
        "debts": "array<int64>",  # null: all debts of the person
        "attributed_to": "int64",
        "form": "!string",
        "robot": "!boolean",
        "by": "string",  # null: the collector who proposes
        "outcome": "string",
        "purpose": "string",
        "talk_seconds": "int64",
        "exchanged": "boolean",
        "about_debt": "boolean",
        "physical": "string",
        "in_reply_to": "int64",
        "on_call": "int64",
        "in_session": "!boolean",
    },
    "proposals": {
        "proposal": "!int64",  # unique in the table
        "person": "!int64",
        "party": "!int64",
        "point": "int64",
        "at_us": "!int64",
        "expected_end_us": "int64",
        "contact": "!int64",
        "collector": "!int64",
        "debts": "array<int64>",  # null: all debts of the person
        "attributed_to": "int64",
        "in_reply_to": "int64",
        "on_call": "int64",
        "in_session": "!boolean",
        "seq": "int64",  # only events before it in the order of the history are read; null: every event
        "next_wanted": "boolean",  # whether the next permitted instant is asked for if it is refused; null: yes
    },
}


@dataclass(frozen=True, slots=True)
class Facts:
    """The tables of a book on one connection, typed as `SCHEMAS` says. `proposals` are the contacts to decide."""

    persons: Table
    debtor_spans: Table
    debts: Table
    debt_spans: Table
    parties: Table
    points: Table
    collectors: Table
    contacts: Table
    statements: Table
    reviews: Table
    events: Table
    proposals: Table

    @classmethod
    def on(cls, connection: Any, **tables: Table) -> "Facts":
        """Facts from Ibis tables of a connection; a table that is left out is empty. Refuses: ValueError."""
        unknown = tables.keys() - SCHEMAS.keys()
        if unknown:
            raise ValueError(f"no such table of facts: {', '.join(sorted(unknown))}; help: use those of SCHEMAS")
        return cls(**{name: _typed(connection, name, tables.get(name)) for name in SCHEMAS})

    @classmethod
    def read(cls, connection: Any, folder: Path) -> "Facts":
        """Facts from `<table>.parquet`, a file or a folder of files each; a table without one is empty."""
        found = {}
        for name in SCHEMAS:
            path = folder / f"{name}.parquet"
            if path.is_dir():
                found[name] = connection.read_parquet(str(path / "*.parquet"))
            elif path.exists():
                found[name] = connection.read_parquet(str(path))
        return cls.on(connection, **found)

    @classmethod
    def of_arrow(cls, connection: Any, tables: Mapping[str, pa.Table]) -> "Facts":
        """Facts from Arrow tables in memory."""
        return cls.on(connection, **{name: loaded(connection, table) for name, table in tables.items()})

    def with_proposals(self, proposals: Table) -> "Facts":
        """The same book with other contacts to decide."""
        return Facts(**{**self.tables(), "proposals": proposals})

    def of_persons(self, first: int, until: int) -> "Facts":
        """The same book for the persons from `first` up to `until`."""
        return Facts(
            **{
                name: table.filter((table.person >= first) & (table.person < until)) if "person" in table else table
                for name, table in self.tables().items()
            }
        )

    def tables(self) -> dict[str, Table]:
        """Every table by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def arrow_schema(name: str) -> pa.Schema:
    """The Arrow schema of a table."""
    schema: pa.Schema = ibis.schema(SCHEMAS[name]).to_pyarrow()
    return schema


def arrow_table(name: str, rows: list[dict[str, object]]) -> pa.Table:
    """Rows as an Arrow table; a key left out is null. Refuses: what does not fit the schema (pa.ArrowInvalid)."""
    return pa.Table.from_pylist(rows, schema=arrow_schema(name))


def _typed(connection: Any, name: str, table: Table | None) -> Table:
    """A table with the columns of its schema, in its types. Refuses: a needed column that is missing (ValueError)."""
    schema = ibis.schema(SCHEMAS[name])
    if table is None:
        return loaded(connection, arrow_schema(name).empty_table())
    missing = [column for column, kind in schema.items() if column not in table.columns and not kind.nullable]
    if missing:
        raise ValueError(f"table `{name}` lacks the column {', '.join(missing)}; help: see SCHEMAS")
    return table.select(
        **{
            column: _as(table[column], kind) if column in table.columns else ibis.null(kind).name(column)
            for column, kind in schema.items()
        }
    )


def _as(column: Column, kind: Any) -> Column:
    wanted = kind.copy(nullable=True)
    return column if column.type().copy(nullable=True) == wanted else column.cast(wanted)
