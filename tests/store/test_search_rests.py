"""The indexes of a search are left out of a first book only, and come back however its import ends."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connections

from zhizhi.store.imports.rows import claim_waiting
from zhizhi.store.imports.search_rests import search_rests, wake_search

INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"
SEARCH = {
    "person_customer_key",
    "person_name_key",
    "person_id_number_key",
    "person_last_four_key",
    "point_value_key",
    "point_last_four_key",
}
PERSON = """INSERT INTO person (id, lender_id, subject, identity_key, customer_key, name_key, sealed, masked, state,
time_zones, version, created_at)
VALUES (1, 1, gen_random_uuid(), gen_random_uuid(), 1, 1, '', '', 'normal', '[]', 0, %s)"""


@pytest.fixture(autouse=True)
def empty(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("TRUNCATE person CASCADE")
        owner.execute(
            "INSERT INTO lender (id, code, name, profile, signature, recorder, is_synthetic)"
            " VALUES (1, 'T1', 'T1', 'cn.bank.card', '', 'unavailable', true) ON CONFLICT DO NOTHING"
        )
        assert owner.execute("SELECT zhizhi_wake_search()").fetchone() == (True,)


def indexes() -> dict[str, str]:
    with connections["gate"].cursor() as cursor:
        cursor.execute(INDEXES)
        return dict(cursor.fetchall())


def add_person() -> None:
    with connections["gate"].cursor() as cursor:
        cursor.execute(PERSON, [datetime(2026, 3, 2, tzinfo=UTC)])


def test_a_first_book_is_written_without_them_and_they_come_back_as_they_were() -> None:
    before = indexes()
    with search_rests():
        assert set(before) - set(indexes()) == SEARCH
        add_person()
    assert indexes() == before


def test_they_come_back_when_the_import_fails() -> None:
    before = indexes()
    with pytest.raises(RuntimeError, match="damaged"), search_rests():
        raise RuntimeError("damaged")
    assert indexes() == before


def test_a_house_that_has_somebody_keeps_them() -> None:
    add_person()
    before = indexes()
    with search_rests():
        assert indexes() == before


def test_who_looks_for_uploads_makes_what_a_killed_import_left_out_but_not_what_a_running_one_does(store: str) -> None:
    before = indexes()
    with psycopg.connect(store, autocommit=True) as owner:
        running = psycopg.connect(store, autocommit=True)
        assert running.execute("SELECT zhizhi_rest_search()").fetchone() == (True,)
        assert not wake_search()
        with search_rests():  # a second import beside the first leaves nothing out of its own and makes nothing
            assert set(before) - set(indexes()) == SEARCH
        assert set(before) - set(indexes()) == SEARCH
        killed = owner.execute("SELECT pg_terminate_backend(%s, 10000)", [running.info.backend_pid])
        assert killed.fetchone() == (True,)
        running.close()
    with claim_waiting() as claimed:
        assert claimed is None
    assert indexes() == before
