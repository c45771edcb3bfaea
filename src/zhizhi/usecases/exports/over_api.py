"""Rows that another system takes over the API: counted like everybody's, without a second person, to itself."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from zhizhi.core.kernel.canonical import canonical
from zhizhi.store.exports.taking import NewExport, keep_export, mark_of, next_export, row_digest
from zhizhi.store.exports.words import DataClass, Kind
from zhizhi.store.lenders.rights import Right
from zhizhi.store.words import SERVICE_ROLE
from zhizhi.usecases.authority import require
from zhizhi.usecases.exports.content import Stamp

GROUND = "经接口取回补正 · taken over the API to be mended"


def hand_out(
    target: str, rows: Sequence[Sequence[str]], data_class: DataClass, by: int, login: str, lender_id: int, at: datetime
) -> str:
    """Count rows that are about to be answered; answers the stamp that goes with them.

    Refuses: NotAllowed, ExportRefused: nobody approves for a system, so what is more than one takes alone stays here.
    """
    require(by, Right.TAKE_REFUSED_ROWS, lender_id=lender_id)
    export_id = next_export()
    stamp = Stamp(mark_of(export_id), login, login, at)
    written = canonical([list(row) for row in rows])
    new = NewExport(
        id=export_id,
        kind=Kind.API_REFUSED_ROWS,
        target=target,
        lender_id=lender_id,
        person_id=None,
        data_class=data_class,
        rows=len(rows),
        recipient=login,
        ground=GROUND,
        staff_id=by,
        role=SERVICE_ROLE,
        approval_id=None,
        sha256=hashlib.sha256(written).hexdigest(),
        digests=[row_digest(row) for row in rows],
    )
    keep_export(new, at, lambda: None)
    return stamp.line
