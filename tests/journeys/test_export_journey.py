"""A file is asked for, approved by another person and taken once, in a real browser, on a desk and on a phone."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import fits, sign_in
from web.book import AT, Book
from zhizhi.core.kernel.sheets import ENCODING, sheet_cells
from zhizhi.core.kernel.text import Text
from zhizhi.store.imports.rows import Refusal, keep_refused
from zhizhi.store.models import ImportedFile

pytestmark = pytest.mark.browser
ROWS = 12


@pytest.fixture(scope="module")
def refused(book: Book) -> int:
    """A file of payments with refused rows."""
    file = ImportedFile.objects.using("gate").create(
        lender_id=book.lender, kind="payments", name="还款.csv", digest="d", map_digest="m", state="finished",
        header=["客户号", "金额"], refused=ROWS, rows_total=ROWS, started_at=AT, finished_at=AT + timedelta(minutes=1),
    )  # fmt: skip
    no = Text("金额不是数字", "no amount")
    keep_refused(file.pk, [Refusal(n, "金额", "bad_amount", no, [f"K{n}", "一百"]) for n in range(2, ROWS + 2)], AT)
    return int(file.pk)


def test_asked_for_approved_and_taken_once(window: Callable[..., Page], book: Book, refused: int) -> None:
    asker, approver = window(), window()
    sign_in(asker, "super")
    asker.goto(f"/imports/{refused}")
    asker.get_by_role("link", name="导出未通过的行").click()
    expect(asker.get_by_text("须由第二人批准后")).to_be_visible()
    asker.get_by_label("理由").fill("补正后重新导入")
    asker.get_by_role("button", name="提交审批").click()
    expect(asker.get_by_role("region", name="我的申请")).to_contain_text("待审批")
    sign_in(approver, "head")
    approver.goto("/approvals")
    approver.get_by_role("link", name="导出", exact=True).last.click()
    expect(approver.get_by_text(f"{ROWS} 条", exact=True)).to_be_visible()
    approver.get_by_role("button", name="批准", exact=True).click()
    expect(approver.get_by_text("已批准").first).to_be_visible()
    asker.reload()
    with asker.expect_download() as fetched:
        asker.get_by_role("button", name="取文件").click()
    lines = list(sheet_cells(Path(fetched.value.path()).read_bytes().decode(ENCODING)))
    assert len(lines) == ROWS + 1
    asker.reload()
    expect(asker.get_by_role("button", name="取文件")).to_have_count(0)
    expect(asker.get_by_role("region", name="已导出的文件")).to_contain_text("补正后重新导入")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_screen_of_exports_scrolls_sideways_on_a_phone(phone: Page, book: Book, refused: int, language: str) -> None:
    page = phone
    sign_in(page, "super")
    for path in ("/exports", f"/exports/new/refused_rows?of={refused}"):
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        fits(page, path)
