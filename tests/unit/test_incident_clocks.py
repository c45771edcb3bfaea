"""Statutory clocks of incidents: which run, until when, and that each can be told from its neighbours."""

from datetime import UTC, datetime, timedelta

import pytest

from zhizhi.usecases.incidents.clocks import Class, clocks, clocks_of

KNOWN = datetime(2026, 10, 1, 2, 30, tzinfo=UTC)  # the first day of a holiday week
HOUR = timedelta(hours=1)


def running(kind: str = "leak", grade: str = "general", **said: bool) -> dict[str, timedelta]:
    return {one.id: one.within for one in clocks_of(Class(kind, grade, **said))}


@pytest.mark.parametrize(
    ("grade", "expected"),
    [
        ("general", {"persons_at_once", "authority_at_once", "nfra_first", "nfra_formal", "pbc_consumers"}),
        (
            "larger",
            {"persons_at_once", "authority_at_once", "nfra_first", "nfra_formal", "pbc_consumers"}
            | {"pbc_brief", "pbc_report", "cac_other", "cac_summary"},
        ),
    ],
)
def test_the_grade_decides_who_has_to_be_told(grade: str, expected: set[str]) -> None:
    assert set(running(grade=grade)) == expected
    assert set(running(grade="extraordinary")) >= expected


def test_danger_makes_seventy_two_hours_at_once() -> None:
    assert running()["pbc_consumers"] == 72 * HOUR
    assert "pbc_consumers" not in running(is_danger=True)
    assert running(is_danger=True)["pbc_consumers_danger"] == timedelta()


def test_critical_infrastructure_has_its_hour_beside_the_four() -> None:
    assert {one: running(grade="larger", is_critical=True)[one] for one in ("cac_critical", "cac_other")} == {
        "cac_critical": HOUR,
        "cac_other": 4 * HOUR,
    }
    assert "cac_critical" not in running(grade="larger")


def test_an_outage_tells_no_persons_and_a_small_one_nobody() -> None:
    assert running("outage") == {}
    assert set(running("outage", "larger")) == {"pbc_brief", "pbc_report", "cac_other", "cac_summary"}
    assert set(running("outage", is_public=True)) == {"public_interest"}


def test_clocks_count_hours_and_natural_days_and_roll_over_nothing() -> None:
    due = {one.id: one.due_at(KNOWN) for one in clocks()}
    assert due["cac_other"] == KNOWN + 4 * HOUR
    assert due["cac_summary"] == KNOWN + timedelta(days=30)
    assert due["persons_at_once"] == KNOWN
    for one in clocks():
        assert one.warns_at(KNOWN) <= one.due_at(KNOWN)


def test_what_we_are_not_sure_of_counts_and_is_marked() -> None:
    low = {one.id for one in clocks() if one.confidence == "low"}
    assert low == {"pbc_brief", "pbc_report", "nfra_first", "nfra_formal", "cac_summary"}
    assert low <= set(running(grade="larger"))
    shortest = [one.within for one in clocks()]
    assert shortest == sorted(shortest)
    assert len({one.id for one in clocks()}) == len(shortest)
