"""What screens and commands read about staff: one member, and the list by keyset, however long it is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.store.lenders.changes import Place
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.select import select
from zhizhi.store.viewer import Viewer
from zhizhi.store.words import STAFF_ROLES

MEMBERS_MAX = 50
CHANGES_MAX = 50
COUNT_MAX = 1000
STATES = ("here", "waiting", "invited", "not_admitted", "left")


@dataclass(frozen=True, slots=True)
class Member:
    """A member as rules see them."""

    id: int
    login: str
    name: str
    place: Place
    is_active: bool
    is_admitted: bool
    is_synthetic: bool

    @property
    def is_here(self) -> bool:
        """Admitted, and has not left."""
        return self.is_active and self.is_admitted


def load_member(staff_id: int) -> Member | None:
    """Whoever has this id, for a use case."""
    row = Staff.objects.using("gate").filter(pk=staff_id, role__in=STAFF_ROLES).first()
    return None if row is None else _member(row)


def find_member(login: str) -> Member | None:
    """The same by login."""
    row = Staff.objects.using("gate").filter(login=login, role__in=STAFF_ROLES).first()
    return None if row is None else _member(row)


def _member(row: Staff) -> Member:
    place = Place(row.role, row.lender_id, row.agency_id, row.team)
    return Member(row.pk, row.login, row.name, place, row.is_active, row.is_admitted, row.is_synthetic)


def has_begun() -> bool:
    """Whether somebody real is admitted here; the members of a demonstration are none."""
    return Staff.objects.using("gate").filter(is_active=True, is_admitted=True, is_synthetic=False).exists()


def has_places(lender_id: int | None, agency_id: int | None) -> bool:
    """Whether the lender and the agency that are named are there."""
    lender = lender_id is None or Lender.objects.using("gate").filter(pk=lender_id).exists()
    return lender and (agency_id is None or Agency.objects.using("gate").filter(pk=agency_id).exists())


def find_places(lender: str | None, agency: str | None) -> tuple[int | None, int | None] | None:
    """The ids of a lender and an agency by their codes; None where one that is named is not there."""
    lender_id = Lender.objects.using("gate").filter(code=lender).values_list("pk", flat=True).first()
    agency_id = Agency.objects.using("gate").filter(code=agency).values_list("pk", flat=True).first()
    if (lender is not None and lender_id is None) or (agency is not None and agency_id is None):
        return None
    return lender_id if lender is not None else None, agency_id if agency is not None else None


@dataclass(frozen=True, slots=True)
class StaffFilter:
    """What the list is narrowed to; empty means everything."""

    q: str = ""
    role: str = ""
    lender_id: int | None = None
    agency_id: int | None = None
    team: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member in the list; `state` is one of `STATES`."""

    id: int
    login: str
    name: str
    role: str
    lender_id: int | None
    lender: str | None
    agency_id: int | None
    agency: str | None
    team: str
    certified_until: date | None
    trained_on: date | None
    state: str

    @property
    def place(self) -> Place:
        """Where this one works."""
        return Place(self.role, self.lender_id, self.agency_id, self.team)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change with its two words."""

    id: int
    staff_id: int
    login: str
    name: str
    kind: str
    role: str
    lender: str | None
    agency: str | None
    team: str
    ground: str
    asked_by_id: int | None
    asked_by: str | None
    asked_at: datetime
    state: str
    ruled_by: str | None
    ruled_at: datetime | None
    ruled_ground: str
    role_now: str
    lender_now: str | None
    agency_now: str | None
    team_now: str


# The rows that a viewer looks after, as `zhizhi_looks_after` says it for the tables beside; here with values of the
# viewer, so that a hundred thousand members cost no call each.
_THEIRS = """
CASE WHEN %(own_agency)s::bigint IS NOT NULL THEN m.agency_id = %(own_agency)s
     ELSE %(own_lender)s::bigint IS NULL OR m.lender_id = %(own_lender)s END
"""
_WAITING = "m.id IN (SELECT c.staff_id FROM staff_change c WHERE c.state = 'asked')"
_INVITED = """
m.id IN (SELECT i.staff_id FROM invitation i WHERE i.used_at IS NULL AND i.void_at IS NULL AND i.ends_at > %(at)s)
"""
# What a state is, as a condition that is asked once for all rows; the first that holds is the state.
_STATES = {
    "waiting": _WAITING,
    "left": "NOT m.is_active",
    "not_admitted": "NOT m.is_admitted",
    "invited": _INVITED,
    "here": "true",
}
_STATE = "CASE " + " ".join(f"WHEN {holds} THEN '{state}'" for state, holds in _STATES.items()) + " END"
_FROM = f"""
FROM staff m LEFT JOIN lender l ON l.id = m.lender_id LEFT JOIN agency a ON a.id = m.agency_id
WHERE {_THEIRS} AND m.role <> 'service_account'
  AND (%(id)s::bigint IS NULL OR m.id = %(id)s) AND m.login > %(after)s
  AND (%(q)s = '' OR strpos(lower(m.login), lower(%(q)s)) > 0 OR strpos(m.name, %(q)s) > 0)
  AND (%(role)s = '' OR m.role = %(role)s) AND (%(team)s = '' OR m.team = %(team)s)
  AND (%(lender)s::bigint IS NULL OR m.lender_id = %(lender)s)
  AND (%(agency)s::bigint IS NULL OR m.agency_id = %(agency)s)
  AND (%(state)s = '' OR {_STATE} = %(state)s)
