"""The pages of campaigns: who may make, start, stop and throttle one, and what they show."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gatework import rows
from web.book import AT, Book
from zhizhi.store.models import Campaign
from zhizhi.usecases.campaigns.running import work_campaigns

Desk = Callable[[str], Client]


def sent(book: Book, **more: object) -> dict[str, object]:
    """What the form of a new campaign sends."""
    return {
        "name": "晨间提醒", "template": f"{book.lender}/plan-sms", "purpose": "collect", "from_on": "2026-03-03",
        "until_on": "2026-03-04", "opens": "09:00", "closes": "18:00", **more,
    }  # fmt: skip


def made(book: Book, client: Client, **more: object) -> str:
    """The address of a new campaign."""
    answer = client.post("/campaigns", sent(book, **more))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_head_makes_starts_pauses_resumes_throttles_and_cancels_one(book: Book, desk: Desk) -> None:
    head = desk("head")
    address = made(book, head)
    assert "草稿" in text(head, address)
    for what, said in (("started", "进行中"), ("paused", "已暂停"), ("resumed", "进行中")):
        assert head.post(address, {"do": what}).status_code == 302
        assert said in text(head, address)
    work_campaigns(AT)
    shown = text(head, address)
    assert "已判定 3 / 3 人" in shown
    assert "因何未发" in shown or rows("SELECT count(*) FROM campaign_target WHERE state = 'permit'") == [(3,)]
    assert head.post(address, {"do": "throttle", "per_second": "7"}).status_code == 302
    assert head.post(address, {"do": "pace", "per_second": "50"}).status_code == 302
    shown = text(head, address)
    assert 'value="7"' in shown
    assert 'value="50"' in shown
    assert "改限速 · 7 条/秒" in shown
    assert head.post(address, {"do": "throttle", "per_second": "0"}).status_code == 400
    assert head.post(address, {"do": "pace", "per_second": ""}).status_code == 302
    assert head.post(address, {"do": "cancelled"}).status_code == 302
    again = head.post(address, {"do": "resumed"})
    assert again.status_code == 400
    assert "状态已改变" in again.content.decode()
    assert 'name="do"' not in text(head, address)
    assert "晨间提醒" in text(head, "/campaigns")


def test_while_it_moves_the_page_asks_for_its_figures_alone(book: Book, desk: Desk) -> None:
    head = desk("head")
    address = made(book, head)
    head.post(address, {"do": "started"})
    assert 'hx-trigger="every 3s"' in text(head, address)
    part = head.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="progress"')
    head.post(address, {"do": "paused"})
    assert "hx-trigger" not in text(head, address)
    head.post(address, {"do": "cancelled"})


def test_a_cancelled_one_says_what_was_pulled_back_what_had_left_and_what_is_unknown(book: Book, desk: Desk) -> None:
    head = desk("head")
    address = made(book, head)
    head.post(address, {"do": "started"})
    work_campaigns(AT)
    head.post(address, {"do": "cancelled"})
    (waiting,) = rows("SELECT count(*) FROM delivery WHERE state = 'waiting' AND campaign_id = %s",
                      int(address.rpartition("/")[2]))[0]  # fmt: skip
    assert waiting
    shown = text(head, address)
    assert f"正在撤回，尚余 {waiting} 条" in shown
    assert "hx-trigger" in shown
    work_campaigns(AT)
    shown = text(head, address)
    assert f"{waiting} 条未发出，已撤回，许可已归还 · 0 条此前已送出 · 0 条结果未定" in shown
    assert "正在撤回" not in shown
    assert "hx-trigger" not in shown


def test_a_list_is_taken_line_by_line_and_says_what_it_left_out(book: Book, desk: Desk) -> None:
    head = desk("head")
    brought = SimpleUploadedFile("list.csv", f"{book.cases['wang']},x\nX-1\n{book.cases['other']}\n".encode())
    shown = text(head, made(book, head, listed=brought))
    assert "上传的名单，3 行 · 1 人" in shown
    assert "第 2 行" in shown
    assert shown.count("查无此案件号或账号") == 2  # another lender's case is unknown here


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"closes": "08:00"}, "已过或为空"),
        ({"until_on": "2026-03-01", "from_on": "2026-03-01"}, "已过或为空"),
        ({"per_second": "0"}, "大于或等于1"),
        ({"listed": SimpleUploadedFile("l.csv", b"\xff\xfe\x00")}, "UTF-8"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_made(book: Book, desk: Desk, wrong: dict[str, object], said: str) -> None:
    before = Campaign.objects.using("gate").count()
    answer = desk("head").post("/campaigns", sent(book, **wrong))
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert Campaign.objects.using("gate").count() == before


def test_who_may_look_may_not_always_touch(book: Book, desk: Desk) -> None:
    head, auditor = desk("head"), desk("auditor")
    address = made(book, head)
    assert "晨间提醒" in text(auditor, address)
    assert 'name="do"' not in text(auditor, address)
    assert auditor.post(address, {"do": "started"}).status_code == 403
    assert "新建群发" not in text(auditor, "/campaigns")
    assert desk("alice").get(address).status_code == 403
    assert head.post(address, {"do": "finished"}).status_code == 404
    assert head.get("/campaigns/999999").status_code == 404


def test_another_lenders_wording_and_campaign_are_not_there(book: Book, desk: Desk) -> None:
    assert desk("head").post("/campaigns", sent(book, template=f"{book.other_lender}/plan-sms")).status_code == 400
    theirs = made(book, desk("group"), template=f"{book.other_lender}/plan-sms")
    assert desk("head").get(theirs).status_code == 404
    assert "乙银行" in text(desk("group"), theirs)


def test_it_can_be_read_in_english(book: Book, desk: Desk) -> None:
    rows("UPDATE staff SET language = 'en' WHERE login = 'super' RETURNING id")
    client = desk("super")
    shown = text(client, made(book, client))
    assert "draft" in shown
    assert "open cases by a filter" in shown
    rows("UPDATE staff SET language = 'zh' WHERE login = 'super' RETURNING id")
