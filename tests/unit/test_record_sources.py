"""`records.toml`: what it says is read whole, and a mistake is named with its place."""

from datetime import UTC, date, datetime

import pytest

from zhizhi.usecases.reconciliation.sources import SourcesRefused, read_sources

GOOD = """
[line]
kind = "carrier"
lender = "L1"
channels = ["voice"]
folder = "records"
file = "cdr-{day:%Y%m%d}.csv"
map = "line.toml"
zone = "America/New_York"
since = 2026-03-01
due = "09:00"
"""


def test_a_source_knows_its_days_its_file_and_when_it_is_due() -> None:
    (line,) = read_sources(GOOD)
    spring = date(2026, 3, 8)
    opens, closes = line.day(spring)
    assert (closes - opens).total_seconds() == 23 * 3600
    assert line.file_of(spring) == "cdr-20260308.csv"
    assert line.due_at(spring) == datetime(2026, 3, 9, 13, 0, tzinfo=UTC)
    assert line.name == "line"
    assert line.yesterday(datetime(2026, 3, 9, 3, 0, tzinfo=UTC)) == date(2026, 3, 7)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (('kind = "carrier"', 'kind = "postman"'), "line.kind"),
        (('channels = ["voice"]', 'channels = ["pigeon"]'), "line.channels"),
        (('channels = ["voice"]', "channels = []"), "line.channels"),
        (("{day:%Y%m%d}", "today"), "line.file"),
        (("cdr-{day:%Y%m%d}.csv", "../{day}.csv"), "line.file"),
        (("{day:%Y%m%d}", "{day.year}"), "line.file"),
        (("{day:%Y%m%d}", "{day:%Y}"), "line.file"),
        (("America/New_York", "Mars/Olympus"), "line.zone"),
        (("2026-03-01", '"2026-03-01"'), "line.since"),
        (('due = "09:00"', 'due = "nine"'), "line.due"),
        (('due = "09:00"', 'due = "09:00"\ntolerance_seconds = -1'), "line.tolerance_seconds"),
        (('due = "09:00"', 'due = "09:00"\ncallers = "021"'), "line.callers"),
        (('due = "09:00"', 'due = "09:00"\nmood = "good"'), "line.mood"),
        (('lender = "L1"', ""), "line.lender"),
        (("[line]", "[Line 1]"), "Line 1"),
        (("[line]", "[line"), "not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_place(change: tuple[str, str], place: str) -> None:
    if change[0] == "[line]" and place == "Line 1":
        change = ("[line]", '["Line 1"]')
    with pytest.raises(SourcesRefused) as refused:
        read_sources(GOOD.replace(*change))
    assert place in refused.value.text.en
