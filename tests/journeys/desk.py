"""How somebody comes to a desk of the console, and what every screen owes a small window."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from web.book import PASSWORD


def sign_in(page: Page, login: str) -> None:
    """Through the form."""
    page.goto("/sign-in")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)  # and loaded: keys work only then
    expect(page.get_by_role("link", name="知止")).to_be_visible()


def fits(page: Page, what: str | None = None) -> None:
    """Nothing stands out to the right of the window; asked again until it holds, so a page may still be coming in.

    The root element is as wide as the window where it fits, and wider where it does not. `what` names the screen in
    the failure; its address else.
    """
    page.wait_for_load_state()
    window = page.viewport_size
    assert window is not None, "a window has a size"
    expect(page.locator("html"), what or page.url).to_have_js_property("scrollWidth", window["width"])


def shot(page: Page, name: str) -> None:
    """The screen fits, and is there to be looked at where `ZHIZHI_SHOTS` names a folder."""
    fits(page, name)
    folder = os.environ.get("ZHIZHI_SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
