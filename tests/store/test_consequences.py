"""What is true of a debt: kept in rows, told before it is reported, and the only thing that a wording may claim."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import psycopg
import pytest

from book import make_lender, make_staff
from gatework import TEN, ToldChannel, refused_by_database, rows
from placework import Placed, make_case
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.consequence.claims import Truth, why_untrue
from zhizhi.core.consequence.words import Claim, Fact, Served
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.jobs.outbox import Outbox
from zhizhi.store import channels
from zhizhi.store.consequences.reads import load_facts_of, load_truths
from zhizhi.store.evidence.log import open_log
from zhizhi.store.ids import ids
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.models import DebtFact, Lender
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.consequences.keeping import KeepFact, keep_truth
from zhizhi.usecases.propose_contact import ProposeContact, Proposed, propose_contact
from zhizhi.usecases.templates import ApproveTemplate, DraftTemplate, approve_template, draft_template

pytestmark = pytest.mark.usefixtures("store")
TODAY = date(2026, 3, 2)
STAFF: dict[str, int] = {}
SAYS_CREDIT = "{name}您好，您在{lender}的借款逾期将影响您的征信，请尽快处理。拒收请回复T"
PLAIN = "{name}您好，您在{lender}的借款已逾期，请联系我们协商。拒收请回复T"
WORDINGS = {"credit-sms": (SAYS_CREDIT, ()), "declared-sms": (PLAIN, ("accelerated",)), "plain-sms": (PLAIN, ())}


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    made = make_lender("TC")
    for role in ("supervisor", "head", "settlement_clerk", "collector", "legal"):
        STAFF[role] = make_staff(f"{role}-tc", role, made, 50).pk
    for code, (body, declared) in WORDINGS.items():
        new = DraftTemplate(made.pk, code, "sms", "collection", "告知", "", body, ("name", "lender"), (), True, code,
                            STAFF["supervisor"], declared)  # fmt: skip
        approve_template(ApproveTemplate(draft_template(new, TEN), True, STAFF["head"]), TEN)
    return made


@pytest.fixture
def case(lender: Lender) -> Placed:
    return make_case(lender)


def keep(
    case: Placed, fact: Fact, holds: bool = True, *, on: date = TODAY, days: int = 0, debt: int | None = None
) -> int:
    how = Served.SMS if fact is Fact.ADVERSE_NOTICE and holds else None
    said = KeepFact(case.who.person, debt or case.who.debt, fact, holds, on, "报送台账第三册", STAFF["supervisor"], how)
    return keep_truth(said, TEN + timedelta(days=days))


def says(case: Placed, code: str, purpose: str = "collect") -> Proposed:
    wish = ProposeContact(
        case.who.person, case.who.party, case.who.mobile, "sms", "notification", purpose, code, STAFF["supervisor"]
    )
    return propose_contact(wish, TEN)


def test_a_claim_is_refused_until_every_row_behind_it_is_there(case: Placed) -> None:
    first = says(case, "credit-sms")
    assert first.decision.verdict == "forbid"
    assert any("CBA-042" in reason.rule for reason in first.decision.reasons)
    assert first.untrue is not None
    assert "本机构报送征信" in first.untrue.zh
    keep(case, Fact.CREDIT_REPORTING)
    second = says(case, "credit-sms")
    assert (second.permit_id, second.untrue and "告知已送达" in second.untrue.zh) == (None, True)
    keep(case, Fact.ADVERSE_NOTICE)
    third = says(case, "credit-sms")
    assert (third.decision.verdict, third.untrue) == ("permit", None)


def test_the_stored_decision_names_the_claim_and_why(case: Placed) -> None:
    says(case, "credit-sms")
    ((notes, marks),) = rows(
        "SELECT facts -> 'notes' ->> 'zh', facts -> 'proposed' -> 'content' FROM decision WHERE person_id = %s",
        case.who.person,
    )
    assert "没有登记" in notes
    assert "false_consequence" in marks


def test_a_declared_claim_binds_though_no_word_shows_it(case: Placed) -> None:
    assert says(case, "plain-sms").decision.verdict == "permit"
    assert says(case, "declared-sms").decision.verdict == "forbid"
    keep(case, Fact.ACCELERATED)
    assert says(case, "declared-sms").decision.verdict == "permit"
    keep(case, Fact.ACCELERATED, False)
    refused = says(case, "declared-sms")
    assert refused.untrue is not None
    assert "登记为不属实" in refused.untrue.zh


def test_the_notice_itself_needs_no_notice_before_it(case: Placed) -> None:
    keep(case, Fact.CREDIT_REPORTING)
    assert says(case, "credit-sms", "required_by_law").untrue is None
    assert says(case, "credit-sms").untrue is not None


def test_a_claim_has_to_be_true_of_every_debt_of_the_contact(case: Placed) -> None:
    second = ids.take()
    rows(
        "INSERT INTO debt SELECT (jsonb_populate_record(d, jsonb_build_object('id', %s::bigint, 'account_key',"
        " gen_random_uuid()))).* FROM debt d WHERE d.person_id = %s RETURNING 1", second, case.who.person,
    )  # fmt: skip
    keep(case, Fact.ACCELERATED)
    assert says(case, "declared-sms").decision.verdict == "forbid"
    keep(case, Fact.ACCELERATED, debt=second)
    assert says(case, "declared-sms").decision.verdict == "permit"


def test_what_waits_is_pulled_back_when_its_claim_becomes_untrue(case: Placed) -> None:
    keep(case, Fact.ACCELERATED)
    assert says(case, "declared-sms").permit_id is not None
    keep(case, Fact.ACCELERATED, False)
    assert rows("SELECT state FROM permit WHERE person_id = %s", case.who.person) == [("released",)]


@pytest.fixture
def sink_only(store: str) -> Iterator[None]:
    channels.install({"sms": "sink", "voice": "manual"})
    yield
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


@pytest.mark.usefixtures("sink_only")
def test_what_was_permitted_is_asked_again_at_the_second_of_leaving(case: Placed) -> None:
    keep(case, Fact.ACCELERATED)
    assert says(case, "declared-sms").permit_id is not None
    row = DebtFact.objects.using("gate").get(person_id=case.who.person)
    row.id, row.n, row.holds = ids.take(), 2, False  # written beside the way that pulls back what waits
    row.save(using="gate", force_insert=True)
    channel = ToldChannel()
    Outbox({"sink": {"sms": channel}}, "test", monotonic=lambda: 0.0).drain(TEN)
    assert case.who.person not in [grant.person_id for grant in channel.sent]
    ended = rows(
        "SELECT d.failure, m.state FROM delivery d JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id"
        " WHERE d.person_id = %s", case.who.person,
    )  # fmt: skip
    assert ended == [("untrue_claim", "released")]


def test_adverse_information_needs_the_notice_before_it(case: Placed, store: str) -> None:
    keep(case, Fact.CREDIT_REPORTING, on=TODAY - timedelta(days=30))
    with pytest.raises(Refused) as untold:
        keep(case, Fact.ADVERSE_REPORTED)
    assert untold.value.code == "not_told"
    keep(case, Fact.ADVERSE_NOTICE)
    with pytest.raises(Refused) as late:
        keep(case, Fact.ADVERSE_REPORTED, on=TODAY - timedelta(days=1))
    assert late.value.code == "not_told"
    keep(case, Fact.ADVERSE_REPORTED)
    other = make_case(Lender.objects.using("gate").get(code="TC"))
    with psycopg.connect(store) as owner:
        owner.execute(f"SET ROLE {GATE_LOGIN}")
        told = refused_by_database(
            owner,
            "INSERT INTO debt_fact (person_id, id, lender_id, debt_id, fact, n, holds, on_day, source, evidence, by_id,"
            " at) SELECT person_id, %s, lender_id, id, 'adverse_reported', 1, true, %s, 'clerk', '', 1, now() FROM debt"
            " WHERE person_id = %s", ids.take(), TODAY, other.who.person,
        )  # fmt: skip
        assert told == "RestrictViolation"
        for changed in ("UPDATE debt_fact SET holds = false", "DELETE FROM debt_fact"):
            assert refused_by_database(owner, changed)


@pytest.mark.parametrize(
    ("by", "debt", "on", "evidence", "how", "code"),
    [
        ("collector", 0, TODAY, "报送台账第三册", Served.SMS, "not_allowed"),
        ("supervisor", 5, TODAY, "报送台账第三册", Served.SMS, "no_debt"),
        ("supervisor", 0, TODAY + timedelta(days=1), "报送台账第三册", Served.SMS, "day_to_come"),
        ("supervisor", 0, TODAY, "短", Served.SMS, "too_short"),
        ("supervisor", 0, TODAY, "回执发往13800138000", Served.SMS, "number_in_text"),
        ("supervisor", 0, TODAY, "报送台账第三册", None, "how"),
    ],
)
def test_what_cannot_be_kept_says_why(
    case: Placed, by: str, debt: int, on: date, evidence: str, how: Served | None, code: str
) -> None:
    said = KeepFact(case.who.person, debt or case.who.debt, Fact.ADVERSE_NOTICE, True, on, evidence, STAFF[by], how)
    with pytest.raises(Refused) as refused:
        keep_truth(said, TEN)
    assert refused.value.code == code
    assert rows("SELECT count(*) FROM debt_fact WHERE person_id = %s", case.who.person) == [(0,)]


def test_the_same_row_is_not_kept_twice_and_the_register_shows_all(case: Placed, lender: Lender) -> None:
    keep(case, Fact.INTEREST_STOPPED)
    with pytest.raises(Refused) as same:
        keep(case, Fact.INTEREST_STOPPED)
    assert same.value.code == "same"
    keep(case, Fact.INTEREST_STOPPED, False, days=1)
    with reading(Viewer(STAFF["supervisor"], Scope.LENDER, lender.pk, None)):
        shown = load_facts_of(case.who.person)
        truths = load_truths(case.who.person, TODAY)
    assert [row.holds for row in shown] == [False, True]
    assert truths == {case.who.debt: load_facts([case.who.person], TEN)[case.who.person].truths[case.who.debt]}


def test_rows_and_leaves_say_the_same(case: Placed) -> None:
    keep(case, Fact.CREDIT_REPORTING)
    keep(case, Fact.ADVERSE_NOTICE)
    sequence_all(TEN)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        found = {one.position for one in compare(log.stored_leaves(), iter([None] * size), log.object_digest)}
    own = rows("SELECT position FROM leaf WHERE source_table = 'debt_fact' AND source_person_id = %s", case.who.person)
    assert len(own) == 2
    assert found.isdisjoint(position for (position,) in own)


def test_the_database_reads_claims_as_the_core_does(case: Placed) -> None:
    """Every claim against every combination of what may be kept of the facts that it could rest on."""
    reported = [Fact.ADVERSE_NOTICE, Fact.CREDIT_REPORTING, Fact.ADVERSE_REPORTED]
    others = [Fact.INTEREST_STOPPED, Fact.ACCELERATED]
    steps = [*((fact, True) for fact in reported), *((fact, False) for fact in reported)]
    steps += [(fact, holds) for fact in (*reported[:2], *others) for holds in (True, False)]
    known: dict[Fact, bool] = {}
    for step in [None, *steps]:
        if step is not None:
            keep(case, *step)
            known[step[0]] = step[1]
        for claim, purpose in product(Claim, ("collect", "required_by_law")):
            ((in_database,),) = rows(
                "SELECT zhizhi_claim_is_true(%s, %s, %s, %s, %s)",
                case.who.person, case.who.debt, claim.value, purpose, TEN,
            )  # fmt: skip
            assert in_database is (why_untrue(claim, Truth(dict(known)), purpose) is None), (claim, purpose, known)
