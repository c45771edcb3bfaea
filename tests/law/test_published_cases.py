"""The published cases, where they are present: every case that the packs of this release can decide agrees."""

import json
from functools import cache
from pathlib import Path

import pytest

from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.kernel.instants import parse_instant
from zhizhi.store.packs import load_law


@cache
def published(folder: Path, name: str = "cn_cases.json") -> tuple[dict, ...]:
    return tuple(json.loads((folder / "vectors" / name).read_text(encoding="utf-8")))


def rows_of(profile: str) -> set[str]:
    packs = load_law(profile).packs
    rows = {row for pack in packs for rule in pack.rules for row in rule.rows}
    return rows | {article.row for pack in packs for article in pack.articles}


def difference(case: dict) -> str | None:
    decision = decide(parse_case(case), load_law(case["profile"]))
    expected = case["expect"]["next_permitted_at"]
    wanted = (case["expect"]["verdict"], None if expected is None else parse_instant(expected))
    got = (decision.verdict.value, decision.next_permitted_at)
    return None if got == wanted else f"{case['id']}: wanted {wanted}, got {got}"


def test_every_case_whose_rows_are_here_agrees(shared):
    held = {profile: rows_of(profile) for profile in {case["profile"] for case in published(shared)}}
    here = [
        case
        for case in published(shared)
        if all(row in held[case["profile"]] or row.startswith("A-") for row in case["expect"]["rules"])
    ]
    assert len(here) > 400
    assert [found for found in map(difference, here) if found] == []


def test_a_case_that_differs_waits_for_a_pack_that_is_named_as_missing(shared):
    for case in published(shared):
        if difference(case):
            waits = [row for row in case["expect"]["rules"] if row not in rows_of(case["profile"])]
            assert waits, difference(case)
            assert load_law(case["profile"]).missing


DOUBTFUL_HERE = {
    "US-RF-069": "text, exactly 21:00:00: inconvenient is what lies after 21:00, so the instant itself is allowed "
    "(readings/0001 of us.regf); our answer is that of the case",
}
"""Cases of low confidence, each with our own reading of it; they may differ, and do not have to."""


def test_every_american_case_of_high_and_medium_confidence_agrees(shared):
    cases = [case for case in published(shared, "us_cases.json") if case["confidence"] != "low"]
    assert len(cases) >= 73
    assert [found for found in map(difference, cases) if found] == []


def test_each_american_case_of_low_confidence_is_listed_with_our_reading(shared):
    low = {case["id"]: case for case in published(shared, "us_cases.json") if case["confidence"] == "low"}
    assert low.keys() == DOUBTFUL_HERE.keys()
    assert difference(low["US-RF-069"]) is None


@pytest.mark.parametrize("name", ["cn_cases.json", "us_cases.json"])
def test_every_published_case_reads(shared, name):
    for case in json.loads((shared / "vectors" / name).read_text(encoding="utf-8")):
        assert parse_case(case).id == case["id"]
