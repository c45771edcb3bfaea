"""Corners that a reader of the rules would ask about."""

import pytest

from law.contacts import (
    ASK_CONTACT,
    BANK,
    CARD,
    CONTACT_MOBILE,
    DAY,
    DEBTOR,
    HOME,
    MOBILE,
    ONLINE,
    VISIT,
    VISIT_CONSENT,
    answer,
    call,
    calls,
    clock,
    contact,
    decided,
    said,
)
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.view import View
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.law import filled_in
from zhizhi.core.law.nodes import Param
from zhizhi.store.packs import load_law

TWO_DEBTS = [
    {"id": "d1", "lender": "L1", "product": "P1", "state": "overdue"},
    {"id": "d2", "lender": "L1", "product": "P2", "state": "overdue"},
]


def about(document: dict, *debts: str) -> dict:
    document["proposed"]["debts"] = list(debts)
    return document


def test_a_notice_without_an_outcome_may_have_been_put_through():
    notices = [call(f"n{n}", f"08:{n}0", "connected", form="notification") for n in range(2)]
    open_one = call("n9", "09:00", None, form="notification")
    decision = decided(contact(reading="text", events=[*notices, open_one], form="notification"))
    assert (decision.verdict, decision.hold_for) == ("hold", "outcome")


def test_a_ringless_voicemail_is_a_notice_that_was_put_through():
    left = [call(f"n{n}", f"08:{n}0", "delivered", channel="ringless_voicemail", form="notification") for n in range(3)]
    for reading in ("strict", "text"):
        assert answer(contact(reading=reading, events=left, form="notification"))[0] == "forbid"


def test_an_event_after_the_contact_does_not_count_yet_and_counts_when_the_contact_moves():
    later = [call(f"e{n}", f"11:{n}0") for n in range(3)]
    assert answer(contact(events=later))[0] == "permit"
    assert answer(contact(events=later, at=clock("12:00")))[0] == "forbid"


def test_a_dial_to_no_named_number_is_held_where_the_cap_might_be_reached():
    document = contact(CARD, events=calls(6, "no_answer"))
    del document["proposed"]["point"]
    assert "proposed.point" in decided(document).unknown


def test_the_law_of_another_profile_is_refused():
    with pytest.raises(ValueError, match="another profile"):
        decide(parse_case(contact(ONLINE)), load_law(CARD))


def test_a_product_of_another_lender_is_another_product():
    debts = [TWO_DEBTS[0], {"id": "d2", "lender": "L2", "state": "overdue"}]
    address = {"id": "a1", "party": "p1", "kind": "postal", "source": "contract"}
    sent = {"id": "e1", "at": clock("09:00"), "channel": "letter", "direction": "out", "party": "p1", "debts": ["d2"]}
    document = contact(
        debts=debts, events=[sent], points=[address, MOBILE], parties=[DEBTOR], point="a1", channel="letter"
    )
    assert answer(about(document, "d1"))[0] == "permit"


def test_without_a_reserved_mobile_the_gate_does_not_open():
    plain = {"id": "m1", "party": "p1", "kind": "mobile", "reserved": False, "source": "contract"}
    failed = [call(f"f{n}", at, "no_answer", "2026-03-01") for n, at in enumerate(("09:00", "11:00", "15:00"))]
    keys = {"points": [plain, CONTACT_MOBILE], "events": failed, **ASK_CONTACT}
    assert answer(contact(CARD, **keys)) == ("forbid", None)
    unsaid = {key: value for key, value in plain.items() if key != "reserved"}
    decision = decided(contact(CARD, **{**keys, "points": [unsaid, CONTACT_MOBILE]}))
    assert decision.verdict == "hold"
    assert "points.m1.reserved" in decision.unknown


def test_a_number_that_went_dead_before_the_debtor_was_reached_on_another_opens_nothing():
    dead = {**MOBILE, "invalid_since": "2026-03-01T09:00:00+08:00"}
    second = {"id": "m2", "party": "p1", "kind": "mobile", "source": "given"}
    reached = call("r", "15:00", "conversation", "2026-03-01", point="m2")
    for reading in ("strict", "text"):
        document = contact(CARD, reading, points=[dead, second, CONTACT_MOBILE], events=[reached], **ASK_CONTACT)
        assert answer(document) == ("forbid", None)


