"""Files for the import that nobody would write: a good one of each kind, broken in a way that its number decides."""

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.exceptions import IllegalCharacterError

from importwork import COLUMNS, ID, map_of

MAP = map_of("L1").encode()
ROWS = 8
NASTY = (
    "", " ", "\u3000", "=1+1", "@SUM(A1)", "-1", "-0", "1e999", "1E-7", "NaN", "Infinity", "９９９", "1,234.50", "壹佰",
    "2026-02-30", "0000-00-00", "1900-01-01", "9999-12-31", "2026-02-20T25:61:61Z", "46073", "合计", "null", "1.005",
    "\x00", "\u202e倒", "\ufeff", "\u200b", "\U0001f4a9", "𠮷" * 60, "王" * 3000, "9" * 400, "0" * 64, '"', "'", "\\",
    ";", "\t", "\r", "a\nb", "{{7*7}}", "<script>alert(1)</script>", "%s%n%x", "../../etc/passwd", "true",
    "'; DROP TABLE debt; --", "10900000001 10900000002", "+8610900000000", "張三、李四", "A1", "C1", ID, ID[:-1] + "8",
    ID.lower(), f"{ID}.0", "7.50101199003070037E+17",
)  # fmt: skip
NAMES = ("book.csv", "账户.xlsx", "a" * 190 + ".csv", "..", "CON", "a\u202efdp.csv", "x.csv.gz", "noname", "<b>.csv")


@dataclass(frozen=True)
class Mutated:
    """A file with its map, and how it was made."""

    kind: str
    name: str
    content: bytes
    map_body: bytes


def table(random: Random, *, nasty: int) -> list[list[str]]:
    """Rows under a header, some cells of them nasty, now and then of another length."""
    rows = [[f"C{n}", f"A{n}", "张三", "", "2026-02-20", "1234.50", f"1090000{n:04d}"] for n in range(1, ROWS + 1)]
    rows[0][3] = ID
    for _ in range(nasty):
        rows[random.randrange(ROWS)][random.randrange(len(COLUMNS))] = random.choice(NASTY)
    return [list(COLUMNS), *rows]


def misshapen(random: Random) -> list[list[str]]:
    """Columns and rows that are missing, twice, in another order, too long or too short."""
    rows = table(random, nasty=1)
    for _ in range(random.randint(1, 4)):
        row = random.choice(rows)
        column = random.randrange(len(COLUMNS))
        turn = random.randrange(6)
        if turn == 0:
            row[column:] = []
        elif turn == 1:
            row.extend(random.choice(NASTY) for _ in range(random.choice((1, 3, 600))))
        elif turn == 2:
            rows[0][column % max(len(rows[0]), 1) : column + 1] = [random.choice((*COLUMNS, "", "通讯录", "contact_1"))]
        elif turn == 3:
            random.shuffle(rows)
        elif turn == 4:
            rows.insert(random.randrange(len(rows) + 1), [])
        else:
            rows.append(list(row))
    return rows


def csv(rows: list[list[str]], random: Random) -> bytes:
    """Text in some encoding with some delimiter, quoted or not."""
    between, ends = random.choice(",,,;\t|"), random.choice(("\n", "\r\n", "\r"))
    quote = random.random() < 0.5
    cells = (['"' + cell.replace('"', '""') + '"' if quote else cell for cell in row] for row in rows)
    encoding = random.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"))
    return (ends.join(between.join(row) for row in cells) + ends).encode(encoding, "replace")


def xlsx(rows: list[list[str]], random: Random) -> bytes:
    """A workbook; cells are texts, numbers, days or formulas."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    odd = (
        float("nan"),
        1e300,
        -5,
        True,
        datetime(2026, 2, 20, tzinfo=UTC).replace(tzinfo=None),
        date(1900, 1, 1),
        None,
    )
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row, 1):
            value: object = random.choice(odd) if number > 1 and random.random() < 0.05 else cell
            try:
                sheet.cell(number, column, value)  # type: ignore[arg-type]  # NaN and the like on purpose
            except IllegalCharacterError:
                sheet.cell(number, column, "\ufffd")
    if random.random() < 0.2:
        sheet.merge_cells("A1:C2")
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def parquet(rows: list[list[str]], random: Random) -> bytes:
    """Columns of texts, and one of another type."""
    width = min((len(row) for row in rows if row), default=0)
    columns: dict[str, pa.Array] = {}
    for n in range(width):
        columns[f"{rows[0][n]}" or f"x{n}"] = pa.array([row[n] for row in rows[1:] if row])
    if columns and random.random() < 0.5:
        name, length = random.choice(list(columns)), len(next(iter(columns.values())))
        odd = (1.5, float("nan"), b"\xff\x00", [1, 2], {"a": 1}, datetime(2026, 2, 20, tzinfo=UTC), True, None)
        columns[name] = pa.array([random.choice(odd)] * length)
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written)
    return written.getvalue()


def octets(content: bytes, random: Random) -> bytes:
    """Some octets of it altered, removed, put in or repeated; or half of it gone."""
    told = bytearray(content)
    for _ in range(random.choice((1, 1, 3, 20))):
        at = random.randrange(len(told) + 1)
        turn = random.randrange(5)
        if turn == 0 and at < len(told):
            told[at] ^= 1 << random.randrange(8)
        elif turn == 1:
            told[at:at] = random.randbytes(random.choice((1, 4, 64)))
        elif turn == 2:
            del told[at : at + random.choice((1, 4, 64))]
        elif turn == 3:
            told[at:at] = told[at : at + 200]
        else:
            del told[at:]
    return bytes(told)


def parts(content: bytes, random: Random) -> bytes:
    """A workbook whose parts are broken inside an archive that is whole."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        names = read.namelist()
        broken = random.choice(names)
        for name in names:
            part = read.read(name)
            if name == broken:
                part = random.choice((octets(part, random), b"", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", part * 3))
            archive.writestr(name, part)
    return written.getvalue()


Build = Callable[[Random], bytes]
_WRITERS = (csv, xlsx, parquet)


def _cells(random: Random) -> bytes:
    return random.choice(_WRITERS)(table(random, nasty=random.choice((1, 3, 12))), random)


def _shape(random: Random) -> bytes:
    return random.choice((csv, csv, xlsx))(misshapen(random), random)


def _octets(random: Random) -> bytes:
    return octets(random.choice(_WRITERS)(table(random, nasty=0), random), random)


def _parts(random: Random) -> bytes:
    return parts(xlsx(table(random, nasty=0), random), random)


def _packed(random: Random) -> bytes:
    packed = gzip.compress(csv(table(random, nasty=1), random))
    return random.choice((packed, octets(packed, random), gzip.compress(packed), packed * 2))


def _spliced(random: Random) -> bytes:
    one, other = (random.choice(_WRITERS)(table(random, nasty=0), random) for _ in range(2))
    return one[: random.randrange(len(one) + 1)] + other[random.randrange(len(other)) :]


def _good(random: Random) -> bytes:
    return csv(table(random, nasty=0), random)


KINDS: dict[str, Build] = {
    "cells": _cells,
    "shape": _shape,
    "octets": _octets,
    "parts": _parts,
    "packed": _packed,
    "spliced": _spliced,
    "map": _good,
}


def mutated(seed: int, number: int) -> Mutated:
    """The file of a number; the same every time."""
    random = Random(f"{seed}/{number}")
    kind = tuple(KINDS)[number % len(KINDS)]
    map_body = octets(MAP, random) if kind == "map" else MAP
    return Mutated(kind, random.choice(NAMES) if random.random() < 0.3 else "book.csv", KINDS[kind](random), map_body)
