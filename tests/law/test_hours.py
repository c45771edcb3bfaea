"""Hours of contact: GBT-016, CBA-010, readings A-01, A-07, A-08."""

import pytest

from law.contacts import (
    BANK,
    CARD,
    HOME,
    MICRO,
    MOBILE,
    ONLINE,
    VISIT,
    VISIT_CONSENT,
    answer,
    clock,
    contact,
    decided,
    said,
)

SMS = {"channel": "sms", "form": "notification"}


@pytest.mark.parametrize("profile", [ONLINE, CARD, BANK, MICRO])
@pytest.mark.parametrize("reading", ["strict", "text"])
@pytest.mark.parametrize(
    ("at", "verdict", "opens"),
    [
        ("07:59:59", "forbid", clock("08:00")),
        ("08:00:00", "permit", None),
        ("12:30:00", "permit", None),
        ("21:59:59", "permit", None),
        ("22:00:00", "forbid", clock("08:00", "2026-03-03")),
        ("23:59:59", "forbid", clock("08:00", "2026-03-03")),
        ("00:00:00", "forbid", clock("08:00")),
    ],
)
def test_the_day_opens_at_08_00_00_and_closes_at_22_00_00(profile, reading, at, verdict, opens):
    assert answer(contact(profile, reading, at=clock(at))) == (verdict, opens)


@pytest.mark.parametrize(
    "keys", [SMS, {"channel": "app"}, {"channel": "email"}, {"channel": "letter"}, {"channel": "im"}]
)
def test_every_channel_keeps_the_hours(keys):
    assert answer(contact(at=clock("22:00"), **keys)) == ("forbid", clock("08:00", "2026-03-03"))


@pytest.mark.parametrize(
    ("end", "strict", "text"),
    [("21:59:59", "permit", "permit"), ("22:00:00", "permit", "permit"), ("22:00:01", "forbid", "permit")],
)
def test_a_planned_end_after_the_hours_forbids_in_strict_and_ends_the_contact_in_text(end, strict, text):
    keys = {"at": clock("21:30"), "expected_end_at": clock(end)}
    assert answer(contact(**keys))[0] == strict
    plain = decided(contact(reading="text", **keys))
    assert plain.verdict == text
    assert plain.to_document()["must_end_by"] == clock("22:00")


def test_a_moved_contact_keeps_its_length_and_one_longer_than_the_window_is_never_permitted():
    agreed = [said("agree_hours", from_="10:00", to="10:30", form="specific")]
    whole = contact(at=clock("09:00"), expected_end_at=clock("09:30"), statements=agreed)
    longer = contact(at=clock("09:00"), expected_end_at=clock("09:31"), statements=agreed)
    assert answer(whole) == ("forbid", clock("10:00"))
    assert answer(longer) == ("forbid", None)


@pytest.mark.parametrize(
    ("keys", "at", "expected"),
    [
        ({"from_": "07:00", "to": "23:00", "form": "specific"}, "22:59:59", ("permit", None)),
        ({"from_": "07:00", "to": "23:00", "form": "specific"}, "23:00:00", ("forbid", clock("07:00", "2026-03-03"))),
        (
            {"from_": "09:00", "to": "18:00", "form": "standard_clause"},
            "20:00",
            ("forbid", clock("09:00", "2026-03-03")),
        ),
        (
            {"from_": "06:00", "to": "23:00", "form": "standard_clause"},
            "22:30",
            ("forbid", clock("08:00", "2026-03-03")),
        ),
        ({"from_": "19:00", "to": "21:00", "form": "specific", "on": "2026-03-01"}, "10:00", ("permit", None)),
        (
            {"from_": "19:00", "to": "21:00", "form": "specific", "on": "2026-03-02"},
            "10:00",
            ("forbid", clock("19:00")),
        ),
        ({"from_": "10:00", "to": "12:00", "form": "specific", "days": ["TUE"]}, "13:00", ("permit", None)),
        ({"from_": "22:00", "to": "02:00", "form": "specific"}, "01:59:59", ("permit", None)),
        ({"from_": "22:00", "to": "02:00", "form": "specific"}, "02:00:00", ("forbid", clock("22:00"))),
        ({"from_": "19:00", "to": "21:00", "form": "specific", "until": "2026-03-01"}, "10:00", ("permit", None)),
        (
            {"from_": "19:00", "to": "21:00", "form": "specific", "until": "2026-03-02"},
            "10:00",
            ("forbid", clock("19:00")),
        ),
    ],
)
def test_the_debtors_agreement_replaces_the_hours(keys, at, expected):
    assert answer(contact(at=clock(at), statements=[said("agree_hours", **keys)])) == expected


