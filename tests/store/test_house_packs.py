"""A lender's own pack at the gate: it binds that lender alone, from the commit of its activation on, or holds it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, at_once, propose_call, propose_sms, refused_by_database, rows, talk
from housework import NO_SMS, ONE_TALK, TEN_YEARS, activated, agreed, digest, open_owner, write_house
from wrong_code import MINTED, minted
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.law.law import rules_on
from zhizhi.store.contacts.decided import Span, stream_decisions
from zhizhi.store.law.activation import HouseRefused, Signed, withdraw_house
from zhizhi.store.law.caps import activate_caps
from zhizhi.store.law.houses import forget_houses, packs_over_time, standing_houses
from zhizhi.store.law.models import CapLimit
from zhizhi.store.lenders.models import Lender
from zhizhi.store.recordings.erasing import EndedRecording
from zhizhi.usecases import propose_contact as proposing
from zhizhi.usecases.audit.facts import Facts
from zhizhi.usecases.audit.log_map import LogMap
from zhizhi.usecases.audit.rows import LogReading
from zhizhi.usecases.audit.workers import AuditPlace
from zhizhi.usecases.claim_contacts import claim_contacts
from zhizhi.usecases.erase_recordings import time_ended
from zhizhi.usecases.preview_contacts import preview_contacts
from zhizhi.usecases.replay import replay

pytestmark = pytest.mark.usefixtures("store")
PROFILE = "cn.consumer_finance.online.cba"
HEAD = "head-of-house"
AROUND = Span(TEN - MINUTE, TEN + timedelta(hours=2))
NO_SMS_ALONE = "house.l1/H-1/no-sms"
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
    withdraw_house(desk.lender.code, Signed(HEAD, "测试结束"), TEN + timedelta(hours=1), agreed)


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
        asked = list(replay(stream_decisions(AROUND)))
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
        activated(desk.other.code, PROFILE, folder, "compliance-2", TEN)
        with pytest.raises(HouseRefused, match="taken_id"):
            activated(desk.lender.code, PROFILE, desk.house(ONE_TALK, version="4"), HEAD, TEN)
        withdraw_house(desk.other.code, Signed("compliance-2", "测试"), TEN, agreed)
        with pytest.raises(HouseRefused, match="none_active"):
            withdraw_house(desk.lender.code, Signed(HEAD, "测试"), TEN, agreed)
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


class TestRaces:
    def test_a_permit_decided_before_an_activation_is_not_minted_after_it(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The activation commits between the decision and its commit: the decision is taken again, by the new rules."""
        folder = desk.house(NO_SMS, version="race-1")
        commit, verdicts = proposing.commit_decisions, []

        def overtaken(decided: Sequence[Any]) -> Any:
            verdicts.append(decided[0].body["verdict"])
            if len(verdicts) == 1:
                activated(desk.lender.code, PROFILE, folder, HEAD, TEN)
            return commit(decided)

        monkeypatch.setattr(proposing, "commit_decisions", overtaken)
        answer = propose_sms(who := desk.who(), desk.by, TEN)
        assert verdicts == ["permit", "forbid"]
        assert answer.permit_id is None
        assert rows("SELECT verdict FROM decision WHERE person_id = %s", who.person) == [("forbid",)]
        withdraw_house(desk.lender.code, Signed(HEAD, "测试结束"), TEN + MINUTE, agreed)

    def test_once_an_activation_has_returned_nothing_more_is_minted_without_it(self, desk: Desk) -> None:
        folder = desk.house(NO_SMS, version="race-2")
        persons = [desk.who() for _ in range(24)]
        without = (
            "SELECT count(*) FROM permit m JOIN decision d ON d.person_id = m.person_id AND d.id = m.decision_id"
            " WHERE m.person_id = ANY (%s) AND NOT d.body -> 'packs'"
            " @> jsonb_build_array(jsonb_build_object('sha256', %s::text))"
        )
        wanted = [one.person for one in persons]

        def propose(who: Borrower) -> str:
            return str(propose_sms(who, desk.by, TEN).decision.verdict)

        def activate() -> int:
            activated(desk.lender.code, PROFILE, folder, HEAD, TEN)
            return int(rows(without, wanted, digest(folder))[0][0])

        answers = at_once([*(partial(propose, who) for who in persons[:12]), activate])
        at_return = answers.pop()
        late = at_once([partial(propose, who) for who in persons[12:]])
        assert set(late) == {"forbid"}
        assert set(answers) <= {"permit", "forbid"}
        assert rows(without, wanted, digest(folder)) == [(at_return,)]
        withdraw_house(desk.lender.code, Signed(HEAD, "测试结束"), TEN + MINUTE, agreed)

    def test_what_was_permitted_before_is_not_sent_after(self, desk: Desk) -> None:
        mine, others = propose_sms(desk.who(), desk.by, TEN), propose_sms(desk.who(desk.other), desk.other_by, TEN)
        assert mine.permit_id is not None
        activated(desk.lender.code, PROFILE, desk.house(NO_SMS, version="race-3"), HEAD, TEN)
        claimed = claim_contacts(["sink"], TEN + MINUTE, "test")
        assert others.delivery_id in {one.delivery_id for one in claimed}
        assert mine.delivery_id not in {one.delivery_id for one in claimed}
        withdraw_house(desk.lender.code, Signed(HEAD, "测试结束"), TEN + MINUTE, agreed)
        assert mine.delivery_id in {one.delivery_id for one in claim_contacts(["sink"], TEN + MINUTE, "test")}


