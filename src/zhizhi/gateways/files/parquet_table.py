"""Parquet, batch by batch. Columns keep their types; a float becomes the shortest decimal that means the same."""

import math
from collections.abc import Iterator, Sequence
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.files.sniff import TRUNCATED, fingerprint_of
from zhizhi.gateways.files.table import (
    DEFAULT_CHUNK,
    MAX_CELL_OCTETS,
    MAX_CHUNK_OCTETS,
    MAX_UNPACK_RATIO,
    RATIO_MATTERS_FROM_OCTETS,
    Chunk,
    RowFault,
    Table,
    TableError,
    Value,
    ValueRow,
    check_header,
)

MAX_ROW_GROUP_OCTETS = 1024**3


class ParquetTable(Table):
    """A Parquet file. Its schema stands for the header, so the first row of data is row 2 here as well."""

    kind = "parquet"
    header_row = 1

    def __init__(self, path: Path) -> None:
        self.fingerprint = fingerprint_of(path)
        self._packed = path.stat().st_size
        try:
            self._file: Any = _open(path)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise TableError("truncated", TRUNCATED) from error
        try:
            self.columns = check_header(self._file.schema_arrow.names, self.header_row)
            self._convert = [_converter(field) for field in self._file.schema_arrow]
            self._refuse_bomb()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def chunks(self, size: int = DEFAULT_CHUNK, start: int = 0) -> Iterator[Chunk]:
        """Rows from number `start` on; row groups before it are not read."""
        first = max(start, self.header_row + 1)
        number = self.header_row + 1
        groups: list[int] = []
        for index in range(self._file.metadata.num_row_groups):
            count = self._file.metadata.row_group(index).num_rows
            if not groups and number + count <= first:
                number += count
            else:
                groups.append(index)
        try:
            for batch in self._file.iter_batches(batch_size=size, row_groups=groups):
                skip = max(0, min(first - number, batch.num_rows))
                _refuse_long_cells(batch, number)
                if skip < batch.num_rows:
                    yield self._to_chunk(batch.slice(skip), number + skip)
                number += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise TableError("truncated", TRUNCATED, number) from error

    def _to_chunk(self, batch: Any, first: int) -> Chunk:
        faults: dict[int, tuple[str, list[int]]] = {}
        columns: list[Sequence[Value]] = []
        for name, column, convert in zip(self.columns, batch.columns, self._convert, strict=True):
            values, bad = convert(column)
            columns.append(values)
            for index in bad:
                faults.setdefault(first + index, (name, []))
        rows: list[ValueRow] = list(zip(*columns, strict=True))
        resume_at = first + batch.num_rows
        if not faults:
            return Chunk(range(first, resume_at), rows, [], resume_at)
        numbers = [number for number in range(first, resume_at) if number not in faults]
        kept = [rows[number - first] for number in numbers]
        listed = [
            RowFault(number, name, "not_a_number", _NOT_A_NUMBER.fill(column=name), rows[number - first])
            for number, (name, _) in sorted(faults.items())
        ]
        return Chunk(numbers, kept, listed, resume_at)

    def _refuse_bomb(self) -> None:
        metadata = self._file.metadata
        sizes = [metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups)]
        is_dense = sum(sizes) > max(RATIO_MATTERS_FROM_OCTETS, self._packed * MAX_UNPACK_RATIO)
        if is_dense or max(sizes, default=0) > MAX_ROW_GROUP_OCTETS:
            raise TableError("unpacks_too_large", _BOMB)


def _open(path: Path) -> Any:
    """Texts stay what they are in the file, a word and where it stands: a long one that stands in every row would
    otherwise be written out as often before anybody could look at it."""
    with pq.ParquetFile(path, memory_map=False) as plain:
        texts = [field.name for field in plain.schema_arrow if _is_text(field.type)]
    return pq.ParquetFile(path, memory_map=False, read_dictionary=texts)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _refuse_long_cells(batch: Any, row: int) -> None:
    """Before the texts of a batch are written out."""
    octets = 0
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
            continue
        lengths = pc.binary_length(column.dictionary)
        if (pc.max(lengths).as_py() or 0) > MAX_CELL_OCTETS:
            raise TableError("cell_too_long", _CELL_TOO_LONG.fill(column=name), row, name)
        octets += pc.sum(lengths.take(column.indices)).as_py() or 0
    if octets > MAX_CHUNK_OCTETS:
        raise TableError("unpacks_too_large", _BOMB, row)


def _converter(field: Any) -> Any:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    types = pa.types
    if types.is_floating(kind):
        return _floats
    if types.is_timestamp(kind):
        return _timestamps
    is_text = types.is_string(kind) or types.is_large_string(kind)
    plain = types.is_integer(kind) or types.is_boolean(kind) or types.is_decimal(kind) or types.is_date(kind)
    if is_text or plain or types.is_null(kind):
        return _as_they_are
    raise TableError("bad_column_type", _BAD_TYPE.fill(column=field.name, kind=str(field.type)), 1, field.name)


def _as_they_are(column: Any) -> tuple[Sequence[Value], Sequence[int]]:
    column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return column.to_pylist(), ()


def _floats(column: Any) -> tuple[Sequence[Value], Sequence[int]]:
    values = column.to_pylist()
    bad = [index for index, value in enumerate(values) if value is not None and not math.isfinite(value)]
    wanted = [Decimal(repr(value)) if value is not None and math.isfinite(value) else None for value in values]
    return wanted, bad


def _timestamps(column: Any) -> tuple[Sequence[Value], Sequence[int]]:
    # nanoseconds become microseconds: no book keeps time more finely
    zone = column.type.tz
    values = column.cast(pa.timestamp("us", tz=zone), safe=False).to_pylist()
    return [
        value.date() if value is not None and zone is None and value.time() == time() else value for value in values
    ], ()


_BAD_TYPE = Text(
    zh="列 `{column}` 的类型 {kind} 不能读取;请改为文本、整数、小数、日期或布尔",
    en="column `{column}` has the type {kind}; make it text, integer, decimal, date or boolean",
)
_CELL_TOO_LONG = Text(
    zh="列 `{column}` 有过长的文字;请检查导出",
    en="column `{column}` holds a text that is too long; look at how the file was exported",
)
_NOT_A_NUMBER = Text(zh="列 `{column}` 不是数(NaN 或无穷)", en="column `{column}` is not a number (NaN or infinite)")
_BOMB = Text(
    zh="文件的一个行组过大;请以较小的行组重新写出",
    en="a row group of the file is too large; write it again with smaller ones",
)
