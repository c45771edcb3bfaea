"""Cases that DuckDB reads from their text against the reader of cases: the same tables, the same answers, or none."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reference.batch_cases import document
from zhizhi.batch.from_cases import tables_of_cases
from zhizhi.batch.joins import to_arrow
from zhizhi.batch.tables import SCHEMAS
from zhizhi.batch.written.cases import WrittenCases, opened_book
from zhizhi.core.conduct.case import CaseError, parse_case
from zhizhi.core.conduct.compiled import decide_compiled
from zhizhi.store.packs import load_law

Document = dict[str, Any]
ROWS_OF_A_CASE = [name for name in SCHEMAS if name not in ("contacts", "collectors", "proposals")]


def documents(profile: str, count: int, seed: int) -> list[Document]:
    random = Random(seed)
    return [document(random, f"{seed}-{number}", profile, "strict") for number in range(count)]


def written(cases: list[Document]) -> list[tuple[str, str]]:
    return [(json.dumps(case, ensure_ascii=False), str(number)) for number, case in enumerate(cases)]


def rows(table: Any) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in table.to_pylist())


def with_ways(proposals: Any, contacts: Any, collectors: Any) -> list[str]:
    """Proposals with what their ids of a way and of a collector stand for."""
    ways = {row.pop("contact"): row for row in contacts.to_pylist()}
    acting = {row.pop("collector"): row for row in collectors.to_pylist()}
    found = [
        {**row, "contact": ways[row["contact"]], "collector": acting[row["collector"]]} for row in proposals.to_pylist()
    ]
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in found)


@pytest.mark.parametrize("profile", ["cn.bank.online", "us.regf"])
def test_the_tables_are_those_that_the_reader_of_cases_gives(profile: str) -> None:
    law = load_law(profile)
    cases = documents(profile, 200, seed=3)
    wanted = tables_of_cases([parse_case(case) for case in cases], law.zone)
    with tempfile.TemporaryDirectory() as folder, WrittenCases(Path(folder), law, "strict") as book:
        texts = written(cases)
        assert book.lay_down(texts[:80]) == book.lay_down(texts[80:]) == []
        facts = book.facts().tables()
        found = {name: to_arrow(book.connection, table) for name, table in facts.items()}
    for name in ROWS_OF_A_CASE:
        assert rows(found[name]) == rows(wanted[name]), name
    shared = ("proposals", "contacts", "collectors")
    assert with_ways(*(found[name] for name in shared)) == with_ways(*(wanted[name] for name in shared))
    assert len(found["contacts"]) == len(wanted["contacts"])


def test_the_answers_are_those_of_the_single_decision() -> None:
    law = load_law("cn.microloan")
    cases = documents("cn.microloan", 30, seed=8)
    with opened_book(law, "strict") as book:
        assert book.lay_down(written(cases)) == []
        answers = dict(book.answers())
    for number, case in enumerate(cases):
        decision = decide_compiled(parse_case(case), law)
        rules = tuple(reason.rule for reason in decision.reasons)
        assert answers[str(number)] == (decision.verdict.value, decision.next_permitted_at, rules), case["id"]


def test_a_book_into_which_nothing_came_has_no_answers() -> None:
    with opened_book(load_law("cn.microloan"), "strict") as book:
        assert book.lay_down([("{}", "")]) == [0]
        assert list(book.answers()) == []


PLAIN = {
    "id": "c1", "profile": "cn.microloan", "debtor": {"time_zones": ["Asia/Shanghai"], "state": "normal"},
    "debts": [{"id": "d1", "lender": "L1", "state": "overdue"}], "parties": [{"id": "p1", "role": "debtor"}],
    "points": [{"id": "m1", "party": "p1", "kind": "mobile"}], "collector": {"kind": "lender", "id": "L1"},
    "statements": [
        {"at": "2026-03-01T10:00:00+08:00", "by": "p1", "kind": "refuse_medium", "channel": "sms"},
        {"at": "2026-03-01T11:00:00+08:00", "by": "collector", "kind": "verification_sent"},
    ],
    "events": [
        {"id": f"e{n}", "at": f"2026-03-01T1{n}:00:00+08:00", "channel": "voice", "direction": "out", "party": "p1",
         "point": "m1", "debts": ["d1"], "talk_seconds": 5}
        for n in range(2)
    ],
    "proposed": {
        "at": "2026-03-02T10:00:00+08:00", "channel": "voice", "direction": "out", "party": "p1", "purpose": "collect",
        "content": [],
    },
}  # fmt: skip


def changed(change: Callable[[Document], object]) -> Document:
    case: Document = json.loads(json.dumps(PLAIN))
    change(case)
    return case


REFUSED: dict[str, Callable[[Document], object]] = {
    "a key that no case has": lambda case: case["events"][0].update(colour="red"),
    "a key that this kind of statement does not have": lambda case: case["statements"][0].update(per_day=3),
    "a key that is missing": lambda case: case["proposed"].pop("purpose"),
    "a key that this kind of statement needs": lambda case: case["statements"][0].pop("channel"),
    "an object that is missing": lambda case: case.pop("collector"),
    "null": lambda case: case["events"][0].update(outcome=None),
    "a word for a flag": lambda case: case["events"][0].update(robot="perhaps"),
    "a number out of range": lambda case: case["events"][0].update(talk_seconds=-1),
    "a channel that is not listed": lambda case: case["proposed"].update(channel="pigeon"),
    "a mark that is not listed": lambda case: case["proposed"].update(content=["kind"]),
    "no debts": lambda case: case.update(debts=[]),
    "an instant without an offset": lambda case: case["events"][0].update(at="2026-03-01T10:00:00"),
    "a day that there is not": lambda case: case["collector"].update(listed=True, evaluated_on="2026-02-30"),
    "two forms of a state": lambda case: case["debtor"].update(states=[{"state": "normal"}]),
    "no state": lambda case: case["debts"][0].pop("state"),
    "a party that is not there": lambda case: case["points"][0].update(party="p9"),
    "an event about a debt that is not there": lambda case: case["events"][0].update(debts=["d9"]),
    "a statement by somebody who is not there": lambda case: case["statements"][0].update(by="p9"),
    "a call that is not there": lambda case: case["proposed"].update(on_call="e9"),
    "an id that is used twice": lambda case: case["events"][1].update(id="e0"),
    "a history out of order": lambda case: case["events"].reverse(),
}
READ_SINGLY: dict[str, Callable[[Document], object]] = {
    "a title, which plays no part": lambda case: case.update(title="t"),
    "a text that looks like a key": lambda case: case["events"][0].update(physical='he said ": yes'),
}


@pytest.fixture(scope="module")
def handed_back() -> frozenset[str]:
    """Which of all these cases, laid down together among plain ones, came back."""
    changes = {**REFUSED, **READ_SINGLY}
    cases = [PLAIN, *(changed(change) for change in changes.values()), PLAIN]
    with opened_book(load_law("cn.microloan"), "strict") as book:
        places = book.lay_down(written(cases))
    names = ["plain", *changes, "plain"]
    return frozenset(names[place] for place in places)


def test_a_plain_case_is_laid_down(handed_back: frozenset[str]) -> None:
    parse_case(PLAIN)
    assert "plain" not in handed_back


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_reader_of_cases_refuses_is_handed_back(handed_back: frozenset[str], name: str) -> None:
    with pytest.raises(CaseError):
        parse_case(changed(REFUSED[name]))
    assert name in handed_back


@pytest.mark.parametrize("name", READ_SINGLY)
def test_what_is_not_plain_is_handed_back_too(handed_back: frozenset[str], name: str) -> None:
    parse_case(changed(READ_SINGLY[name]))
    assert name in handed_back
