"""What is wrong with a case, and which of many wrongs is named: the codes of the format in the order of checking."""

import copy
import math

import pytest

from zhizhi.core.debt.case_tables import read_tables
from zhizhi.core.debt.errors import ErrorCode
from zhizhi.core.debt.facts import OFFICIAL, TableName
from zhizhi.core.debt.reading import Fields
from zhizhi.core.debt.solve import solve

TERM = {
    "id": "t",
    "op": "accrue",
    "currency": "CNY",
    "in": {
        "kind": "term",
        "rate": "0.12",
        "basis": "360",
        "spans": [{"from": "2026-03-01", "to": "2026-04-30", "base": {"principal": 2000000}}],
    },
}
LOAN = {"id": "A", "kind": "loan", "due": "2026-03-31", "components": {"principal": 300000}}
CARD = {"id": "C", "kind": "card", "due": "2026-03-31", "components": {"principal": 300000}}
PAID = {
    "id": "p",
    "op": "allocate",
    "currency": "CNY",
    "in": {"on": "2026-05-20", "amount_minor": 100, "debts": [LOAN]},
}
MISSING = object()


def case(base: dict, **changes: object) -> dict:
    """A copy with values replaced at paths written `in__debts__0__due`; MISSING removes."""
    made = copy.deepcopy(base)
    for path, value in changes.items():
        *way, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        target = made
        for step in way:
            target = target[step]
        if value is MISSING:
            del target[last]
        else:
            target[last] = value
    return made


def code(document: object) -> str:
    result = solve(document)
    assert "out" not in result, "an answer where an error was expected"
    return result["error"]["code"]


def test_the_largest_amount_is_accepted() -> None:
    assert solve(case(PAID, in__amount_minor=10**15))["out"]["surplus_minor"] == 10**15 - 300000


