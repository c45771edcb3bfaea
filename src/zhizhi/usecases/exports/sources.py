"""What may be exported, one line a kind: the right besides, and how it is read, within `reading`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from zhizhi.core.kernel.sheets import ENCODING, MARK_COLUMN, REASON_COLUMNS, sheet_cells
from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.audits.runs import load_audit, load_audit_findings, load_audit_paper
from zhizhi.store.exports.reads import lender_of_import, lender_of_person
from zhizhi.store.exports.words import UNITS_A_DAY, DataClass, Kind
from zhizhi.store.imports.reads import RefusedCells, iterate_refused, load_import, load_refused_header
from zhizhi.store.lenders.rights import Right
from zhizhi.store.reconciliation.reads import iterate_rejected, load_header, load_run
from zhizhi.store.settlements.reads import access_proof
from zhizhi.usecases.exports.certificate import certificate_page
from zhizhi.usecases.exports.commission import statement_lines, statement_sums
from zhizhi.usecases.exports.content import Content, SheetRow, sheet, wrapped
from zhizhi.usecases.exports.views import views_of

ROWS_MAX = UNITS_A_DAY + 1  # what is longer is over every limit, and is not read to its end


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose eyes read, in which language, when."""

    lender_id: int | None
    language: Language
    at: datetime


Load = Callable[[str, Asking], Content | None]


@dataclass(frozen=True, slots=True)
class Source:
    """`right`: asked besides the right to export. `load`: None where nothing of it is there for these eyes."""

    right: Right
    load: Load


_CLASS_OF_IMPORT = {"payments": DataClass.LIFE, "contact_persons": DataClass.OTHER}


def class_of_import(kind: str) -> DataClass:
    """How the law counts rows of a file; books of debts, and what is not known, weigh most."""
    return _CLASS_OF_IMPORT.get(kind, DataClass.CLOSE)


def _refused_rows(target: str, asking: Asking) -> Content | None:
    file = load_import(int(target)) if target.isdecimal() else None
    if file is None:
        return None
    header = load_refused_header(file.id, using="default")
    rows = _mended(header, islice(iterate_refused(file.id, using="default"), ROWS_MAX), asking.language)
    return Content(
        what=Text(f"导入 {file.id}：{file.name}", f"import {file.id}: {file.name}"),
        name=f"refused-{file.id}",
        lender_id=lender_of_import(file.id) or asking.lender_id,
        data_class=class_of_import(file.kind),
        rows=len(rows),
        make=lambda stamp: sheet([MARK_COLUMN, *header, *REASON_COLUMNS], rows, stamp),
    )


def _rejected_records(target: str, asking: Asking) -> Content | None:
    run = load_run(int(target)) if target.isdecimal() else None
    if run is None:
        return None
    header = load_header(run.id)
    rows = _mended(header, iterate_rejected(run.id, limit=ROWS_MAX), asking.language)
    return Content(
        what=Text(f"对账 {run.id}：{run.source} {run.on}", f"reconciliation {run.id}: {run.source} {run.on}"),
        name=f"rejected-{run.id}",
        lender_id=asking.lender_id,
        data_class=DataClass.LIFE,
        rows=len(rows),
        make=lambda stamp: sheet([MARK_COLUMN, *header, *REASON_COLUMNS], rows, stamp),
    )


def _mended(header: tuple[str, ...], rows: Iterable[RefusedCells], language: Language) -> list[SheetRow]:
    """Rows as they came, cut or filled to the width of their file, with column, reason and remedy behind them."""
    width = len(header)
    told = []
    for row in rows:
        reason, _, remedy = row.reason.in_language(language).partition("；" if language == "zh" else "; help: ")
        own = [*row.cells[:width], *[""] * (width - len(row.cells))]
        told.append(SheetRow(own, (row.row_number,), (row.column, reason, remedy)))
    return told


def _audit_findings(target: str, asking: Asking) -> Content | None:
    """Times, collectors and rules of calls; no number and no customer of the log is in it (docs/audit.md)."""
    run = load_audit(int(target)) if target.isdecimal() else None
    written = load_audit_findings(run.id) if run is not None else None
    if run is None or written is None:
        return None
    heading, *cells = islice(sheet_cells(written.decode(ENCODING)), ROWS_MAX + 1)
    return Content(
        what=Text(f"触达审计 {run.id}：{run.name}", f"audit {run.id}: {run.name}"),
        name=f"audit-{run.id}",
        lender_id=run.lender_id or asking.lender_id,
        data_class=DataClass.OTHER,
        rows=len(cells),
        make=lambda stamp: sheet(heading, [SheetRow(one) for one in cells], stamp),
    )


def _audit_paper(target: str, asking: Asking) -> Content | None:
    """Totals: no record about a person is in it, so it weighs nothing; that it left is kept all the same."""
    run = load_audit(int(target)) if target.isdecimal() else None
    paper = load_audit_paper(run.id) if run is not None else None
    if run is None or paper is None:
        return None
    return Content(
        what=Text(f"触达审计报告 {run.id}：{run.name}", f"report of audit {run.id}: {run.name}"),
        name=f"audit-{run.id}",
        lender_id=run.lender_id or asking.lender_id,
        data_class=DataClass.OTHER,
        rows=0,
        make=lambda stamp: wrapped(f"audit-{run.id}.pdf", paper, stamp),
    )


def _settlement_proof(target: str, asking: Asking) -> Content | None:
    """`target`: person and delivery, with a point between them."""
    del asking
    person, _, delivery = target.partition(".")
    if not (person.isdecimal() and delivery.isdecimal()):
        return None
    found = access_proof(int(person), int(delivery))
    if found is None:
        return None
    kind, octets = found
    return Content(
        what=Text(f"核定 {delivery} 所附证明", f"proof of settlement {delivery}"),
        name=f"settlement-{delivery}",
        lender_id=lender_of_person(int(person)),
        data_class=DataClass.CLOSE,
        rows=1,
        make=lambda stamp: wrapped(f"settlement-{delivery}.{kind}", octets, stamp),
        person_id=int(person),
    )


def _views(target: str, asking: Asking) -> Content | None:
    return views_of(target, asking.lender_id, asking.at)


SOURCES: Mapping[Kind, Source] = {
    Kind.REFUSED_ROWS: Source(Right.TAKE_REFUSED_ROWS, _refused_rows),
    Kind.REJECTED_RECORDS: Source(Right.TAKE_REFUSED_ROWS, _rejected_records),
    Kind.AUDIT_FINDINGS: Source(Right.SEE_AUDITS, _audit_findings),
    Kind.AUDIT_PAPER: Source(Right.SEE_AUDITS, _audit_paper),
    Kind.SETTLEMENT_PROOF: Source(Right.SEE_UNKNOWN, _settlement_proof),
    Kind.VIEWS: Source(Right.SEE_VIEWS, _views),
    Kind.COMMISSION_STATEMENT: Source(Right.SEE_COMMISSION, lambda target, _asking: statement_sums(target)),
    Kind.CERTIFICATE: Source(Right.SEE_RELIEF, lambda target, _asking: certificate_page(target)),
    Kind.COMMISSION_LINES: Source(Right.SEE_COMMISSION, lambda target, _asking: statement_lines(target)),
}
"""Kinds that somebody asks for on a screen; what the API hands out it counts itself (web/api/importing.py)."""
