"""A compliance head weighs one changed number in a real browser: a mistake named, progress shown, the result drawn."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from book import make_borrower, make_staff
from gatework import talk
from journeys.desk import fits, sign_in
from web.book import AT, Book
from zhizhi.jobs.impact import work_waiting_impact
from zhizhi.store.law.releases import keep_releases
from zhizhi.store.models import Lender

pytestmark = pytest.mark.browser


@pytest.fixture
def talked(book: Book) -> None:
    """Two talks with one person on one day."""
    lender = Lender.objects.using("gate").get(pk=book.lender)
    staff, borrower = int(make_staff("caller", "collector", lender).pk), make_borrower(lender, 77)
    for hour in range(2):
        talk(borrower, staff, AT + timedelta(hours=hour))
    keep_releases(AT)


@pytest.mark.usefixtures("talked")
def test_one_number_is_weighed_and_its_result_is_drawn(page: Page) -> None:
    sign_in(page, "head")
    page.goto("/impact")
    page.get_by_label("自").fill("2026-02-01")
    page.get_by_label("至（含）").fill("2026-03-31")
    page.get_by_role("button", name="开始测算").click()
    expect(page.get_by_text("请选择一个数值，或上传规则包", exact=True).first).to_be_visible()
    page.get_by_label("改动一个数值").select_option("cn.gbt45251/valid_calls_per_day")
    page.get_by_label("试算值").fill("1")
    page.get_by_role("button", name="开始测算").click()
    expect(page.get_by_role("status")).to_contain_text("已排队")
    assert work_waiting_impact(AT + timedelta(days=10))
    expect(page.get_by_role("status")).to_contain_text("新拒绝")  # htmx asks again by itself
    page.reload()
    expect(page.locator(".chart canvas")).to_be_visible()
    expect(page.locator("#along-rule ~ .scroll tbody tr")).to_have_count(1)
    fits(page)
