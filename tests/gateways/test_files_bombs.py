"""Files that are small on the disk and enormous in memory: refused, in little memory, with a remedy."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhizhi.gateways.files.opening import open_table

MEMORY_MB_MAX = 300  # of a process that opens them one after another
LARGE = 60_000_000
HEAD = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="2">'
)
TAIL = b"</row></sheetData></worksheet>"
STYLE = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
OPENS = """
import re, sys
from pathlib import Path
from zhizhi.gateways.files.opening import open_table
for name in sys.argv[1:]:
    said = "read"
    try:
        with open_table(Path(name)) as table:
            for chunk in table.chunks():
                pass
    except Exception as error:
        said = f"{type(error).__name__} {getattr(error, 'code', '')}"
    most = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
    print(Path(name).name, said, int(most[1]) // 1024)
"""


def workbook(path: Path, changed: str, content: Iterator[bytes]) -> None:
    """A workbook with one part exchanged, and so much beside it that it is not dense."""
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["a", "b"])  # type: ignore[union-attr]  # a new book has a sheet
    book.save(target)
    with zipfile.ZipFile(target) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.infolist():
            if part.filename != changed:
                archive.writestr(part.filename, source.read(part))
        with archive.open(changed, "w") as file:
            for octets in content:
                file.write(octets)
        archive.writestr("xl/media/picture.bin", os.urandom(600_000), compress_type=zipfile.ZIP_STORED)


def blocks(*parts: bytes | int, of: bytes = b"y") -> Iterator[bytes]:
    """Octets, and so many of one kind for a number."""
    for part in parts:
        if isinstance(part, bytes):
            yield part
        else:
            block = of * (1_000_000 // len(of))
            for _ in range(part // len(block)):
                yield block


SHEET = "xl/worksheets/sheet1.xml"
WORKBOOKS = {
    "one cell.xlsx": (SHEET, blocks(HEAD + b'<c r="A2" t="inlineStr"><is><t>', LARGE, b"</t></is></c>" + TAIL)),
    "one row.xlsx": (SHEET, blocks(HEAD, LARGE, TAIL, of=b"<c><v>1</v></c>")),
    "one attribute.xlsx": (SHEET, blocks(HEAD + b'<c r="', LARGE, b'"/>' + TAIL)),
    "hidden rows.xlsx": (SHEET, blocks(HEAD, LARGE, TAIL, of=b"<c><v>1</v></c><![CDATA[<row >]]>")),
    "styles.xlsx": ("xl/styles.xml", blocks(b"<styleSheet><cellXfs>", LARGE, b"</cellXfs></styleSheet>", of=STYLE)),
    "strings.xlsx": ("xl/sharedStrings.xml", blocks(b"<sst><si>", LARGE, b"</si></sst>", of=b"<r><t>x</t></r>")),
}


def test_they_are_refused_in_little_memory(tmp_path: Path) -> None:
    for name, (part, content) in WORKBOOKS.items():
        workbook(tmp_path / name, part, content)
    word = pa.DictionaryArray.from_arrays(pa.array([0] * 500, pa.int32()), pa.array(["x" * 20_000_000]))
    pq.write_table(pa.table({"a": word}), tmp_path / "one word.parquet", compression="zstd")
    many = pa.DictionaryArray.from_arrays(pa.array([0] * 500, pa.int32()), pa.array(["x" * 500_000]))
    pq.write_table(pa.table({f"c{n}": many for n in range(4)}), tmp_path / "many words.parquet", compression="zstd")
    (tmp_path / "one line.csv").write_bytes(b"a,b\n1," + b"z" * LARGE + b"\n")
    files = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run([sys.executable, "-c", OPENS, *files], capture_output=True, text=True, check=True)
    told = {line.rsplit(" ", 3)[0]: line.rsplit(" ", 3)[1:] for line in done.stdout.splitlines()}
    assert len(told) == len(files)
    assert {said[0] for said in told.values()} == {"TableError"}, done.stdout
    assert {said[1] for said in told.values()} == {"unpacks_too_large", "cell_too_long", "line_too_long"}
    assert max(int(said[2]) for said in told.values()) < MEMORY_MB_MAX, done.stdout


@pytest.mark.parametrize("name", ["large.xlsx", "large.parquet"])
def test_a_large_one_that_is_none_is_read(tmp_path: Path, name: str) -> None:
    rows, path = 30_000, tmp_path / name
    words = [f"某某路 {n} 号" for n in range(rows)]
    if name.endswith("parquet"):
        pq.write_table(
            pa.table({"a": words, "b": [None, *range(rows - 1)], "c": pa.array(words).dictionary_encode()}), path
        )
    else:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(["a", "b", "c"])
        for n, word in enumerate(words):
            sheet.append([word, n, word * 20])
        book.save(path)
    with open_table(path) as table:
        read = [row for chunk in table.chunks() for row in chunk.rows]
    assert len(read) == rows
    assert str(read[-1][0]) == words[-1]
