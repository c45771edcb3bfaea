"""A permit never outlives what it rests on: at every instant of its span the law permits the contact."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhizhi.core.conduct.case import Case, parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.store.packs import load_law
from zhizhi.usecases.permit_span import LONGEST, valid_until

PROFILE = "cn.consumer_finance.online.cba"
DAY = datetime(2026, 3, 2, tzinfo=BEIJING)


def case_at(at: datetime, channel: str, statements: list[dict[str, Any]]) -> Case:
    """A message or a call to a debtor, by a trained collector, with what the person said."""
    document: dict[str, Any] = {
        "id": "span",
        "profile": PROFILE,
        "debtor": {"time_zones": ["Asia/Shanghai"], "state": "normal"},
        "debts": [{"id": "d1", "lender": "L1", "state": "overdue", "product": "instalment_loan"}],
        "parties": [{"id": "p1", "role": "debtor"}],
        "points": [{"id": "m1", "party": "p1", "kind": "mobile", "reserved": True, "source": "contract"}],
        "collector": {"kind": "lender", "id": "L1", "person": {"id": "u1", "trained_on": "2026-01-05"}},
        "statements": statements,
        "events": [],
        "proposed": {
            "at": at.isoformat(),
            "channel": channel,
            "direction": "out",
            "party": "p1",
            "point": "m1",
            "form": "interactive" if channel == "voice" else "notification",
            "purpose": "collect",
            "identifies_collector": True,
            "names_principal": True,
            "discloses_debt": True,
            "content": [],
            **({"recording": "on"} if channel == "voice" else {}),
        },
    }
    return parse_case(document)


def minted(case: Case) -> datetime | None:
    """The end of the permit, where there is one."""
    law = load_law(PROFILE)
    decision = decide(case, law)
    return valid_until(case, law, decision) if decision.verdict == "permit" else None


def permitted_at(case: Case, at: datetime) -> bool:
    return decide(replace(case, proposed=replace(case.proposed, at=at)), load_law(PROFILE)).verdict == "permit"


@pytest.mark.parametrize(("channel", "step"), [("sms", 1), ("voice", 7), ("email", 11)])
def test_over_the_minutes_of_a_day_no_permit_reaches_into_the_night(channel: str, step: int) -> None:
    opens, closes = DAY.replace(hour=8), DAY.replace(hour=22)
    for minute in range(0, 24 * 60, step):
        for seconds in (0.0, 59.7):
            at = DAY + timedelta(minutes=minute, seconds=seconds)
            until = minted(case_at(at, channel, []))
            if until is None:
                assert not opens <= at < closes
                continue
            assert opens <= at < until <= closes
            assert until == min(at + LONGEST, closes)


def test_a_message_of_two_minutes_to_ten_is_dead_at_ten() -> None:
    late = DAY.replace(hour=21, minute=58)
    assert minted(case_at(late, "sms", [])) == DAY.replace(hour=22)


CLOCK = st.builds(lambda h, m: f"{h:02d}:{m:02d}", st.integers(8, 21), st.integers(0, 59))


@st.composite
def spoken(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to three statements about time, some of them with an end at an odd second of the day."""
    said = []
    for n in range(draw(st.integers(0, 3))):
        start, end = sorted(draw(st.tuples(CLOCK, CLOCK).filter(lambda pair: pair[0] != pair[1])))
        kind = draw(st.sampled_from(["inconvenient_time", "agree_hours", "refuse_contact"]))
        statement: dict[str, Any] = {"at": (DAY - timedelta(days=3 - n)).isoformat(), "by": "p1", "kind": kind}
        if kind != "refuse_contact":
            statement |= {"from": start, "to": end}
            until = DAY + timedelta(seconds=draw(st.integers(8 * 3600, 23 * 3600)))
            statement |= {"until": until.isoformat()} if draw(st.booleans()) else {}
        if kind == "agree_hours":
            statement["form"] = draw(st.sampled_from(["specific", "standard_clause"]))
        said.append(statement)
    return said


@settings(deadline=None, max_examples=60)
@given(
    second=st.integers(8 * 3600 - 900, 22 * 3600),
    channel=st.sampled_from(["sms", "voice"]),
    statements=spoken(),
    probes=st.lists(st.floats(0, 1, exclude_max=True), min_size=8, max_size=8),
)
def test_the_law_permits_at_every_instant_of_a_permit(
    second: int, channel: str, statements: list[dict[str, Any]], probes: list[float]
) -> None:
    at = DAY + timedelta(seconds=second)
    case = case_at(at, channel, statements)
    until = minted(case)
    if until is None:
        return
    assert at < until <= at + LONGEST
    assert permitted_at(case, until - timedelta(microseconds=1))
    for probe in probes:
        assert permitted_at(case, min(at + (until - at) * probe, until - timedelta(microseconds=1)))
