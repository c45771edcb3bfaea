"""No contact on a placed case without an approved assessment; and who approves one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import TEN, propose_sms, rows
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.evidence.log import open_log
from zhizhi.store.ids import ids
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.models import Assessment, Case
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.assessments.asking import AskAssessment, ask_assessment

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


def placed(lender: Lender, n: int, *, agency: bool = True) -> Borrower:
    """Somebody whose case is with an agency, or with the lender itself."""
    who = make_borrower(lender, n)
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


def approved(lender: Lender, staff: dict[str, int], days: int = 30) -> int:
    asked = ask_assessment(AskAssessment(lender.pk, "placement", days, by=staff["writes"], **SAID), TEN)
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
    assert reason.rule.startswith("assessment.placement")
    assert "第五十五条" in reason.explain.zh
    assert propose_sms(placed(lender, 2, agency=False), by, TEN).decision.verdict == "permit"
    approved(lender, staff)
    assert propose_sms(placed(lender, 3), by, TEN).decision.verdict == "permit"
    late = propose_sms(placed(lender, 4), by, TEN + timedelta(days=30))
    assert [reason.rule.split("/")[0] for reason in late.decision.reasons] == ["assessment.placement"]


def test_a_synthetic_lender_begins_with_assessments_and_a_real_one_with_none(lender: Lender) -> None:
    seeded = {(row.lender.code, row.activity) for row in Assessment.objects.using("gate").select_related("lender")}
    assert {("L2", one) for one in ("placement", "scoring", "speech", "visits")} <= seeded
    assert not {one for one in seeded if one[0] == "L1" and one[1] != "placement"}


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
