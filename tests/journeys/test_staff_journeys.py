"""Staff in a real browser: two let somebody in, a move and a leaving are felt at once, the way through a provider."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Page, expect

from gateways.identity import Peer
from journeys.test_sign_in_journeys import enrol_app, give_password, later, leave, with_app
from postbox import Postbox, text_of
from web.book import AT, Book
from web.members import code_now, make_member
from web.provided import admit, with_provider
from web.test_invited_by_mail import DOMAINS, worked
from web.test_sign_in import QUICK
from zhizhi.store.models import Case, SignInWait, Staff
from zhizhi.usecases.staff import mailing
from zhizhi.web.shared import clock

pytestmark = pytest.mark.browser
GROUND, GOOD = "入职手续已核对", "correct horse battery staple 27"


@pytest.fixture(autouse=True)
def standing_clock(book: Book) -> Iterator[None]:
    """Nobody waits for a hash or for another test's failures."""
    SignInWait.objects.using("gate").all().delete()
    with override_settings(PASSWORD_HASHERS=[QUICK, *settings.PASSWORD_HASHERS]):
        yield
    clock.install(lambda: AT)


def desk_of(window: Callable[..., Page], login: str, role: str, lender: int | None = None) -> Page:
    """A window in which somebody new has signed in with an app."""
    Staff.objects.using("gate").filter(pk=make_member(login, role, lender)).update(is_synthetic=False)
    page = window()
    enrol_app(page, login)
    goes_on(page)
    return page


def goes_on(page: Page) -> None:
    """From the recovery codes to the desk."""
    page.get_by_role("link", name="已保存，继续").click()
    expect(page.get_by_role("link", name="知止")).to_be_visible()


def approve(page: Page, login: str) -> None:
    """The second word, on the member's page."""
    page.goto("/staff")
    page.locator("#waiting + ul").get_by_role("link", name=login).click()
    page.locator("form", has=page.get_by_role("button", name="批准", exact=True)).get_by_label("依据").fill(GROUND)
    page.get_by_role("button", name="批准", exact=True).click()
    expect(page.get_by_role("button", name="批准", exact=True)).to_have_count(0)


@pytest.fixture
def mail() -> Iterator[Postbox]:
    """A mail server of the house, and a worker's settings for it."""
    mailing.install(mailing.MailRules(has_origin=True, is_connected=True, domains=DOMAINS))
    yield Postbox()
    mailing.install(mailing.MailRules())


def test_an_invitation_goes_by_mail_and_what_did_not_arrive_is_told(
    window: Callable[..., Page], book: Book, mail: Postbox
) -> None:
    asker = desk_of(window, "asks-mail", "administrator")
    staff_id = make_member("E7009", "collector", book.lender, is_admitted=True)
    Staff.objects.using("gate").filter(pk=staff_id).update(password="!")
    asker.goto(f"/staff/{staff_id}")
    asker.get_by_text("登记工作邮箱").click()
    asker.get_by_label("工作邮箱").fill("zhaoxin@lender.example")
    asker.get_by_role("button", name="保存").click()
    asker.get_by_role("button", name="发送邀请邮件").click()
    expect(asker.get_by_text("等待发送")).to_be_visible()
    mail.answers["RCPT"] = "550 nobody here"
    worked(mail)
    asker.goto("/staff")
    expect(asker.get_by_role("heading", name="您发出的邀请邮件未送达")).to_be_visible()
    asker.locator("#undelivered + ul").get_by_role("link", name="E7009").click()
    expect(asker.get_by_text("邮件服务器拒收（代码 550）")).to_be_visible()
    mail.answers.clear()
    asker.get_by_role("button", name="重新发送邀请邮件").click()
    expect(asker.get_by_text("等待发送")).to_be_visible()
    worked(mail)
    asker.reload()
    expect(asker.get_by_text("邮件服务器已接收")).to_be_visible()
    link = re.search(r"https://\S+#(\S+)", text_of(mail.mails[-1]))
    assert link is not None
    newcomer = window()
    newcomer.goto(f"/invitation#{link[1]}")
    expect(newcomer.get_by_label("邀请码")).to_have_value(link[1])
    newcomer.get_by_role("button", name="继续").click()
    expect(newcomer.get_by_label("设置密码")).to_be_visible()


def test_two_let_somebody_in_who_chooses_a_password_and_a_factor(window: Callable[..., Page], book: Book) -> None:
    asker, approver = desk_of(window, "asks-1", "administrator"), desk_of(window, "rules-1", "head")
    asker.goto("/staff")
    asker.get_by_role("link", name="申请新增").click()
    asker.get_by_label("登录名（通常为工号）").fill("E7001")
    asker.get_by_label("姓名").fill("赵新")
    asker.get_by_label("角色").select_option("collector")
    asker.get_by_label("金融机构").select_option(str(book.lender))
    asker.get_by_label("班组").fill("A组")
    asker.get_by_label("依据").fill(GROUND)
    asker.get_by_role("button", name="提交申请").click()
    expect(asker.get_by_text("待批的人员变动")).to_be_visible()
    approve(approver, "E7001")
    member = Staff.objects.using("gate").get(login="E7001")
    asker.goto(f"/staff/{member.pk}")
    asker.get_by_role("button", name="发出邀请").click()
    code = asker.locator(".slip-code code").inner_text()
    link = asker.get_by_role("link", name="在本机打开").get_attribute("href")
    assert link is not None
    newcomer = window()
    newcomer.goto("/" + link.split("/", 3)[3])
    expect(newcomer.get_by_label("邀请码")).to_have_value(code)
    expect(newcomer, "the script takes it out of the address").not_to_have_url(re.compile(re.escape(code)))
    newcomer.get_by_role("button", name="继续").click()
    newcomer.get_by_label("设置密码").fill(GOOD)
    newcomer.get_by_label("再输一次").fill(GOOD)
    newcomer.get_by_role("button", name="设置并继续").click()
    secret = with_app(newcomer)
    goes_on(newcomer)
    leave(newcomer)
    later(minutes=1)
    give_password(newcomer, "E7001", GOOD)
    newcomer.get_by_label("验证码").fill(code_now(secret))
    newcomer.get_by_role("button", name="验证", exact=True).click()
    expect(newcomer.get_by_role("link", name="知止")).to_be_visible()


