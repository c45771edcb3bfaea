"""Stored decisions asked again: under the packs of then, and with one pack exchanged."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from book import make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, propose_call, propose_sms, talk
from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.decide import Decision, decide
from zhizhi.core.conduct.replay import Shift
from zhizhi.core.law.law import Law
from zhizhi.jobs.impact import work_waiting_impact
from zhizhi.store.contacts.decided import DecidedThen, Span, count_decisions, stream_decisions
from zhizhi.store.law.impacts import ImpactRow, claim_run
from zhizhi.store.law.releases import keep_releases, load_release
from zhizhi.store.models import ImpactRun, PackRelease
from zhizhi.usecases.ask_impact import AskImpact, ImpactRefused, OneNumber, ask_impact
from zhizhi.usecases.replay import replay

DAY = Span(TEN - timedelta(hours=10), TEN + timedelta(hours=14))
CALLS_A_DAY = OneNumber("cn.gbt45251", "valid_calls_per_day", 1)


@pytest.fixture(scope="module")
def collector(store: str) -> int:
    """A day: three talks with one person and a fourth call that is refused, a message to another."""
    lender = make_lender()
    staff = int(make_staff("collector", "collector", lender).pk)
    keep_releases(TEN)
    first, second = make_borrower(lender, 1), make_borrower(lender, 2)
    for hour in range(3):
        talk(first, staff, TEN + timedelta(hours=hour))
    propose_call(first, staff, TEN + timedelta(hours=4))
    propose_sms(second, staff, TEN + MINUTE)
    return staff


def decided() -> list[DecidedThen]:
    return list(stream_decisions(DAY))


@pytest.mark.usefixtures("collector")
def test_every_stored_decision_comes_out_the_same_under_the_packs_that_it_names() -> None:
    asked = list(replay(decided()))
    assert len(asked) == count_decisions(DAY) == 5
    assert [(one.cannot, one.differences) for one in asked] == [(None, ())] * 5
    assert {one.then.body["verdict"] for one in asked} == {"permit", "forbid"}
    assert {one.then.stage for one in asked} == {""}  # the small book has no open case


@pytest.mark.usefixtures("collector")
def test_another_answer_is_named_key_by_key() -> None:
    def late(case: Case, law: Law) -> Decision:
        at = case.proposed.at + timedelta(hours=13)
        return decide(replace(case, proposed=replace(case.proposed, at=at)), law)

    keys = {difference.key for one in replay(decided()) for difference in one.differences}
    assert keys == set()
    keys = {difference.key for one in replay(decided(), late) for difference in one.differences}
    assert {"verdict", "reasons", "next_permitted_at"} <= keys


@pytest.mark.usefixtures("collector")
def test_a_pack_that_was_never_kept_is_said_so_and_not_replaced_by_another() -> None:
    then = decided()[0]
    body = {**then.body, "packs": [{**pack, "sha256": "0" * 64} for pack in then.body["packs"]]}
    (one,) = replay([replace(then, body=body)])
    assert one.cannot == "pack 0000000000000000 is not kept"


@pytest.mark.usefixtures("collector")
def test_a_kept_pack_is_the_pack_byte_for_byte() -> None:
    for pack in decided()[0].body["packs"]:
        kept = load_release(pack["sha256"])
        assert (kept.id, kept.version, kept.sha256, kept.verified) == (
            pack["id"],
            pack["version"],
            pack["sha256"],
            True,
        )
    assert keep_releases(TEN) == 0


def test_one_changed_number_is_weighed_against_the_day(collector: int) -> None:
    del collector
    run = ask_impact(AskImpact(date(2026, 3, 2), date(2026, 3, 2), None, 1, number=CALLS_A_DAY), TEN)
    assert work_waiting_impact(TEN)
    assert not work_waiting_impact(TEN)
    summary = finished(run)
    assert summary["asked"] == 5
    assert sum(summary["shifts"].values()) == 5
    assert summary["shifts"][Shift.NEWLY_REFUSED] == 2  # the second and the third talk of the day
    assert summary["shifts"][Shift.NEWLY_PERMITTED] == 0
    assert summary["along"]["channel"] == {"voice": {"newly_refused": 2}}
    (rule,) = summary["along"]["rule"]
    assert rule.startswith("cn.gbt45251/")
    assert summary["along"]["day"]["2026-03-02"]["same"] == 3
    assert len(summary["examples"]["newly_refused"]) == 2


def test_a_looser_number_permits_nothing_new_where_another_pack_still_forbids(collector: int) -> None:
    del collector
    looser = OneNumber("cn.gbt45251", "valid_calls_per_day", 9)
    run = ask_impact(AskImpact(date(2026, 3, 2), date(2026, 3, 2), None, 1, number=looser), TEN)
    assert work_waiting_impact(TEN)
    summary = finished(run)
    assert summary["shifts"]["newly_refused"] == 0
    assert summary["shifts"]["newly_permitted"] in (0, 1)  # 1 only where no other pack of the profile has the cap


def test_a_run_that_a_dead_worker_left_is_taken_up_again(collector: int) -> None:
    del collector
    run = ask_impact(AskImpact(date(2026, 3, 2), date(2026, 3, 2), None, 1, number=CALLS_A_DAY), TEN)
    with claim_run() as claimed:  # and lost again, as by the end of its connection
        assert isinstance(claimed, ImpactRow)
        assert claimed.id == run
    assert ImpactRun.objects.using("gate").get(pk=run).state == "running"
    assert work_waiting_impact(TEN)
    assert finished(run)["asked"] == 5


@pytest.mark.parametrize(
    ("number", "place"),
    [(OneNumber("cn.none", "x", 1), "pack"), (OneNumber("cn.gbt45251", "none", 1), "parameter"), (None, "parameter")],
)
def test_what_cannot_be_weighed_names_its_place(store: str, number: OneNumber | None, place: str) -> None:
    with pytest.raises(ImpactRefused) as refused:
        ask_impact(AskImpact(date(2026, 3, 2), date(2026, 3, 2), None, 1, number=number), TEN)
    assert refused.value.field == place
    with pytest.raises(ImpactRefused) as backwards:
        ask_impact(AskImpact(date(2026, 3, 3), date(2026, 3, 2), None, 1, number=CALLS_A_DAY), TEN)
    assert backwards.value.field == "until"


def finished(run: int) -> dict[str, Any]:
    row = ImpactRun.objects.using("gate").get(pk=run)
    assert row.state == "finished"
    assert isinstance(row.summary, dict)
    assert PackRelease.objects.using("gate").get(pk=row.release_id).is_proposed
    return row.summary
