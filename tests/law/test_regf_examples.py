"""Examples of Regulation F beyond the table cases of the pack: what the official comments work out, in our own days."""

from typing import Any

import pytest

from law.contacts import answer, decided, said
from law.regf import DEBTS, consumer_contact

Document = dict[str, Any]
BAD_AFTERNOON = {"kind": "inconvenient_time", "days": ["WED"], "from": "15:00", "to": "17:00"}
FRIDAYS = {"kind": "inconvenient_time", "days": ["FRI"]}
LOCATION = {"party": "n1", "point": "nm1", "purpose": "locate", "discloses_debt": False, "identifies_collector": False,
            "names_principal": False}  # fmt: skip


def at(day: int, clock: str = "11:00", month: int = 4) -> str:
    return f"2026-{month:02d}-{day:02d}T{clock if clock.count(':') == 2 else clock + ':00'}-04:00"


def says(kind: str, day: int = 1, clock: str = "10:00", by: str = "p1", **keys: Any) -> Document:
    return said(kind, by=by, at=at(day, clock), **keys)


def event(name: str, day: int, clock: str = "11:00", **keys: Any) -> Document:
    return {
        "id": name, "at": at(day, clock), "channel": "voice", "direction": "out", "party": "p1", "point": "m1",
        "debts": ["d1"], "outcome": "no_answer", **keys,
    }  # fmt: skip


def talk(name: str, day: int, clock: str = "11:00", **keys: Any) -> Document:
    return event(name, day, clock, **{"outcome": "conversation", "exchanged": True, "about_debt": True, **keys})


def email(name: str, day: int, clock: str, direction: str = "in", **keys: Any) -> Document:
    outcome = "received" if direction == "in" else "sent"
    return event(name, day, clock, channel="email", direction=direction, point="e1", outcome=outcome, **keys)


def text_message(**keys: Any) -> Document:
    return consumer_contact(**{"channel": "sms", "form": "notification", **keys})


def answer_by_email(**keys: Any) -> Document:
    return consumer_contact(
        **{"channel": "email", "point": "e1", "form": "notification", "purpose": "answer_request", **keys}
    )


def test_seven_calls_on_one_day_are_presumed_to_comply_and_are_warned_of():
    decision = decided(consumer_contact(events=[event(f"c{n}", 15, f"08:{n}0") for n in range(6)]))
    assert decision.verdict == "permit"
    assert {one.code.rpartition("/")[2] for one in decision.warnings} == {"concentrated-calls"}


def test_the_eighth_call_is_presumed_to_violate_and_the_budget_says_when_a_slot_is_free():
    decision = decided(consumer_contact(events=[event(f"c{n}", 9 + n) for n in range(7)], at=at(15, "12:00")))
    assert decision.verdict == "presumed_violation"
    budget = next(one for one in decision.budgets if one.rule.endswith("calls-in-seven-days"))
    assert (budget.limit, budget.used, budget.resets_at.isoformat()) == (7, 7, "2026-04-16T04:00:00+00:00")


@pytest.mark.parametrize(("reading", "opens"), [("text", "08:00:00"), ("strict", "08:00:01")])
def test_the_first_permitted_second_follows_the_edge_of_the_hours(reading, opens):
    document = consumer_contact(reading, events=[talk("c1", 9)], at=at(15, "20:30"))
    assert answer(document) == ("presumed_violation", f"2026-04-16T{opens}-04:00")


@pytest.mark.parametrize("purpose", ["required_by_law", "active_litigation", "prevent_outside_harm", "answer_request"])
def test_a_factor_against_the_presumption_is_a_warning_not_a_permit(purpose):
    decision = decided(consumer_contact(events=[talk("c1", 14)], purpose=purpose))
    assert decision.verdict == "presumed_violation"
    assert any(one.code.endswith("factor-after-a-talk") for one in decision.warnings)


def test_a_talk_on_a_consented_call_opens_seven_days_of_its_own():
    consent = says("consent_calls", 3, "11:02", from_="2026-04-06", until="2026-04-06")
    document = consumer_contact(
        statements=[consent], events=[talk("c1", 3), talk("c2", 6)], at=at(7)
    )  # fmt: skip
    assert answer(document) == ("presumed_violation", "2026-04-13T08:00:00-04:00")


