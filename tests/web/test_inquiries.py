"""Reconciliation on screens: what was found, who may say what it was, and that two have to."""

from collections.abc import Callable

import pytest
from django.test import Client

from web.book import Book
from web.reconciled import reconcile
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.models import BreachInquiry, Leaf, ReconciliationRun

Desk = Callable[[str], Client]


@pytest.fixture(scope="module")
def number(store: str, book: Book, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three days of a carrier, worked; the number that they hold."""
    return reconcile(store, book, tmp_path_factory.mktemp("records"))


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def inquiry(kind: str, **more: object) -> BreachInquiry:
    return BreachInquiry.objects.using("gate").get(kind=kind, **more)


def test_the_list_tells_what_matched_what_was_late_and_what_could_not_be_read(
    book: Book, desk: Desk, number: str
) -> None:
    page = shown(desk("head"), "/reconciliation")
    assert "文件迟到" in page
    assert "文件无法读取" in page
    assert "上海线路话单" in page
    assert "Reconciliation" not in page


def test_a_run_shows_figures_that_add_up_findings_by_kind_and_rejected_rows(
    book: Book, desk: Desk, number: str
) -> None:
    run = ReconciliationRun.objects.using("gate").get(state="matched")
    client = desk("head")
    page = shown(client, f"/reconciliation/{run.pk}")
    for word in ("结果不符", "有记录，无许可", "号码不属于任何客户", "有许可，无记录", "不是时刻"):
        assert word in page
    assert "结果不符" not in shown(client, f"/reconciliation/{run.pk}?kind=unknown_number").split("答复期限")[1]
    said = {"of": str(run.pk), "recipient": "孙负责人", "ground": "补正后重新核对"}
    taken = client.post("/exports/new/rejected_records", said)
    assert "昨天下午" in taken.content.decode("utf-8-sig")
    assert number not in page


def test_both_sides_stand_beside_each_other_with_a_masked_number(book: Book, desk: Desk, number: str) -> None:
    one = inquiry("outcome_differs")
    page = shown(desk("head"), f"/inquiries/{one.pk}")
    assert "10:00" in page
    assert f"{number[:3]}****{number[-4:]}" in page
    assert number not in page
    assert "/decisions/" in page
    assert "differs" in page


def test_an_explanation_needs_a_second_person_and_leaves_a_leaf(book: Book, desk: Desk, number: str) -> None:
    one = inquiry("record_without_permit")
    address = f"/inquiries/{one.pk}"
    said = {"act": "answer", "answer-ground": "technical", "answer-proof": "运营商来函说明该行系重复计费"}
    assert desk("super").post(address, said).status_code == 302
    own = shown(desk("super"), address)
    assert "须由另一人确认" in own
    accept = {"act": "rule", "rule-ruling": "accept"}
    desk("super").post(address, accept)
    assert inquiry("record_without_permit").state == "answered"
    assert desk("head").post(address, accept).status_code == 302
    ended = inquiry("record_without_permit")
    assert (ended.state, ended.ended_by) == ("explained", book.staff["head"])
    assert Leaf.objects.using("gate").filter(kind=LeafKind.INQUIRY.value, subject=one.subject).count() == 2
    page = shown(desk("auditor"), address)
    assert "运营商来函说明该行系重复计费" in page
    assert "确认说明，结案" in page
    assert '<form method="post"><' not in page


def test_an_explanation_is_sent_back_with_a_word_why(book: Book, desk: Desk, number: str) -> None:
    one = inquiry("permit_without_record")
    address = f"/inquiries/{one.pk}"
    desk("super").post(address, {"act": "answer", "answer-ground": "other", "answer-proof": "看过录音，确有通话"})
    refused = desk("head").post(address, {"act": "rule", "rule-ruling": "send_back", "rule-text": ""})
    assert refused.status_code == 400
    assert "请至少写 6 个字" in refused.content.decode()
    desk("head").post(address, {"act": "rule", "rule-ruling": "send_back", "rule-text": "请附录音编号与时间"})
    assert inquiry("permit_without_record").state == "open"


def test_a_breach_names_its_article_and_ends_the_inquiry(book: Book, desk: Desk, number: str) -> None:
    one = inquiry("unknown_number")
    address = f"/inquiries/{one.pk}"
    said = {"act": "breach", "breach-consequence": "warned", "breach-text": "坐席用工作线路拨打私人号码"}
    missing = desk("head").post(address, {**said, "breach-article": ""})
    assert missing.status_code == 400
    assert inquiry("unknown_number").state == "open"
    assert desk("head").post(address, {**said, "breach-article": "GB/T 45251-2025 5.3"}).status_code == 302
    assert inquiry("unknown_number").state == "breach"
    page = shown(desk("head"), address)
    assert "GB/T 45251-2025 5.3" in page
    assert "警告" in page


def test_words_that_hold_a_number_are_refused(book: Book, desk: Desk, number: str) -> None:
    one = inquiry("rows_unreadable")
    said = {"act": "answer", "answer-ground": "other", "answer-proof": f"他拨打了 {number} 三次"}
    refused = desk("super").post(f"/inquiries/{one.pk}", said)
    assert refused.status_code == 400
    assert "像是有：" in refused.content.decode()


def test_an_empty_list_says_so(book: Book, desk: Desk, number: str) -> None:
    assert "没有等待的核查" in shown(desk("head"), "/inquiries?source=nobody")


@pytest.mark.parametrize("address", ["/reconciliation", "/inquiries"])
def test_a_collector_sees_none_and_an_auditor_all(book: Book, desk: Desk, number: str, address: str) -> None:
    assert desk("alice").get(address).status_code == 403
    assert "上海线路话单" in shown(desk("auditor"), address)


def test_another_lenders_run_is_not_there(book: Book, desk: Desk, number: str) -> None:
    run = ReconciliationRun.objects.using("gate").get(state="late")
    ReconciliationRun.objects.using("gate").filter(pk=run.pk).update(lender_id=book.other_lender)
    assert desk("head").get(f"/reconciliation/{run.pk}").status_code == 404
    assert desk("group").get(f"/reconciliation/{run.pk}").status_code == 200


def test_an_auditor_takes_no_rows_and_works_no_inquiry(book: Book, desk: Desk, number: str) -> None:
    run = ReconciliationRun.objects.using("gate").get(state="matched")
    assert desk("auditor").get(f"/exports/new/rejected_records?of={run.pk}").status_code == 404
    one = inquiry("file_late")
    desk("auditor").post(
        f"/inquiries/{one.pk}", {"act": "answer", "answer-ground": "other", "answer-proof": "无需核查的"}
    )
    assert inquiry("file_late").state == "open"


def test_the_pages_speak_english_too(book: Book, desk: Desk, number: str) -> None:
    client = desk("head")
    client.post("/language", {"language": "en", "next": "/"})
    page = shown(client, f"/inquiries/{inquiry('file_unreadable').pk}")
    assert "the file cannot be read" in page
    assert "Confirm the breach" in page
    client.post("/language", {"language": "zh", "next": "/"})
