"""How somebody comes to a desk of the console."""

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
