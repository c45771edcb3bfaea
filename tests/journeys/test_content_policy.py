"""That a browser's complaint about the content policy fails a journey; every page is opened by test_every_page."""

import pytest
from playwright.sync_api import Browser

from journeys.conftest import DONE_WITHIN_MS, TELLS_BLOCKED

pytestmark = pytest.mark.browser
INLINE = """() => {
  const [script, styled] = [document.createElement("script"), document.createElement("p")];
  script.textContent = "window.ran = true";
  document.body.append(script, styled);
  styled.setAttribute("style", "color: red");
  styled.setAttribute("onclick", "window.ran = true");
  styled.click();
  const picture = new Image();
  picture.src = "https://elsewhere.invalid/x.png";
  return [window.ran ?? false, getComputedStyle(styled).color];
}"""


def test_what_a_page_would_run_or_load_from_inside_itself_is_blocked_and_told(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    context.set_default_timeout(DONE_WITHIN_MS)
    try:
        context.add_init_script(TELLS_BLOCKED)
        page, said = context.new_page(), list[str]()
        page.on("console", lambda one: said.append(one.text) if one.text.startswith("Content Security") else None)
        page.goto("/sign-in")
        assert said == []
        with page.expect_console_message(
            lambda one: one.text.startswith("Content Security img-src")
        ):  # told after the others
            ran, colour = page.evaluate(INLINE)
        assert not ran
        assert colour != "rgb(255, 0, 0)"
        told = " ".join(said)
        assert [kind for kind in ("script-src-elem", "script-src-attr", "style-src-attr") if kind not in told] == []
    finally:
        context.close()
