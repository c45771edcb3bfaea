"""A lender's own pack at the gate: it binds that lender alone, from the commit of its activation on, or holds it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, propose_call, propose_sms, refused_by_database, rows, talk
from housework import NO_SMS, ONE_TALK, TEN_YEARS, activated, digest, open_owner, write_house
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.store.contacts.decided import Span, stream_decisions
from zhizhi.store.law.activation import HouseRefused, Signed, withdraw_house
from zhizhi.store.law.houses import forget_houses, standing_houses
from zhizhi.store.lenders.models import Lender
from zhizhi.usecases.preview_contacts import preview_contacts
from zhizhi.usecases.replay import replay

pytestmark = pytest.mark.usefixtures("store")
PROFILE = "cn.consumer_finance.online.cba"
HEAD = "head-of-house"
ONE, SMS = "house.l1/H-1/one-talk-a-day", "house.l1/H-2/no-sms"
Login = psycopg.Connection[tuple[object, ...]]


class Desk:
    """Two lenders of one profile, somebody who calls for each, and somebody who has the say."""

    def __init__(self, folder: Path) -> None:
        self.lender, self.other = make_lender(), make_lender("L2")
        self.by = int(make_staff("collector", "collector", self.lender, 50).pk)
        self.other_by = int(make_staff("collector-2", "collector", self.other, 50).pk)
        make_staff(HEAD, "head")
        make_staff("compliance-2", "compliance", self.other)
        self.folder = folder
        self._n = 0

    def who(self, lender: Lender | None = None) -> Borrower:
        """A new person."""
        self._n += 1
        return make_borrower(lender or self.lender, self._n)

    def house(self, *rules: str, version: str = "1") -> Path:
        """A pack folder of its own content."""
        return write_house(self.folder / version, *rules, version=version)


@pytest.fixture(scope="module")
def desk(store: str, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    open_owner(store)
    return Desk(tmp_path_factory.mktemp("houses"))


@pytest.fixture
def standing(desk: Desk) -> Iterator[str]:
    """One talk a day and no SMS stand for the first lender; answers the digest."""
    folder = desk.house(ONE_TALK, NO_SMS, TEN_YEARS)
    activated(desk.lender.code, PROFILE, folder, HEAD, TEN)
    yield digest(folder)
    withdraw_house(desk.lender.code, Signed(HEAD, "测试结束"), TEN + timedelta(hours=1))


@pytest.fixture(scope="module")
def gate(store: str) -> Iterator[Login]:
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as connection:
        yield connection


def owner(sql: str, *values: object) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, values)


class TestAtTheGate:
    def test_what_only_the_house_forbids_is_refused_by_its_article_and_another_lender_is_not(
        self, desk: Desk, standing: str
    ) -> None:
        refused = propose_sms(desk.who(), desk.by, TEN)
        assert refused.decision.verdict == "forbid"
        assert [(one.rule, one.cites) for one in refused.decision.reasons] == [(SMS, "house H-2")]
        assert refused.permit_id is None
        assert ("house.l1", standing) in {(pack.id, pack.sha256) for pack in refused.decision.packs}
        other = propose_sms(desk.who(desk.other), desk.other_by, TEN)
        assert other.decision.verdict == "permit"
        assert standing not in {pack.sha256 for pack in other.decision.packs}

    def test_its_numbers_count_beside_those_of_the_law(self, desk: Desk, standing: str) -> None:
        who = desk.who()
        talk(who, desk.by, TEN)
        second = propose_call(who, desk.by, TEN + timedelta(hours=1))
        assert [one.rule for one in second.decision.reasons] == [ONE]
        assert {(one.rule, one.limit) for one in second.decision.budgets} >= {(ONE, 1)}

    def test_the_preview_says_the_same_as_the_gate(self, desk: Desk, standing: str) -> None:
        shown = preview_contacts(desk.who().person, desk.by, TEN)
        said = {one.channel: [reason.rule for reason in one.decision.reasons] for one in shown}
        assert said == {"voice": [], "sms": [SMS]}

    def test_after_a_withdrawal_the_law_alone_decides(self, desk: Desk) -> None:
        assert propose_sms(desk.who(), desk.by, TEN).decision.verdict == "permit"

    def test_decisions_under_a_house_pack_are_replayed_after_it_is_gone(self, desk: Desk) -> None:
        forget_houses()
        asked = list(replay(stream_decisions(Span(TEN - MINUTE, TEN + timedelta(hours=2)))))
        assert asked
        assert [(one.cannot, one.differences) for one in asked] == [(None, ())] * len(asked)
        assert any("house.l1" in str(one.then.body["packs"]) for one in asked)


class TestActivation:
    def test_one_stands_the_one_before_is_ended_and_both_stay_written(self, desk: Desk, standing: str) -> None:
        second = desk.house(NO_SMS, version="2")
        activated(desk.lender.code, PROFILE, second, HEAD, TEN + MINUTE)
        (now,) = standing_houses(desk.lender.code)
        assert (now.sha256, now.by, now.ground) == (digest(second), HEAD, "测试")
        ended = "SELECT ended_because FROM house_activation WHERE sha256 = %s ORDER BY id DESC LIMIT 1"
        assert digest(second)[:16] in rows(ended, standing)[0][0]
        assert propose_call(desk.who(), desk.by, TEN + 2 * MINUTE).decision.verdict == "permit"

    def test_a_leaf_says_who_put_what_in_force_and_who_ended_it(self, desk: Desk) -> None:
        leaves = rows(
            "SELECT l.body::text FROM leaf l JOIN house_activation h ON h.id = l.source_id"
            " WHERE l.source_table = 'house_activation' AND h.ended_at IS NOT NULL"
        )
        (activations,) = rows("SELECT count(*) FROM house_activation WHERE ended_at IS NOT NULL")
        assert len(leaves) == 2 * activations[0]

    def test_only_who_has_the_say_for_this_lender_signs(self, desk: Desk) -> None:
        folder = desk.house(NO_SMS, version="3")
        for login in ("collector", "compliance-2", "nobody"):
            with pytest.raises(HouseRefused, match="no_say"):
                activated(desk.lender.code, PROFILE, folder, login, TEN)
        with pytest.raises(HouseRefused, match="unknown_lender"):
            activated("L9", PROFILE, folder, HEAD, TEN)
        with pytest.raises(HouseRefused, match="other_profile"):
            activated(desk.lender.code, "cn.bank.online", folder, HEAD, TEN)
        with pytest.raises(HouseRefused, match="none_active"):
            withdraw_house(desk.lender.code, Signed(HEAD, "测试"), TEN)
        assert standing_houses() == []

    def test_no_login_of_the_application_writes_an_activation_or_a_proof(self, gate: Login, standing: str) -> None:
        for sql in (
            "UPDATE house_activation SET ended_at = now()",
            "DELETE FROM house_activation",
            "INSERT INTO house_proof (sha256, profile, base_sha256, unsat, proven_at) SELECT sha256, 'p', '', 1, now()"
            " FROM house_activation LIMIT 1",
            "UPDATE cap_limit SET most = 99",
        ):
            assert refused_by_database(gate, sql) == "InsufficientPrivilege"

    def test_what_was_ended_stays_ended_even_for_the_owner(self, desk: Desk, store: str, standing: str) -> None:
        with psycopg.connect(store, autocommit=True) as login:
            ended = "UPDATE house_activation SET ended_at = NULL, ended_by_id = NULL, ended_because = NULL"
            assert refused_by_database(login, f"{ended} WHERE ended_at IS NOT NULL") == "RestrictViolation"
            assert refused_by_database(login, "DELETE FROM house_activation") == "RestrictViolation"
            assert refused_by_database(login, "UPDATE house_proof SET profile = ''") == "RestrictViolation"
