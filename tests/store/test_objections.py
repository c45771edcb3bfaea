"""Objections to credit data: marked the same day, answered in writing in twenty days, corrected the day after; and
meanwhile no wording speaks of credit reporting."""

from datetime import date, timedelta

import psycopg
import pytest

from book import make_lender, make_staff
from gatework import TEN, refused_by_database, rows
from placework import Placed, make_case
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.consequence.claims import OF_CREDIT, why_untrue
from zhizhi.core.consequence.objections import ANSWER_DAYS, Message, ObjectionAnswer, ObjectionHow
from zhizhi.core.consequence.words import Claim, Fact, Served
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.consequences.objection_reads import load_credit_due, load_messages_of, load_objections_of
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.models import Lender
from zhizhi.store.packs import load_law
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.consequences.keeping import KeepFact, keep_truth
from zhizhi.usecases.consequences.objecting import (
    AnswerObjection,
    RegisterObjection,
    give_answer,
    register_objection,
    tell_confirmed,
    tell_sent,
)
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact
from zhizhi.usecases.templates import ApproveTemplate, DraftTemplate, approve_template, draft_template

pytestmark = pytest.mark.usefixtures("store")
TODAY = date(2026, 3, 2)
STAFF: dict[str, int] = {}
SAYS_CREDIT = "{name}您好，您在{lender}的借款逾期将影响您的征信，请尽快处理。拒收请回复T"


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    made = make_lender("CO")
    for role in ("supervisor", "head", "collector"):
        STAFF[role] = make_staff(f"{role}-co", role, made, 50).pk
    new = DraftTemplate(made.pk, "credit-sms", "sms", "collection", "告知", "", SAYS_CREDIT, ("name", "lender"), (),
                        True, "c1", STAFF["supervisor"])  # fmt: skip
    approve_template(ApproveTemplate(draft_template(new, TEN), True, STAFF["head"]), TEN)
    return made


@pytest.fixture
def case(lender: Lender) -> Placed:
    """A case of which everything about credit reporting is true."""
    made = make_case(lender)
    for fact, how in ((Fact.CREDIT_REPORTING, None), (Fact.ADVERSE_NOTICE, Served.SMS), (Fact.ADVERSE_REPORTED, None)):
        said = KeepFact(made.who.person, made.who.debt, fact, True, TODAY, "报送台账第三册", STAFF["supervisor"], how)
        keep_truth(said, TEN)
    return made


def object_to(case: Placed, by: str = "supervisor", text: str = "该笔已于二月还清", debt: int | None = None) -> int:
    said = RegisterObjection(case.who.person, debt or case.who.debt, ObjectionHow.LETTER, text, STAFF[by])
    return register_objection(said, TEN)


def answer(case: Placed, objection: int, found: ObjectionAnswer, days: int = 3, by: str = "supervisor") -> None:
    said = AnswerObjection(case.who.person, objection, found, "已核查并书面答复", STAFF[by])
    give_answer(said, TEN + timedelta(days=days))


def says(case: Placed) -> str:
    wish = ProposeContact(case.who.person, case.who.party, case.who.mobile, "sms", "notification", "collect",
                          "credit-sms", STAFF["supervisor"])  # fmt: skip
    return propose_contact(wish, TEN).decision.verdict


def messages(case: Placed) -> list[tuple[str, date, bool, bool]]:
    return [
        (message, due, sent, confirmed)
        for message, due, sent, confirmed in rows(
            "SELECT message, due_on, sent_at IS NOT NULL, confirmed_at IS NOT NULL FROM credit_message"
            " WHERE person_id = %s ORDER BY made_at, message DESC", case.who.person,
        )
    ]  # fmt: skip


def pass_on(case: Placed, message: Message) -> None:
    ((message_id,),) = rows(
        "SELECT id FROM credit_message WHERE person_id = %s AND message = %s", case.who.person, message.value
    )
    tell_sent(case.who.person, message_id, STAFF["supervisor"], TEN)
    tell_confirmed(case.who.person, message_id, "回执七号", STAFF["supervisor"], TEN)


def test_nothing_is_said_of_credit_from_the_objection_until_the_correction_is_confirmed(case: Placed) -> None:
    assert says(case) == "permit"
    objection = object_to(case)
    assert rows("SELECT state FROM permit WHERE person_id = %s", case.who.person) == [("released",)]
    assert says(case) == "forbid"
    assert messages(case) == [("mark", TODAY, False, False)]
    answer(case, objection, ObjectionAnswer.WRONG)
    assert messages(case)[1] == ("correct", TODAY + timedelta(days=4), False, False), "T+1"
    assert says(case) == "forbid", "what was wrong is still reported"
    pass_on(case, Message.CORRECT)
    assert says(case) == "permit"


