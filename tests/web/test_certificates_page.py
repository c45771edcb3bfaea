"""结清证明 on its page: certified now by whoever may, taken as a file, void once money went back."""

from collections.abc import Callable

from django.test import Client

from gatework import rows
from web.book import AT, Book
from zhizhi.store.ids import ids
from zhizhi.usecases.record_payment import RecordPayment, record_payment

Desk = Callable[[str], Client]


def test_from_the_last_fen_to_a_file_and_void_again(book: Book, desk: Desk) -> None:
    boss = desk("super")
    assert "还没有结清证明" in boss.get("/certificates").content.decode()
    person = book.persons["bobs"]
    ((debt, minor),) = rows("SELECT id, balance_minor FROM debt WHERE person_id = %s", person)
    record_payment(RecordPayment(person, debt, minor, AT.date(), f"R{ids.take()}", "test", None), AT)
    assert desk("head").post("/certificates").status_code == 403
    assert boss.post("/certificates").status_code == 302
    shown = boss.get("/certificates").content.decode()
    assert book.cases["bobs"] in shown
    assert "有效" in shown
    assert "李四" not in shown
    ((certificate,),) = rows("SELECT id FROM certificate")
    of = {"of": certificate, "recipient": "客户本人", "ground": "客户申请"}
    file = boss.post("/exports/new/certificate", of)
    assert file.status_code == 200, file.content.decode()
    assert file["Content-Type"] == "application/zip"
    rows(
        "UPDATE debt SET state = 'overdue', balance_minor = %s, principal_minor = %s WHERE id = %s RETURNING 1",
        minor, minor, debt,
    )  # fmt: skip
    void = boss.get("/certificates").content.decode()
    assert "已作废" in void
    assert "/exports/new/certificate" not in void
    assert boss.post("/exports/new/certificate", of).status_code == 404
