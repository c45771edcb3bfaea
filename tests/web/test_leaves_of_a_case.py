"""A case with very many leaves: whether they are seen is asked of its person, and not of every case that is seen.

`ZHIZHI_LEAF_CASES`: so many more cases of the same desk beside it, and the times of the questions are printed.
"""

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connections

from apiwork import client_of
from signed import signed_in
from web.book import AT
from web.rights_book import SEEN, Row, rights_book
from zhizhi.store.lenders.reads import desk_of_login
from zhizhi.store.viewer import reading

MANY = 5_000
BESIDE = int(os.environ.get("ZHIZHI_LEAF_CASES") or 0)
QUESTIONS = {
    "how many": "SELECT count(*) FROM leaf l WHERE l.source_person_id = %s",
    "the newest": "SELECT l.id FROM leaf l WHERE l.source_person_id = %s ORDER BY l.at DESC, l.id DESC LIMIT 201",
}
_LEAVES = """
INSERT INTO leaf (id, kind, at, subject, body, source_person_id, source_id, source_table)
SELECT -%(person)s * 10000 - n, 'note', %(at)s, gen_random_uuid(), (SELECT body FROM leaf LIMIT 1), %(person)s, -n,
    'note'
FROM generate_series(1, %(many)s) n
"""
_CASES = """
INSERT INTO collection_case SELECT made.* FROM collection_case k, generate_series(1, %(beside)s) n,
    jsonb_populate_record(NULL::collection_case, to_jsonb(k)
        || jsonb_build_object('person_id', 900000000 + n, 'id', 900000000 + n, 'number', 'C-9-' || n)) made
WHERE k.number = %(number)s
"""


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Row]]:
    with rights_book(tmp_path_factory.mktemp("state")) as made, psycopg.connect(store, autocommit=True) as owner:
        for name in ("own", "other lender"):
            owner.execute(_LEAVES, {"person": made[name].person, "at": AT, "many": MANY})
        owner.execute("SET session_replication_role = replica")  # cases without persons: nobody opens one
        owner.execute(_CASES, {"beside": BESIDE, "number": made["own"].number})
        owner.execute("ANALYZE")
        yield made


@pytest.mark.parametrize("login", ["collector", "supervisor", "complaint_handler", "auditor"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_no_plan_reads_every_case_for_the_leaves_of_one(book: dict[str, Row], login: str, name: str) -> None:
    desk = desk_of_login(login)
    assert desk is not None
    with reading(desk.viewer), connections["default"].cursor() as cursor:
        for _ in range(3):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {QUESTIONS[name]}", [book["own"].person])
            plan = [line.strip() for (line,) in cursor.fetchall()]
    if BESIDE:
        print(f"\n{login}, {name}, {BESIDE} cases beside: {plan[-1]}")  # noqa: T201  the figure of a long run
    of_leaves = next(line for line in plan if line.startswith("Filter: CASE WHEN (source_person_id"))
    assert "THEN (SubPlan" in of_leaves, plan
    assert "JIT:" not in plan


def test_who_sees_the_person_sees_the_leaves_and_nobody_else(book: dict[str, Row]) -> None:
    for login in ("collector", "supervisor", "field_officer", "agency_collector", "administrator"):
        desk = desk_of_login(login)
        assert desk is not None
        with reading(desk.viewer), connections["default"].cursor() as cursor:
            for name in ("own", "other lender"):
                cursor.execute(QUESTIONS["how many"], [book[name].person])
                ((count,),) = cursor.fetchall()
                assert (count >= MANY) is (name in SEEN[login]), (login, name)


def test_the_page_and_the_api_show_such_a_case(book: dict[str, Row]) -> None:
    number = book["own"].number
    assert signed_in("collector").get(f"/cases/{number}").status_code == 200
    answer = client_of("L1", AT).get(f"cases/{number}/evidence?limit=200")
    assert (answer.status, len(answer.document["rows"])) == (200, 200)
