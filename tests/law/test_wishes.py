"""What people asked to be spared (ST-01): refused channels and numbers, inconvenient hours and places, work."""

import pytest

from law.contacts import (
    BANK,
    CARD,
    CONTACT,
    CONTACT_MOBILE,
    DEBTOR,
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
BOTH = pytest.mark.parametrize("reading", ["strict", "text"])
OPTED_OUT = said("refuse_medium", channel="sms")
CONFIRMED = {
    "id": "c", "at": "2026-02-20T10:00:05+08:00", "channel": "sms", "direction": "out", "party": "p1", "point": "m1",
    "purpose": "opt_out_confirmation", "outcome": "delivered",
}  # fmt: skip
MESSAGE = {"id": "i", "at": clock("09:00"), "channel": "sms", "direction": "in", "party": "p1", "point": "m1"}
DESK = {"id": "w1", "party": "p1", "kind": "landline", "source": "contract"}
LOST = {
    "points": [{**MOBILE, "invalid_since": "2026-03-01T09:00:00+08:00"}, CONTACT_MOBILE],
    "party": "c1", "point": "mc1", "purpose": "locate", "discloses_debt": False,
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("profile", [ONLINE, CARD, BANK, MICRO])
def test_after_opting_out_no_message_is_sent_and_calls_go_on(profile, reading):
    assert answer(contact(profile, reading, statements=[OPTED_OUT], **SMS)) == ("forbid", None)
    assert answer(contact(profile, reading, statements=[OPTED_OUT], rcs=True, **SMS))[0] == "forbid"
    assert answer(contact(profile, reading, statements=[OPTED_OUT]))[0] == "permit"


@BOTH
@pytest.mark.parametrize("purpose", ["required_by_law", "serve", "answer_request", "complaint_reply"])
@pytest.mark.parametrize("wish", [OPTED_OUT, said("refuse_point", point="m1")])
def test_what_law_requires_and_answers_are_not_refused(reading, purpose, wish):
    assert answer(contact(CARD, reading, statements=[wish], **{**SMS, "purpose": purpose}))[0] == "permit"


@BOTH
def test_a_refusal_is_confirmed_once(reading):
    confirmation = {**SMS, "purpose": "opt_out_confirmation"}
    failed = {**CONFIRMED, "outcome": "undelivered"}
    unsaid = {key: value for key, value in CONFIRMED.items() if key != "purpose"}
    keys = {"statements": [OPTED_OUT], **confirmation}
    assert answer(contact(CARD, reading, **keys))[0] == "permit"
    assert answer(contact(CARD, reading, events=[failed], **keys))[0] == "permit"
    assert answer(contact(CARD, reading, events=[CONFIRMED], **keys))[0] == "forbid"
    decision = decided(contact(CARD, reading, events=[unsaid], **keys))
    assert (decision.verdict, decision.unknown) == ("hold", ("events.purpose",))
    again = [OPTED_OUT, said("refuse_medium", channel="sms", at=clock("08:00"))]
    assert answer(contact(CARD, reading, events=[CONFIRMED], **{**keys, "statements": again}))[0] == "permit"


@BOTH
def test_who_refuses_calls_refuses_voicemail_and_another_person_is_not_bound(reading):
    refused = [said("refuse_medium", channel="voice")]
    for channel in ("voice", "ringless_voicemail"):
        assert answer(contact(CARD, reading, statements=refused, channel=channel))[0] == "forbid"
    assert answer(contact(CARD, reading, statements=refused, video=True))[0] == "forbid"
    assert answer(contact(CARD, reading, statements=refused, **LOST))[0] == "permit"
    assert answer(contact(CARD, reading, statements=[{**refused[0], "by": "c1"}], **LOST))[0] == "forbid"


@BOTH
def test_a_refused_number_is_left_alone_whoever_refused_it(reading):
    everything, calls_only = said("refuse_point", point="m1"), said("refuse_point", point="m1", channel="voice")
    assert answer(contact(CARD, reading, statements=[everything]))[0] == "forbid"
    assert answer(contact(CARD, reading, statements=[everything], **SMS))[0] == "forbid"
    assert answer(contact(CARD, reading, statements=[calls_only]))[0] == "forbid"
    assert answer(contact(CARD, reading, statements=[calls_only], **SMS))[0] == "permit"
    assert answer(contact(CARD, reading, statements=[{**everything, "by": "c1"}]))[0] == "forbid"
    second = {"id": "m2", "party": "p1", "kind": "mobile", "source": "given"}
    keys = {"statements": [everything], "points": [MOBILE, second], "parties": [DEBTOR]}
    assert answer(contact(CARD, reading, point="m2", **keys))[0] == "permit"


@BOTH
def test_a_contact_that_names_no_number_is_held_where_one_was_refused(reading):
    document = contact(CARD, reading, statements=[said("refuse_point", point="m1")], **SMS)
    del document["proposed"]["point"]
    decision = decided(document)
    assert decision.verdict == "hold"
    assert "proposed.point" in decision.unknown
    document["proposed"]["channel"] = "app"
    assert answer(document)[0] == "permit"


@BOTH
def test_refusals_end_when_withdrawn_each_for_itself(reading):
    email = said("refuse_medium", channel="email")
    back = said("withdraw", at=clock("09:00"), of="refuse_medium", channel="sms")
    other = {**back, "by": "c1"}
    assert answer(contact(CARD, reading, statements=[OPTED_OUT, email, back], **SMS))[0] == "permit"
    keys = {"statements": [OPTED_OUT, email, back], "form": "notification", "channel": "email"}
    assert answer(contact(CARD, reading, **keys))[0] == "forbid"
    assert answer(contact(CARD, reading, statements=[OPTED_OUT, other], **SMS))[0] == "forbid"
    later = {**back, "at": clock("11:00")}
    assert answer(contact(CARD, reading, statements=[OPTED_OUT, later], **SMS)) == ("forbid", clock("11:00"))


@BOTH
def test_what_the_person_began_goes_on(reading):
    inbound = {**MESSAGE, "channel": "voice"}
    wishes = [said("refuse_medium", channel="voice"), said("inconvenient_time"), said("refuse_contact")]
    document = contact(CARD, reading, statements=wishes, events=[inbound], on_call="i")
    assert answer(document)[0] == "permit"


@BOTH
@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ({"from_": "12:00", "to": "14:00"}, "11:59:59", ("permit", None)),
        ({"from_": "12:00", "to": "14:00"}, "12:00:00", ("forbid", "14:00")),
        ({"from_": "12:00", "to": "14:00"}, "13:59:59", ("forbid", "14:00")),
        ({"from_": "12:00", "to": "14:00"}, "14:00:00", ("permit", None)),
        ({"from_": "21:00", "to": "09:30"}, "08:00:00", ("forbid", "09:30")),
        ({"days": ["TUE"], "from_": "12:00", "to": "14:00"}, "12:30:00", ("permit", None)),
        ({"days": ["SUN"], "from_": "20:00", "to": "09:00"}, "08:30:00", ("forbid", "09:00")),
        ({"to": "10:00"}, "09:00:00", ("forbid", "10:00")),
        ({"until": "2026-03-02"}, "09:00:00", ("forbid", "08:00 tomorrow")),
        ({"until": "2026-03-02T12:00:00+08:00"}, "09:00:00", ("forbid", "12:00")),
        ({"from_": "18:00"}, "19:00:00", ("forbid", "08:00 tomorrow")),
        ({"days": ["MON", "TUE"]}, "19:00:00", ("forbid", "08:00 on Wednesday")),
        ({}, "10:00:00", ("forbid", None)),
    ],
)
def test_inconvenient_hours(reading, hours, at, expected):
    days = {"tomorrow": "2026-03-03", "Wednesday": "2026-03-04"}
    written = expected[1].split() if expected[1] else []
    opens = clock(written[0], days.get(written[-1], "2026-03-02")) if written else None
    document = contact(CARD, reading, statements=[said("inconvenient_time", **hours)], at=clock(at))
    assert answer(document) == (expected[0], opens)


