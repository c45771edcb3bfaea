"""Changes of creditor: two persons, nothing before the notice, names and caps of the creditor that stands, history."""

from datetime import date, timedelta

import psycopg
import pytest

from book import make_lender, make_staff
from gatework import TEN, ToldChannel, refused_by_database, rows
from placework import Placed, make_case
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.consequence.words import Served
from zhizhi.core.creditor.words import ChangeKind, CreditorKind
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.creditors.models import CreditorChange, CreditorNotice
from zhizhi.store.creditors.reads import load_changes_of, load_unnoticed
from zhizhi.store.evidence.log import open_log
from zhizhi.store.ids import ids
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.models import Lender
from zhizhi.store.people.opened import Addressee, load_addressees
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.creditors.changing import (
    AskChange,
    ProveNotice,
    RegisterCreditor,
    ask_change,
    prove,
    register_creditor,
)
from zhizhi.usecases.creditors.lines import read_lines
from zhizhi.usecases.proposal import variables_of
from zhizhi.usecases.propose_contact import ProposeContact, Proposed, propose_contact

pytestmark = pytest.mark.usefixtures("store")
TODAY = date(2026, 3, 2)
BALANCE = 1_000_000
STAFF: dict[str, int] = {}


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    made = make_lender("CC")
    for login, role in (
        ("supervisor", "supervisor"),
        ("other", "supervisor"),
        ("head", "head"),
        ("collector", "collector"),
    ):
        STAFF[login] = make_staff(f"{login}-cc", role, made, 50).pk
    for name, kind in (
        ("甲担保", CreditorKind.GUARANTOR),
        ("乙银行", CreditorKind.FUNDER),
        ("丙受让", CreditorKind.ASSIGNEE),
    ):
        register_creditor(RegisterCreditor(made.pk, name, kind, f"{name}专户", STAFF["supervisor"]), TEN)
    return made


@pytest.fixture
def case(lender: Lender) -> Placed:
    return make_case(lender, balance_minor=BALANCE)


def ask(lender: Lender, lines: str, kind: ChangeKind = ChangeKind.ASSIGNMENT, on: date = TODAY) -> int:
    debts = read_lines(lines, lender.pk)
    return ask_change(AskChange(lender.pk, kind, on, "转让合同第八号", debts, STAFF["supervisor"]), TEN)


def change(lender: Lender, lines: str, kind: ChangeKind = ChangeKind.ASSIGNMENT) -> None:
    asked = load_standing(ask(lender, lines, kind))
    assert asked is not None
    rule(Rule(asked.id, asked.digest, True, STAFF["head"]), TEN)


def notice(case: Placed, by: str = "other", on: date = TODAY, days: int = 0) -> None:
    ((change_id,),) = rows(
        "SELECT id FROM creditor_change WHERE person_id = %s ORDER BY n DESC LIMIT 1", case.who.person
    )
    proof = ProveNotice(case.who.person, change_id, on, Served.LETTER, "邮件签收台账", STAFF[by])
    prove(proof, TEN + timedelta(days=days))


def says(case: Placed, purpose: str = "collect") -> Proposed:
    wish = ProposeContact(
        case.who.person,
        case.who.party,
        case.who.mobile,
        "sms",
        "notification",
        purpose,
        "plan-sms",
        STAFF["supervisor"],
    )
    return propose_contact(wish, TEN)


def addressee(case: Placed) -> Addressee:
    return load_addressees([case.who.person])[case.who.person]


def test_nothing_leaves_from_the_approval_until_the_notice_is_proven(lender: Lender, case: Placed) -> None:
    assert says(case).permit_id is not None
    asked = load_standing(ask(lender, f"{case.number},丙受让,10000"))
    assert asked is not None
    assert says(case).permit_id is not None, "what was only asked for changes nothing"
    rule(Rule(asked.id, asked.digest, True, STAFF["head"]), TEN)
    assert {state for (state,) in rows("SELECT state FROM permit WHERE person_id = %s", case.who.person)} == {
        "released"
    }
    refused = says(case).decision
    assert refused.verdict == "forbid"
    assert {reason.rule.rpartition("/")[2] for reason in refused.reasons} == {"transfer-notified"}
    with reading(Viewer(STAFF["head"], Scope.LENDER, lender.pk, None)):
        assert case.number in [row.case_number for row in load_unnoticed()]
    notice(case)
    assert says(case).decision.verdict == "permit"
    with reading(Viewer(STAFF["head"], Scope.LENDER, lender.pk, None)):
        assert case.number not in [row.case_number for row in load_unnoticed()]


