"""The batch against the reference evaluator: fixed seeds here, 10^7 proposals by `make nightly`.

Compiling a law costs most of a small comparison, so tests share a book where they can.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import pytest

from reference import batch_differential
from reference.batch_cases import dense, people
from reference.batch_differential import KINDS, Tally, compare_book, compare_cases, compare_people, facts_of
from zhizhi.batch.book import Book, decide_book, decide_in_parts, written
from zhizhi.batch.joins import to_arrow
from zhizhi.batch.tables import Facts
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.store.packs import load_law

LAW, READING = load_law("cn.microloan"), "strict"
DENSE, PERSONS = 60, 30
OTHER_KINDS = [
    (profile, reading)
    for profile, reading in KINDS
    if profile != LAW.profile and (reading == "strict" or profile in ("cn.bank.online", "cn.bank.card"))
]
"""The other profiles, and the other reading of the widest and of the narrowest; the long run has every one."""


def asked_of(profile: str, reading: str, seed: int) -> list[Any]:
    """Persons of a book, and cases that are dense in what the tables leave to the single decision."""
    return [*([one] for one in dense(profile, reading, DENSE, seed)), *people(profile, reading, PERSONS, seed)]


ASKED = asked_of(LAW.profile, READING, 20260302)
PROPOSALS = sum(map(len, ASKED))


@pytest.fixture(scope="module")
def decided() -> tuple[Any, Facts, Book]:
    """A connection, the facts on it, and the book decided whole."""
    connection = ibis.duckdb.connect()
    facts = facts_of(connection, ASKED, LAW)
    return connection, facts, decide_book(connection, facts, LAW, READING)


def plain(**more: Any) -> dict[str, Any]:
    """A letter to a debtor of whom nothing else is known; `more` stands beside it."""
    return {
        "id": "plain", "profile": "cn.bank.online", "reading": "strict", "case": {}, "events": [], "statements": [],
        "debtor": {"time_zones": ["Asia/Shanghai"], "state": "normal"},
        "debts": [{"id": "d0", "lender": "L1", "state": "overdue"}],
        "parties": [{"id": "p1", "role": "debtor"}],
        "points": [{"id": "m1", "party": "p1", "kind": "postal", "source": "contract"}],
        "collector": {"kind": "lender", "id": "L1", "person": {"id": "u1", "trained_on": "2026-01-05"}},
        "proposed": {
            "at": "2026-03-02T15:00:00+08:00", "channel": "letter", "direction": "out", "party": "p1", "point": "m1",
            "purpose": "collect", "form": "notification", "discloses_debt": True, "identifies_collector": True,
            "names_principal": True, "content": [],
        },
    } | more  # fmt: skip


def test_the_batch_decides_as_the_reference_does(decided):
    tally = Tally()
    compare_book(decided[2], ASKED, LAW, tally)
    assert tally.differences == []
    assert tally.compared == PROPOSALS > DENSE + 5 * PERSONS, "a person is asked about more than once"
    assert tally.in_tables > PROPOSALS // 2
    assert tally.permitted > 0


def test_a_difference_is_found_and_told_with_its_case(decided, monkeypatch):
    case = ASKED[-1][-1][0]
    permitted = decide(case, LAW)
    monkeypatch.setattr(batch_differential, "decide", lambda *_: replace(permitted, reasons=(), budgets=()))
    tally = Tally()
    compare_book(decided[2], ASKED, LAW, tally)
    assert len(tally.differences) == PROPOSALS
    what, told = tally.differences[-1].splitlines()
    assert "budgets" in what
    assert parse_case(json.loads(told)).proposed == case.proposed


def test_what_the_comparison_found_before_is_decided_alike():
    """A letter that reminded of a debt not due keeps no letter back, one that collected does; a contact before an
    arranged training is free from its day."""
    law, tally = load_law("cn.bank.online"), Tally()
    sent = {"id": "e1", "at": "2026-03-01T10:00:00+08:00", "channel": "letter", "direction": "out", "party": "p1"}
    resting = [{"id": "d0", "lender": "L1", "state": "not_due"}]
    reminded = plain(debts=resting, events=[sent | {"purpose": "remind"}])
    collected = plain(debts=resting, events=[sent | {"purpose": "collect"}])
    arranged = {"kind": "lender", "id": "L1", "person": {"id": "u1", "trained_on": "2026-03-04"}}
    written = (plain(), reminded, collected, plain(collector=arranged))
    compare_cases(law, "strict", [parse_case(one) for one in written], tally)
    assert tally.differences == []
    assert (tally.permitted, tally.in_tables) == (2, 3)


def test_parts_of_a_book_come_to_what_the_whole_book_comes_to(decided, tmp_path: Path):
    connection, facts, book = decided
    parts = decide_in_parts(connection, facts, LAW, READING, tmp_path, persons=40)
    found = to_arrow(connection, written(connection, tmp_path))
    assert (parts.proposals, parts.undecided, parts.searched) == (PROPOSALS, book.undecided, book.searched)
    whole = book.decisions.select(found.column_names).sort_by("proposal")
    assert found.cast(whole.schema).sort_by("proposal").equals(whole)
    assert sum(parts.verdicts.values()) == PROPOSALS


def test_a_campaign_of_few_comes_to_what_the_whole_book_says_of_them(decided, tmp_path: Path):
    connection, facts, book = decided
    campaign = facts.with_proposals(facts.proposals.filter(facts.proposals.person % 4 == 0))
    decide_in_parts(connection, campaign, LAW, READING, tmp_path, persons=25)
    found = to_arrow(connection, written(connection, tmp_path))
    whole = book.decisions.select(found.column_names).sort_by("proposal")
    wanted = whole.filter([number % 4 == 0 for number in whole["person"].to_pylist()])
    assert found.cast(whole.schema).sort_by("proposal").equals(wanted)


@pytest.mark.slow
@pytest.mark.parametrize(("profile", "reading"), OTHER_KINDS)
def test_the_batch_decides_as_the_reference_does_under_every_profile(profile, reading):
    tally = Tally()
    compare_people(load_law(profile), reading, asked_of(profile, reading, 20260303), tally)
    assert tally.differences == []
    assert tally.compared > DENSE + 5 * PERSONS
