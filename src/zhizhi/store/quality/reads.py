"""What screens read of draws and reviews; row-level security decides which."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.store.select import select

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class DrawRow:
    """A draw with how far its reviews are."""

    id: int
    lender: str
    from_on: date
    until_on: date
    candidates: int
    drawn: int
    digest: str
    drawn_at: datetime
    drawn_by: str


_DRAWS = """
SELECT d.id, l.name, d.from_on, d.until_on, d.candidates, d.drawn, d.digest, d.drawn_at, s.name
FROM quality_draw d JOIN lender l ON l.id = d.lender_id JOIN staff s ON s.id = d.drawn_by_id
ORDER BY d.from_on DESC, d.id DESC LIMIT %(limit)s
"""


def load_draws() -> list[DrawRow]:
    """Those of the viewer's lenders, the latest first."""
    return [DrawRow(*row) for row in select(_DRAWS, {"limit": SHOWN_MAX})]


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review on a screen. `marks`: code and second of each. `case_number`: empty where it is not for these eyes."""

    person_id: int
    id: int
    n: int
    staff_id: int
    staff: str
    agency: str
    reviewer_id: int
    reviewer: str
    because: tuple[str, ...]
    state: str
    is_revealed: bool
    marks: tuple[tuple[str, int | None], ...]
    score: int | None
    severity: str | None
    remark: str
    done_at: datetime | None
    appeal_until: date | None
    appeal: str
    ruled_by: str
    ruling: str
    consequence: str | None
    consequence_by: str
    consequence_ground: str
    at: datetime
    channel: str
    outcome: str
    talk_seconds: int | None
    case_number: str
    permit_id: int | None


_REVIEWS = """
SELECT r.person_id, r.id, r.n, r.staff_id, s.name, coalesce(a.name, ''), r.reviewer_id, v.name, r.because::text,
    r.state, r.is_revealed, r.marks::text, r.score, r.severity, r.remark, r.done_at, r.appeal_until, r.appeal,
    coalesce(u.name, ''), r.ruling, r.consequence, coalesce(q.name, ''), r.consequence_ground,
    r.at, r.channel, coalesce(k.outcome, ''), k.talk_seconds, coalesce(c.number, ''), k.permit_id
FROM quality_review r JOIN staff s ON s.id = r.staff_id JOIN staff v ON v.id = r.reviewer_id
LEFT JOIN agency a ON a.id = r.agency_id LEFT JOIN staff u ON u.id = r.ruled_by_id
LEFT JOIN staff q ON q.id = r.consequence_by_id
LEFT JOIN contact k ON k.person_id = r.person_id AND k.id = r.contact_id
LEFT JOIN LATERAL (SELECT o.number FROM collection_case o WHERE o.person_id = r.person_id
                   ORDER BY o.closed_on IS NOT NULL, o.opened_on DESC, o.id DESC LIMIT 1) c ON true
WHERE {which} ORDER BY {order} LIMIT %(limit)s
"""
_ONE = _REVIEWS.format(which="r.person_id = %(person)s AND r.id = %(id)s", order="r.id")
_MINE = _REVIEWS.format(which="r.reviewer_id = %(staff)s AND r.state = 'waiting'", order="r.draw_id, r.id")
_OF_STAFF = _REVIEWS.format(which="r.staff_id = %(staff)s AND r.n = 1 AND r.is_revealed", order="r.done_at DESC")
_OPEN = _REVIEWS.format(
    which="r.n = 1 AND r.is_revealed AND (r.state = 'appealed' OR r.consequence IS NULL AND r.severity <> 'clean')",
    order="r.state <> 'appealed', r.severity <> 'red_line', r.done_at",
)


def access_review(person_id: int, review_id: int) -> ReviewRow | None:
    """One of them, where the viewer may see it."""
    found = _rows(_ONE, person=person_id, id=review_id)
    return found[0] if found else None


def load_waiting(staff_id: int) -> list[ReviewRow]:
    """What waits for a reviewer, the oldest draw first."""
    return _rows(_MINE, staff=staff_id)


def load_of_staff(staff_id: int) -> list[ReviewRow]:
    """The reviews of somebody's contacts that are shown and count, the latest first."""
    return _rows(_OF_STAFF, staff=staff_id)


def load_open() -> list[ReviewRow]:
    """Appeals that wait, then verdicts of which nobody said what comes of them, the gravest first."""
    return _rows(_OPEN)


def _rows(statement: str, **values: int) -> list[ReviewRow]:
    return [_row(list(row)) for row in select(statement, {**values, "limit": SHOWN_MAX})]


def _row(columns: list[Any]) -> ReviewRow:
    columns[_BECAUSE] = tuple(json.loads(columns[_BECAUSE]))
    columns[_MARKS] = tuple((mark["code"], mark["second"]) for mark in json.loads(columns[_MARKS]))
    return ReviewRow(*columns)


_BECAUSE, _MARKS = ReviewRow.__slots__.index("because"), ReviewRow.__slots__.index("marks")


@dataclass(frozen=True, slots=True)
class Figures:
    """The reviews that count of somebody, a team or an agency: verdicts after appeals, and how appeals ended.
    `at_random` and `red_at_random`: of those drawn from all alike, from which alone a rate is estimated."""

    who: str
    reviews: int
    mean_score: int
    clean: int
    minor: int
    severe: int
    red_line: int
    appeals: int
    changed: int
    at_random: int
    red_at_random: int


_BY = {
    "collector": "s.name",
    "team": "coalesce(nullif(r.team, ''), '—')",
    "agency": "coalesce(a.name, '自营 own staff')",
}
_FIGURES = """
SELECT {by}, count(*), round(avg(r.score))::int, count(*) FILTER (WHERE r.severity = 'clean'),
    count(*) FILTER (WHERE r.severity = 'minor'), count(*) FILTER (WHERE r.severity = 'severe'),
    count(*) FILTER (WHERE r.severity = 'red_line'), count(*) FILTER (WHERE r.appealed_at IS NOT NULL),
    count(*) FILTER (WHERE r.state = 'changed'), count(*) FILTER (WHERE r.because ? 'random'),
    count(*) FILTER (WHERE r.because ? 'random' AND r.severity = 'red_line')
FROM quality_review r JOIN staff s ON s.id = r.staff_id LEFT JOIN agency a ON a.id = r.agency_id
WHERE r.n = 1 AND r.is_revealed AND r.at >= %(begins)s AND r.at < %(ends)s
GROUP BY 1 ORDER BY 7 DESC, 3, 1 LIMIT %(limit)s
"""


def load_figures(by: str, begins: datetime, ends: datetime) -> list[Figures]:
    """By `collector`, `team` or `agency`, of the contacts of a span: the worst first."""
    asked = {"begins": begins, "ends": ends, "limit": SHOWN_MAX}
    return [Figures(*row) for row in select(_FIGURES.format(by=_BY[by]), asked)]


_PAIRS = """
SELECT f.severity, o.severity FROM quality_review f
JOIN quality_review o ON o.person_id = f.person_id AND o.contact_id = f.contact_id AND o.n = 2 AND o.is_revealed
WHERE f.n = 1 AND f.is_revealed AND f.state <> 'changed' AND f.at >= %(begins)s AND f.at < %(ends)s
"""


def load_pairs(begins: datetime, ends: datetime) -> list[tuple[str, str]]:
    """The verdicts of two reviewers on the same contacts. Boundary: one that was changed on appeal is left out, for
    what the first reviewer said stands no more."""
    return [(first, second) for first, second in select(_PAIRS, {"begins": begins, "ends": ends})]
