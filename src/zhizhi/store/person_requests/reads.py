"""What screens read about requests; row-level security decides which."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.store.keyring import person_seal
from zhizhi.store.person_requests.words import REQUESTS_MAX
from zhizhi.store.select import select


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request, with its words."""

    id: int
    kind: str
    how: str
    received_at: datetime
    received_by: str
    due_on: date
    state: str
    answer: str | None
    answered_by: str
    answered_at: datetime | None
    second_asked_at: datetime | None
    second_answer: str | None
    second_by: str
    second_at: datetime | None
    text: str
    answer_text: str
    second_text: str


_OF_PERSON = """
SELECT r.id, r.kind, r.how, r.received_at, coalesce(a.name, ''), r.due_on, r.state, r.answer, coalesce(b.name, ''),
    r.answered_at, r.second_asked_at, r.second_answer, coalesce(c.name, ''), r.second_at, p.data_key, r.sealed,
    r.answer_sealed, r.second_sealed
FROM person_request r JOIN person p ON p.id = r.person_id
LEFT JOIN staff a ON a.id = r.received_by LEFT JOIN staff b ON b.id = r.answered_by
LEFT JOIN staff c ON c.id = r.second_by
WHERE r.person_id = %(person)s ORDER BY r.received_at DESC, r.id DESC LIMIT %(limit)s
"""


def load_requests_of(person_id: int) -> list[RequestRow]:
    """All of a person, the newest first; words of an erased person are empty."""
    found = []
    for row in select(_OF_PERSON, {"person": person_id, "limit": REQUESTS_MAX}):
        key, *sealed = row[-4:]
        places = [f"person_request/{row[0]}{part}" for part in ("", "/answer", "/second")]
        words = [_opened(key, one, place) for one, place in zip(sealed, places, strict=True)]
        known: tuple[Any, ...] = (*row[:-4], *words)
        found.append(RequestRow(*known))
    return found


def _opened(data_key: bytes | None, sealed: bytes | None, place: str) -> str:
    if data_key is None or sealed is None:
        return ""
    return person_seal(bytes(data_key)).open(bytes(sealed), place).decode()


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A request that somebody has to act on by a day."""

    case_number: str
    kind: str
    state: str
    received_at: datetime
    due_on: date


_WAITING = """
SELECT coalesce((SELECT c.number FROM collection_case c WHERE c.person_id = r.person_id
                 ORDER BY c.closed_on IS NULL DESC, c.opened_on DESC, c.id DESC LIMIT 1), ''),
    r.kind, r.state, r.received_at, r.due_on
FROM person_request r WHERE r.state IN ('open', 'second_look') ORDER BY r.due_on, r.id LIMIT %(limit)s
"""
_OVERDUE = """
SELECT count(*) FROM person_request r WHERE r.state IN ('open', 'second_look') AND r.due_on < %(on)s
"""


def load_waiting() -> list[WaitingRow]:
    """What waits of all that the viewer sees, the day that comes first on top."""
    return [WaitingRow(*row) for row in select(_WAITING, {"limit": REQUESTS_MAX})]


def count_overdue(on: date) -> int:
    """How many should have been answered by now."""
    return int(select(_OVERDUE, {"on": on})[0][0])
