"""Invitations by mail: what may leave is a code to a mailbox of the house, whatever the caller holds."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as default_policy
from pathlib import Path

import pytest

from gateways.grants import AT
from postbox import Postbox, serve, text_of
from zhizhi.gateways.connected import ChannelsRefused, load_settings
from zhizhi.gateways.invitations.sender import InvitationLetter, InvitationSender, house_address
from zhizhi.gateways.invitations.settings import load_mail_settings, open_invitation_sender
from zhizhi.gateways.permit import Failed, FailureKind, Sent, Unknown
from zhizhi.gateways.smtp.settings import Security, SmtpSettings

SITE = "https://desk.lender.example/invitation"
CODE = "17-abcd-efgh-jkmn-pqrs-tuvw-xyz2"
LETTER = InvitationLetter("e1001@lender.example", CODE, AT + timedelta(hours=24), "invitation/1/1")


def sender_to(port: int, domains: tuple[str, ...] = ("lender.example",), site: str = SITE) -> InvitationSender:
    settings = SmtpSettings("127.0.0.1", port, "notice@lender.example", Security.PLAIN, timeout_seconds=2.0)
    return InvitationSender(settings, domains, site)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def sender(postbox: Postbox) -> Iterator[InvitationSender]:
    with serve(postbox) as port:
        made = sender_to(port)
        yield made
        made.close()


def test_a_letter_arrives_with_the_link_the_code_and_its_end(sender: InvitationSender, postbox: Postbox) -> None:
    outcome = sender.send(LETTER, AT)
    assert isinstance(outcome, Sent)
    (mail,) = postbox.mails
    assert mail.rcpt_tos == ["e1001@lender.example"]
    head = message_from_bytes(mail.content or b"", policy=default_policy)
    assert (head["Message-ID"], head["Auto-Submitted"]) == (outcome.provider_message_id, "auto-generated")
    assert CODE not in str(head["Subject"])
    text = text_of(mail)
    assert f"{SITE}#{CODE}" in text, "behind #, which browsers send to nobody"
    assert "2026" in text
    assert (AT + timedelta(hours=24 + 8)).strftime("%Y-%m-%d %H:%M") in text, "Beijing"


def test_nothing_that_somebody_writes_finds_a_place_in_it() -> None:
    """The words stand in the module. What a caller brings is an address, a code, an instant and the id of the try: with
    another field of text this test asks whether a way around permits was opened."""
    assert {one.name: one.type for one in fields(InvitationLetter)} == {
        "address": str, "code": str, "ends_at": type(AT), "key": str,
    }  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        *("", "17", CODE[:-1], f"{CODE}2", "17-abcd-efgh-jkmn-pqrs-tuvw-XYZ2"),
        *("请今日还款一千元", f"{CODE} 请还款", f"{CODE}\n还款"),
    ],
)
def test_what_is_no_code_does_not_leave(sender: InvitationSender, postbox: Postbox, code: str) -> None:
    outcome = sender.send(replace(LETTER, code=code), AT)
    assert isinstance(outcome, Failed)
    assert (outcome.code, postbox.seen) == ("no_code", [])


@pytest.mark.parametrize(
    "address",
    [
        *("somebody@qq.com", "a@sub.lender.example", "a@lender.example.evil.example", "a@evil-lender.example", ""),
        *(
            "lender.example",
            "a@lender.example@qq.com",
            "a@lender.example,b@qq.com",
            "a@lender.example\r\nDATA",
        ),
    ],
)
def test_it_goes_to_mailboxes_of_the_house_alone(sender: InvitationSender, postbox: Postbox, address: str) -> None:
    outcome = sender.send(replace(LETTER, address=address), AT)
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.kind, postbox.seen) == ("not_ours", FailureKind.PERMANENT, [])


def test_a_mailbox_of_the_house_is_one_however_its_domain_is_written() -> None:
    assert house_address("E1001@Lender.Example", {"lender.example"}) is not None


def test_a_code_that_is_over_does_not_leave(sender: InvitationSender, postbox: Postbox) -> None:
    outcome = sender.send(LETTER, LETTER.ends_at)
    assert isinstance(outcome, Failed)
    assert (outcome.code, postbox.seen) == ("too_late", [])


def test_another_try_is_another_message(sender: InvitationSender) -> None:
    ends = [sender.send(replace(LETTER, key=f"invitation/1/{n}"), AT) for n in (1, 2, 2)]
    ids = [end.provider_message_id for end in ends if isinstance(end, Sent)]
    assert len(ids) == 3
    assert ids[0] != ids[1] == ids[2]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [({"RCPT": "550 nobody here"}, FailureKind.PERMANENT), ({"DATA": "451 later"}, FailureKind.TEMPORARY),
     ({"RCPT": "cut"}, FailureKind.TEMPORARY)],
)  # fmt: skip
def test_a_refusal_is_proof_that_nothing_left(answers: dict[str, str], kind: FailureKind) -> None:
    with serve(Postbox(**answers)) as port:
        sender = sender_to(port)
        outcome = sender.send(LETTER, AT)
        sender.close()
    assert isinstance(outcome, Failed)
    assert outcome.kind is kind
    assert CODE not in f"{outcome!r} {LETTER!r}"
    assert "e1001" not in f"{outcome!r} {LETTER!r}"


def test_silence_after_the_message_is_no_proof() -> None:
    with serve(Postbox(DATA="cut")) as port:
        sender = sender_to(port)
        outcome = sender.send(LETTER, AT)
        sender.close()
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    "site", ["http://desk.lender.example/invitation", "https://x/invitation?a=1", "javascript:1", ""]
)
def test_a_link_that_is_no_page_of_ours_over_tls_makes_no_sender(site: str) -> None:
    with pytest.raises(ValueError, match="https"):
        sender_to(1, site=site)


def test_without_a_domain_of_the_house_there_is_no_sender() -> None:
    with pytest.raises(ValueError, match="domain"):
        sender_to(1, domains=())


class TestSettings:
    EMAIL = '[email]\ngateway = "smtp"\nhost = "127.0.0.1"\nport = 25\nsender = "notice@lender.example"\n'

    def write(self, folder: Path, body: str) -> Path:
        path = folder / "channels.toml"
        path.write_text(body, encoding="utf-8")
        return path

    @pytest.mark.parametrize(
        ("body", "origin", "is_open"),
        [
            (EMAIL + 'staff_domains = ["Lender.Example"]\n', "https://desk.lender.example", True),
            (EMAIL + 'staff_domains = ["lender.example"]\n', "", False),
            (EMAIL + 'staff_domains = ["lender.example"]\n', "http://desk.lender.example", False),
            (EMAIL + "staff_domains = []\n", "https://desk.lender.example", False),
            (EMAIL, "https://desk.lender.example", False),
            ('[email]\ngateway = "sink"\nstaff_domains = ["lender.example"]\n', "https://desk.lender.example", False),
        ],
    )
    def test_they_are_sent_where_all_three_are_set(self, tmp_path: Path, body: str, origin: str, is_open: bool) -> None:
        settings = load_settings(self.write(tmp_path, body))
        assert (open_invitation_sender(settings, origin) is not None) is is_open

    def test_the_demonstration_sends_none(self, tmp_path: Path) -> None:
        found = load_mail_settings(load_settings(tmp_path / "none.toml"))
        assert (found.is_connected, found.domains) == (False, frozenset())

    @pytest.mark.parametrize(
        "named",
        ['"lender.example"', '["lender"]', '["*.lender.example"]', '["lender.example/x"]', "[1]", '["@a.example"]'],
    )
    def test_what_is_no_list_of_domains_is_refused(self, tmp_path: Path, named: str) -> None:
        settings = load_settings(self.write(tmp_path, f"{self.EMAIL}staff_domains = {named}\n"))
        with pytest.raises(ChannelsRefused, match="staff_domains"):
            load_mail_settings(settings)