def test_another_debt_of_the_person_is_worked_meanwhile(lender: Lender, case: Placed) -> None:
    second = ids.take()
    rows(
        "INSERT INTO debt SELECT (jsonb_populate_record(d, jsonb_build_object('id', %s::bigint, 'account_key',"
        " gen_random_uuid()))).* FROM debt d WHERE d.person_id = %s RETURNING 1", second, case.who.person,
    )  # fmt: skip
    with pytest.raises(Refused) as several:
        ask(lender, f"{case.number},丙受让,100")
    assert several.value.code == "several"
    change(lender, f"{case.number}/{case.who.debt},丙受让,10000")
    permitted = says(case)
    assert permitted.permit_id is not None
    assert rows("SELECT debts::text FROM permit WHERE id = %s", permitted.permit_id) == [(f"[{second}]",)]


def test_what_was_permitted_is_asked_again_at_the_second_of_leaving(lender: Lender, case: Placed) -> None:
    change(lender, f"{case.number},丙受让,10000")
    notice(case)
    assert says(case).permit_id is not None
    ((approval,),) = rows("SELECT approval_id FROM creditor_change WHERE person_id = %s", case.who.person)
    row = CreditorChange.objects.using("gate").get(person_id=case.who.person)
    row.id, row.n, row.approval_id = ids.take(), 2, approval  # beside the way that pulls back what waits
    row.save(using="gate", force_insert=True)
    channel = ToldChannel()
    Outbox({"sink": {"sms": channel}}, "test", monotonic=lambda: 0.0).drain(TEN)
    assert case.who.person not in [grant.person_id for grant in channel.sent]
    ended = rows("SELECT failure FROM delivery WHERE person_id = %s", case.who.person)
    assert ended == [("creditor_unnoticed",)]


def test_names_and_caps_follow_the_creditor_that_stands(lender: Lender, case: Placed) -> None:
    assert variables_of(addressee(case))["lender"] == lender.name
    change(lender, f"{case.number},甲担保,6000,120.50\n{case.number},本机构,3000", ChangeKind.GUARANTOR_PAID)
    named = variables_of(addressee(case), [case.who.debt])
    assert named["lender"] == f"甲担保、{lender.name}"
    assert named["amount"] == "9,120.50", "never more than the creditors may claim, though the book says 10,000"
    rows(
        "INSERT INTO payment (person_id, id, debt_id, kind, paid_on, amount_minor, applied_minor, reference_key,"
        " source, recorded_at) VALUES (%s, %s, %s, 'payment', %s, 20000, 20000, gen_random_uuid(), '', %s) RETURNING 1",
        case.who.person, ids.take(), case.who.debt, TODAY, TEN + timedelta(hours=1),
    )  # fmt: skip
    assert variables_of(addressee(case))["amount"] == "8,920.50", "what was paid since comes off the cap"


def test_a_repurchase_is_another_change_and_history_stays(lender: Lender, case: Placed) -> None:
    change(lender, f"{case.number},丙受让,10000")
    notice(case)
    change(lender, f"{case.number},本机构,10000", ChangeKind.REPURCHASE)
    assert says(case).decision.verdict == "forbid", "the debtor was told of another creditor, and is told anew"
    notice(case)
    assert says(case).permit_id is not None
    assert variables_of(addressee(case))["lender"] == lender.name
    with reading(Viewer(STAFF["head"], Scope.LENDER, lender.pk, None)):
        history = load_changes_of(case.who.person)
    assert [(row.kind, row.is_last, row.is_unnoticed) for row in history] == [
        (ChangeKind.REPURCHASE, True, False),
        (ChangeKind.ASSIGNMENT, False, False),
    ]


