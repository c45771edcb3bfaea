"""What kind of file it is, by its first octets and never by its name; what is no table is refused with the remedy."""

import hashlib
import zipfile
from enum import StrEnum
from pathlib import Path

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.files.table import TableError

_BLOCK = 1_048_576
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HTML_STARTS = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<body", b"<div", b"<style")


class Kind(StrEnum):
    """Files that can be read."""

    CSV = "csv"
    GZIP = "csv.gz"
    XLSX = "xlsx"
    PARQUET = "parquet"


def fingerprint_of(path: Path) -> str:
    """SHA-256 (hex) of the file's octets."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kind_of(path: Path, max_octets: int) -> Kind:
    """The kind of a file. Refuses: nothing in it, too much in it, another format (TableError)."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise TableError("not_a_table", NOT_A_FILE)
        with path.open("rb") as file:
            head = file.read(65_536)
    except OSError as error:
        raise TableError("unreadable", UNREADABLE.fill(reason=error.strerror)) from error
    if size == 0 or not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise TableError("empty_file", EMPTY)
    if size > max_octets:
        raise TableError("too_large", TOO_LARGE.fill(limit=f"{max_octets:,}"))
    if head.startswith(b"PK"):
        return _kind_of_zip(path)
    if head.startswith(b"PAR1"):
        return Kind.PARQUET
    if head.startswith(b"\x1f\x8b"):
        return Kind.GZIP
    if head.startswith(_OLE):
        code, text = ("password_protected", PASSWORD) if _mentions(path, _ENCRYPTED) else ("old_xls", OLD_XLS)
        raise TableError(code, text)
    _refuse_other_texts(head)
    return Kind.CSV


def _refuse_other_texts(head: bytes) -> None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lowered = text[:512].lower()
    if lowered.startswith(_HTML_STARTS):
        raise TableError("html_table", HTML)
    if lowered.startswith(b"<?xml"):
        raise TableError("not_a_table", XML)
    if text.startswith((b"{", b"[{", b"[[")):
        raise TableError("not_a_table", JSON)
    if text.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf")):
        raise TableError("not_a_table", OTHER)


def _kind_of_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise TableError("truncated", TRUNCATED) from error
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise TableError("not_a_table", OTHER_SHEET)
    raise TableError("not_a_table", ZIP)


def _mentions(path: Path, needle: bytes) -> bool:
    tail = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if needle in tail + block:
                return True
            tail = block[-len(needle) :]
    return False


NOT_A_FILE = Text(zh="这不是一个文件", en="this is no file")
UNREADABLE = Text(zh="文件无法读取:{reason}", en="the file cannot be read: {reason}")
EMPTY = Text(zh="文件是空的;请重新导出", en="the file is empty; export it again")
TOO_LARGE = Text(
    zh="文件超过上限 {limit} 字节;请拆成几个文件",
    en="the file is larger than {limit} octets; split it into several",
)
PASSWORD = Text(
    zh="工作簿有密码保护;请去掉密码后另存为 .xlsx",
    en="the workbook is protected by a password; save it as .xlsx without one",
)
OLD_XLS = Text(
    zh="这是旧版 .xls 格式;请在表格软件中另存为 .xlsx",
    en="this is the old .xls format; save it as .xlsx in a spreadsheet program",
)
HTML = Text(
    zh="这是网页,即使文件名是 .xls;请用表格软件打开后另存为 .xlsx 或 CSV",
    en="this is a web page, whatever its name says; open it in a spreadsheet program and save it as .xlsx or CSV",
)
XML = Text(zh="这是 XML 文件;请另存为 .xlsx 或 CSV", en="this is an XML file; save it as .xlsx or CSV")
JSON = Text(zh="这是 JSON 文件,不是表格;请导出为 CSV", en="this is JSON and no table; export it as CSV")
OTHER = Text(
    zh="文件不是表格;可读取 CSV、XLSX 和 Parquet",
    en="the file is no table; CSV, XLSX and Parquet can be read",
)
OTHER_SHEET = Text(
    zh="这种表格格式(.xlsb、.ods)不能读取;请另存为 .xlsx",
    en="this spreadsheet format (.xlsb, .ods) cannot be read; save it as .xlsx",
)
ZIP = Text(zh="这是压缩包;请解压后导入其中的表格", en="this is an archive; unpack it and import the table in it")
TRUNCATED = Text(
    zh="文件不完整或已损坏,可能没有传完;请重新上传",
    en="the file is incomplete or damaged, perhaps cut while it was copied; upload it again",
)
