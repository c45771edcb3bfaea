"""The register of outbound numbers: who opens one and who closes one, and that no call goes out from any other."""

from datetime import timedelta
from itertools import count

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, at_once, propose_call, refused_by_database, rows
from leasework import KEYS, bearer_of, lease, make_desk, place
from leasework import Desk as LeaseDesk
from outbound import EVIDENCE, LINE, add, keepers, stand, step
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.store import channels
from zhizhi.store.evidence.log import open_log
from zhizhi.store.leases.answers import Asked
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.lease_confirm import ConfirmLease, confirm
from zhizhi.usecases.outbound.keeping import StepNumber, step_number
from zhizhi.usecases.outbound.needed import taken_number
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.start_call import StartCall, start_call
from zhizhi.usecases.zones import civil_day

pytestmark = pytest.mark.usefixtures("store")
DAY = timedelta(days=1)
PERSONS, LENDERS = count(500), count(1)


@pytest.fixture
def lender(store: str) -> Lender:
    """A lender of the test's own: a register that is begun binds from then on."""
    return make_lender(f"N{next(LENDERS)}")


@pytest.fixture
def by(lender: Lender) -> int:
    return make_staff(f"caller-{lender.code}", "supervisor", lender).pk


def someone(lender: Lender) -> Borrower:
    return make_borrower(lender, next(PERSONS))


def permit(who: Borrower, by: int) -> int:
    proposed = propose_call(who, by, TEN)
    assert proposed.permit_id is not None
    return proposed.permit_id


def goes_from(who: Borrower, by: int) -> str:
    return start_call(StartCall(who.person, permit(who, by), by), TEN).goes_from


class TestTheDesk:
    def test_a_lender_without_a_register_calls_as_before(self, lender: Lender, by: int) -> None:
        assert goes_from(someone(lender), by) == ""

    def test_its_first_number_binds_it_before_the_filing_stands(self, lender: Lender, by: int) -> None:
        number = add(lender, TEN)
        with pytest.raises(UseCaseRefused, match="no_number_stands") as refused:
            propose_call(someone(lender), by, TEN)
        assert "号码没有有效报备 1 个" in refused.value.text.zh
        step(lender, number, "filed", TEN, filed_until=civil_day(TEN), **EVIDENCE)
        assert goes_from(someone(lender), by) == LINE
        with pytest.raises(UseCaseRefused, match="no_number_stands") as over:
            propose_call(someone(lender), by, TEN + DAY)
        assert "号码报备已过期 1 个" in over.value.text.zh

    @pytest.mark.parametrize(
        ("kind", "said", "why"),
        [
            ("blocked", {"reason": "线路商通知停机"}, "号码已停用"),
            ("rested", {"reason": "接通率下降", "rest_days": 3}, "号码休息中"),
            ("marked", {"reason": "线路商月报", "mark": "harassment"}, "号码休息中"),
            ("complained", {"reason": "监管转来"}, "号码休息中"),
            ("filing_ended", {"reason": "线路商撤销"}, "号码没有有效报备"),
            ("retired", {"reason": "线路退租"}, "号码已注销"),
        ],
    )
    def test_what_closes_it_between_permit_and_click_ends_the_call(
        self, lender: Lender, by: int, kind: str, said: dict[str, object], why: str
    ) -> None:
        number = stand(lender, TEN)
        who = someone(lender)
        given = permit(who, by)
        step(lender, number, kind, TEN, **said)
        with pytest.raises(UseCaseRefused):
            start_call(StartCall(who.person, given, by), TEN)
        assert rows("SELECT state FROM permit WHERE person_id = %s", who.person) == [("open",)]
        with pytest.raises(UseCaseRefused, match="no_number_stands") as refused:
            propose_call(someone(lender), by, TEN)
        assert why in refused.value.text.zh

    def test_a_mark_rests_for_its_days_and_a_shorter_rest_does_not_cut_it(self, lender: Lender, by: int) -> None:
        number = stand(lender, TEN)
        step(lender, number, "marked", TEN, reason="线路商月报", mark="harassment")
        step(lender, number, "rested", TEN, reason="接通率下降", rest_days=1)
        with pytest.raises(UseCaseRefused, match="no_number_stands"):
            propose_call(someone(lender), by, TEN + 7 * DAY - MINUTE)
        assert propose_call(someone(lender), by, TEN + 7 * DAY).permit_id is not None

    def test_the_least_called_number_is_taken_and_the_ceiling_holds(self, lender: Lender, by: int) -> None:
        stand(lender, TEN, "01062340011", daily_max=1)
        stand(lender, TEN, "01062340012", daily_max=2)
        assert [goes_from(someone(lender), by) for _ in range(3)] == ["01062340011", "01062340012", "01062340012"]
        with pytest.raises(UseCaseRefused, match="no_number_stands") as full:
            propose_call(someone(lender), by, TEN)
        assert "号码当日呼出已达上限 2 个" in full.value.text.zh
        assert propose_call(someone(lender), by, TEN + DAY).permit_id is not None

    def test_two_clicks_at_once_do_not_pass_the_ceiling(self, lender: Lender, by: int) -> None:
        stand(lender, TEN, daily_max=2)
        permits = [(who.person, permit(who, by)) for who in [someone(lender) for _ in range(4)]]
        done = at_once([lambda one=one: taken_number(*one, TEN) for one in permits])
        assert sorted(isinstance(one, UseCaseRefused) for one in done) == [False, False, True, True]

    def test_asked_again_it_is_the_same_number_and_counts_once(self, lender: Lender, by: int) -> None:
        stand(lender, TEN, daily_max=1)
        who = someone(lender)
        given = permit(who, by)
        assert [taken_number(who.person, given, TEN) for _ in range(2)] == [LINE, LINE]
        assert rows("SELECT count(*) FROM outbound_call WHERE person_id = %s", who.person) == [(1,)]

    def test_a_line_that_shows_another_number_does_not_dial(self, lender: Lender, by: int) -> None:
        stand(lender, TEN)
        who = someone(lender)
        given = permit(who, by)
        for shown in ("", "01062349999"):
            with pytest.raises(UseCaseRefused, match="number_unknown"):
                taken_number(who.person, given, TEN, shown)
        assert taken_number(who.person, given, TEN, LINE) == LINE

    def test_the_simulated_floor_dials_nobody_and_needs_none(self, lender: Lender, by: int) -> None:
        add(lender, TEN)
        channels.install({"sms": "sink", "email": "sink", "voice": channels.FLOOR})
        try:
            assert propose_call(someone(lender), by, TEN).permit_id is not None
        finally:
            channels.install({"sms": "sink", "email": "sink", "voice": channels.MANUAL})


