"""How decisions, amounts and times are told: pure, without a database."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from zhizhi.core.conduct import words
from zhizhi.core.conduct.words import CHANNELS, DEBTOR_STATES, OUTCOMES, POINT_KINDS
from zhizhi.store.cases.models import EXITS, STAGES
from zhizhi.store.cases.reads import BUCKETS, bucket_of
from zhizhi.store.contacts.models import DELIVERY_STATES
from zhizhi.store.debts.models import DEBT_STATES, PRODUCTS
from zhizhi.store.words import STAFF_ROLES, STOPS
from zhizhi.usecases.intake.kinds import STATEMENT_KINDS, Kind
from zhizhi.usecases.templates import MARKS
from zhizhi.web.console.told import facts_behind, tell, without_recipe
from zhizhi.web.console.wordings import compare
from zhizhi.web.shared import vocabulary, written

DECISION: dict[str, Any] = {
    "verdict": "forbid",
    "next_permitted_at": "2026-03-04T08:00:00+08:00",
    "reasons": [
        {
            "rule": "cn.gbt45251/5.3.2.2.2/valid-calls-per-day",
            "effect": "forbid",
            "cites": "GB/T 45251-2025 5.3.2.2.2",
            "explain": {"zh": "今日有效通话已达 3/3 次", "en": "3 of 3 valid calls today"},
            "until": "2026-03-03",
            "facts": ["e1", "e3"],
        }
    ],
    "budgets": [{"rule": "cn.gbt45251/5.3.2.2.2/valid-calls-per-day", "limit": 3, "used": 3, "resets_at": None}],
    "unknown": ["recording"],
    "packs": [{"id": "cn.gbt45251", "version": "2025.1", "sha256": ""}],
}


def test_a_reason_keeps_its_rule_article_sentence_and_end() -> None:
    told = tell(DECISION)
    assert told.first is not None
    assert told.first.pack == "cn.gbt45251"
    assert told.first.explain.zh == "今日有效通话已达 3/3 次"
    assert told.budgets[0].text.zh == "有效通话"


def test_the_budget_of_a_house_rule_is_told_by_its_article_and_not_by_a_label() -> None:
    house = {"rule": "house.jia/H-1/one-talk-a-day", "limit": 1, "used": 0, "resets_at": None}
    (budget,) = tell(DECISION | {"budgets": [house]}).budgets
    assert (budget.text.zh, budget.text.en) == ("内部规则 H-1", "house rule H-1")


def test_an_end_that_is_a_date_includes_that_whole_day() -> None:
    first = tell(DECISION).first
    assert first is not None
    assert first.until == datetime(2026, 3, 3, 16, 0, tzinfo=UTC)


def test_of_a_third_person_nothing_is_told_that_would_open_the_lock() -> None:
    guarded = without_recipe(tell(DECISION))
    assert guarded.first is not None
    assert guarded.first.cites == "GB/T 45251-2025 5.3.2.2.2"
    assert guarded.first.facts == ()
    assert guarded.first.until is None
    assert guarded.first.explain.zh == "暂不可触达"
    assert (guarded.next_permitted_at, guarded.budgets, guarded.unknown) == (None, (), ())


def test_the_facts_behind_are_those_that_the_reasons_name() -> None:
    events = [
        {"id": f"e{n}", "at": "2026-03-03T10:00:00+08:00", "channel": "voice", "direction": "out"} for n in range(1, 5)
    ]
    behind = facts_behind(tell(DECISION), {"events": events})
    assert [fact.id for fact in behind] == ["e1", "e3"]
    assert behind[0].text.zh == "电话 发起 结果未知"


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (1_248_630, "CNY", "12,486.30"),
        (5, "CNY", "0.05"),
        (0, "CNY", "0.00"),
        (-123_456, "CNY", "-1,234.56"),
        (10**15, "CNY", "10,000,000,000,000.00"),
        (1234, "JPY", "1,234"),
    ],
)
def test_amounts_are_written_by_integer_arithmetic(minor: int, currency: str, said: str) -> None:
    assert written.amount(minor, currency) == said


def test_times_are_written_on_the_clock_of_the_office() -> None:
    at = datetime(2026, 3, 2, 13, 50, tzinfo=UTC)
    assert written.instant(at, "zh", date(2026, 3, 3)) == "03-02 周一 21:50"
    assert written.instant(at, "en", date(2026, 3, 3)) == "03-02 Mon 21:50"
    assert written.instant(at, "zh", date(2027, 1, 1)) == "2026-03-02 周一 21:50"


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-3, "M0"), (0, "M0"), (1, "M1"), (30, "M1"), (31, "M2"), (180, "M6"), (181, "M7"), (999, "M7")],
)
def test_buckets_are_thirty_days_each_and_the_filter_agrees(days: int, bucket: str) -> None:
    assert bucket_of(days) == bucket
    first, last = BUCKETS[bucket]
    assert first is None or first <= days
    assert last is None or days <= last


def test_a_changed_wording_shows_what_came_and_what_went_and_tears_no_variable() -> None:
    pieces = compare("您好{name},请还款", "您好{lender},请协商还款")
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == "您好{lender},请协商还款"
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == "您好{name},请还款"
    assert ("gone", "{name}") in [(piece.kind, piece.text) for piece in pieces]


def test_every_closed_list_of_the_store_has_its_words() -> None:
    lists: dict[str, tuple[str, ...]] = {
        "stage": STAGES,
        "exit": EXITS,
        "stop": STOPS,
        "channel": CHANNELS,
        "left": DELIVERY_STATES,
        "outcome": OUTCOMES,
        "debt_state": DEBT_STATES,
        "product": PRODUCTS,
        "role": STAFF_ROLES,
        "party": words.ROLES,
        "person_state": DEBTOR_STATES,
        "point": POINT_KINDS,
        "statement": STATEMENT_KINDS,
        "import_kind": tuple(Kind),
        "mark": MARKS,
    }
    missing = [
        (name, code) for name, codes in lists.items() for code in codes if code not in dict(vocabulary.choices(name))
    ]
    assert missing == []
