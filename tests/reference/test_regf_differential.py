"""Regulation F against a second reading of its rules of time and frequency that was written from the format alone.

What is compared is what each rule says, so that a rule which another one hides is judged too.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from law.regf import DEBTS, PARTIES, POINTS, consumer_contact
from reference import regf_naive as naive
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.store.packs import load_law

RUN = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
RULES = {
    "contact-hours": (naive.outside_hours, "forbid"),
    "inconvenient-time": (naive.at_a_bad_time, "forbid"),
    "calls-in-seven-days": (naive.over_seven, "presumed_violation"),
    "days-after-a-talk": (naive.after_a_talk, "presumed_violation"),
    "rapid-succession": (naive.in_rapid_succession, "warning"),
    "concentrated-calls": (naive.seventh_of_the_day, "warning"),
}
ZONES = [
    ["America/New_York"], ["America/New_York"], ["America/Los_Angeles", "America/New_York"], ["Pacific/Honolulu"],
    ["America/Phoenix", "America/Denver"],
]  # fmt: skip
EDGES = ["00:00:00", "07:59:59", "08:00:00", "08:00:01", "12:00:00", "15:00:00", "17:00:00", "17:00:01", "20:59:59",
         "21:00:00", "21:00:01", "23:59:59"]  # fmt: skip
OUTCOMES = [
    "no_answer", "no_answer", "conversation", "conversation", "connected", "answered_dropped", "busy",
    "voicemail_limited", "voicemail_debt",
]  # fmt: skip
BAD_HOURS = [{}, {"from": "15:00"}, {"days": ["SUN", "WED"]}, {"days": ["MON"], "from": "08:00"}]
CHANNELS = ["voice", "voice", "voice", "ringless_voicemail", "sms"]
DAYS = [f"2026-03-{day:02d}" for day in range(1, 12)]  # the clock goes forward on the eighth


def instants(days: list[str]) -> st.SearchStrategy[str]:
    zone = st.sampled_from(["-05:00", "-04:00", "-07:00"])
    return st.tuples(st.sampled_from(days), st.sampled_from(EDGES), zone).map(lambda p: f"{p[0]}T{p[1]}{p[2]}")


@st.composite
def events(draw: st.DrawFn, open_facts: bool, most: int = 10) -> list[dict[str, Any]]:
    found, left_open = [], 0
    for n, at in enumerate(sorted(draw(st.lists(instants(DAYS), max_size=most)), key=naive.instant)):
        party = draw(st.sampled_from(["p1", "p1", "p1", "n1"]))
        event: dict[str, Any] = {
            "id": f"e{n}", "at": at, "channel": draw(st.sampled_from(["voice"] * 5 + ["ringless_voicemail", "sms"])),
            "direction": draw(st.sampled_from(["out"] * 5 + ["in"])), "party": party,
            "point": "nm1" if party == "n1" else draw(st.sampled_from(["m1", "m1", "m1", "x1"])),
            "debts": draw(st.sampled_from([["d1"], ["d1"], ["d2"], ["d3"], ["d4"], ["d1", "d2"]])),
            "by": draw(st.sampled_from(["agency-1", "agency-1", "agency-2"])),
        }  # fmt: skip
        is_open = open_facts and left_open < 2 and draw(st.integers(0, 3)) == 0
        if not is_open:
            event |= {"outcome": draw(st.sampled_from(OUTCOMES)), "exchanged": draw(st.booleans())}
            event["about_debt"] = draw(st.booleans())
        left_open += is_open
        if len(event["debts"]) > 1 and not (is_open and draw(st.booleans())):
            event["attributed_to"] = draw(st.sampled_from(event["debts"]))
        if is_open:
            event["debts"] = event["debts"][:1]
            event.pop("attributed_to", None)
        if draw(st.integers(0, 7)) == 0:
            event["physical"] = draw(st.sampled_from(["x", "y"]))
        found.append(event)
    return found


@st.composite
def statements(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for _ in range(draw(st.integers(0, 2))):
        at = draw(instants(DAYS[:9]))
        kind = draw(st.sampled_from(["bad", "bad", "consent", "time"]))
        said: dict[str, Any] = {"at": at, "by": draw(st.sampled_from(["p1", "p1", "n1"]))}
        if kind == "bad":
            said |= {"kind": "inconvenient_time", "to": draw(st.sampled_from(["17:00", "12:00", "24:00"]))}
            said |= draw(st.sampled_from(BAD_HOURS))
        elif kind == "consent":
            said |= {"kind": "consent_calls", "told": draw(st.sampled_from(["collector", "collector", "creditor"]))}
            said |= draw(st.sampled_from([{}, {"from": "2026-03-08"}, {"until": "2026-03-09"}]))
        else:
            said |= {"kind": "consent_time", "from": "2026-03-08T05:00:00-04:00", "until": "2026-03-10T22:30:00-04:00"}
        if not any(one["kind"] == said["kind"] and one["by"] == said["by"] for one in made):
            made.append(said)
    fits = [one for one in made if "from" not in one or one["kind"] != "consent_calls" or one["at"][:10] <= one["from"]]
    return sorted(fits, key=lambda one: naive.instant(one["at"]))


@st.composite
def documents(draw: st.DrawFn, open_facts: bool = False) -> dict[str, Any]:
    party = draw(st.sampled_from(["p1", "p1", "p1", "n1", "a1"]))
    document = consumer_contact(
        reading=draw(st.sampled_from(["strict", "text"])),
        debtor={"time_zones": draw(st.sampled_from(ZONES)), "state": "normal"},
        debts=draw(st.sampled_from([DEBTS, [*DEBTS[:2], {**DEBTS[2], "group": "g"}, DEBTS[3]]])),
        parties=PARTIES, points=POINTS, events=draw(events(open_facts)),
        statements=[] if open_facts else draw(statements()),
        party=party, point={"p1": "m1", "n1": "nm1", "a1": "am1"}[party],
        at=draw(instants(DAYS[6:])), channel=draw(st.sampled_from(CHANNELS)),
        debts_of=draw(st.sampled_from([["d1"], ["d2"], ["d3"], ["d1"] if open_facts else ["d1", "d2"]])),
    )  # fmt: skip
    if draw(st.booleans()):
        end = naive.instant(document["proposed"]["at"]) + naive.timedelta(minutes=draw(st.integers(0, 40)))
        document["proposed"]["expected_end_at"] = end.isoformat()
    return document


@st.composite
def crowded(draw: st.DrawFn, open_facts: bool = False) -> dict[str, Any]:
    """About seven calls within about seven days, some of them early or late on their day."""
    document = draw(documents(open_facts))
    days = draw(st.lists(st.sampled_from(DAYS[2:8] * 2 + DAYS[:2]), min_size=7, max_size=9))
    outcomes = ["no_answer"] * 6 + ["busy", "voicemail_debt", "answered_dropped"]
    found = [
        {
            "at": f"{day}T{draw(st.sampled_from(['00:30:00', '12:00:00', '23:30:00']))}-05:00", "channel": "voice",
            "direction": "out", "party": "p1", "point": draw(st.sampled_from(["m1"] * 8 + ["x1"])),
            "debts": draw(st.sampled_from([["d1"]] * 4 + [["d1", "d2"]])), "attributed_to": "d1",
            "about_debt": False, "outcome": draw(st.sampled_from(outcomes)), "exchanged": False,
            "by": draw(st.sampled_from(["agency-1"] * 9 + ["agency-2"])),
        }
        for day in days
    ]  # fmt: skip
    for event in draw(st.lists(st.sampled_from(found), max_size=2, unique_by=id)) if open_facts else ():
        event.pop(draw(st.sampled_from(["outcome", "attributed_to"])))
        event["about_debt"] = False
    document["events"] = sorted(found, key=lambda event: naive.instant(event["at"]))
    for n, event in enumerate(document["events"]):
        event["id"] = f"e{n}"
    document["proposed"] |= {"channel": "voice", "party": "p1", "point": "m1", "debts": ["d1"]}
    return document


@st.composite
def talked(draw: st.DrawFn, open_facts: bool = False) -> dict[str, Any]:
    """Calls of about a week of which one or two may have been talks, begun by either side."""
    document = draw(crowded(open_facts))
    for event in draw(st.lists(st.sampled_from(document["events"]), min_size=1, max_size=2, unique_by=id)):
        event |= {"exchanged": draw(st.booleans()), "about_debt": draw(st.booleans())}
        event["direction"] = draw(st.sampled_from(["out", "in"]))
        if "outcome" in event:
            event["outcome"] = draw(st.sampled_from(["conversation", "conversation", "connected", "answered_dropped"]))
    document["events"] = draw(st.sampled_from([document["events"], document["events"][:3]]))
    return document


@st.composite
def hurried(draw: st.DrawFn) -> dict[str, Any]:
    """Up to seven calls of one day, the last ones minutes before the contact."""
    document = draw(documents())
    at = naive.instant("2026-03-10T11:00:00-04:00")
    backs = draw(st.lists(st.sampled_from([1, 299, 300, 301, 3_600, 39_599, 39_600, 39_601]), min_size=4, max_size=8))
    document["events"] = [
        {
            "id": f"e{n}", "at": (at - naive.timedelta(seconds=back)).isoformat(), "channel": "voice",
            "direction": "out", "party": "p1", "point": "m1", "debts": draw(st.sampled_from([["d1"], ["d2"]])),
            "outcome": draw(st.sampled_from(["no_answer", "connected", "voicemail_full", "connected", "busy"])),
        }
        for n, back in enumerate(sorted(backs, reverse=True))
    ]  # fmt: skip
    document["debtor"]["time_zones"] = ["America/New_York"]
    document["proposed"] |= {"channel": "voice", "party": "p1", "point": "m1", "at": at.isoformat()}
    document["proposed"].pop("expected_end_at", None)
    return document


def told(document: dict[str, Any], label: str) -> str:
    decision = decide(parse_case(document), load_law("us.regf"))
    for reason in decision.reasons:
        if reason.rule.endswith(f"/{label}"):
            return "open" if reason.effect == "hold" else reason.effect.value
    return "warning" if any(one.code.endswith(f"/{label}") for one in decision.warnings) else "kept"


def agrees(document: dict[str, Any], label: str) -> None:
    rule, breach = RULES[label]
    wanted = naive.says(document, rule)
    if breach == "warning":
        wanted = "kept" if wanted == "kept" else breach
    assert told(document, label) == {"broken": breach}.get(wanted, wanted)


@pytest.mark.parametrize("label", ["contact-hours", "inconvenient-time", "days-after-a-talk"])
@RUN
@given(document=documents())
def test_a_rule_says_what_its_plain_reading_says(label, document):
    agrees(document, label)


@pytest.mark.parametrize("open_facts", [False, True], ids=["known", "open"])
@RUN
@given(data=st.data())
def test_days_after_a_talk_agree_about_a_week_after(open_facts, data):
    agrees(data.draw(talked(open_facts)), "days-after-a-talk")


@pytest.mark.parametrize("open_facts", [False, True], ids=["known", "open"])
@RUN
@given(data=st.data())
def test_seven_in_seven_agrees_where_it_is_crowded(open_facts, data):
    agrees(data.draw(crowded(open_facts)), "calls-in-seven-days")


@pytest.mark.parametrize("label", ["rapid-succession", "concentrated-calls"])
@RUN
@given(document=hurried())
def test_warnings_of_a_hurried_day_agree(label, document):
    agrees(document, label)
