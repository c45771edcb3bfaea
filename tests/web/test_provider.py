"""Single sign-on over HTTP, against a real provider process: who comes in, who does not, and whose session ends."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import override_settings

from gateways.identity import MEMBERS, Peer
from web.book import PASSWORD, Book
from web.members import SECRET, make_member
from web.provided import Browser, admit, with_provider
from web.test_sign_in import QUICK
from zhizhi.store.models import ProviderLink, ProviderSession, SignInAct, SignInWait, Staff, StaffSession
from zhizhi.usecases.sign_in.enrolling import enrol_app
from zhizhi.usecases.sign_in.one_time_codes import STEP_SECONDS, code_at
from zhizhi.usecases.staff.leaving import Leave, leave
from zhizhi.web.shared import clock

REFUSED = "没有对应的在岗人员"


@pytest.fixture(scope="module")
def ways(book: Book) -> Iterator[tuple[str, Peer]]:
    """Our site and the provider."""
    admit("E1001", lender=book.lender)
    admit("E1002", lender=book.lender)
    admit("E1003", is_active=False)
    with override_settings(PASSWORD_HASHERS=[QUICK, *settings.PASSWORD_HASHERS]), with_provider() as made:
        yield made


@pytest.fixture
def site(ways: tuple[str, Peer]) -> str:
    return ways[0]


@pytest.fixture
def peer(ways: tuple[str, Peer]) -> Peer:
    return ways[1]


@pytest.fixture
def browser(site: str) -> Iterator[Browser]:
    made = Browser(site)
    yield made
    made.client.close()


def sessions(login: str) -> list[str]:
    """The proofs of the sessions of a member that stand."""
    rows = StaffSession.objects.using("gate").filter(staff__login=login, ended_at=None)
    return list(rows.order_by("pk").values_list("proof", flat=True))


def code(off: int = 0) -> str:
    return code_at(SECRET, int(clock.now().timestamp()) // STEP_SECONDS + off)


def test_a_second_factor_at_the_provider_is_enough_and_the_identity_is_bound(browser: Browser) -> None:
    staff = Staff.objects.using("gate").count()
    assert "统一认证登录" in browser.get("/sign-in").text
    page = browser.enter("limin", second=True)
    assert (page.status_code, urlsplit(str(page.url)).path) == (200, "/")
    assert sessions("E1001") == ["provider"]
    link = ProviderLink.objects.using("gate").get(staff__login="E1001", ended_at=None)
    assert b"sub-of-limin" not in bytes(link.subject_mark)
    assert Staff.objects.using("gate").count() == staff, "nobody is made"
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize("login", ["unknown", "gone"])
def test_an_identity_of_nobody_who_works_here_opens_nothing(browser: Browser, login: str) -> None:
    page = browser.enter(login, second=True)
    assert (page.status_code, REFUSED in page.text) == (400, True)
    assert browser.get("/").is_redirect
    assert not Staff.objects.using("gate").filter(login="E9999").exists()
    assert not ProviderLink.objects.using("gate").filter(staff__login="E1003").exists()


def test_somebody_of_an_imported_book_is_not_admitted_by_the_provider(browser: Browser, peer: Peer) -> None:
    admit("E2001", is_admitted=False)
    peer.does("members", members={**MEMBERS, "imported": {"sub": "sub-of-imported", "number": "E2001"}})
    assert REFUSED in browser.enter("imported", second=True).text
    assert sessions("E2001") == []


def test_a_number_that_is_somebody_elses_at_the_provider_now_opens_nothing(site: str, browser: Browser) -> None:
    """`twin` says the number that `limin` is bound to."""
    browser.enter("limin", second=True)
    before = len(sessions("E1001"))
    other = Browser(site)
    assert REFUSED in other.enter("twin", second=True).text
    assert len(sessions("E1001")) == before
    other.client.close()


def test_an_identity_that_is_bound_to_one_member_is_not_bound_to_another(
    site: str, peer: Peer, browser: Browser
) -> None:
    admit("E3001")
    peer.does("members", members={"moved": {"sub": "sub-of-limin", "number": "E3001"}})
    assert browser.enter("moved", second=True).status_code == 400
    peer.does("members", members=MEMBERS)


def test_without_a_second_factor_there_ours_is_enrolled_and_asked_here(site: str, browser: Browser) -> None:
    page = browser.enter("wangtao")
    assert urlsplit(str(page.url)).path == "/sign-in/enrol"
    assert browser.get("/").is_redirect, "nobody is in yet"
    assert sessions("E1002") == []
    staff_id = Staff.objects.using("gate").get(login="E1002").pk
    enrol_app(staff_id, SECRET, code(-1), "手机", clock.now(), is_first=True)
    again = Browser(site)
    assert urlsplit(str(again.enter("wangtao").url)).path == "/sign-in/factor"
    wrong = again.post("/sign-in/factor", code="000000")
    assert wrong.status_code == 400
    SignInWait.objects.using("gate").all().delete()
    assert again.post("/sign-in/factor", code=code()).headers["location"] == "/"
    assert sessions("E1002") == ["totp"]
    assert ProviderSession.objects.using("gate").filter(session__staff__login="E1002").count() == 1
    again.client.close()


def test_an_answer_is_looked_at_once_and_only_by_the_browser_that_asked(site: str, browser: Browser) -> None:
    start = browser.get("/sign-in/provider")
    asked = parse_qs(urlsplit(start.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    forged = browser.get(f"/sign-in/provider/answer?code=x&state={asked['state'][0]}y")
    assert forged.status_code == 400
    replayed = browser.get(f"/sign-in/provider/answer?code=x&state={asked['state'][0]}")
    assert (replayed.status_code, "已失效" in replayed.text) == (400, True)
    stranger = Browser(site)
    assert stranger.get(f"/sign-in/provider/answer?code=x&state={asked['state'][0]}").status_code == 400
    denied = Browser(site)
    state = parse_qs(urlsplit(denied.get("/sign-in/provider").headers["location"]).query)["state"][0]
    assert "未放行" in denied.get(f"/sign-in/provider/answer?error=access_denied&state={state}").text
    for one in (stranger, denied):
        one.client.close()


def test_a_password_is_for_the_roles_that_are_named_and_leaves_a_trace(book: Book, browser: Browser) -> None:
    make_member("by-password", "collector", book.lender)
    make_member("glass", "administrator")
    refused = browser.post("/sign-in", login="by-password", password=PASSWORD)
    assert (refused.status_code, "只经统一认证" in refused.text) == (400, True)
    wrong = browser.post("/sign-in", login="by-password", password="wrong")
    assert "只经统一认证" not in wrong.text, "a role is told to whoever has the password"
    taken = browser.post("/sign-in", login="glass", password=PASSWORD)
    assert taken.headers["location"] == "/sign-in/enrol"
    assert SignInAct.objects.using("gate").filter(staff__login="glass", kind="broke_glass").count() == 1


def test_the_provider_ends_a_session_and_a_later_one_stands(site: str, browser: Browser, peer: Peer) -> None:
    browser.enter("limin", second=True)
    assert browser.get("/account").status_code == 200
    leave_at_provider(browser, peer)
    assert browser.get("/account").is_redirect, "ended by the back channel, without this browser"
    ended = StaffSession.objects.using("gate").filter(staff__login="E1001").latest("pk")
    assert ended.ended_because == "provider_ended"
    later = Browser(site)
    later.enter("limin", second=True)
    assert later.get("/account").status_code == 200
    assert later.client.post(site + "/sign-in/provider/logout", data={"logout_token": "nonsense"}).status_code == 400
    assert later.get("/account").status_code == 200
    later.client.close()


def leave_at_provider(browser: Browser, peer: Peer) -> None:
    """Sign out at the provider's own page; its word comes to us from its process."""
    page = browser.client.get(peer.issuer + "/session/end")
    form = re.search(r'name="xsrf" value="([^"]+)"', page.text)
    assert form is not None
    done = browser.client.post(peer.issuer + "/session/end/confirm", data={"xsrf": form[1], "logout": "yes"})
    assert done.status_code in (200, 302, 303)


