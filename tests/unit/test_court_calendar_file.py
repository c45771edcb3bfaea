"""The calendar file of court files is one that other calendars read, and names no case and no person."""

from datetime import UTC, date, datetime

from zhizhi.core.litigation.calendar_file import LINE_OCTETS_MAX, Entry, calendar_file
from zhizhi.core.litigation.deadlines import Acts, Due

AT = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
ENTRY = Entry(7, "S1098", Due.REFUSE_SUIT, Acts.US, "CPL 228; CPLI 438", date(2026, 12, 31))


def test_a_day_with_what_falls_due_and_who_acts() -> None:
    written = calendar_file([ENTRY], AT, "zh")
    assert written.endswith("END:VCALENDAR\r\n")
    lines = written.split("\r\n")
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//zhizhi//court calendar//ZH"]
    assert "UID:court-deadline-7@zhizhi" in lines
    assert "DTSTAMP:20260303T020000Z" in lines
    assert lines[lines.index("DTSTART;VALUE=DATE:20261231") + 1] == "DTEND;VALUE=DATE:20270101"
    assert "SUMMARY:S1098 表示不同意转入诉讼" in lines
    assert "DESCRIPTION:我方 · CPL 228\\; CPLI 438" in lines


def test_long_lines_are_folded_between_characters_and_read_back_whole() -> None:
    source = "很长的依据，" * 40
    written = calendar_file([Entry(1, "S1", Due.HEARING, Acts.COURT, source, date(2026, 3, 9))], AT, "zh")
    assert all(len(line.encode()) <= LINE_OCTETS_MAX for line in written.split("\r\n"))
    unfolded = written.replace("\r\n ", "")
    assert source in unfolded
    assert calendar_file([], AT, "en").count("\r\n") == 5
