"""Money as a bank's file tells of it, row by row: posted, known, or waiting for a person."""

from typing import Any

from zhizhi.core.debt.remittance.matching import Source
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.imports.reads import load_codes
from zhizhi.store.transact.import_rows import Placed, RowsContext, Written
from zhizhi.store.transact.person import lock_persons
from zhizhi.store.transact.remittances import NewRemittance, persons_named, write_remittance


def write_remittances(context: RowsContext, rows: Placed) -> Written:
    """Arrivals in the order of the file. One that was told before changes nothing; what matches nobody is accepted and
    waits, for the money is here."""
    written = Written()
    lenders, _ = load_codes()
    arrivals: list[tuple[int, NewRemittance]] = []
    for position, values in rows:
        lender_id = lenders.get(values["lender"])
        if lender_id is None:
            written.refused.append((position, "lender", "unknown_lender"))
            continue
        arrivals.append((position, _new(lender_id, values, context)))
    # In the order of ids, as everywhere: row by row two files could wait for each other.
    lock_persons(set().union(*(persons_named(new) for _, new in arrivals)))
    for position, new in arrivals:
        try:
            arrived = write_remittance(new, today=context.on, at=context.at)
        except Refused:  # the same reference with another amount; nothing was written of it
            written.refused.append((position, "reference", "reference_used"))
            continue
        if arrived.is_repeated:
            written.unchanged += 1
        else:
            written.new += 1
    return written


def _new(lender_id: int, values: dict[str, Any], context: RowsContext) -> NewRemittance:
    return NewRemittance(
        lender_id=lender_id,
        source=Source(values["source"] or Source.BANK),
        amount_minor=values["amount"],
        currency=values["currency"] or "CNY",
        arrived_on=values["arrived_on"],
        reference=values["reference"],
        account=values["account"],
        customer=values["customer"],
        payer=values["payer"] or "",
        remark=values["remark"] or "",
        file_id=context.file_id,
    )
