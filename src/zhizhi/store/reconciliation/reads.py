"""What screens read about reconciliation: runs, their findings, inquiries with their history, rejected rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import Kind
from zhizhi.store.imports.reads import RefusedCells
from zhizhi.store.keyring import product_seal
from zhizhi.store.reconciliation.models import RejectedRecord
from zhizhi.store.reconciliation.sealing import PURPOSE, facts_place, rejected_place, step_place
from zhizhi.store.select import document, select

PAGE = 50
STEPS_MAX = 200


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of a source and day; `waiting` are its inquiries that have not ended."""

    id: int
    source: str
    source_name: str
    source_kind: str
    on: date
    n: int
    state: str
    is_current: bool
    file_name: str
    file_sha256: str
    due_at: datetime
    arrived_at: datetime | None
    worked_at: datetime
    rows: int
    rejected: int
    inbound: int
    agreed: int
    differing: int
    unmatched: int
    permits: int
    missing: int
    carried: int
    released: int
    failure: Text | None
    waiting: int


_RUN = """
SELECT r.id, r.source, r.source_name, r.source_kind, r."on", r.n, r.state, r.is_current, r.file_name, r.file_sha256,
    r.due_at, r.arrived_at, r.worked_at, r.rows, r.rejected, r.inbound, r.agreed, r.differing, r.unmatched, r.permits,
    r.missing, r.carried, r.released, r.failure,
    (SELECT count(*) FROM reconciliation_finding f JOIN breach_inquiry i ON i.id = f.inquiry_id
     WHERE f.run_id = r.id AND i.state IN ('open', 'answered'))
FROM reconciliation_run r
"""


def load_runs(*, source: str = "", before: tuple[date, int] | None = None) -> list[RunRow]:
    """The current runs, and those that were late: the newest day first, a page at a time."""
    where = (
        " WHERE (r.is_current OR r.state <> 'matched') AND (%(source)s = '' OR r.source = %(source)s)"
        ' AND (%(on)s::date IS NULL OR (r."on", r.id) < (%(on)s, %(id)s))'
        ' ORDER BY r."on" DESC, r.id DESC LIMIT %(limit)s'
    )
    on, row_id = before or (None, 0)
    return [_run(row) for row in select(_RUN + where, {"source": source, "on": on, "id": row_id, "limit": PAGE})]


def load_run(run_id: int) -> RunRow | None:
    """One run, where the viewer may see it."""
    return next((_run(row) for row in select(_RUN + " WHERE r.id = %(id)s", {"id": run_id})), None)


def load_runs_of_day(source: str, on: date) -> list[RunRow]:
    """Every run of a source and day: the file was late, came, was sent again."""
    where = ' WHERE r.source = %(source)s AND r."on" = %(on)s ORDER BY r.n LIMIT %(limit)s'
    return [_run(row) for row in select(_RUN + where, {"source": source, "on": on, "limit": PAGE})]


def load_sources_seen() -> list[tuple[str, str]]:
    """Code and name of every source that ever ran."""
    sql = "SELECT source, max(source_name) FROM reconciliation_run GROUP BY source ORDER BY 2, 1 LIMIT %(limit)s"
    return [(code, name) for code, name in select(sql, {"limit": 200})]


def _run(row: tuple[Any, ...]) -> RunRow:
    *known, failure, waiting = row
    told = document(failure)
    return RunRow(*(*known, Text(told["zh"], told["en"]) if told else None, waiting))


@dataclass(frozen=True, slots=True)
class InquiryRow:
    """An inquiry in a list."""

    id: int
    source_name: str
    on: date
    kind: Kind
    state: str
    opened_at: datetime
    due_at: datetime
    person_id: int | None
    case_number: str | None
    row_number: int | None
    kinds: tuple[Kind, ...]


_LISTED = """
SELECT i.id, i.source_name, i."on", i.kind, i.state, i.opened_at, i.due_at, i.person_id,
    (SELECT c.number FROM collection_case c WHERE c.person_id = i.person_id
     ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1), f.row_number, f.kinds
"""


def load_findings(run_id: int, *, kind: str = "", after_id: int = 0) -> list[InquiryRow]:
    """What a run found, the gravest kind of each first, in the order of opening."""
    sql = (
        _LISTED + " FROM reconciliation_finding f JOIN breach_inquiry i ON i.id = f.inquiry_id"
        " WHERE f.run_id = %(run)s AND (%(kind)s = '' OR f.kind = %(kind)s) AND i.id > %(after)s"
        " ORDER BY i.id LIMIT %(limit)s"
    )
    return [_listed(row) for row in select(sql, {"run": run_id, "kind": kind, "after": after_id, "limit": PAGE})]


def count_findings(run_id: int) -> dict[Kind, int]:
    """Findings of a run by kind, in the order of gravity."""
    sql = "SELECT kind, count(*) FROM reconciliation_finding WHERE run_id = %(run)s GROUP BY kind"
    counts = dict(select(sql, {"run": run_id}))
    return {kind: counts[kind.value] for kind in Kind if kind.value in counts}


