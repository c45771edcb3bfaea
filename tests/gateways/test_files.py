"""Tables that can be read: whatever the format, the same rows under the same numbers, resumable, and nothing lost."""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhizhi.core.kernel.sheets import MARK_COLUMN, guard, unguard
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.files.rejected import RejectedRows
from zhizhi.gateways.files.table import RowFault, Table, TableOptions

NAMES = "客户号,姓名,应还金额\n"


def rows_of(table: Table, start: int = 0) -> list[tuple[int, list[Any]]]:
    rows: list[tuple[int, list[Any]]] = []
    for row in table.rows(start):
        assert not isinstance(row, RowFault), row
        rows.append((row[0], list(row[1])))
    return rows


@pytest.mark.parametrize(
    ("octets", "encoding"),
    [
        ((NAMES + "1,张三,12.50\n").encode(), "utf-8"),
        (b"\xef\xbb\xbf" + (NAMES + "1,张三,12.50\n").encode(), "utf-8"),
        ((NAMES + "1,张三,12.50\n").encode("gb18030"), "gb18030"),
        ((NAMES + "1,张三,12.50").encode().replace(b"\n", b"\r\n"), "utf-8"),
        ((NAMES + "1,张三,12.50\n").encode().replace(b"\n", b"\r"), "utf-8"),
        ((NAMES + '1,"张三",12.50\n').encode(), "utf-8"),
        ((NAMES + "1,张三,12.50\n").replace(",", "\t").encode(), "utf-8"),
        ((NAMES + "1,张三,12.50\n").replace(",", ";").encode(), "utf-8"),
        (("sep=;\n" + NAMES + "1,张三,12.50\n").replace(",", ";").encode(), "utf-8"),
        (gzip.compress((NAMES + "1,张三,12.50\n").encode(), mtime=0), "utf-8"),
        ((NAMES + "1,张三,12.50,,\n").encode(), "utf-8"),
    ],
)
def test_a_csv_reads_the_same_however_a_program_wrote_it(tmp_path: Path, octets: bytes, encoding: str) -> None:
    path = tmp_path / "book"
    path.write_bytes(octets)
    with open_table(path) as table:
        assert table.columns == ("客户号", "姓名", "应还金额")
        assert table.encoding == encoding
        assert [cells for _, cells in rows_of(table)] == [["1", "张三", "12.50"]]
        assert table.fingerprint == hashlib.sha256(octets).hexdigest()