def test_an_invitation_is_used_without_a_script_by_typing_its_code(plain: Page, book: Book) -> None:
    plain.goto("/sign-in")
    plain.get_by_role("link", name="有邀请码").click()
    plain.get_by_label("邀请码").fill("12-abcd")
    plain.get_by_role("button", name="继续").click()
    expect(plain.get_by_text("邀请码不正确、已使用或已过期")).to_be_visible()


def test_a_mover_is_out_with_the_next_click_and_sees_the_old_rows_no_more(
    window: Callable[..., Page], book: Book
) -> None:
    asker, approver = desk_of(window, "asks-2", "administrator"), desk_of(window, "rules-2", "compliance")
    staff_id = make_member("moves", "collector", book.lender, is_admitted=True)
    Case.objects.using("gate").filter(number=book.cases["bobs"]).update(collector_id=staff_id)
    mover = window()
    secret = enrol_app(mover, "moves")
    goes_on(mover)
    mover.goto("/cases")
    expect(mover.get_by_text(book.cases["bobs"])).to_be_visible()
    asker.goto(f"/staff/{staff_id}")
    asker.get_by_text("申请变更岗位").click()
    form = asker.locator("form", has=asker.get_by_label("班组"))
    form.get_by_label("金融机构").select_option(str(book.other_lender))
    form.get_by_label("依据").fill("调岗通知 12 号")
    form.get_by_role("button", name="提交申请").click()
    expect(asker.get_by_role("button", name="撤回申请")).to_be_visible()
    approve(approver, "moves")
    mover.goto("/cases")
    expect(mover.get_by_label("登录名")).to_be_visible()
    later(minutes=1)
    give_password(mover, "moves")
    mover.get_by_label("验证码").fill(code_now(secret))
    mover.get_by_role("button", name="验证", exact=True).click()
    expect(mover.get_by_role("link", name="知止")).to_be_visible()
    mover.goto("/cases")
    expect(mover.get_by_text(book.cases["bobs"])).to_have_count(0)
    approver.goto("/cases?reassign=yes")
    expect(approver.get_by_text(book.cases["bobs"])).to_be_visible()


def test_a_leaver_is_thrown_out_in_the_middle_of_the_work(window: Callable[..., Page], book: Book) -> None:
    asker = desk_of(window, "asks-3", "administrator")
    staff_id = make_member("leaves", "collector", book.lender)
    leaver = window()
    secret = enrol_app(leaver, "leaves")
    goes_on(leaver)
    leaver.goto("/cases")
    asker.goto(f"/staff/{staff_id}")
    asker.get_by_text("办理离岗").click()
    asker.get_by_role("button", name="确认离岗").locator("..").get_by_label("依据").fill("离职手续已办")
    asker.get_by_role("button", name="确认离岗").click()
    expect(asker.get_by_text("已离岗").first).to_be_visible()
    leaver.get_by_role("link", name="案件").first.click()
    expect(leaver.get_by_label("登录名")).to_be_visible()
    later(minutes=1)
    give_password(leaver, "leaves")
    expect(leaver.get_by_role("alert")).to_contain_text("登录名或密码不正确")
    assert code_now(secret)


@pytest.fixture
def provided(book: Book) -> Iterator[tuple[str, Peer]]:
    """Our site beside a real provider; the clock is the machine's."""
    Staff.objects.using("gate").filter(login="E1001").exists() or admit("E1001", lender=book.lender)
    with with_provider() as made:
        yield made


def test_the_provider_lets_somebody_in_and_its_logout_throws_them_out(
    window: Callable[..., Page], provided: tuple[str, Peer]
) -> None:
    site, peer = provided
    page = window(base_url=site, locale="zh-CN")
    page.goto("/account")
    page.get_by_role("link", name="统一认证登录").click()
    expect(page.get_by_role("heading", name="统一认证（测试）")).to_be_visible()
    page.get_by_label("账号").fill("limin")
    page.get_by_label("第二因素").check()
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/account")
    expect(page.get_by_text("统一认证（含第二因素）")).to_be_visible()
    elsewhere = page.context.new_page()
    elsewhere.goto(peer.issuer + "/session/end")
    elsewhere.get_by_role("button", name="Yes, sign me out").click()
    expect(elsewhere).to_have_title(re.compile("Sign-out Success"))
    page.goto("/account")
    expect(page.get_by_label("登录名")).to_be_visible()


def test_who_signs_out_here_goes_on_to_the_providers_page_under_the_content_policy(
    window: Callable[..., Page], provided: tuple[str, Peer]
) -> None:
    site, _ = provided
    page = window(base_url=site, locale="zh-CN")
    page.goto("/sign-in/provider")
    page.get_by_label("账号").fill("limin")
    page.get_by_label("第二因素").check()
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("link", name="知止")).to_be_visible()
    page.locator("summary", has=page.locator(".who-name")).click()
    page.get_by_role("button", name="退出").click()
    page.get_by_role("link", name="同时退出统一认证").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{site}/sign-in*")
    expect(page.get_by_role("link", name="统一认证登录")).to_be_visible()
