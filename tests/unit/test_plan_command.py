"""`zhizhi law plan`: one line a document in a stable shape, a table for reading, exit codes."""

import json
from typing import Any

from click.testing import CliRunner

from law.contacts import Document, clock
from law.plans import ASK, CALL, wish, wishes
from zhizhi.__main__ import main


def run(document: object, *options: str) -> tuple[int, str]:
    given = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    result = CliRunner().invoke(main, ["law", "plan", "-", *options], input=given)
    return result.exit_code, result.stdout


def answered(*documents: Document) -> list[dict[str, Any]]:
    code, printed = run(list(documents))
    assert code == 0
    return [json.loads(line) for line in printed.splitlines()]


def test_a_plan_and_what_prevents_one_have_exactly_the_keys_of_the_page():
    plan, prevented = answered(wishes(wish("calls", 1, CALL)), wishes(wish("person", 1, ASK)))
    shared = ["id", "result", "horizon", "wished", "placed", "preferred", "complete", "contacts"]
    assert list(plan) == [*shared, "warnings", "packs", "engine", "format"]
    assert list(prevented) == [*shared, "unplaced", "prevented_by", "warnings", "packs", "engine", "format"]
    assert list(plan["contacts"][0]) == [
        "wish", "at", "ends_at", "must_end_by", "channel", "party", "point", "purpose", "form", "preferred",
        "obligations", "budgets",
    ]  # fmt: skip
    assert list(prevented["prevented_by"]) == ["cause", "rules", "smallest", "sure"]
    assert list(prevented["prevented_by"]["rules"][0]) == ["rule", "effect", "cites", "explain", "until", "facts"]
    assert plan["format"] == "zhizhi-plan/1"


def test_a_wrong_document_gets_its_line_among_the_others():
    bad = {**wishes(wish("calls", 1, CALL)), "id": "晚", "colour": 1}
    wrong, right = answered(bad, wishes(wish("calls", 1, CALL)))
    assert wrong == {"id": "晚", "error": {"code": "unknown_key", "message": wrong["error"]["message"]}}
    assert "`colour`" in wrong["error"]["message"]
    assert right["result"] == "plan"


def test_the_table_is_read_in_both_languages():
    code, printed = run(wishes(wish("calls", 4, CALL), wish("person", 1, ASK), until=clock("23:00")), "--table")
    assert code == 0
    assert "已排 placed 3 / 5" in printed
    assert "2026-03-02 09:00:00  voice" in printed
    assert "未排 not placed: person × 1" in printed
    assert "cn.gbt45251/5.3.2.2.2/valid-calls-per-day (GB/T 45251-2025 5.3.2.2.2)" in printed
    unscreened = {key: value for key, value in CALL.items() if key != "content"}
    assert "proposed.content" in run(wishes(wish("calls", 1, unscreened)), "--table")[1]


def test_what_cannot_be_read_at_all_exits_with_two():
    code, printed = run("{")
    assert (code, printed) == (2, "")
