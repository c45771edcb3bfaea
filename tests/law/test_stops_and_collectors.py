"""Stops, situations, content, visits and collectors; reviews; the order of reasons; what is not known."""

import pytest

from law.contacts import (
    BANK,
    CARD,
    DEBTOR,
    HOME,
    MOBILE,
    ONLINE,
    VISIT,
    VISIT_CONSENT,
    answer,
    calls,
    clock,
    contact,
    decided,
    said,
)
from zhizhi.core.law.catalogue import TOPICS
from zhizhi.store.packs import load_law

AGENCY = {
    "kind": "agency", "id": "A1", "listed": True, "evaluated_on": "2026-01-01", "inspected_on": "2026-01-01",
    "contract_ends_on": "2026-12-27", "person": {"id": "u1", "trained_on": "2026-01-16", "private_device": False},
}  # fmt: skip
VISITED = {"points": [MOBILE, HOME], "parties": [DEBTOR], "statements": [VISIT_CONSENT], **VISIT}


def in_state(state: str) -> dict[str, object]:
    return {"time_zones": ["Asia/Shanghai"], "state": state}


@pytest.mark.parametrize("reading", ["strict", "text"])
@pytest.mark.parametrize(
    "stop", [{"debtor": in_state("bankruptcy_stay")}, {"case": {"no_contact_order_until": "2026-03-02"}}]
)
def test_a_stay_and_an_order_forbid_everything_but_what_law_requires(reading, stop):
    assert answer(contact(reading=reading, **stop))[0] == "forbid"
    assert answer(contact(reading=reading, purpose="serve", **stop))[0] == "forbid"
    assert answer(contact(reading=reading, purpose="required_by_law", **stop))[0] == "permit"


def test_an_order_until_a_date_includes_that_date():
    document = contact(case={"no_contact_order_until": "2026-03-02"})
    assert answer(document) == ("forbid", clock("08:00", "2026-03-03"))


@pytest.mark.parametrize("state", ["hospitalised", "bereaved", "disaster", "self_harm_risk", "minor"])
def test_special_situations_hold_in_strict_only(state):
    assert answer(contact(debtor=in_state(state))) == ("hold", None)
    assert answer(contact(reading="text", debtor=in_state(state)))[0] == "permit"


def test_states_hold_for_their_span():
    states = [{"state": "normal"}, {"state": "hospitalised", "since": "2026-03-01", "until": "2026-03-04"}]
    document = contact(debtor={"time_zones": ["Asia/Shanghai"], "states": states})
    assert answer(document) == ("hold", clock("08:00", "2026-03-05"))


@pytest.mark.parametrize("reading", ["strict", "text"])
def test_attorney_complaint_and_claimed_payment_hold_collection(reading):
    attorney = [said("represented_by_attorney")]
    paid = [said("claims_paid", debt="d1", on="2026-02-19")]
    assert answer(contact(reading=reading, statements=attorney))[0] == "hold"
    assert answer(contact(reading=reading, statements=paid))[0] == "hold"
    assert answer(contact(reading=reading, case={"complaint_open": True}))[0] == "hold"
    assert answer(contact(reading=reading, case={"complaint_open": True}, purpose="complaint_reply"))[0] == "permit"


def test_a_review_lifts_a_hold_of_its_rule_for_its_time_and_channels_and_never_a_prohibition():
    review = {"rule": "A-19", "at": "2026-03-01T10:00:00+08:00", "by": "lead", "until": "2026-03-03"}
    hospital = {"debtor": in_state("hospitalised")}
    assert answer(contact(reviews=[review], **hospital))[0] == "permit"
    assert (
        answer(contact(reviews=[{**review, "rule": "cn.statutes/A-19/special-situation"}], **hospital))[0] == "permit"
    )
    assert answer(contact(reviews=[{**review, "until": "2026-03-01"}], **hospital))[0] == "hold"
    assert answer(contact(reviews=[{**review, "channels": ["sms"]}], **hospital))[0] == "hold"
    assert answer(contact(reviews=[{**review, "rule": "A-20"}], **hospital))[0] == "hold"
    assert answer(contact(reviews=[{**review, "rule": "GBT-027"}], events=calls(3)))[0] == "forbid"


@pytest.mark.parametrize(
    ("mark", "online", "online_text", "card"),
    [
        ("threat", "forbid", "forbid", "forbid"),
        ("false_consequence", "forbid", "permit", "forbid"),
        ("extra_fee", "forbid", "forbid", "forbid"),
        ("urges_new_borrowing", "forbid", "forbid", "forbid"),
        ("claims_to_be_lender", "permit", "permit", "permit"),
        ("missing_objection_channel", "permit", "permit", "permit"),
    ],
)
def test_marks_of_the_content(mark, online, online_text, card):
    assert answer(contact(content=[mark]))[0] == online
    assert answer(contact(reading="text", content=[mark]))[0] == online_text
    assert answer(contact(CARD, content=[mark]))[0] == card
    assert answer(contact(CARD, collector=AGENCY, content=["claims_to_be_lender"]))[0] == "forbid"


