"""Sign-in in a real browser: an app, a passkey (the browser's own virtual one), a lock, and sessions that are ended."""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Page, expect

from web.book import AT, PASSWORD, Book
from web.members import code_now, make_member
from web.test_sign_in import QUICK
from zhizhi.store.models import SignInWait
from zhizhi.web.shared import clock

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def standing_clock(book: Book) -> Iterator[None]:
    """Each test may move the clock; nobody waits for a hash or for another test's failures."""
    SignInWait.objects.using("gate").all().delete()
    with override_settings(PASSWORD_HASHERS=[QUICK, *settings.PASSWORD_HASHERS]):
        yield
    clock.install(lambda: AT)


@pytest.fixture
def named(window: Callable[..., Page], address: str) -> Callable[..., Page]:
    """Windows at a name: browsers make no passkeys at a number."""
    return lambda **options: window(base_url=address.replace("127.0.0.1", "localhost"), **options)


def later(**span: float) -> None:
    clock.install(lambda: AT + timedelta(**span))


def give_password(page: Page, login: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def leave(page: Page) -> None:
    page.locator("summary", has=page.locator(".who-name")).click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_label("登录名")).to_be_visible()


def with_authenticator(page: Page, *, verifies: bool = True, transport: str = "internal") -> None:
    """A virtual authenticator of this window."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def enrol_app(page: Page, login: str) -> bytes:
    give_password(page, login)
    expect(page.get_by_role("heading", level=1)).to_contain_text("设置第二因素")
    secret = with_app(page)
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    return secret


def with_app(page: Page) -> bytes:
    """The page's secret, typed into an app whose code is typed back."""
    page.get_by_text("不能扫描").click()
    letters = page.locator(".letters code")
    expect(letters).to_be_visible()
    secret = base64.b32decode(letters.inner_text().replace(" ", ""))
    page.get_by_label("6 位验证码").fill(code_now(secret))
    page.get_by_role("button", name="启用验证器应用").click()
    return secret


def test_an_app_is_enrolled_at_the_first_sign_in_and_asked_at_the_next(page: Page, book: Book) -> None:
    make_member("app-journey")
    secret = enrol_app(page, "app-journey")
    spare = page.locator(".recovery-codes code").first.inner_text()
    page.get_by_role("link", name="已保存，继续").click()
    expect(page.get_by_role("link", name="知止")).to_be_visible()
    leave(page)
    later(minutes=1)
    give_password(page, "app-journey")
    page.get_by_label("验证码").fill("000000")
    page.get_by_role("button", name="验证", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("验证未通过")
    page.get_by_label("验证码").fill(code_now(secret))
    page.get_by_role("button", name="验证", exact=True).click()
    expect(page.get_by_role("link", name="知止")).to_be_visible()
    leave(page)
    give_password(page, "app-journey")
    page.get_by_label("验证码").fill(spare)
    page.get_by_role("button", name="验证", exact=True).click()
    expect(page.get_by_role("link", name="知止")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_text("恢复码还剩 9 个")).to_be_visible()


@pytest.mark.parametrize("transport", ["internal", "usb"])
def test_a_passkey_signs_in_and_proves_again_with_what_was_typed(
    named: Callable[..., Page], book: Book, transport: str
) -> None:
    make_member(f"key-{transport}", "supervisor", book.lender)
    target = make_member(f"of-{transport}", "collector", book.lender)
    page = named()
    with_authenticator(page, transport=transport)
    give_password(page, f"key-{transport}")
    page.get_by_role("button", name="创建通行密钥").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    page.get_by_role("link", name="已保存，继续").click()
    expect(page.get_by_role("link", name="知止")).to_be_visible()
    leave(page)
    give_password(page, f"key-{transport}")
    page.get_by_role("button", name="用通行密钥验证").click()
    expect(page.get_by_role("link", name="知止")).to_be_visible()
    page.goto(f"/sign-ins/{target}")
    page.get_by_label("解除锁定").check()
    page.get_by_label("依据").fill("本人持工牌到场核实")
    later(minutes=11)
    page.get_by_role("button", name="执行并留痕").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("请再次验证")
    page.get_by_role("button", name="用通行密钥验证").click()
    expect(page.get_by_role("alert")).to_contain_text("没有可以结束的")
    expect(page.get_by_label("依据")).to_have_value("本人持工牌到场核实")


def test_an_authenticator_that_verifies_nobody_enrols_nothing(named: Callable[..., Page], book: Book) -> None:
    make_member("unverified")
    page = named()
    with_authenticator(page, verifies=False)
    give_password(page, "unverified")
    page.get_by_role("button", name="创建通行密钥").click()
    expect(page.get_by_text("没有完成")).to_be_visible()
    expect(page.get_by_role("button", name="创建通行密钥")).to_be_enabled()


def test_failures_lead_to_a_wait_that_names_nobody(page: Page, book: Book) -> None:
    make_member("wait-journey")
    for _ in range(5):
        give_password(page, "wait-journey", "wrong-password")
        expect(page.get_by_role("alert")).to_contain_text("登录名或密码不正确")
    give_password(page, "wait-journey")
    expect(page.get_by_role("alert")).to_contain_text("请等待")
    later(seconds=30)
    give_password(page, "wait-journey")
    expect(page.get_by_role("heading", level=1)).to_contain_text("设置第二因素")


def test_a_new_device_is_told_and_ended_from_the_first_one(window: Callable[..., Page], book: Book) -> None:
    make_member("two-devices")
    desk, laptop = window(), window()
    secret = enrol_app(desk, "two-devices")
    later(minutes=1)
    give_password(laptop, "two-devices")
    laptop.get_by_label("验证码").fill(code_now(secret))
    laptop.get_by_role("button", name="验证", exact=True).click()
    expect(laptop.get_by_role("link", name="知止")).to_be_visible()
    desk.goto("/cases")
    desk.get_by_role("link", name="查看是否本人").click()
    end = desk.get_by_role("button", name="结束", exact=True)
    end.click()
    expect(end).to_have_count(0)
    expect(desk.locator("#sessions")).to_be_visible()
    laptop.goto("/cases")
    expect(laptop.get_by_label("登录名")).to_be_visible()
