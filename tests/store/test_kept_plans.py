"""A connection that keeps its plans is told so once, and again when it was made anew."""

import pytest
from django.db import connections

from gatework import rows
from zhizhi.store.kept_plans import keep_plans
from zhizhi.store.many import Question, ask

pytestmark = pytest.mark.usefixtures("store")
BY_KEY = "SELECT state FROM permit WHERE person_id = %s AND id = %s"


def kept() -> list[str]:
    return [rows(f"SHOW {name}")[0][0] for name in ("plan_cache_mode", "enable_seqscan")]


def test_a_connection_made_anew_is_told_again() -> None:
    for _ in range(2):
        connections["gate"].close()
        assert kept() == ["auto", "on"]
        for _ in range(2):
            keep_plans()
            assert kept() == ["force_generic_plan", "off"]


def test_a_plan_made_on_an_empty_table_is_by_index() -> None:
    connections["gate"].close()
    keep_plans()
    assert rows("SELECT count(*) FROM permit") == [(0,)]
    assert ask(Question(BY_KEY, [1, 1], list)) == []
    (name,) = rows("SELECT name FROM pg_prepared_statements WHERE statement LIKE '%%FROM permit WHERE person_id%%'")[0]
    plan = rows(f'EXPLAIN EXECUTE "{name}" (1::smallint, 1::smallint)')
    assert "Index Scan" in plan[0][0]
    connections["gate"].close()


@pytest.mark.parametrize("login", ["gate", "default"])
def test_no_question_of_the_product_is_compiled(store: str, login: str) -> None:
    """A plan of twenty tables looks dear enough for it, and a group of proposals then waited 100 ms at each reading."""
    with connections[login].cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
