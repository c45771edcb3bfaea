"""What must hold for every contact under Regulation F: strictness, precedence, releases in any zone, budgets."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from law.contacts import moved
from law.regf import DEBTS, PARTIES, POINTS, consumer_contact
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import Decision, decide
from zhizhi.core.conduct.decision import Verdict
from zhizhi.core.conduct.words import DEBTOR_STATES, MARKS, OUTCOMES, PURPOSES
from zhizhi.store.packs import load_law

RUN = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SEVERITY = {Verdict.PERMIT: 0, Verdict.PRESUMED_VIOLATION: 1, Verdict.HOLD: 2, Verdict.FORBID: 3}
START = datetime.fromisoformat("2026-03-02T00:00:00-05:00")  # the clock goes forward on the eighth
ZONES = [["America/New_York"], ["America/New_York", "America/Los_Angeles"], ["Pacific/Honolulu"], ["America/Phoenix"]]
HOME = ["America/New_York", "Pacific/Guam"]
CALLED = [one for one in OUTCOMES if one not in ("met", "nobody_met", "delivered", "received", "session_open")]
flags = st.sampled_from([True, False])
instants = st.integers(0, 9 * 24 * 6).map(lambda n: START + timedelta(minutes=10 * n))
SAYS: list[dict[str, Any]] = [
    {"kind": "inconvenient_time", "from": "15:00", "to": "17:00"},
    {"kind": "inconvenient_time", "days": ["SUN", "WED"]},
    {"kind": "inconvenient_place", "place": "home"},
    {"kind": "consent_calls"},
    {"kind": "consent_calls", "from": "2026-03-09", "told": "creditor"},
    {"kind": "consent_time", "from": "2026-03-08T05:00:00-04:00", "until": "2026-03-10T22:30:00-04:00"},
    {"kind": "request_callback", "from": "2026-03-10T07:00:00-04:00", "until": "2026-03-10T07:30:00-04:00"},
    {"kind": "agree_hours", "from": "20:00", "to": "22:00", "form": "specific"},
    {"kind": "refuse_medium", "channel": "sms"},
    {"kind": "refuse_point", "point": "m1", "channel": "sms"},
    {"kind": "cease"},
    {"kind": "refuse_contact"},
    {"kind": "dispute"},
    {"kind": "denies_debt"},
    {"kind": "verification_sent", "by": "collector"},
    {"kind": "represented_by_attorney", "by": "a1"},
    {"kind": "withdraw", "of": "consent_calls"},
]


@st.composite
def events(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for n, at in enumerate(sorted(draw(st.lists(instants, max_size=12)))):
        channel = draw(st.sampled_from(["voice", "voice", "voice", "voice", "email", "sms", "letter"]))
        party = draw(st.sampled_from(["p1", "p1", "p1", "n1"]))
        event = {
            "id": f"e{n}", "at": at.isoformat(), "channel": channel, "party": party,
            "direction": draw(st.sampled_from(["out", "out", "out", "in"])),
            "point": draw(st.sampled_from([None, "m1", "m1", "x1"] if party == "p1" else ["nm1"])),
            "debts": draw(st.sampled_from([["d1"], ["d1"], ["d3"], ["d1", "d2"]])),
            "outcome": draw(st.sampled_from([None, *CALLED, "no_answer", "no_answer"])),
            "exchanged": draw(st.sampled_from([None, True, False])),
            "about_debt": draw(st.sampled_from([None, True, False])),
            "by": draw(st.sampled_from([None, None, "agency-2"])),
            "physical": draw(st.sampled_from([None, None, "x", "y"])),
        }  # fmt: skip
        found.append({key: value for key, value in event.items() if value is not None})
    return found


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(SAYS), max_size=3, unique_by=id))
    says = [{"at": draw(instants).isoformat(), "by": "p1", **one} for one in chosen]
    says = [one for one in says if not one.get("from", "").startswith("2026") or one["at"][:10] <= one["from"][:10]]
    channel = draw(st.sampled_from(["voice", "voice", "voice", "sms", "email", "letter", "app"]))
    party = draw(st.sampled_from(["p1", "p1", "p1", "n1"]))
    found = draw(events())
    document = consumer_contact(
        debtor={"time_zones": draw(st.sampled_from([*ZONES, HOME])),
                "state": draw(st.sampled_from(["normal", "normal", *DEBTOR_STATES]))},
        debts=DEBTS, parties=PARTIES, points=POINTS, events=found,
        statements=sorted(says, key=lambda one: str(one["at"])),
        at=(START + timedelta(days=5, minutes=draw(st.integers(0, 4 * 24 * 60)))).isoformat(),
        channel=channel, party=party, point="nm1" if party == "n1" else draw(st.sampled_from(["m1", "m1", "h1", "e1"])),
        purpose=draw(st.sampled_from(["collect", "collect", "locate", "answer_request", *PURPOSES])),
        discloses_debt=draw(flags), content=draw(st.lists(st.sampled_from(MARKS), max_size=1)),
        debts_of=draw(st.sampled_from([["d1"], ["d2"], ["d1", "d2"], ["d4"]])),
    )  # fmt: skip
    inbound = [event["id"] for event in found if event["direction"] == "in" and event["party"] == party]
    if inbound and draw(flags):
        document["proposed"]["in_reply_to"] = draw(st.sampled_from(inbound))
    if draw(flags):
        end = datetime.fromisoformat(document["proposed"]["at"]) + timedelta(minutes=draw(st.integers(0, 90)))
        document["proposed"]["expected_end_at"] = end.isoformat()
    for key in draw(st.lists(st.sampled_from(["discloses_debt", "opt_out_notice", "content"]), max_size=1)):
        document["proposed"].pop(key, None)
    return document


def asked(document: dict[str, Any], reading: str = "strict") -> Decision:
    return decide(parse_case({**document, "reading": reading}), load_law("us.regf"))


@settings(RUN, max_examples=160)
@given(documents())
def test_strict_is_never_milder_than_text(document):
    assert SEVERITY[asked(document).verdict] >= SEVERITY[asked(document, "text").verdict]


@RUN
@given(documents(), st.sampled_from(["strict", "text"]))
def test_forbid_beats_hold_beats_a_presumed_violation_beats_permit(document, reading):
    decision = asked(document, reading)
    ranks = [SEVERITY[reason.effect] for reason in decision.reasons]
    assert SEVERITY[decision.verdict] == max(ranks, default=0)
    assert ranks == sorted(ranks, reverse=True)
    assert not any(fact.startswith("engine") for fact in decision.unknown)


@RUN
@given(documents(), st.sampled_from(["strict", "text"]))
def test_the_next_permitted_instant_permits_and_the_second_before_does_not(document, reading):
    decision = asked(document, reading)
    opens = decision.next_permitted_at
    assert (opens is None) or decision.verdict is not Verdict.PERMIT
    if opens is not None:
        assert opens.microsecond == 0
        assert asked(moved(document, opens), reading).verdict is Verdict.PERMIT
        before = opens - timedelta(seconds=1)
        if before > parse_case(document).proposed.at:
            assert asked(moved(document, before), reading).verdict is not Verdict.PERMIT


@settings(RUN, max_examples=20)
@given(documents(), st.sampled_from(["strict", "text"]))
def test_no_instant_before_the_next_permitted_one_permits(document, reading):
    decision = asked(document, reading)
    if decision.verdict is Verdict.PERMIT:
        return
    at = parse_case(document).proposed.at
    ends = decision.next_permitted_at or at + timedelta(days=9)
    while at < ends:
        assert asked(moved(document, at), reading).verdict is not Verdict.PERMIT
        at += timedelta(minutes=97)


@RUN
@given(documents(), st.integers(0, 9 * 24 * 60), st.sampled_from(["strict", "text"]))
def test_one_more_unanswered_call_to_the_party_never_permits_more(document, minutes, reading):
    proposed = document["proposed"]
    at = datetime.fromisoformat(proposed["at"]) - timedelta(minutes=minutes)
    more = {
        "id": "more", "at": at.isoformat(), "channel": "voice", "direction": "out", "party": proposed["party"],
        "point": "nm1" if proposed["party"] == "n1" else "m1", "debts": ["d1"], "outcome": "no_answer",
    }  # fmt: skip
    added = sorted([*document["events"], more], key=lambda event: datetime.fromisoformat(event["at"]))
    before, after = asked(document, reading), asked({**document, "events": added}, reading)
    assert SEVERITY[after.verdict] >= SEVERITY[before.verdict]


@RUN
@given(documents(), st.sampled_from(["strict", "text"]))
def test_a_budget_says_what_its_rule_does(document, reading):
    decision = asked(document, reading)
    at = parse_case(document).proposed.at
    for budget in decision.budgets:
        assert budget.resets_at > at
        speaks = any(reason.rule == budget.rule for reason in decision.reasons)
        assert (
            speaks
            or budget.used < budget.limit
            or any(one["kind"] in ("consent_calls", "request_callback") for one in document["statements"])
        )