def test_hours_add_up_and_one_of_the_same_hours_replaces_the_earlier_one_while_it_stands():
    noon, evening = said("inconvenient_time", from_="12:00", to="13:00"), said("inconvenient_time", from_="13:00")
    assert answer(contact(CARD, statements=[noon, evening], at=clock("12:30")))[1] == clock("08:00", "2026-03-03")
    short = {**noon, "until": "2026-03-01", "at": "2026-02-21T10:00:00+08:00"}
    assert answer(contact(CARD, statements=[noon, short], at=clock("12:30")))[0] == "forbid"
    assert answer(contact(CARD, statements=[short], at=clock("12:30")))[0] == "permit"


def test_strict_asks_for_the_planned_end_and_for_every_zone_abroad():
    noon = [said("inconvenient_time", from_="12:00", to="14:00")]
    keys = {"statements": noon, "at": clock("11:50"), "expected_end_at": clock("12:10")}
    assert answer(contact(CARD, **keys)) == ("forbid", clock("14:00"))
    plain = decided(contact(CARD, "text", **keys)).to_document()
    assert (plain["verdict"], plain["must_end_by"]) == ("permit", clock("12:00"))
    tokyo = {"time_zones": ["Asia/Tokyo"], "state": "normal"}
    assert answer(contact(CARD, statements=noon, debtor=tokyo, at=clock("11:30"))) == ("forbid", clock("14:00"))
    assert answer(contact(CARD, "text", statements=noon, debtor=tokyo, at=clock("11:30")))[0] == "permit"


@BOTH
def test_in_inconvenient_hours_only_what_the_person_asked_for_is_answered(reading):
    keys = {"statements": [said("inconvenient_time")], "purpose": "answer_request"}
    assert answer(contact(CARD, reading, **keys, **SMS))[0] == "forbid"
    assert answer(contact(CARD, reading, events=[MESSAGE], in_reply_to="i", **keys, **SMS))[0] == "permit"
    timed = said("request_callback", at=clock("09:00"), from_=clock("09:30"), until=clock("11:00"))
    untimed = said("request_callback", at=clock("09:00"))
    far = {**timed, "from": clock("20:00"), "until": clock("21:00")}
    for asked, verdict in (([timed], "permit"), ([untimed], "forbid"), ([untimed, far], "forbid")):
        document = contact(CARD, reading, **{**keys, "statements": [*keys["statements"], *asked]})
        assert answer(document)[0] == verdict


