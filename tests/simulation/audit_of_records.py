"""The auditor's own model of what was promised about others' records (docs/reconcile.md): every difference is found and
named, and nothing else is."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime

from simulation.broken import Broken
from simulation.ledger_of_rows import Rows
from simulation.truth import Truth

Check = Callable[[Truth, Rows], Iterator[Broken]]
Finding = tuple[str, int | None, int | None]


def differences_are_found(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """What stood in a file is found, by its name; whatever else is found is a false alarm."""
    found: dict[tuple[str, date, datetime, str], Counter[Finding]] = defaultdict(Counter)
    for source, on, at, state, kind, permit, row in rows.ask(_FOUND):
        found[source, on, at, state][kind, permit, row] += 1
    for one in truth.compared:
        there = found[one.source, one.on, one.at, one.state]
        rows.checked["a file is compared"] += 1
        rows.checked["a difference is found and named"] += one.differences.total()
        for finding in one.differences - there:
            yield Broken("a difference is found and named", 0, one.at, f"{one.source} of {one.on}: {finding}")
        for finding in there - one.differences:
            yield Broken("nothing else is found in a file", 0, one.at, f"{one.source} of {one.on}: {finding}")


_FOUND = """
SELECT r.source, r."on", r.worked_at, r.state, f.kind, i.permit_id, f.row_number
FROM reconciliation_finding f JOIN reconciliation_run r ON r.id = f.run_id JOIN breach_inquiry i ON i.id = f.inquiry_id
"""


def files_explain_what_they_hold(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """A permit that was missed, and stands in the corrected file, is explained by it."""
    latest = {(one.source, one.on): one for one in truth.compared if one.state == "matched"}
    released = {one.id for one in rows.permits.values() if one.state == "released"}
    missed = {(source, on, permit): state for source, on, permit, state in rows.ask(_MISSED)}
    for (source, on, permit), state in rows.each("a corrected file explains what was missed", missed.items()):
        is_missed = latest[source, on].differences["permit_without_record", permit, None] > 0
        if permit not in released and is_missed != (state != "explained"):
            at = latest[source, on].at
            said = f"{source} of {on}: permit {permit} is {'missed' if is_missed else 'there'}, inquiry {state}"
            yield Broken("a corrected file explains what was missed", 0, at, said)


_MISSED = """
SELECT source, "on", permit_id, state FROM breach_inquiry WHERE kind = 'permit_without_record'
"""


def every_file_is_compared(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """A file that came is compared in the end."""
    done = {tuple(row) for row in rows.ask(_CURRENT)}
    for source, on in rows.each("every file is compared", sorted(truth.files)):
        if (source, on) not in done:
            yield Broken("every file is compared", 0, truth.ended_at, f"{source} of {on}")


_CURRENT = "SELECT source, \"on\" FROM reconciliation_run WHERE is_current AND state = 'matched'"
STANDING: tuple[Check, ...] = (differences_are_found, files_explain_what_they_hold)
AT_REST: tuple[Check, ...] = (every_file_is_compared,)
