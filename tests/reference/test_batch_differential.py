"""The batch against the reference evaluator: fixed seeds here, 10^7 proposals by `make nightly`."""

from pathlib import Path
from typing import Any

import ibis
import pytest

from reference.batch_cases import cases
from reference.batch_differential import PROFILES, Tally, compare_cases
from zhizhi.batch.book import decide_book, decide_in_parts, written
from zhizhi.batch.from_cases import tables_of_cases
from zhizhi.batch.joins import to_arrow
from zhizhi.batch.tables import Facts
from zhizhi.core.conduct.case import parse_case
from zhizhi.store.packs import load_law

QUICK = ("cn.microloan", "strict")


def agrees(profile: str, reading: str, count: int, seed: int) -> Tally:
    tally = Tally()
    compare_cases(load_law(profile), reading, list(cases(profile, reading, count, seed)), tally)
    assert tally.differences == []
    assert tally.compared == count
    return tally


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


def test_the_batch_decides_as_the_reference_does():
    tally = agrees(*QUICK, count=300, seed=20260302)
    assert tally.in_tables > 0
    assert tally.permitted > 0


def test_a_contact_before_an_arranged_training_is_free_from_its_day():
    law, tally = load_law("cn.bank.online"), Tally()
    person = {"id": "u1", "trained_on": "2026-03-04"}
    waiting = plain(collector={"kind": "lender", "id": "L1", "person": person})
    compare_cases(law, "strict", [parse_case(waiting)], tally)
    assert tally.differences == []


def test_a_letter_that_reminded_of_a_debt_not_due_keeps_no_letter_back():
    law, tally = load_law("cn.bank.online"), Tally()
    sent = {"id": "e1", "at": "2026-03-01T10:00:00+08:00", "channel": "letter", "direction": "out", "party": "p1"}
    resting = [{"id": "d0", "lender": "L1", "state": "not_due"}]
    reminded = plain(debts=resting, events=[sent | {"purpose": "remind"}])
    collected = plain(debts=resting, events=[sent | {"purpose": "collect"}])
    compare_cases(law, "strict", [parse_case(one) for one in (plain(), reminded, collected)], tally)
    assert tally.differences == []
    assert (tally.permitted, tally.in_tables) == (2, 3)


def test_parts_of_a_book_come_to_what_the_whole_book_comes_to(tmp_path: Path):
    profile, reading = QUICK
    law, connection = load_law(profile), ibis.duckdb.connect()
    asked = [*cases(profile, reading, 50, seed=5), parse_case(plain(profile=profile))]
    facts = Facts.of_arrow(connection, tables_of_cases(asked, law.zone))
    book = decide_book(connection, facts, law, reading)
    parts = decide_in_parts(connection, facts, law, reading, tmp_path, persons=40)
    found = to_arrow(connection, written(connection, tmp_path))
    assert (parts.proposals, parts.undecided, parts.searched) == (51, book.undecided, book.searched)
    whole = book.decisions.select(found.column_names).sort_by("proposal")
    assert found.cast(whole.schema).sort_by("proposal").equals(whole)
    assert sum(parts.verdicts.values()) == 51


def test_a_campaign_of_few_comes_to_what_the_whole_book_says_of_them(tmp_path: Path):
    profile, reading = QUICK
    law, tables = load_law(profile), tables_of_cases(list(cases(profile, reading, 40, seed=9)), load_law(profile).zone)
    book_of = ibis.duckdb.connect()
    book = decide_book(book_of, Facts.of_arrow(book_of, tables), law, reading)
    connection = ibis.duckdb.connect()  # another one: what lies in memory is known to nobody there
    facts = Facts.of_arrow(connection, tables)
    campaign = facts.with_proposals(facts.proposals.filter(facts.proposals.proposal % 4 == 0))
    decide_in_parts(connection, campaign, law, reading, tmp_path, persons=25)
    found = to_arrow(connection, written(connection, tmp_path))
    whole = book.decisions.select(found.column_names).sort_by("proposal")
    wanted = whole.filter([number % 4 == 0 for number in whole["proposal"].to_pylist()])
    assert found.cast(whole.schema).sort_by("proposal").equals(wanted)


def test_next_instants_are_given_where_they_are_asked_for_and_nothing_else_changes(tmp_path: Path):
    profile, reading = QUICK
    law, connection = load_law(profile), ibis.duckdb.connect()
    facts = Facts.of_arrow(connection, tables_of_cases(list(cases(profile, reading, 40, seed=11)), law.zone))
    book = decide_book(connection, facts, law, reading)
    place = facts.proposals.proposal % 3
    wanted = ibis.cases((place == 0, False), (place == 1, True))  # the last of three says nothing: it is asked for
    mixed = facts.with_proposals(facts.proposals.mutate(next_wanted=wanted))
    parts = decide_in_parts(connection, mixed, law, reading, tmp_path)
    found = to_arrow(connection, written(connection, tmp_path)).sort_by("proposal")
    whole = book.decisions.select(found.column_names).sort_by("proposal")
    next_of = zip(whole["proposal"].to_pylist(), whole["next_us"].to_pylist(), strict=True)
    given = [at if number % 3 else None for number, at in next_of]
    assert found["next_us"].to_pylist() == given
    assert whole["next_us"].drop_null().length() > len(list(filter(None, given))) > 0
    rest = [name for name in found.column_names if name not in ("next_us", "singly")]
    assert found.select(rest).cast(whole.select(rest).schema).equals(whole.select(rest))
    assert (parts.undecided, parts.searched < book.searched) == (book.undecided, True)


@pytest.mark.slow
@pytest.mark.parametrize("reading", ["strict", "text"])
@pytest.mark.parametrize("profile", PROFILES)
def test_the_batch_decides_as_the_reference_does_under_every_profile(profile, reading):
    agrees(profile, reading, count=400, seed=20260303)