@pytest.mark.parametrize(
    ("found", "message"), [(ObjectionAnswer.RIGHT, Message.UNMARK), (ObjectionAnswer.UNCLEAR, Message.RECORD)]
)
def test_what_is_right_or_unclear_is_told_the_day_after(case: Placed, found: ObjectionAnswer, message: Message) -> None:
    answer(case, object_to(case), found)
    assert messages(case)[1] == (message.value, TODAY + timedelta(days=4), False, False)
    assert says(case) == "permit"


def test_the_clock_is_the_packs_twenty_days_without_a_roll_forward(case: Placed, lender: Lender) -> None:
    object_to(case)
    ((due,),) = rows("SELECT due_on FROM credit_objection WHERE person_id = %s", case.who.person)
    assert due == TODAY + timedelta(days=20) == date(2026, 3, 22), "a Sunday moves nothing"
    numbers = {pack.id: pack.params for pack in load_law("cn.bank.card").packs}["cn.statutes"]
    assert numbers["credit_objection_answered_days"].on(TODAY) == ANSWER_DAYS


def test_the_database_and_the_core_agree_while_it_is_disputed(case: Placed) -> None:
    for _ in range(2):
        truth = load_facts([case.who.person], TEN)[case.who.person].truths[case.who.debt]
        for claim in Claim:
            ((in_database,),) = rows(
                "SELECT zhizhi_claim_is_true(%s, %s, %s, 'collect', %s)",
                case.who.person, case.who.debt, claim.value, TEN,
            )  # fmt: skip
            assert in_database is (why_untrue(claim, truth) is None), claim
        if not truth.is_disputed:
            assert all(why_untrue(claim, truth) is None for claim in OF_CREDIT)
            object_to(case)
    assert truth.is_disputed


def test_steps_that_do_not_follow_are_refused(case: Placed, store: str) -> None:
    with pytest.raises(Refused) as short:
        object_to(case, text="错")
    assert short.value.code == "too_short"
    with pytest.raises(Refused) as no_debt:
        object_to(case, debt=5)
    assert no_debt.value.code == "no_debt"
    objection = object_to(case, "supervisor")
    with pytest.raises(Refused) as twice:
        object_to(case)
    assert twice.value.code == "open_already"
    with pytest.raises(Refused) as not_theirs:
        answer(case, objection, ObjectionAnswer.RIGHT, by="collector")
    assert not_theirs.value.code == "not_allowed"
    ((mark,),) = rows("SELECT id FROM credit_message WHERE person_id = %s", case.who.person)
    with pytest.raises(Refused) as unsent:
        tell_confirmed(case.who.person, mark, "回执", STAFF["supervisor"], TEN)
    assert unsent.value.code == "no_message"
    answer(case, objection, ObjectionAnswer.RIGHT)
    with pytest.raises(Refused) as again:
        answer(case, objection, ObjectionAnswer.WRONG)
    assert again.value.code == "gone"
    tell_sent(case.who.person, mark, STAFF["supervisor"], TEN)
    with pytest.raises(Refused) as empty:
        tell_confirmed(case.who.person, mark, " ", STAFF["supervisor"], TEN)
    assert empty.value.code == "receipt"
    with psycopg.connect(store) as owner:
        owner.execute(f"SET ROLE {GATE_LOGIN}")
        for changed in (
            "UPDATE credit_objection SET answer = 'wrong' WHERE answer IS NOT NULL",
            "UPDATE credit_message SET sent_at = NULL, sent_by_id = NULL WHERE sent_at IS NOT NULL",
            "UPDATE credit_message SET due_on = due_on + 1",
            "DELETE FROM credit_objection",
        ):
            assert refused_by_database(owner, changed)


def test_pages_read_words_clocks_and_messages(case: Placed, lender: Lender) -> None:
    objection = object_to(case)
    with reading(Viewer(STAFF["head"], Scope.LENDER, lender.pk, None)):
        (row,) = load_objections_of(case.who.person)
        told = load_messages_of(case.who.person)[objection]
        due = [(one.message, one.due_on) for one in load_credit_due() if one.case_number == case.number]
    assert (row.text, row.answer, row.how) == ("该笔已于二月还清", None, ObjectionHow.LETTER)
    assert [one.message for one in told] == [Message.MARK]
    assert due == [(Message.MARK, TODAY), (None, TODAY + timedelta(days=20))]


def test_rows_and_leaves_say_the_same(case: Placed) -> None:
    answer(case, object_to(case), ObjectionAnswer.WRONG)
    pass_on(case, Message.CORRECT)
    sequence_all(TEN)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        found = {one.position for one in compare(log.stored_leaves(), iter([None] * size), log.object_digest)}
    own = rows(
        "SELECT position FROM leaf WHERE source_table IN ('credit_objection', 'credit_message')"
        " AND source_person_id = %s", case.who.person,
    )  # fmt: skip
    assert len(own) == 6, "the objection twice, the mark, the correction made, sent and confirmed"
    assert found.isdisjoint(position for (position,) in own)
