"""分案岗的一天: cases are dealt after a preview, those of somebody away move at once, and the case says why."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gatework import rows
from journeys.conftest import PHONE
from journeys.desk import fits, sign_in
from web.book import Book
from zhizhi.store.models import Staff

pytestmark = pytest.mark.browser


def test_dealt_after_a_preview_moved_at_once_and_told_on_the_case(window: Callable[..., Page], book: Book) -> None:
    ours = [book.staff["alice"], book.staff["bob"]]
    Staff.objects.using("gate").filter(pk__in=ours).update(capacity=20, trained_on="2026-01-05")
    number = book.cases["bobs"]
    rows("UPDATE collection_case SET collector_id = NULL WHERE number = %s RETURNING id", number)
    boss, phone = window(), window(viewport=PHONE)
    sign_in(boss, "super")
    boss.goto("/assignment")
    expect(boss.get_by_role("link", name=number)).to_be_visible()
    boss.get_by_role("link", name="立即分配").click()
    expect(boss.get_by_role("heading", name="将变动")).to_contain_text("1")
    boss.get_by_role("button", name="确认执行").focus()
    boss.keyboard.press("Enter")
    expect(boss.get_by_text("没有：每件案件都有人办理。")).to_be_visible()
    boss.get_by_role("link", name="休假与培训").click()
    away = boss.get_by_role("region", name="登记休假")
    away.get_by_label("催收员").select_option(index=1)
    away.get_by_label("首日").fill("2026-03-03")
    away.get_by_label("末日").fill("2026-03-20")
    away.get_by_role("button", name="登记").click()
    gone = boss.get_by_role("button", name="撤回")
    expect(gone).to_be_visible()
    ((mover, holder),) = rows("SELECT from_id, to_id FROM assignment_move ORDER BY id DESC LIMIT 1")
    assert {mover, holder} == set(ours)
    sign_in(phone, "alice" if holder == book.staff["alice"] else "bob")
    ((moved,),) = rows(
        "SELECT c.number FROM assignment_move m JOIN collection_case c ON c.id = m.case_id ORDER BY m.id DESC LIMIT 1"
    )
    phone.goto(f"/cases/{moved}")
    expect(phone.get_by_role("heading", name="为何由我催收")).to_be_visible()
    expect(phone.get_by_text("原催收员休假")).to_be_visible()
    gone.click()
    expect(boss.get_by_text("没有人休假。")).to_be_visible()
    small = window(viewport=PHONE)
    sign_in(small, "super")
    for address in ("/assignment", "/assignment/seats", "/assignment/new/reshuffle", f"/cases/{number}/bar"):
        for page in (boss, small):
            page.goto(address)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            fits(page, address)
