"""The engine against a second reading of its central rules that was written from the format alone.

What is compared is the effect of each rule, so that a rule which another one hides is judged too.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from law.contacts import contact, said
from reference import conduct_naive as naive
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.store.packs import load_law

RUN = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
BOTH_PACKS = "cn.bank.online"
DAYS = ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
EDGES = [
    "00:00:00", "00:00:01", "07:00:00", "07:59:59", "08:00:00", "09:00:00", "09:59:59", "10:00:00", "13:00:00",
    "21:29:59", "21:30:00", "21:59:59", "22:00:00", "23:30:00", "23:59:59",
]  # fmt: skip
CLOCKS = ["00:00", "06:00", "08:00", "09:30", "12:00", "20:00", "22:00", "23:30", "24:00"]
RULES = {
    "contact-hours": naive.outside_hours,
    "valid-calls-per-day": naive.valid_calls_full,
    "notices-per-day": naive.notices_full,
    "dials-per-day": naive.dials_full,
    "letter-interval": naive.letter_too_soon,
    "refused": naive.refused,
    "lost-contact-gate": naive.not_lost,
}
DEBTS = [
    {"id": "d1", "lender": "L1", "product": "P1", "state": "overdue"},
    {"id": "d2", "lender": "L1", "product": "P2", "state": "not_due"},
    {"id": "d3", "lender": "L2", "product": "P1", "state": "overdue"},
]
PARTIES = [
    {"id": "p1", "role": "debtor"},
    {"id": "b1", "role": "co_borrower", "liability_evidence": True},
    {"id": "c1", "role": "contact", "named_by_debtor": True},
]
OUTCOMES = [
    "conversation", "connected", "answered_dropped", "no_answer", "no_answer", "no_answer", "busy", "not_in_service",
    "rejected", "voicemail_full",
]  # fmt: skip


def instants(days: list[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(days), st.sampled_from(EDGES)).map(lambda parts: f"{parts[0]}T{parts[1]}+08:00")


def some(draw: st.DrawFn, strategy: st.SearchStrategy[Any], document: dict[str, Any], key: str) -> None:
    if draw(st.booleans()):
        document[key] = draw(strategy)


@st.composite
def histories(draw: st.DrawFn, days: list[str]) -> list[dict[str, Any]]:
    found, open_ones = [], 0
    for n, at in enumerate(sorted(draw(st.lists(instants(days), max_size=9)))):
        channel = draw(st.sampled_from(["voice"] * 6 + ["visit", "letter", "sms"]))
        inbound = draw(st.integers(0, 9)) == 0
        party = draw(st.sampled_from(["p1", "p1", "p1", "b1"]))
        event: dict[str, Any] = {
            "id": f"e{n}", "at": at, "channel": channel, "direction": "in" if inbound else "out", "party": party,
            "point": "mb1" if party == "b1" else draw(st.sampled_from(["m1", "m1", "m1", "m2"])),
            "form": draw(st.sampled_from(["interactive", "interactive", "notification"])), "robot": draw(st.booleans()),
            "by": draw(st.sampled_from(["L1", "L1", "A1"])),
        }  # fmt: skip
        some(draw, st.sampled_from([["d1"], ["d2"], ["d3"], ["d1", "d3"]]), event, "debts")
        if channel == "voice":
            is_open = open_ones < 2 and draw(st.integers(0, 5)) == 0
            open_ones += is_open
            if not is_open:
                event["outcome"] = draw(st.sampled_from(OUTCOMES))
                event["talk_seconds"] = draw(st.sampled_from([0, 5, 6, 60]))
                event["exchanged"] = event["outcome"] == "conversation" or draw(st.booleans())
            if draw(st.integers(0, 3)) == 0:
                event["physical"] = draw(st.sampled_from(["x", "y"]))
            if draw(st.integers(0, 9)) == 0:
                event["purpose"] = "remind"
            if draw(st.integers(0, 9)) == 0 and n:
                event["on_call"] = f"e{draw(st.integers(0, n - 1))}"
        elif channel == "visit":
            event["outcome"] = draw(st.sampled_from(["met", "nobody_met"]))
        elif channel == "letter" and draw(st.integers(0, 5)) == 0:
            event["purpose"] = "serve"
        found.append(event)
    return found


@st.composite
def wishes(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(
            st.sampled_from(["hours", "hours", "hours", "number", "callback", "refusal", "offer", "withdrawal"])
        )
        keys: dict[str, Any] = {"at": draw(instants(DAYS)), "by": draw(st.sampled_from(["p1", "p1", "p1", "b1", "c1"]))}
        if kind == "hours":
            keys |= {"from_": draw(st.sampled_from(CLOCKS[:-1])), "to": draw(st.sampled_from(CLOCKS))}
            keys["form"] = draw(st.sampled_from(["specific", "standard_clause"]))
            some(draw, st.sampled_from([["MON"], ["SUN", "MON"], ["TUE"]]), keys, "days")
            some(draw, st.sampled_from(["2026-03-02", "2026-03-01", "2026-03-02T09:00:00+08:00"]), keys, "until")
            if draw(st.integers(0, 3)) == 0:
                keys["on"] = draw(st.sampled_from(["2026-03-01", "2026-03-02"]))
            made.append(said("agree_hours", **keys))
        elif kind == "number":
            some(draw, st.sampled_from(["m1", "m2"]), keys, "point")
            some(draw, st.sampled_from(["2026-03-02", "2026-03-01"]), keys, "until")
            if draw(st.integers(0, 3)) == 0:
                keys["on"] = "2026-03-02"
            made.append(said("agree_frequency", per_day=draw(st.integers(0, 8)), **keys))
        elif kind == "callback":
            some(draw, st.sampled_from(["2026-03-02T07:00:00+08:00", "2026-03-02T21:30:00+08:00"]), keys, "from_")
            some(draw, st.sampled_from(["2026-03-02T22:30:00+08:00", "2026-03-03T00:00:00+08:00"]), keys, "until")
            some(draw, st.sampled_from(["m1", "m2"]), keys, "point")
            made.append(said("request_callback", **keys))
        elif kind == "refusal":
            made.append(said(draw(st.sampled_from(["refuse_contact", "cease"])), **keys))
        elif kind == "offer":
            made.append(said("offer_to_pay", **keys))
        else:
            made.append(said("withdraw", of=draw(st.sampled_from(["agree_hours", "refuse_contact"])), **keys))
    return sorted(made, key=lambda one: str(one["at"]))


@st.composite
def cases(draw: st.DrawFn, days: list[str] = DAYS) -> dict[str, Any]:
    party = draw(st.sampled_from(["p1", "p1", "b1", "c1"]))
    channel = draw(st.sampled_from(["voice", "voice", "voice", "letter", "sms"]))
    mobile = {"id": "m1", "party": "p1", "kind": "mobile", "reserved": True, "source": "contract"}
    second = {"id": "m2", "party": "p1", "kind": "landline", "source": draw(st.sampled_from(["given", "purchased"]))}
    for number in (mobile, second):
        if draw(st.integers(0, 4)) == 0:
            number["invalid_since"] = draw(instants(DAYS))
    others = [{"id": f"m{name}", "party": name, "kind": "mobile", "source": "contract"} for name in ("b1", "c1")]
    at = draw(instants(["2026-03-02"]))
    document = contact(
        BOTH_PACKS,
        draw(st.sampled_from(["strict", "text"])),
        debtor={"time_zones": draw(st.sampled_from([
            ["Asia/Shanghai"], ["Asia/Urumqi"], ["Asia/Shanghai", "Asia/Tokyo"], ["Europe/London"],
            ["America/New_York"],
        ])), "state": "normal"},
        debts=DEBTS, parties=PARTIES, points=[mobile, second, *others],
        statements=draw(wishes()), events=draw(histories(days)),
        at=at, channel=channel, party=party,
        point=draw(st.sampled_from(["m1", "m2"])) if party == "p1" else f"m{party}",
        purpose=draw(st.sampled_from(["collect", "collect", "locate", "answer_request", "remind", "serve"])),
        form=draw(st.sampled_from(["interactive", "notification"])), robot=draw(st.booleans()),
    )  # fmt: skip
    some(draw, st.sampled_from([["d1"], ["d2"], ["d3"], ["d1", "d2"]]), document["proposed"], "debts")
    if draw(st.booleans()):
        end = naive.instant(at) + naive.timedelta(minutes=draw(st.sampled_from([0, 1, 30, 31, 600])))
        document["proposed"]["expected_end_at"] = end.isoformat()
    return document


def effects(document: dict[str, Any], label: str) -> set[str]:
    """What each pack's rule of a label says; a rule that is silent permits. Of the two gates that of the guideline."""
    law = load_law(document["profile"])
    said_by = {reason.rule: reason.effect.value for reason in decide(parse_case(document), law).reasons}
    ids = [
        rule.id for pack in law.packs for rule in pack.rules
        if rule.label == label and (label != "lost-contact-gate" or pack.id == "cn.cba2026")
    ]  # fmt: skip
    return {said_by.get(rule, "permit") for rule in ids}