def load_inquiries(
    *, states: tuple[str, ...], source: str = "", after: tuple[datetime, int] | None = None
) -> list[InquiryRow]:
    """Inquiries in some states, the first due first, a page at a time."""
    sql = (
        _LISTED + " FROM breach_inquiry i LEFT JOIN LATERAL (SELECT f.row_number, f.kinds FROM reconciliation_finding f"
        " WHERE f.inquiry_id = i.id ORDER BY f.id DESC LIMIT 1) f ON true"
        " WHERE i.state = ANY (%(states)s) AND (%(source)s = '' OR i.source = %(source)s)"
        " AND (%(due)s::timestamptz IS NULL OR (i.due_at, i.id) > (%(due)s, %(id)s))"
        " ORDER BY i.due_at, i.id LIMIT %(limit)s"
    )
    due, row_id = after or (None, 0)
    values = {"states": list(states), "source": source, "due": due, "id": row_id, "limit": PAGE}
    return [_listed(row) for row in select(sql, values)]


def count_inquiries() -> dict[str, int]:
    """Inquiries by state."""
    return dict(select("SELECT state, count(*) FROM breach_inquiry GROUP BY state", {}))


def _listed(row: tuple[Any, ...]) -> InquiryRow:
    inquiry, source, on, kind, state, opened_at, due_at, person, case, row_number, kinds = row
    listed = [kind, *_list(kinds)]
    ordered = tuple(Kind(one) for one in dict.fromkeys(listed))
    return InquiryRow(inquiry, source, on, Kind(kind), state, opened_at, due_at, person, case, row_number, ordered)


def _list(written: str | None) -> list[str]:
    found = document(f'{{"kinds": {written}}}')["kinds"] if written else []
    assert isinstance(found, list)
    return [str(one) for one in found]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of an inquiry; `by` is empty where the nightly run took it."""

    at: datetime
    step: str
    by: str
    text: str
    run_id: int | None
    file_name: str


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One inquiry, opened."""

    row: InquiryRow
    lender_id: int
    permit_id: int | None
    decision_id: int | None
    ground: str | None
    article: str | None
    consequence: str | None
    answered_by: int | None
    ended_at: datetime | None
    facts: Mapping[str, Any] = field(repr=False)
    steps: tuple[StepRow, ...]


_ONE = """
, i.lender_id, i.permit_id, (SELECT p.decision_id FROM permit p WHERE p.person_id = i.person_id AND p.id = i.permit_id),
    i.ground, i.article, i.consequence, i.answered_by, i.ended_at, i.fingerprint, i.sealed
FROM breach_inquiry i LEFT JOIN LATERAL (SELECT f.row_number, f.kinds FROM reconciliation_finding f
    WHERE f.inquiry_id = i.id ORDER BY f.id DESC LIMIT 1) f ON true
WHERE i.id = %(id)s
"""
_STEPS = """
SELECT s.at, s.step, coalesce(t.name, ''), s.sealed, s.run_id, coalesce(r.file_name, '')
FROM inquiry_step s LEFT JOIN staff t ON t.id = s.by LEFT JOIN reconciliation_run r ON r.id = s.run_id
WHERE s.inquiry_id = %(id)s ORDER BY s.at, s.id LIMIT %(limit)s
"""


def access_inquiry(inquiry_id: int) -> Inquiry | None:
    """One inquiry with its facts and history, where the viewer may see it."""
    rows = select(_LISTED + _ONE, {"id": inquiry_id})
    if not rows:
        return None
    *listed, lender, permit, decision, ground, article, consequence, answered_by, ended_at, fingerprint, sealed = rows[
        0
    ]
    seal = product_seal(PURPOSE)
    steps = tuple(
        StepRow(at, step, by, "" if text is None else seal.open(text, step_place(inquiry_id)).decode(), run, name)
        for at, step, by, text, run, name in select(_STEPS, {"id": inquiry_id, "limit": STEPS_MAX})
    )
    facts = seal.open_json(sealed, facts_place(bytes(fingerprint)))
    return Inquiry(
        _listed(tuple(listed)),
        lender,
        permit,
        decision,
        ground,
        article,
        consequence,
        answered_by,
        ended_at,
        facts,
        steps,
    )


def load_header(run_id: int) -> tuple[str, ...]:
    """Names of the columns of a run's file."""
    return tuple(_list(select("SELECT header FROM reconciliation_run WHERE id = %(id)s", {"id": run_id})[0][0]))


def load_reasons(run_id: int, *, limit: int) -> list[tuple[int, str, Text]]:
    """The first reasons: row, column, text."""
    rows = RejectedRecord.objects.filter(run_id=run_id).order_by("row_number")[:limit]
    return [(row.row_number, row.column, Text(row.reason_zh, row.reason_en)) for row in rows]


def iterate_rejected(run_id: int, *, limit: int) -> Iterator[RefusedCells]:
    """Rejected rows that are not erased, in order, opened one by one."""
    seal = product_seal(PURPOSE)
    rows = RejectedRecord.objects.filter(run_id=run_id, sealed__isnull=False).order_by("row_number", "id")[:limit]
    for row in rows.iterator(chunk_size=500):
        assert row.sealed is not None, "the question asks for these alone"
        cells = seal.open_json(bytes(row.sealed), rejected_place(run_id, row.row_number))
        yield RefusedCells(row.row_number, row.column, row.code, Text(row.reason_zh, row.reason_en), cells)
