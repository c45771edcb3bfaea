"""The small book behind a served product, and windows of a real browser that fail on what a page complains of."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from web.book import Book
from web.conftest import book, desk
from web.standing import serving

__all__ = ["book", "desk"]
# The policy of the pages blocks silently what a script does; this makes it a word on the browser's console.
TELLS_BLOCKED = """addEventListener("securitypolicyviolation", (event) =>
  console.error("Content Security", event.effectiveDirective, event.blockedURI, event.sample))"""
DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)


@pytest.fixture(scope="module")
def address(book: Book) -> Iterator[str]:
    """The served product."""
    with serving() as served:
        yield served


@pytest.fixture
def window(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens windows, each of a person of its own; all have to close without a script's error or a blocked content."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": address, "viewport": DESK, **options})
        contexts.append(context)
        context.add_init_script(TELLS_BLOCKED)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(window: Callable[..., Page]) -> Page:
    """A window of a desk."""
    return window()


@pytest.fixture
def phone(window: Callable[..., Page]) -> Page:
    """A window of a phone."""
    return window(viewport=PHONE)


@pytest.fixture
def plain(window: Callable[..., Page]) -> Page:
    """A window of a phone that runs no script."""
    return window(viewport=PHONE, java_script_enabled=False)
