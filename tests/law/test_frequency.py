"""How often: GBT-026, GBT-027, GBT-028, GBT-031, CBA-012; readings A-02, A-03, A-04, A-15, A-16, A-23."""

import pytest

from law.contacts import (
    BANK,
    CARD,
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

TOMORROW = clock("08:00", "2026-03-03")
NOTICE = {"form": "notification", "robot": True, "talk_seconds": 4, "exchanged": False}
ADDRESS = {"id": "a1", "party": "p1", "kind": "postal", "source": "contract"}


@pytest.mark.parametrize("reading", ["strict", "text"])
@pytest.mark.parametrize(("made", "verdict"), [(2, "permit"), (3, "forbid"), (4, "forbid")])
def test_the_fourth_valid_call_of_a_day_is_forbidden(reading, made, verdict):
    expected = (verdict, None if verdict == "permit" else TOMORROW)
    assert answer(contact(reading=reading, events=calls(made))) == expected


@pytest.mark.parametrize("reading", ["strict", "text"])
@pytest.mark.parametrize(("made", "verdict"), [(5, "permit"), (6, "forbid"), (7, "forbid")])
def test_the_seventh_dial_to_a_number_is_forbidden(reading, made, verdict):
    expected = (verdict, None if verdict == "permit" else TOMORROW)
    assert answer(contact(CARD, reading, events=calls(made, "no_answer"))) == expected


@pytest.mark.parametrize(
    ("third", "strict", "text"),
    [
        ({"outcome": "connected", "talk_seconds": 5, "exchanged": False}, "permit", "permit"),
        ({"outcome": "connected", "talk_seconds": 5, "exchanged": True}, "forbid", "permit"),
        ({"outcome": "connected", "talk_seconds": 6, "exchanged": False}, "forbid", "permit"),
        ({"outcome": "connected", "talk_seconds": 6, "exchanged": True}, "forbid", "forbid"),
        ({"outcome": "connected", "talk_seconds": 40}, "forbid", "hold"),
        ({"outcome": "connected"}, "forbid", "hold"),
        ({"outcome": "voicemail_limited", "talk_seconds": 30, "exchanged": False}, "forbid", "permit"),
        ({"outcome": "no_answer"}, "permit", "permit"),
        ({"outcome": None}, "hold", "hold"),
        ({"outcome": None, "talk_seconds": 60, "exchanged": True}, "forbid", "forbid"),
        ({"outcome": "connected", **NOTICE}, "forbid", "permit"),
    ],
)
def test_what_counts_as_the_third_call(third, strict, text):
    events = [*calls(2), {**call("e9", "09:00", None), **{k: v for k, v in third.items() if v is not None}}]
    assert answer(contact(events=events))[0] == strict
    assert answer(contact(reading="text", events=events))[0] == text


def test_an_open_outcome_is_waited_for_and_a_missing_length_is_looked_at():
    waits = decided(contact(events=[*calls(2), call("e9", "09:00", None)]))
    looks = decided(contact(reading="text", events=[*calls(2), call("e9", "09:00", "connected")]))
    assert (waits.hold_for, waits.unknown) == ("outcome", ("events.e9.outcome",))
    assert (looks.hold_for, looks.unknown) == ("person", ("events.e9.talk_seconds",))


def test_notices_and_talks_are_one_pool_in_strict_and_two_in_text():
    notices = [{**call(f"n{n}", f"08:{n}0", "connected"), **NOTICE} for n in range(3)]
    assert answer(contact(events=notices))[0] == "forbid"
    assert answer(contact(reading="text", events=notices))[0] == "permit"
    assert answer(contact(reading="text", events=notices, form="notification"))[0] == "forbid"
    assert answer(contact(reading="text", events=calls(3), form="notification"))[0] == "permit"


def test_counts_are_of_one_person_one_lender_and_one_physical_call():
    two_lenders = [{"id": "d1", "lender": "L1", "state": "overdue"}, {"id": "d2", "lender": "L2", "state": "overdue"}]
    same_lender = [{**debt, "lender": "L1"} for debt in two_lenders]
    elsewhere = [{**event, "debts": ["d2"], "by": "A7"} for event in calls(3)]
    assert answer(contact(debts=two_lenders, events=elsewhere) | {})[0] == "forbid"  # the contact is about both
    about_one = contact(events=elsewhere)
    about_one["proposed"]["debts"] = ["d1"]
    assert answer({**about_one, "debts": two_lenders})[0] == "permit"
    assert answer({**about_one, "debts": same_lender})[0] == "forbid"
    in_rows = [{**event, "physical": "x"} for event in calls(4)]
    assert answer(contact(events=in_rows))[0] == "permit"


@pytest.mark.parametrize(
    ("profile", "reading", "agreed", "made", "verdict"),
    [
        (ONLINE, "text", 5, 4, "permit"),
        (ONLINE, "text", 5, 5, "forbid"),
        (ONLINE, "strict", 5, 3, "forbid"),
        (ONLINE, "text", 2, 2, "forbid"),
        (ONLINE, "strict", 2, 1, "permit"),
    ],
)
def test_an_agreed_number_of_notices(profile, reading, agreed, made, verdict):
    notices = [{**call(f"n{n}", f"08:{n}0", "connected"), **NOTICE} for n in range(made)]
    document = contact(
        profile, reading, events=notices, statements=[said("agree_frequency", per_day=agreed)], form="notification"
    )
    assert answer(document)[0] == verdict


@pytest.mark.parametrize("reading", ["strict", "text"])
def test_a_valid_call_cap_never_rises_and_a_dial_cap_does(reading):
    five = [said("agree_frequency", per_day=9)]
    assert answer(contact(reading=reading, events=calls(3), statements=five))[0] == "forbid"
    assert answer(contact(CARD, reading, events=calls(8, "no_answer"), statements=five))[0] == "permit"
    assert answer(contact(CARD, reading, events=calls(9, "no_answer"), statements=five))[0] == "forbid"
    ended = [*five, said("withdraw", at="2026-02-21T10:00:00+08:00", of="agree_frequency")]
    assert answer(contact(CARD, reading, events=calls(8, "no_answer"), statements=ended))[0] == "forbid"


def test_dials_in_the_plain_reading_are_the_unanswered_ones_of_one_collector_and_kind():
    for change in ({"by": "A1"}, {"robot": True}, {"outcome": "connected"}):
        six = [*calls(5, "no_answer"), {**call("e9", "09:30", "no_answer"), **change}]
        assert answer(contact(CARD, events=six))[0] == "forbid"
        assert answer(contact(CARD, "text", events=six))[0] == "permit"


def test_a_dial_to_an_unknown_number_holds_only_where_it_would_matter():
    nowhere = {key: value for key, value in call("e9", "09:30", "no_answer").items() if key != "point"}
    assert answer(contact(CARD, events=[*calls(4, "no_answer"), nowhere]))[0] == "permit"
    assert answer(contact(CARD, events=[*calls(5, "no_answer"), nowhere])) == ("hold", TOMORROW)
    assert answer(contact(CARD, events=[*calls(6, "no_answer"), nowhere]))[0] == "forbid"


def test_reminders_before_the_due_date_consume_nothing_and_are_not_limited():
    early = [{"id": "d1", "lender": "L1", "product": "P1", "state": "not_due"}]
    assert answer(contact(events=calls(3), debts=early, purpose="remind"))[0] == "permit"
    assert answer(contact(events=calls(3), purpose="remind"))[0] == "forbid"


@pytest.mark.parametrize(
    ("visit", "strict", "text"),
    [
        ({"outcome": "met", "exchanged": True}, "forbid", "forbid"),
        ({"outcome": "nobody_met"}, "forbid", "permit"),
        ({"outcome": "met"}, "forbid", "hold"),
        ({}, "forbid", "hold"),
        ({"outcome": "met", "exchanged": True, "purpose": "serve"}, "permit", "permit"),
    ],
)
def test_one_visit_a_day(visit, strict, text):
    made = {"id": "e1", "at": clock("09:00"), "channel": "visit", "direction": "out", "party": "p1", "point": "h1"}
    keys = {"points": [MOBILE, HOME], "statements": [VISIT_CONSENT], "parties": [{"id": "p1", "role": "debtor"}]}
    for reading, verdict in (("strict", strict), ("text", text)):
        assert answer(contact(BANK, reading, events=[{**made, **visit}], **keys, **VISIT))[0] == verdict


@pytest.mark.parametrize(
    ("day", "strict", "text"),
    [
        ("2026-03-08", clock("08:00", "2026-03-10"), clock("08:00", "2026-03-09")),
        ("2026-03-09", clock("08:00", "2026-03-10"), None),
        ("2026-03-10", None, None),
    ],
)
def test_letters_about_one_product_lie_seven_days_apart(day, strict, text):
    sent = {"id": "e1", "at": clock("10:00"), "channel": "letter", "direction": "out", "party": "p1", "outcome": "sent"}
    keys = {
        "points": [ADDRESS, MOBILE],
        "parties": [{"id": "p1", "role": "debtor"}],
        "channel": "letter",
        "point": "a1",
    }
    for reading, opens in (("strict", strict), ("text", text)):
        document = contact(reading=reading, events=[sent], at=clock("10:00", day), **keys)
        assert answer(document) == ("permit" if opens is None else "forbid", opens)
        assert (
            answer(contact(reading=reading, events=[sent], at=clock("10:00", day), purpose="serve", **keys))[0]
            == "permit"
        )


def test_a_letter_about_a_debt_of_unknown_product_holds():
    debts = [{"id": "d1", "lender": "L1", "state": "overdue"}, {"id": "d2", "lender": "L1", "state": "overdue"}]
    sent = {"id": "e1", "at": clock("09:00"), "channel": "letter", "direction": "out", "party": "p1", "debts": ["d2"]}
    document = contact(events=[sent], points=[ADDRESS, MOBILE], parties=[{"id": "p1", "role": "debtor"}], point="a1")
    document["debts"] = debts
    document["proposed"] |= {"channel": "letter", "debts": ["d1"]}
    assert answer(document)[0] == "hold"
    assert answer({**document, "debts": [{**debts[0], "product": "P"}, {**debts[1], "product": "Q"}]})[0] == "permit"


def test_budgets_say_what_is_used_and_when_it_returns():
    written = decided(contact(CARD, events=calls(4, "no_answer"))).to_document()
    assert written["budgets"] == [
        {"rule": "cn.cba2026/14/dials-per-day", "limit": 6, "used": 4, "resets_at": clock("00:00", "2026-03-03")}
    ]