def test_a_dial_to_no_named_number_may_have_been_to_the_reserved_one():
    failed = [call(f"f{n}", at, "no_answer", "2026-03-01") for n, at in enumerate(("09:00", "11:00", "15:00"))]
    del failed[2]["point"]
    decision = decided(contact(CARD, events=failed, **ASK_CONTACT))
    assert (decision.verdict, decision.hold_for) == ("hold", "person")
    assert decision.unknown == ("events.f2.point",)


@pytest.mark.parametrize(("consents", "verdict"), [([], "forbid"), ([VISIT_CONSENT], "hold")])
def test_a_visit_to_an_unnamed_place(consents, verdict):
    nowhere = {"id": "h1", "party": "p1", "kind": "place", "source": "contract"}
    document = contact(BANK, points=[MOBILE, nowhere], parties=[DEBTOR], statements=consents, **VISIT)
    del document["proposed"]["place"]
    assert answer(document)[0] == verdict
    document["proposed"]["enters_premises"] = True
    assert answer(document)[0] == verdict


def test_a_callback_without_times_lifts_the_caps_of_that_day_and_not_the_night():
    asked = [said("request_callback", at=clock("09:00"))]
    keys = {"statements": asked, "purpose": "answer_request", "events": calls(3)}
    assert answer(contact(**keys))[0] == "permit"
    assert answer(contact(at=clock("22:10"), **keys))[0] == "forbid"
    assert answer(contact(at=clock("10:00", "2026-03-03"), **{**keys, "events": []}))[0] == "permit"


def test_what_concerns_another_debt_plays_no_part():
    wide = said("agree_hours", from_="07:00", to="23:00", form="specific", debt="d2")
    assert answer(about(contact(debts=TWO_DEBTS, statements=[wide], at=clock("22:30")), "d1"))[0] == "forbid"
    assert answer(about(contact(debts=TWO_DEBTS, statements=[wide], at=clock("22:30")), "d2"))[0] == "permit"
    visit = {"points": [MOBILE, HOME], "parties": [DEBTOR], "statements": [{**VISIT_CONSENT, "debt": "d2"}], **VISIT}
    assert answer(about(contact(BANK, debts=TWO_DEBTS, **visit), "d1", "d2"))[0] == "forbid"
    assert answer(about(contact(BANK, debts=TWO_DEBTS, **visit), "d2"))[0] == "permit"


def test_consent_told_to_a_stranger_is_no_consent_and_a_refusal_is_one():
    wide = said("agree_hours", from_="07:00", to="23:00", form="specific", told="A9")
    assert answer(contact(statements=[wide], at=clock("22:30")))[0] == "forbid"
    assert answer(contact(statements=[{**wide, "told": "creditor"}], at=clock("22:30")))[0] == "permit"
    assert answer(contact(statements=[{**wide, "told": "L1"}], at=clock("22:30")))[0] == "permit"


def test_a_statement_counts_from_when_it_was_received():
    wide = said("agree_hours", from_="07:00", to="23:00", form="specific", received_at=clock("22:20"))
    assert answer(contact(statements=[wide], at=clock("22:10"))) == ("forbid", clock("22:20"))


@pytest.mark.parametrize(("of", "verdict"), [("m1", "hold"), ("p1", "hold"), ("mc1", "permit")])
def test_an_objection_to_the_use_of_a_number_or_person_is_looked_at(of, verdict):
    assert answer(contact(statements=[said("object_use", of=of)]))[0] == verdict


def test_nobody_collects_what_is_settled_and_posts_what_is_owed():
    settled = [{"id": "d1", "lender": "L1", "state": "settled"}]
    for reading in ("strict", "text"):
        assert answer(contact(reading=reading, debts=settled))[0] == "forbid"
        assert answer(contact(reading=reading, channel="public_post"))[0] == "forbid"


