"""What one person asks for another approves: by the mechanism, and below it by the table."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import transaction

from book import make_lender, make_staff
from gatework import TEN, at_once, refused_by_database, rows
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.models import Approval
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.sequencer import sequence
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.approvals.asking import Ask, ask, use_approval, withdraw
from zhizhi.usecases.approvals.ruling import Rule, rule

pytestmark = pytest.mark.usefixtures("store")
LATER = TEN + timedelta(hours=1)


def told(request: Mapping[str, Any]) -> tuple[Change, ...]:
    return (Change(Text("组别", "team"), Text(request["team"], request["team"])),)


def moved(standing: Standing, at: object) -> None:
    """The act of these tests: somebody gets another team, if it is still the one that was shown."""
    del at
    wanted = standing.wanted
    changed = Staff.objects.using("gate").filter(pk=wanted.about_staff_id or 0, team=wanted.request["before"])
    if not changed.update(team=wanted.request["team"]):
        raise Refused("changed", Text("组别已变", "the team is another one by now"))


AT_ONCE = Act(
    "test_move", Text("换组", "move"), Right.DRAFT_WORDING, Right.APPROVE_WORDING, told, moved, may_ask_for_self=True
)
BY_ASKER = replace(AT_ONCE, code="test_take", carry_out=None)
ACTS = {act.code: act for act in (AT_ONCE, BY_ASKER)}


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def staff(lender: Lender) -> dict[str, int]:
    made = {
        "asks": make_staff("asks", "supervisor", lender).pk,
        "rules": make_staff("rules", "compliance", lender).pk,
        "head": make_staff("boss", "head", lender).pk,
        "moved": make_staff("moved", "collector", lender).pk,
    }
    other = make_lender("L2")
    return made | {"elsewhere": make_staff("elsewhere", "compliance", other).pk}


@pytest.fixture
def owner(store: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(store, autocommit=True) as login:
        yield login


@pytest.fixture
def gate(owner: psycopg.Connection[tuple[object, ...]]) -> psycopg.Connection[tuple[object, ...]]:
    owner.execute(f"SET ROLE {GATE_LOGIN}")
    return owner


def asked(lender: Lender, staff: dict[str, int], act: Act = AT_ONCE, **changes: Any) -> int:
    request, at = {"team": changes.pop("team"), "before": changes.pop("before", "A")}, changes.pop("at", TEN)
    plain: dict[str, Any] = {"by": staff["asks"], "lender_id": lender.pk, "about_staff_id": staff["moved"]}
    return ask(act, Ask(request, "人手不足", **(plain | changes)), at)


def ruled(approval: int, by: int, *, approve: bool = True, remark: str = "不需要", at: Any = LATER) -> None:
    digest = rows("SELECT digest FROM approval WHERE id = %s", approval)[0][0]
    rule(Rule(approval, digest, approve, by, remark), at, ACTS)


def state(approval: int) -> str:
    return str(Approval.objects.using("gate").get(pk=approval).state)


def team(staff: dict[str, int]) -> str:
    return str(Staff.objects.using("gate").get(pk=staff["moved"]).team)


def test_what_another_approves_is_done_in_the_same_commit_and_once(lender: Lender, staff: dict[str, int]) -> None:
    approval = asked(lender, staff, team="east")
    assert team(staff) == "A", "nothing is done by asking"
    with pytest.raises(Refused, match="not_allowed"):
        ruled(approval, staff["asks"])
    with pytest.raises(Refused, match="not_allowed"):
        ruled(approval, staff["elsewhere"])
    ruled(approval, staff["rules"])
    assert (state(approval), team(staff)) == ("executed", "east")
    for again in (staff["rules"], staff["head"]):
        with pytest.raises(Refused, match="not_waiting"):
            ruled(approval, again)


def test_nobody_rules_on_the_own_request_or_on_themselves(
    lender: Lender, staff: dict[str, int], gate: psycopg.Connection[tuple[object, ...]]
) -> None:
    both = replace(AT_ONCE, asks=Right.APPROVE_WORDING)  # who may ask and approve still needs another
    own = asked(lender, staff, both, team="own", by=staff["rules"])
    digest = Approval.objects.using("gate").get(pk=own).digest
    with pytest.raises(Refused, match="same_person"):
        rule(Rule(own, digest, True, staff["rules"]), LATER, {both.code: both})
    concerned = asked(lender, staff, team="self", about_staff_id=staff["rules"])
    with pytest.raises(Refused, match="concerned"):
        ruled(concerned, staff["rules"])
    for approval, who in ((own, staff["rules"]), (concerned, staff["rules"])):
        statement = "UPDATE approval SET state = 'approved', ruled_by_id = %s, ruled_at = %s WHERE id = %s"
        assert refused_by_database(gate, statement, who, LATER, approval) == "CheckViolation"
        assert state(approval) == "waiting"
    with pytest.raises(Refused, match="for_oneself"):
        asked(lender, staff, replace(AT_ONCE, may_ask_for_self=False), team="x", about_staff_id=staff["asks"])


def test_a_ruling_is_on_what_was_shown_and_an_act_that_fails_leaves_the_request_waiting(
    lender: Lender, staff: dict[str, int]
) -> None:
    approval = asked(lender, staff, team="west", before="a team that is no more")
    with pytest.raises(Refused, match="other_request"):
        rule(Rule(approval, "0" * 64, True, staff["rules"]), LATER, ACTS)
    with pytest.raises(Refused, match="changed"):
        ruled(approval, staff["rules"])
    assert state(approval) == "waiting"
    with pytest.raises(Refused, match="too_short"):
        ruled(approval, staff["rules"], approve=False, remark="")
    ruled(approval, staff["rules"], approve=False)
    assert state(approval) == "refused"
    assert team(staff) != "west"


def test_a_request_ends_and_the_same_one_waits_only_once(lender: Lender, staff: dict[str, int]) -> None:
    approval = asked(lender, staff, team="north")
    with pytest.raises(Refused, match="asked_already"):
        asked(lender, staff, team="north", by=staff["asks"])
    with pytest.raises(Refused, match="expired"):
        ruled(approval, staff["rules"], at=TEN + AT_ONCE.lasts)
    week = asked(lender, staff, team="north", at=TEN + AT_ONCE.lasts)
    assert (state(approval), state(week)) == ("expired", "waiting")
    with pytest.raises(Refused, match="not_own"):
        withdraw(week, staff["rules"], TEN + AT_ONCE.lasts)
    withdraw(week, staff["asks"], TEN + AT_ONCE.lasts)
    assert state(week) == "withdrawn"


def test_the_request_of_somebody_who_left_is_not_approved(lender: Lender, staff: dict[str, int]) -> None:
    gone = make_staff("gone", "supervisor", lender)
    approval = asked(lender, staff, team="south", by=gone.pk)
    Staff.objects.using("gate").filter(pk=gone.pk).update(is_active=False)
    with pytest.raises(Refused, match="not_allowed"):
        ruled(approval, staff["rules"])
    ruled(approval, staff["rules"], approve=False)


def test_who_asked_uses_an_approval_once_and_for_exactly_that(lender: Lender, staff: dict[str, int]) -> None:
    approval = asked(lender, staff, BY_ASKER, team="once")
    said = Ask({"team": "once", "before": "A"}, "-", staff["asks"], lender.pk, staff["moved"])

    def use(command: Ask) -> None:
        with transaction.atomic(using="gate"):
            use_approval(BY_ASKER, approval, command, LATER)

    with pytest.raises(Refused, match="not_approved"):
        use(said)
    ruled(approval, staff["rules"])
    assert state(approval) == "approved"
    with pytest.raises(Refused, match="other_request"):
        use(replace(said, request={"team": "twice", "before": "A"}))
    with pytest.raises(Refused, match="not_allowed"):
        use(replace(said, by=staff["rules"]))
    answers = at_once([lambda: attempt(use, said) for _ in range(4)])
    assert sorted(map(str, answers)) == ["done", "not_approved", "not_approved", "not_approved"]
    assert state(approval) == "executed"


def attempt(use: Any, command: Ask) -> str:
    try:
        use(command)
    except Refused as refused:
        return refused.code
    return "done"


def test_the_table_keeps_a_request_as_it_was_asked(
    lender: Lender, staff: dict[str, int], owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    approval = asked(lender, staff, team="kept")
    for statement in (
        "UPDATE approval SET request = '{}' WHERE id = %s",
        "UPDATE approval SET expires_at = expires_at + interval '1 year' WHERE id = %s",
        "DELETE FROM approval WHERE id = %s",
        "UPDATE approval SET state = 'executed', executed_at = asked_at WHERE id = %s",
    ):
        assert refused_by_database(owner, statement, approval) == "RestrictViolation"
    assert state(approval) == "waiting"


def test_what_has_no_lender_is_for_those_who_work_for_every_lender(lender: Lender, staff: dict[str, int]) -> None:
    with pytest.raises(Refused, match="not_allowed"):
        asked(lender, staff, team="all", lender_id=None)
    all_lenders = make_staff("everywhere", "supervisor", None)
    approval = asked(lender, staff, team="all", lender_id=None, by=all_lenders.pk)
    with pytest.raises(Refused, match="not_allowed"):
        ruled(approval, staff["rules"])


def test_every_step_is_a_leaf_that_fits_its_row(lender: Lender, staff: dict[str, int]) -> None:
    approval = asked(lender, staff, team="leaf", before=team(staff))
    ruled(approval, staff["rules"])
    sequence(LATER)
    subject = Approval.objects.using("gate").get(pk=approval).subject
    with open_log() as log:
        mine = [leaf for leaf in log.stored_leaves() if subject.hex.encode() in leaf.body]
    assert len(mine) == 3, "asked for, approved, carried out"
    opened = [{one.field: one.value for one in leaf.openings} for leaf in mine]
    assert [one.get("state") for one in opened] == [None, None, "executed"], "only the latest speaks for what changes"
    assert {one["digest"] for one in opened} == {Approval.objects.using("gate").get(pk=approval).digest}


def test_an_act_that_this_release_does_not_know_is_ruled_on_by_nobody(lender: Lender, staff: dict[str, int]) -> None:
    approval = asked(lender, staff, replace(AT_ONCE, code="of_another_release"), team="x")
    with pytest.raises(Refused, match="no_request"):
        ruled(approval, staff["rules"])


def test_the_web_login_writes_none(lender: Lender, staff: dict[str, int], store: str) -> None:
    approval = asked(lender, staff, team="web")
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("SET ROLE zhizhi_web")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("UPDATE approval SET state = 'refused' WHERE id = %s", [approval])
        assert owner.execute("SELECT count(*) FROM approval").fetchone() == (0,), "no seal, no row"