CELL = st.text(alphabet='a1,;"\n\r 张\t', max_size=6)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=30),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
    size=st.integers(1, 7),
    start=st.integers(0, 40),
)
def test_what_the_csv_module_wrote_is_read_back_and_resumes_anywhere(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], line_end: str, encoding: str, size: int, start: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "property.csv"
    text = io.StringIO()
    # Python's writer leaves a lone carriage return unquoted, which no reader can tell from a line end
    quoting = csv.QUOTE_ALL if any("\r" in cell for row in rows for cell in row) else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator=line_end, quoting=quoting).writerows([["甲", "乙"], *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    expected = [(number, row) for number, row in enumerate(rows, 2) if any(row)]
    with open_table(path, TableOptions(encoding=encoding, delimiter=",")) as table:
        assert rows_of(table) == expected
        seen: list[tuple[int, list[Any]]] = []
        resume_at = start
        for chunk in table.chunks(size, start):
            assert len(chunk.rows) <= size
            assert chunk.resume_at > resume_at
            resume_at = chunk.resume_at
            seen += [(number, list(row)) for number, row in zip(chunk.numbers, chunk.rows, strict=True)]
        assert seen == [row for row in expected if row[0] >= start]
        middle = [row for chunk in table.chunks(size, start) for row in rows_of(table, chunk.resume_at)[:1]]
        assert all(row in expected for row in middle)


def test_ragged_and_badly_quoted_rows_are_faults_between_good_ones(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    path.write_text('a,b\n1,2\n3\n4,5,6\n\n"x"y,7\n8,9\n10,"11', encoding="utf-8")
    with open_table(path) as table:
        found = [(row.row, row.code) if isinstance(row, RowFault) else (row[0], list(row[1])) for row in table.rows()]
    assert found == [
        (2, ["1", "2"]),
        (3, "ragged_row"),
        (4, "ragged_row"),
        (6, "bad_quote"),
        (7, ["8", "9"]),
        (8, "quote_not_closed"),
    ]


def test_a_block_border_splits_no_character_and_no_row(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    rows = [[str(n), "字" * (n % 50), "🀄" * (n % 7)] for n in range(20_000)]
    path.write_text("n,text,rare\n" + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    with open_table(path) as table:
        assert [cells for _, cells in rows_of(table)] == rows
        assert rows_of(table, 19_999)[0] == (19_999, rows[19_997])
    path.write_bytes(path.read_bytes().decode().encode("gb18030"))
    with open_table(path, TableOptions(encoding="GBK")) as table:
        assert [cells for _, cells in rows_of(table)] == rows


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Path]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["客户号", "姓名", "到期日", "金额", "是否", "时间", None])
    sheet.append(["001", "张三", date(2026, 1, 2), 12.5, True, datetime(2026, 1, 2, 3, 4)])
    sheet.append([None, None, None, None, None, None])
    sheet.append([2, "李四", None, 0.1 + 0.2, False, None, None])
    sheet.append([1234567890123456789, "王五", None, 1, None, None])
    sheet.append(["005", "=B2", None, 1, None, None])
    sheet.append(["006", "合并", None, 1, None, None])
    sheet.append(["007", None, None, 1, None, None])
    sheet.append(["008", "#N/A", None, 1, None, None])
    sheet.append(["009", "够", None, 1, None, None, None, "多"])
    sheet.merge_cells("B7:B8")
    sheet["B9"].data_type = "e"
    book.create_sheet("空")
    path = tmp_path / "book.xlsx"
    book.save(path)
    book.close()
    return path


def test_a_workbook_gives_dates_decimals_and_faults_that_name_the_cell(book: Path) -> None:
    with open_table(book) as table:
        assert table.columns == ("客户号", "姓名", "到期日", "金额", "是否", "时间")
        found = list(table.rows())
        assert found[0] == (2, ["001", "张三", date(2026, 1, 2), Decimal("12.5"), True, datetime(2026, 1, 2, 3, 4)])
        assert found[1] == (4, [2, "李四", None, Decimal("0.3"), False, None])
        faults = [row for row in found[2:] if isinstance(row, RowFault)]
        assert [(fault.row, fault.code) for fault in faults] == [
            (5, "rounded_number"),
            (6, "formula"),
            (7, "merged_cells"),
            (8, "merged_cells"),
            (9, "error_cell"),
            (10, "ragged_row"),
        ]
        assert "A5" in faults[0].text.zh
        assert "B6" in faults[1].text.en
        assert "B7:B8" in faults[2].text.en
        assert [row[0] for row in table.rows(4) if not isinstance(row, RowFault)] == [4]
        assert [chunk.resume_at for chunk in table.chunks(1, 9)] == [10, 11]


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.append(["甲"])
    second = book.create_sheet("第二")
    second.append(["乙"])
    second.append(["值"])
    path = tmp_path / "book.xlsx"
    book.save(path)
    with open_table(path, TableOptions(sheet="第二")) as table:
        assert rows_of(table) == [(2, ["值"])]


def test_parquet_keeps_types_and_resumes_within_a_row_group(tmp_path: Path) -> None:
    path = tmp_path / "book.parquet"
    count = 2_500
    table = pa.table(
        {
            "id": [f"{n:04d}" for n in range(count)],
            "amount": pa.array([Decimal(n) / 100 for n in range(count)], pa.decimal128(12, 2)),
            "rate": [0.1] * count,
            "due": pa.array([date(2026, 1, 2)] * count),
            "seen": pa.array([datetime(2026, 1, 2, 3, tzinfo=UTC)] * count, pa.timestamp("ns", tz="UTC")),
            "kind": pa.array(["loan"] * count).dictionary_encode(),
            "none": pa.nulls(count),
        }
    )
    pq.write_table(table, path, row_group_size=1_000)
    with open_table(path) as opened:
        rows = rows_of(opened)
        assert len(rows) == count
        due, seen = date(2026, 1, 2), datetime(2026, 1, 2, 3, tzinfo=UTC)
        assert rows[7] == (9, ["0007", Decimal("0.07"), Decimal("0.1"), due, seen, "loan", None])
        for start in (0, 2, 3, 1_001, 1_002, 1_003, 2_400, 2_501):
            assert rows_of(opened, start) == [row for row in rows if row[0] >= start]
        assert rows_of(opened, 2_502) == []


def test_a_number_that_is_none_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "book.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], "rate": [float("nan"), 1.5]}), path)
    with open_table(path) as table:
        found = list(table.rows())
    assert isinstance(found[0], RowFault)
    assert (found[0].row, found[0].column, found[0].code) == (2, "rate", "not_a_number")
    assert found[1] == (3, ("b", Decimal("1.5")))


@given(cell=st.text(max_size=8) | st.text(alphabet="'=+-@\t＝a", max_size=6))
def test_a_guarded_cell_starts_no_formula_and_comes_back(cell: str) -> None:
    assert unguard(guard(cell)) == cell
    assert guard(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}


def test_rejected_rows_can_be_mended_and_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    values = ["=HYPERLINK(1)", "-5.00", "'already", "two\nlines", 'quo"te']
    with RejectedRows(path, ["a", "b", "c", "d", "=e"]) as rejected:
        rejected.write(17, values, [("b", "负数 · negative", "更正 · correct it"), ("c", "坏 · bad", "改 · mend")])
        rejected.write(18, ["only one", None, Decimal("1.5")], [])
    octets = path.read_bytes()
    assert octets.startswith(b"\xef\xbb\xbf")
    assert b",'=HYPERLINK" in octets
    assert path.stat().st_mode & 0o077 == 0
    with open_table(path) as table:
        assert table.columns == (
            MARK_COLUMN,
            "a",
            "b",
            "c",
            "d",
            "=e",
            "zhizhi_column",
            "zhizhi_reason",
            "zhizhi_remedy",
        )
        rows = rows_of(table)
    assert rows[0][1][:6] == ["17", *values]
    assert rows[0][1][6] == "b\nc"
    assert rows[1][1] == ["18", "only one", "", "1.5", "", "", "", "", ""]
