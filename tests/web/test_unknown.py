"""结果未定 on screens: who sees and settles it, what is asked for, what the case shows afterwards."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from web.book import AT, Book
from web.unknowns import a_call_nobody_reported, a_message_nobody_knows
from zhizhi.core.evidence.bundle_archive import read_archive
from zhizhi.store.models import Delivery, Leaf, Permit, Staff
from zhizhi.web.console.screens.unknown import CALL_IS_AT_WORK_FOR
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]
GROUND = "与渠道商后台核对，无此消息"
PDF = b"%PDF-1.7 bill"


@pytest.fixture
def unknown(book: Book) -> tuple[int, int]:
    """A message that may have left to a person whom nobody else touches."""
    return a_message_nobody_knows(book, "long", AT)


def address(unknown: tuple[int, int]) -> str:
    return f"/unknown/{unknown[0]}/{unknown[1]}"


def delivery(unknown: tuple[int, int]) -> Delivery:
    return Delivery.objects.using("gate").get(person_id=unknown[0], id=unknown[1])


def test_it_is_listed_masked_with_what_is_counted_and_only_to_those_who_rule_or_audit(
    book: Book, desk: Desk, unknown: tuple[int, int]
) -> None:
    page = desk("super").get("/unknown").content.decode()
    assert address(unknown) in page
    assert "阿卜杜" not in page.split("<tbody>")[1]
    assert "短信 1 次（可能）" in page
    assert "渠道未答复" in page
    assert address(unknown) in desk("auditor").get("/unknown").content.decode()
    for login in ("alice", "stranger"):
        assert desk(login).get("/unknown").status_code == 403
        assert desk(login).get(address(unknown)).status_code == 403


def test_what_is_known_stands_beside_the_form_in_both_languages(
    book: Book, desk: Desk, unknown: tuple[int, int]
) -> None:
    page = desk("super").get(address(unknown)).content.decode()
    assert "109****" in page
    assert f"1090000{unknown[0] % 10000:04d}" not in page
    assert "您的认定" in page
    Staff.objects.using("gate").filter(login="head").update(language="en")
    assert "Your finding" in desk("head").get(address(unknown)).content.decode()
    assert "您可查看，不能核定" in desk("auditor").get(address(unknown)).content.decode()
    assert desk("auditor").post(address(unknown), {"left": "no"}).status_code == 403
    assert delivery(unknown).state == "unknown"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"left": "no", "ground": "看过", "reference": "LOG-1"}, "请至少写 6 个字"),
        ({"left": "no", "ground": GROUND}, "请附证明"),
        ({"ground": GROUND, "reference": "LOG-1"}, "这个字段是必填项"),
        ({"left": "no", "ground": GROUND, "reference": "LOG-1", "outcome": "sent"}, "请选择触达结果"),
        ({"left": "no", "ground": "致电 13800001234 核实过", "reference": "LOG-1"}, "请改记入联系方式"),
    ],
)
def test_without_ground_and_proof_it_stays_and_what_was_typed_is_kept(
    book: Book, desk: Desk, unknown: tuple[int, int], typed: dict[str, str], said: str
) -> None:
    answer = desk("super").post(address(unknown), typed)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert typed["ground"] in answer.content.decode()
    assert delivery(unknown).state == "unknown"


def test_a_program_is_no_proof(book: Book, desk: Desk, unknown: tuple[int, int]) -> None:
    file = SimpleUploadedFile("bill.pdf", b"MZ\x90\x00")
    answer = desk("super").post(address(unknown), {"left": "no", "ground": GROUND, "file": file})
    assert answer.status_code == 400
    assert "且内容与后缀相符" in answer.content.decode()


def test_never_left_gives_the_permit_back_and_the_proof_can_be_fetched(
    book: Book, desk: Desk, unknown: tuple[int, int]
) -> None:
    leaves = Leaf.objects.using("gate").filter(source_id=unknown[1], kind="outcome").count()
    file = SimpleUploadedFile("王小伟的账单.PDF", PDF)
    said = {"left": "no", "ground": GROUND, "reference": "LOG-7788", "file": file}
    assert desk("super").post(address(unknown), said).status_code == 302
    settled = delivery(unknown)
    assert settled.state == "failed"
    assert Permit.objects.using("gate").get(person_id=unknown[0], id=settled.permit_id).state == "released"
    assert Leaf.objects.using("gate").filter(source_id=unknown[1], kind="outcome").count() == leaves + 1
    page = desk("auditor").get("/unknown?state=settled").content.decode()
    assert GROUND in page
    assert "LOG-7788" in page
    assert "王小伟" not in page
    of = f"{unknown[0]}.{unknown[1]}"
    said_of = {"of": of, "recipient": "周审计", "ground": "核对证明"}
    proof = desk("auditor").post("/exports/new/settlement_proof", said_of)
    assert dict(read_archive(proof.content))[f"settlement-{unknown[1]}.pdf"] == PDF
    assert proof.headers["Content-Disposition"].startswith(f'attachment; filename="settlement-{unknown[1]}-E')
    assert desk("alice").get(f"/exports/new/settlement_proof?of={of}").status_code == 403
    assert desk("super").get(address(unknown)).status_code == 404
    assert desk("super").post(address(unknown), said).status_code == 404
    Staff.objects.using("gate").filter(login="stranger").update(role="supervisor")
    try:
        assert GROUND not in desk("stranger").get("/unknown?state=settled").content.decode()
        assert desk("stranger").get(f"/exports/new/settlement_proof?of={of}").status_code == 404
    finally:
        Staff.objects.using("gate").filter(login="stranger").update(role="collector")


def test_was_sent_becomes_a_contact_of_the_case(book: Book, desk: Desk, unknown: tuple[int, int]) -> None:
    said = {"left": "yes", "outcome": "delivered", "ground": GROUND, "reference": "LOG-1"}
    assert desk("super").post(address(unknown), said).status_code == 302
    assert delivery(unknown).state == "delivered"
    page = desk("alice").get(f"/cases/{book.cases['long']}?tab=contact").content.decode()
    assert "短信 送达" in page


def test_a_call_is_left_to_its_collector_for_a_while(book: Book, desk: Desk) -> None:
    person, call = a_call_nobody_reported(book, "bobs", AT)
    assert f"/unknown/{person}/{call}" not in desk("super").get("/unknown").content.decode()
    clock.install(lambda: AT + CALL_IS_AT_WORK_FOR + timedelta(minutes=1))
    try:
        page = desk("super").get("/unknown").content.decode()
        assert f"/unknown/{person}/{call}" in page
        assert "拨打后未登记结果" in page
        assert "无人接听" in desk("super").get(f"/unknown/{person}/{call}").content.decode()
    finally:
        clock.install(lambda: AT)


def test_another_lenders_is_not_there(book: Book, desk: Desk, unknown: tuple[int, int]) -> None:
    Staff.objects.using("gate").filter(login="stranger").update(role="supervisor")
    try:
        assert desk("stranger").get(address(unknown)).status_code == 404
        assert address(unknown) not in desk("stranger").get("/unknown").content.decode()
    finally:
        Staff.objects.using("gate").filter(login="stranger").update(role="collector")


def test_the_case_says_that_an_outcome_is_unknown(book: Book, desk: Desk, unknown: tuple[int, int]) -> None:
    page = desk("super").get(f"/cases/{book.cases['long']}").content.decode()
    assert address(unknown) in page
    collectors = desk("alice").get(f"/cases/{book.cases['long']}").content.decode()
    assert "结果未定" in collectors
    assert address(unknown) not in collectors


class TestHealth:
    def test_it_shows_processes_queues_and_packs_to_those_who_rule_or_audit(self, book: Book, desk: Desk) -> None:
        page = desk("admin").get("/health").content.decode()
        for word in ("进程与时钟", "渠道商通知待处理", "生效的规则包", "自安装以来"):
            assert word in page
        assert desk("alice").get("/health").status_code == 403

    def test_counts_over_all_lenders_are_not_for_one_of_them(self, book: Book, desk: Desk) -> None:
        page = desk("super").get("/health").content.decode()
        assert "进程与时钟" in page
        assert "自安装以来" not in page
