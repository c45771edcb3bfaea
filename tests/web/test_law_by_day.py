"""The rules as of a day: what stands, what differs from today, and the way from a refusal to the rule of its day."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from law.contacts import BANK, calls, contact
from web.book import Book
from zhizhi.core.kernel.instants import zone_of
from zhizhi.core.law.law import rules_on
from zhizhi.core.law.nodes import SILENT
from zhizhi.core.law.wording import told_body, told_condition
from zhizhi.store.packs import list_packs, list_profiles, load_law, load_pack
from zhizhi.web.console.forms.case_flat import to_flat
from zhizhi.web.console.law_on import differences, is_marked, pack_on, rule_on
from zhizhi.web.console.tried import word_of

Desk = Callable[[str], Client]
TODAY, BEFORE = date(2026, 3, 3), date(2025, 1, 15)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_day_before_a_pack_shows_it_as_not_yet_in_force_and_counts_nothing(book: Book, desk: Desk) -> None:
    shown = page(desk("alice"), "/rules?on=2025-01-15")
    assert "显示的是 2025-01-15 的规则" in shown
    assert "尚未生效" in shown
    one = pack_on(load_pack("cn.gbt45251"), BEFORE, TODAY)
    assert (one.when, one.articles, one.rules, one.differences) == ("not_yet", 0, 0, 1)


def test_today_needs_no_day_and_a_day_that_is_none_means_today(book: Book, desk: Desk) -> None:
    for path in ("/rules", "/rules?on=", "/rules?on=yesterday", "/rules?on=2026-03-03"):
        assert "显示的是" not in page(desk("alice"), path)


def test_links_keep_the_day(book: Book, desk: Desk) -> None:
    shown = page(desk("alice"), "/rules?on=2025-06-01")
    assert 'href="/rules/cn.gbt45251?on=2025-06-01"' in shown
    assert "&amp;on=2025-06-01#rule" in page(desk("alice"), "/rules/cn.gbt45251?on=2025-06-01")


@pytest.mark.parametrize("day", [BEFORE, date(2020, 1, 1), date(2025, 11, 1), date(2027, 1, 1)])
def test_the_rules_counted_are_the_rules_that_decide_that_day(book: Book, day: date) -> None:
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


def test_a_number_that_changed_is_a_difference_and_shows_both(book: Book) -> None:
    changed = {
        (pack.id, name) for pack in list_packs() for name, series in pack.params.items() if len(series.values) > 1
    }
    for name, series in ((n, load_pack(p).params[n]) for p, n in changed):
        first, second = series.values[0], series.values[1]
        pack = next(one for one in list_packs() if name in one.params and one.params[name] is series)
        if first.span.first in pack.in_force and second.span.first in pack.in_force:
            found = [one for one in differences([pack], first.span.first, second.span.first) if one.name == series.text]
            assert [(one.then.zh, one.now.zh) for one in found] == [(str(first.value), str(second.value))]


def test_a_rule_stands_with_both_readings_and_the_numbers_of_its_day(book: Book, desk: Desk) -> None:
    pack = load_pack("cn.gbt45251")
    rule = next(rule for rule in pack.rules if rule.label == "valid-calls-per-day")
    one = rule_on(pack, rule, TODAY, TODAY, word_of)
    assert one.differs
    assert [reading.reading for reading in one.readings] == ["strict", "text"]
    shown = page(desk("alice"), f"/rules/cn.gbt45251?rule={rule.id}&on=2026-03-03")
    assert "从严" in shown
    assert "上限: 3" in shown
    silent = next(rule for rule in pack.rules if rule.label == "no-way-round-by-message")
    assert "此口径下不作规定" in page(desk("alice"), f"/rules/cn.gbt45251?rule={silent.id}")
    early = rule_on(pack, rule, date(2020, 1, 1), TODAY, word_of)
    assert early.readings[0].body is not None
    assert any("param(" in term.en for term in early.readings[0].body.terms)


def test_rows_that_somebody_has_to_check_are_marked(book: Book, desk: Desk) -> None:
    pack = load_pack("cn.cards")
    row = next(article for article in pack.articles if is_marked(article))
    shown = page(desk("alice"), f"/rules/{pack.id}?row={row.row}")
    assert "待复核" in shown
    assert "变更" in shown


def test_the_reasons_of_a_tried_case_lead_to_the_rule_of_its_day(book: Book, desk: Desk) -> None:
    fields = {**to_flat(contact(BANK, events=calls(3)), zone_of("Asia/Shanghai")), "do": "decide"}
    shown = desk("alice").post("/rules/try", fields).content.decode()
    assert "valid-calls-per-day&amp;on=2026-03-02#rule" in shown


def test_every_rule_of_every_pack_can_be_told_in_both_languages(book: Book) -> None:
    for pack in list_packs():
        for rule in pack.rules:
            for clause in rule.clauses.values():
                body = told_body(clause.body, word_of)
                told = [told_condition(clause.when, word_of), told_condition(clause.unless, word_of), body.kind]
                assert all(text.zh and text.en for text in (*told, *body.terms)), rule.id
                assert body.kind.zh != type(clause.body).__name__, "a body without words"