@BOTH
@pytest.mark.parametrize(("place", "verdict"), [("work", "forbid"), ("home", "permit"), (None, "hold")])
@pytest.mark.parametrize("wish", [said("inconvenient_place", place="work"), said("employer_prohibits")])
def test_a_telephone_stands_where_it_stands(reading, place, verdict, wish):
    desk = {**DESK} if place is None else {**DESK, "place": place}
    keys = {"statements": [wish], "points": [MOBILE, desk], "parties": [DEBTOR]}
    decision = decided(contact(CARD, reading, point="w1", **keys))
    assert decision.verdict == verdict
    assert decision.unknown == (("points.w1.place",) if verdict == "hold" else ())
    assert answer(contact(CARD, reading, **keys))[0] == "permit"
    assert answer(contact(CARD, reading, known_place="work", **keys))[0] == "forbid"


@BOTH
def test_the_employers_number_is_the_employers_and_a_friend_is_not_bound(reading):
    mobile = {**MOBILE, "owner": "employer"}
    prohibits = [said("employer_prohibits")]
    assert answer(contact(CARD, reading, points=[mobile], parties=[DEBTOR], statements=prohibits))[0] == "forbid"
    own = {**DESK, "owner": "debtor"}
    keys = {"points": [own], "parties": [DEBTOR], "statements": prohibits, "point": "w1"}
    assert answer(contact(CARD, reading, **keys))[0] == "permit"
    friend = [LOST["points"][0], {**CONTACT_MOBILE, "place": "work"}]
    colleague = {**CONTACT, "role": "colleague"}
    keys = {**LOST, "points": friend, "statements": prohibits}
    assert answer(contact(CARD, reading, **keys))[0] == "permit"
    assert answer(contact(CARD, reading, parties=[DEBTOR, colleague], **keys))[0] == "forbid"


@BOTH
def test_a_visit_where_the_person_does_not_want_to_be_visited(reading):
    keys = {"points": [MOBILE, HOME], "parties": [DEBTOR], **VISIT}
    wish = said("inconvenient_place", place="home", at="2026-02-27T10:00:00+08:00")
    assert answer(contact(CARD, reading, statements=[VISIT_CONSENT], **keys))[0] == "permit"
    assert answer(contact(CARD, reading, statements=[VISIT_CONSENT, wish], **keys))[0] == "forbid"
    back = said("withdraw", at=clock("08:00"), of="inconvenient_place", place="home")
    assert answer(contact(CARD, reading, statements=[VISIT_CONSENT, wish, back], **keys))[0] == "permit"


@pytest.mark.parametrize("kind", ["refuse_contact", "cease"])
def test_who_owes_and_asks_for_it_to_stop_is_looked_at_in_strict(kind):
    wish = [said(kind)]
    assert answer(contact(statements=wish)) == ("hold", None)
    assert answer(contact(reading="text", statements=wish))[0] == "permit"
    for purpose in ("required_by_law", "serve", "complaint_reply", "answer_request", "opt_out_confirmation"):
        assert answer(contact(CARD, statements=wish, **{**SMS, "purpose": purpose}))[0] == "permit"
    review = {"rule": "ST-01", "at": clock("09:00"), "by": "lead", "until": "2026-03-03"}
    assert answer(contact(statements=wish, reviews=[review]))[0] == "permit"


def test_an_attorneys_request_to_stop_speaks_for_the_debtor():
    attorney = {"id": "a1", "role": "attorney"}
    document = contact(parties=[DEBTOR, CONTACT, attorney], statements=[said("cease", by="a1")])
    assert answer(document)[0] == "hold"


@BOTH
@pytest.mark.parametrize("kind", ["refuse_contact", "cease"])
def test_a_third_person_who_asks_for_it_to_stop_is_not_contacted_again(reading, kind):
    assert answer(contact(reading=reading, statements=[said(kind, by="c1")], **LOST))[0] == "forbid"


@BOTH
def test_an_objection_to_a_number_bears_on_a_contact_that_names_none(reading):
    document = contact(CARD, reading, statements=[said("object_use", of="m1")], **SMS)
    del document["proposed"]["point"]
    assert "proposed.point" in decided(document).unknown


def test_a_message_that_the_system_sends_needs_no_trained_collector():
    lender = {"kind": "lender", "id": "L1"}
    untrained = {**lender, "person": {"id": "u1", "trained_on": "2020-01-01", "private_device": False}}
    for collector, robot, verdict in (
        (lender, True, "permit"), (lender, False, "hold"), (untrained, True, "forbid"), (untrained, False, "forbid"),
    ):  # fmt: skip
        assert answer(contact(collector=collector, robot=robot, **SMS))[0] == verdict
