"""Broken files.

Each gets a sentence that names the place and the remedy in both languages, and leaves nothing half written.
"""

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from django.db import connections

from importwork import COLUMNS, HEADER, ID, map_of
from zhizhi.ops.import_book import import_book

DOC = Path(__file__).resolve().parents[2] / "docs" / "bad-input.md"
GOOD = f"C1,A1,张三,{ID},2026-02-20,1234.50,10900000000"
MAP = map_of("T1")

Build = Callable[[Path], Path]


@dataclass(frozen=True)
class BadFile:
    """A broken file, and what has to be said of it."""

    title: str
    build: Build
    says: str
    accepted: int | None = None  # None: the whole file is refused
    map_body: str = MAP


def text_file(content: str | bytes, name: str = "book.csv") -> Build:
    """A file with this content."""

    def build(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return build


def rows(*lines: str, header: str = HEADER) -> Build:
    """A CSV of these lines below the header."""
    return text_file("\n".join((header, *lines)) + "\n")


def row(**changes: str) -> str:
    """The good row of another account with some cells changed."""
    names = dict(zip(("customer", "account", "name", "id", "due", "principal", "mobile"), range(7), strict=True))
    cells = GOOD.split(",")
    cells[0], cells[1], cells[3] = "C2", "A2", ""
    for name, value in changes.items():
        cells[names[name]] = value
    return ",".join(cells)


def one_bad(**changes: str) -> Build:
    """A good row and one with a cell that is wrong."""
    return rows(GOOD, row(**changes))


def xlsx(fill: Callable[[openpyxl.Workbook], None]) -> Build:
    """A workbook."""

    def build(folder: Path) -> Path:
        book = openpyxl.Workbook()
        fill(book)
        book.save(folder / "book.xlsx")
        return folder / "book.xlsx"

    return build


def _formula(book: openpyxl.Workbook) -> None:
    sheet = book.active
    sheet.append(list(COLUMNS))
    sheet.append(GOOD.split(","))
    sheet.append(["C2", "A2", "李四", None, "2026-02-20", "=1+1", "10900000001"])


def _formula_alone(book: openpyxl.Workbook) -> None:
    _formula(book)
    book.active.delete_rows(2)


def _merged(book: openpyxl.Workbook) -> None:
    sheet = book.active
    sheet.append(["逾期账户清单"])
    sheet.merge_cells("A1:G1")
    sheet.append(list(COLUMNS))
    sheet.append(GOOD.split(","))
    sheet.merge_cells("F2:G2")


def _rounded_number(book: openpyxl.Workbook) -> None:
    sheet = book.active
    sheet.append(list(COLUMNS))
    sheet.append(GOOD.split(","))
    sheet.append(["C2", "A2", "李四", float(ID), "2026-02-20", "10.00", "10900000001"])


def _bomb(folder: Path) -> Path:
    path = folder / "book.xlsx"
    _zip(
        path,
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/workbook.xml": b"<workbook/>",
            "xl/worksheets/sheet1.xml": b"0" * (300 * 1024 * 1024),
        },
    )
    return path


