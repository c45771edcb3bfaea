"""Files: bring one with its map, watch it, take the refused rows, bring them back mended."""

from datetime import datetime
from itertools import islice
from typing import Annotated

from zhizhi.store.api.accounts import login_of_caller
from zhizhi.store.imports.reads import (
    ImportRow,
    RefusedCells,
    iterate_refused,
    load_import,
    load_imports,
    load_refused_header,
)
from zhizhi.store.viewer import reading
from zhizhi.usecases.accept_upload import AcceptUpload, accept_upload
from zhizhi.usecases.exports.over_api import hand_out
from zhizhi.usecases.exports.sources import class_of_import
from zhizhi.web.api.answered import Page, Texts, Told
from zhizhi.web.api.cases import id_in, not_there
from zhizhi.web.api.fields import Id, Line, Lines, OneOf, Shape
from zhizhi.web.api.operations import Call
from zhizhi.web.api.paging import Paged, page_of
from zhizhi.web.api.problems import Place, Problem
from zhizhi.web.api.reading import MISSES, WRONG

FILE_BYTES_MAX = 64 << 20
MAP_CHARACTERS_MAX = 64 * 1024
WITH, WITHOUT = "with", "without"
_CELLS = (WITH, WITHOUT)


class NewImport(Shape):
    """A form: `file` (CSV, XLSX, Parquet) and its `map`; `resends` names the import whose refused rows come mended."""

    file: Annotated[str, Line("文件", "the file", most=200)]
    map: Annotated[str, Lines("映射（TOML）", "the map (TOML)", most=MAP_CHARACTERS_MAX)]
    resends: Annotated[int | None, Id("被补正的导入编号", "the import that it mends", "")] = None


class ImportBegun(Told):
    """It waits for its turn; ask for its state."""

    imported: str


class Import(Told):
    """How an import stands: rows = new + changed + unchanged + refused."""

    imported: str
    kind: str
    name: str
    state: str
    outcome: str
    rows_done: int
    new: int
    changed: int
    unchanged: int
    refused: int
    started_at: datetime | None
    finished_at: datetime | None
    withdrawn_at: datetime | None
    failure: Texts | None


class RefusedAsked(Paged):
    """`cells`: with the rows as they came, which counts as an export and is limited; without, row and reason alone."""

    cells: Annotated[str, OneOf("是否带原文", "whether with the cells", _CELLS)] = WITHOUT


class RefusedRow(Told):
    """A row that did not pass, and why; `cells` as it came, where they were asked for."""

    row: int
    column: str
    code: str
    reason: Texts
    cells: list[str] | None


class RefusedRows(Page[RefusedRow]):
    """Refused rows under the header of their file; `export`: number, taker, instant, recipient of what was taken."""

    header: list[str]
    export: str | None


def bring_file(call: Call) -> ImportBegun:
    """Keep a file; a job works it."""
    new, caller = call.sent(NewImport), call.caller
    brought = call.files.get("file")
    if brought is None:
        raise Problem(422, "bad_request", WRONG, (Place("/file", MISSES),))
    if new.resends is not None:
        with reading(caller.viewer):
            if load_import(new.resends) is None:
                raise not_there()
    command = AcceptUpload(
        name=new.file,
        chunks=brought.chunks(),
        map_body=new.map,
        lender_id=caller.lender_id,
        by=caller.staff_id,
        resends_id=new.resends,
    )
    return ImportBegun(imported=str(accept_upload(command)))


def imports_page(call: Call) -> Page[Import]:
    """Imports, the newest first."""
    asked = call.asked(Paged)
    after = asked.after("imports")
    with reading(call.caller.viewer):
        rows = load_imports(before_id=after[0] if after else None, rows=asked.limit + 1)
    return page_of(rows, asked, "imports", lambda row: (row.id,), _import)


def one_import(call: Call) -> Import:
    """One import."""
    with reading(call.caller.viewer):
        row = load_import(id_in(call, "import"))
    if row is None:
        raise not_there()
    return _import(row)


def refused_page(call: Call) -> RefusedRows:
    """Rows that did not pass. Those that come with their cells are counted before they are answered."""
    asked, file_id = call.asked(RefusedAsked), id_in(call, "import")
    after = asked.after("refused")
    with reading(call.caller.viewer):
        file = load_import(file_id)
        if file is None:
            raise not_there()
        header = load_refused_header(file_id, using="default")
        found = iterate_refused(file_id, using="default", after_row=after[0] if after else 0)
        rows = list(islice(found, asked.limit + 1))
    export = _taken(call, file, rows[: asked.limit]) if asked.cells == WITH and rows else None
    page = page_of(rows, asked, "refused", lambda row: (row.row_number,), lambda row: _refused(row, asked.cells))
    return RefusedRows(rows=page.rows, cursor=page.cursor, header=list(header), export=export)


def _taken(call: Call, file: ImportRow, rows: list[RefusedCells]) -> str:
    cells, caller = [row.cells for row in rows], call.caller
    login = login_of_caller(caller)
    return hand_out(str(file.id), cells, class_of_import(file.kind), caller.staff_id, login, caller.lender_id, call.at)


def _import(row: ImportRow) -> Import:
    return Import(
        imported=str(row.id),
        kind=row.kind,
        name=row.name,
        state=row.state,
        outcome=row.outcome,
        rows_done=row.rows_done,
        new=row.counts.new,
        changed=row.counts.changed,
        unchanged=row.counts.unchanged,
        refused=row.counts.refused,
        started_at=row.started_at,
        finished_at=row.finished_at,
        withdrawn_at=row.withdrawn_at,
        failure=None if row.failure is None else Texts.of(row.failure),
    )


def _refused(row: RefusedCells, cells: str) -> RefusedRow:
    return RefusedRow(
        row=row.row_number,
        column=row.column,
        code=row.code,
        reason=Texts.of(row.reason),
        cells=list(row.cells) if cells == WITH else None,
    )
