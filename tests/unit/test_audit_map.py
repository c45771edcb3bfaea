"""The map of a contact log, the reading of its rows, and what a mistake in either says."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from zhizhi.core.conduct.audit.knowledge import Assumption
from zhizhi.core.conduct.audit.story import Contact
from zhizhi.usecases.audit.facts import FactsRefused, read_facts
from zhizhi.usecases.audit.guess import guess_log_map
from zhizhi.usecases.audit.log_map import read_log_map
from zhizhi.usecases.audit.rows import LogReader, LogReading
from zhizhi.usecases.intake.problems import MapRefused, Problem

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "audit"
AT = datetime(2026, 6, 1, tzinfo=UTC)
MAP = '[log]\nchannel = "voice"\n[columns]\nat = "t"\nnumber = "n"\n'


def read(body: str, **cells: str) -> Contact | Problem:
    log_map = read_log_map(body)
    return LogReader(LogReading(log_map, AT)).contact([cells[column] for column in log_map.columns], 7)


def contact(body: str, **cells: str) -> Contact:
    found = read(body, **cells)
    assert isinstance(found, Contact), found
    return found


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("[log", "map.toml:1: not TOML"),
        (MAP.replace('at = "t"', 'when = "t"'), "columns.when: no such field"),
        (MAP.replace('at = "t"\n', ""), "needs `at`"),
        (MAP.replace('number = "n"\n', ""), "needs `number`"),
        (MAP.replace('channel = "voice"\n', ""), "needs a column `channel`"),
        (MAP.replace("[columns]", 'zone = "Mars/Olympus"\n[columns]'), "no IANA zone"),
        (MAP.replace("[columns]", "complete = 1\n[columns]"), "assume.complete: is true or false"),
        (MAP + "[assume]\nluck = true\n", "assume.luck: unknown key"),
        (MAP + 'role = { column = "r", constant = "debtor" }\n', "exactly one of column, constant, first_of"),
    ],
)
def test_a_mistake_in_a_map_is_named_with_its_place_and_remedy(body: str, said: str) -> None:
    with pytest.raises(MapRefused) as refused:
        read_log_map(body)
    assert said in refused.value.text.en


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02 22:30:05",
        "2026/3/2 22:30:05",
        "20260302223005",
        "2026-03-02T14:30:05Z",
        "1772461805",
        "1772461805000",
    ],
)
def test_an_instant_is_read_in_the_forms_that_logs_write(written: str) -> None:
    assert contact(MAP, t=written, n="10900000001").proposed.at == datetime(2026, 3, 2, 14, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"t": "2026-03-02", "n": "1"}, "t", "not_an_instant"),  # a day tells no hour
        ({"t": "", "n": "1"}, "t", "missing"),
        ({"t": "2026-07-01 10:00", "n": "1"}, "t", "future"),
    ],
)
def test_a_row_that_cannot_be_read_names_column_and_reason(cells: dict[str, str], column: str, code: str) -> None:
    found = read(MAP, **cells)
    assert isinstance(found, Problem)
    assert (found.column, found.code) == (column, code)


def test_words_of_logs_are_understood_and_a_map_may_add_its_own() -> None:
    body = MAP + 'role = "r"\nline_result = { column = "l", values = { "A1" = "answered" } }\ntalk_seconds = "s"\n'
    found = contact(body, t="2026-03-02 10:00", n="10900000001", r="父亲", l="A1", s="1分35秒")
    assert found.party.role == "relative"
    assert (found.event.line_result, found.event.outcome, found.event.talk_seconds) == ("answered", "connected", 95)


def test_a_silent_log_is_assumed_about_and_an_empty_cell_is_not() -> None:
    silent = contact(MAP, t="2026-03-02 10:00", n="1")
    assert {Assumption.DEBTOR_CALLED, Assumption.COLLECTING, Assumption.OUTBOUND} <= silent.assumed
    empty = contact(MAP + 'role = "r"\npurpose = "p"\n', t="2026-03-02 10:00", n="1", r="", p="")
    assert not {Assumption.DEBTOR_CALLED, Assumption.COLLECTING} & empty.assumed
    assert empty.told["party.role"] is None
    assert empty.told["contact.purpose"] is None


def test_nought_seconds_show_that_nobody_spoke_and_not_why() -> None:
    found = contact(MAP + 'talk_seconds = "s"\n', t="2026-03-02 10:00", n="1", s="0").event
    assert (found.outcome, found.exchanged) == (None, False)


def test_on_a_borrowers_phone_an_incoming_call_is_a_contact_of_theirs() -> None:
    body = MAP.replace("[columns]", 'of = "phone"\n[columns]') + 'direction = "d"\n'
    assert contact(body, t="2026-03-02 10:00", n="1", d="来电").event.direction == "out"


@pytest.mark.parametrize("name", ["calls", "messages", "visits"])
def test_the_worked_examples_can_be_guessed_well_enough_to_be_corrected(name: str) -> None:
    columns, rows = _table(name)
    guessed = read_log_map(guess_log_map(columns, rows))
    written = read_log_map((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"))
    assert guessed.fields >= written.fields - {"recording"}
    for field, source in written.sources:
        if field in guessed.fields:
            assert dict(guessed.sources)[field].columns == source.columns, field


def _table(name: str) -> tuple[list[str], list[list[str]]]:
    if name == "messages":
        rows = json.loads((EXAMPLES / "messages.json").read_text(encoding="utf-8"))
        return list(rows[0]), [[str(row[key]) for key in rows[0]] for row in rows]
    with (EXAMPLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *cells = list(csv.reader(file))
    return header, cells


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "must be an object"),
        ({"statements": [{"kind": "cease"}]}, "statements[0].person"),
        (
            {"statements": [{"person": "a", "at": "2026-01-01T00:00:00+08:00", "kind": "shrugs"}]},
            "side tables of a person",
        ),
        ({"agencies": [{"id": "a", "mood": True}]}, "keys are id"),
        ({"agencies": [{"id": "a", "evaluated_on": "soon"}]}, "not a day"),
    ],
)
def test_side_tables_are_read_strictly(document: object, said: str) -> None:
    with pytest.raises(FactsRefused) as refused:
        read_facts(document, "cn.bank.online", "Asia/Shanghai")
    assert said in refused.value.text.en
