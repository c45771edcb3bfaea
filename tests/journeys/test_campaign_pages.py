"""A head runs a campaign in a real browser: made, started and paused with the keyboard, read on a desk and a phone."""

from itertools import chain

import pytest
from playwright.sync_api import Page, expect

from gatework import rows
from journeys.desk import sign_in
from journeys.test_every_page import english, faults
from web.book import AT, Book
from zhizhi.store.models import Campaign
from zhizhi.usecases.campaigns.running import work_campaigns
from zhizhi.usecases.set_stop import SetStop, set_stop

pytestmark = pytest.mark.browser
__all__ = ["english"]


@pytest.fixture(scope="module")
def running(book: Book, address: str) -> None:
    """Somebody lives where it is night, somebody's collection rests."""
    rows("UPDATE person SET time_zones = '[\"Europe/Berlin\"]' WHERE id = %s RETURNING id", book.persons["long"])
    set_stop(SetStop(book.persons["bobs"], "hardship", None, "住院治疗中", None, book.staff["head"]), AT)


def make(page: Page, name: str) -> None:
    page.goto("/campaigns")
    page.get_by_label("名称").fill(name)
    page.get_by_role("button", name="新建草稿").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_campaign_is_started_and_paused_with_one_key_and_return(page: Page, book: Book, running: None) -> None:
    sign_in(page, "head")
    make(page, "三月晨间提醒")
    expect(page.locator("#progress .tag")).to_have_text("草稿")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#progress .tag")).to_have_text("进行中")
    work_campaigns(AT)
    expect(page.locator("#progress")).to_contain_text("因何未发")
    expect(page.locator("#progress")).to_contain_text("停催：困难")
    expect(page.locator("#progress")).to_contain_text("推迟至")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#progress .tag")).to_have_text("已暂停")
    assert Campaign.objects.using("gate").get(name="三月晨间提醒").state == "paused"


def paths() -> list[str]:
    """The list, a draft and one that runs."""
    return ["/campaigns", *(f"/campaigns/{pk}" for pk in Campaign.objects.using("gate").values_list("pk", flat=True))]


def test_the_pages_can_be_read_and_worked_on_a_desk_and_a_phone(page: Page, book: Book, running: None) -> None:
    sign_in(page, "super")
    make(page, "草稿一份")
    assert list(chain.from_iterable(faults(page, path, with_colours=True) for path in paths())) == []


def test_the_pages_can_be_read_in_english(english: Page, book: Book, running: None) -> None:
    assert list(chain.from_iterable(faults(english, path, with_colours=False) for path in paths())) == []