def test_a_complaint_rests_the_numbers_that_called_its_person(lender: Lender, by: int) -> None:
    called, other = stand(lender, TEN, "01062340021"), stand(lender, TEN, "01062340022")
    who = someone(lender)
    assert goes_from(who, by) == "01062340021"
    complaint = RecordStatement(who.person, who.party, "complain", {}, by)
    record_statement(complaint, TEN + 6 * DAY)
    found = rows("SELECT id, rests_until FROM outbound_number WHERE lender_id = %s ORDER BY id", lender.pk)
    assert found == [(called, TEN + 20 * DAY), (other, None)]
    assert rows("SELECT kind, by_id FROM outbound_step WHERE number_id = %s ORDER BY id DESC LIMIT 1", called) == [
        ("complained", None)
    ]


class TestWhoOpensOne:
    def test_what_opens_takes_two_and_what_closes_takes_one(self, lender: Lender) -> None:
        author, _ = keepers(lender)
        number = add(lender, TEN)
        until = civil_day(TEN) + 30 * DAY
        filed = step_number(StepNumber(number, "filed", author, filed_until=until, **EVIDENCE), TEN)
        assert filed is not None
        assert rows("SELECT filed_until FROM outbound_number WHERE id = %s", number) == [(None,)]
        assert step_number(StepNumber(number, "blocked", author, reason="线路商通知停机"), TEN) is None
        assert rows("SELECT state FROM outbound_number WHERE id = %s", number) == [("blocked",)]
        step(lender, number, "unblocked", TEN, reason="线路已恢复")
        assert rows("SELECT state FROM outbound_number WHERE id = %s", number) == [("open",)]

    def test_a_ceiling_is_lowered_by_one_and_raised_by_two(self, lender: Lender) -> None:
        author, _ = keepers(lender)
        number = stand(lender, TEN, daily_max=100)
        step(lender, number, "edited", TEN, daily_max=50, holder="甲消费金融华东分公司")
        with pytest.raises(UseCaseRefused, match="two_persons"):
            step_number(StepNumber(number, "edited", author, daily_max=80), TEN)
        step(lender, number, "raised", TEN, daily_max=80, reason="新增坐席")
        assert rows("SELECT daily_max, holder FROM outbound_number WHERE id = %s", number) == [
            (80, "甲消费金融华东分公司")
        ]

    def test_what_was_retired_stays_so(self, lender: Lender) -> None:
        number = stand(lender, TEN)
        step(lender, number, "retired", TEN, reason="线路退租")
        with pytest.raises(Exception, match="number_retired"):
            step(lender, number, "unblocked", TEN, reason="误操作了")

    def test_another_lender_s_keeper_may_not(self, lender: Lender) -> None:
        number = stand(lender, TEN)
        other = make_lender(f"N{next(LENDERS)}")
        stranger = make_staff(f"stranger-{other.code}", "supervisor", other).pk
        with pytest.raises(NotAllowed):
            step_number(StepNumber(number, "blocked", stranger, reason="线路商通知停机"), TEN)

    def test_the_database_lets_nobody_open_one_otherwise(self, lender: Lender, store: str) -> None:
        number = add(lender, TEN)
        author, _ = keepers(lender)
        opened = (
            "INSERT INTO outbound_step (number_id, kind, on_day, filed_until, filing_number, mark, carrier, holder,"
            " reason, evidence, by_id, at, approval_id)"
            " VALUES (%s, 'filed', %s, %s, 'X', '', '', '', '', 'seen', %s, %s, %s)"
        )
        day = civil_day(TEN)
        with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
            for approval in (None, 1):
                values = (number, day, day + 30 * DAY, author, TEN, approval)
                assert refused_by_database(gate, opened, *values) in ("CheckViolation", "RestrictViolation")
            forged = "UPDATE outbound_number SET filed_until = '2030-01-01' WHERE id = %s"
            assert refused_by_database(gate, forged, number) == "InsufficientPrivilege"
            moved = "UPDATE outbound_number SET lender_id = lender_id + 1 WHERE id = %s"
            assert refused_by_database(gate, moved, number) == "RestrictViolation"
            born = (
                "INSERT INTO outbound_number (lender_id, number, carrier, holder, daily_max, state, filed_until,"
                " filing_number) VALUES (%s, '01000000000', 'telecom', 'X', 10, 'open', '2030-01-01', 'X')"
            )
            assert refused_by_database(gate, born, lender.pk) == "RestrictViolation"
            raised = (
                "INSERT INTO outbound_step (number_id, kind, on_day, filing_number, mark, carrier, holder, reason,"
                " evidence, by_id, at, daily_max) VALUES (%s, 'edited', %s, '', '', '', '', '', '', %s, %s, 5000)"
            )
            assert refused_by_database(gate, raised, number, day, author, TEN) == "RestrictViolation"

    def test_every_step_stands_in_the_log_as_it_was_written(self, lender: Lender) -> None:
        step(lender, stand(lender, TEN), "marked", TEN, reason="线路商月报", mark="fraud")
        sequence_all(TEN + MINUTE)
        size = rows("SELECT max(size) FROM checkpoint")[0][0]
        with open_log() as log:
            assert list(compare(log.stored_leaves(), iter([None] * size), log.object_digest)) == []


