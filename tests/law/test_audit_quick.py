"""The audit says of every contact what it says with every feature read and every measure asked, only sooner."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from zhizhi.core.conduct.audit.judge import Judge, Judged
from zhizhi.core.conduct.audit.knowledge import Assumption, Knowledge
from zhizhi.core.conduct.audit.quick import KEYED
from zhizhi.core.conduct.audit.story import HISTORY_MAX, Contact, Story, views
from zhizhi.core.conduct.audit.told import ToldRecord
from zhizhi.core.conduct.case import Debt, State, Statement
from zhizhi.core.conduct.view import View
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.store.packs import load_law
from zhizhi.usecases.audit.contact import LogRow, contact_of
from zhizhi.usecases.audit.log_map import LogMap

PROFILES = (
    "cn.bank.online", "cn.bank.card", "cn.consumer_finance.online", "cn.consumer_finance.online.cba", "cn.microloan",
    "us.regf",
)  # fmt: skip
BEGINS = datetime(2026, 3, 1, 23, 50, tzinfo=UTC)
DAYS = (None, date(2024, 2, 29), date(2025, 3, 3), date(2026, 2, 1), date(2026, 3, 3))
MAYBE = (None, True, False)
CELLS: dict[str, tuple[Any, ...]] = {
    "direction": ("out", "out", "out", "in", None),
    "channel": ("voice", "voice", "voice", "sms", "visit", "letter", "im", "ringless_voicemail"),
    "role": ("debtor", "debtor", "debtor", None, "contact", "guarantor", "heir", "employer"),
    "number": ("10900000001", "10900000001", "10900000002", "02100000001", None),
    "purpose": ("collect", "collect", "remind", "locate", "serve", "answer_request", None),
    "form": ("interactive", "interactive", "notification", None),
    "robot": (False, False, True, None),
    "line_result": ("answered", "no_answer", "empty_number", None),
    "talk_seconds": (0, 3, 40, 900, None),
    "debt": ("D1", "D2", None),
    "agency": ("lender", "A", None),
    "collector": ("S1", None),
    "trained_on": DAYS,
    "agency_evaluated_on": DAYS,
    "agency_inspected_on": DAYS,
    "contract_ends_on": DAYS,
    "agency_listed": MAYBE,
    "recording": ("on", "off", None),
    "marks": (None, frozenset(), frozenset({"threat"})),
    "discloses_debt": MAYBE,
    "named_by_debtor": MAYBE,
    "refused_before": MAYBE,
    "team_size": (None, 1, 2, 3),
    "place": (None, "home", "work"),
    "visit_consent": MAYBE,
    "debt_state": (None, "overdue", "disputed", "settled", "not_due"),
    "debtor_state": (None, "normal", "deceased"),
    "private_device": MAYBE,
}
"""Fields of a log and what stands in them; a log has some of the columns."""
USUAL = {"channel": "voice", "role": "debtor", "number": "10900000001", "line_result": "answered", "talk_seconds": 40}


def contacts(chance: random.Random, count: int, strangeness: float) -> list[Contact]:
    """Contacts of one person: mostly usual ones, several a day, some of them at the edges of the hours."""
    log_map = LogMap(sources=(), channel="voice", assumed=frozenset(Assumption))
    columns = [name for name in CELLS if name in USUAL or chance.random() < 0.6]
    at, found = BEGINS, []
    for number in range(1, count + 1):
        at += timedelta(seconds=chance.choice((0, 1, 1_799, 3_600, 7_200, 14_400, 36_000, 90_000, 400_000)))
        if chance.random() < 0.1:
            at = at.replace(hour=chance.choice((0, 14)), minute=0, second=0) + timedelta(days=1)
        cells = {
            name: chance.choice(CELLS[name]) if chance.random() < strangeness else USUAL.get(name, CELLS[name][0])
            for name in columns
        }
        found.append(contact_of(LogRow(f"r{number}", at, None, cells), log_map))
    return found


def stories(seed: int) -> Iterator[tuple[Story, Knowledge]]:
    """Quiet persons and others: with statements, with states that have dates or none, with debts of two lenders."""
    chance = random.Random(seed)
    overdue, dated = (State("overdue"),), (State("not_due", until=date(2026, 3, 9)), State("overdue", since=BEGINS))
    for strangeness in (0.05, 0.15, 0.5):
        rows = contacts(chance, 24, strangeness)
        for knowledge in (
            Knowledge(spoken=frozenset({"contact.content", "debts.state", "party.role"})),
            Knowledge(statements=True, debt_states=True, debtor_states=True, assumed=frozenset(Assumption)),
            Knowledge(assumed=frozenset()),
        ):
            states = chance.choice((overdue, dated, (State("disputed"),)))
            yield (
                Story(
                    "P1",
                    rows,
                    debts=chance.choice(((), (Debt("D1", "lender", states), Debt("D2", "other", overdue)))),
                    debtor_states=chance.choice(((), (State("deceased"),), (State("hospitalised", until=BEGINS),))),
                    statements=chance.choice(((), (), (Statement(BEGINS, "refuse_contact", "debtor"),))),
                    time_zones=chance.choice((("Asia/Shanghai",), ("Asia/Shanghai", "America/New_York"))),
                ),
                knowledge,
            )


def at_length(judge: Judge, story: Story) -> list[Judged]:
    return [
        judge.judge_at_length(contact, view)
        for contact, view in views(story, judge.law, judge.reading, judge.knowledge)
    ]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_contact_is_judged_alike_by_its_key_and_at_length(profile: str) -> None:
    law, compared, broken = load_law(profile), 0, 0
    for seed, reading in ((1, "strict"), (2, "text")):
        for story, knowledge in stories(seed):
            quick, slow = Judge(law, reading, knowledge), Judge(law, reading, knowledge)
            first, second = list(quick.judge(story)), at_length(slow, story)
            assert first == second
            compared += len(first)
            broken += sum(bool(one.breaches) for one in first)
    assert compared > 250
    assert broken > 50


def test_keys_of_one_person_serve_the_next() -> None:
    """A judge that has met many persons says of the last what a new one says."""
    law = load_law(PROFILES[0])
    used = Judge(law, "strict", Knowledge())
    for seed in range(10, 12):
        for story, _ in stories(seed):
            assert list(used.judge(story)) == at_length(Judge(law, "strict", Knowledge()), story)


def test_most_contacts_of_a_usual_log_need_no_view(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Contact] = []
    record_of = Judge._record

    def counted(self: Judge, contact: Contact, view: View) -> ToldRecord:
        asked.append(contact)
        return record_of(self, contact, view)

    monkeypatch.setattr(Judge, "_record", counted)
    rows = [
        contact_of(
            LogRow(f"r{number}", BEGINS + timedelta(days=number, hours=3), None, USUAL), LogMap((), channel="voice")
        )
        for number in range(1, 101)
    ]
    judged = list(
        Judge(load_law(PROFILES[0]), "strict", Knowledge()).judge(Story("P1", rows, time_zones=("Asia/Shanghai",)))
    )
    assert len(judged) == 100
    assert len(asked) < 5


@pytest.mark.parametrize("channel", ["voice", "letter", "visit"])
def test_edges_of_hours_and_intervals_are_read_to_the_second_and_day(channel: str) -> None:
    """Contacts that end at, before and after the close; letters and visits on the last day of an interval and after."""
    log_map, law = LogMap((), channel=channel), load_law("cn.bank.online")
    closing = datetime(2026, 3, 2, 13, 59, 20, tzinfo=UTC)
    starts = [
        closing + timedelta(days=day, seconds=second)
        for day, second in ((0, 0), (6, 1), (14, -1), (21, -9), (29, 39), (37, 41), (46, 40), (47, 0), (47, 1))
    ]
    rows = [contact_of(LogRow(f"r{n}", at, None, USUAL | {"channel": channel}), log_map) for n, at in enumerate(starts)]
    story = Story("P1", rows, time_zones=("Asia/Shanghai",))
    judged = list(Judge(law, "strict", Knowledge()).judge(story))
    assert judged == at_length(Judge(law, "strict", Knowledge()), story)
    assert any(one.breaches for one in judged) is True
    assert any(not one.breaches for one in judged) is True


def test_a_history_that_was_cut_is_read_at_length() -> None:
    """The first contact with somebody may lie before the cut: whether there was one is not in the key any more."""
    log_map = LogMap((), channel="voice")
    rows = [
        contact_of(LogRow(f"r{number}", BEGINS + timedelta(hours=number), None, dict(USUAL, role=role)), log_map)
        for number, role in enumerate(["guarantor", *["debtor"] * (HISTORY_MAX + 1), "guarantor"], 1)
    ]
    story, law = Story("P1", rows, time_zones=("Asia/Shanghai",)), load_law("cn.bank.online")
    last = list(Judge(law, "strict", Knowledge()).judge(story))[-1]
    assert last == at_length(Judge(law, "strict", Knowledge()), story)[-1]


def test_a_key_speaks_of_features_of_the_catalogue_only() -> None:
    assert FEATURES.keys() >= KEYED
