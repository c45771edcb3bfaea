"""What each engine does its own way: Arrow tables in and out, and a query kept as a table. DuckDB and Spark.

Spark is never given rows by way of pandas: there a missing integer is a float, and a list is an array of NumPy.
"""

from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
from pyarrow import parquet


def loaded(connection: Any, table: pa.Table, name: str | None = None) -> Any:
    """An Arrow table as an Ibis table. `name`: on Spark the view that it becomes, in place of an earlier one."""
    if not is_spark(connection):
        return ibis.memtable(table)
    name = name or ibis.util.gen_name("zhizhi_rows")
    _session(connection).createDataFrame(table).createOrReplaceTempView(name)
    return connection.table(name)


def fetched(connection: Any, table: Any) -> pa.Table:
    """The rows of an Ibis expression."""
    if not is_spark(connection):
        return connection.to_pyarrow(table)
    rows = _session(connection).sql(connection.compile(table)).toArrow()
    return rows.cast(pa.schema([field.with_nullable(True) for field in table.schema().to_pyarrow()]))


def write(connection: Any, table: Any, file: Path) -> None:
    """Writes the rows of an Ibis expression as Parquet: DuckDB itself and as it goes, of Spark through this process."""
    if is_spark(connection):
        parquet.write_table(fetched(connection, table), file)
    else:
        connection.to_parquet(table, file)


def keep(connection: Any, name: str, query: str) -> None:
    """Runs a query and keeps its rows by a name.

    On Spark in the memory and on the disks of the executors, cut off from the query: a cached table would carry the
    queries of all steps before it, to be planned again at each. Lost with an executor, it fails what reads it.
    """
    if is_spark(connection):
        connection.raw_sql(query).localCheckpoint().createOrReplaceTempView(name)
    else:
        connection.raw_sql(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {query}')


def forget(connection: Any, name: str) -> None:
    """Removes what was kept by a name, if anything was."""
    if is_spark(connection):
        connection.drop_view(name, force=True)
    else:
        connection.drop_table(name, force=True)


def is_spark(connection: Any) -> bool:
    """Whether the connection is of Spark."""
    return bool(connection.name == "pyspark")


def _session(connection: Any) -> Any:
    return connection.raw_sql("SELECT 1").sparkSession
