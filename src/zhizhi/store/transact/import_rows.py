"""Rows of the kinds that follow accounts: which function writes which kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Values = dict[str, Any]
Placed = Sequence[tuple[int, Values]]


@dataclass(frozen=True, slots=True)
class RowsContext:
    """What all rows of a file share."""

    file_id: int
    on: date
    as_of: date
    at: datetime
    kind: str
    is_synthetic: bool = False


@dataclass(slots=True)
class Written:
    """What came of some rows; `refused` are position, field and code."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def write_rows(context: RowsContext, rows: Placed) -> Written:
    """Write rows in the caller's transaction."""
    from zhizhi.store.transact import (
        import_core_figures,
        import_debits,
        import_history,
        import_ledger,
        import_organisation,
        import_people,
        import_remittances,
    )

    writers: dict[str, Callable[[RowsContext, Placed], Written]] = {
        "lenders": import_organisation.write_lenders,
        "agencies": import_organisation.write_agencies,
        "staff": import_organisation.write_staff,
        "instalments": import_ledger.write_instalments,
        "payments": import_ledger.write_payments,
        "remittances": import_remittances.write_remittances,
        "debit_results": import_debits.write_debit_results,
        "core_figures": import_core_figures.write_core_figures,
        "contact_persons": import_people.write_contact_persons,
        "contacts": import_history.write_contacts,
        "statements": import_history.write_statements,
        "promises": import_history.write_promises,
        "stops": import_history.write_stops,
        "notes": import_history.write_notes,
        "residences": import_history.write_residences,
    }
    return writers[context.kind](context, rows)