def test_calls_under_consent_do_not_count_when_the_consent_is_over():
    consented = [event(f"c{n}", 8 + n // 4, f"{9 + n % 4:02d}:00") for n in range(8)]
    document = consumer_contact(statements=[says("consent_calls", 4)], events=consented, at=at(11))
    assert answer(document) == ("permit", None)


def test_consent_that_was_withdrawn_leaves_the_calls_made_under_it_uncounted():
    withdrawn = says("withdraw", 6, "09:00", of="consent_calls")
    events = [event(f"c{n}", 4, f"{12 + n}:00") for n in range(4)]
    events += [event(f"d{n}", 6, f"{10 + n}:00") for n in range(7)]
    document = consumer_contact(statements=[says("consent_calls", 4), withdrawn], events=events[:10], at=at(7))
    assert decided(document).verdict == "permit"
    document["events"] = events
    assert answer(document) == ("presumed_violation", "2026-04-13T08:00:00-04:00")


def test_consent_ends_with_the_seventh_day_from_its_receipt():
    document = consumer_contact(statements=[says("consent_calls", 9)], events=[talk("c0", 8)], at=at(14, "20:00"))
    assert answer({**document, "statements": [says("consent_calls", 8, "12:00")]}) == ("permit", None)
    document["proposed"]["at"] = at(15)
    assert answer(document) == ("permit", None)
    document["events"] = [talk("c0", 9, "09:00")]
    document["statements"] = [says("consent_calls", 8, "12:00")]
    assert answer(document) == ("presumed_violation", "2026-04-16T08:00:00-04:00")


def test_a_callback_that_was_asked_for_is_consent():
    asked = says("request_callback", 14, "11:05", from_=at(15, "10:00"), until=at(15, "12:00"))
    document = consumer_contact(statements=[asked], events=[talk("c1", 14)])
    assert answer(document) == ("permit", None)
    document["statements"] = [{**asked, "told": "creditor"}]
    assert decided(document).verdict == "presumed_violation"


def test_each_person_is_counted_alone():
    spouse = {"id": "n1", "role": "spouse"}
    document = consumer_contact(
        parties=[{"id": "p1", "role": "debtor"}, spouse, {"id": "a1", "role": "attorney"}],
        events=[talk("c1", 14)], party="n1", point="nm1",
    )  # fmt: skip
    assert answer(document) == ("permit", None)


def test_a_voicemail_that_names_two_debts_counts_to_both_and_a_limited_one_to_the_chosen():
    named = [event(f"c{n}", 9 + n, outcome="voicemail_debt", debts=["d1", "d2"], attributed_to="d1") for n in range(7)]
    limited = [{**one, "outcome": "voicemail_limited"} for one in named]
    for debt, events, verdict in (
        ("d1", named, "presumed_violation"), ("d2", named, "presumed_violation"),
        ("d1", limited, "presumed_violation"), ("d2", limited, "permit"),
    ):  # fmt: skip
        assert decided(consumer_contact(events=events, debts_of=[debt], at=at(15, "12:00"))).verdict == verdict


def test_a_call_that_nobody_attributed_may_count_to_each_debt_and_is_held_for_the_missing_choice():
    events = [event(f"c{n}", 9 + n) for n in range(6)] + [event("c9", 15, "08:30", debts=["d1", "d2"])]
    decision = decided(consumer_contact(events=events))
    assert (decision.verdict, decision.unknown) == ("hold", ("events.c9.attributed_to",))


def test_debts_of_one_group_are_one():
    assert answer(consumer_contact(events=[talk("c1", 14, debts=["d3"])], debts_of=["d4"]))[0] == "presumed_violation"
    assert answer(consumer_contact(events=[talk("c1", 14, debts=["d3"])], debts_of=["d1"]))[0] == "permit"


def test_a_call_whose_outcome_is_open_is_waited_for():
    open_call = {key: value for key, value in event("c9", 15, "09:00").items() if key != "outcome"}
    decision = decided(consumer_contact(events=[*(event(f"c{n}", 9 + n) for n in range(6)), open_call]))
    assert (decision.verdict, decision.hold_for) == ("hold", "outcome")


@pytest.mark.parametrize(("clock", "verdict"), [("18:00", "permit"), ("12:00", "forbid")])
def test_a_place_across_the_date_line_leaves_three_hours(clock, verdict):
    document = consumer_contact(debtor={"time_zones": ["America/New_York", "Pacific/Guam"], "state": "normal"})
    document["proposed"]["at"] = f"2026-07-15T{clock}:00-04:00"
    assert decided(document).verdict == verdict


def test_an_answer_may_be_given_once_in_the_hours_it_was_asked_for_and_in_the_same_medium():
    sent, document = email("in1", 15, "15:30"), answer_by_email(at=at(15, "16:10"), in_reply_to="in1")
    document |= {"statements": [says(**BAD_AFTERNOON)], "events": [sent]}
    assert answer(document) == ("permit", None)
    by_text = text_message(at=at(15, "16:10"), in_reply_to="in1", purpose="answer_request")
    assert answer({**by_text, "statements": [says(**BAD_AFTERNOON)], "events": [sent]})[0] == "forbid"
    document["events"] = [sent, email("out1", 15, "15:50", "out", in_reply_to="in1")]
    assert answer(document) == ("forbid", "2026-04-15T17:00:00-04:00")


def test_a_call_that_was_talked_on_leaves_no_answer_to_give():
    refused = says("inconvenient_place", place="home")
    rang = talk("in1", 15, "10:00", direction="in", point="h1", about_debt=False, debts=["d2"])
    document = consumer_contact(statements=[refused], events=[rang], point="h1")
    assert answer({**document, "proposed": {**document["proposed"], "on_call": "in1"}})[0] == "permit"
    assert answer({**document, "proposed": {**document["proposed"], "in_reply_to": "in1"}})[0] == "forbid"


@pytest.mark.parametrize(("last", "verdict"), [("session_open", "permit"), ("session_closed", "forbid")])
def test_a_session_may_go_on_until_it_is_closed(last, verdict):
    opened = event("s1", 17, "12:00", channel="web", direction="in", point=None, outcome="session_open")
    ended = {**opened, "id": "s2", "at": at(17, "12:04"), "outcome": last}
    events = [{key: value for key, value in one.items() if value is not None} for one in (opened, ended)]
    document = consumer_contact(
        statements=[says(**FRIDAYS)], events=events, channel="web", in_session=True, at=at(17, "12:05"),
        purpose="answer_request",
    )  # fmt: skip
    del document["proposed"]["point"]
    assert decided(document).verdict == verdict


def test_consent_to_a_time_is_for_whom_it_was_given_to_and_yields_to_a_later_word():
    suits = says("consent_time", 14, from_=at(15, "21:30"), until=at(15, "23:00"))
    document = consumer_contact(statements=[suits], at=at(15, "22:00"))
    assert answer(document) == ("permit", None)
    assert answer({**document, "statements": [{**suits, "told": "creditor"}]})[0] == "forbid"
    late = says("inconvenient_time", 15, "12:00", from_="21:00", to="24:00")
    assert answer({**document, "statements": [suits, late]}) == ("forbid", "2026-04-16T08:00:00-04:00")


def test_what_opens_at_night_by_consent_is_found_to_the_second():
    suits = says("consent_time", 14, from_=at(15, "22:15:30"), until=at(15, "23:00"))
    assert answer(consumer_contact(statements=[suits], at=at(15, "21:30"))) == ("forbid", at(15, "22:15:30"))


def test_opting_out_is_confirmed_once_and_binds_every_debt():
    refused = says("refuse_medium", channel="sms")
    confirm = text_message(statements=[refused], purpose="opt_out_confirmation", opt_out_notice=None)
    del confirm["proposed"]["opt_out_notice"]
    assert answer(confirm) == ("permit", None)
    confirmed = event("x1", 2, channel="sms", outcome="sent", purpose="opt_out_confirmation")
    assert answer({**confirm, "events": [confirmed]}) == ("forbid", None)
    assert answer(text_message(statements=[refused], debts_of=["d2"])) == ("forbid", None)
    assert answer(consumer_contact(statements=[refused])) == ("permit", None)


@pytest.mark.parametrize(("reading", "verdict"), [("strict", "forbid"), ("text", "permit")])
def test_texts_refused_for_a_number_stop_calls_to_it_in_strict(reading, verdict):
    document = consumer_contact(reading, statements=[says("refuse_point", point="m1", channel="sms")])
    assert decided(document).verdict == verdict


def test_a_stop_letter_binds_from_its_receipt_and_leaves_three_notices():
    stop = {**says("cease", 3), "received_at": at(6)}
    document = consumer_contact(statements=[stop], at=at(6, "10:59:59"))
    assert answer(document) == ("permit", None)
    document["proposed"]["at"] = at(6)
    assert answer(document) == ("forbid", None)
    for purpose in ("termination_notice", "specified_remedy_notice", "required_by_law"):
        assert answer({**document, "proposed": {**document["proposed"], "purpose": purpose}}) == ("permit", None)


def test_an_oral_or_late_dispute_does_not_stop_collection_and_a_denial_is_looked_at():
    assert answer(consumer_contact(statements=[says("dispute", written=False)]))[0] == "permit"
    late = [{**debt, "validation_ends_on": "2026-03-31"} for debt in DEBTS]
    assert answer(consumer_contact(statements=[says("dispute")], debts=late))[0] == "permit"
    assert answer(consumer_contact(statements=[says("dispute", debt="d2")]))[0] == "permit"
    assert answer(consumer_contact(statements=[says("dispute")])) == ("forbid", None)
    assert decided(consumer_contact(statements=[says("denies_debt", why="amount")])).hold_for == "person"


def test_a_third_person_is_asked_once_for_a_location_and_told_nothing():
    asked = event("n", 6, party="n1", point="nm1", outcome="conversation", exchanged=True, about_debt=False)
    document = consumer_contact(**LOCATION)
    assert answer({**document, "events": [{**asked, "outcome": "no_answer", "exchanged": False}]}) == ("permit", None)
    assert answer({**document, "events": [asked]}) == ("forbid", None)
    back = event("b", 15, "10:00", party="n1", point="nm1", direction="in", outcome="voicemail_debt")
    again = {**document, "events": [asked, back], "proposed": {**document["proposed"], "in_reply_to": "b"}}
    assert answer(again) == ("permit", None)


def test_mail_to_an_employers_mailbox_needs_a_letter_from_it():
    work = {"id": "e2", "party": "p1", "kind": "email", "source": "given", "owner": "employer"}
    document = answer_by_email(purpose="collect", point="e2")
    document["points"] = [*document["points"], work]
    assert answer(document) == ("forbid", None)
    document["events"] = [{**email("w", 1, "10:00"), "point": "e2", "about_debt": True}]
    assert answer(document) == ("permit", None)


def test_a_credit_bureau_is_told_after_a_talk_or_fourteen_days_after_a_notice():
    bureau = {"id": "b1", "role": "credit_bureau"}
    document = consumer_contact(party="b1", channel="email", form="notification")
    document["parties"] = [*document["parties"], bureau]
    del document["proposed"]["point"]
    assert answer(document) == ("forbid", None)
    letter = event("l", 9, channel="letter", outcome="sent")
    assert answer({**document, "events": [letter]}) == ("forbid", "2026-04-23T00:00:00-04:00")
    assert answer({**document, "events": [{**letter, "outcome": "undelivered"}]}) == ("forbid", None)
    assert answer({**document, "events": [talk("t", 14)]}) == ("permit", None)


def test_of_two_debts_the_one_at_its_cap_says_when_the_next_call_may_be_made():
    full = [event(f"c{n}", 9, f"{9 + n:02d}:00") for n in range(7)]
    document = consumer_contact(events=[*full, event("other", 14, debts=["d2"])], debts_of=["d1", "d2"])
    assert answer(document) == ("presumed_violation", "2026-04-16T08:00:00-04:00")
