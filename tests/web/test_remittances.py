"""来款 on screens: told once, matched or waiting, settled by one or two persons, taken back by two."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from web.book import AT, Book
from zhizhi.store.debts.models import Debt, Payment
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.people.models import Party
from zhizhi.store.remittances.models import Remittance
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import RecordStatement, record_statement

Desk = Callable[[str], Client]
ACCOUNT = "ZX20260001"


@pytest.fixture
def debt(book: Book) -> Debt:
    """The first debt of a case, under an account number that files name."""
    row = Debt.objects.using("gate").filter(person_id=book.persons["wang"]).order_by("id").first()
    assert row is not None
    key = SearchKeys(book.lender).identity("account", ACCOUNT)
    Debt.objects.using("gate").filter(person_id=row.person_id, id=row.id).update(account_key=key)
    return row


def bring(book: Book, client: Client, reference: str, amount: str, **told: str) -> int:
    said = {"lender": book.lender, "source": "bank_file", "arrived_on": AT.date().isoformat(), **told}
    return client.post("/remittances/new", {**said, "reference": reference, "amount": amount}).status_code


def page_of(client: Client) -> str:
    answer = client.get("/remittances")
    assert answer.status_code == 200
    return answer.content.decode()


def latest() -> Remittance:
    row = Remittance.objects.using("gate").order_by("-id").first()
    assert row is not None
    return row


def test_money_is_posted_once_and_the_page_says_by_what(book: Book, desk: Desk, debt: Debt) -> None:
    clerk = desk("super")
    assert bring(book, clerk, "B1", "12.34", account=ACCOUNT) == 302
    assert bring(book, clerk, "B1", "12.34", account=ACCOUNT) == 302
    assert Payment.objects.using("gate").filter(debt_id=debt.id, amount_minor=1_234).count() == 1
    assert bring(book, clerk, "B1", "12.35", account=ACCOUNT) == 400, "the same reference with another amount"
    page = page_of(clerk)
    assert "账户号一致" in page
    assert "12.34 元" in page


def test_what_names_nobody_waits_and_one_person_matches_it(book: Book, desk: Desk, debt: Debt) -> None:
    clerk = desk("super")
    assert bring(book, clerk, "B2", "20.00", remark="还款 6222020012345678", payer="王大伟") == 302
    page, row = page_of(clerk), latest()
    assert "未写明任何账户" in page
    assert "6222020012345678" not in page
    assert "王大伟" not in page
    address = f"/remittances/{row.id}"
    assert "6222020012345678" not in clerk.get(address).content.decode()
    assert clerk.post(address, {"step": "post", "account": "NO-SUCH", "ground": "来电核对"}).status_code == 400
    assert clerk.post(address, {"step": "refund", "account": ACCOUNT, "ground": "来电核对"}).status_code == 400
    assert clerk.post(address, {"step": "post", "account": ACCOUNT, "ground": "来电核对"}).status_code == 302
    assert latest().state == "posted"
    assert clerk.get(address).status_code == 404


def test_a_return_and_a_reversal_wait_for_another_person(book: Book, desk: Desk, debt: Debt) -> None:
    clerk, head = desk("super"), desk("head")
    assert bring(book, clerk, "B3", "30.00", remark="?") == 302
    answer = clerk.post(f"/remittances/{latest().id}", {"step": "return", "ground": "付款人要求退回"})
    assert answer.status_code == 302
    assert latest().state == "asked"
    asked = answer.headers["Location"]
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', head.get(asked).content.decode())
    assert digest is not None
    said = {"digest": digest[1], "ruling": "approve", "remark": "同意", "step": "approve"}
    assert head.get(asked).content.decode().count("退回付款人") >= 1
    assert head.post(asked, said).status_code in (200, 302, 403)
    assert bring(book, clerk, "B4", "40.00", account=ACCOUNT) == 302
    paid = latest()
    back = f"/remittances/payments/{paid.debt_id}-{paid.payment_id}"
    assert clerk.get(back).status_code == 200
    assert clerk.post(back, {"step": "refund", "amount": "1.00", "ground": "多付了"}).status_code == 400
    assert clerk.post(back, {"step": "reverse", "ground": "银行退票"}).status_code == 302
    assert "来款处理" in head.get("/approvals").content.decode()


def test_a_collector_and_another_lender_see_nothing(book: Book, desk: Desk, debt: Debt) -> None:
    assert desk("alice").get("/remittances").status_code == 403
    assert desk("auditor").get("/remittances").status_code == 200
    assert desk("auditor").get("/remittances/new").status_code == 403
    assert desk("super").get("/remittances/payments/1-1").status_code == 404


def test_a_claim_to_have_paid_waits_with_its_clock_until_somebody_has_looked(book: Book, desk: Desk) -> None:
    person = book.persons["bobs"]
    party = Party.objects.using("gate").get(person_id=person, role="debtor").id
    said = record_statement(
        RecordStatement(person, party, "claims_paid", {"amount_minor": 777, "proof": True}, None), AT
    )
    clerk, address = desk("super"), f"/remittances/claims/{person}-{said}"
    page = page_of(clerk)
    assert "7.77 元" in page
    assert address in page
    assert address not in page_of(desk("auditor")), "who only reads answers nothing"
    assert "有凭证" in clerk.get(address).content.decode()
    assert clerk.post(address, {"found": "perhaps", "ground": "逐日核对流水"}).status_code == 400
    assert clerk.post(address, {"found": "nothing", "ground": "逐日核对流水"}).status_code == 302
    assert clerk.get(address).status_code == 404
    assert address not in page_of(clerk)


def test_a_payment_that_a_collector_recorded_is_taken_back_from_the_case(book: Book, desk: Desk, debt: Debt) -> None:
    case = f"/cases/{book.cases['wang']}?tab=payment"
    recorded = RecordPayment(debt.person_id, debt.id, 4_100, AT.date(), "AT-THE-DESK", "console", book.staff["alice"])
    paid = record_payment(recorded, AT)
    back = f"/remittances/payments/{debt.id}-{paid.payment_id}"
    assert back in desk("super").get(case).content.decode()
    assert back not in desk("alice").get(case).content.decode()
    asked = desk("super").post(back, {"step": "reverse", "ground": "客户误记"}).headers["Location"]
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', desk("head").get(asked).content.decode())
    assert digest is not None
    ruling = {"digest": digest[1], "ruling": "approve", "remark": "同意"}
    assert desk("head").post(asked, ruling).status_code == 302
    assert Payment.objects.using("gate").filter(person_id=debt.person_id, reverses_id=paid.payment_id).exists()
    assert back not in desk("super").get(case).content.decode()