def test_a_batch_is_in_force_as_a_whole_or_not_at_all(lender: Lender) -> None:
    cases = [make_case(lender, balance_minor=BALANCE) for _ in range(3)]
    lines = "\n".join(f"{one.number},丙受让,10000" for one in cases)
    asked = load_standing(ask(lender, lines))
    assert asked is not None
    rows("UPDATE debt SET state = 'settled' WHERE id = %s RETURNING 1", cases[2].who.debt)
    with pytest.raises(Refused) as gone:
        rule(Rule(asked.id, asked.digest, True, STAFF["head"]), TEN)
    assert gone.value.code == "no_debt"
    persons = [one.who.person for one in cases]
    assert rows("SELECT count(*) FROM creditor_change WHERE person_id = ANY (%s)", persons) == [(0,)]
    change(lender, "\n".join(lines.splitlines()[:2]))
    assert rows("SELECT count(*) FROM creditor_change WHERE person_id = ANY (%s)", persons) == [(2,)]


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        ("{n},丙受让", ChangeKind.ASSIGNMENT, "bad_line"),
        ("{n},无名氏,1", ChangeKind.ASSIGNMENT, "bad_line"),
        ("{n},丙受让,1.234", ChangeKind.ASSIGNMENT, "bad_line"),
        ("{n},丙受让,NaN", ChangeKind.ASSIGNMENT, "bad_line"),
        ("{n}/x,丙受让,1", ChangeKind.ASSIGNMENT, "bad_line"),
        ("C-none,丙受让,1", ChangeKind.ASSIGNMENT, "no_debt"),
        ("{n},丙受让,0", ChangeKind.ASSIGNMENT, "amount"),
        ("{n},丙受让,10000.01", ChangeKind.ASSIGNMENT, "too_much"),
        ("{n},甲担保,6000\n{n},甲担保,100", ChangeKind.GUARANTOR_PAID, "holders"),
        ("{n},本机构,6000", ChangeKind.ASSIGNMENT, "nobody_else"),
        ("{n},丙受让,6000", ChangeKind.REPURCHASE, "repurchase"),
        ("{n},乙银行,6000", ChangeKind.JOINT_LOAN, "one_funder"),
        ("", ChangeKind.ASSIGNMENT, "debts"),
    ],
)
def test_what_cannot_be_asked_for_says_why(
    lender: Lender, case: Placed, line: str, kind: ChangeKind, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        ask(lender, line.format(n=case.number), kind)
    assert refused.value.code == code


def test_who_asked_does_not_prove_the_notice_and_no_notice_is_before_its_change(
    lender: Lender, case: Placed, store: str
) -> None:
    change(lender, f"{case.number},丙受让,10000")
    for by, on, code in (
        ("supervisor", TODAY, "same_person"),
        ("other", TODAY - timedelta(days=1), "before"),
        ("other", TODAY + timedelta(days=1), "day_to_come"),
        ("collector", TODAY, "not_allowed"),
    ):
        with pytest.raises(Refused) as refused:
            notice(case, by, on)
        assert refused.value.code == code
    ((change_id,),) = rows("SELECT id FROM creditor_change WHERE person_id = %s", case.who.person)
    with psycopg.connect(store) as owner:
        owner.execute(f"SET ROLE {GATE_LOGIN}")
        noticed = (
            "INSERT INTO creditor_notice (person_id, id, change_id, served_on, how, evidence, by_id, at)"
            " VALUES (%s, %s, %s, %s, 'letter', '', %s, now())"
        )
        own = (case.who.person, ids.take(), change_id, TODAY, STAFF["supervisor"])
        assert refused_by_database(owner, noticed, *own) == "RestrictViolation"
        alone = (
            "INSERT INTO creditor_change SELECT (jsonb_populate_record(c, jsonb_build_object('id', %s::bigint, 'n', 2,"
            " 'kind', 'repurchase'))).* FROM creditor_change c WHERE c.id = %s"
        )
        assert refused_by_database(owner, alone, ids.take(), change_id) == "RestrictViolation"
        for changed in (
            "UPDATE creditor_change SET n = 9",
            "DELETE FROM creditor_holding",
            "DELETE FROM creditor_notice",
        ):
            assert refused_by_database(owner, changed)
    notice(case)
    with pytest.raises(Refused) as twice:
        notice(case)
    assert twice.value.code == "no_change"
    assert CreditorNotice.objects.using("gate").filter(person_id=case.who.person).count() == 1


def test_rows_and_leaves_say_the_same(lender: Lender, case: Placed) -> None:
    change(lender, f"{case.number},甲担保,6000\n{case.number},乙银行,3000", ChangeKind.GUARANTOR_PAID)
    notice(case)
    sequence_all(TEN)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        found = {one.position for one in compare(log.stored_leaves(), iter([None] * size), log.object_digest)}
    own = rows(
        "SELECT position FROM leaf WHERE source_table IN ('creditor_change', 'creditor_notice')"
        " AND source_person_id = %s", case.who.person,
    )  # fmt: skip
    assert len(own) == 2
    assert found.isdisjoint(position for (position,) in own)
