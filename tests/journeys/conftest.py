"""The small book behind a served product, and windows of a real browser that fail on what a page complains of.

A person acts on a page that has come in. A driver acts as soon as an element is there: on a slow machine before the
scripts of the page listen, before the rest of a form that needs no script came, or on a document that has no body yet.
So whatever a journey does or reads waits for the page to be loaded first (`unhurried`). What a click changes in place,
and where a key leads, each journey still has to `expect`.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from web.book import Book
from web.conftest import book, desk
from web.standing import serving

__all__ = ["book", "desk"]
# The policy of the pages blocks silently what a script does; this makes it a word on the browser's console.
TELLS_BLOCKED = """addEventListener("securitypolicyviolation", (event) =>
  console.error("Content Security", event.effectiveDirective, event.blockedURI, event.sample))"""
# Waiting long costs nothing where all is well, and a busy machine needs it.
EXPECTED_WITHIN_MS, DONE_WITHIN_MS = 60_000, 90_000  # what is expected; an action, a page
WAITING = (
    *("check", "clear", "click", "fill", "focus", "hover", "press", "press_sequentially", "select_option"),
    *("set_input_files", "uncheck", "all_inner_texts", "count", "evaluate", "evaluate_all", "get_attribute"),
    *("inner_text", "input_value", "is_visible", "text_content"),
)
DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)


@pytest.fixture(scope="module")
def address(book: Book) -> Iterator[str]:
    """The served product."""
    with serving() as served:
        yield served


@pytest.fixture(scope="module", autouse=True)
def unhurried() -> Iterator[None]:
    """Everything that is done to a page or read from it waits until the page has come in, and waits patiently."""

    def when_loaded(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def waiting(self: Locator | Page, *arguments: Any, **options: Any) -> Any:
            (self if isinstance(self, Page) else self.page).wait_for_load_state()
            return method(self, *arguments, **options)

        return waiting

    keyboard = Page.keyboard.fget  # type: ignore[attr-defined]  # a property, whatever its class says
    with pytest.MonkeyPatch.context() as patch:
        for name in WAITING:
            patch.setattr(Locator, name, when_loaded(getattr(Locator, name)))
        patch.setattr(Page, "evaluate", when_loaded(Page.evaluate))
        patch.setattr(Page, "keyboard", property(when_loaded(keyboard)))
        expect.set_options(timeout=EXPECTED_WITHIN_MS)
        yield
    expect.set_options(timeout=None)


@pytest.fixture
def window(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens windows, each of a person of its own; all have to close without a script's error or a blocked content."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": address, "viewport": DESK, **options})
        contexts.append(context)
        context.set_default_timeout(DONE_WITHIN_MS)
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