class TestTheDatabase:
    def test_wrong_code_that_forgets_the_house_pack_mints_nothing(self, desk: Desk, gate: Login, standing: str) -> None:
        assert minted(gate, desk.who(), TEN) == "SerializationFailure"
        assert minted(gate, desk.who(), TEN, packs=[{"id": "house.l1", "sha256": "0" * 64}]) == "SerializationFailure"
        assert minted(gate, desk.who(desk.other), TEN, collector="L2") is None

    def test_its_cap_holds_against_wrong_code_and_for_its_lender_alone(
        self, desk: Desk, gate: Login, standing: str
    ) -> None:
        who, other = desk.who(), desk.who(desk.other)
        named = [{"id": "house.l1", "sha256": standing}]
        assert [minted(gate, who, TEN + n * MINUTE, packs=named) for n in range(2)] == [None, MINTED]
        assert [minted(gate, other, TEN + n * MINUTE, collector="L2") for n in range(2)] == [None, None]

    def test_its_caps_outlive_the_activation_of_a_release_and_end_with_it(self, desk: Desk, standing: str) -> None:
        held = CapLimit.objects.using("gate").filter(lender=desk.lender)
        before = list(held.values_list("rule", "reading", "most"))
        assert {rule for rule, _, _ in before} == {ONE}
        activate_caps(TEN)
        assert list(held.values_list("rule", "reading", "most")) == before
        withdraw_house(desk.lender.code, Signed(HEAD, "测试"), TEN + MINUTE, agreed)
        assert not held.exists()
        activated(desk.lender.code, PROFILE, desk.house(ONE_TALK, NO_SMS, TEN_YEARS), HEAD, TEN + 2 * MINUTE)


