"""What must hold for every plan: replayed it is permitted, a plain search finds no more, and blame is exact."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from law.contacts import BANK, CARD, MICRO, MOBILE, ONLINE, Document, call, clock, contact, said
from law.plans import ASK, CALL, MESSAGE, SECOND, wish
from zhizhi.core.conduct.case import Case, Event, parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Verdict
from zhizhi.core.conduct.plan import Cause, Plan, PlanCase, Prevented, Wish, parse_plan, plan
from zhizhi.core.conduct.planning.prevented import without
from zhizhi.core.law.law import Law
from zhizhi.store.packs import load_law

RUN = settings(
    deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
START = datetime.fromisoformat(clock("06:00"))
LETTER = {"channel": "letter", "party": "p1", "purpose": "collect", "form": "notification", "content": []}
OUTCOMES: dict[str, list[dict[str, Any]]] = {
    "voice": [
        {"outcome": "conversation", "talk_seconds": 90, "exchanged": True, "about_debt": True},
        {"outcome": "no_answer"}, {"outcome": "busy"}, {"outcome": "answered_dropped"},
        {"outcome": "connected", "talk_seconds": 3}, {},
    ],
    "sms": [{"outcome": "delivered"}, {"outcome": "undelivered"}, {}],
    "letter": [{"outcome": "delivered"}, {"outcome": "sent"}, {}],
}  # fmt: skip


@st.composite
def events(draw: st.DrawFn) -> list[Document]:
    lost = [call(f"l{n}", "09:00", "no_answer", day=f"2026-02-{n:02d}") for n in range(20, 29)]
    before = lost if draw(st.booleans()) else []
    hours = sorted(draw(st.lists(st.integers(6, 20), max_size=3, unique=True)))
    outcomes = st.sampled_from(["conversation", "no_answer", None])
    return before + [call(f"e{hour}", f"{hour:02d}:30", draw(outcomes)) for hour in hours]


@st.composite
def documents(draw: st.DrawFn, most: int = 5) -> Document:
    choices = {
        "calls": (CALL, {"prefer": draw(st.sampled_from([{"from": "18:00", "to": "21:00"}, {"days": ["TUE"]}]))}),
        "messages": (MESSAGE, {}),
        "person": (ASK, {}),
        "letters": (LETTER, {"only": {"from": "09:00", "to": "17:00"}}),
        "asking": ({**MESSAGE, "form": "interactive"}, {}),
    }
    names = draw(st.lists(st.sampled_from(sorted(choices)), min_size=1, max_size=2, unique=True))
    wished = []
    for name in names:
        what, keys = choices[name]
        count = draw(st.integers(1, max(1, most // len(names))))
        apart = draw(st.sampled_from([0, 120, 1440]))
        wished.append(wish(name, count, what, apart_minutes=apart, **keys))
    spoken = [
        said("agree_hours", from_="09:00", to="12:00", form="specific"),
        said("agree_frequency", per_day=1),
        said("inconvenient_time", from_="08:00", to="19:00"),
        said("refuse_medium", channel="sms"),
        said("refuse_point", point="m1"),
    ]
    document = contact(
        draw(st.sampled_from([ONLINE, CARD, BANK, MICRO, "us.regf"])),
        draw(st.sampled_from(["strict", "text"])),
        events=draw(events()),
        statements=draw(st.lists(st.sampled_from(spoken), max_size=2, unique_by=str)),
    )
    del document["proposed"]
    document["points"] = [MOBILE, *([SECOND] if draw(st.booleans()) else []), *document["points"][1:]]
    start = START + timedelta(hours=draw(st.integers(0, 20)))
    until = start + timedelta(hours=draw(st.sampled_from([9, 30, 60])))
    return {**document, "wishes": wished, "horizon": {"from": start.isoformat(), "until": until.isoformat()}}


def answered(asked: PlanCase, law: Law | None = None) -> Plan | Prevented:
    return plan(asked.case, asked.wishes, law or load_law(asked.case.profile), asked.horizon)


def part(answer: Plan | Prevented) -> Plan:
    return answer if isinstance(answer, Plan) else answer.plan


@settings(RUN, max_examples=10)
@given(documents(), st.data())
def test_whatever_comes_of_them_every_planned_contact_is_permitted_when_its_time_comes(document, data):
    """Replayed as documents, each outcome drawn by itself: no mixture of outcomes makes a later contact unlawful."""
    case = {key: value for key, value in document.items() if key not in ("wishes", "horizon")}
    done = part(answered(parse_plan(document)))
    wished = {one["id"]: one["contact"] for one in document["wishes"]}
    law = load_law(document["profile"])
    for number, one in enumerate(done.contacts):
        proposed = {**wished[one.wish], "direction": "out", "at": one.contact.at.isoformat()}
        proposed |= {} if one.contact.point is None else {"point": one.contact.point}
        if one.contact.expected_end_at is not None:
            proposed["expected_end_at"] = one.contact.expected_end_at.isoformat()
        decision = decide(parse_case({**case, "proposed": proposed}), law)
        assert decision.verdict is Verdict.PERMIT, decision.reasons
        kept = ("channel", "direction", "party", "point", "form", "purpose", "at")
        made = {key: proposed[key] for key in kept if key in proposed} | {"id": f"made-{number}"}
        made |= data.draw(st.sampled_from(OUTCOMES[made["channel"]]))
        case = {**case, "events": sorted([*case["events"], made], key=lambda e: datetime.fromisoformat(e["at"]))}


def with_outcome(case: Case, one: Wish, name: str, point: str | None, at: datetime, came: dict[str, Any]) -> Event:
    wished = one.contact
    return Event(
        id=name, at=at, channel=wished.channel, direction="out", party=wished.party, point=point, form=wished.form,
        purpose=wished.purpose, by=case.collector.id, **came,
    )  # fmt: skip


def permitted(
    case: Case, one: Wish, point: str | None, at: datetime, made: list[tuple[Wish, str | None, datetime]]
) -> bool:
    """By the reference, whatever of three came of all that was made before."""
    for kind in (0, 1, -1):
        planned = [
            with_outcome(case, other, f"g{n}", there, then, OUTCOMES[other.contact.channel][kind])
            for n, (other, there, then) in enumerate(made)
        ]
        proposed = replace(one.contact, at=at, point=point, expected_end_at=at + one.lasts if one.lasts else None)
        history = tuple(sorted([*case.events, *planned], key=lambda one: one.at))
        if (
            decide(replace(case, events=history, proposed=proposed), load_law(case.profile)).verdict
            is not Verdict.PERMIT
        ):
            return False
    return True


def most_on_grid(asked: PlanCase, grid: list[datetime]) -> int:
    """The most contacts that a plain search over a few instants places, in any order and at any point."""

    def most(at_least: datetime, left: tuple[int, ...], made: list[tuple[Wish, str | None, datetime]]) -> int:
        best = 0
        for at in (instant for instant in grid if instant >= at_least):
            for number, point in choices(asked, left):
                one = asked.wishes[number]
                ends = [then + other.lasts for other, _, then in made if other.id == one.id]
                if any(at < end + one.apart for end in ends) or not permitted(asked.case, one, point, at, made):
                    continue
                rest = tuple(count - (n == number) for n, count in enumerate(left))
                best = max(best, 1 + most(at + one.lasts, rest, [*made, (one, point, at)]))
                if best == sum(left):
                    return best
        return best

    return most(asked.horizon.start, tuple(one.count for one in asked.wishes), [])


def choices(asked: PlanCase, left: tuple[int, ...]) -> Iterator[tuple[int, str | None]]:
    for number, one in enumerate(asked.wishes):
        if left[number]:
            yield from product([number], one.points)


@settings(RUN, max_examples=10)
@given(documents(most=3))
def test_no_plain_search_over_a_grid_places_more(document):
    asked = parse_plan(document)
    step = (asked.horizon.until - asked.horizon.start) / 6
    grid = [asked.horizon.start + step * n for n in range(6)]
    assume(all(one.only is None for one in asked.wishes))
    done = part(answered(asked))
    found = most_on_grid(asked, grid)
    event(f"grid placed {found} of {done.wished}")
    assert done.complete
    assert len(done.contacts) >= found


@settings(RUN, max_examples=9)
@given(documents())
def test_without_the_rules_to_blame_all_is_placed_and_with_any_of_them_back_it_is_not(document):
    asked = parse_plan(document)
    answer = answered(asked)
    if not isinstance(answer, Prevented):
        assert len(answer.contacts) == answer.wished
        return
    law = load_law(asked.case.profile)
    gone = {reason.rule for reason in answer.rules}
    if answer.cause is Cause.SPAN:
        nothing = without(law, {rule.id for pack in law.packs for rule in pack.rules})
        assert isinstance(answered(asked, nothing), Prevented)
        return
    assert answer.sure
    assert isinstance(answered(asked, without(law, gone)), Plan)
    for name in gone:
        assert isinstance(answered(asked, without(law, gone - {name})), Prevented)
    assert all(one.count > 0 for one in answer.unplaced)
    assert sum(one.count for one in answer.unplaced) == answer.plan.wished - len(answer.plan.contacts)


@settings(RUN, max_examples=2)
@given(documents())
def test_the_same_wishes_have_the_same_plan(document):
    assert answered(parse_plan(document)).to_document() == answered(parse_plan(document)).to_document()
