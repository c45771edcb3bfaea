"""Whom: GBT-010 to GBT-015, CBA-013, CBA-016 to CBA-021; readings A-09, A-10, A-11, A-13, A-14; ST-02 to ST-04."""

import pytest

from law.contacts import (
    ASK_CONTACT,
    BANK,
    CARD,
    CONTACT,
    CONTACT_MOBILE,
    DEBTOR,
    MICRO,
    MOBILE,
    ONLINE,
    answer,
    call,
    clock,
    contact,
    decided,
    said,
)

DEAD_NUMBER = {**MOBILE, "invalid_since": "2026-03-01T09:00:00+08:00"}
LOST = {"points": [DEAD_NUMBER, CONTACT_MOBILE], **ASK_CONTACT}
YESTERDAY = "2026-03-01"
SECOND = {"id": "m2", "party": "p1", "kind": "mobile", "reserved": False, "source": "contract"}


def failed(*at: str, day: str = YESTERDAY, outcome: str | None = "no_answer") -> list[dict[str, object]]:
    return [call(f"f{n}{day}", written, outcome, day) for n, written in enumerate(at)]


@pytest.mark.parametrize("profile", [ONLINE, CARD, BANK, MICRO])
@pytest.mark.parametrize("reading", ["strict", "text"])
def test_a_contact_person_may_be_asked_only_after_contact_was_lost(profile, reading):
    assert answer(contact(profile, reading, **ASK_CONTACT)) == ("forbid", None)
    assert answer(contact(profile, reading, **LOST)) == ("permit", None)


@pytest.mark.parametrize("reading", ["strict", "text"])
@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (failed("09:00", "11:00"), ("forbid", None)),
        (failed("09:00", "11:00", "15:00"), ("permit", None)),
        (failed("08:00", "09:00", "09:59", day="2026-03-02")[:2], ("forbid", None)),
        (failed("09:00", "11:00", "15:00", outcome="busy"), ("forbid", None)),
        (failed("09:00", "11:00", "15:00", outcome="not_in_service"), ("permit", None)),
        (failed("09:00", "11:00", "15:00", outcome="rejected"), ("forbid", None)),
        ([*failed("09:00", "11:00", "15:00"), call("r", "16:00", "conversation", YESTERDAY)], ("forbid", None)),
        ([*failed("09:00", "11:00", "15:00"), call("r", "16:00", "rejected", YESTERDAY)], ("forbid", None)),
        ([*failed("09:00", "11:00", "15:00"), call("r", "16:00", "busy", YESTERDAY)], ("permit", None)),
        (
            [
                *failed("09:00", "11:00", "15:00"),
                call("r", "16:00", "received", YESTERDAY, channel="sms", direction="in"),
            ],
            ("forbid", None),
        ),
    ],
)
def test_three_failed_dials_in_a_row_open_the_gate_and_reaching_the_debtor_closes_it(reading, events, expected):
    assert answer(contact(CARD, reading, events=events, **ASK_CONTACT)) == expected


def test_the_gate_opens_at_08_00_of_the_next_day():
    today = failed("08:00", "09:00", "10:00", day="2026-03-02")
    for profile in (ONLINE, CARD, BANK):
        document = contact(profile, events=today, at=clock("11:00"), **ASK_CONTACT)
        assert answer(document) == ("forbid", clock("08:00", "2026-03-03"))


def test_strict_asks_for_an_hour_between_dials_and_for_every_other_number():
    near = failed("10:00", "10:59", "11:59")
    assert answer(contact(CARD, events=near, **ASK_CONTACT)) == ("forbid", None)
    assert answer(contact(CARD, "text", events=near, **ASK_CONTACT)) == ("permit", None)
    three = failed("09:00", "11:00", "15:00")
    keys = {"points": [MOBILE, SECOND, CONTACT_MOBILE], **ASK_CONTACT}
    tried = [*three, call("o", "15:10", "no_answer", YESTERDAY, point="m2")]
    assert answer(contact(CARD, events=three, **keys))[0] == "forbid"
    assert answer(contact(CARD, events=tried, **keys))[0] == "permit"
    assert answer(contact(CARD, "text", events=three, **keys))[0] == "permit"


def test_failed_dials_on_three_days_open_the_gate_at_once_in_text_and_the_next_day_in_strict():
    days = [*failed("10:00", day="2026-02-28"), *failed("10:00"), *failed("09:00", day="2026-03-02")]
    assert answer(contact(CARD, "text", events=days, at=clock("09:30"), **ASK_CONTACT)) == ("permit", None)
    strict = contact(CARD, events=days, at=clock("09:30"), **ASK_CONTACT)
    assert answer(strict) == ("forbid", clock("08:00", "2026-03-03"))


def test_an_open_outcome_among_the_dials_holds():
    events = [*failed("09:00", "11:00"), call("u", "15:00", None, YESTERDAY)]
    decision = decided(contact(CARD, events=events, **ASK_CONTACT))
    assert (decision.verdict, decision.hold_for) == ("hold", "outcome")


