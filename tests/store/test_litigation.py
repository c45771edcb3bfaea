"""Court files: a batch of fifty worked to its end with the fees to the fen; bars, two persons, sight, and talk."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from book import make_lender, make_staff
from gatework import TEN, refused_by_database, rows
from placework import EVERY, Placed, make_agency, make_case
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.litigation.bars import Bar
from zhizhi.core.litigation.deadlines import Acts, Due
from zhizhi.core.litigation.fees import FeeItem, FeeMove, FeeSum
from zhizhi.core.litigation.words import Lane, State, Step
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.evidence.log import open_log
from zhizhi.store.ids import ids
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.litigation.reads import (
    load_calendar,
    load_deadlines,
    load_fee_sums,
    load_file,
    load_files,
    load_files_of,
    load_refused,
    load_scores,
)
from zhizhi.store.models import Case, Lender, Stop
from zhizhi.store.placements.choosing import choose_cases
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.litigation.opening import Opened, OpenFiles, open_files
from zhizhi.usecases.litigation.working import (
    KeepFee,
    WorkBatch,
    WorkFile,
    give_to_firm,
    keep_fee,
    register_firm,
    work_batch,
    work_file,
)
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact
from zhizhi.usecases.templates import ApproveTemplate, DraftTemplate, approve_template, draft_template

pytestmark = pytest.mark.usefixtures("store")
TODAY = date(2026, 3, 2)
BALANCE = 3_000_000
FEE = 55_000
STAFF: dict[str, int] = {}


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    made = make_lender("S1")
    for role in ("supervisor", "head", "legal", "collector", "quality"):
        STAFF[role] = make_staff(f"{role}-s", role, made).pk
    return made


def viewer(role: str, lender: Lender) -> Viewer:
    return Viewer(STAFF[role], Scope.LENDER, lender.pk, None)


def opened(lender: Lender, *cases: Placed, lane: Lane = Lane.SUIT, **more: Any) -> Opened:
    numbers = tuple(case.number for case in cases)
    form = OpenFiles(lender.pk, lane, "某区人民法院", "balance", numbers, STAFF["supervisor"])
    return open_files(replace(form, **more), TEN)


def new_case(lender: Lender, days: int = 70) -> Placed:
    return make_case(lender, days=days, balance_minor=BALANCE)


def one_file(lender: Lender, lane: Lane = Lane.SUIT, **more: Any) -> tuple[Placed, int]:
    case = new_case(lender)
    done = opened(lender, case, lane=lane, **more)
    assert done.files == 1, done.refused
    ((file_id,),) = rows("SELECT id FROM court_file WHERE batch_id = %s", done.batch_id)
    return case, file_id


def step(file_id: int, what: Step, days: int = 0, until: date | None = None, docket: str = "") -> None:
    at = TEN + timedelta(days=days)
    work_file(WorkFile(file_id, what, TODAY + timedelta(days=days), STAFF["supervisor"], until, docket), at)


def state_of(file_id: int) -> str:
    ((state,),) = rows("SELECT state FROM court_file WHERE id = %s", file_id)
    return str(state)


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.code


def test_fifty_files_go_from_one_form_to_their_end_and_the_fees_add_up_to_the_fen(lender: Lender) -> None:
    cases = [new_case(lender) for _ in range(50)]
    done = opened(lender, *cases)
    assert (done.files, done.refused) == (50, Counter())
    ((kinds, digests),) = rows(
        "SELECT count(DISTINCT (lane, state, claim_minor, begin_by)), count(DISTINCT digest) FROM court_file"
        " WHERE batch_id = %s", done.batch_id,
    )  # fmt: skip
    assert (kinds, digests) == (1, 1), "equal facts make equal files"
    assert opened(lender, *cases).refused == {Bar.OPEN_ALREADY: 50}, "a second click opens nothing"
    firm = register_firm(lender.pk, "示例律师事务所", TODAY + timedelta(days=365), STAFF["supervisor"], TEN)
    files = [file_id for (file_id,) in rows("SELECT id FROM court_file WHERE batch_id = %s ORDER BY id", done.batch_id)]
    give_to_firm(files[10:20], firm, STAFF["supervisor"], TEN)

    def every(what: Step, days: int, until: date | None = None) -> None:
        order = WorkBatch(done.batch_id, what, TODAY + timedelta(days=days), STAFF["supervisor"], until)
        worked = work_batch(order, TEN + timedelta(days=days))
        assert (worked.done, worked.refused) == (len(left), ())

    left = files
    every(Step.FILE, 1)
    every(Step.FILING_ACCEPTED, 4)
    for file_id in files:
        paid = KeepFee(file_id, FeeItem.CASE, FeeMove.ADVANCED, FEE, TODAY + timedelta(days=5), STAFF["supervisor"])
        assert keep_fee(paid, TEN + timedelta(days=5)) is None
    for file_id in files[:10]:
        step(file_id, Step.WITHDRAW, 6)
        half = KeepFee(file_id, FeeItem.CASE, FeeMove.REFUNDED, 27_500, TODAY + timedelta(days=6), STAFF["supervisor"])
        assert keep_fee(half, TEN + timedelta(days=6)) is None
    left = files[10:]
    for file_id in left[:10]:
        step(file_id, Step.SERVICE_ANNOUNCED, 7)
    for file_id in left[10:]:
        step(file_id, Step.SERVED, 8)
    for file_id in left[:10]:
        step(file_id, Step.SERVED, 40)
    every(Step.HEARD, 60)
    every(Step.JUDGED, 61)
    silent = WorkBatch(done.batch_id, Step.BECOMES_EFFECTIVE, TODAY + timedelta(days=70), STAFF["supervisor"])
    early = work_batch(silent, TEN + timedelta(days=70))
    assert (early.done, len(early.refused)) == (0, 40), "nothing takes effect while an appeal may come"
    every(Step.BECOMES_EFFECTIVE, 80, TODAY + timedelta(days=90))
    for file_id in left[:5]:
        step(file_id, Step.ASK_ENFORCEMENT, 95)
    for file_id in left:
        back = KeepFee(file_id, FeeItem.CASE, FeeMove.RECOVERED, FEE, TODAY + timedelta(days=99), STAFF["supervisor"])
        assert keep_fee(back, TEN + timedelta(days=99)) is None
    every(Step.PAID, 100)
    ended = rows("SELECT state, count(*) FROM court_file WHERE batch_id = %s GROUP BY 1", done.batch_id)
    assert ended == [("ended", 50)]
    with reading(viewer("head", lender)):
        sums = load_fee_sums()
        (score,) = load_scores(TODAY + timedelta(days=100))
        assert load_calendar(TODAY + timedelta(days=4000)) == []
    assert sums == {FeeItem.CASE: FeeSum(50 * FEE, 10 * 27_500, 40 * FEE, 0)}
    assert sums[FeeItem.CASE].outstanding == 10 * 27_500
    assert (score.files, score.ended, score.titled, score.missed) == (10, 10, 10, 10), "no fee was said to be paid"
    assert (score.days_to_filed, score.days_to_accepted, score.days_to_title) == (1, 4, 80)
    assert (score.advanced_minor, score.recovered_minor) == (10 * FEE, 0)


def test_rows_and_leaves_of_files_say_the_same(lender: Lender) -> None:
    _, file_id = one_file(lender)
    step(file_id, Step.FILE, 1, docket="（2026）示0105民初1号")
    keep_fee(KeepFee(file_id, FeeItem.ANNOUNCEMENT, FeeMove.ADVANCED, 30_000, TODAY, STAFF["supervisor"]), TEN)
    sequence_all(TEN)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        found = {one.position for one in compare(log.stored_leaves(), iter([None] * size), log.object_digest)}
    own = rows(
        "SELECT position FROM leaf WHERE source_table IN ('court_file', 'court_step', 'court_fee')"
        " AND source_person_id = (SELECT person_id FROM court_file WHERE id = %s)", file_id,
    )  # fmt: skip
    assert len(own) == 5, "the file twice, two steps, a fee"
    assert found.isdisjoint(position for (position,) in own)


def test_what_is_refused_says_why_and_is_mended_and_sent_again(lender: Lender) -> None:
    good, kept, gone, old = new_case(lender), new_case(lender), new_case(lender), new_case(lender, days=1200)
    Stop.objects.using("gate").create(
        person_id=kept.who.person, id=kept.case_id + 1, kind="plan", from_at=TEN, ground="方案", set_by="test"
    )
    agency = make_agency("S1-A")
    Case.objects.using("gate").filter(id=gone.case_id).update(agency_id=agency.pk)
    done = opened(lender, good, kept, gone, old)
    assert (done.files, done.refused) == (1, {Bar.AGREEMENT_KEPT: 1, Bar.WITH_AGENCY: 1, Bar.TIME_BARRED: 1})
    with reading(viewer("head", lender)):
        told = load_refused(done.batch_id)
    assert dict(told) == {
        kept.number: "agreement_kept", gone.number: "with_agency", old.number: "time_barred",
    }  # fmt: skip
    Stop.objects.using("gate").filter(id=kept.case_id + 1).update(lifted_at=TEN, lifted_by="t", lifted_ground="违约")
    Case.objects.using("gate").filter(id=gone.case_id).update(agency_id=None)
    again = opened(lender, kept, gone, old, interrupted_on=TODAY - timedelta(days=90), again_of=done.batch_id)
    assert (again.files, again.refused) == (3, Counter())


@pytest.mark.parametrize(
    ("numbers", "more", "code"),
    [
        ((), {}, "bad_numbers"),
        (("C-0",), {}, "unknown_cases"),
        (None, {"claim": "everything"}, "bad_claim"),
        (None, {"court": "某"}, "too_short"),
        (None, {"interrupted_on": TODAY + timedelta(days=1)}, "in_the_future"),
    ],
)
def test_a_form_that_cannot_be_is_refused_as_a_whole(
    lender: Lender, numbers: tuple[str, ...] | None, more: dict[str, Any], code: str
) -> None:
    case = new_case(lender)
    before = rows("SELECT count(*) FROM court_batch")
    with pytest.raises(Refused) as refused:
        opened(lender, case, **{"case_numbers": numbers if numbers is not None else (case.number,), **more})
    assert code_of(refused) == code
    assert rows("SELECT count(*) FROM court_batch") == before


def test_the_calendar_says_what_falls_due_and_who_acts(lender: Lender) -> None:
    case, file_id = one_file(lender, Lane.PAYMENT_ORDER)
    step(file_id, Step.ASK_ORDER, 1)
    step(file_id, Step.ORDER_ACCEPTED, 4)
    step(file_id, Step.ORDER_ISSUED, 14)
    step(file_id, Step.ORDER_SERVED, 18)
    step(file_id, Step.ORDER_OBJECTED, 30)
    with reading(viewer("legal", lender)):
        row = load_file(file_id)
        falls = [one for one in load_calendar(date(2026, 5, 1)) if one.file_id == file_id]
        every = load_deadlines(file_id)
    assert row is not None
    assert (row.state, row.next_due, row.next_acts) == (State.ORDER_LAPSED, Due.REFUSE_SUIT, Acts.US)
    assert [(one.due, one.due_on, one.acts) for one in falls] == [(Due.REFUSE_SUIT, date(2026, 4, 8), Acts.US)]
    assert [one.due for one in every if one.met_on] == [
        Due.ORDER_ANSWER, Due.ORDER_ISSUE, Due.ORDER_OBJECTION, Due.ORDER_SERVICE, Due.BEGIN_IN_TIME,
    ]  # fmt: skip
    step(file_id, Step.REFUSE_SUIT, 40)
    with reading(viewer("legal", lender)):
        (late,) = [one for one in load_deadlines(file_id) if one.due is Due.REFUSE_SUIT]
    assert late.is_missed(date(2026, 4, 11))
    assert state_of(file_id) == "prepared"
    assert case.agency is None


def test_a_step_that_cannot_be_writes_nothing(lender: Lender) -> None:
    _, file_id = one_file(lender)
    before = rows("SELECT count(*) FROM court_step WHERE file_id = %s", file_id)
    for what, days, code in (
        (Step.HEARD, 1, "no_such_step"),
        (Step.ASK_ORDER, 1, "other_lane"),
        (Step.FILE, -1, "before_last"),
        (Step.SETTLE, 1, "no_day"),
        (Step.PREPARE, 1, "no_such_step"),
    ):
        with pytest.raises(Refused) as refused:
            step(file_id, what, days)
        assert code_of(refused) == code
    with pytest.raises(Refused, match="in_the_future"):
        work_file(WorkFile(file_id, Step.FILE, TODAY + timedelta(days=1), STAFF["supervisor"]), TEN)
    with pytest.raises(Refused, match="not_allowed"):
        work_file(WorkFile(file_id, Step.FILE, TODAY, STAFF["collector"]), TEN)
    with pytest.raises(Refused, match="gone"):
        step(file_id + 10_000_000, Step.FILE)
    assert rows("SELECT count(*) FROM court_step WHERE file_id = %s", file_id) == before


def test_an_advance_beyond_the_limit_takes_a_second_person_and_is_what_was_approved(lender: Lender) -> None:
    _, file_id = one_file(lender)

    def fee(move: FeeMove, minor: int, item: FeeItem = FeeItem.CASE, ground: str = "按法院缴费通知") -> int | None:
        return keep_fee(KeepFee(file_id, item, move, minor, TODAY, STAFF["supervisor"], ground), TEN)

    asked = fee(FeeMove.ADVANCED, FEE + 1)
    assert asked is not None
    assert rows("SELECT count(*) FROM court_fee WHERE file_id = %s", file_id) == [(0,)]
    standing = load_standing(asked)
    assert standing is not None
    with pytest.raises(Refused, match="not_allowed"):
        rule(Rule(asked, standing.digest, True, STAFF["supervisor"]), TEN)
    rule(Rule(asked, standing.digest, True, STAFF["head"]), TEN)
    assert rows("SELECT amount_minor, approval_id FROM court_fee WHERE file_id = %s", file_id) == [(FEE + 1, asked)]
    for move, minor, code in (
        (FeeMove.REFUNDED, FEE + 2, "more_than_outstanding"),
        (FeeMove.RECOVERED, 100, "no_title"),
        (FeeMove.REFUNDED, 0, "bad_amount"),
    ):
        with pytest.raises(Refused) as refused:
            fee(move, minor)
        assert code_of(refused) == code
    with pytest.raises(Refused, match="too_short"):
        fee(FeeMove.BORNE, 100, ground="")
    step(file_id, Step.SETTLE, 1, TODAY + timedelta(days=30))
    assert fee(FeeMove.RECOVERED, FEE + 1) is None
    with reading(viewer("legal", lender)):
        (total,) = load_fee_sums(file_id).values()
    assert total.outstanding == 0


def test_a_debt_in_court_goes_to_no_agency_and_into_no_second_file(lender: Lender) -> None:
    case, file_id = one_file(lender)
    (chosen,) = [one for one in choose_cases(lender.pk, EVERY) if one.case_id == case.case_id]
    assert chosen.facts.is_in_court
    step(file_id, Step.CLOSE, 1)
    (chosen,) = [one for one in choose_cases(lender.pk, EVERY) if one.case_id == case.case_id]
    assert not chosen.facts.is_in_court
    assert opened(lender, case).files == 1, "a file that has ended bars no new one"


THREAT = "{name}您好，您在{lender}的借款逾期，如仍不处理我们将依法向法院起诉。拒收请回复T"


@pytest.fixture(scope="module")
def threat(lender: Lender) -> str:
    """A wording that speaks of a suit, approved by two persons as any other."""
    named, by = ("name", "lender"), STAFF["supervisor"]
    new = DraftTemplate(lender.pk, "suit-sms", "sms", "collection", "告知", "", THREAT, named, (), True, "suit-1", by)
    approve_template(ApproveTemplate(draft_template(new, TEN), True, STAFF["head"]), TEN)
    return "suit-sms"


def says(case: Placed, code: str, days: int = 0) -> tuple[str, set[str]]:
    """What the law says to a message, and by which rules."""
    wish = ProposeContact(case.who.person, case.who.party, case.who.mobile, "sms", "notification", "collect", code,
                          STAFF["supervisor"])  # fmt: skip
    decision = propose_contact(wish, TEN + timedelta(days=days)).decision
    return decision.verdict, {reason.rule for reason in decision.reasons}


def test_court_is_spoken_of_only_where_a_file_bears_it_out(lender: Lender, threat: str) -> None:
    case = new_case(lender)
    verdict, rules = says(case, threat)
    assert verdict == "forbid"
    assert any("CBA-042" in one for one in rules), rules
    assert says(new_case(lender), "plan-sms") == ("permit", set())
    assert opened(lender, case).files == 1
    assert says(case, threat) == ("permit", set())
    ((file_id,),) = rows("SELECT id FROM court_file WHERE person_id = %s", case.who.person)
    step(file_id, Step.ASK_MEDIATION, 1)
    assert rows("SELECT state FROM permit WHERE person_id = %s", case.who.person) == [("released",)], (
        "what waited to leave is pulled back when the file goes to a mediator"
    )
    assert says(case, threat, 1)[0] == "forbid"
    assert says(case, "plan-sms", 1)[0] == "hold", "what lies before a mediator is a dispute"
    step(file_id, Step.MEDIATION_AGREED, 2, TODAY + timedelta(days=90))
    assert says(case, "plan-sms", 2)[0] == "forbid", "an agreement is being kept"
    step(file_id, Step.SETTLEMENT_BROKEN, 3)
    assert says(case, "plan-sms", 3)[0] == "permit"
    facts = load_facts([case.who.person], TEN)[case.who.person]
    assert facts.court == {case.who.debt: State.PREPARED}
    assert "suit_pending" not in facts.document["case"]
    step(file_id, Step.FILE, 4)
    assert load_facts([case.who.person], TEN)[case.who.person].document["case"]["suit_pending"] is True


def test_a_file_whose_limitation_ran_out_bears_no_threat(lender: Lender, threat: str) -> None:
    case, file_id = one_file(lender)
    facts = load_facts([case.who.person], TEN + timedelta(days=1200))[case.who.person]
    assert facts.court == {}
    step(file_id, Step.FILE, 1)
    facts = load_facts([case.who.person], TEN + timedelta(days=1200))[case.who.person]
    assert facts.court == {case.who.debt: State.FILED}


def test_one_debt_of_two_in_court_bears_no_threat_for_both(lender: Lender, threat: str) -> None:
    case, _ = one_file(lender)
    debt = ids.take()
    rows(
        "INSERT INTO debt SELECT (jsonb_populate_record(d, jsonb_build_object('id', %s::bigint, 'account_key',"
        " gen_random_uuid()))).* FROM debt d WHERE d.person_id = %s RETURNING 1", debt, case.who.person,
    )  # fmt: skip
    assert says(case, threat)[0] == "forbid"
    done = opened(lender, case)
    assert (done.files, done.refused) == (1, {Bar.OPEN_ALREADY: 1}), "the other debt gets a file of its own"
    assert says(case, threat)[0] == "permit"


def test_an_agency_and_another_lender_see_no_file(lender: Lender) -> None:
    case, file_id = one_file(lender)
    with reading(viewer("head", lender)):
        assert [row.id for row in load_files_of(case.who.person)] == [file_id]
        assert load_files(batch_id=load_files_of(case.who.person)[0].batch_id)
    other = make_lender("S2")
    stranger = make_staff("stranger-s2", "legal", other).pk
    with reading(Viewer(stranger, Scope.MATTER, other.pk, None)):
        assert (load_file(file_id), load_files(), load_calendar(date(2030, 1, 1))) == (None, [], [])
    agency = make_agency("S1-B")
    manager = make_staff("manager-s", "agency_manager")
    manager.agency = agency
    manager.save(using="gate")
    Case.objects.using("gate").filter(id=case.case_id).update(agency_id=agency.pk)
    with reading(Viewer(manager.pk, Scope.AGENCY, None, agency.pk)):
        assert load_files_of(case.who.person) == []
    Case.objects.using("gate").filter(id=case.case_id).update(agency_id=None, collector_id=STAFF["collector"])
    with reading(Viewer(STAFF["collector"], Scope.SELF, lender.pk, None)):
        (seen,) = load_files_of(case.who.person)
        assert (seen.state, load_fee_sums(file_id), load_deadlines(file_id)) == (State.PREPARED, {}, [])


def test_a_firm_gets_files_while_its_contract_lasts(lender: Lender) -> None:
    _, file_id = one_file(lender)
    firm = register_firm(lender.pk, "甲乙律师事务所", TODAY + timedelta(days=1), STAFF["supervisor"], TEN)
    with pytest.raises(Refused, match="firm_known"):
        register_firm(lender.pk, "甲乙律师事务所", TODAY + timedelta(days=9), STAFF["supervisor"], TEN)
    with pytest.raises(Refused, match="not_allowed"):
        register_firm(lender.pk, "丙丁律师事务所", TODAY, STAFF["legal"], TEN)
    with pytest.raises(Refused, match="contract_over"):
        register_firm(lender.pk, "丙丁律师事务所", TODAY - timedelta(days=1), STAFF["supervisor"], TEN)
    with pytest.raises(Refused, match="no_firm"):
        give_to_firm([file_id], firm, STAFF["supervisor"], TEN + timedelta(days=2))
    give_to_firm([file_id], firm, STAFF["supervisor"], TEN)
    with reading(viewer("legal", lender)):
        row = load_file(file_id)
    assert row is not None
    assert row.firm == "甲乙律师事务所"


ANOTHER = (
    'INSERT INTO court_fee (person_id, id, file_id, lender_id, item, move, amount_minor, "on", by_id, at)'
    ' SELECT person_id, id + 1, file_id, lender_id, item, {}, "on", by_id, at FROM court_fee WHERE file_id = %s'
)


def test_the_database_keeps_files_steps_and_fees(lender: Lender, gate: psycopg.Connection[tuple[object, ...]]) -> None:
    _, file_id = one_file(lender)
    keep_fee(KeepFee(file_id, FeeItem.CASE, FeeMove.ADVANCED, 100, TODAY, STAFF["supervisor"]), TEN)
    for sql, why in (
        ("UPDATE court_file SET claim_minor = 1 WHERE id = %s", "InsufficientPrivilege"),
        ("UPDATE court_file SET step_n = 0 WHERE id = %s", "RestrictViolation"),
        ("UPDATE court_file SET state = 'served' WHERE id = %s", "RestrictViolation"),
        ("DELETE FROM court_file WHERE id = %s", "InsufficientPrivilege"),
        ("UPDATE court_step SET step = 'file' WHERE file_id = %s", "InsufficientPrivilege"),
        ("UPDATE court_deadline SET due_on = '2040-01-01' WHERE file_id = %s", "InsufficientPrivilege"),
        ("DELETE FROM court_fee WHERE file_id = %s", "InsufficientPrivilege"),
        (ANOTHER.format("'refunded', 101"), "RestrictViolation"),
        (ANOTHER.format("'advanced', 500001"), "CheckViolation"),
    ):
        with gate.transaction(force_rollback=True):
            gate.execute("SET CONSTRAINTS ALL IMMEDIATE")
            assert refused_by_database(gate, sql, file_id) == why, sql


@pytest.fixture
def gate(store: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The gate's login, with raw SQL."""
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute(f"SET ROLE {GATE_LOGIN}")
        yield owner
