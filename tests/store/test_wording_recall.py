"""A wording that was withdrawn leaves with nobody from that commit on, wherever it waits; who had it is known."""

from datetime import timedelta

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from filed import version_of
from gatework import MINUTE, TEN, ToldChannel, propose_call, propose_sms, refused_by_database, rows
from leasework import KEYS, NUMBERS, Desk, make_desk, place, secret_of, wanted
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.permit import PermitGrant, SendOutcome, Sent
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.evidence.log import open_log
from zhizhi.store.filings.keeping import give_back_recalled, withdraw_version
from zhizhi.store.filings.reads import load_recalls, load_receivers
from zhizhi.store.leases.answers import Asked
from zhizhi.store.leases.tokens import load_bearer
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.templates.approved import load_approved
from zhizhi.store.transact.claims import claim
from zhizhi.store.transact.deliveries import cancel_expired
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.filings.recalling import CloseRecall, WithdrawWording, close_followed_up, withdraw_wording
from zhizhi.usecases.lease import lease_permits
from zhizhi.usecases.lease_confirm import ConfirmLease, confirm
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.start_call import StartCall, start_call
from zhizhi.usecases.templates import ApproveTemplate, DraftTemplate, approve_template, draft_template

pytestmark = pytest.mark.usefixtures("store")
CODES = iter(range(1, 100))
WHY = "金额单位写错，应为元"


@pytest.fixture
def lender(store: str) -> Lender:
    cancel_expired(TEN + timedelta(days=300))
    return make_lender(f"W{next(CODES)}")


@pytest.fixture
def by(lender: Lender) -> int:
    return int(make_staff(f"supervisor-{lender.code}", "supervisor", lender, 50).pk)


def borrower(lender: Lender) -> Borrower:
    return make_borrower(lender, next(NUMBERS))


def withdraw(lender: Lender, by: int, code: str = "plan-sms") -> int:
    return withdraw_wording(WithdrawWording(version_of(lender.pk, code), WHY, by), TEN)


def drained(channel: ToldChannel) -> list[int]:
    Outbox({"sink": {"sms": channel}}, "test", monotonic=lambda: 0.0).drain(TEN)
    return [grant.person_id for grant in channel.sent]


def ends(who: Borrower) -> list[tuple[object, ...]]:
    return rows(
        "SELECT d.state, d.failure, m.state FROM delivery d JOIN permit m ON m.id = d.permit_id WHERE d.person_id = %s",
        who.person,
    )


def test_what_waits_is_given_back_and_nothing_new_is_permitted(lender: Lender, by: int) -> None:
    who, other = borrower(lender), borrower(lender)
    assert propose_sms(who, by, TEN).permit_id is not None
    assert propose_call(other, by, TEN).permit_id is not None
    assert withdraw(lender, by) == 1
    assert ends(who) == [("cancelled", "template_withdrawn", "released")]
    assert ends(other)[0][0] == "waiting"
    with pytest.raises(UseCaseRefused, match="no_template"):
        propose_sms(who, by, TEN)
    assert drained(ToldChannel()) == []


def test_from_the_commit_on_it_is_not_claimed_though_its_rows_still_wait(lender: Lender, by: int) -> None:
    who = borrower(lender)
    assert propose_sms(who, by, TEN).permit_id is not None
    version = version_of(lender.pk, "plan-sms")
    withdraw_version(version, WHY, TEN + MINUTE, TEN, by)
    assert ends(who)[0][0] == "waiting"
    assert claim(["sink"], TEN, "test") == ([], [])
    assert give_back_recalled(version, TEN, lambda: None, limit=1) == 1


def test_what_a_worker_holds_and_has_not_begun_never_leaves(lender: Lender, by: int) -> None:
    first, second = sorted((borrower(lender), borrower(lender)), key=lambda who: who.person)
    for who in (first, second):
        assert propose_sms(who, by, TEN).permit_id is not None

    def answer(grant: PermitGrant) -> SendOutcome:
        withdraw(lender, by)
        return Sent(f"m-{grant.permit_id}")

    assert drained(ToldChannel(answer=answer)) == [first.person]
    assert ends(second) == [("failed", "template_withdrawn", "released")]


def test_a_call_with_a_withdrawn_script_is_not_begun(lender: Lender, by: int) -> None:
    who = borrower(lender)
    permit = propose_call(who, by, TEN).permit_id
    assert permit is not None
    withdraw_version(version_of(lender.pk, "call-plan"), WHY, TEN + MINUTE, TEN, by)
    with pytest.raises(UseCaseRefused, match="permit_over"):
        start_call(StartCall(who.person, permit, by), TEN)


@pytest.fixture(scope="module")
def desk(store: str) -> Desk:
    return make_desk()


