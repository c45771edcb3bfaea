"""The screens of the law: the builder decides what its form says and keeps nothing; the rules stand as of a day."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings

from law.contacts import BANK, calls, contact, said
from property.test_conduct_laws import documents
from web.book import AT, Book
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.shape import CASE, STATEMENTS, Shape
from zhizhi.core.kernel.instants import zone_of
from zhizhi.store.models import Decision
from zhizhi.store.packs import load_law, load_pack
from zhizhi.web.console.forms.case_example import example
from zhizhi.web.console.forms.case_flat import add_row, drop_row, in_time_order, rows_of, to_document, to_flat
from zhizhi.web.console.forms.case_form import case_form
from zhizhi.web.console.forms.case_words import KEYS
from zhizhi.web.console.law_on import is_marked
from zhizhi.web.shared.clock import today
from zhizhi.web.shared.typeset import set_chinese
from zhizhi.web.shared.vocabulary import word

Desk = Callable[[str], Client]
SHANGHAI = zone_of("Asia/Shanghai")
PAGE = "/rules/try"


def sent(document: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**to_flat(document, SHANGHAI), **more}


def shown(client: Client, **fields: Any) -> str:
    return client.post(PAGE, fields).content.decode()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_a_case_that_went_through_the_form_is_the_same_case(document):
    back = to_document(to_flat(document, SHANGHAI), SHANGHAI)
    assert parse_case(back) == parse_case(document)


def test_a_summer_clock_of_new_york_goes_through_the_form():
    document = contact(
        "us.regf", at="2026-07-02T10:00:00-04:00", debtor={"time_zones": ["America/New_York"], "state": "normal"}
    )
    zone = zone_of("America/New_York")
    flat = to_flat(document, zone)
    assert flat["proposed.at"] == ["2026-07-02T10:00:00"]
    assert to_document(flat, zone)["proposed"]["at"] == "2026-07-02T10:00:00-04:00"


def test_the_form_opens_with_an_example_and_its_decision(book: Book, desk: Desk) -> None:
    page = desk("super").get(PAGE).content.decode()
    assert "准许" in page
    assert "valid-calls-per-day" in page
    assert "今后七天" in page


@pytest.mark.parametrize(
    "document", [contact(BANK, events=calls(3)), contact(BANK, events=calls(3, None)), contact(BANK)]
)
def test_what_is_sent_is_decided_as_the_command_decides_it(book: Book, desk: Desk, document: dict[str, Any]) -> None:
    page = shown(desk("super"), **sent(document, do="decide"))
    decision = decide(parse_case(document), load_law(BANK))
    assert word("verdict", decision.verdict.value).zh in page
    for reason in decision.reasons:
        assert reason.rule in page
        assert set_chinese(reason.explain.zh) in page
    if decision.next_permitted_at is not None:
        assert f"{decision.next_permitted_at.astimezone(SHANGHAI):%Y-%m-%d}" in page


def test_nothing_is_kept(book: Book, desk: Desk) -> None:
    before = Decision.objects.using("gate").count()
    shown(desk("super"), **sent(contact(BANK, events=calls(3)), do="decide"))
    assert Decision.objects.using("gate").count() == before


def test_rows_out_of_order_are_put_in_time_order(book: Book, desk: Desk) -> None:
    document = contact(BANK, events=calls(3)[::-1])
    assert "valid-calls-per-day" in shown(desk("super"), **sent(document, do="decide"))


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("proposed.at", "", "case-proposed-at"),
        ("proposed.point", "zz", "case-proposed-point"),
        ("events.1.party", "nobody", "case-events-1-party"),
        ("events.0.talk_seconds", "-4", "case-events-0-talk_seconds"),
        ("debtor.time_zones", "Mars/Base", "case-debtor-time_zones"),
        ("debts.0.state", "", "case-debts-0-state"),
        ("proposed.expected_end_at", "2026-03-02T09:00", "case-proposed-expected_end_at"),
    ],
)
def test_what_is_wrong_stands_at_its_field(book: Book, desk: Desk, field: str, value: str, named: str) -> None:
    fields = sent(contact(BANK, events=calls(2)), do="decide") | {field: value}
    answer = desk("super").post(PAGE, fields)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'href="#{named}"' in page
    assert re.search(rf'<div class="field-error" id="{named}-error"', page)


def test_a_debt_less_case_says_so_at_the_list(book: Book, desk: Desk) -> None:
    fields = {name: value for name, value in sent(contact(BANK), do="decide").items() if not name.startswith("debts")}
    assert 'id="case-debts"' in shown(desk("super"), **fields)


def test_rows_come_and_go_and_a_statement_shows_the_fields_of_its_kind(book: Book, desk: Desk) -> None:
    fields = sent(contact(BANK, events=calls(2), statements=[said("dispute")]))
    page = shown(desk("super"), **fields, do="add events")
    assert 'name="events.2.id" type="text" value="e2"' in page
    assert 'name="events.1.at"' not in shown(desk("super"), **fields, do="drop events.1")
    assert 'name="events.0.physical"' not in page
    assert 'name="events.0.physical"' in shown(desk("super"), **fields, do="more events.0")
    turned = shown(desk("super"), **(fields | {"statements.0.kind": "agree_hours"}), do="turn")
    assert 'name="statements.0.from"' in turned


def test_a_document_is_downloaded_and_loaded_again(book: Book, desk: Desk) -> None:
    document = contact(BANK, events=calls(3))
    answer = desk("super").post(PAGE, sent(document, do="download"))
    assert "attachment" in answer["Content-Disposition"]
    assert parse_case(json.loads(answer.content)) == parse_case(document)
    uploaded = SimpleUploadedFile("case.json", answer.content)
    assert "valid-calls-per-day" in shown(desk("super"), do="load", file=uploaded)
    assert "valid-calls-per-day" in shown(desk("super"), do="load", document=answer.content.decode())


@pytest.mark.parametrize("pasted", ["", "{", "[1]", '"x"', "{}", "[" * 5000, '{"id": "x", "colour": 1}'])
def test_what_is_no_case_is_refused_in_words_and_stays_in_the_field(book: Book, desk: Desk, pasted: str) -> None:
    answer = desk("super").post(PAGE, {"do": "load", "document": pasted})
    assert answer.status_code == 400
    assert "案例还不完整" in answer.content.decode()


def test_a_case_with_more_rows_than_the_form_holds_points_to_the_command(book: Book, desk: Desk) -> None:
    many = json.dumps(contact(BANK, events=[{**calls(1)[0], "id": f"x{n}"} for n in range(41)]))
    assert "law decide" in shown(desk("super"), do="load", document=many)


def test_the_same_people_open_it_as_open_the_rules(book: Book, desk: Desk) -> None:
    assert Client().get(PAGE).status_code == 302
    for login in ("alice", "super", "auditor"):
        assert desk(login).get(PAGE).status_code == desk(login).get("/rules").status_code == 200


def test_every_key_and_every_listed_value_has_its_words(book: Book) -> None:
    def keys(shape: Shape) -> set[str]:
        inner = [kind.shape for kind in shape.keys.values() if kind.shape is not None]
        return set(shape.keys).union(*(keys(one) for one in inner))

    told = keys(CASE) | {key for kind, _ in STATEMENTS.values() for key in kind}
    ignored = {"title", "basis", "confidence", "cites", "notes", "expect", "debtor", "case", "collector", "person"}
    lists = {"reviews", "debts", "parties", "points", "statements", "events", "states", "proposed"}
    assert told - ignored - lists <= KEYS.keys()
    form = case_form(to_flat(example(today(AT)), SHANGHAI), {})
    unworded = {
        (field.name, option.code)
        for group in [form.head, *(row for part in form.parts for row in getattr(part, "rows", [part]))]
        for field in group.fields
        for option in field.options
        if option.text.zh == option.code and field.key != "profile"
    }
    assert not unworded


def test_rows_of_the_form_keep_their_place() -> None:
    flat = to_flat(contact(BANK, events=calls(3)), SHANGHAI)
    assert rows_of(drop_row(flat, "events.1"), "events") == ["events.0", "events.2"]
    assert rows_of(add_row(drop_row(flat, "events.1"), "events"), "events") == ["events.0", "events.2", "events.3"]
    assert [e["id"] for e in to_document(drop_row(flat, "events.1"), SHANGHAI)["events"]] == ["e0", "e2"]
    unreadable = in_time_order({"events": [{"at": "later"}, {"at": "2026-03-02T10:00:00+08:00"}]})
    assert [e["at"] for e in unreadable["events"]][-1] == "later"


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_day_before_a_pack_shows_it_as_not_yet_in_force_and_counts_nothing(book: Book, desk: Desk) -> None:
    shown = page(desk("alice"), "/rules?on=2025-01-15")
    assert "显示的是 2025-01-15 的规则" in shown
    assert "尚未生效" in shown


def test_today_needs_no_day_and_a_day_that_is_none_means_today(book: Book, desk: Desk) -> None:
    for path in ("/rules", "/rules?on=", "/rules?on=yesterday", "/rules?on=2026-03-03"):
        assert "显示的是" not in page(desk("alice"), path)


def test_links_keep_the_day(book: Book, desk: Desk) -> None:
    shown = page(desk("alice"), "/rules?on=2025-06-01")
    assert 'href="/rules/cn.gbt45251?on=2025-06-01"' in shown
    assert "&amp;on=2025-06-01#rule" in page(desk("alice"), "/rules/cn.gbt45251?on=2025-06-01")


def test_a_rule_stands_with_both_readings_and_the_numbers_of_its_day(book: Book, desk: Desk) -> None:
    pack = load_pack("cn.gbt45251")
    rule = next(rule for rule in pack.rules if rule.label == "valid-calls-per-day")
    shown = page(desk("alice"), f"/rules/cn.gbt45251?rule={rule.id}&on=2026-03-03")
    assert "从严" in shown
    assert "上限：3" in shown
    silent = next(rule for rule in pack.rules if rule.label == "no-way-round-by-message")
    assert "此口径下不作规定" in page(desk("alice"), f"/rules/cn.gbt45251?rule={silent.id}")


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
