"""The core's figures of accounts, row by row: compared with our ledger, which no row of this kind changes."""

from zhizhi.core.debt.remittance.core_figures import Figure
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.core_differences.keeping import CoreFigure, persons_of, write_figure
from zhizhi.store.imports.reads import load_codes
from zhizhi.store.transact.import_rows import Placed, RowsContext, Written
from zhizhi.store.transact.person import LockedPerson, lock_persons

_FIELD_OF = {"other_currency": "currency", "older_than_known": "account"}


def write_core_figures(context: RowsContext, rows: Placed) -> Written:
    """Figures in the order of the file; what agrees is unchanged, what differs is new or changed in the list."""
    written = Written()
    lenders, _ = load_codes()
    by_lender: dict[int, list[tuple[int, CoreFigure]]] = {}
    for position, values in rows:
        lender_id = lenders.get(values["lender"])
        if lender_id is None:
            written.refused.append((position, "lender", "unknown_lender"))
            continue
        figure = Figure(values["balance"], values["state"] == "closed")
        currency = values["currency"] or "CNY"
        one = CoreFigure(lender_id, figure, currency, context.as_of, context.file_id, values["account"])
        by_lender.setdefault(lender_id, []).append((position, one))
    whose = {lender_id: persons_of([one for _, one in figures]) for lender_id, figures in by_lender.items()}
    # In the order of ids, as everywhere: lender by lender two files could wait for each other.
    persons = lock_persons(person_id for found in whose.values() for person_id, _ in found.values())
    for lender_id, figures in by_lender.items():
        _compare(context, figures, whose[lender_id], persons, written)
    return written


def _compare(
    context: RowsContext,
    figures: list[tuple[int, CoreFigure]],
    whose: dict[str, tuple[int, int]],
    persons: dict[int, LockedPerson],
    written: Written,
) -> None:
    for position, one in figures:
        person_id, debt_id = whose.get(one.account, (None, None))
        person = persons[person_id] if person_id is not None else None
        try:
            is_new = write_figure(person, debt_id, one, context.at)
        except Refused as refused:  # nothing was written of it
            written.refused.append((position, _FIELD_OF[refused.code], refused.code))
            continue
        written.new += is_new
        written.unchanged += not is_new
