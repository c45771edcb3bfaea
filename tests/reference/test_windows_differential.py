"""Every window and key that a cap, a cooldown or a precondition may have, against listing events one by one.

The law here is made for the test: one rule, whose numbers and keys are drawn.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from law.regf import consumer_contact
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import Decision, decide
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import KEYS
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack_files import parse_pack

RUN = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
ZONES = ["America/New_York", "Asia/Shanghai", "Pacific/Honolulu"]
START = datetime(2026, 3, 3, 5, tzinfo=UTC)  # in New York the clock goes forward on the eighth
DEBTS = [
    {"id": "d1", "lender": "L1", "product": "P1", "state": "overdue"},
    {"id": "d2", "lender": "L1", "product": "P2", "state": "overdue"},
    {"id": "d3", "lender": "L2", "product": "P1", "group": "g", "state": "overdue"},
    {"id": "d4", "lender": "L1", "product": "P1", "group": "g", "state": "overdue"},
]
PLACES = {"m1": None, "h1": "home", "h2": "home", "w1": "work", "nm1": None}
POINTS = [
    {"id": "m1", "party": "p1", "kind": "mobile", "source": "contract"},
    {"id": "h1", "party": "p1", "kind": "landline", "source": "contract", "place": "home"},
    {"id": "h2", "party": "p1", "kind": "landline", "source": "given", "place": "home"},
    {"id": "w1", "party": "p1", "kind": "landline", "source": "given", "place": "work"},
    {"id": "nm1", "party": "n1", "kind": "mobile", "source": "public_record"},
]
Document = dict[str, Any]


def law_of(body: str) -> Law:
    """A law of one rule."""
    head = (
        'id = "test.windows"\nversion = "1"\nforce = "house"\nzone = "America/New_York"\ncites = "T"\n'
        'sources = ["own"]\nreviewer = "nobody"\n[title]\nzh = "试"\nen = "test"\n[in_force]\nfrom = 2020-01-01\n'
    )
    article = (
        '---\nrow: R-1\narticle: "1"\nconfirmed: true\nconfidence: high\nsources: [own]\ntitle_en: "one"\n---\n# 一\n'
        f"一。\n\nOne.\n\n```rule\nrule: only\ntopic: frequency\n{body}\nexplain: {{zh: 试, en: test}}\n```\n"
    )
    cases = (
        "- {rule: only, expect: hit, title: hit, with: {reading: text}}\n"
        "- {rule: only, expect: near_miss, title: miss, with: {reading: text}}\n"
    )
    files = {
        "pack.toml": head, "articles/R-1.md": article, "CHANGES.md": "# 1\n", "cases/base.yaml": "profile: us.regf\n",
        "cases/R-1.yaml": cases,
    }  # fmt: skip
    pack = parse_pack({name: text.encode() for name, text in files.items()})
    return Law("us.regf", Text("试", "test"), None, (pack,), ())


@st.composite
def documents(draw: st.DrawFn) -> Document:
    events = []
    for n, minutes in enumerate(sorted(draw(st.lists(st.integers(0, 9 * 288).map(lambda k: 5 * k), max_size=9)))):
        party = draw(st.sampled_from(["p1", "p1", "p1", "n1"]))
        event: Document = {
            "id": f"e{n}", "at": (START + timedelta(minutes=minutes)).isoformat(), "channel": "voice",
            "direction": "out", "party": party, "outcome": draw(st.sampled_from(["no_answer", "no_answer", "busy"])),
            "point": "nm1" if party == "n1" else draw(st.sampled_from(["m1", "h1", "h2", "w1"])),
            "debts": [draw(st.sampled_from(["d1", "d1", "d2", "d3", "d4"]))],
        }  # fmt: skip
        if draw(st.integers(0, 4)) == 0:
            event["by"] = "agency-2"
        if events and "physical" not in events[-1] and draw(st.integers(0, 4)) == 0:
            event |= {"at": events[-1]["at"], "physical": f"call {n}"}
            events[-1]["physical"] = f"call {n}"
        events.append(event)
    at = START + timedelta(days=draw(st.integers(5, 9)), minutes=draw(st.integers(0, 288)) * 5)
    return consumer_contact(
        debtor={"time_zones": [draw(st.sampled_from(ZONES))], "state": "normal"}, debts=DEBTS, points=POINTS,
        events=events, at=at.isoformat(), point=draw(st.sampled_from(["m1", "h1", "w1"])),
        debts_of=draw(st.sampled_from([["d1"], ["d2"], ["d3"], ["d1", "d2"]])),
    )  # fmt: skip


def shares(document: Document, event: Document, key: str, debt: str) -> bool:
    proposed = document["proposed"]
    mine = [one for one in DEBTS if one["id"] in proposed["debts"]]
    other = next(one for one in DEBTS if one["id"] == event["debts"][0])
    return {
        "person": event["party"] == proposed["party"],
        "debtor": event["party"] == "p1",
        "lender": other["lender"] in {one["lender"] for one in mine},
        "collector": event.get("by", "agency-1") == "agency-1",
        "debt": other.get("group", other["id"]) == debt,
        "product": (other["lender"], other["product"]) in {(one["lender"], one["product"]) for one in mine},
        "point": event["point"] == proposed["point"],
        "place": PLACES[event["point"]] == PLACES[proposed["point"]],
    }[key]


def counted(document: Document, per: list[str], debt: str, kind: str = "placed_calls") -> list[Document]:
    at = datetime.fromisoformat(document["proposed"]["at"])
    groups: dict[str, Document] = {}
    for event in document["events"]:
        fits = kind != "placed_calls" or event["outcome"] != "busy"
        if (
            fits
            and datetime.fromisoformat(event["at"]) <= at
            and all(shares(document, event, key, debt) for key in per)
        ):
            groups.setdefault(event.get("physical", event["id"]), event)
    return list(groups.values())


def debts_at_stake(document: Document, per: list[str]) -> list[str]:
    named = [one.get("group", one["id"]) for one in DEBTS if one["id"] in document["proposed"]["debts"]]
    return named if "debt" in per else [""]


def days_back(document: Document, event: Document) -> int:
    zone = ZoneInfo(document["debtor"]["time_zones"][0])
    days = [datetime.fromisoformat(one["at"]).astimezone(zone).date() for one in (document["proposed"], event)]
    return (days[0] - days[1]).days


def minutes_back(document: Document, event: Document) -> float:
    passed = datetime.fromisoformat(document["proposed"]["at"]) - datetime.fromisoformat(event["at"])
    return passed / timedelta(minutes=1)


def said(document: Document, law: Law) -> Decision:
    return decide(parse_case(document), law)


def later(document: Document, at: datetime) -> Document:
    return {**document, "proposed": {**document["proposed"], "at": at.isoformat()}}


def opens_as_soon_as_it_may(document: Document, law: Law, broken: Any) -> None:
    """The verdict is what listing says, and so it is at the next permitted instant and a second before it."""
    decision = said(document, law)
    assert (decision.verdict == "forbid") == broken(document)
    opens = decision.next_permitted_at
    if opens is not None:
        assert not broken(later(document, opens))
        before = opens - timedelta(seconds=1)
        if before > datetime.fromisoformat(document["proposed"]["at"]):
            assert broken(later(document, before))


keys = st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=4, unique=True)


@RUN
@given(documents(), keys, st.integers(1, 9), st.integers(1, 4), st.booleans())
def test_a_cap_counts_what_falls_into_its_window_and_shares_its_key(document, per, length, limit, by_days):
    window = f"days: {length}" if by_days else f"minutes: {length * 600}"
    law = law_of(f"cap: {{limit: {limit}, count: placed_calls, {window}, per: [{', '.join(per)}]}}")

    def full(one: Document) -> bool:
        def within(event: Document) -> bool:
            return days_back(one, event) < length if by_days else minutes_back(one, event) < length * 600

        return any(
            sum(map(within, counted(one, per, debt))) >= limit for debt in debts_at_stake(one, per)
        )  # fmt: skip

    opens_as_soon_as_it_may(document, law, full)


@RUN
@given(documents(), keys, st.integers(1, 9))
def test_a_cooldown_bars_the_days_after_the_latest_event(document, per, days):
    law = law_of(f"cooldown: {{days: {days}, count: placed_calls, per: [{', '.join(per)}]}}")

    def barred(one: Document) -> bool:
        return any(
            days_back(one, event) < days for debt in debts_at_stake(one, per) for event in counted(one, per, debt)
        )

    opens_as_soon_as_it_may(document, law, barred)


@RUN
@given(documents(), keys, st.integers(0, 9))
def test_what_has_to_come_first_opens_after_its_days(document, per, days):
    law = law_of(f"after: {{days: {days}, count: contacts, per: [{', '.join(per)}]}}")

    def missing(one: Document) -> bool:
        return not all(
            any(days_back(one, event) >= days for event in counted(one, per, debt, "contacts"))
            for debt in debts_at_stake(one, per)
        )

    opens_as_soon_as_it_may(document, law, missing)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("cap: {limit: 1, count: talks, days: 7, minutes: 5}", "a cap has one window"),
        ("cap: {limit: 1, count: talks, per: [street]}", "unknown word `street`"),
        ("cap: {limit: 1, count: smiles}", "unknown word `smiles`"),
        ("cooldown: {count: talks}", "key `days` is missing"),
        ("after: {days: 1}", "key `count` is missing"),
        ("window: {opens: 480, closes: 1260, edges: round}", "unknown word `round`"),
        ("avoid: {edges: open}", "unknown word `open`"),
        ("oblige: keep_record\nbreach: warning", "`oblige` is not broken"),
        ("forbid: true\nbreach: shame", "unknown word `shame`"),
    ],
)
def test_a_rule_that_says_what_the_vocabulary_does_not_is_refused_with_its_place(body, wrong):
    with pytest.raises(PackError, match=wrong) as refused:
        law_of(body)
    assert (refused.value.file, refused.value.line > 1) == ("articles/R-1.md", True)
