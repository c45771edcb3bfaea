"""What must hold for every contact: strictness, precedence, releases, and the absence of luck."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from law.contacts import CONTACT, CONTACT_MOBILE, DEBTOR, HOME, MOBILE, VISIT_CONSENT, contact, moved, said
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import Decision, decide
from zhizhi.core.conduct.decision import Verdict
from zhizhi.core.conduct.words import DEBTOR_STATES, MARKS, OUTCOMES, PURPOSES
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack
from zhizhi.store.packs import load_law

PROFILES = [
    "cn.consumer_finance.online", "cn.consumer_finance.online.cba", "cn.bank.card", "cn.bank.online", "cn.microloan",
]  # fmt: skip
SEVERITY = {Verdict.PERMIT: 0, Verdict.HOLD: 1, Verdict.FORBID: 2}
RUN = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
START = datetime.fromisoformat("2026-03-01T00:00:00+08:00")
instants = st.integers(0, 3 * 24 * 12).map(lambda n: START + timedelta(minutes=5 * n))
flags = st.sampled_from([True, False])
VOICE = [o for o in OUTCOMES if o not in ("met", "nobody_met", "delivered", "sent", "undelivered", "received")]


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


@st.composite
def events(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for n, at in enumerate(sorted(draw(st.lists(instants, max_size=12)))):
        channel = draw(st.sampled_from(["voice", "voice", "voice", "visit", "letter", "sms"]))
        event = {
            "id": f"e{n}", "at": at.isoformat(), "channel": channel, "party": draw(st.sampled_from(["p1", "p1", "c1"])),
            "direction": draw(st.sampled_from(["out", "out", "out", "in"])),
            "point": draw(optional(st.sampled_from(["m1", "m2"]))),
            "outcome": draw(optional(st.sampled_from(VOICE if channel == "voice" else OUTCOMES))),
            "form": draw(st.sampled_from(["notification", "interactive"])),
            "robot": draw(flags),
            "talk_seconds": draw(optional(st.integers(0, 9))),
            "exchanged": draw(optional(flags)),
            "by": draw(optional(st.sampled_from(["L1", "A1"]))),
            "physical": draw(optional(st.sampled_from(["x", "y"]))),
        }  # fmt: skip
        found.append({key: value for key, value in event.items() if value is not None})
    return found


@st.composite
def statements(draw: st.DrawFn) -> list[dict[str, Any]]:
    choices = [
        lambda: said("agree_hours", from_=draw(st.sampled_from(["06:00", "09:00", "19:00"])),
                     to=draw(st.sampled_from(["12:00", "21:00", "23:30"])),
                     form=draw(st.sampled_from(["specific", "standard_clause"]))),
        lambda: said("agree_frequency", per_day=draw(st.integers(0, 9))),
        lambda: said("refuse_contact", by="c1"),
        lambda: said("offer_to_pay", by="c1"),
        lambda: said("dispute", debt="d1"),
        lambda: dict(VISIT_CONSENT),
        lambda: said("request_callback", from_="2026-03-02T21:30:00+08:00", until="2026-03-02T23:00:00+08:00"),
        lambda: said("agree_frequency", per_day=draw(st.integers(1, 9)), point="m1", until="2026-03-01"),
        lambda: said("refuse_medium", channel=draw(st.sampled_from(["sms", "voice"])), at="2026-03-01T10:00:00+08:00"),
        lambda: said("refuse_point", point=draw(st.sampled_from(["m1", "mc1", "h1"]))),
        lambda: said("inconvenient_time", from_=draw(st.sampled_from(["06:00", "12:00", "20:00"])),
                     to=draw(st.sampled_from(["09:00", "14:00"])), days=draw(st.sampled_from([["MON"], ["TUE"]]))),
        lambda: said(draw(st.sampled_from(["employer_prohibits", "cease", "refuse_contact"]))),
        lambda: said("inconvenient_place", place="home"),
    ]  # fmt: skip
    made = [choice() for choice in draw(st.lists(st.sampled_from(choices), max_size=3))]
    return sorted(made, key=lambda one: str(one["at"]))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    channel = draw(st.sampled_from(["voice", "voice", "voice", "sms", "letter", "visit"]))
    at = START + timedelta(days=1, minutes=draw(st.integers(0, 24 * 60 - 1)))
    party = draw(st.sampled_from(["p1", "p1", "c1"]))
    document = contact(
        draw(st.sampled_from(PROFILES)),
        events=draw(events()),
        statements=draw(statements()),
        debtor={"time_zones": draw(st.sampled_from([["Asia/Shanghai"], ["Asia/Tokyo"], ["America/New_York"]])),
                "state": draw(st.sampled_from(["normal", "normal", "normal", *DEBTOR_STATES]))},
        parties=[DEBTOR, {**CONTACT, "named_by_debtor": draw(flags)}],
        points=[MOBILE, {"id": "m2", "party": "p1", "kind": "mobile", "source": "given"}, CONTACT_MOBILE, HOME],
        at=at.isoformat(), channel=channel, party=party,
        point="mc1" if party == "c1" else "h1" if channel == "visit" else draw(st.sampled_from(["m1", "m2"])),
        purpose=draw(st.sampled_from(["collect", "locate", "answer_request", *PURPOSES])),
        discloses_debt=draw(flags), form=draw(st.sampled_from(["notification", "interactive"])), robot=draw(flags),
        content=draw(st.lists(st.sampled_from(MARKS), max_size=1)),
    )  # fmt: skip
    if channel == "visit":
        document["proposed"] |= {"team_size": draw(st.integers(1, 3)), "id_shown": draw(flags), "place": "home"}
    if draw(st.booleans()):
        end = at + timedelta(minutes=draw(st.integers(0, 90)))
        document["proposed"]["expected_end_at"] = end.isoformat()
    for key in draw(st.lists(st.sampled_from(["discloses_debt", "content", "recording"]), max_size=1)):
        document["proposed"].pop(key, None)
    return document


def asked(document: dict[str, Any], law: Law | None = None) -> Decision:
    return decide(parse_case(document), law or load_law(document["profile"]))


@RUN
@given(documents())
def test_strict_is_never_milder_than_text(document):
    strict, text = asked(document), asked({**document, "reading": "text"})
    assert SEVERITY[strict.verdict] >= SEVERITY[text.verdict]


@RUN
@given(documents())
def test_forbid_beats_hold_beats_permit(document):
    decision = asked(document)
    worst = max((SEVERITY[reason.effect] for reason in decision.reasons), default=0)
    assert SEVERITY[decision.verdict] == worst
    assert (decision.hold_for is not None) == (decision.verdict is Verdict.HOLD)
    assert not any(fact.startswith("engine") for fact in decision.unknown)


@RUN
@given(documents())
def test_the_next_permitted_instant_permits_and_the_second_before_does_not(document):
    decision = asked(document)
    opens = decision.next_permitted_at
    assert (opens is None) or decision.verdict is not Verdict.PERMIT
    if opens is not None:
        assert opens.microsecond == 0
        assert asked(moved(document, opens)).verdict is Verdict.PERMIT
        before = opens - timedelta(seconds=1)
        if before > parse_case(document).proposed.at:
            assert asked(moved(document, before)).verdict is not Verdict.PERMIT


@settings(RUN, max_examples=25)
@given(documents())
def test_no_instant_before_the_next_permitted_one_permits(document):
    decision = asked(document)
    if decision.verdict is Verdict.PERMIT:
        return
    at = parse_case(document).proposed.at
    ends = decision.next_permitted_at or at + timedelta(days=3)
    step = timedelta(minutes=37)
    while at < ends:
        assert asked(moved(document, at)).verdict is not Verdict.PERMIT
        at += step


def turned(pack: Pack) -> Pack:
    articles = tuple(replace(article, rules=article.rules[::-1]) for article in pack.articles[::-1])
    return replace(pack, articles=articles)


@cache
def turned_law(profile: str) -> Law:
    """A law keeps the rules of a day with their numbers; one made for each example would fill them in anew."""
    law = load_law(profile)
    return replace(law, packs=tuple(turned(pack) for pack in law.packs[::-1]))


@cache
def laws_of_a_pack_less(profile: str) -> list[Law]:
    law = load_law(profile)
    kept = [tuple(other for other in law.packs if other is not pack) for pack in law.packs]
    return [replace(law, packs=packs) for packs in kept if packs]


@RUN
@given(documents())
def test_the_order_of_rules_and_packs_does_not_matter(document):
    first, second = asked(document), asked(document, turned_law(document["profile"]))
    assert first.reasons == second.reasons
    assert (first.verdict, first.next_permitted_at, first.must_end_by) == (
        second.verdict, second.next_permitted_at, second.must_end_by,
    )  # fmt: skip


@RUN
@given(documents())
def test_a_rule_that_says_more_never_permits_more(document):
    """Leaving a pack out may permit; adding one never does."""
    whole = SEVERITY[asked(document).verdict]
    for fewer in laws_of_a_pack_less(document["profile"]):
        assert SEVERITY[asked(document, fewer).verdict] <= whole


@settings(RUN, max_examples=60)
@given(documents())
def test_without_any_pack_nothing_is_permitted(document):
    law = load_law(document["profile"])
    nothing = replace(law, packs=(), missing=tuple(pack.id for pack in law.packs))
    decision = asked(document, nothing)
    assert decision.verdict is Verdict.HOLD
    assert decision.next_permitted_at is None
    assert decision.unknown


@settings(RUN, max_examples=40)
@given(documents(), st.sampled_from(["cap_state", "gate_state", "window_state", "cooldown_state"]))
def test_an_error_inside_the_engine_never_permits_what_is_not_permitted(document, broken):
    whole = asked(document)
    with patch(f"zhizhi.core.conduct.record.{broken}", side_effect=ArithmeticError("broken on purpose")) as failed:
        decision = asked(document)
    if failed.called:
        assert decision.verdict is not Verdict.PERMIT
        assert any(fact.startswith("engine.") for fact in decision.unknown)
    else:
        assert decision.verdict is whole.verdict


@RUN
@given(documents(), st.integers(0, 600))
def test_one_more_outbound_call_to_the_debtor_never_opens_a_contact_with_him(document, minutes):
    if document["proposed"]["party"] != "p1":
        return  # failed dials do open the way to a contact person: that is what the gate is for
    at = datetime.fromisoformat(document["proposed"]["at"]) - timedelta(minutes=minutes)
    more = {
        "id": "more", "at": at.isoformat(), "channel": "voice", "direction": "out", "party": "p1", "point": "m1",
        "outcome": "connected",
    }  # fmt: skip
    for event in document["events"]:
        event.pop("physical", None)
    added = {**document, "events": sorted([*document["events"], more], key=lambda e: datetime.fromisoformat(e["at"]))}
    first = any(event["party"] == "p1" and event["direction"] == "out" for event in document["events"])
    callback = any(one["kind"] == "request_callback" for one in document["statements"])
    if first and not callback:
        assert SEVERITY[asked(added).verdict] >= SEVERITY[asked(document).verdict]


@RUN
@given(documents())
def test_a_decision_is_replayed_byte_for_byte(document):
    assert asked(document).to_document() == asked(document).to_document()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_missing_fact_is_never_better_than_the_best_and_never_worse_than_the_worst(profile):
    for key, values in (("discloses_debt", [True, False]), ("recording", ["on", "off"]), ("team_size", [1, 2])):
        whole = contact(profile, party="c1", point="mc1", purpose="locate")
        verdicts = [
            SEVERITY[asked({**whole, "proposed": {**whole["proposed"], key: value}}).verdict] for value in values
        ]
        whole["proposed"].pop(key, None)
        assert min(verdicts) <= SEVERITY[asked(whole).verdict] <= max(verdicts)
