"""One door to every table file."""

from pathlib import Path

from zhizhi.gateways.files.csv_table import CsvTable
from zhizhi.gateways.files.sniff import Kind, kind_of
from zhizhi.gateways.files.table import Table, TableOptions


def open_table(path: Path, options: TableOptions | None = None) -> Table:
    """Open a CSV, XLSX or Parquet file, recognised by its content. Refuses: whatever is none (TableError)."""
    options = options or TableOptions()
    match kind_of(path, options.max_octets):
        case Kind.XLSX:
            from zhizhi.gateways.files.xlsx_table import XlsxTable

            return XlsxTable(path, options)
        case Kind.PARQUET:
            from zhizhi.gateways.files.parquet_table import ParquetTable

            return ParquetTable(path)
        case kind:
            return CsvTable(path, kind, options)