def test_nor_is_one_that_another_system_leased(desk: Desk) -> None:
    by = int(make_staff("supervisor-lease", "supervisor", desk.lender, 50).pk)
    bearer = load_bearer(secret_of(desk), TEN)
    assert bearer is not None
    (leased,) = lease_permits(wanted(bearer, place(desk)), TEN)["leases"]
    assert leased["verdict"] == "permit", leased
    withdraw(desk.lender, by, "call-plan")
    asked = Asked(bearer.token_id, next(KEYS), b"c")
    told = confirm(ConfirmLease(bearer, leased["lease"], asked), TEN + timedelta(seconds=1))
    assert (told["valid"], told["code"]) == (False, "template_withdrawn")
    assert "number" not in told


def test_no_older_version_takes_its_place_until_a_new_one_is_approved(lender: Lender, by: int) -> None:
    approver = int(make_staff(f"officer-{lender.code}", "compliance", lender).pk)

    def newer(body: str) -> int:
        draft = DraftTemplate(
            lender.pk, "plan-sms", "sms", "plan_offer", "协商邀请短信", "", body, (), (), True, "x", by
        )
        version = draft_template(draft, TEN)
        approve_template(ApproveTemplate(version, True, approver), TEN)
        return version

    newer("请登录官方渠道。拒收请回复T")
    withdraw(lender, by)
    assert "plan-sms" not in load_approved(lender.pk)
    third = newer("请登录官方渠道查看。拒收请回复T")
    assert load_approved(lender.pk)["plan-sms"].version_id == third


def test_who_had_it_is_listed_and_what_was_done_is_said_once(lender: Lender, by: int) -> None:
    case, waits = place(Desk(lender, Agency())), borrower(lender)
    had = case.who
    assert propose_sms(had, by, TEN).permit_id is not None
    assert drained(ToldChannel()) == [had.person]
    assert propose_sms(waits, by, TEN).permit_id is not None
    version = version_of(lender.pk, "plan-sms")
    withdraw(lender, by)
    with reading(Viewer(by, Scope.LENDER, lender.pk, None)):
        (receiver,), count = load_receivers(version)
        (recall,) = load_recalls(version)
    assert (receiver.case_number, receiver.state, receiver.outcome) == (case.case, "delivered", "sent")
    assert (receiver.at, count) == (TEN, 1)
    assert (recall.reason, recall.due_at, recall.closed_at) == (WHY, TEN + timedelta(hours=24), None)
    with pytest.raises(UseCaseRefused, match="too_short"):
        close_followed_up(CloseRecall(version, "好", by), TEN)
    close_followed_up(CloseRecall(version, "已逐一更正并致歉", by), TEN + MINUTE)
    with pytest.raises(Refused, match="no_recall"):
        close_followed_up(CloseRecall(version, "再说一次也不行", by), TEN + MINUTE)


def test_who_may_not_and_what_is_not_in_use(lender: Lender, by: int) -> None:
    version = version_of(lender.pk, "plan-sms")
    collector = int(make_staff(f"collector-{lender.code}", "collector", lender, 5).pk)
    elsewhere = int(make_staff(f"else-{lender.code}", "supervisor", make_lender(f"W{next(CODES)}")).pk)
    for stranger in (collector, elsewhere):
        with pytest.raises(UseCaseRefused, match="not_allowed"):
            withdraw_wording(WithdrawWording(version, WHY, stranger), TEN)
    with pytest.raises(UseCaseRefused, match="too_short"):
        withdraw_wording(WithdrawWording(version, "错", by), TEN)
    withdraw(lender, by)
    with pytest.raises(Refused, match="not_in_use"):
        withdraw(lender, by)


def test_the_database_brings_none_back(lender: Lender, by: int, store: str) -> None:
    withdraw(lender, by)
    version = version_of(lender.pk, "plan-sms")
    close_followed_up(CloseRecall(version, "已逐一更正并致歉", by), TEN)
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
        back = "UPDATE template_version SET state = 'approved' WHERE id = %s"
        again = "UPDATE wording_recall SET followed_up = 'x' WHERE version_id = %s"
        assert refused_by_database(gate, back, version) == "RestrictViolation"
        assert refused_by_database(gate, again, version) == "RestrictViolation"


def test_both_steps_stand_in_the_log(lender: Lender, by: int) -> None:
    withdraw(lender, by)
    sequence_all(TEN + MINUTE)
    close_followed_up(CloseRecall(version_of(lender.pk, "plan-sms"), "已逐一更正并致歉", by), TEN)
    sequence_all(TEN + 2 * MINUTE)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        assert list(compare(log.stored_leaves(), iter([None] * size), log.object_digest)) == []
    assert rows("SELECT count(*) FROM leaf WHERE source_table = 'wording_recall'")[0][0] >= 2
