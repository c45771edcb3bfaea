"""The pack of Regulation F holds every row of its law file at its confidence; each number says where it is from."""

import re

from zhizhi.store.packs import load_law

(PACK,) = load_law("us.regf").packs
CONFIDENCE = {"H": "high", "M": "medium", "L": "low"}
OURS = "cumulative_contacts"


def test_every_row_of_the_law_file_is_an_article_of_the_same_confidence(shared):
    rows = {}
    for line in (shared / "law/foreign_rules.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if cells and re.fullmatch(r"US-\d+", cells[0]):
            rows[cells[0]] = CONFIDENCE[cells[-1][0]]  # US-01 adds a note on its edges
    assert len(rows) == 36
    assert {article.row: article.confidence for article in PACK.articles} == rows


def test_every_number_has_a_row_a_source_and_a_confidence_and_our_own_is_marked_as_such():
    rows = {article.row for article in PACK.articles}
    for name, parameter in PACK.params.items():
        for value in parameter.values:
            assert value.row in rows
            assert value.sources
            assert value.confidence
            assert (value.sources == ("own",)) == (name == OURS)
    assert all(rule.clauses[reading].breach == "warning" for rule, reading in _rules_with(OURS)), "it only warns"


def test_each_reading_names_what_was_rejected_in_both_languages():
    assert len(PACK.readings) == 12
    for note in PACK.readings:
        assert "被否" in note.text
        assert "Rejected" in note.text


def _rules_with(parameter: str) -> list[tuple]:
    found = [rule for rule in PACK.rules if f"param({parameter})" in rule.notation]
    assert found
    return [(rule, reading) for rule in found for reading in rule.clauses]
