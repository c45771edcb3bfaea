"""通知回放: what administrators and auditors see of it, replays from the page, and pages among a hundred thousand."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import pytest
from django.test import Client

from apiwork import client_of
from gatework import rows
from web.book import AT, Book
from zhizhi.store.lenders.reads import desk_of_login
from zhizhi.store.select import select
from zhizhi.store.viewer import reading
from zhizhi.store.webhooks import reads
from zhizhi.store.webhooks.reads import PAGE, DeliveryFilter, load_deliveries

Desk = Callable[[str], Client]
MANY = 100_000
_ROWS = """
INSERT INTO webhook_delivery (endpoint_id, message_id, position, type, happened_at, body, state, tries, created_at,
    ended_at)
SELECT %s, gen_random_uuid(), n, CASE WHEN n %% 2 = 0 THEN 'stop.opened' ELSE 'note.recorded' END, %s, %s,
    CASE WHEN n %% 1000 = 0 THEN 'failed' ELSE 'delivered' END, 1, %s + n * interval '1 second', %s
FROM generate_series(1, %s) n RETURNING 1
"""
BODY = '{"type":"stop.opened","timestamp":"T","data":{"case":"C-1","stop":"7","href":"/api/v1/cases/C-1/stops"}}'


@pytest.fixture(scope="module")
def endpoint(book: Book, store: str) -> int:
    system = client_of("L1", AT, name="crm")
    made = int(system.post("webhooks", {"url": "https://crm.example.org/hooks"}).document["webhook"])
    rows(_ROWS, made, AT, BODY, AT, AT, MANY)
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("ANALYZE webhook_delivery")
    return made


def walked(asked: DeliveryFilter, after: int | None, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """The last row of a page, and of how many blocks the database had to read it."""
    desk = desk_of_login("admin")
    assert desk is not None
    blocks = 0

    def counted(statement: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        nonlocal blocks
        ((plan,),) = select("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement, values)
        top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        blocks += top["Shared Hit Blocks"] + top["Shared Read Blocks"]
        return list(select(statement, values))

    with monkeypatch.context() as patch, reading(desk.viewer):
        patch.setattr(reads, "select", counted)
        found = load_deliveries(asked, after)
    assert len(found) == PAGE + 1
    return found[PAGE - 1].id, blocks


@pytest.mark.parametrize("asked", [DeliveryFilter(), DeliveryFilter(state="delivered")], ids=["all", "delivered"])
def test_a_page_far_behind_costs_what_the_first_costs(
    endpoint: int, asked: DeliveryFilter, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowest = rows("SELECT min(id) FROM webhook_delivery")[0][0]
    first, last = (walked(asked, after, monkeypatch)[1] for after in (None, lowest + 200))
    assert 0 < last < 2 * first + 100, (first, last)


def test_every_row_stands_on_exactly_one_page(endpoint: int) -> None:
    asked = DeliveryFilter(endpoint_id=endpoint, state="failed")
    seen: list[int] = []
    after: int | None = None
    desk = desk_of_login("admin")
    assert desk is not None
    while True:
        with reading(desk.viewer):
            found = load_deliveries(asked, after)
        seen += [row.id for row in found[:PAGE]]
        if len(found) <= PAGE:
            break
        after = found[PAGE - 1].id
    assert len(seen) == len(set(seen)) == MANY // 1000


def test_an_administrator_sees_messages_and_no_case(book: Book, desk: Desk, endpoint: int) -> None:
    page = desk("admin").get(f"/webhooks?endpoint={endpoint}&state=failed").content.decode()
    (number, *_) = re.findall(r'href="/webhooks/(\d+)"', page)
    shown = desk("admin").get(f"/webhooks/{number}").content.decode()
    assert "C-1" not in shown
    assert "&quot;***&quot;" in shown
    assert "C-1" in desk("auditor").get(f"/webhooks/{number}").content.decode(), "who reads every case reads this"


def test_who_may_not_see_or_replay_is_refused(book: Book, desk: Desk, endpoint: int) -> None:
    one = rows("SELECT max(id) FROM webhook_delivery")[0][0]
    for login in ("alice", "super", "head", "group"):
        assert desk(login).get("/webhooks").status_code == 403, login
        assert desk(login).post(f"/webhooks/{one}").status_code == 403, login
    assert desk("auditor").get(f"/webhooks/{one}").status_code == 200
    assert desk("auditor").post(f"/webhooks/{one}").status_code == 403
    assert desk("auditor").post("/webhooks", {"endpoint": endpoint}).status_code == 403
    assert desk("admin").get("/webhooks/999999999999").status_code == 404


def test_one_and_a_range_are_replayed_and_leave_evidence(book: Book, desk: Desk, endpoint: int) -> None:
    before = rows("SELECT count(*) FROM leaf WHERE kind = 'setting'")[0][0]
    one = rows("SELECT max(id) FROM webhook_delivery WHERE state = 'delivered'")[0][0]
    assert desk("admin").post(f"/webhooks/{one}").status_code == 302
    assert rows("SELECT state FROM webhook_delivery WHERE id = %s", one) == [("waiting",)]
    days = {"endpoint": endpoint, "first": "2026-03-03", "last": "2026-03-03"}
    failed = rows("SELECT count(*) FROM webhook_delivery WHERE state = 'failed' AND created_at < '2026-03-04 00:00+08'")
    answer = desk("admin").post("/webhooks", days)
    assert answer.headers["Location"].endswith(f"replayed={failed[0][0]}")
    left = rows("SELECT count(*) FROM webhook_delivery WHERE state = 'failed' AND created_at < '2026-03-04 00:00+08'")
    assert left == [(0,)]
    assert rows("SELECT count(*) FROM leaf WHERE kind = 'setting'")[0][0] == before + 2


def test_a_page_that_is_asked_for_wrongly_says_so(book: Book, desk: Desk, endpoint: int) -> None:
    admin = desk("admin")
    for wrong in ("endpoint=999", "state=x", "type=x", "first=x"):
        assert admin.get(f"/webhooks?{wrong}").status_code == 400, wrong
    for harmless in ("after=x", "after=99999999999999999999", "replayed=<b>"):
        answer = admin.get(f"/webhooks?{harmless}")
        assert answer.status_code == 200
        assert b"<b>" not in answer.content


def test_an_endpoint_that_is_off_is_told_on_the_page_and_replays_nothing(book: Book, desk: Desk, endpoint: int) -> None:
    rows("UPDATE webhook_endpoint SET off_at = %s, off_because = 'gone' WHERE id = %s RETURNING 1", AT, endpoint)
    one = rows("SELECT min(id) FROM webhook_delivery WHERE state = 'delivered'")[0][0]
    admin = desk("admin")
    assert "已停用".encode() in admin.get("/webhooks").content
    answer = admin.post(f"/webhooks/{one}")
    assert answer.status_code == 409
    assert "该地址已停用".encode() in answer.content
    assert admin.post("/webhooks", {"endpoint": endpoint}).status_code == 400
    rows("UPDATE webhook_endpoint SET off_at = NULL, off_because = NULL WHERE id = %s RETURNING 1", endpoint)