def test_the_two_base_cases_have_answers() -> None:
    assert "out" in solve(TERM)
    assert "out" in solve(PAID)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"extra": 1}, "unknown_key"),
        ({"in__extra": 1}, "unknown_key"),
        ({"in__debts__0__extra": 1}, "unknown_key"),
        ({"in__debts__0__components__late_fee": 1}, "unknown_key"),
        ({"in__assignment": {"notice_on": "2026-01-01", "paid_to": "old", "by": "x"}}, "unknown_key"),
        ({"tables": {"lprs": []}}, "unknown_key"),
        ({"id": MISSING}, "missing_key"),
        ({"op": MISSING}, "missing_key"),
        ({"in": MISSING}, "missing_key"),
        ({"currency": MISSING}, "missing_key"),
        ({"in__on": MISSING}, "missing_key"),
        ({"in__debts__0__due": MISSING}, "missing_key"),
        ({"in__assignment": {}}, "missing_key"),
        ({"id": 7}, "bad_type"),
        ({"op": None}, "bad_type"),
        ({"in": []}, "bad_type"),
        ({"currency": 156}, "bad_type"),
        ({"tables": []}, "bad_type"),
        ({"in__amount_minor": 100.0}, "bad_type"),
        ({"in__amount_minor": True}, "bad_type"),
        ({"in__amount_minor": "100"}, "bad_type"),
        ({"in__amount_minor": None}, "bad_type"),
        ({"in__amount_minor": math.nan}, "bad_type"),
        ({"in__debts": {}}, "bad_type"),
        ({"in__debts": ["A"]}, "bad_type"),
        ({"in__debts__0__components": []}, "bad_type"),
        ({"in__debts__0__components": None}, "bad_type"),
        ({"in__debts__0__security": True}, "bad_type"),
        ({"in__debts__0__security": 1.0}, "bad_type"),
        ({"in__debts__0__burden": 0.12}, "bad_type"),
        ({"in__debts__0__order": "principal"}, "bad_type"),
        ({"in__debts__0__order": [1]}, "bad_type"),
        ({"in__agreed": "A"}, "bad_type"),
        ({"in__choice": [1]}, "bad_type"),
        ({"in__assignment": "old"}, "bad_type"),
        ({"in__on": 20260520}, "bad_type"),
        ({"id": ""}, "bad_value"),
        ({"id": "x" * 65}, "bad_value"),
        ({"op": "divide"}, "bad_value"),
        ({"in__debts": []}, "bad_value"),
        ({"in__debts__0__kind": "mortgage"}, "bad_value"),
        ({"in__debts__0__security": 100}, "bad_value"),
        ({"in__debts__0__security": -1}, "bad_value"),
        ({"in__debts__0__order": ["interest"]}, "bad_value"),
        ({"in__assignment": {"notice_on": "2026-01-01", "paid_to": "third"}}, "bad_value"),
        ({"in__on": "2026-02-30"}, "bad_date"),
        ({"in__on": ""}, "bad_date"),
        ({"in__on": "２026-05-20"}, "bad_date"),
        ({"in__debts__0__due": "1899-12-31"}, "bad_date"),
        ({"in__amount_minor": 0}, "bad_amount"),
        ({"in__amount_minor": -1}, "bad_amount"),
        ({"in__amount_minor": 10**15 + 1}, "bad_amount"),
        ({"in__amount_minor": 10**400}, "bad_amount"),
        ({"in__debts__0__components": {}}, "bad_amount"),
        ({"in__debts__0__components": {"principal": 0, "fees": 0}}, "bad_amount"),
        ({"in__debts__0__components__fees": -1}, "bad_amount"),
        ({"in__debts__0__burden": "-0.1"}, "bad_rate"),
        ({"in__debts__0__burden": "10.1"}, "bad_rate"),
        ({"in__debts__0__burden": "٠.1"}, "bad_rate"),
        ({"in__debts__0__burden": ""}, "bad_rate"),
        ({"currency": "cny"}, "bad_currency"),
        ({"currency": "CHF"}, "bad_currency"),
        ({"currency": ""}, "bad_currency"),
        ({"in__debts": [LOAN, LOAN]}, "bad_reference"),
        ({"in__agreed": ["B"]}, "bad_reference"),
        ({"in__choice": ["A", "A"]}, "bad_reference"),
        ({"in__debts__0__order": ["fees", "fees"]}, "bad_reference"),
        ({"in__debts": [{**CARD, "order": ["principal"]}]}, "conflict"),
        ({"in__debts": [{**CARD, "order": []}]}, "conflict"),
        ({"tables": {"lpr": []}}, "conflict"),
        ({"tables": {"calendar": {"off": [], "on": []}}}, "conflict"),
    ],
)
def test_a_wrong_allocate_case_is_refused_with_its_code(changes: dict, expected: str) -> None:
    assert code(case(PAID, **changes)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"in__kind": MISSING}, "missing_key"),
        ({"in__rate": MISSING}, "missing_key"),
        ({"in__basis": MISSING}, "missing_key"),
        ({"in__kind": "penalty", "in__rate": MISSING}, "missing_key"),
        ({"in__kind": "compound"}, "missing_key"),
        ({"in__spans__0__base": MISSING}, "missing_key"),
        ({"in__basis": 360}, "bad_type"),
        ({"in__rate": 0.12}, "bad_type"),
        ({"in__agreed": "yes"}, "bad_type"),
        ({"in__withheld_minor": True}, "bad_type"),
        ({"in__kind": "simple"}, "bad_value"),
        ({"in__basis": "366"}, "bad_value"),
        ({"in__spans": []}, "bad_value"),
        ({"in__kind": "private_overdue", "in__rate": MISSING, "in__basis": "day"}, "bad_value"),
        ({"in__stop_on": "2026-4-1"}, "bad_date"),
        ({"in__spans__0__to": "2026-02-29"}, "bad_date"),
        ({"in__withheld_minor": 2000000}, "bad_amount"),
        ({"in__withheld_minor": 2000001}, "bad_amount"),
        ({"in__withheld_minor": -1}, "bad_amount"),
        ({"in__withheld_minor": 0, "in__spans__0__base": {"fees": 1}}, "bad_amount"),
        ({"in__spans__0__base": {}}, "bad_amount"),
        ({"in__rate": "0.12345678901"}, "bad_rate"),
        ({"in__rate": "10.1"}, "bad_rate"),
        ({"in__basis": "day", "in__rate": "0.1000000001"}, "bad_rate"),
        ({"in__spans__0__to": "2026-02-28"}, "bad_order"),
        (
            {"tables": {"lpr": [{"from": "2026-01-01", "rate": "0.03"}, {"from": "2026-01-01", "rate": "0.03"}]}},
            "bad_order",
        ),
        (
            {"tables": {"lpr": [{"from": "2026-01-02", "rate": "0.03"}, {"from": "2026-01-01", "rate": "0.03"}]}},
            "bad_order",
        ),
        ({"tables": {"lpr": [{"from": "2026-01-02", "rate": "11"}]}}, "bad_rate"),
        ({"tables": {"lpr": [{"from": "2026-01-02"}]}}, "missing_key"),
        ({"in__use": "overdue"}, "conflict"),
        ({"in__agreed": True}, "conflict"),
        ({"in__overdue_rate": "0.1"}, "conflict"),
        ({"in__kind": "double"}, "conflict"),
        ({"tables": {"calendar": {"off": [], "on": []}}}, "conflict"),
    ],
)
def test_a_wrong_accrue_case_is_refused_with_its_code(changes: dict, expected: str) -> None:
    assert code(case(TERM, **changes)) == expected


@pytest.mark.parametrize("document", [None, [], "x", 1, [TERM]])
def test_what_is_no_object_is_no_case(document: object) -> None:
    assert code(document) == "bad_json"


