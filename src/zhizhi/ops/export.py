"""`zhizhi export`: say of a file which export it was."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from zhizhi.core.evidence.bundle_archive import ArchiveRefused, read_archive
from zhizhi.core.kernel.sheets import ENCODING, OWN_COLUMNS, sheet_cells
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.files.table import TableError, TableOptions
from zhizhi.store.exports.reads import ExportedRow, find_by_file, find_by_rows, find_exports, find_marks
from zhizhi.store.exports.taking import row_digest
from zhizhi.store.exports.words import number_of

FILE_BYTES_MAX = 64 << 20
ROWS_MAX = 100_000


@click.group()
def export() -> None:
    """导出：查明一个文件出自哪次导出 · exports: say of a file which one it was."""


@export.command("identify")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def identify_command(ctx: click.Context, file: Path) -> None:
    """按文件摘要、行内标记、行内容查找 · by the digest of the file, marks in it, and rows that were copied.

    CSV, XLSX, Parquet, text and our archives. Exit 0: found; 1: not. `forged_marks` carry a number whose code is
    another one. Rows may be found in several exports: whoever got the same rows is named with them.
    """
    if file.stat().st_size > FILE_BYTES_MAX:
        raise click.ClickException(f"文件超过 {FILE_BYTES_MAX} 字节 · longer than {FILE_BYTES_MAX} bytes")
    octets = file.read_bytes()
    by_file = set(find_by_file(hashlib.sha256(octets).hexdigest()))
    rows = [row for row in _rows(file) if any(row[1])]
    marks, forged = find_marks("\n".join([*_texts(octets), *(cell for row in rows for cell in row[0])]))
    digests = {row_digest(own) for _, own in rows}
    by_rows = find_by_rows(digests) if digests else {}
    found = find_exports({*by_file, *marks, *by_rows})
    told = [
        {
            **_told(one),
            "by_file": one.id in by_file,
            "by_mark": one.id in marks,
            "rows_found": by_rows.get(one.id, 0),
            "rows_in_file": len(digests),
        }
        for one in found
    ]
    click.echo(json.dumps({"file": str(file), "exports": told, "forged_marks": forged}, ensure_ascii=False, indent=2))
    ctx.exit(0 if told else 1)


def _told(one: ExportedRow) -> dict[str, object]:
    return {
        "number": number_of(one.id),
        "kind": one.kind,
        "taken_at": one.taken_at.isoformat(),
        "by": one.staff,
        "role": one.role,
        "recipient": one.recipient,
        "ground": one.ground,
        "approved_by": one.approved_by or None,
        "rows": one.rows,
    }


def _texts(octets: bytes) -> Iterator[str]:
    """What marks may stand in: the file itself, and the files of an archive of ours."""
    yield octets.decode("utf-8", errors="replace")
    try:
        files = read_archive(octets)
    except ArchiveRefused:
        return
    for _, content in files:
        yield content.decode("utf-8", errors="replace")


def _rows(file: Path) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Rows of a sheet, or of the sheets of an archive: every cell, and those that are not columns of ours."""
    try:
        inside = read_archive(file.read_bytes())
    except ArchiveRefused:
        yield from _table_rows(file)
        return
    for name, content in inside:
        if name.endswith(".csv"):
            heading, *lines = list(sheet_cells(content.decode(ENCODING)))
            yield from ((line, _own(heading, line)) for line in lines)


def _table_rows(file: Path) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    try:
        with open_table(file, TableOptions()) as table:
            count = 0
            for chunk in table.chunks():
                for row in chunk.rows:
                    cells = [str(cell) for cell in row]
                    yield cells, _own(table.columns, cells)
                    count += 1
                    if count == ROWS_MAX:
                        return
    except TableError:
        return  # no sheet: marks and the digest of the file are all that it can be known by


def _own(heading: Sequence[str], cells: Sequence[str]) -> list[str]:
    return [cell for name, cell in zip(heading, cells, strict=False) if name not in OWN_COLUMNS]
