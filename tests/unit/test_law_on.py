"""The law as it stands on a day: what is counted is what decides, and every rule can be told in both languages."""

from datetime import date

import pytest

from zhizhi.core.law.law import rules_on
from zhizhi.core.law.nodes import SILENT
from zhizhi.core.law.wording import told_body, told_condition
from zhizhi.store.packs import list_packs, list_profiles, load_law, load_pack
from zhizhi.web.console.law_on import differences, pack_on, rule_on
from zhizhi.web.console.tried import word_of

TODAY, BEFORE = date(2026, 3, 3), date(2025, 1, 15)


def test_a_pack_that_is_not_yet_in_force_counts_nothing() -> None:
    one = pack_on(load_pack("cn.gbt45251"), BEFORE, TODAY)
    assert (one.when, one.articles, one.rules, one.differences) == ("not_yet", 0, 0, 1)


@pytest.mark.parametrize("day", [BEFORE, date(2020, 1, 1), date(2025, 11, 1), date(2027, 1, 1)])
def test_the_rules_counted_are_the_rules_that_decide_that_day(day: date) -> None:
    for profile in list_profiles():
        law = load_law(profile)
        asked = {bound.rule.id for reading in ("strict", "text") for bound in rules_on(law, reading, day)}
        silent = {
            rule.id
            for pack in law.packs
            for rule in pack.rules
            if all(isinstance(clause.body, SILENT) for clause in rule.clauses.values())
        }
        standing = {
            rule.id
            for pack in law.packs
            for article in pack.articles
            if day in pack.in_force and article.stands_on(day)
            for rule in article.rules
        }
        assert standing - silent == asked
        assert sum(pack_on(pack, day, TODAY).rules for pack in law.packs) == len(standing)


def test_a_number_that_changed_is_a_difference_and_shows_both() -> None:
    changed = {
        (pack.id, name) for pack in list_packs() for name, series in pack.params.items() if len(series.values) > 1
    }
    for name, series in ((n, load_pack(p).params[n]) for p, n in changed):
        first, second = series.values[0], series.values[1]
        pack = next(one for one in list_packs() if name in one.params and one.params[name] is series)
        if first.span.first in pack.in_force and second.span.first in pack.in_force:
            found = [one for one in differences([pack], first.span.first, second.span.first) if one.name == series.text]
            assert [(one.then.zh, one.now.zh) for one in found] == [(str(first.value), str(second.value))]


def test_every_rule_of_every_pack_can_be_told_in_both_languages() -> None:
    for pack in list_packs():
        for rule in pack.rules:
            for clause in rule.clauses.values():
                body = told_body(clause.body, word_of)
                told = [told_condition(clause.when, word_of), told_condition(clause.unless, word_of), body.kind]
                assert all(text.zh and text.en for text in (*told, *body.terms)), rule.id
                assert body.kind.zh != type(clause.body).__name__, "a body without words"


def test_a_rule_has_both_readings_and_before_its_pack_its_numbers_are_named_only() -> None:
    pack = load_pack("cn.gbt45251")
    rule = next(rule for rule in pack.rules if rule.label == "valid-calls-per-day")
    one = rule_on(pack, rule, TODAY, TODAY, word_of)
    assert one.differs
    assert [reading.reading for reading in one.readings] == ["strict", "text"]
    early = rule_on(pack, rule, date(2020, 1, 1), TODAY, word_of)
    assert early.readings[0].body is not None
    assert any("param(" in term.en for term in early.readings[0].body.terms)