def test_whoever_signs_out_here_is_shown_the_way_out_there(browser: Browser) -> None:
    browser.enter("limin", second=True)
    left = browser.follow(browser.post("/sign-out"))
    assert "您已退出知止" in left.text
    target = re.search(r'href="(http[^"]+/session/end[^"]*)"', left.text)
    assert target is not None
    assert "E1001" not in target[1]
    assert "sub" not in target[1]


def test_a_provider_that_is_away_lets_nobody_in_and_says_so_in_both_languages(browser: Browser, peer: Peer) -> None:
    from zhizhi.gateways.oidc.published import Published
    from zhizhi.usecases.sign_in.installed import installed_provider

    provider = installed_provider()
    kept = provider._published  # type: ignore[union-attr]  # a fresh process has nothing kept
    provider._published = Published(kept._settings)  # type: ignore[union-attr]  # as above
    peer.does("broken", **{"is": True})
    try:
        page = browser.get("/sign-in/provider")
        assert (page.status_code, "统一认证不可用" in page.text) == (503, True)
        assert "identity provider is away" in browser.get("/sign-in/provider?lang=en").text
        assert browser.get("/sign-in").status_code == 200, "named roles still come in"
    finally:
        peer.does("broken", **{"is": False})
        provider._published.close()  # type: ignore[union-attr]  # as above
        provider._published = kept  # type: ignore[union-attr]  # as above


def test_signing_in_anew_there_proves_a_session_here(browser: Browser) -> None:
    browser.enter("limin", second=True)
    session = StaffSession.objects.using("gate").filter(staff__login="E1001").latest("pk")
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    StaffSession.objects.using("gate").filter(pk=session.pk).update(proved_at=long_ago)
    asked = browser.get("/account/password")
    assert "经统一认证验证" in asked.text
    page = browser.enter("limin", second=True, start="/sign-in/provider/again?next=/sign-in/provider/proved")
    assert "已验证" in page.text
    session.refresh_from_db(using="gate")
    assert session.proved_at is not None
    assert session.proved_at > long_ago
    assert "经统一认证验证" not in browser.get("/account/password").text
    StaffSession.objects.using("gate").filter(pk=session.pk).update(proved_at=long_ago)
    weak = browser.enter("limin", start="/sign-in/provider/again?next=/sign-in/provider/proved")
    assert weak.status_code == 400, "without a second factor there it proves nothing"


def test_a_leaver_is_out_at_once_and_the_identity_opens_nothing(book: Book, browser: Browser) -> None:
    browser.enter("wangtao", second=True)
    by = admit("E9000", "administrator")
    leave(Leave(Staff.objects.using("gate").get(login="E1002").pk, "已办离职手续", by), clock.now())
    assert browser.get("/account").is_redirect
    assert REFUSED in browser.enter("wangtao", second=True).text
    assert not ProviderLink.objects.using("gate").filter(staff__login="E1002", ended_at=None).exists()
