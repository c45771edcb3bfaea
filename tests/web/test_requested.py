"""A request that takes two persons on its page: what changes, who may rule, and who may not."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from web.book import AT, Book
from zhizhi.store.models import Approval
from zhizhi.usecases.approvals.asking import Ask, ask
from zhizhi.usecases.approvals.house_pack import HOUSE_PACK

Desk = Callable[[str], Client]
PACK = {"pack": "house.l1", "version": "3", "sha256": "ab" * 32}


def asked(book: Book, by: str = "head", **changes: Any) -> int:
    request = {"lender": "L1", "before": None, "after": PACK | changes}
    return ask(HOUSE_PACK, Ask(request, "投诉减少，收紧频次", book.staff[by], book.lender), AT - timedelta(hours=1))


def state(approval: int) -> str:
    return str(Approval.objects.using("gate").get(pk=approval).state)


def digest_on(page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert found is not None, "no form to rule with"
    return found[1]


def test_what_waits_is_listed_with_who_asked_why_and_what_changes(book: Book, desk: Desk) -> None:
    approval = asked(book, version="list")
    page = desk("group").get("/approvals").content.decode()
    for words in (f"/approvals/requests/{approval}", "孙负责人", "投诉减少，收紧频次", "house.l1 list", "无 → "):
        assert words in page
    assert desk("alice").get("/approvals").status_code == 403


def test_another_person_approves_what_the_page_showed(book: Book, desk: Desk) -> None:
    approval = asked(book, version="yes")
    where = f"/approvals/requests/{approval}"
    second = desk("group")
    digest = digest_on(second.get(where).content.decode())
    wrong = second.post(where, {"ruling": "approve", "digest": "0" * 64})
    assert (wrong.status_code, state(approval)) == (400, "waiting")
    assert second.post(where, {"ruling": "approve", "digest": digest}).status_code == 302
    assert state(approval) == "approved"
    page = second.get(where).content.decode()
    assert "已批准，待申请人办理" in page
    assert 'name="ruling"' not in page


def test_who_asked_sees_no_way_to_approve_and_may_take_it_back(book: Book, desk: Desk) -> None:
    approval = asked(book, version="own")
    where, own = f"/approvals/requests/{approval}", desk("head")
    page = own.get(where).content.decode()
    assert "须由另一人审批" in page
    assert 'value="approve"' not in page
    digest = Approval.objects.using("gate").get(pk=approval).digest
    forced = own.post(where, {"ruling": "approve", "digest": digest})
    assert (forced.status_code, state(approval)) == (400, "waiting")
    assert own.post(where, {"ruling": "withdraw"}).status_code == 302
    assert state(approval) == "withdrawn"


def test_a_refusal_says_why_and_markup_in_a_ground_stays_text(book: Book, desk: Desk) -> None:
    approval = asked(book, version="<b>no</b>")
    where, second = f"/approvals/requests/{approval}", desk("group")
    page = second.get(where).content.decode()
    assert "<b>no</b>" not in page
    assert second.post(where, {"ruling": "refuse", "digest": digest_on(page), "remark": ""}).status_code == 400
    assert second.post(where, {"ruling": "refuse", "digest": digest_on(page), "remark": "证明未附"}).status_code == 302
    assert "证明未附" in second.get(where).content.decode()
    assert state(approval) == "refused"


@pytest.mark.parametrize("login", ["auditor", "super"])
def test_who_has_no_second_word_reads_and_changes_nothing(book: Book, desk: Desk, login: str) -> None:
    approval = asked(book, version=login)
    where, reader = f"/approvals/requests/{approval}", desk(login)
    page = reader.get(where)
    assert page.status_code == 200
    assert 'name="ruling"' not in page.content.decode()
    digest = Approval.objects.using("gate").get(pk=approval).digest
    for ruling in ("approve", "refuse", "withdraw"):
        answered = reader.post(where, {"ruling": ruling, "digest": digest, "remark": "不同意"})
        assert answered.status_code == 400  # both ask for other acts, and might take an own request back
    assert state(approval) == "waiting"


def test_a_request_of_another_lender_does_not_exist(book: Book, desk: Desk) -> None:
    request = {"lender": "L2", "before": None, "after": PACK | {"version": "elsewhere"}}
    elsewhere = ask(HOUSE_PACK, Ask(request, "另一家机构的事", book.staff["group"], book.other_lender), AT)
    assert desk("group").get(f"/approvals/requests/{elsewhere}").status_code == 200
    for login in ("head", "auditor", "super"):
        assert desk(login).get(f"/approvals/requests/{elsewhere}").status_code == 404
        assert "elsewhere" not in desk(login).get("/approvals").content.decode()