@pytest.mark.parametrize(
    ("met", "strict", "text"), [(True, "forbid", "permit"), (False, "forbid", "forbid"), (None, "forbid", "forbid")]
)
def test_the_contracts_own_definition_of_unreachable(met, strict, text):
    case = {} if met is None else {"case": {"unreachable_by_contract": met}}
    assert answer(contact(**case, **ASK_CONTACT))[0] == strict
    assert answer(contact(reading="text", **case, **ASK_CONTACT))[0] == text
    assert answer(contact(**case, **LOST))[0] == ("forbid" if met is False else "permit")


@pytest.mark.parametrize(("named", "strict"), [(True, "permit"), (False, "forbid"), (None, "hold")])
def test_strict_asks_only_persons_whom_the_debtor_named(named, strict):
    person = {"id": "c1", "role": "colleague"} | ({} if named is None else {"named_by_debtor": named})
    for profile in (ONLINE, CARD):
        assert answer(contact(profile, parties=[DEBTOR, person], **LOST))[0] == strict
        assert answer(contact(profile, "text", parties=[DEBTOR, person], **LOST))[0] == "permit"


def test_a_dead_or_incapable_debtor_opens_the_gate_of_the_standard():
    for state in ("deceased", "no_capacity", "limited_capacity"):
        debtor = {"time_zones": ["Asia/Shanghai"], "state": state}
        assert answer(contact(debtor=debtor, **ASK_CONTACT))[0] == "permit"
        assert answer(contact(debtor=debtor))[0] == "forbid"


@pytest.mark.parametrize("reading", ["strict", "text"])
def test_a_refusal_ends_it_until_it_is_withdrawn(reading):
    refusal = said("refuse_contact", by="c1")
    withdrawn = [refusal, said("withdraw", by="c1", at="2026-02-22T10:00:00+08:00", of="refuse_contact")]
    assert answer(contact(reading=reading, statements=[refusal], **LOST)) == ("forbid", None)
    assert answer(contact(reading=reading, statements=withdrawn, **LOST))[0] == "permit"
    assert answer(contact(reading=reading, statements=[{**refusal, "told": "creditor"}], **LOST))[0] == "forbid"


@pytest.mark.parametrize(
    ("offer", "discloses", "verdict"),
    [
        ([], False, "permit"),
        ([], True, "forbid"),
        ([], None, "hold"),
        ([said("offer_to_pay", by="c1")], True, "permit"),
        ([said("offer_to_pay", by="c1"), said("withdraw", by="c1", of="offer_to_pay")], True, "forbid"),
    ],
)
def test_debt_data_go_only_to_who_offered_to_pay(offer, discloses, verdict):
    keys = {**LOST, "purpose": "answer_request"}
    document = contact(statements=offer, **keys)
    document["proposed"]["discloses_debt"] = discloses
    if discloses is None:
        del document["proposed"]["discloses_debt"]
    assert answer(document)[0] == verdict


@pytest.mark.parametrize("role", ["co_borrower", "guarantor", "spouse"])
@pytest.mark.parametrize(("evidence", "verdict"), [(True, "permit"), (False, "forbid"), (None, "hold")])
def test_who_is_asked_to_pay_owes_on_evidence(role, evidence, verdict):
    person = {"id": "c1", "role": role} | ({} if evidence is None else {"liability_evidence": evidence})
    for profile in (ONLINE, CARD, MICRO):
        assert answer(contact(profile, parties=[DEBTOR, person], party="c1", point="mc1"))[0] == verdict


@pytest.mark.parametrize(
    ("state", "estate", "verdict"),
    [("deceased", 1, "permit"), ("deceased", 0, "forbid"), ("deceased", None, "hold"), ("normal", 1, "forbid")],
)
def test_heirs_owe_within_the_estate(state, estate, verdict):
    heir = {"id": "c1", "role": "heir"} | ({} if estate is None else {"estate_value_minor": estate})
    debtor = {"time_zones": ["Asia/Shanghai"], "state": state}
    assert answer(contact(debtor=debtor, parties=[DEBTOR, heir], party="c1", point="mc1"))[0] == verdict


@pytest.mark.parametrize(
    ("source", "verdict"),
    [("contract", "permit"), ("given", "permit"), ("public_record", "permit"), ("purchased", "forbid"),
     ("address_book", "forbid"), (None, "hold")],
)  # fmt: skip
@pytest.mark.parametrize("profile", [ONLINE, CARD])
def test_where_the_number_comes_from(profile, source, verdict):
    point = {"id": "m1", "party": "p1", "kind": "mobile", "reserved": True} | (
        {} if source is None else {"source": source}
    )
    assert answer(contact(profile, points=[point], parties=[DEBTOR]))[0] == verdict


def test_the_contact_person_is_still_a_contact_person_when_asked_to_pay():
    assert CONTACT["role"] == "contact"
    assert answer(contact(**{**LOST, "purpose": "collect"})) == ("forbid", None)