@pytest.fixture(scope="module")
def desk(store: str) -> LeaseDesk:
    """A lender and its agency, each with a line of its own."""
    desk = make_desk()
    stand(desk.lender, TEN)
    stand(desk.lender, TEN, "02062340002", agency="A1")
    return desk


class TestLeases:
    @pytest.mark.parametrize(
        ("number", "why"),
        [(None, "number_not_named"), ("01000000000", "number_unknown"), ("02062340002", "number_unknown")],
    )
    def test_a_lease_names_a_number_of_its_own_house(self, desk: LeaseDesk, number: str | None, why: str) -> None:
        with pytest.raises(UseCaseRefused, match=why):
            lease(bearer_of(desk), place(desk), goes_from=number)

    def test_an_agency_leases_from_its_own_line(self, desk: LeaseDesk) -> None:
        bearer = bearer_of(desk, agency=True)
        (answer,) = lease(bearer, place(desk, at_agency=True), goes_from="02062340002", caller="agent")
        assert answer["verdict"] == "permit", answer
        with pytest.raises(UseCaseRefused, match="number_unknown"):
            lease(bearer, place(desk, at_agency=True), goes_from=LINE, caller="agent")

    def test_a_group_stops_at_the_ceiling(self, desk: LeaseDesk) -> None:
        stand(desk.lender, TEN, "01062340031", daily_max=2)
        bearer = bearer_of(desk)
        answers = lease(bearer, *(place(desk) for _ in range(3)), goes_from="01062340031")
        assert [one.get("code", one["verdict"]) for one in answers] == ["permit", "permit", "number_full"]
        (more,) = lease(bearer, place(desk), goes_from="01062340031")
        assert more["code"] == "number_full"

    def test_a_number_that_rests_since_is_not_rung_from(self, desk: LeaseDesk) -> None:
        number = stand(desk.lender, TEN, "01062340041")
        bearer = bearer_of(desk)
        (answer,) = lease(bearer, place(desk), goes_from="01062340041")
        step(desk.lender, number, "marked", TEN, reason="线路商月报", mark="intercepted")
        said = confirm(ConfirmLease(bearer, answer["lease"], Asked(bearer.token_id, next(KEYS), b"test")), TEN)
        assert (said["valid"], said["code"]) == (False, "number_rests")
        (refused,) = lease(bearer, place(desk), goes_from="01062340041")
        assert refused["code"] == "number_rests"
        assert refused["verdict"] == "refused"

    def test_a_lease_from_before_the_register_is_not_rung(self, desk: LeaseDesk) -> None:
        lender = make_lender(f"N{next(LENDERS)}")
        make_staff(f"collector-{lender.code}", "collector", lender, 50)
        early = LeaseDesk(lender, desk.agency)
        bearer = bearer_of(early)
        (answer,) = lease(bearer, place(early), caller=f"collector-{lender.code}")
        stand(lender, TEN)
        said = confirm(ConfirmLease(bearer, answer["lease"], Asked(bearer.token_id, next(KEYS), b"test")), TEN)
        assert said["code"] == "number_not_named"
