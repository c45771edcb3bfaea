"""The page of the vocabulary says what the catalogue says, and nothing is written about it twice in two ways."""

import re
from pathlib import Path

import pytest

from zhizhi.core.law.catalogue import (
    AGREED,
    BREACHES,
    COUNTS,
    EDGES,
    FEATURES,
    KEYS,
    OBLIGATIONS,
    TOPICS,
    UNITS,
)
from zhizhi.core.law.duty_words import DUTIES, KEEPERS, OCCASIONS, PERIODS, RECORDS
from zhizhi.core.law.rules import READINGS
from zhizhi.store.packs import list_packs

PAGE = (Path(__file__).resolve().parents[2] / "docs/law/vocabulary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "table",
    [FEATURES, COUNTS, KEYS, EDGES, BREACHES, AGREED, OBLIGATIONS, DUTIES, OCCASIONS, RECORDS],
    ids=["features", "counts", "keys", "edges", "breaches", "agreed", "steps", "duties", "occasions", "records"],
)
def test_every_word_stands_on_the_page_with_both_languages(table):
    for name, meaning in table.items():
        text = getattr(meaning, "text", meaning)
        rows = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` ")]
        assert any(text.zh in row and text.en in row for row in rows), f"`{name}` is missing from the page, or differs"


def test_topics_stand_in_their_order_and_units_and_readings_are_named():
    assert re.findall(r"^\d+\. `(\w+)`$", PAGE, re.MULTILINE) == list(TOPICS)
    assert all(f"`{unit}`" in PAGE for unit in UNITS)
    assert all(f"`{reading}`" in PAGE for reading in (*READINGS, *PERIODS, *KEEPERS))


def test_every_feature_is_used_by_a_rule_or_waits_for_one():
    used = "\n".join(rule.notation for pack in list_packs() for rule in pack.rules)
    waiting = {name for name in FEATURES if name not in used}
    read_by_measures = {"case.unreachable_by_contract", "contact.robot"}
    assert waiting <= read_by_measures, "a feature that serves neither a rule nor a measure"
