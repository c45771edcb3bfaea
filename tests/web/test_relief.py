"""协商减免 on screens: tried side by side, proposed, approved by another, told, accepted; the lender's page of it."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from web.book import Book
from zhizhi.store.debts.models import Debt
from zhizhi.store.reliefs.models import Relief
from zhizhi.store.reliefs.words import STATES
from zhizhi.web.shared import vocabulary

Desk = Callable[[str], Client]


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def step(client: Client, address: str, **said: object) -> int:
    return client.post(address, said).status_code


def relief_of(book: Book, who: str) -> Relief:
    found: Relief | None = Relief.objects.using("gate").filter(person_id=book.persons[who]).order_by("-id").first()
    assert found is not None
    return found


def choose(page: str, code: str) -> dict[str, str]:
    debt = re.search(r'name="debt" value="(\d+)"', page)
    assert debt is not None
    assert f'value="{code}"' in page
    return {"step": "propose", "debt": debt[1], "choice": code, "ground": "收入下降，愿意分期"}


def test_an_offer_goes_from_trial_to_agreement_on_the_case(book: Book, desk: Desk) -> None:
    alice, address = desk("alice"), f"/cases/{book.cases['wang']}/relief"
    page = body(alice, address)
    assert "停息，欠款分期还清" in page
    assert "本人可批" in page
    assert step(alice, address, **choose(page, "interest_stop.3")) == 302
    relief = relief_of(book, "wang")
    assert relief.state == "approved"
    assert step(alice, address, step="give", relief=relief.id, how="smoke") == 400
    assert step(alice, address, step="give", relief=relief.id, how="call") == 302
    assert "客户同意，方案生效并停催" in body(alice, address)
    assert step(alice, address, step="accept", relief=relief.id) == 302
    page = body(alice, address)
    assert "履行中" in page
    assert "减免试算 ·" not in page, "one agreement a debt"
    assert "协商方案履行中" in body(alice, f"/cases/{book.cases['wang']}")
    assert step(alice, address, step="withdraw", relief=relief.id) == 400
    listed = body(desk("head"), "/reliefs")
    assert book.cases["wang"] in listed
    assert "同案同策" in listed


def test_what_goes_beyond_the_own_authority_waits_for_another(book: Book, desk: Desk) -> None:
    bob, address = desk("bob"), f"/cases/{book.cases['bobs']}/relief"
    Debt.objects.using("gate").filter(person_id=book.persons["bobs"]).update(
        penalty_interest_minor=4_000, balance_minor=56_000
    )
    page = body(bob, address)
    assert "须审批" in page
    assert step(bob, address, **choose(page, "instalments_short.12")) == 302
    assert "等待第二人审批" in body(bob, address)
    relief = relief_of(book, "bobs")
    assert step(bob, address, step="give", relief=relief.id, how="call") == 400
    assert "协商减免" in body(desk("head"), "/approvals")
    assert step(bob, address, step="withdraw", relief=relief.id) == 302
    assert relief_of(book, "bobs").state == "withdrawn"


def test_nonsense_is_told_and_changes_nothing(book: Book, desk: Desk) -> None:
    bob, address = desk("bob"), f"/cases/{book.cases['bobs']}/relief"
    before = Relief.objects.using("gate").count()
    for said in (
        {},
        {"step": "propose"},
        {"step": "propose", "debt": "9" * 40, "choice": "lump_m4.1", "ground": "收入下降"},
        {"step": "accept", "relief": "x"},
        {"step": "withdraw", "relief": "1"},
        {"step": "pay", "relief": "1"},
    ):
        answer = bob.post(address, said)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()
    assert Relief.objects.using("gate").count() == before


@pytest.mark.parametrize("who", ["auditor", "head"])
def test_who_only_looks_is_offered_nothing(book: Book, desk: Desk, who: str) -> None:
    address = f"/cases/{book.cases['bobs']}/relief"
    assert "提出方案" not in body(desk(who), address)
    assert step(desk(who), address, step="propose") == 403


def test_the_head_sets_the_pool(book: Book, desk: Desk) -> None:
    head = desk("head")
    assert step(head, "/reliefs", month="2026-03-01", limit="10000") == 302
    assert "10,000.00" in body(head, "/reliefs")
    assert step(head, "/reliefs", month="2026-03-01", limit="-1") == 400
    assert step(head, "/reliefs", month="2026-02-01", limit="1") == 400
    assert desk("super").post("/reliefs", {"month": "2026-03-01", "limit": "5"}).status_code == 403


def test_every_state_has_its_words() -> None:
    assert all(vocabulary.word("relief", state).zh != state for state in STATES)
