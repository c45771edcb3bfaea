"""The same plan on DuckDB and on a Spark cluster: the same rows, by a hash that knows no order and by value.

Needs `requirements/spark.txt` and Java 17: `make spark`. `ZHIZHI_SPARK` names another master than two workers here.
"""

import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

from reference.batch_cases import cases
from zhizhi.batch.book import Book, decide_book
from zhizhi.batch.from_cases import tables_of_cases
from zhizhi.batch.tables import Facts
from zhizhi.core.conduct.case import Case, parse_case
from zhizhi.store.packs import load_law

PROFILE, READING = "cn.microloan", "strict"
GENERATED = 1_000
SECONDS_MAX = 900
PUBLISHED = Path(os.environ.get("ZHIZHI_SHARED") or Path(__file__).resolve().parents[3] / "shared") / "vectors"
_RULES = "org.apache.spark.sql.catalyst.optimizer."
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.default.parallelism": "2",
    "spark.sql.shuffle.partitions": "2",
    # A few thousand rows: writing and compiling Java for every query would take longer than reading them.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    # What docs/batch.md tells an operator: with these, planning grows with the columns squared and worse.
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.optimizer.excludedRules": f"{_RULES}InferFiltersFromConstraints,{_RULES}CollapseProject",
}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark with two workers that are processes of their own."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("没有安装 pyspark，未在 Spark 上比对：运行 make spark · pyspark is not installed: run `make spark`")
    java = shutil.which("java")
    if java is None:
        pytest.skip("没有 Java 17，未在 Spark 上比对 · no Java 17: apt-get install openjdk-17-jre-headless")
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    os.environ.setdefault("JAVA_HOME", str(Path(java).resolve().parents[1]))
    os.environ.setdefault("SPARK_HOME", str(Path(importlib.util.find_spec("pyspark").origin).parent))
    master = os.environ.get("ZHIZHI_SPARK", "local-cluster[2,1,1024]")
    builder = SparkSession.builder.master(master).appName("zhizhi")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = (
        builder.config("spark.local.dir", folder).config("spark.sql.warehouse.dir", folder / "tables").getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield ibis.pyspark.connect(session)
    session.stop()


def published() -> list[Case]:
    """The published cases of the profile and reading, where they are present."""
    file = PUBLISHED / "cn_cases.json"
    documents = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    read = [parse_case(document) for document in documents if document["profile"] == PROFILE]
    return [case for case in read if case.reading == READING]


def unordered_hash(rows: pa.Table) -> int:
    """The sum of the hashes of the rows: whatever order an engine gives them in."""
    return sum(
        int.from_bytes(hashlib.sha256(json.dumps(row, sort_keys=True).encode()).digest()) for row in rows.to_pylist()
    ) % (1 << 256)


def decided(connection: Any, tables: dict[str, pa.Table]) -> Book:
    return decide_book(connection, Facts.of_arrow(connection, tables), load_law(PROFILE), READING)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS_MAX)
@pytest.mark.filterwarnings("default")  # those of Spark's own modules are not ours
def test_spark_gives_the_rows_that_duckdb_gives(spark):
    asked = [*cases(PROFILE, READING, GENERATED, 20260304), *published()]
    tables = tables_of_cases(asked, load_law(PROFILE).zone)
    here, there = decided(ibis.duckdb.connect(), tables), decided(spark, tables)
    assert here.decisions.column_names == there.decisions.column_names
    rows = here.decisions.cast(there.decisions.schema)  # DuckDB adds up whole numbers in a wider type
    assert len(there.decisions) == len(asked)
    assert unordered_hash(rows) == unordered_hash(there.decisions)
    assert rows.sort_by("proposal").equals(there.decisions.sort_by("proposal"))
    assert (here.undecided, here.searched) == (there.undecided, there.searched)
    assert unordered_hash(here.reasons()) == unordered_hash(there.reasons())
