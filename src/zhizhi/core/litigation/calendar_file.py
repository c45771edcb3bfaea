"""The court calendar as a file that other calendars read (RFC 5545): days, what falls due, who acts, no person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from zhizhi.core.kernel.text import Language
from zhizhi.core.litigation.deadlines import Acts, Due

LINE_OCTETS_MAX = 75
_ESCAPES = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A day of the calendar; `file_number` names the file, `deadline_id` the entry itself."""

    deadline_id: int
    file_number: str
    due: Due
    acts: Acts
    source: str
    due_on: date


def calendar_file(entries: Iterable[Entry], at: datetime, language: Language) -> str:
    """The calendar of an instant, lines ended and folded as the format asks for."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//zhizhi//court calendar//ZH", "CALSCALE:GREGORIAN"]
    for entry in entries:
        lines += _event(entry, at, language)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line))


def _event(entry: Entry, at: datetime, language: Language) -> list[str]:
    summary = f"{entry.file_number} {entry.due.label.in_language(language)}"
    told = f"{entry.acts.label.in_language(language)} · {entry.source}"
    return [
        "BEGIN:VEVENT",
        f"UID:court-deadline-{entry.deadline_id}@zhizhi",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{entry.due_on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{entry.due_on + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(summary)}",
        f"DESCRIPTION:{_escaped(told)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(value: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in value)


def _folded(line: str) -> Iterable[str]:
    """The line in parts of at most 75 octets, each but the first after a space; no character is cut in two."""
    part = ""
    for character in line:
        if len((part + character).encode()) > LINE_OCTETS_MAX:
            yield part
            part = " "
        part += character
    yield part
