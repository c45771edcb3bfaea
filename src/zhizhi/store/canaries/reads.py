"""What the pages of compliance read about canaries; row-level security shows nobody else a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.store.keyring import list_seal
from zhizhi.store.many import Question, ask
from zhizhi.store.people.rows import Masked
from zhizhi.store.select import select

ALARMS_MAX = 200
PLANTED_MAX = 500


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """Who looked at which canary, how, and what compliance said of it."""

    id: int
    at: datetime
    staff_id: int | None
    staff: str
    login: str
    role: str
    agency: str
    how: str
    case_number: str
    name: str
    ruling: str | None
    ruled_by: str
    ruled_at: datetime | None
    remark: str
    incident_id: int | None


@dataclass(frozen=True, slots=True)
class PlantedRow:
    """One canary, and how often it was looked at."""

    case_number: str
    name: str
    lender: str
    agency: str
    planted_at: datetime
    alarms: int


_ALARMS = """
SELECT a.id, a.at, a.staff_id, coalesce(s.name, ''), coalesce(s.login, ''), a.role, coalesce(g.name, ''), a.how,
    coalesce(c.number, ''), a.ruling, coalesce(r.name, ''), a.ruled_at, a.remark, a.incident_id, p.masked, p.lender_id,
    p.id
FROM canary_alarm a JOIN person p ON p.id = a.person_id
LEFT JOIN collection_case c ON c.person_id = a.person_id LEFT JOIN staff s ON s.id = a.staff_id
LEFT JOIN agency g ON g.id = s.agency_id LEFT JOIN staff r ON r.id = a.ruled_by_id
"""
_LIST = _ALARMS + "ORDER BY a.ruling IS NOT NULL, a.at DESC, a.id DESC LIMIT %(limit)s"
_ONE = _ALARMS + "WHERE a.id = %(id)s"
_PLANTED = """
SELECT c.number, l.name, coalesce(g.name, ''), k.planted_at,
    (SELECT count(*) FROM canary_alarm a WHERE a.person_id = k.person_id), p.masked, p.lender_id, p.id
FROM canary k JOIN person p ON p.id = k.person_id JOIN collection_case c ON c.person_id = k.person_id
JOIN lender l ON l.id = k.lender_id LEFT JOIN agency g ON g.id = k.agency_id
ORDER BY k.planted_at DESC, c.number LIMIT %(limit)s
"""


def load_alarms() -> list[AlarmRow]:
    """Those that wait first, then the newest."""
    return [_alarm(row) for row in select(_LIST, {"limit": ALARMS_MAX})]


def access_alarm(alarm_id: int) -> AlarmRow | None:
    """One alarm, where the viewer may see it."""
    return next((_alarm(row) for row in select(_ONE, {"id": alarm_id})), None)


def load_planted() -> list[PlantedRow]:
    """Every canary of the viewer's lenders, the newest first."""
    rows = select(_PLANTED, {"limit": PLANTED_MAX})
    return [PlantedRow(row[0], _name(*row[5:]), *row[1:5]) for row in rows]


def find_agency_code(agency_id: int) -> str | None:
    """What an agency is called in a request; None where there is none."""
    return ask(
        Question("SELECT code FROM agency WHERE id = %s", [agency_id], lambda rows: rows[0][0] if rows else None)
    )


def _alarm(row: tuple[Any, ...]) -> AlarmRow:
    *plain, masked, lender_id, person_id = row
    return AlarmRow(*(*plain[:9], _name(masked, lender_id, person_id), *plain[9:]))


def _name(masked: bytes, lender_id: int, person_id: int) -> str:
    return Masked.open(list_seal(lender_id), bytes(masked), person_id).name