ONE_OF_EACH = [
    ("unknown_key", {"in__extra": 1}),
    ("missing_key", {"in__basis": MISSING}),
    ("bad_type", {"in__agreed": 1}),
    ("bad_value", {"in__use": "other"}),
    ("bad_date", {"in__stop_on": "never"}),
    ("bad_amount", {"in__withheld_minor": 2000000}),
    ("bad_rate", {"in__rate": "11"}),
    ("bad_currency", {"currency": "XAU"}),
    ("bad_order", {"in__spans__0__to": "2026-02-28"}),
    ("conflict", {"in__overdue_rate": "0.1"}),
]


@pytest.mark.parametrize("first", range(len(ONE_OF_EACH)))
def test_of_several_wrongs_the_one_that_is_checked_first_is_named(first: int) -> None:
    changes: dict[str, object] = {}
    for _, more in ONE_OF_EACH[first:]:
        changes |= more
    assert code(case(TERM, **changes)) == ONE_OF_EACH[first][0]


def test_the_order_of_the_codes_is_the_order_of_checking() -> None:
    ranks = [list(ErrorCode).index(ErrorCode(name)) for name, _ in ONE_OF_EACH]
    assert ranks == sorted(ranks)


def test_not_in_force_is_looked_at_before_the_band() -> None:
    old = {"kind": "penalty", "contract_rate": "0.1", "multiple": "9", "use": "overdue", "basis": "360"}
    spans = [{"from": "2003-12-31", "to": "2004-02-01", "base": {"principal": 1}}]
    assert code({**TERM, "in": {**old, "spans": spans}}) == "not_in_force"
    spans = [{"from": "2004-01-01", "to": "2004-02-01", "base": {"principal": 1}}]
    assert code({**TERM, "in": {**old, "spans": spans}}) == "rate_band"


@pytest.mark.parametrize("op", ["rate", "cap", "limitation", "deadline", "retention"])
def test_an_operation_that_this_version_does_not_hold_is_an_error_value(op: str) -> None:
    result = solve({"id": "x", "op": op, "in": {}})
    assert result["error"] == {"code": "bad_value", "message": "op names an operation that this version does not hold"}


def test_id_and_op_are_echoed_beside_an_error() -> None:
    assert solve(case(PAID, in__amount_minor=0)) == {
        "id": "p",
        "op": "allocate",
        "error": {"code": "bad_amount", "message": "amount_minor must be above 0"},
    }


@pytest.mark.parametrize("secret", ["10900000000", "某某某"])
@pytest.mark.parametrize(
    "path",
    [
        "in__on",
        "in__debts__0__due",
        "in__debts__0__id",
        "in__agreed",
        "in__debts__0__burden",
        "in__amount_minor",
        "currency",
        "op",
    ],
)
def test_a_message_never_repeats_what_it_was_given(path: str, secret: str) -> None:
    value = [secret] if path == "in__agreed" else secret * 30
    assert secret not in solve(case(PAID, **{path: value}))["error"]["message"]


def test_a_message_never_repeats_an_unknown_key() -> None:
    for document in ({**PAID, "10900000000": 1}, {**PAID, "in": {**PAID["in"], "10900000000": 1}}):
        assert "10900000000" not in solve(document)["error"]["message"]


def test_tables_that_are_empty_or_used_are_no_conflict() -> None:
    assert "out" in solve(case(PAID, tables={}))
    assert "out" in solve(case(TERM, tables={"lpr": []}))


def test_ignored_keys_may_hold_anything() -> None:
    assert "out" in solve(case(PAID, expect=7, title=None, source=[], confidence={"a": math.inf}))


def test_a_list_longer_than_the_limit_is_refused_and_not_walked() -> None:
    assert code(case(PAID, in__debts=[LOAN] * 10_001)) == "bad_value"


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        ({"off": ["2026-11-20"], "on": ["2026-11-21"]}, []),
        ({"off": ["2026-11-20"], "on": ["2026-11-20"]}, ["conflict"]),
        ({"off": []}, ["missing_key"]),
        ({"off": "2026-11-20", "on": []}, ["bad_type"]),
        ({"off": ["2026-11-31"], "on": []}, ["bad_date"]),
        ({"off": [], "on": [], "half": []}, ["unknown_key"]),
    ],
)
def test_a_calendar_of_a_case_is_looked_at_as_well(calendar: dict, expected: list[str]) -> None:
    fields = Fields({"calendar": calendar}, "tables", [])
    tables = read_tables(fields, OFFICIAL, frozenset({TableName.CALENDAR}))
    assert [finding.code.value for finding in fields.findings] == expected
    assert tables.calendar.version == "case"
    assert tables.lpr is OFFICIAL.lpr