def test_an_agreement_binds_contacts_with_its_speaker_only():
    wide = said("agree_hours", from_="07:00", to="23:00", form="specific")
    guarantor = {"id": "g2", "role": "guarantor", "liability_evidence": True}
    own = {"id": "mg2", "party": "g2", "kind": "mobile", "source": "contract"}
    keys = {"parties": [{"id": "p1", "role": "debtor"}, guarantor], "points": [MOBILE, own], "at": clock("22:30")}
    assert answer(contact(statements=[wide], party="g2", point="mg2", **keys))[0] == "forbid"
    assert answer(contact(statements=[{**wide, "by": "g2"}], **keys))[0] == "forbid"


def test_withdrawing_an_agreement_brings_back_the_one_that_it_covered_for_that_day():
    first = said("agree_hours", from_="09:00", to="12:00", form="specific", on="2026-03-02")
    second = said(
        "agree_hours", at="2026-02-21T10:00:00+08:00", from_="13:00", to="15:00", form="specific", on="2026-03-02"
    )
    assert answer(contact(statements=[first, second]))[0] == "forbid"
    expired = {**second, "until": "2026-02-22"}
    assert answer(contact(statements=[first, expired]))[0] == "permit"


@pytest.mark.parametrize(
    ("zones", "at", "strict"),
    [
        (["Asia/Urumqi"], clock("08:30"), ("permit", None)),
        (["Asia/Tokyo"], clock("21:00"), ("forbid", clock("08:00", "2026-03-03"))),
        (["Asia/Shanghai", "Asia/Tokyo"], clock("20:59:59"), ("permit", None)),
        (["Europe/London"], clock("14:59:59"), ("forbid", clock("16:00"))),
        # London changes to summer time on 29 March 2026: 08:00 there is 16:00 in Beijing before and 15:00 after.
        (["Europe/London"], clock("22:30", "2026-03-27"), ("forbid", clock("16:00", "2026-03-28"))),
        (["Europe/London"], clock("22:30", "2026-03-28"), ("forbid", clock("15:00", "2026-03-29"))),
        # New York falls back on 1 November 2026: 22:00 there is 10:00 in Beijing before and 11:00 after.
        (["America/New_York"], clock("10:30", "2026-10-31"), ("forbid", clock("20:00", "2026-10-31"))),
        (["America/New_York"], clock("10:30", "2026-11-02"), ("permit", None)),
    ],
)
def test_strict_asks_for_the_hours_of_zones_abroad_and_text_does_not(zones, at, strict):
    person = {"kind": "lender", "id": "L1", "person": {"id": "u1", "trained_on": "2026-03-01", "private_device": False}}
    debtor = {"time_zones": zones, "state": "normal"}
    assert answer(contact(at=at, debtor=debtor, collector=person)) == strict
    beijing_open = 8 <= int(at[11:13]) < 22
    assert (answer(contact(reading="text", at=at, debtor=debtor, collector=person))[0] == "permit") is beijing_open


def test_a_history_in_other_offsets_and_a_contact_in_another_offset_mean_the_same_instants():
    assert answer(contact(at="2026-03-01T18:59:59-05:00"))[0] == "forbid"
    assert answer(contact(at="2026-03-01T19:00:00-05:00"))[0] == "permit"
    assert answer(contact(at="2026-03-02T00:00:00Z"))[0] == "permit"


def test_a_requested_callback_opens_the_night_for_what_was_asked_and_once():
    asked = said("request_callback", at=clock("17:00"), from_=clock("22:10"), until=clock("22:40"), point="m1")
    night = {"statements": [asked], "at": clock("22:15"), "purpose": "answer_request"}
    assert answer(contact(**night)) == ("permit", None)
    assert decided(contact(**night)).to_document()["must_end_by"] == clock("22:40")
    assert answer(contact(**{**night, "at": clock("22:40")}))[0] == "forbid"
    assert answer(contact(**{**night, "purpose": "collect"}))[0] == "forbid"
    made = {"id": "e1", "at": clock("22:12"), "channel": "voice", "direction": "out", "party": "p1", "point": "m1"}
    assert answer(contact(events=[{**made, "outcome": "no_answer"}], **night))[0] == "permit"
    assert answer(contact(events=[made], **night)) == ("hold", clock("08:00", "2026-03-03"))
    assert answer(contact(events=[{**made, "outcome": "connected"}], **night))[0] == "forbid"


def test_a_call_that_the_debtor_makes_at_night_is_no_contact_of_ours():
    inbound = {"id": "i1", "at": clock("22:30"), "channel": "voice", "direction": "in", "party": "p1", "point": "m1"}
    keys = {"events": [inbound], "at": clock("22:30:10"), "purpose": "answer_request"}
    assert answer(contact(on_call="i1", **keys))[0] == "permit"
    assert answer(contact(direction="in", **keys))[0] == "forbid"


def test_a_visit_has_to_end_with_the_hours():
    keys = {
        "points": [MOBILE, HOME],
        "statements": [VISIT_CONSENT],
        "parties": [{"id": "p1", "role": "debtor"}],
        **VISIT,
    }
    assert decided(contact(at=clock("21:40"), **keys)).to_document()["must_end_by"] == clock("22:00")
    assert decided(contact(**SMS)).must_end_by is None
