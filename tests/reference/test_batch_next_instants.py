"""Next instants for some proposals of a book: given where they are asked for, the same as for the whole book."""

from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

from reference.batch_cases import cases
from zhizhi.batch.book import Book, decide_book, decide_in_parts, written
from zhizhi.batch.from_cases import tables_of_cases
from zhizhi.batch.joins import to_arrow
from zhizhi.batch.tables import Facts
from zhizhi.store.packs import load_law

LAW, READING = load_law("cn.microloan"), "strict"
TABLES = tables_of_cases(list(cases(LAW.profile, READING, 60, seed=11)), LAW.zone)


@pytest.fixture(scope="module")
def book() -> Book:
    """The whole book: a next instant is asked of every proposal, since none says otherwise."""
    connection = ibis.duckdb.connect()
    return decide_book(connection, Facts.of_arrow(connection, TABLES), LAW, READING)


def in_parts(connection: Any, facts: Facts, folder: Path) -> pa.Table:
    """What proposals come to of which one in three asks for no next instant, one asks for it, and one says nothing."""
    place = facts.proposals.proposal % 3
    wanted = ibis.cases((place == 0, False), (place == 1, True))
    asked = facts.with_proposals(facts.proposals.mutate(next_wanted=wanted))
    parts = decide_in_parts(connection, asked, LAW, READING, folder, persons=40)
    found = to_arrow(connection, written(connection, folder)).sort_by("proposal")
    assert parts.proposals == sum(parts.verdicts.values()) == len(found)
    return found


def agree(found: pa.Table, book: Book, numbers: list[int]) -> None:
    """What was found says of these proposals what the whole book does, and a next instant where one was asked for."""
    whole = book.decisions.sort_by("proposal").take(numbers)
    given = [at if number % 3 else None for number, at in zip(numbers, whole["next_us"].to_pylist(), strict=True)]
    assert found["proposal"].to_pylist() == numbers
    assert found["next_us"].to_pylist() == given
    rest = [name for name in found.column_names if name not in ("next_us", "singly")]
    assert found.select(rest).cast(whole.select(rest).schema).equals(whole.select(rest))


def test_next_instants_are_given_where_they_are_asked_for_and_nothing_else_changes(book, tmp_path: Path):
    connection = ibis.duckdb.connect()
    found = in_parts(connection, Facts.of_arrow(connection, TABLES), tmp_path)
    agree(found, book, list(range(60)))
    assert len(book.decisions["next_us"].drop_null()) > len(found["next_us"].drop_null()) > 0
    unasked = [row["singly"] for row in found.to_pylist() if row["proposal"] % 3 == 0]
    assert sum(unasked) < sum(row["singly"] for row in book.decisions.to_pylist() if row["proposal"] % 3 == 0)


def test_a_campaign_of_few_is_decided_on_a_connection_that_knows_no_other(book, tmp_path: Path):
    connection = ibis.duckdb.connect()
    facts = Facts.of_arrow(connection, TABLES)
    campaign = facts.with_proposals(facts.proposals.filter(facts.proposals.person % 4 == 0))
    agree(in_parts(connection, campaign, tmp_path), book, list(range(0, 60, 4)))
