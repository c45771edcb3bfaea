"""委外 on its pages: a batch from preview to hand-over, a recall, and what an agency's manager sees of it."""

from collections.abc import Callable

import pytest
from django.test import Client

from gatework import rows
from placework import make_agency
from signed import signed_in
from web.book import AT, Book, password_hash
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.models import Staff
from zhizhi.usecases.approvals.ruling import Rule, rule

Desk = Callable[[str], Client]


@pytest.fixture(scope="module")
def agencies(book: Book) -> list[int]:
    """Two agencies, and a manager of the first."""
    made = [make_agency(code) for code in ("甲", "乙")]
    row = Staff.objects.using("gate").create(
        login="manager", name="外包经理", role="agency_manager", agency=made[0], is_synthetic=True,
        password=password_hash(),
    )  # fmt: skip
    book.staff["manager"] = row.pk
    return [agency.pk for agency in made]


def form(book: Book, agencies: list[int], **changes: object) -> dict[str, object]:
    said = {"lender": book.lender, "agencies": agencies, "hand": 1, "term_days": 5, "days_from": 10, "days_until": 99}
    return {**said, "yuan_from": "", "yuan_until": "", "most": 100, "ground": "季度委案", "step": "preview", **changes}


def test_a_batch_from_preview_to_recall(book: Book, desk: Desk, agencies: list[int]) -> None:
    manager = signed_in("manager")
    assert "没有在委外机构的案件" in manager.get("/placements").content.decode()
    assert desk("alice").get("/placements").status_code == 403
    shown = desk("super").post("/placements/new", form(book, agencies))
    assert shown.status_code == 200, shown.content.decode()
    assert "外包甲" in shown.content.decode()
    assert rows("SELECT count(*) FROM placement_batch") == [(0,)]
    asked = desk("super").post("/placements/new", form(book, agencies[:1], step="send"))
    assert asked.status_code == 302, asked.content.decode()
    told = desk("head").get(asked["Location"]).content.decode()
    assert "委案移交" in told
    assert "外包甲" in told
    approval = int(asked["Location"].rsplit("/", 1)[1])
    standing = load_standing(approval)
    assert standing is not None
    rule(Rule(approval, standing.digest, True, book.staff["head"]), AT)
    number = book.cases["wang"]
    page = manager.get("/placements").content.decode()
    assert number in page
    assert "王小伟" not in page
    assert "剩" in page
    assert "新批次" not in page
    assert manager.get(f"/cases/{number}").status_code == 200
    assert "已移交" in desk("super").get("/placements").content.decode()

    where = f"{book.lender}-{agencies[0]}"
    refused = desk("super").post("/placements/recall", {"where": where, "number": number, "ground": "x"})
    assert refused.status_code == 400
    done = desk("super").post("/placements/recall", {"where": where, "number": number, "ground": "转回自营"})
    assert done.status_code == 302, done.content.decode()
    assert number not in manager.get("/placements").content.decode()
    assert manager.get(f"/cases/{number}").status_code == 404
    gone = manager.post("/placements/return", {"number": number, "ground": "客户失联"})
    assert gone.status_code == 400
    assert "该案件不在这家机构" in gone.content.decode()

    other = book.cases["long"]
    assert manager.post("/placements/return", {"number": other, "ground": "客户失联"}).status_code == 302
    assert manager.get(f"/cases/{other}").status_code == 404


def test_a_form_of_an_agency_that_is_not_fit_says_why(book: Book, desk: Desk, agencies: list[int]) -> None:
    rows("UPDATE agency SET contract_ends_on = NULL WHERE id = %s RETURNING 1", agencies[1])
    shown = desk("super").post("/placements/new", form(book, agencies))
    assert shown.status_code == 400
    assert "合同" in shown.content.decode()