CROWDED = ["08:00:00", "08:59:59", "09:00:00", "09:30:00", "10:00:00", "11:00:00", "12:00:00", "23:59:59"]
ANSWERED = ["conversation", "conversation", "connected", "answered_dropped", "voicemail_full", "no_answer"]
SILENT = ["no_answer", "no_answer", "no_answer", "no_answer", "not_in_service", "busy", "rejected", "voicemail_full"]


@st.composite
def crowded(draw: st.DrawFn, outcomes: list[str], party: str = "p1") -> dict[str, Any]:
    """A call after a day of many calls, on both sides of its caps."""
    document = draw(cases(days=["2026-03-02"]))
    events: list[dict[str, Any]] = []
    for n, (day, at) in enumerate(sorted(draw(st.lists(st.tuples(
        st.sampled_from(["2026-03-01", *["2026-03-02"] * 6]), st.sampled_from(CROWDED)), min_size=5, max_size=11,
    )))):  # fmt: skip
        event: dict[str, Any] = {
            "id": f"e{n}", "at": f"{day}T{at}+08:00", "channel": "voice", "direction": "out", "party": party,
            "point": "m1" if n % 4 else draw(st.sampled_from(["m1", "m2"])), "by": draw(st.sampled_from(["L1", "A1"])),
            "robot": draw(st.integers(0, 4)) == 0, "form": draw(st.sampled_from(["interactive", "notification"])),
        }  # fmt: skip
        if draw(st.integers(0, 7)):
            event["outcome"] = draw(st.sampled_from(outcomes))
            event["talk_seconds"] = draw(st.sampled_from([5, 6, 60, 60]))
            event["exchanged"] = event["outcome"] == "conversation" or draw(st.booleans())
            if n < 2 and draw(st.booleans()):
                del event[draw(st.sampled_from(["talk_seconds", "exchanged"]))]
        elif sum("outcome" not in other for other in events) > 1:
            continue
        if draw(st.integers(0, 4)) == 0:
            event |= {"physical": draw(st.sampled_from(["x", "y"])), "debts": [draw(st.sampled_from(["d1", "d3"]))]}
        events.append(event)
    document["events"] = events
    document["proposed"] |= {"channel": "voice", "party": party, "point": "m1" if party == "p1" else "mb1"}
    document["proposed"] |= {"at": draw(st.sampled_from(["2026-03-02T12:00:00+08:00", "2026-03-02T21:59:59+08:00"]))}
    document["proposed"].pop("expected_end_at", None)
    return document


