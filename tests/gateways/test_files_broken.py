"""Broken files: each is refused with its own code, in both languages, and without showing what stands in it."""

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhizhi.gateways.files import table as limits
from zhizhi.gateways.files import text_scan
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.files.table import TableError, TableOptions

SECRET = "440524188001010014"  # no such number can exist: a birth in 1880


def workbook(fill: Callable[[Any], None], **sheets: Any) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    fill(sheet)
    for name, rows in sheets.items():
        for row in rows:
            (book[name] if name in book.sheetnames else book.create_sheet(name)).append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def parquet(**columns: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


def with_rows(*rows: list[Any]) -> Callable[[Any], None]:
    return lambda sheet: [sheet.append(row) for row in rows] and None


def merged_title(sheet: Any) -> None:
    sheet.append(["逾期名单"])
    sheet.append(["a", "b"])
    sheet.merge_cells("A1:B1")


def zip_of(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), octets)
    return target.getvalue()


GOOD = workbook(with_rows(["a", "b"], ["1", SECRET]))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CSV = ("客户号,证件\n1," + SECRET + "\n").encode()
RNG = random.Random(7)

BROKEN: dict[str, tuple[str, bytes]] = {
    "nothing": ("empty_file", b""),
    "only a byte order mark": ("empty_file", b"\xef\xbb\xbf\r\n"),
    "only blanks": ("empty_file", b" \n\n\t\n"),
    "only empty rows": ("no_header", b",,,\n,,,\n"),
    "numbers for a header": ("no_header", b"1,2026-01-02,3.5\n2,2026-01-03,4\n"),
    "a header twice": ("duplicate_header", b"a,b,a\n1,2,3\n"),
    "a header without a name": ("blank_header", b"a,,c\n1,2,3\n"),
    "a hundred thousand columns": ("too_many_columns", ",".join(f"c{i}" for i in range(100_001)).encode() + b"\n"),
    "a NUL": ("nul_octets", CSV + b"2,\0\n"),
    "UTF-16": ("wrong_encoding", CSV.decode().encode("utf-16")),
    "Latin letters of another encoding": ("wrong_encoding", "Größe,Straße,ñandú,façade\n".encode("latin-1") * 9),
    "Japanese": ("wrong_encoding", "番号,名前ひらがなカタカナ\n1,ｱｲｳｴｵ\n".encode("shift-jis")),
    "UTF-8 with one bad octet": ("wrong_encoding", CSV * 50 + b"2,\xff\xff\n" + CSV),
    "UTF-8 cut in a character": ("truncated", CSV + "张".encode()[:2]),
    "a gzip cut in the middle": ("truncated", gzip.compress(CSV * 1_000)[:-20]),
    "a gzip with a changed octet": ("truncated", gzip.compress(CSV)[:-6] + b"xxxxxx"),
    "a gzip of nothing": ("empty_file", gzip.compress(b"")),
    "no line end in nine megabytes": ("line_too_long", b"a,b\n" + b"x" * (9 * 1024 * 1024)),
    "a quote that never closes": ("quote_not_closed", b'"a,b\n1,2\n'),
    "random octets": ("not_a_table", RNG.randbytes(5_000).replace(b"\0", b"\x01")),
    "JSON": ("not_a_table", b'[{"a": 1}]'),
    "XML": ("not_a_table", b'<?xml version="1.0"?><Workbook/>'),
    "a web page called xls": ("html_table", b"\n<HTML><table><tr><td>1</td></tr></table>"),
    "PDF": ("not_a_table", b"%PDF-1.7\n"),
    "old xls": ("old_xls", OLE + b"\0" * 600),
    "a workbook with a password": ("password_protected", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")),
    "half a workbook": ("truncated", GOOD[: len(GOOD) // 2]),
    # what comes out of damaged compression is no XML, or nothing at all: it depends on the octets around it
    "a workbook with a changed octet": ("truncated or unsafe_xml", GOOD[:400] + b"XXXXXXXX" + GOOD[408:]),
    "a zip of something else": ("not_a_table", zip_of(readme=b"text")),
    "an OpenDocument sheet": ("not_a_table", zip_of(content_xml=b"<x/>")),
    "a workbook in name only": ("truncated", zip_of(xl__workbook_xml=b"<x/>")),
    "a zip bomb": ("unpacks_too_large", zip_of(xl__workbook_xml=b"<x/>", xl__media=b"\0" * (100 * 1024**2))),
    "an entity bomb": (
        "unsafe_xml",
        zip_of(xl__workbook_xml=b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><workbook>&c;</workbook>'),
    ),
    "a document type behind a comment": (
        "unsafe_xml",
        zip_of(xl__workbook_xml=b"<?xml version='1.0'?><!-- " + b"x" * 5_000 + b" --><!doctype a []><workbook/>"),
    ),
    "XML in UTF-16": (
        "unsafe_xml",
        zip_of(xl__workbook_xml='<?xml version="1.0"?><!DOCTYPE a []><a/>'.encode("utf-16")),
    ),
    "an empty workbook": ("empty_file", workbook(lambda sheet: None)),
    "two filled sheets and none named": ("sheet_not_named", workbook(with_rows(["a"]), zwei=[["b"]])),
    "a formula in the header": ("formula", workbook(with_rows(["a", "=A1"], ["1", "2"]))),
    "a merged title": ("merged_cells", workbook(merged_title)),
    "half a parquet": ("truncated", parquet(a=["1"] * 50)[:-30]),
    "a parquet without its end": ("truncated", b"PAR1" + b"\0" * 100),
    "a parquet with lists": ("bad_column_type", parquet(a=[["1"]])),
    "a parquet with a column twice": ("duplicate_header", b""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_place_and_remedy(tmp_path: Path, name: str) -> None:
    code, octets = BROKEN[name]
    if name == "a parquet with a column twice":
        target = io.BytesIO()
        pq.write_table(pa.Table.from_arrays([pa.array(["1"])] * 2, names=["a", "a"]), target)
        octets = target.getvalue()
    path = tmp_path / "upload"
    path.write_bytes(octets)
    with pytest.raises(TableError) as caught, open_table(path) as table:
        list(table.rows())
    assert caught.value.code in code.split(" or ")
    assert caught.value.text.zh
    assert caught.value.text.en
    assert SECRET not in caught.value.text.zh + caught.value.text.en


def refusal(path: Path, options: TableOptions | None = None) -> TableError:
    with pytest.raises(TableError) as caught:
        open_table(path, options)
    return caught.value


def test_the_octet_and_the_row_of_a_wrong_encoding_are_named(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    head = "列,乙\n".encode() * 300_000
    path.write_bytes(head + b"1,\xff\n")
    error = refusal(path)
    assert error.row == 300_001
    assert f"{len(head) + 2:,}" in error.text.zh


def test_an_encoding_named_in_the_map_is_believed_and_still_strict(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes("列,乙\n".encode("gb18030"))
    assert refusal(path, TableOptions(encoding="utf-8")).code == "wrong_encoding"
    assert refusal(path, TableOptions(encoding="klingon")).code == "unknown_encoding"
    assert refusal(path, TableOptions(delimiter=",,")).code == "bad_delimiter"
    assert open_table(path, TableOptions(encoding="GBK")).columns == ("列", "乙")


def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "upload"
    path.write_bytes(CSV)
    assert refusal(path, TableOptions(max_octets=5)).code == "too_large"
    path.write_bytes(gzip.compress(b"a,b\n" * 200_000))
    monkeypatch.setattr(text_scan, "RATIO_MATTERS_FROM_OCTETS", 1_000)
    assert 800_000 / path.stat().st_size > limits.MAX_UNPACK_RATIO
    assert refusal(path).code == "unpacks_too_large"


def test_a_missing_sheet_and_a_missing_file_are_said(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(GOOD)
    error = refusal(path, TableOptions(sheet="没有"))
    assert error.code == "sheet_missing"
    assert "Sheet" in error.text.en
    assert refusal(tmp_path / "nowhere").code == "unreadable"
    assert refusal(tmp_path).code == "not_a_table"


def test_a_workbook_damaged_at_any_place_is_refused_or_read_but_never_breaks(tmp_path: Path) -> None:
    """A changed octet may miss what is read; what it hits is answered as a refusal."""
    refused = 0
    for place in range(40, len(GOOD) - 40, 97):
        path = tmp_path / f"damaged-{place}.xlsx"
        path.write_bytes(GOOD[:place] + b"XXXXXXXX" + GOOD[place + 8 :])
        try:
            with open_table(path) as table:
                list(table.rows())
        except TableError:
            refused += 1
    assert refused > 0
