"""One statement writes a decision and all that stands with it, or nothing; one statement reads what a proposal asks."""

from dataclasses import replace

import pytest
from django.db import Error

from book import Borrower, make_borrower, make_lender
from gatework import decided, rows
from zhizhi.store.ids import ids
from zhizhi.store.keyring import new_person_key
from zhizhi.store.lenders.models import Lender
from zhizhi.store.many import parts_of_each
from zhizhi.store.transact.gate import Receipt, Stale, commit_decisions

pytestmark = pytest.mark.usefixtures("store")
WRITTEN = ("decision", "permit", "delivery", "salt")


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


def written(who: Borrower) -> list[int]:
    """How many rows of each kind the person has."""
    counts = [rows(f"SELECT count(*) FROM {table} WHERE person_id = %s", who.person)[0][0] for table in WRITTEN]
    return [*counts, rows("SELECT count(*) FROM leaf WHERE source_person_id = %s", who.person)[0][0]]


def test_a_permit_stands_with_its_decision_its_delivery_its_leaf_and_salts(lender: Lender) -> None:
    who = make_borrower(lender, 1)
    (receipt,) = commit_decisions([decided(who)])
    assert isinstance(receipt, Receipt)
    assert written(who) == [1, 1, 1, 1, 1]


def test_on_a_version_that_has_passed_nothing_is_written(lender: Lender) -> None:
    who = make_borrower(lender, 2)
    late = decided(who)
    commit_decisions([decided(who)])
    assert commit_decisions([late]) == [Stale(who.person)]
    assert written(who) == [1, 1, 1, 1, 1]


def test_under_a_key_that_is_another_one_now_nothing_is_written(lender: Lender) -> None:
    who = make_borrower(lender, 3)
    other_key, _ = new_person_key()
    assert commit_decisions([decided(who, other_key)]) == [Stale(who.person)]
    assert written(who) == [0, 0, 0, 0, 0]
    (version,) = rows("SELECT version FROM person WHERE id = %s", who.person)[0]
    assert version == decided(who).version, "the version has not moved"


def test_without_its_leaf_there_is_no_permit(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    who = make_borrower(lender, 4)
    (taken,) = rows("SELECT min(id) FROM leaf")[0]
    monkeypatch.setattr(ids, "take_many", lambda count: [*range(taken - count + 1, taken), taken])
    with pytest.raises(Error):
        commit_decisions([decided(who)])
    assert written(who) == [0, 0, 0, 0, 0]


def test_a_permit_of_another_purpose_than_its_decision_takes_the_decision_with_it(lender: Lender) -> None:
    who = make_borrower(lender, 5)
    one = decided(who)
    assert one.terms is not None
    with pytest.raises(Error):
        commit_decisions([replace(one, terms=replace(one.terms, purpose="remind"))])
    assert written(who) == [0, 0, 0, 0, 0]


def test_a_statement_of_several_parts_is_cut_where_each_begins() -> None:
    there = "(SELECT true AS is_there, v FROM unnest(%s::text[]) v) b ON b.v = a.v"
    whole = f"SELECT a.is_there, a.v, b.* FROM (VALUES (true, 'x'), (NULL, 'y')) a (is_there, v) LEFT JOIN {there}"
    assert parts_of_each(f"{whole} ORDER BY a.v", [["x"]]) == [[[("x",)], [("x",)]], [[], []]]