@pytest.mark.parametrize("profile", [ONLINE, CARD, BANK])
def test_content_that_nobody_screened_is_held(profile):
    document = contact(profile)
    del document["proposed"]["content"]
    decision = decided(document)
    assert (decision.verdict, decision.unknown) == ("hold", ("proposed.content",))


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "permit"),
        ({"listed": False}, "forbid"),
        ({"listed": None}, "hold"),
        ({"evaluated_on": "2025-03-02"}, "permit"),
        ({"evaluated_on": "2025-03-01"}, "forbid"),
        ({"evaluated_on": None}, "hold"),
        ({"inspected_on": "2025-03-01"}, "forbid"),
        ({"contract_ends_on": "2026-03-02"}, "permit"),
        ({"contract_ends_on": "2026-03-01"}, "forbid"),
        ({"person": {"id": "u1", "trained_on": "2025-03-02", "private_device": False}}, "permit"),
        ({"person": {"id": "u1", "trained_on": "2025-03-01", "private_device": False}}, "forbid"),
        ({"person": {"id": "u1", "private_device": False}}, "hold"),
        ({"person": {"id": "u1", "trained_on": "2026-01-01", "private_device": True}}, "hold"),
        ({"person": {"id": "u1", "trained_on": "2026-01-01"}}, "hold"),
        ({"person": None}, "hold"),
    ],
)
def test_agencies_and_collectors(change, verdict):
    collector = {key: value for key, value in {**AGENCY, **change}.items() if value is not None}
    assert answer(contact(BANK, collector=collector))[0] == verdict


def test_the_year_of_the_plain_reading_ends_on_the_same_date():
    leap = {**AGENCY, "evaluated_on": "2027-03-01", "inspected_on": "2027-12-01", "contract_ends_on": "2029-01-01"}
    leap["person"] = {"id": "u1", "trained_on": "2027-12-01", "private_device": False}
    for day, strict, text in (("2028-02-29", "permit", "permit"), ("2028-03-01", "forbid", "permit")):
        assert answer(contact(BANK, collector=leap, at=clock("10:00", day)))[0] == strict
        assert answer(contact(BANK, "text", collector=leap, at=clock("10:00", day)))[0] == text


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "permit"),
        ({"team_size": 1}, "forbid"),
        ({"team_size": None}, "hold"),
        ({"id_shown": False}, "forbid"),
        ({"recording": "off"}, "forbid"),
        ({"recording": None}, "hold"),
        ({"enters_premises": True}, "forbid"),
        ({"statements": []}, "forbid"),
        ({"statements": [], "purpose": "serve"}, "permit"),
        ({"statements": [{**VISIT_CONSENT, "purpose_told": False}]}, "forbid"),
        ({"statements": [{k: v for k, v in VISIT_CONSENT.items() if k != "purpose_told"}]}, "hold"),
        ({"statements": [{**VISIT_CONSENT, "place": "work"}]}, "forbid"),
        ({"statements": [{**VISIT_CONSENT, "on": "2026-03-03"}]}, "forbid"),
        ({"statements": [{**VISIT_CONSENT, "until": "2026-03-01"}]}, "forbid"),
    ],
)
def test_visits(change, verdict):
    document = contact(BANK, **VISITED)
    for key, value in change.items():
        target = document if key == "statements" else document["proposed"]
        if value is None:
            del target[key]
        else:
            target[key] = value
    assert answer(document)[0] == verdict


def test_an_absent_fact_is_unknown_and_a_fact_that_no_rule_needs_is_not_asked_for():
    document = contact(CARD, "text", channel="sms", form="notification")
    for key in ("recording", "names_principal"):
        del document["proposed"][key]
    assert answer(document)[0] == "permit"
    del document["proposed"]["identifies_collector"]
    decision = decided(document)
    assert (decision.verdict, decision.unknown) == ("hold", ("proposed.identifies_collector",))


def test_reasons_stand_in_the_published_order():
    document = contact(
        CARD,
        at=clock("22:30"),
        events=calls(6, "no_answer"),
        content=["threat"],
        recording="off",
        collector={**AGENCY, "listed": False, "inspected_on": "2025-01-01"},
        debtor=in_state("bankruptcy_stay"),
        points=[{**MOBILE, "source": "purchased"}],
        parties=[DEBTOR],
    )
    topics = {rule.id: rule.topic for pack in load_law(CARD).packs for rule in pack.rules}
    found = [topics[reason.rule] for reason in decided(document).reasons]
    assert found == sorted(found, key=TOPICS.index)
    assert list(dict.fromkeys(found)) == [
        "stop", "point", "content", "record", "collector", "time", "frequency",
    ]  # fmt: skip


def test_every_reason_explains_itself_in_both_languages_and_cites_its_source():
    written = decided(contact(BANK, events=calls(3), at=clock("22:30"))).to_document()
    for reason in written["reasons"]:
        assert reason["explain"]["zh"]
        assert reason["explain"]["en"]
        assert reason["cites"]
    packs = {pack["id"] for pack in written["packs"]}
    assert packs == {"cn.gbt45251", "cn.cba2026", "cn.internet_loans", "cn.statutes"}
    assert written["reasons"][-1]["facts"] == ["e0", "e1", "e2"]


def test_permits_carry_what_has_to_be_done():
    assert {"record_audio", "identify_institution", "keep_record"} <= {o.do for o in decided(contact(BANK)).obligations}
    assert decided(contact(BANK, at=clock("23:00"))).obligations == ()
