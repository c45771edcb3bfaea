"""What screens read about desks, lenders, agencies and queues."""

from dataclasses import dataclass
from typing import Literal

from zhizhi.core.kernel.masks import View
from zhizhi.core.kernel.text import Language
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.lenders.rights import Right, may
from zhizhi.store.lenders.scopes import SCOPE_OF_ROLE
from zhizhi.store.lenders.views import view_of
from zhizhi.store.select import select
from zhizhi.store.viewer import Viewer

LENDERS_MAX = 50
CHOICES_MAX = 500


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who is signed in, as screens see them."""

    staff_id: int
    login: str
    name: str
    role: str
    language: Language
    viewer: Viewer

    def may(self, right: Right) -> bool:
        """Whether the role of this desk has a right."""
        return may(self.role, right)

    @property
    def view(self) -> View:
        """The column of the table of masks by which this desk sees personal values."""
        return view_of(self.role)


def desk_of(staff: object) -> Desk | None:
    """The desk of a signed-in member of staff; None for anybody else."""
    if not isinstance(staff, Staff):
        return None
    viewer = Viewer(staff.pk, SCOPE_OF_ROLE[staff.role], staff.lender_id, staff.agency_id)
    language: Language = "en" if staff.language == "en" else "zh"
    return Desk(staff.pk, staff.login, staff.name, staff.role, language, viewer)


def desk_of_login(login: str) -> Desk | None:
    """The desk of somebody who works here, by login, for a command that somebody runs in that name."""
    return desk_of(Staff.objects.using("gate").filter(login=login, is_active=True).first())


def lender_ids_of(viewer: Viewer) -> list[int]:
    """The lenders whose search keys a search of this viewer uses; the rows found stay under row-level security."""
    if viewer.lender_id is not None:
        return [viewer.lender_id]
    return list(Lender.objects.order_by("id").values_list("id", flat=True)[:LENDERS_MAX])


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a filter."""

    kind: Literal["lender", "queue", "agency", "collector"]
    id: int
    name: str


_CHOICES = """
(SELECT 'lender', l.id, l.name FROM lender l WHERE %(lender)s::bigint IS NULL OR l.id = %(lender)s
    ORDER BY l.name LIMIT %(limit)s)
UNION ALL
(SELECT 'queue', q.id, q.name FROM queue q
    WHERE %(lender)s::bigint IS NULL OR q.lender_id = %(lender)s ORDER BY q.name LIMIT %(limit)s)
UNION ALL
(SELECT 'agency', a.id, a.name FROM agency a WHERE %(agency)s::bigint IS NULL OR a.id = %(agency)s
    ORDER BY a.name LIMIT %(limit)s)
UNION ALL
(SELECT 'collector', s.id, s.name FROM staff s
 WHERE s.role IN ('collector', 'agency_collector', 'team_leader')
   AND CASE %(scope)s WHEN 'self' THEN s.id = %(staff)s
                      WHEN 'agency' THEN s.agency_id = %(agency)s
                      ELSE %(lender)s::bigint IS NULL OR s.lender_id = %(lender)s OR s.lender_id IS NULL END
 ORDER BY s.name LIMIT %(limit)s)
"""


def load_choices(viewer: Viewer) -> list[Choice]:
    """What the filters of the worklist offer this viewer."""
    values = {
        "lender": viewer.lender_id,
        "agency": viewer.agency_id,
        "scope": viewer.scope,
        "staff": viewer.staff_id,
        "limit": CHOICES_MAX,
    }
    return [Choice(kind, row_id, name) for kind, row_id, name in select(_CHOICES, values)]
