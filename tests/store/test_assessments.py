"""No contact on a placed case without an approved assessment; and who approves one."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import TEN, propose_call, propose_sms, rows
from zhizhi.core.kernel.errors import Refused
from zhizhi.store import channels
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.assessments.words import ACTIVITIES
from zhizhi.store.contacts.decided import Span, stream_decisions
from zhizhi.store.debts.models import Debt
from zhizhi.store.evidence.log import open_log
from zhizhi.store.ids import ids
from zhizhi.store.law.houses import law_for
from zhizhi.store.law.releases import keep_releases
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.models import Assessment, Case
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.assessments.asking import AskAssessment, add_assessments, ask_assessment
from zhizhi.usecases.assessments.needed import activities_of
from zhizhi.usecases.propose_contact import Proposed
from zhizhi.usecases.replay import replay
from zhizhi.usecases.rule_hold import RuleHold, rule_hold
from zhizhi.usecases.run_day import RunDay, run_day
from zhizhi.usecases.start_call import StartCall, start_call

pytestmark = pytest.mark.usefixtures("store")
SAID = {
    "necessity": "履行合同所必需的最小范围",
    "impact": "可能泄露债务，影响个人安宁",
    "measures": "掩码、许可制触达、全程存证",
}


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    """A real lender: nothing was seeded for it."""
    lender = make_lender()
    make_lender("L2")
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("UPDATE lender SET is_synthetic = false WHERE id = %s", [lender.pk])
        owner.execute("ALTER TABLE assessment DISABLE TRIGGER USER")
        owner.execute("DELETE FROM assessment WHERE lender_id = %s", [lender.pk])
        owner.execute("ALTER TABLE assessment ENABLE TRIGGER USER")
    return lender


@pytest.fixture(scope="module")
def staff(lender: Lender) -> dict[str, int]:
    roles = {"writes": "supervisor", "approves": "compliance", "collects": "collector"}
    return {login: make_staff(login, role, lender).pk for login, role in roles.items()}


def placed(lender: Lender, n: int, *, agency: bool = True, due_on: date = date(2026, 2, 18)) -> Borrower:
    """Somebody whose case is with an agency, or with the lender itself."""
    who = make_borrower(lender, n, due_on=due_on)
    of, _ = Agency.objects.using("gate").get_or_create(code="A", defaults={"name": "A", "is_listed": True})
    Case.objects.using("gate").create(
        person_id=who.person,
        id=ids.take(),
        number=f"C-{n}",
        lender_id=lender.pk,
        agency_id=of.pk if agency else None,
        stage="early",
        days_past_due=12,
        balance_minor=123_456,
        product="instalment_loan",
        masked=b"",
        opened_on=TODAY,
        aged_on=TODAY,
    )
    return who


def needs(proposed: Proposed) -> list[str]:
    """The preconditions that were not met."""
    return [reason.rule for reason in proposed.decision.reasons if reason.rule.startswith("assessment.")]


def approved(lender: Lender, staff: dict[str, int], days: int = 30, activity: str = "placement") -> int:
    asked = ask_assessment(AskAssessment(lender.pk, activity, days, by=staff["writes"], **SAID), TEN)
    standing = load_standing(asked)
    assert standing is not None
    with pytest.raises(Refused, match="not_allowed"):
        rule(Rule(asked, standing.digest, True, staff["writes"]), TEN)
    rule(Rule(asked, standing.digest, True, staff["approves"]), TEN)
    return asked


def test_a_placed_case_waits_for_the_assessment_and_the_lenders_own_go_on(
    lender: Lender, staff: dict[str, int]
) -> None:
    by = make_staff("everywhere", "supervisor").pk
    held = propose_sms(placed(lender, 1), by, TEN)
    assert held.decision.verdict == "hold"
    (reason,) = held.decision.reasons
    assert (reason.rule, reason.cites) == ("assessment.placement/not-met", "PIPL 21, 55")
    assert "第五十五条" in reason.explain.zh
    assert "规则包" not in reason.explain.zh
    assert held.decision.unknown == ("assessment.placement",)
    assert propose_sms(placed(lender, 2, agency=False), by, TEN).decision.verdict == "permit"
    approved(lender, staff)
    assert propose_sms(placed(lender, 3), by, TEN).decision.verdict == "permit"
    late = propose_sms(placed(lender, 4), by, TEN + timedelta(days=30))
    assert [reason.rule.split("/")[0] for reason in late.decision.reasons] == ["assessment.placement"]


def test_a_call_that_is_recorded_waits_and_one_that_is_not_goes_on(lender: Lender, staff: dict[str, int]) -> None:
    by = make_staff("calls", "supervisor", lender).pk
    held = propose_call(placed(lender, 21, agency=False), by, TEN)
    assert [reason.rule for reason in held.decision.reasons] == ["assessment.speech/not-met"]
    Lender.objects.using("gate").filter(pk=lender.pk).update(recorder="unavailable")
    try:
        assert needs(propose_call(placed(lender, 22, agency=False), by, TEN)) == []
        channels.install({"sms": "sink", "voice": channels.SIP})  # then we record it ourselves
        assert needs(propose_call(placed(lender, 23, agency=False), by, TEN)) == ["assessment.speech/not-met"]
    finally:
        channels.install({"sms": "sink", "email": "sink", "voice": "manual"})
        Lender.objects.using("gate").filter(pk=lender.pk).update(recorder="on")
    approved(lender, staff, activity="speech")
    assert propose_call(placed(lender, 24, agency=False), by, TEN).permit_id is not None


def test_who_was_permitted_before_is_asked_again_when_it_is_over(lender: Lender, staff: dict[str, int]) -> None:
    by = make_staff("again", "supervisor", lender).pk
    approved(lender, staff, activity="speech")
    who = placed(lender, 25, agency=False)
    late = TEN + timedelta(days=30, minutes=-1)
    permit = propose_call(who, by, late).permit_id
    assert permit is not None
    with connections["gate"].cursor() as cursor:  # somebody writes about the person: it is asked again
        cursor.execute("UPDATE person SET version = version + 1 WHERE id = %s", [who.person])
    with pytest.raises(Refused, match="overtaken"):
        start_call(StartCall(who.person, permit, by), late + timedelta(minutes=2))


def test_what_a_strategy_chose_and_a_visit_wait_each_for_their_own(lender: Lender, staff: dict[str, int]) -> None:
    facts = load_facts([placed(lender, 26).person], TEN)
    (person,) = facts.values()
    wanted = {
        ("sms", False): {"placement"},
        ("sms", True): {"placement", "scoring"},
        ("voice", True): {"placement", "scoring", "speech"},
        ("visit", False): {"placement", "visits"},
    }
    for (channel, is_automated), activities in wanted.items():
        assert activities_of(person, channel, is_automated=is_automated) == activities
    unassessed = replace(person, assessed=frozenset({"speech"}))
    held = law_for(unassessed, activities_of(person, "voice", is_automated=True)).broken
    assert [broken.rule for broken in held] == ["assessment.placement/not-met", "assessment.scoring/not-met"]
    whole = replace(person, assessed=frozenset(ACTIVITIES))
    assert law_for(whole, activities_of(person, "voice", is_automated=True)).broken == ()


def test_a_day_of_a_strategy_holds_everybody_until_scoring_is_assessed(lender: Lender, staff: dict[str, int]) -> None:
    def held(on: date) -> set[str]:
        run_day(RunDay(lender.pk, on, "declared"), TEN, lambda at: None, lambda *counts: None)
        found = rows("SELECT DISTINCT w.result, w.reason FROM wish w JOIN run r ON r.id = w.run_id WHERE r.on = %s", on)
        return {reason for result, reason in found if result == "hold"}

    placed(lender, 27, agency=False, due_on=TODAY - timedelta(days=4))  # the strategy sends on every second day
    assert "assessment.scoring/not-met" in held(TODAY)
    approved(lender, staff, activity="scoring")
    assert "assessment.scoring/not-met" not in held(TODAY + timedelta(days=2))


def test_a_hold_of_a_precondition_is_not_released_by_hand_and_says_where_to_go(lender: Lender) -> None:
    by = make_staff("releases", "compliance").pk
    late = TEN + timedelta(days=95)
    held = propose_sms(placed(lender, 30), make_staff("held", "supervisor").pk, late)
    assert held.hold_id is not None
    person = rows("SELECT person_id FROM hold WHERE id = %s", held.hold_id)[0][0]

    def ruled(release: bool) -> None:
        until = late + timedelta(days=1) if release else None
        rule_hold(RuleHold(person, held.hold_id or 0, release, "已核对全部材料", until, (), by), late)

    with pytest.raises(Refused, match="precondition") as refused:
        ruled(True)
    assert "影响评估" in refused.value.text.zh
    assert rows("SELECT state FROM hold WHERE id = %s", held.hold_id) == [("open",)]
    ruled(False)
    assert rows("SELECT state FROM hold WHERE id = %s", held.hold_id) == [("refused",)]


def test_a_hold_of_a_precondition_is_replayed_as_it_was(lender: Lender, staff: dict[str, int]) -> None:
    by = make_staff("replays", "supervisor").pk
    late = TEN + timedelta(days=90)
    keep_releases(late)
    held = propose_sms(placed(lender, 28), by, late)
    assert [reason.cites for reason in held.decision.reasons] == ["PIPL 21, 55"]
    (again,) = replay(stream_decisions(Span(late, late + timedelta(minutes=1))))
    assert again.then.id == held.receipt.decision_id
    assert (again.cannot, again.differences) == (None, ())


def test_an_invented_book_has_them_from_its_first_day_and_again_when_they_end(lender: Lender) -> None:
    old = Lender.objects.using("gate").create(
        code="L3", name="L3", profile="cn.bank.card", recorder="on", signature="L3", is_synthetic=True
    )
    make_borrower(old, 29)
    first = TEN - timedelta(days=500)
    Debt.objects.using("gate").filter(lender_id=old.pk).update(as_of_on=first.date())
    author, approver = (make_staff(login, role).pk for login, role in (("a3", "supervisor"), ("b3", "compliance")))
    assert add_assessments(author, approver, TEN) == 8
    assert add_assessments(author, approver, TEN) == 0, "they stand"
    later = TEN + timedelta(days=400)
    assert add_assessments(author, approver, later) >= 4
    stands = "SELECT count(*) FROM assessment WHERE lender_id = %s AND from_at <= %s AND %s < until_at"
    assert [rows(stands, old.pk, at, at) for at in (first, TEN, later)] == [[(4,)]] * 3


def test_a_synthetic_lender_begins_with_assessments_and_a_real_one_with_none(lender: Lender) -> None:
    seeded = {(row.lender.code, row.activity) for row in Assessment.objects.using("gate").select_related("lender")}
    assert {("L2", one) for one in ("placement", "scoring", "speech", "visits")} <= seeded
    assert ("L1", "visits") not in seeded, "a real lender has what its own people approved"


def test_it_ends_and_has_its_answers(lender: Lender, staff: dict[str, int]) -> None:
    plain = AskAssessment(lender.pk, "placement", 30, by=staff["writes"], **SAID)
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"days": 400}, "bad_days"),
        ({"activity": "sport"}, "bad_activity"),
        ({"impact": "小"}, "too_short"),
        ({"impact": "客户 13800001234 可能受影响"}, "number_in_text"),
    )
    for changes, code in wrong:
        with pytest.raises(Refused, match=code):
            ask_assessment(replace(plain, **changes), TEN)
    with pytest.raises(Refused, match="not_allowed"):
        ask_assessment(AskAssessment(lender.pk, "placement", 30, by=staff["collects"], **SAID), TEN)


def test_the_table_takes_none_without_its_approval(lender: Lender, staff: dict[str, int], store: str) -> None:
    waiting = ask_assessment(AskAssessment(lender.pk, "visits", 30, by=staff["writes"], **SAID), TEN)
    insert = "INSERT INTO assessment (lender_id, activity, from_at, until_at, approval_id) VALUES (%s, %s, %s, %s, %s)"
    span = [TEN, TEN + timedelta(days=30)]
    other = int(rows("SELECT approval_id FROM assessment WHERE activity = 'scoring' LIMIT 1")[0][0])
    with psycopg.connect(store, autocommit=True) as owner:
        for activity, approval in (("visits", waiting), ("placement", other)):
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(insert, [lender.pk, activity, *span, approval])
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute("UPDATE assessment SET until_at = until_at + interval '1 day'")


def test_it_is_a_leaf(lender: Lender) -> None:
    sequence_all(TEN)
    with open_log() as log:
        told = [leaf.openings for leaf in log.stored_leaves() if b'"kind":"assessment"' in leaf.body]
    assert told
    assert {"placement"} <= {one.value for openings in told for one in openings if one.field == "activity"}