"""
_ROWS = f"""
SELECT m.id, m.login, m.name, m.role, m.lender_id, l.name, m.agency_id, a.name, m.team, m.certified_until, m.trained_on,
    {_STATE}
{_FROM} ORDER BY m.login LIMIT %(limit)s
"""
_COUNT = f"SELECT count(*) FROM (SELECT 1 {_FROM} LIMIT %(limit)s) counted"


def load_staff(viewer: Viewer, narrowed: StaffFilter, after: str, at: datetime) -> tuple[list[StaffRow], str | None]:
    """A page of members by login, and where the next one begins; within `reading`."""
    rows = _rows(viewer, narrowed, at, after=after)
    return rows[:MEMBERS_MAX], rows[MEMBERS_MAX - 1].login if len(rows) > MEMBERS_MAX else None


def count_staff(viewer: Viewer, narrowed: StaffFilter, at: datetime) -> int:
    """How many match, counted no further than `COUNT_MAX` + 1; within `reading`."""
    values = _values(viewer, narrowed, at) | {"limit": COUNT_MAX + 1}
    return int(select(_COUNT, values)[0][0])


def access_staff(viewer: Viewer, staff_id: int, at: datetime) -> StaffRow | None:
    """One member that this viewer looks after; within `reading`."""
    return next(iter(_rows(viewer, StaffFilter(), at, staff_id=staff_id)), None)


def _rows(
    viewer: Viewer, narrowed: StaffFilter, at: datetime, *, after: str = "", staff_id: int | None = None
) -> list[StaffRow]:
    values = _values(viewer, narrowed, at) | {"after": after, "id": staff_id}
    return [StaffRow(*row) for row in select(_ROWS, values)]


def _values(viewer: Viewer, narrowed: StaffFilter, at: datetime) -> dict[str, Any]:
    return {
        "own_lender": viewer.lender_id,
        "own_agency": viewer.agency_id,
        "id": None,
        "after": "",
        "q": narrowed.q,
        "role": narrowed.role,
        "team": narrowed.team,
        "lender": narrowed.lender_id,
        "agency": narrowed.agency_id,
        "state": narrowed.state,
        "at": at,
        "limit": MEMBERS_MAX + 1,
    }


_CHANGES = f"""
SELECT c.id, c.staff_id, m.login, m.name, c.kind, c.role, wl.name, wa.name, c.team, c.ground, c.asked_by_id, b.name,
    c.asked_at, c.state, r.name, c.ruled_at, c.ruled_ground, m.role, l.name, a.name, m.team
FROM staff_change c JOIN staff m ON m.id = c.staff_id
LEFT JOIN lender wl ON wl.id = c.lender_id LEFT JOIN agency wa ON wa.id = c.agency_id
LEFT JOIN lender l ON l.id = m.lender_id LEFT JOIN agency a ON a.id = m.agency_id
LEFT JOIN staff b ON b.id = c.asked_by_id LEFT JOIN staff r ON r.id = c.ruled_by_id
WHERE {_THEIRS} AND (%(staff)s::bigint IS NULL OR c.staff_id = %(staff)s) AND (NOT %(waiting)s OR c.state = 'asked')
ORDER BY c.asked_at DESC, c.id DESC LIMIT %(limit)s
"""


def load_changes(viewer: Viewer, staff_id: int | None = None, *, waiting: bool = False) -> list[ChangeRow]:
    """The newest changes of a member or of everybody, or only those that wait; within `reading`."""
    values = {
        "own_lender": viewer.lender_id,
        "own_agency": viewer.agency_id,
        "staff": staff_id,
        "waiting": waiting,
        "limit": CHANGES_MAX,
    }
    return [ChangeRow(*row) for row in select(_CHANGES, values)]


@dataclass(frozen=True, slots=True)
class Places:
    """What a form offers."""

    lenders: list[tuple[int, str]]
    agencies: list[tuple[int, str]]
    teams: list[str]


_AGENCIES = """
SELECT id, name FROM agency WHERE %(own_agency)s::bigint IS NULL OR id = %(own_agency)s ORDER BY name LIMIT %(limit)s
"""
_TEAMS = f"SELECT DISTINCT m.team FROM staff m WHERE m.team <> '' AND {_THEIRS} ORDER BY 1 LIMIT %(limit)s"


def load_places(viewer: Viewer) -> Places:
    """Lenders, agencies and teams that this viewer may name; within `reading`."""
    own = {"own_lender": viewer.lender_id, "own_agency": viewer.agency_id, "limit": 500}
    lenders = select("SELECT id, name FROM lender ORDER BY name LIMIT %(limit)s", own)
    agencies = select(_AGENCIES, own)
    teams = select(_TEAMS, own)
    kept = [] if viewer.agency_id is not None else [row for row in lenders if viewer.lender_id in (None, row[0])]
    return Places([(row[0], row[1]) for row in kept], [(row[0], row[1]) for row in agencies], [row[0] for row in teams])
