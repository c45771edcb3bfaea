"""Which team works on a queue: asked for on a screen, approved by another, and then its leader sees the cases."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import DatabaseError

from gatework import rows
from signed import signed_in
from web.book import AT
from web.rights_book import SEEN, Row, rights_book
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.lenders.models import Queue, Staff
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.staff.queue_team import AskQueueTeam, ask_queue_team


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Row]]:
    with rights_book(tmp_path_factory.mktemp("state")) as made:
        yield made


def queue_of(code: str) -> Queue:
    return Queue.objects.using("gate").get(code=code)


def staff_of(login: str) -> int:
    return int(Staff.objects.using("gate").get(login=login).pk)


def worked(book: dict[str, Row]) -> set[str]:
    """The cases on the worklist of the leader of T1."""
    page = signed_in("team_leader").get("/cases").content.decode()
    return {name for name, row in book.items() if row.number in page}


def approve(asked: int, by: str) -> None:
    standing = load_standing(asked)
    assert standing is not None
    rule(Rule(asked, standing.digest, True, staff_of(by)), AT)


def waiting() -> int:
    ((asked,),) = rows("SELECT id FROM approval WHERE act = 'queue_team' AND state = 'waiting'")
    return int(asked)


def test_a_leader_sees_a_queue_when_two_people_gave_it_to_the_team_and_not_before(book: dict[str, Row]) -> None:
    queue, before = queue_of("Q2"), worked(book)
    assert "other queue" not in before
    administrator = signed_in("administrator")
    address = f"/staff/queues/{queue.pk}"
    assert "T2" in administrator.get("/staff/queues").content.decode()
    sent = administrator.post(address, {"team": "T1", "ground": "二组并入一组"})
    assert (sent.status_code, sent.headers["Location"]) == (302, "/staff/queues")
    assert "申请改为 T1，待批准" in administrator.get("/staff/queues").content.decode()
    assert worked(book) == before
    assert "T1" in signed_in("compliance").get(f"/approvals/requests/{waiting()}").content.decode()
    with pytest.raises(Refused, match="not_allowed"):
        approve(waiting(), "supervisor")
    approve(waiting(), "compliance")
    assert queue_of("Q2").team == "T1"
    assert worked(book) == before | {"other queue"}
    assert "team_leader" in administrator.get("/staff/queues").content.decode()


def test_what_is_wrong_is_said_on_the_form(book: dict[str, Row]) -> None:
    administrator, address = signed_in("administrator"), f"/staff/queues/{queue_of('Q1').pk}"
    same = administrator.post(address, {"team": "T1", "ground": "二组并入一组"})
    assert (same.status_code, "该队列现在就归此班组" in same.content.decode()) == (400, True)
    assert administrator.post(address, {"team": "nowhere", "ground": "二组并入一组"}).status_code == 400
    assert administrator.post(address, {"team": "", "ground": "短"}).status_code == 400
    with pytest.raises(Refused, match="no_team"):
        ask_queue_team(AskQueueTeam(queue_of("Q1").pk, "nowhere", "二组并入一组", staff_of("administrator")), AT)
    with pytest.raises(Refused, match="no_queue"):
        ask_queue_team(AskQueueTeam(0, "T1", "二组并入一组", staff_of("administrator")), AT)


def test_an_agencys_people_have_no_queues(book: dict[str, Row]) -> None:
    manager, queue = signed_in("agency_manager"), queue_of("Q1").pk
    assert f"/staff/queues/{queue}" not in manager.get("/staff/queues").content.decode()
    assert manager.get(f"/staff/queues/{queue}").status_code == 404
    with pytest.raises(Refused):
        ask_queue_team(AskQueueTeam(queue, "", "二组并入一组", staff_of("agency_manager")), AT)
    assert "/staff/queues" not in manager.get("/staff").content.decode()


def test_a_request_that_was_overtaken_is_not_carried_out(book: dict[str, Row]) -> None:
    queue, by = queue_of("Q1"), staff_of("administrator")
    first = ask_queue_team(AskQueueTeam(queue.pk, "", "一组解散", by), AT)
    second = ask_queue_team(AskQueueTeam(queue.pk, "T2", "二组接手", by), AT)
    approve(first, "head")
    assert worked(book) == (SEEN["team_leader"] | {"other queue"}) - {"own queue, nobody's"}
    with pytest.raises(Refused, match="other_since"):
        approve(second, "compliance")


def test_the_database_takes_no_team_that_nobody_agreed_on(book: dict[str, Row], store: str) -> None:
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
        with pytest.raises(psycopg.errors.RestrictViolation, match="two people"):
            gate.execute("UPDATE queue SET team = 'T9' WHERE code = 'Q1'")
        gate.execute("UPDATE queue SET name = 'Q1' WHERE code = 'Q1'")
    with pytest.raises(DatabaseError):
        Queue.objects.using("gate").filter(code="Q2").update(team="T9")
