"""What a payment channel says of the debits it was handed, row by row; what cannot be taken is refused and kept."""

from typing import Any

from zhizhi.core.debt.debit.failures import Failure
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.debits.results import Result, persons_of, write_result
from zhizhi.store.imports.reads import load_codes
from zhizhi.store.transact.import_rows import Placed, RowsContext, Written
from zhizhi.store.transact.person import lock_persons

_FIELD_OF = {"no_order": "number", "order_differs": "amount", "other_result": "result", "other_remittance": "reference"}
_CODE_OF = {"other_remittance": "reference_used"}


def write_debit_results(context: RowsContext, rows: Placed) -> Written:
    """Results in the order of the file; one that was told before changes nothing."""
    written = Written()
    lenders, _ = load_codes()
    file: dict[str, Any] = {"today": context.on, "at": context.at, "file_id": context.file_id}
    whose = persons_of([values["number"] for _, values in rows])
    # In the order of ids, as everywhere: row by row two files could wait for each other.
    persons = lock_persons(whose.values())
    for position, values in rows:
        lender_id, person_id = lenders.get(values["lender"]), whose.get(values["number"])
        if lender_id is None:
            written.refused.append((position, "lender", "unknown_lender"))
        elif person_id is None:
            written.refused.append((position, "number", "no_order"))
        elif persons[person_id].data_key is None:
            written.refused.append((position, "number", "erased_person"))
        else:
            try:
                is_new = write_result(persons[person_id], lender_id, _result(values), **file)
            except Refused as refused:  # nothing was written of it
                written.refused.append((position, _FIELD_OF[refused.code], _CODE_OF.get(refused.code, refused.code)))
                continue
            written.new += is_new
            written.unchanged += not is_new
    return written


def _result(values: dict[str, Any]) -> Result:
    return Result(
        number=values["number"],
        amount_minor=values["amount"],
        on=values["on"],
        failure=Failure(values["failure"] or Failure.UNKNOWN) if values["result"] == "failed" else None,
        went_back=values["result"] == "returned",
        reference=values["reference"] or "",
    )
