"""Stored decisions asked again: under the packs of then, and with one pack exchanged."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from book import make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, propose_call, propose_sms, talk
from zhizhi.batch.written.cases import opened_book
from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.decide import Decision, decide
from zhizhi.core.conduct.replay import Shift
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack_files import parse_pack
from zhizhi.jobs.impact import work_waiting_impact
from zhizhi.store.contacts.decided import DecidedThen, Span, count_decisions, stream_decisions
from zhizhi.store.law.impacts import ImpactRow, claim_run
from zhizhi.store.law.releases import keep_releases, load_release
from zhizhi.store.models import ImpactRun, PackRelease
from zhizhi.usecases.ask_impact import AskImpact, ImpactRefused, OneNumber, ask_impact, with_number
from zhizhi.usecases.impact import Exchange, Impact, weigh, weigh_in_books
from zhizhi.usecases.replay import replay

DAY = Span(TEN - timedelta(hours=10), TEN + timedelta(hours=14))
NIGHT = TEN + timedelta(hours=13)
VALID_CALLS = "cn.gbt45251/5.3.2.2.2/valid-calls-per-day"
NO_SHIFT = dict.fromkeys([kind.value for kind in Shift], 0)
CALLS_A_DAY = OneNumber("cn.gbt45251", "valid_calls_per_day", 1)


@pytest.fixture(scope="module")
def collector(store: str) -> int:
    """A day: three talks with one person and a fourth call that is refused; another: a message, a call at night."""
    lender = make_lender()
    staff = int(make_staff("collector", "collector", lender).pk)
    keep_releases(TEN)
    first, second = make_borrower(lender, 1), make_borrower(lender, 2)
    for hour in range(3):
        talk(first, staff, TEN + timedelta(hours=hour))
    propose_call(first, staff, TEN + timedelta(hours=4))
    propose_sms(second, staff, TEN + MINUTE)
    propose_call(second, staff, NIGHT)
    return staff


def decided() -> list[DecidedThen]:
    return list(stream_decisions(DAY))


@pytest.mark.usefixtures("collector")
def test_every_stored_decision_comes_out_the_same_under_the_packs_that_it_names() -> None:
    asked = list(replay(decided()))
    assert len(asked) == count_decisions(DAY) == 6
    assert [(one.cannot, one.differences) for one in asked] == [(None, ())] * 6
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


@pytest.mark.usefixtures("collector")
def test_one_changed_number_is_weighed_against_the_day() -> None:
    summary = weighed(CALLS_A_DAY)
    assert not work_waiting_impact(TEN)
    assert summary["asked"] == 6
    assert summary["shifts"] == {**NO_SHIFT, "same": 4, "newly_refused": 2}  # the second and the third talk of the day
    assert summary["along"]["channel"] == {"voice": {"newly_refused": 2}}
    assert summary["along"]["rule"] == {VALID_CALLS: {"newly_refused": 2}}
    assert summary["along"]["day"]["2026-03-02"]["same"] == 4
    assert len(summary["examples"]["newly_refused"]) == 2


def weighed(number: OneNumber) -> dict[str, Any]:
    run = ask_impact(AskImpact(date(2026, 3, 2), date(2026, 3, 2), None, 1, number=number), TEN)
    assert work_waiting_impact(TEN)
    return finished(run)


@pytest.mark.usefixtures("collector")
def test_a_looser_number_permits_what_it_alone_forbade() -> None:
    (refused,) = [then for then in decided() if then.body["verdict"] == "forbid" and then.at < NIGHT]
    (reason,) = refused.body["reasons"]  # the fourth call: the cap of this one pack and no other rule
    assert reason["rule"] == VALID_CALLS
    summary = weighed(OneNumber("cn.gbt45251", "valid_calls_per_day", 9))
    assert summary["shifts"] == {**NO_SHIFT, "same": 5, "newly_permitted": 1}
    assert summary["along"]["rule"] == {VALID_CALLS: {"newly_permitted": 1}}
    assert summary["examples"] == {"newly_permitted": [[refused.person_id, refused.id]]}


@pytest.mark.usefixtures("collector")
def test_a_looser_number_permits_nothing_where_another_pack_still_forbids() -> None:
    (at_night,) = [then for then in decided() if then.at >= NIGHT]
    assert {reason["rule"].partition("/")[0] for reason in at_night.body["reasons"]} == {"cn.gbt45251", "cn.cba2026"}
    until_midnight = weighed(OneNumber("cn.gbt45251", "contact_closes", 1440))
    assert until_midnight["shifts"] == {**NO_SHIFT, "same": 6}


@pytest.mark.usefixtures("collector")
def test_a_history_decided_as_a_book_comes_out_as_one_by_one() -> None:
    def answer(weighing: Iterator[int], impact: Impact) -> dict[str, Any]:
        assert list(weighing)[-1] == impact.asked == 7
        return impact.to_document()

    proposed = parse_pack(with_number(CALLS_A_DAY))
    history = decided()
    history.append(replace(history[0], written=history[0].written.replace('"voice"', '"pigeon"')))  # no case any more
    one_by_one, in_a_book = Impact(), Impact()
    singly = answer(weigh(one_by_one, history, len(history), proposed, opened_book), one_by_one)
    assert singly["cannot"] == {"CaseError": 1}
    assert set(singly["shifts"].values()) != {0}
    books = weigh_in_books(in_a_book, history, Exchange(proposed), opened_book, at_once=3)
    assert answer(books, in_a_book) == singly


def test_a_run_that_a_dead_worker_left_is_taken_up_again(collector: int) -> None:
    del collector
    run = ask_impact(AskImpact(date(2026, 3, 2), date(2026, 3, 2), None, 1, number=CALLS_A_DAY), TEN)
    with claim_run() as claimed:  # and lost again, as by the end of its connection
        assert isinstance(claimed, ImpactRow)
        assert claimed.id == run
    assert ImpactRun.objects.using("gate").get(pk=run).state == "running"
    assert work_waiting_impact(TEN)
    assert finished(run)["asked"] == 6


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
