"""What every answer says to a browser, and that no page runs or paints from inside itself (decision 0050)."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client, RequestFactory

from web.book import PASSWORD, Book
from web.crawling import Page, Seen, crawl, text_of
from zhizhi.web.api.application import application
from zhizhi.web.portal.screens import lawful
from zhizhi.web.shared.headers import ON_EVERY_ANSWER
from zhizhi.web.shared.opening import addresses

ROOT = Path(__file__).parents[2]
Desk = Callable[[str], Client]
PUBLIC = ("/sign-in", "/sign-in?next=/cases", "/lawful", "/lawful?lang=en", "/nowhere", "/healthz", "/metrics")
IDS = {"number": "C-0000-00000000", "kind": "refuse", "pack_id": "cn.gbt45251", "code": "H1"}
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
    "font-src": "'self'", "connect-src": "'self'", "base-uri": "'none'", "form-action": "'self'",
    "frame-ancestors": "'none'",
}  # fmt: skip


def every_route() -> list[str]:
    """Each address of the product, with ids that nobody has."""
    routes = (one.route for one in addresses() if not one.route.startswith("api/"))
    return ["/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: IDS.get(found[1], "999999999"), one) for one in routes]


def policy_of(answer: HttpResponse) -> dict[str, str]:
    """The content policy, by directive."""
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: said.strip() for name, _, said in parts if name}


def complaints(seen: Seen) -> list[str]:
    """What is wrong with an answer."""
    answer, found = seen.answer, []
    found += [f"no {name}" for name, said in ON_EVERY_ANSWER.items() if answer.headers.get(name) != said]
    policy = policy_of(answer) if answer.has_header("Content-Security-Policy") else {}
    found += [f"{name}: {policy.get(name)}" for name, said in POLICY.items() if policy.get(name) != said]
    if "no-store" not in answer.headers.get("Cache-Control", ""):
        found.append("may be kept by a cache")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        page = Page(text_of(answer))
        found += page.inline
        found += [f"loads {one}" for one in page.loaded if urlsplit(one).netloc]
    return [f"{seen.address} ({answer.status_code}): {one}" for one in found]


@pytest.mark.parametrize("login", ["super", "alice", "admin", None])
def test_no_page_that_can_be_reached_has_anything_inline_or_foreign(book: Book, desk: Desk, login: str | None) -> None:
    client = desk(login) if login else Client()
    begins = ("/", *(f"/cases/{number}" for number in book.cases.values()), *PUBLIC, *every_route())
    seen = list(crawl(client, *begins))
    assert [one for answer in seen for one in complaints(answer)] == []
    assert all(answer.answer.status_code < 500 for answer in seen)
    statuses = {answer.answer.status_code for answer in seen}
    assert {200, 302, 404} <= statuses if login is None else {200, 404} <= statuses


def test_a_page_with_something_inline_would_be_found() -> None:
    for wrong in (
        '<p style="color:red">',
        "<script>x()</script>",
        '<a href=" javascript:x()">',
        "<b ONCLICK=x()>",
        "<style>p{}</style>",
        '<script src="/a.js">x()</script>',
        '<form action="data:text/html,x">',
        '<iframe src="/">',
        "<p hx-on:click=x()>",
    ):
        assert Page(wrong).inline, wrong
    assert urlsplit(Page('<img src="//elsewhere.invalid/x">').loaded[0]).netloc == "elsewhere.invalid"


def test_no_template_has_anything_inline_whether_a_test_fills_it_or_not() -> None:
    inline = r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\ssrc=)"
    wrong = re.compile(inline + r"|(?:src|action)=\"\w*:?//", re.IGNORECASE)
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in (ROOT / "src/zhizhi/web").rglob("*.html")
        for match in wrong.finditer(re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", file.read_text("utf-8")))
    ]
    assert found == []


def test_what_is_posted_is_answered_with_the_same_headers(book: Book, desk: Desk) -> None:
    alice, strict = desk("alice"), Client(enforce_csrf_checks=True)
    case = book.cases["long"]
    answers = {
        "a refused form": alice.post(f"/cases/{case}/payment", {}),
        "a wrong method": alice.post("/"),
        "no right": alice.post("/campaigns", {}),
        "no token": strict.post("/sign-in", {"login": "alice", "password": PASSWORD}),
        "a wrong password": Client().post("/sign-in", {"login": "alice", "password": "wrong"}),
        "another host": Client(headers={"host": "elsewhere.invalid"}).get("/sign-in"),
    }
    assert [answer.status_code for answer in answers.values()] == [400, 405, 403, 403, 400, 400]
    assert [one for name, answer in answers.items() for one in complaints(Seen(name, answer))] == []


def test_a_fault_of_the_program_too(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(lawful, "StoryForm", fails)
    answer = Client(raise_request_exception=False).get("/lawful")
    assert answer.status_code == 500
    assert complaints(Seen("a fault", answer)) == []


def test_static_files_are_of_this_host_and_say_what_they_are(book: Book) -> None:
    client = Client()
    for name in ("console/console.js", "console/console.css", "vendor/tabler/tabler.min.css", "console/mark.svg"):
        assert finders.find(name)
        answer = client.get(f"/static/{name}")
        assert (answer.status_code, bool(text_of(answer))) == (200, True)
        answer.close()
        assert {key: answer.headers.get(key) for key in ON_EVERY_ANSWER} == ON_EVERY_ANSWER
        assert policy_of(answer)["default-src"] == "'none'"
    assert client.get("/static/../config/settings.py").status_code == 404
    assert client.get("/static/%2e%2e/config/settings.py").status_code == 404


@pytest.mark.parametrize("path", ["nowhere", "openapi.json", "decisions/1", "%00"])
@pytest.mark.parametrize("host", ["testserver", "elsewhere.invalid"])
def test_the_api_says_them_and_loads_nothing(book: Book, path: str, host: str) -> None:
    environ = RequestFactory(headers={"host": host}).get(f"/api/v1/{path}").environ
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    list(application(environ, lambda status, headers: begun.append((status, headers))))  # type: ignore[arg-type,return-value]  # as a server
    status, headers = begun[0]
    named = dict(headers)
    assert len(named) == len(headers), "no header twice"
    assert {key: named.get(key) for key in ON_EVERY_ANSWER} == ON_EVERY_ANSWER
    assert named["Content-Security-Policy"].startswith("default-src 'none'")
    is_description = path == "openapi.json" and host == "testserver"  # says nothing of anybody
    assert is_description or "no-store" in named["Cache-Control"]
    assert not status.startswith("5")


ELSEWHERE = (
    "https://elsewhere.invalid/",
    "//elsewhere.invalid/",
    "/\\elsewhere.invalid",
    "\\\\elsewhere.invalid",
    "///elsewhere.invalid",
    "javascript:alert(1)",
    "http:elsewhere.invalid",
    "/\t/elsewhere.invalid",
    "\x01//elsewhere.invalid",
    "data:text/html,x",
    "http://testserver@elsewhere.invalid/",
    "http://testserver/cases",
    "elsewhere.invalid",
    "/%0d%0aSet-Cookie:a=b//",
)


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_next_leads_to_a_path_of_ours_or_nowhere(book: Book, desk: Desk, wanted: str) -> None:
    form = {"login": "alice", "password": PASSWORD, "next": wanted}
    answers = [
        Client().post("/sign-in", form),
        desk("alice").get("/sign-in", {"next": wanted}),
        desk("alice").post("/language", {"language": "zh", "next": wanted}),
    ]
    for answer in answers:
        target = answer["Location"]
        assert target == "/" or (wanted.startswith("/%0d") and target == wanted), target
        assert "\r" not in target


def test_cookies_are_for_the_browser_alone(book: Book) -> None:
    client = Client()
    client.get("/sign-in")
    client.post("/sign-in", {"login": "alice", "password": PASSWORD})
    client.post("/language", {"language": "zh"})
    assert {"csrftoken", "sessionid", "zhizhi_device"} < set(client.cookies)
    for name, cookie in client.cookies.items():
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert not cookie["domain"], name
        assert cookie["path"] == "/", name


SHOWN = """
import django; django.setup()
from django.conf import settings as s
from zhizhi.web.portal.screens import lawful
from zhizhi.web.shared.headers import on_every_answer
policy = s.CONTENT_SECURITY_POLICY["DIRECTIVES"]
print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE,
      on_every_answer().get("Strict-Transport-Security"), "upgrade-insecure-requests" in policy)
"""


PLAIN = "sessionid False csrftoken False None False"
TLS, HOST_ONLY = "https://c.example.cn", "__Host-sessionid True __Host-csrftoken True"


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({}, PLAIN),
        ({"ZHIZHI_ORIGIN": "http://10.0.0.8:8000", "ZHIZHI_HSTS": "60"}, PLAIN),
        ({"ZHIZHI_ORIGIN": TLS}, f"{HOST_ONLY} max-age=31536000 True"),
        ({"ZHIZHI_ORIGIN": TLS, "ZHIZHI_HSTS": "600"}, f"{HOST_ONLY} max-age=600 True"),
        ({"ZHIZHI_ORIGIN": TLS, "ZHIZHI_HSTS": "0"}, f"{HOST_ONLY} None True"),
    ],
)
def test_behind_a_proxy_with_tls_browsers_are_told_to_insist_on_it(environment: dict[str, str], shown: str) -> None:
    clean = {key: said for key, said in os.environ.items() if key not in ("ZHIZHI_ORIGIN", "ZHIZHI_HSTS")}
    told = {**clean, **environment, "DJANGO_SETTINGS_MODULE": "zhizhi.config.settings"}
    done = subprocess.run([sys.executable, "-c", SHOWN], env=told, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == shown