@st.composite
def letters(draw: st.DrawFn) -> dict[str, Any]:
    """A letter after letters about the same and other products, about a week apart."""
    document = draw(cases())
    days = sorted(draw(st.lists(st.integers(4, 10), min_size=1, max_size=3)), reverse=True)
    document["events"] = [
        {
            "id": f"e{n}", "at": f"2026-03-{12 - back:02d}T{draw(st.sampled_from(['00:00:00', '23:59:59']))}+08:00",
            "channel": "letter", "direction": "out", "party": draw(st.sampled_from(["p1", "p1", "b1"])),
            "debts": [draw(st.sampled_from(["d1", "d2", "d3"]))],
            "purpose": draw(st.sampled_from(["collect", "collect", "serve"])),
        }
        for n, back in enumerate(days)
    ]  # fmt: skip
    document["events"].sort(key=lambda event: event["at"])
    at = f"2026-03-12T{draw(st.sampled_from(['00:00:00', '08:00:00', '23:59:59']))}+08:00"
    document["proposed"] |= {"channel": "letter", "party": "p1", "point": "m1", "at": at}
    document["proposed"].pop("expected_end_at", None)
    return document


@st.composite
def asked_of_others(draw: st.DrawFn) -> dict[str, Any]:
    """A question to a contact person after dials to the debtor that mostly failed."""
    document = draw(cases())
    events: list[dict[str, Any]] = []
    for n, at in enumerate(sorted(draw(st.lists(instants(DAYS), max_size=9)))):
        kind = draw(st.sampled_from(["dial"] * 12 + ["in", "open", "visit", "other lender"]))
        event: dict[str, Any] = {
            "id": f"e{n}", "at": at, "channel": "visit" if kind == "visit" else "voice", "party": "p1",
            "direction": "in" if kind == "in" else "out", "point": draw(st.sampled_from(["m1", "m1", "m1", "m2"])),
        }  # fmt: skip
        if kind == "visit":
            event["outcome"] = draw(st.sampled_from(["met", "nobody_met"]))
        elif kind != "open" or sum("outcome" not in other for other in events) > 1:
            event["outcome"] = draw(st.sampled_from(SILENT))
        if kind == "other lender":
            event["debts"] = ["d3"]
        events.append(event)
    document["events"] = events
    if draw(st.booleans()):
        document["points"][1]["misdirected"] = True
        for event in events:
            event["point"] = "m1"
    at = draw(instants(["2026-03-02", "2026-03-03"]))
    document["proposed"] |= {"party": "c1", "point": "mc1", "purpose": "locate", "at": at, "debts": ["d1"]}
    document["proposed"].pop("expected_end_at", None)
    if draw(st.integers(0, 5)) == 0:
        document["statements"] = [said("refuse_contact", by="c1"), *document["statements"]]
    if draw(st.integers(0, 9)) == 0:
        document["statements"] = [said("offer_to_pay", by="c1"), *document["statements"]]
        document["proposed"]["purpose"] = "answer_request"
    return document


def agrees(document: dict[str, Any], label: str) -> None:
    assert effects(document, label) == {naive.verdict(document, RULES[label])}


@pytest.mark.parametrize("label", RULES)
@RUN
@given(document=cases())
def test_a_rule_says_what_its_plain_reading_says(label, document):
    agrees(document, label)


@pytest.mark.parametrize("label", ["valid-calls-per-day", "notices-per-day"])
@pytest.mark.parametrize("party", ["p1", "b1"])
@RUN
@given(data=st.data())
def test_caps_of_talks_agree_on_a_crowded_day(label, party, data):
    agrees(data.draw(crowded(ANSWERED, party)), label)


@RUN
@given(document=crowded(SILENT))
def test_the_cap_of_dials_agrees_on_a_crowded_day(document):
    agrees(document, "dials-per-day")


@RUN
@given(document=letters())
def test_letters_agree_about_a_week_apart(document):
    agrees(document, "letter-interval")


@pytest.mark.parametrize("label", ["lost-contact-gate", "refused"])
@RUN
@given(document=asked_of_others())
def test_the_way_to_third_persons_opens_and_closes_as_the_plain_reading_does(label, document):
    agrees(document, label)
