"""Plans: what is wished for is placed where the law permits it, and what prevents it is named and nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from law.contacts import CONTACT_MOBILE, MOBILE, Document, call, calls, clock, said
from law.plans import ASK, CALL, MESSAGE, SECOND, wish, wishes
from zhizhi.core.conduct.case import CaseError
from zhizhi.core.conduct.compiled import decide_compiled
from zhizhi.core.conduct.plan import Cause, Plan, Prevented, parse_plan, plan
from zhizhi.store.packs import load_law

EVENING = {"from": "18:00", "to": "21:00"}
LOST = [call(f"e{n}", "09:00", "no_answer", day=f"2026-02-{n:02d}") for n in range(20, 29)]
CALLS_A_DAY = "cn.gbt45251/5.3.2.2.2/valid-calls-per-day"


def planned(document: Document) -> Plan | Prevented:
    asked = parse_plan(document)
    return plan(asked.case, asked.wishes, load_law(asked.case.profile), asked.horizon)


def placed(answer: Plan | Prevented) -> list[tuple[str, str]]:
    done = answer if isinstance(answer, Plan) else answer.plan
    zoned = datetime.fromisoformat(clock("00:00")).tzinfo
    return [(one.wish, f"{one.contact.at.astimezone(zoned):%m-%d %H:%M}") for one in done.contacts]


def blamed(answer: Plan | Prevented) -> list[str]:
    assert isinstance(answer, Prevented)
    return [reason.rule for reason in answer.rules]


def test_three_evening_calls_two_messages_and_the_contact_person_once():
    answer = planned(
        wishes(
            wish("calls", 3, CALL, prefer=EVENING),
            wish("messages", 2, MESSAGE, apart_minutes=1440),
            wish("person", 1, ASK),
            events=LOST,
        )
    )
    assert isinstance(answer, Plan)
    assert answer.complete
    assert placed(answer) == [
        ("messages", "03-02 09:00"), ("person", "03-02 09:00"), ("calls", "03-02 18:00"), ("calls", "03-02 19:10"),
        ("calls", "03-02 20:20"), ("messages", "03-03 09:00"),
    ]  # fmt: skip
    assert all(one.preferred for one in answer.contacts)
    assert all(one.must_end_by is not None for one in answer.contacts if one.contact.channel == "voice")


def test_the_contact_person_comes_before_the_call_that_may_reach_the_debtor():
    """A talk shows that the debtor is not lost; so the person is asked first, although the call stands first."""
    answer = planned(wishes(wish("calls", 1, CALL), wish("person", 1, ASK), events=LOST))
    assert placed(answer) == [("person", "03-02 09:00"), ("calls", "03-02 09:10")]


def test_a_gate_that_is_shut_is_to_blame_and_the_rest_is_planned():
    answer = planned(wishes(wish("person", 1, ASK), wish("calls", 2, CALL)))
    assert blamed(answer) == ["cn.cba2026/CBA-017/lost-contact-gate", "cn.gbt45251/5.3.1.1/lost-contact-gate"]
    assert isinstance(answer, Prevented)
    assert [one[0] for one in placed(answer)] == ["calls", "calls"]
    assert [(one.wish, one.count) for one in answer.unplaced] == [("person", 1)]
    assert answer.smallest
    assert answer.sure


def test_a_cap_spends_itself_over_the_days_and_is_to_blame_for_what_is_left():
    answer = planned(wishes(wish("calls", 8, CALL, apart_minutes=0), until=clock("00:00", "2026-03-04")))
    assert len(placed(answer)) == 6
    assert blamed(answer) == [CALLS_A_DAY]


def test_a_fact_that_lacks_is_named_and_its_contact_is_not_planned():
    unscreened = {key: value for key, value in MESSAGE.items() if key != "content"}
    answer = planned(wishes(wish("messages", 1, unscreened), wish("calls", 1, CALL)))
    assert isinstance(answer, Prevented)
    assert [one[0] for one in placed(answer)] == ["calls"]
    assert answer.unplaced[0].unknown == ("proposed.content",)
    assert answer.cause is Cause.RULES


def test_a_call_whose_outcome_is_open_counts_as_if_it_were_a_talk():
    answer = planned(wishes(wish("calls", 1, CALL), events=calls(3, None), until=clock("00:00", "2026-03-03")))
    assert placed(answer) == []
    assert blamed(answer) == [CALLS_A_DAY]


def test_wishes_that_do_not_fit_by_themselves_blame_no_rule():
    answer = planned(wishes(wish("calls", 3, CALL, apart_minutes=600), until=clock("19:00")))
    assert isinstance(answer, Prevented)
    assert (answer.cause, answer.rules) == (Cause.SPAN, ())
    assert len(placed(answer)) == 1


def test_without_law_nothing_is_planned():
    asked = parse_plan(wishes(wish("calls", 1, CALL), profile="cn.microloan"))
    law = load_law("cn.microloan")
    empty = type(law)(law.profile, law.title, law.zone, (), tuple(pack.id for pack in law.packs))
    answer = plan(asked.case, asked.wishes, empty, asked.horizon)
    assert isinstance(answer, Prevented)
    assert (answer.cause, placed(answer)) == (Cause.LAW, [])


def test_a_number_that_was_refused_gives_way_to_the_other():
    document = wishes(wish("calls", 2, CALL), statements=[said("refuse_point", point="m1")])
    document["points"] = [MOBILE, SECOND, CONTACT_MOBILE]
    answer = planned(document)
    assert isinstance(answer, Plan)
    assert {one.contact.point for one in answer.contacts} == {"m2"}
    assert blamed(planned({**document, "points": [MOBILE, CONTACT_MOBILE]})) != []


def test_days_and_hours_that_are_the_only_ones_hold():
    only = {"from": "10:00", "to": "11:00", "days": ["WED", "FRI"]}
    answer = planned(wishes(wish("calls", 2, CALL, only=only, apart_minutes=1440)))
    assert placed(answer) == [("calls", "03-04 10:00"), ("calls", "03-06 10:00")]


def test_days_apart_are_civil_days():
    answer = planned(wishes(wish("calls", 3, CALL, apart_days=2, prefer={"from": "18:00", "to": "19:00"})))
    assert placed(answer) == [("calls", "03-02 18:00"), ("calls", "03-04 18:00"), ("calls", "03-06 18:00")]


def test_a_preferred_time_is_waited_for_and_done_without_where_it_has_no_room():
    prefer = {"days": ["TUE"], "from": "20:00", "to": "20:30"}
    answer = planned(wishes(wish("calls", 2, CALL, prefer=prefer)))
    assert placed(answer) == [("calls", "03-03 20:00"), ("calls", "03-03 21:10")]
    assert [one.preferred for one in answer.contacts] == [True, False]
    early = planned(wishes(wish("calls", 2, CALL, prefer=prefer), until=clock("20:00", "2026-03-03")))
    assert placed(early) == [("calls", "03-02 09:00"), ("calls", "03-02 10:10")]


def test_hours_over_midnight_are_hours_of_the_day_they_begin_on():
    only = {"from": "23:00", "to": "08:30", "days": ["MON"]}
    assert placed(planned(wishes(wish("calls", 1, CALL, only=only)))) == [("calls", "03-03 08:00")]


def test_contacts_follow_each_other_and_keep_their_length_inside_the_hours():
    answer = planned(wishes(wish("calls", 2, CALL, lasts_minutes=45, apart_minutes=0), start="20:40"))
    assert placed(answer) == [("calls", "03-02 20:40"), ("calls", "03-03 08:00")]
    first, second = (one.contact for one in answer.contacts)  # type: ignore[union-attr]  # a plan
    assert first.expected_end_at == first.at + timedelta(minutes=45)
    assert second.expected_end_at == second.at + timedelta(minutes=45)


def american(count: int, until: str) -> Document:
    document = wishes(wish("calls", count, CALL, prefer={"from": "17:00", "to": "20:00"}), profile="us.regf")
    document["debtor"] = {"time_zones": ["America/New_York"], "state": "normal"}
    document["points"][0] = {**MOBILE, "owner": "debtor"}
    return {**document, "horizon": {"from": "2026-03-02T09:00:00-05:00", "until": until}}


def test_under_regulation_f_a_talk_that_may_happen_keeps_the_next_call_a_week_away_over_summer_time():
    answer = planned(american(3, "2026-03-20T00:00:00-04:00"))
    assert isinstance(answer, Plan)
    written = [one["at"] for one in answer.to_document()["contacts"]]  # type: ignore[attr-defined]  # a list of objects
    assert written == ["2026-03-02T17:00:00-05:00", "2026-03-09T17:00:00-04:00", "2026-03-16T17:00:00-04:00"]
    (rule,) = blamed(planned(american(2, "2026-03-08T00:00:00-05:00")))
    assert rule.startswith("us.regf/")


def test_a_quicker_engine_makes_the_same_plan():
    for document in (wishes(wish("calls", 5, CALL), wish("person", 1, ASK), until=clock("12:00", "2026-03-03")),
                     american(2, "2026-03-08T00:00:00-05:00")):  # fmt: skip
        asked = parse_plan(document)
        law = load_law(asked.case.profile)
        quick = plan(asked.case, asked.wishes, law, asked.horizon, decide_compiled)
        assert quick.to_document() == planned(document).to_document()


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"wishes": []}, "bad_value", "`wishes`"),
    ({"horizon": {"until": clock("08:00")}}, "missing_key", "`horizon.from`"),
    ({"horizon": {"from": clock("09:00"), "until": clock("09:00")}}, "bad_order", "`horizon.until`"),
    ({"horizon": {"from": clock("09:00"), "until": clock("09:00", "2026-09-02")}}, "bad_value", "`horizon.until`"),
    ({"wishes": [wish("a", 0, CALL)]}, "bad_value", "`wishes[0].count`"),
    ({"wishes": [wish("a", 61, CALL)]}, "bad_value", "`wishes`"),
    ({"wishes": [wish("a", 1, CALL), wish("a", 1, CALL)]}, "bad_reference", "`wishes[1].id`"),
    ({"wishes": [wish("a", 1, {**CALL, "point": "zz"})]}, "bad_reference", "`wishes[0].contact.point`"),
    ({"wishes": [wish("a", 1, {**CALL, "at": clock("10:00")})]}, "unknown_key", "`wishes[0].contact.at`"),
    ({"wishes": [wish("a", 1, CALL), wish("b", 1, CALL, points=["mc1"])]}, "bad_reference", "`wishes[1].points[0]`"),
    ({"wishes": [wish("a", 1, CALL, prefer={"from": "25:00"})]}, "bad_value", "`wishes[0].prefer.from`"),
    ({"wishes": [wish("a", 1, CALL, apart_days=90)]}, "bad_value", "`wishes[0].apart_days`"),
    ({"colour": 1}, "unknown_key", "`colour`"),
]


@pytest.mark.parametrize(("change", "code", "place"), BAD, ids=[f"{code} {place}" for _, code, place in BAD])
def test_a_document_that_is_wrong_is_refused_with_its_place(change, code, place):
    with pytest.raises(CaseError) as refused:
        parse_plan({**wishes(wish("calls", 1, CALL)), **change})
    assert refused.value.code == code
    assert place in refused.value.text.zh
    assert place in refused.value.text.en


def test_a_case_with_its_contact_may_stand_as_it_is_and_begins_the_span():
    document = wishes(wish("calls", 1, CALL))
    document["proposed"] = {**CALL, "at": clock("15:00"), "direction": "out"}
    document["horizon"] = {"until": document["horizon"]["until"]}
    assert placed(planned(document)) == [("calls", "03-02 15:00")]