class TestHeld:
    def test_altered_bytes_hold_this_lender_and_no_other_until_they_are_put_right(self, desk: Desk) -> None:
        folder = desk.house(NO_SMS, version="altered")
        activated(desk.lender.code, PROFILE, folder, HEAD, TEN)
        body = rows("SELECT body FROM pack_release WHERE sha256 = %s", digest(folder))[0][0]
        owner("UPDATE pack_release SET body = %s WHERE sha256 = %s", bytes(body)[:-40], digest(folder))
        forget_houses()  # as a process that begins now
        held = propose_call(desk.who(), desk.by, TEN)
        assert (held.decision.verdict, held.permit_id) == ("hold", None)
        assert held.hold_id is not None
        assert [one.rule for one in held.decision.reasons] == ["house.l1/does-not-verify"]
        assert held.decision.reasons[0].explain.zh == "规则包未通过校验: 内部规则包缺失或字节已变"
        assert propose_call(desk.who(desk.other), desk.other_by, TEN).decision.verdict == "permit"
        (again,) = [one for one in replay(stream_decisions(AROUND)) if one.then.id == held.receipt.decision_id]
        assert (again.cannot, again.differences) == (None, ()), "what was held then is held when it is asked again"
        activated(desk.lender.code, PROFILE, folder, HEAD, TEN)  # the very pack again: its bytes are written anew
        assert propose_call(desk.who(), desk.by, TEN).decision.verdict == "permit"
        assert propose_sms(desk.who(), desk.by, TEN).decision.verdict == "forbid"
        withdraw_house(desk.lender.code, Signed(HEAD, "测试结束"), TEN + MINUTE, agreed)

    def test_a_pack_whose_proof_is_about_other_packs_holds_its_lender(self, desk: Desk) -> None:
        """As after a release that changed the law, before `zhizhi migrate` proved the pack anew."""
        folder = desk.house(NO_SMS, version="unproven")
        activated(desk.other.code, PROFILE, folder, HEAD, TEN)
        owner("ALTER TABLE house_proof DISABLE TRIGGER house_proof_only_added")
        owner("UPDATE house_proof SET base_sha256 = %s WHERE sha256 = %s", "0" * 64, digest(folder))
        owner("ALTER TABLE house_proof ENABLE TRIGGER house_proof_only_added")
        forget_houses()
        held = propose_call(desk.who(desk.other), desk.other_by, TEN)
        assert held.decision.verdict == "hold"
        assert "尚未证明" in held.decision.reasons[0].explain.zh
        assert propose_call(desk.who(), desk.by, TEN).decision.verdict == "permit"
        withdraw_house(desk.other.code, Signed(HEAD, "测试结束"), TEN + MINUTE, agreed)


def test_recordings_are_kept_as_long_as_the_house_says_and_while_it_cannot_be_read(desk: Desk, standing: str) -> None:
    ended = EndedRecording(
        1, 1, "-", PROFILE, None, TEN, TEN, None, date(2026, 3, 2), date(2026, 3, 2), is_out_of_hands=False
    )
    in_six_years, in_eleven = TEN + timedelta(days=6 * 366), TEN + timedelta(days=11 * 366)
    by_law, by_house = time_ended(ended, in_six_years), replace(ended, house=standing)
    assert by_law is not None
    assert time_ended(by_house, in_six_years) is None
    longest = time_ended(by_house, in_eleven)
    assert longest is not None
    assert (longest.rule, longest.kept_until) == ("house.l1/H-3/ten-years", date(2036, 3, 2))
    assert time_ended(replace(ended, house="0" * 64), in_eleven) is None


def test_an_audit_judges_by_each_house_pack_over_the_whole_days_on_which_it_stood(desk: Desk) -> None:
    third, day = make_lender("L3"), timedelta(days=1)
    first, second = desk.house(NO_SMS, version="then-1"), desk.house(ONE_TALK, NO_SMS, version="then-2")
    activated(third.code, PROFILE, first, HEAD, TEN)
    activated(third.code, PROFILE, second, HEAD, TEN + 3 * day)
    activated(third.code, PROFILE, first, HEAD, TEN + 3 * day + MINUTE)
    withdraw_house(third.code, Signed(HEAD, "测试"), TEN + 5 * day, agreed)
    houses = packs_over_time(third.pk, PROFILE)
    spans = [(pack.version, pack.in_force.first.day, pack.in_force.until) for pack in houses]
    assert spans == [("then-1", 3, date(2026, 3, 5)), ("then-1", 6, date(2026, 3, 7))]
    place = AuditPlace(LogReading(LogMap(()), TEN), PROFILE, "strict", Facts(), None, houses)
    speaks = [any(bound.rule.id == NO_SMS_ALONE for bound in rules_on(place.law(), "strict", date(2026, 3, n)))
              for n in range(2, 8)]  # fmt: skip
    assert speaks == [False, True, True, False, True, False]
    assert packs_over_time(third.pk, "cn.bank.online") == ()
