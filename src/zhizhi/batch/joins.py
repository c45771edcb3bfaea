"""Joining what was found for some rows to all of them."""

import gc
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from zhizhi.batch.engine import fetched, write
from zhizhi.batch.tables import Table


def attach(
    rows: Table, found: Table, on: str | Sequence[str] = "proposal", fills: Mapping[str, object] | None = None
) -> Table:
    """Rows with the columns found for their key, at most once each; where nothing was found, the fill or null."""
    keys = [on] if isinstance(on, str) else list(on)
    joined = rows.left_join(found, keys, rname="{name}__found").drop(*[f"{key}__found" for key in keys])
    if not fills:
        return joined
    return joined.mutate(**{name: joined[name].fill_null(value) for name, value in fills.items()})


def latest(rows: Table, by: Sequence[str], order: str) -> Table:
    """The last row of each group."""
    place = ibis.row_number().over(group_by=list(by), order_by=ibis.desc(order))
    numbered = rows.mutate(place_in_group=place)
    return numbered.filter(numbered.place_in_group == 0).drop("place_in_group")


@contextmanager
def in_steps() -> Iterator[None]:
    """Compiles every step of an expression as a query of its own: fused, a column that others use twice doubles."""
    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        with warnings.catch_warnings():
            # Ibis 12 asks DuckDB 2 by a name that DuckDB is about to drop.
            warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)
            yield
    finally:
        ibis.options.sql.fuse_selects = before


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the garbage collector: a law's expressions are millions of small values, and all of them last."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def to_arrow(connection: Any, table: Table) -> pa.Table:
    """The rows of an expression."""
    with in_steps():
        return fetched(connection, table)


def to_parquet(connection: Any, table: Table, file: Path) -> None:
    """The rows of an expression as a file."""
    with in_steps():
        write(connection, table, file)