def _zip(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _password(folder: Path) -> Path:
    # A workbook with a password is an OLE container, whatever its name says.
    path = folder / "book.xlsx"
    path.write_bytes(
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4096
    )
    return path


def _half_parquet(folder: Path) -> Path:
    table = pa.table({name: ["x"] * 1000 for name in COLUMNS})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    (folder / "book.parquet").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    return folder / "book.parquet"


def _half_gzip(folder: Path) -> Path:
    content = gzip.compress(os.urandom(50_000).hex().encode())
    (folder / "book.csv.gz").write_bytes(content[: len(content) // 2])
    return folder / "book.csv.gz"


def _folder(folder: Path) -> Path:
    (folder / "book").mkdir()
    return folder / "book"


CASES = (
    BadFile(
        "GBK 与 UTF-8 混在一起 · two encodings in one file",
        text_file(f"{HEADER}\n{GOOD}\n".encode() + "C2,A2,李四,,2026-02-20,10.00,10900000001\n".encode("gbk")),
        "编码",
    ),
    BadFile("UTF-16", text_file(f"{HEADER}\n{GOOD}\n".encode("utf-16")), "UTF-8"),
    BadFile(
        "有 BOM（可接受）· a byte order mark is fine", text_file(f"\ufeff{HEADER}\n{GOOD}\n"), "新增 1", accepted=1
    ),
    BadFile(
        "GB18030（可接受）· GB18030 is fine", text_file(f"{HEADER}\n{GOOD}\n".encode("gb18030")), "新增 1", accepted=1
    ),
    BadFile(
        "分号分隔（可接受）· semicolons are fine",
        text_file(f"{HEADER}\n{GOOD}\n".replace(",", ";")),
        "新增 1",
        accepted=1,
    ),
    BadFile("列数不一致 · ragged rows", rows(GOOD, row() + ",多出", "C3,A3"), "格", accepted=1),
    BadFile("公式单元格 · a formula cell", xlsx(_formula), "公式", accepted=1),
    BadFile("10^12 分金额 · an amount of 10^12", one_bad(principal="10000000000"), "10^12", accepted=1),
    BadFile("负数金额 · a negative amount", one_bad(principal="-1.00"), "金额为负", accepted=1),
    BadFile("三位小数 · three decimals", one_bad(principal="1.005"), "四舍五入", accepted=1),
    BadFile("科学计数金额 · an amount as 1E+11", one_bad(principal="1E+11"), "科学计数", accepted=1),
    BadFile("文字金额 · an amount in words", one_bad(principal="壹佰"), "不是金额", accepted=1),
    BadFile("1900 年 · a day of 1900", one_bad(due="1900-01-01"), "1980-01-01", accepted=1),
    BadFile("2100 年 · a day of 2100", one_bad(due="2100-01-01"), "年份", accepted=1),
    BadFile("不存在的日期 · a day that no calendar has", one_bad(due="2026-02-30"), "不是日期", accepted=1),
    BadFile(
        "账户号重复 · one account number twice", rows(GOOD, GOOD.replace("1234.50", "99.00")), "已出现", accepted=1
    ),
    BadFile("身份证号格式 · an identity number of the wrong shape", one_bad(id="12345"), "格式不对", accepted=1),
    BadFile("身份证校验位 · a wrong check digit", one_bad(id=ID[:-1] + "8"), "校验位", accepted=1),
    BadFile(
        "身份证号被 Excel 改成浮点数 · an identity number rounded by a spreadsheet",
        xlsx(_rounded_number),
        "",
        accepted=1,
    ),
    BadFile("手机号格式 · a mobile number of the wrong shape", one_bad(mobile="12345"), "手机号格式不对", accepted=1),
    BadFile("缺必填值 · a required value is missing", one_bad(name=""), "必填项为空", accepted=1),
    BadFile("姓名过长 · a name that is too long", one_bad(name="王" * 101), "过长", accepted=1),
    BadFile("NUL 字节 · a NUL byte", text_file(f"{HEADER}\n{GOOD}\n{row(name=chr(0) + '李')}\n"), "NUL"),
    BadFile("看不见的方向控制符 · an invisible direction mark", one_bad(name="李\u202e四"), "控制字符", accepted=1),
    BadFile("没有一行可用 · no row of use", xlsx(_formula_alone), "公式", accepted=0),
    BadFile("以 = 开头的姓名是数据 · a name that begins with =", one_bad(name="=张三"), "新增 2", accepted=2),
    BadFile(
        "全角数字与前导空格（可接受）· full-width digits are fine",
        one_bad(principal=" １２３．４５", mobile="　10900000001"),
        "新增 2",
        accepted=2,
    ),
    BadFile("末尾合计行 · a line of totals", rows(GOOD, "合计,,,,,1234.50,"), "合计行", accepted=1),
    BadFile("表头重复 · one heading twice", rows(GOOD + ",x", header=HEADER + ",本金"), "两次"),
    BadFile(
        "表头空列 · an empty heading",
        rows("C1,A1,张三,,2026-02-20,1.00,1,2", header="客户号,账户号,姓名,身份证号,到期日,,手机,本金"),
        "没有名称",
    ),
    BadFile("合并的表头 · merged headings", xlsx(_merged), ""),
    BadFile("没有表头 · no header", text_file("1,2,3\n4,5,6\n"), "表头"),
    BadFile(
        "数据当表头 · a row of data for a header", rows("C2,A2,李四,,2026-02-20,10.00,10900000001", header=GOOD), "#3"
    ),
    BadFile("空文件 · an empty file", text_file(""), "空"),
    BadFile("只有表头 · only a header", text_file(HEADER + "\n"), "没有数据行"),
    BadFile("缺列 · a column is missing", rows("C1,A1,张三", header="客户号,账户号,姓名"), "缺少"),
    BadFile(
        "文件种类与映射不配 · another kind of file than the map", rows("P1,A1,10", header="流水号,账号,金额"), "缺少"
    ),
    BadFile("通讯录列 · an address book", rows(GOOD + ",x", header=HEADER + ",通讯录"), "通讯录"),
    BadFile(
        "编号的联系人列 · numbered contact columns",
        rows(GOOD + ",1" * 6, header=HEADER + "," + ",".join(f"contact_{n}" for n in range(1, 7))),
        "contact_6",
    ),
    BadFile(
        "单元格里有许多号码 · many numbers in one cell",
        rows(GOOD + ",10900000001 10900000002 10900000003 10900000004", header=HEADER + ",备注"),
        "备注",
    ),
    BadFile("压缩炸弹 · a zip bomb", _bomb, "过大"),
    BadFile("加密的 Excel · a workbook with a password", _password, "密码"),
    BadFile("半个 Parquet · half a Parquet file", _half_parquet, ""),
    BadFile("半个 gzip · half a gzip file", _half_gzip, ""),
    BadFile(
        "HTML 冒充 .xls · HTML named .xls",
        text_file("<html><table><tr><td>1</td></tr></table></html>", "book.xls"),
        "网页",
    ),
    BadFile("文件夹 · a folder", _folder, "文件夹"),
    BadFile("不存在的文件 · a file that is not there", lambda folder: folder / "nowhere.csv", "没有文件"),
    BadFile(
        "巨大的单元格 · a huge cell",
        rows(GOOD, 'C2,A2,"' + "王" * 200_000 + '",,2026-02-20,1.00,10900000001'),
        "",
        accepted=1,
    ),
    BadFile(
        "引号未闭合 · a quote that never closes",
        rows(GOOD, 'C2,A2,"李四,,2026-02-20,1.00,10900000001'),
        "引号",
        accepted=1,
    ),
    BadFile(
        "映射有不认识的键 · a map with an unknown key",
        rows(GOOD),
        "不认识的键",
        map_body=MAP.replace("unit =", "units ="),
    ),
    BadFile(
        "映射有不认识的字段 · a map with an unknown field", rows(GOOD), "没有字段", map_body=MAP + 'colour = "颜色"\n'
    ),
    BadFile(
        "映射不是 TOML · a map that is not TOML", rows(GOOD), "不是 TOML", map_body=MAP.replace("[columns]", "[columns")
    ),
    BadFile(
        "映射缺必填字段 · a map without a required field",
        rows(GOOD),
        "缺少必填字段",
        map_body=MAP.replace('name = "姓名"\n', ""),
    ),
    BadFile(
        "两个机构 · two lenders",
        rows(GOOD + ",T1", row() + ",T2", header=HEADER + ",机构"),
        "另一机构",
        accepted=1,
        map_body=MAP.replace("[columns]", '[columns]\nlender = "机构"'),
    ),
    BadFile("不认识的机构 · an unknown lender", rows(GOOD), "没有机构", map_body=MAP.replace('"T1"', '"T9"')),
)


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """What each file was answered, for the page."""
    return {}


def run(folder: Path, case: BadFile) -> tuple[Result, Path]:
    path = case.build(folder)
    map_path = folder / "map.toml"
    map_path.write_text(case.map_body, encoding="utf-8")
    words = [str(path), "--map", str(map_path), "--on", "2026-03-02"]
    if '"T1"' in case.map_body:
        words += ["--profile", "cn.bank.card"]
    return CliRunner().invoke(import_book, words), path


def clear() -> None:
    settings = connections["gate"].settings_dict
    with psycopg.connect(
        dbname=settings["NAME"],
        host=settings["HOST"],
        port=settings["PORT"] or None,
        user="zhizhi_owner",
        autocommit=True,
    ) as owner:
        owner.execute(
            "TRUNCATE person, party, point, debt, entry, imported_file, refused_row, leaf, salt RESTART IDENTITY"
            " CASCADE"
        )


def count(table: str) -> int:
    with connections["gate"].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_broken_file_gets_a_sentence_and_leaves_nothing_half_written(
    store: str, tmp_path: Path, case: BadFile, said: dict[str, str]
) -> None:
    clear()
    result, path = run(tmp_path, case)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert case.says in result.output
    assert ID not in result.output
    assert "张三" not in result.output
    assert str(tmp_path) not in result.output
    said[case.title] = result.output.replace(path.name, "FILE") if case.accepted is None else result.output
    if case.accepted is None:
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert [count(table) for table in ("person", "debt", "entry", "imported_file", "refused_row")] == [0] * 5
        return
    assert result.exit_code == 0
    assert count("debt") == case.accepted
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT state, rows_total, accepted, refused FROM imported_file")
        ((state, total, accepted, refused),) = cursor.fetchall()
    assert (state, accepted, total) == ("finished", case.accepted, accepted + refused)
    assert count("refused_row") == refused


def test_the_page_of_bad_input_says_what_people_see(said: dict[str, str]) -> None:
    if len(said) < len(CASES):
        pytest.skip("the page is compared when every broken file ran")
    page = page_of(said)
    if os.environ.get("ZHIZHI_WRITE_DOCS"):
        DOC.write_text(page, encoding="utf-8")
    assert DOC.read_text(encoding="utf-8") == page, "run this module with ZHIZHI_WRITE_DOCS=1 and read the difference"


def page_of(said: dict[str, str]) -> str:
    lines = [
        "# 坏文件与看到的提示 · Broken files, and what a person sees",
        "",
        "由 `tests/journeys/test_bad_files.py` 生成并核对 · written and checked by that test."
        " 「整个文件拒收」表示什么都没有保存"
        " · where the whole file is refused, nothing was stored.",
        "",
    ]
    for number, case in enumerate(CASES, 1):
        kept = (
            "整个文件拒收 · whole file refused"
            if case.accepted is None
            else f"接受 {case.accepted} 行 · {case.accepted} accepted"
        )
        lines += [f"## {number}. {case.title}", "", f"{kept}", "", "```", *_shown(said[case.title]), "```", ""]
    return "\n".join(lines)


def _shown(output: str) -> list[str]:
    return [line.removeprefix("Error: ") for line in output.strip().splitlines() if "refused.csv" not in line]
