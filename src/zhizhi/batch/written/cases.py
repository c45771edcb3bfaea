"""Written cases laid down as facts in tables, as DuckDB reads them from their text; then decided at once.

Reading a case in Python takes longer than deciding it. Here the text goes into the tables without a value of Python in
between, some thousand at a time; memory is that of a chunk, and of a part when they are decided. The tables are those
of `from_cases` (a test holds both to the same rows). A case that is not plain is handed back.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import ibis
import pyarrow as pa

from zhizhi.batch.book import decide_book
from zhizhi.batch.compiled import Layout
from zhizhi.batch.from_cases import from_us, to_us
from zhizhi.batch.joins import in_steps
from zhizhi.batch.rules import BITS
from zhizhi.batch.tables import Facts
from zhizhi.batch.written.columns import EDGES, HEADS, NEW_WAYS, ROWS, WAYS
from zhizhi.batch.written.shape import faults, structure
from zhizhi.core.conduct.said import end_of, start_of
from zhizhi.core.kernel.days import parse_day
from zhizhi.core.kernel.instants import parse_instant, zone_of
from zhizhi.core.law.law import Law

MEMORY = "2GB"
PART = 100_000
"""Cases decided at a time."""
ANSWERED_AT_ONCE = 10_000
_BESIDE = "beside"
_BLOCKING = ("forbid", "hold", "presume")
"""Masks of what blocks, in the order in which reasons are given."""

Answer = tuple[str, datetime | None, tuple[str, ...]]
"""Verdict, next permitted instant, and the rules that block in the order in which reasons are given."""


@contextmanager
def opened_book(law: Law, reading: str) -> "Iterator[WrittenCases]":
    """Cases of one law and reading in a folder of their own, which is removed at the end."""
    with TemporaryDirectory(prefix="zhizhi-book-") as folder, WrittenCases(Path(folder), law, reading) as book:
        yield book


class WrittenCases:
    """Cases under one law and reading, in an empty folder that whoever made it removes again."""

    def __init__(self, folder: Path, law: Law, reading: str) -> None:
        self._folder, self._law, self._reading = folder, law, reading
        self.connection = ibis.duckdb.connect(memory_limit=MEMORY, temp_directory=str(folder / "spilled"))
        self._duckdb = self.connection.con
        zone = f"'{law.zone}'" if law.zone else "d.debtor.time_zones[1]"
        self._heads = HEADS.format(zone=zone, structure=structure())
        self._laid = self._plain = self._chunks = 0
        for name in (*ROWS, _BESIDE):
            (folder / f"{name}.parquet").mkdir()
        nobody = f"SELECT from_json('{{}}', '{structure()}') AS d"
        for name, way in WAYS.items():
            none_yet = f"SELECT 0::BIGINT AS id, {way} AS way FROM ({nobody}) LIMIT 0"
            self._duckdb.execute(f"CREATE TABLE ways_{name} AS {none_yet}")

    def __enter__(self) -> "WrittenCases":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.disconnect()

    def lay_down(self, cases: Sequence[tuple[str, str]]) -> list[int]:
        """Lay down cases, each its text and what comes back beside its answer; answers the places of those not plain.

        The text is as PostgreSQL writes jsonb; whoever decided a case first has read it then.
        """
        run, first = self._duckdb.execute, self._laid
        self._laid += len(cases)
        chunk = pa.table({
            "n": pa.array(range(first, self._laid), pa.int64()),
            "text": pa.array([text for text, _ in cases], pa.string()),
            _BESIDE: pa.array([beside for _, beside in cases], pa.string()),
        })  # fmt: skip
        self._duckdb.register("chunk", chunk)
        run(f"CREATE OR REPLACE TEMP TABLE heads AS {self._heads}")
        odd = [n for (n,) in run(f"SELECT n FROM heads WHERE {faults()} <> 0 ORDER BY n").fetchall()]
        if odd:
            run("DELETE FROM heads WHERE n IN (SELECT unnest(?))", [odd])
        self._duckdb.register("edges", self._edges())
        for name, way in WAYS.items():
            run(NEW_WAYS.format(name=name, way=way))
        beside = "SELECT n AS proposal, beside FROM chunk SEMI JOIN heads USING (n)"
        for name, query in (*ROWS.items(), (_BESIDE, beside)):
            run(f"COPY ({query}) TO '{self._folder}/{name}.parquet/{self._chunks:06d}.parquet' (FORMAT parquet)")
        self._chunks += 1
        self._plain += len(cases) - len(odd)
        run("DROP TABLE heads")
        for name in ("chunk", "edges"):
            self._duckdb.unregister(name)
        return [n - first for n in odd]

    def answers(self) -> Iterator[tuple[str, Answer]]:
        """Decide all that was laid down, in that order: what was laid down beside each, and its answer."""
        if not self._plain:
            return
        facts = self.facts()
        for start in range(0, self._laid, PART):
            book = decide_book(self.connection, facts.of_persons(start, start + PART), self._law, self._reading)
            masks = [[f"{mask}_{n}" for n in range(-(-len(book.layout.rules) // BITS))] for mask in _BLOCKING]
            self._duckdb.register("decided", book.decisions)
            self._duckdb.execute(
                f"SELECT beside, verdict, next_us, {', '.join(name for names in masks for name in names)} FROM decided"
                f" JOIN '{self._folder}/{_BESIDE}.parquet/*.parquet' USING (proposal) ORDER BY proposal"
            )
            while rows := self._duckdb.fetchmany(ANSWERED_AT_ONCE):
                yield from (_answer(row, masks, book.layout) for row in rows)
            self._duckdb.unregister("decided")

    def facts(self) -> Facts:
        """The tables of all that was laid down."""
        for name in WAYS:
            ways = f"SELECT id AS {name.removesuffix('s')}, unnest(way) FROM ways_{name}"
            self._duckdb.execute(f"COPY ({ways}) TO '{self._folder}/{name}.parquet' (FORMAT parquet)")
        with in_steps():
            return Facts.read(self.connection, self._folder)

    def _edges(self) -> pa.Table:
        """The ends of spans as they are written, with the instants that they come to on the clock of the law."""
        written = self._duckdb.execute(EDGES).fetchall()
        ends = [(zone_of(zone), _edge(text)) for zone, text in written]
        return pa.table({
            "zone": pa.array([zone for zone, _ in written], pa.string()),
            "written": pa.array([text for _, text in written], pa.string()),
            "since_us": pa.array([to_us(start_of(end, zone)) for zone, end in ends], pa.int64()),
            "until_us": pa.array([to_us(end_of(end, zone)) for zone, end in ends], pa.int64()),
        })  # fmt: skip


def _edge(text: str) -> date | datetime:
    return parse_instant(text) if "T" in text else parse_day(text)


def _answer(row: tuple[Any, ...], masks: list[list[str]], layout: Layout) -> tuple[str, Answer]:
    beside, verdict, next_us, *said = row
    bits = iter(said)
    reasons = [
        layout.rules[number * BITS + place]
        for names in masks
        for number, held in zip(range(len(names)), bits, strict=False)
        for place in range(BITS)
        if held >> place & 1
    ]
    return beside, (verdict, from_us(next_us), tuple(reasons))
