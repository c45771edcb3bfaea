"""The trace shows what decides, and the days ahead turn exactly where the decision does."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from law.contacts import ASK_CONTACT, BANK, HOME, MOBILE, ONLINE, VISIT, Document, calls, clock, contact, moved, said
from zhizhi.core.conduct.ahead import Span, ahead
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Verdict
from zhizhi.core.conduct.trace import Asked, Trace, trace
from zhizhi.core.law.evaluate import Effect
from zhizhi.core.law.law import Law
from zhizhi.core.law.nodes import features_of
from zhizhi.store.packs import load_law

CALLS_A_DAY = "cn.gbt45251/5.3.2.2.2/valid-calls-per-day"
CASES: list[Document] = [
    contact(BANK, events=calls(3)),
    contact(BANK, expected_end_at=clock("10:20"), statements=[said("inconvenient_time", from_="12:00", to="14:00")]),
    contact(BANK, **ASK_CONTACT),
    contact(BANK, events=calls(3, None)),
    contact(ONLINE, "text", at=clock("23:00"), channel="sms", form="notification"),
    contact(BANK, points=[MOBILE, HOME], **VISIT),
    contact(BANK, case={"hardship_until": "2026-03-04", "complaint_open": True}),
    contact(BANK, debtor={"time_zones": ["Asia/Shanghai", "America/New_York"], "state": "normal"}),
]


def traced(document: Document) -> Trace:
    return trace(parse_case(document), load_law(document["profile"]))


def rule(found: Trace, name: str) -> Asked:
    return next(one for one in found.asked if one.rule.id == name)


@pytest.mark.parametrize("document", CASES)
def test_what_blocks_in_the_trace_are_the_reasons_of_the_decision(document):
    found = traced(document)
    assert {one.rule.id for one in found.asked if one.blocks} == {reason.rule for reason in found.decision.reasons}
    assert found.decision == decide(parse_case(document), load_law(document["profile"]))


def test_a_rule_shows_what_it_asked_for_and_what_it_counted():
    one = rule(traced(contact(BANK, events=calls(3))), CALLS_A_DAY)
    assert (one.applies, one.lifted, one.outcome.effect) == (True, False, Effect.FORBID)
    assert ("contact.channel", "voice") in [(seen.feature, seen.value) for seen in one.seen]
    assert one.outcome.facts == ("e0", "e1", "e2")
    assert one.outcome.spent is not None
    assert one.outcome.spent.used == 3


def test_an_exception_that_lifts_a_rule_is_shown_and_no_other():
    one = rule(traced(contact(BANK, events=calls(3), purpose="serve")), CALLS_A_DAY)
    assert (one.applies, one.lifted, one.blocks) == (True, True, False)
    assert [tuple(features_of(each)) for each in one.lifting] == [("contact.purpose",)]


def test_a_fact_that_lacks_is_shown_with_its_place():
    document = contact(BANK)
    del document["proposed"]["content"]
    found = traced(document)
    lacking = {seen.place for one in found.asked if one.blocks for seen in one.seen if seen.value is None}
    assert "proposed.content" in lacking
    assert set(found.decision.unknown) <= lacking


def test_a_hold_that_a_person_released_is_shown_as_released():
    held = contact(BANK, case={"complaint_open": True})
    (name,) = {reason.rule for reason in traced(held).decision.reasons}
    review = {"rule": name, "at": clock("08:00"), "by": "u2", "until": "2026-03-04"}
    one = rule(traced({**held, "reviews": [review]}), name)
    assert one.released
    assert not one.blocks


def test_where_there_is_no_law_nothing_was_asked():
    law = load_law(BANK)
    empty = Law(law.profile, law.title, law.zone, (), tuple(pack.id for pack in law.packs))
    found = trace(parse_case(contact(BANK)), empty)
    assert found.asked == ()
    assert found.decision.verdict is Verdict.HOLD


def spans(document: Document, days: int = 3) -> tuple[Span, ...]:
    case = parse_case(document)
    return ahead(case, load_law(case.profile), case.proposed.at + timedelta(days=days))


@pytest.mark.parametrize("document", CASES)
def test_every_span_holds_from_its_first_second_to_its_last(document):
    found = spans(document)
    start = parse_case(document).proposed.at
    assert found[0].start == start
    assert found[-1].until == start + timedelta(days=3)
    for one, after in pairwise(found):
        assert one.until == after.start
        assert one.verdict is not after.verdict
    law = load_law(document["profile"])
    for one in found:
        for at in (one.start, one.start + (one.until - one.start) / 2, one.until - timedelta(seconds=1)):
            assert decide(parse_case(moved(document, at)), law).verdict is one.verdict


@pytest.mark.parametrize("document", CASES)
def test_the_first_permitted_span_begins_at_the_next_permitted_instant(document):
    decision = decide(parse_case(document), load_law(document["profile"]))
    found = next((one.start for one in spans(document) if one.verdict is Verdict.PERMIT), None)
    expected = decision.next_permitted_at or (
        parse_case(document).proposed.at if decision.verdict is Verdict.PERMIT else None
    )
    assert found == expected


def test_a_planned_length_ends_the_span_early():
    ends = [one.until for one in spans(contact(BANK, expected_end_at=clock("10:20"))) if one.verdict is Verdict.PERMIT]
    assert datetime.fromisoformat(clock("21:40:01")) in ends


def test_a_month_is_the_most():
    with pytest.raises(ValueError, match="31"):
        spans(contact(BANK), days=32)
