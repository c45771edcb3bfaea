"""佣金 on its pages: a card from form to approval, a month from the clerk to both signatures, and the files of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from gatework import rows
from placework import make_agency
from signed import signed_in
from web.book import AT, Book, password_hash
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.ids import ids
from zhizhi.store.models import Agency, Case, Staff
from zhizhi.store.placements.choosing import Criteria
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.placements.propose import ProposeBatch, propose_batch
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]
APRIL = AT + timedelta(days=40)
RATES = "1 0 0 0 10\n1 0 0 5000 15.5%\n1，31，0，0，20"


@pytest.fixture(scope="module")
def agency(book: Book) -> Agency:
    """An agency that has a case on which money came, with its manager; a settlement clerk."""
    made = make_agency("甲")
    for login, role, of in (("manager", "agency_manager", {"agency": made}),
                            ("clerk", "settlement_clerk", {"lender_id": book.lender})):  # fmt: skip
        row = Staff.objects.using("gate").create(
            login=login, name=f"{login}人员", role=role, is_synthetic=True,
            password=password_hash(), **of,
        )  # fmt: skip
        book.staff[login] = row.pk
    new = ProposeBatch(book.lender, Criteria(40, 50), (made.pk,), 1, 30, "季度委案", book.staff["super"])
    approve(book, propose_batch(new, AT))
    case = Case.objects.using("gate").get(number=book.cases["wang"])
    debt = rows("SELECT id FROM debt WHERE person_id = %s", case.person_id)[0][0]
    record_payment(RecordPayment(case.person_id, debt, 10_000, AT.date(), f"R{ids.take()}", "test", None), AT)
    return made


def approve(book: Book, approval_id: int) -> None:
    standing = load_standing(approval_id)
    assert standing is not None
    rule(Rule(approval_id, standing.digest, True, book.staff["head"]), AT)


def card(book: Book, agency: Agency, **changes: object) -> dict[str, object]:
    said = {"lender": book.lender, "agency": agency.pk, "month": "2026-03-01", "tail_days": 7, "base": "50"}
    return {**said, "breach": "", "tiers": RATES, "ground": "年度费率", **changes}


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ("1 0 0 0", "第 1 行须为 5 个数"),
        ("1 0 0 0 10\n甲 0 0 0 10", "第 2 行须为 5 个数"),
        ("1 0 0 0 10.001", "第 1 行须为 5 个数"),
        ("1 0 0 0 NaN", "第 1 行须为 5 个数"),
        ("1 0 0 -5 10", "第 1 行须为 5 个数"),
        ("1.5 0 0 0 10", "须为整数"),
        ("1 0 100 0 10", "缺少余额 0 元起的费率"),
        ("1 0 0 0 101", "0 至 100%"),
    ],
)
def test_a_card_that_leaves_something_open_is_refused_at_its_rates(
    book: Book, desk: Desk, agency: Agency, tiers: str, said: str
) -> None:
    shown = desk("super").post("/commission/cards/new", card(book, agency, tiers=tiers))
    assert shown.status_code == 400
    assert said in shown.content.decode()


def test_from_a_card_to_a_month_that_both_sides_signed(book: Book, desk: Desk, agency: Agency) -> None:
    clerk, manager = signed_in("clerk"), signed_in("manager")
    assert "还没有费率表" in clerk.get("/commission").content.decode()
    assert desk("alice").get("/commission").status_code == 403
    asked = desk("super").post("/commission/cards/new", card(book, agency))
    assert asked.status_code == 302, asked.content.decode()
    told = desk("head").get(asked["Location"]).content.decode()
    assert "超过 5,000.00 元部分 15.50%" in told
    assert "50.00 元" in told
    approve(book, int(asked["Location"].rsplit("/", 1)[1]))

    where = {"where": f"{book.lender}-{agency.pk}", "month": "2026-02-01"}
    refused = clerk.post("/commission", where)
    assert "没有生效的费率表" in refused.content.decode()
    clock.install(lambda: APRIL)
    clerk, manager = signed_in("clerk"), signed_in("manager")
    made = clerk.post("/commission", {**where, "month": "2026-03-01"})
    assert made.status_code == 302, made.content.decode()
    page = made["Location"]
    shown = manager.get(page).content.decode()
    assert book.cases["wang"] in shown
    assert "王小伟" not in shown
    assert "自行还款" in shown

    disputed = manager.post(f"{page}/dispute", {"item": "1", "reason": "当日已接通"})
    assert disputed.status_code == 302, disputed.content.decode()
    assert manager.post(f"{page}/dispute", {"item": "9", "reason": "当日已接通"}).status_code == 400
    ((dispute,),) = rows("SELECT id FROM commission_dispute")
    digest = {"digest": rows("SELECT encode(digest, 'hex') FROM commission_statement")[0][0]}
    waits = manager.post(f"{page}/sign", digest)
    assert waits.status_code == 400
    assert "尚有分歧" in waits.content.decode()
    bad = clerk.post(f"{page}/answer/{dispute}", {"answer": "kept", "text": "否"})
    assert bad.status_code == 400
    assert clerk.post(f"{page}/answer/{dispute}", {"answer": "kept", "text": "系统无接通记录"}).status_code == 302
    assert manager.post(f"{page}/sign", digest).status_code == 302
    assert clerk.post(f"{page}/sign", digest).status_code == 302
    assert "双方已签署" in manager.get("/commission").content.decode()
    assert manager.post(f"{page}/dispute", {"item": "1", "reason": "当日已接通"}).status_code == 400

    for kind, wanted in (("commission_statement", "50.00"), ("commission_lines", book.cases["wang"])):
        of = {"of": page.rsplit("/", 1)[1], "recipient": "外包甲", "ground": "月度对账"}
        file = clerk.post(f"/exports/new/{kind}", of)
        assert file.status_code == 200, file.content.decode()
        assert wanted in file.content.decode("utf-8-sig")
    assert manager.get(f"/exports/new/commission_lines?of={of['of']}").status_code == 403


def test_a_statement_of_somebody_else_is_not_there(desk: Desk, agency: Agency) -> None:
    assert agency
    assert desk("super").get("/commission/999").status_code == 404