def test_a_window_that_no_contact_fits_into_is_searched_to_the_horizon_and_no_further():
    narrow = said("agree_hours", from_="10:00", to="10:05", form="specific")
    document = contact(statements=[narrow], at=clock("11:00"), expected_end_at=clock("11:30"))
    assert answer(document) == ("forbid", None)
    far = contact(case={"no_contact_order_until": "2027-05-01"})
    near = contact(CARD, case={"no_contact_order_until": "2026-12-31"})
    assert answer(far)[1] is None
    assert answer(near)[1] == clock("08:00", "2027-01-01")


def test_the_record_is_finite_and_whole():
    case = parse_case(contact(BANK))
    record = Record(View(case, "Asia/Shanghai"), case.proposed.at)
    assert record.values().keys() == FEATURES.keys()
    assert record.values()["case.unreachable_by_contract"] == "not_agreed"


def test_a_number_that_the_law_lacks_on_a_day_is_an_error():
    with pytest.raises(LookupError, match="no value"):
        filled_in(Param("opens"), {"opens": None})


def test_an_inbound_message_is_answered_in_its_session_without_counting():
    inbound = {"id": "i1", "at": clock("09:00"), "channel": "voice", "direction": "in", "party": "p1"}
    spoken = call("e9", "09:00:05", "conversation", DAY, on_call="i1")
    assert answer(contact(events=[*calls(2), inbound, spoken]))[0] == "permit"


@pytest.mark.parametrize("reading", ["strict", "text"])
def test_an_agreement_about_one_debt_or_told_to_others_narrows_and_never_widens(reading):
    wide = said("agree_hours", from_="07:00", to="23:00", form="specific", debt="d2")
    late = said("agree_hours", from_="18:00", to="21:00", form="specific", debt="d2")
    both = {"reading": reading, "debts": TWO_DEBTS}
    assert answer(about(contact(statements=[wide], at=clock("22:30"), **both), "d1", "d2"))[0] == "forbid"
    assert answer(about(contact(statements=[late], **both), "d1", "d2")) == ("forbid", clock("18:00"))
    elsewhere = {key: value for key, value in late.items() if key != "debt"} | {"told": "A9"}
    assert answer(contact(reading=reading, statements=[elsewhere])) == ("forbid", clock("18:00"))
    here = said("agree_hours", from_="06:00", to="20:00", form="specific", at="2026-02-21T10:00:00+08:00")
    assert answer(contact(reading=reading, statements=[elsewhere, here], at=clock("20:30")))[0] == "forbid"
    assert answer(contact(reading=reading, statements=[elsewhere, here], at=clock("18:30")))[0] == "permit"


@pytest.mark.parametrize("reading", ["strict", "text"])
def test_a_number_agreed_elsewhere_lowers_the_cap_and_never_raises_it(reading):
    more = said("agree_frequency", per_day=9, told="A9")
    fewer = said("agree_frequency", per_day=1, told="A9")
    assert answer(contact(CARD, reading, statements=[more], events=calls(6, "no_answer")))[0] == "forbid"
    assert answer(contact(CARD, reading, statements=[fewer], events=calls(1, "no_answer")))[0] == "forbid"
    assert (
        answer(contact(CARD, reading, statements=[{**more, "told": "L1"}], events=calls(6, "no_answer")))[0] == "permit"
    )


def test_three_failed_dials_after_the_debtor_was_reached_open_the_gate_although_the_number_died_before():
    dead = {**MOBILE, "invalid_since": "2026-02-20T09:00:00+08:00"}
    reached = call("r", "09:00", "conversation", "2026-02-25")
    failed = [call(f"f{n}", at, "not_in_service", "2026-03-01") for n, at in enumerate(("09:00", "11:00", "15:00"))]
    for reading in ("strict", "text"):
        keys = {"points": [dead, CONTACT_MOBILE], **ASK_CONTACT}
        assert answer(contact(CARD, reading, events=[reached], **keys))[0] == "forbid"
        assert answer(contact(CARD, reading, events=[reached, *failed], **keys))[0] == "permit"


def test_what_the_history_holds_for_later_is_looked_at_when_the_contact_moves():
    failed = [call(f"f{n}", at, "no_answer") for n, at in enumerate(("11:00", "12:00", "13:00"))]
    document = contact(CARD, "text", events=failed, at=clock("10:00"), **ASK_CONTACT)
    assert answer(document) == ("forbid", clock("08:00", "2026-03-03"))
