"""A batch goes to two agencies and one case comes back: supervisor, head, agency manager, at a desk and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import shot, sign_in
from placework import make_agency
from web.book import Book, password_hash
from zhizhi.store.models import Staff

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


def at_desk(window: Callable[..., Page], login: str, **options: object) -> Page:
    page = window(**options)
    sign_in(page, login)
    return page


def test_proposed_approved_and_recalled(window: Callable[..., Page], book: Book) -> None:
    agencies = [make_agency(code) for code in ("甲", "乙")]
    Staff.objects.using("gate").create(
        login="manager", name="外包经理", role="agency_manager", agency=agencies[0], is_synthetic=True,
        password=password_hash(),
    )  # fmt: skip
    asks, approves, manages = (at_desk(window, login) for login in ("super", "head", "manager"))
    asks.locator("summary", has_text="安排").click()
    asks.get_by_role("link", name="委外", exact=True).click()
    expect(asks.get_by_text("没有在委外机构的案件。")).to_be_visible()
    asks.get_by_role("link", name="新批次").click()
    asks.get_by_label("外包甲").check()
    asks.get_by_label("外包乙").check()
    asks.get_by_label("委案期（天）").fill("5")
    asks.get_by_label("逾期天数，自").fill("10")
    asks.get_by_label("理由").fill("季度委案")
    asks.get_by_role("button", name="试分").press("Enter")
    expect(asks.get_by_role("heading", name="试分")).to_be_visible()
    shot(asks, "new")
    asks.get_by_role("button", name="提交审批").click()
    expect(asks.get_by_text("须由另一人审批")).to_be_visible()
    approves.goto(asks.url)
    shot(approves, "request")
    approves.get_by_role("button", name="批准", exact=True).click()
    expect(approves.get_by_text("已批准并办结").first).to_be_visible()

    manages.goto("/placements")
    number = manages.locator("#standing").locator("xpath=ancestor::section").get_by_role("link").first.inner_text()
    shot(manages, "agency")
    asks.goto("/placements")
    expect(asks.get_by_text("已移交").first).to_be_visible()
    shot(asks, "lender")
    asks.get_by_role("link", name="撤案").click()
    asks.get_by_label("从哪家撤案").select_option(label="甲消费金融 → 外包甲（2 件）")
    asks.get_by_label("案件编号").fill(number)
    asks.get_by_label("理由").fill("转回自营")
    shot(asks, "recall")
    asks.get_by_role("button", name="撤案").click()
    asks.wait_for_url("**/placements")
    expect(asks.get_by_role("heading", name="批次")).to_be_visible()
    manages.reload()
    expect(manages.locator("body")).not_to_contain_text(number)
    assert manages.goto(f"/cases/{number}").status == 404  # type: ignore[union-attr]  # a page was answered

    phone = at_desk(window, "super", viewport=PHONE)
    for place in ("/placements", "/placements/new", "/placements/recall"):
        phone.goto(place)
        shot(phone, "phone" + place.replace("/", "-"))
