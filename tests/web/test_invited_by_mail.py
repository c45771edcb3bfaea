"""Inviting by mail over HTTP: who may, what the page of a member says, and the mail that leads to a desk."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from postbox import Postbox, serve, text_of
from signed import signed_in
from web.book import AT, Book
from web.members import make_member, with_app
from zhizhi.gateways.invitations.sender import InvitationSender
from zhizhi.gateways.smtp.settings import Security, SmtpSettings
from zhizhi.jobs.invitations import steps_of_invitations
from zhizhi.store.models import Staff
from zhizhi.usecases.staff import mailing
from zhizhi.usecases.staff.mailing import MailRules

DOMAINS = frozenset({"lender.example"})
SITE = "https://desk.lender.example/invitation"
GOOD = "correct horse battery staple 27"


@pytest.fixture(autouse=True)
def set_up() -> Iterator[None]:
    mailing.install(MailRules(has_origin=True, is_connected=True, domains=DOMAINS))
    yield
    mailing.install(MailRules())


@pytest.fixture(scope="module")
def keeper(book: Book) -> Client:
    with_app(make_member("mail-keeper", "administrator"))
    return signed_in("mail-keeper")


def newcomer(login: str, book: Book) -> int:
    """Admitted, and without a password."""
    staff_id = make_member(login, "collector", book.lender, is_admitted=True)
    Staff.objects.using("gate").filter(pk=staff_id).update(password="!")
    return staff_id


def worked(postbox: Postbox) -> None:
    """A round of the worker with a mail server of its own."""
    with serve(postbox) as port:
        settings = SmtpSettings("127.0.0.1", port, "notice@lender.example", Security.PLAIN, timeout_seconds=2.0)
        sender = InvitationSender(settings, DOMAINS, SITE)
        steps_of_invitations(sender, lambda: AT)["invitations"](AT, lambda: None)
        sender.close()


def page(client: Client, staff_id: int) -> str:
    return str(client.get(f"/staff/{staff_id}").content.decode())


def test_the_mail_leads_to_a_password_and_no_page_shows_its_code(book: Book, keeper: Client) -> None:
    staff_id, postbox = newcomer("by-mail", book), Postbox()
    assert "登记工作邮箱" in page(keeper, staff_id)
    assert "发送邀请邮件" not in page(keeper, staff_id), "there is nowhere to send it"
    assert keeper.post(f"/staff/{staff_id}/address", {"address": "wangli@lender.example"}).status_code == 302
    shown = page(keeper, staff_id)
    assert "发送邀请邮件" in shown
    assert "wangli" not in shown, "masked"
    assert keeper.post(f"/staff/{staff_id}/invite-by-mail").status_code == 302
    assert "等待发送" in page(keeper, staff_id)
    worked(postbox)
    (mail,) = postbox.mails
    link = re.search(rf"{re.escape(SITE)}#(\S+)", text_of(mail))
    assert link is not None
    shown = page(keeper, staff_id)
    assert "邮件服务器已接收" in shown
    assert link[1] not in shown
    somebody = Client()
    assert somebody.post("/invitation", {"code": link[1]})["Location"] == "/invitation/password"
    assert somebody.post("/invitation/password", {"wanted": GOOD, "again": GOOD}).status_code == 302
    assert "邀请已使用" in page(keeper, staff_id)


def test_a_mail_that_did_not_arrive_is_told_to_whoever_sent_it(book: Book, keeper: Client) -> None:
    staff_id = newcomer("no-mailbox", book)
    keeper.post(f"/staff/{staff_id}/address", {"address": "gone@lender.example"})
    keeper.post(f"/staff/{staff_id}/invite-by-mail")
    worked(Postbox(RCPT="550 nobody here"))
    for shown in (page(keeper, staff_id), keeper.get("/staff").content.decode()):
        assert "邮件服务器拒收（代码 550）" in shown
    assert "重新发送邀请邮件" in page(keeper, staff_id)
    with_app(make_member("other-keeper", "administrator"))
    assert "邮件服务器拒收" not in signed_in("other-keeper").get("/staff").content.decode()


@pytest.mark.parametrize(
    ("rules", "says"),
    [(MailRules(is_connected=True, domains=DOMAINS), "ZHIZHI_ORIGIN"), (MailRules(has_origin=True), "channels.toml")],
)
def test_where_it_is_not_set_up_the_page_says_what_is_missing(
    book: Book, keeper: Client, rules: MailRules, says: str
) -> None:
    staff_id = newcomer(f"unset-{says[0]}", book)
    mailing.install(rules)
    shown = page(keeper, staff_id)
    assert says in shown
    assert "发出邀请" in shown, "by hand remains possible"
    answer = keeper.post(f"/staff/{staff_id}/invite-by-mail")
    assert (answer.status_code, says in answer.content.decode()) == (400, True)


def test_an_address_of_elsewhere_is_refused_at_its_field(book: Book, keeper: Client) -> None:
    staff_id = newcomer("elsewhere", book)
    answer = keeper.post(f"/staff/{staff_id}/address", {"address": "e1@qq.com"})
    assert answer.status_code == 400
    assert "lender.example" in answer.content.decode()


@pytest.mark.parametrize("login", ["alice", "auditor", "super", "head"])
def test_it_takes_the_right_to_invite(book: Book, login: str) -> None:
    staff_id = newcomer(f"for-{login}", book)
    client = signed_in(login)
    assert client.post(f"/staff/{staff_id}/address", {"address": "a@lender.example"}).status_code == 403
    assert client.post(f"/staff/{staff_id}/invite-by-mail").status_code == 403


def test_one_of_another_lender_finds_nobody(book: Book) -> None:
    with_app(make_member("lender-keeper", "administrator", book.lender))
    stranger = Staff.objects.using("gate").get(login="stranger").pk
    client = signed_in("lender-keeper")
    assert client.post(f"/staff/{stranger}/address", {"address": "a@lender.example"}).status_code == 404
    assert client.post(f"/staff/{stranger}/invite-by-mail").status_code == 404
