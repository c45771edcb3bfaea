"""`zhizhi campaign`: the same steps, words and rights as the console's page, for somebody at a terminal."""

import pytest
from click.testing import CliRunner, Result

from book import Borrower, make_lender, make_staff
from campaignwork import book_of, deliveries, running
from gatework import MINUTE, TEN, rows
from zhizhi.ops.campaign import campaign
from zhizhi.store.campaigns.terms import CampaignTerms
from zhizhi.store.lenders.models import Lender
from zhizhi.usecases.campaigns.asking import ask_chunk
from zhizhi.usecases.set_stop import SetStop, set_stop

pytestmark = pytest.mark.usefixtures("store")
CODES = (f"K{n}" for n in range(100))
NUMBERS = iter(range(300_000, 400_000, 50))


@pytest.fixture
def lender(store: str) -> Lender:
    return make_lender(next(CODES))


@pytest.fixture
def head(lender: Lender) -> str:
    return str(make_staff(f"head-{lender.code}", "head", lender).login)


@pytest.fixture
def persons(lender: Lender) -> list[Borrower]:
    return book_of(lender, next(NUMBERS), 4)


@pytest.fixture
def terms(lender: Lender, head: str, persons: list[Borrower]) -> CampaignTerms:
    (by,) = rows("SELECT id FROM staff WHERE login = %s", head)[0]
    return running(lender, int(by))


def said(*words: object) -> str:
    """What the command prints where it does as it is told."""
    done = asked(*words)
    assert done.exit_code == 0, done.output
    return done.output


def asked(*words: object) -> Result:
    return CliRunner().invoke(campaign, [str(word) for word in words])


def test_it_is_paused_resumed_throttled_and_cancelled_in_somebodys_name(
    terms: CampaignTerms, head: str, lender: Lender
) -> None:
    ask_chunk(terms, TEN, 3)
    assert "已暂停 · paused" in said("pause", terms.id, "--by", head)
    assert "进行中 · running" in said("resume", terms.id, "--by", head)
    said("throttle", terms.id, "--by", head, "--per-second", 7)
    assert rows("SELECT per_second FROM campaign WHERE id = %s", terms.id) == [(7,)]
    said("throttle", terms.id, "--by", head, "--unlimited")
    said("throttle", terms.id, "--by", head, "--per-second", 9, "--provider")
    assert rows("SELECT per_second FROM send_pace") == [(9,)]
    ended = said("cancel", terms.id, "--by", head)
    for words in ("已取消 · cancelled", "正在撤回，尚余 0 条", "3 条未发出，已撤回，许可已归还", "0 unknown"):
        assert words in ended
    assert deliveries(terms.id) == {"cancelled": 3}
    steps = "SELECT s.what, s.why, t.login FROM campaign_step s JOIN staff t ON t.id = s.by_id WHERE s.campaign_id = %s"
    assert rows(f"{steps} ORDER BY s.id", terms.id) == [
        ("created", "", head), ("started", "", head), ("paused", "", head), ("resumed", "", head),
        ("throttled", "7", head), ("throttled", "", head), ("cancelled", "", head),
    ]  # fmt: skip


def test_it_shows_the_progress_and_what_the_law_held_back_with_its_article(
    terms: CampaignTerms, head: str, lender: Lender, persons: list[Borrower]
) -> None:
    set_stop(SetStop(persons[0].person, "hardship", None, "住院治疗中", None, terms.created_by_id), TEN - MINUTE)
    rows("UPDATE person SET time_zones = '[\"America/Sao_Paulo\"]' WHERE id = %s RETURNING id", persons[1].person)
    ask_chunk(terms, TEN)
    assert f"{terms.id}\t进行中 · running\t4" in said("list", "--by", head)
    shown = said("show", terms.id, "--by", head)
    for words in ("准许 · permitted: 2", "待发出 · in the outbox: 2", "停催：困难 · stop: hardship", "开始 · started"):
        assert words in shown
    rule, cites = rows(
        "SELECT rule, body -> 'reasons' -> 0 ->> 'cites' FROM decision WHERE person_id = %s", persons[1].person
    )[0]
    assert f"1\t拒绝 · refused\t{rule} {cites}" in shown
    assert cites


def test_who_may_do_what_is_as_on_the_console(terms: CampaignTerms, lender: Lender) -> None:
    for role, may in (("auditor", ()), ("compliance", ("pause", "cancel")), ("collector", None)):
        login = make_staff(f"{role}-{lender.code}", role, lender).login
        assert (asked("show", terms.id, "--by", login).exit_code == 0) == (may is not None)
        for what in ("pause", "resume", "cancel"):
            done = asked(what, terms.id, "--by", login)
            assert ("该角色无权" in done.output) == (what not in (may or ())), done.output
    assert rows("SELECT state FROM campaign WHERE id = %s", terms.id) == [("cancelled",)]


def test_what_cannot_be_done_is_refused_with_the_reason(terms: CampaignTerms, head: str) -> None:
    other = make_lender(next(CODES))
    stranger = make_staff(f"head-{other.code}", "head", other).login
    for words, why in (
        (("show", terms.id, "--by", stranger), "没有这个群发，或您看不到它"),
        (("cancel", terms.id, "--by", stranger), "没有这个群发，或您看不到它"),
        (("show", terms.id, "--by", "nobody"), "没有这个登录名"),
        (("resume", terms.id, "--by", head), "群发的状态已改变"),
        (("throttle", terms.id, "--by", head), "--per-second 或 --unlimited 之一"),
    ):
        done = asked(*words)
        assert (done.exit_code, why in done.output) == (1, True), done.output
    assert rows("SELECT state FROM campaign WHERE id = %s", terms.id) == [("running",)]
