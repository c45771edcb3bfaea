"""The member of staff in whose name something is changed."""

from dataclasses import dataclass

from zhizhi.store.lenders.rights import Right, may
from zhizhi.store.lenders.scopes import SCOPE_OF_ROLE, Scope
from zhizhi.store.many import Question, ask


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who works here now."""

    staff_id: int
    role: str
    lender_id: int | None
    agency_id: int | None

    def may(self, right: Right) -> bool:
        """Whether the role has a right."""
        return may(self.role, right)

    @property
    def scope(self) -> Scope:
        """Which rows the role sees."""
        return SCOPE_OF_ROLE[self.role]

    def works_for(self, lender_id: int) -> bool:
        """Whether this is one of the lender's own people, or works for every lender."""
        return self.agency_id is None and self.lender_id in (None, lender_id)

    def may_reach(self, lender_id: int, agency_id: int | None) -> bool:
        """Whether a case of this lender, with this agency now, could be theirs; row-level security knows if it is."""
        return self.works_for(lender_id) if self.agency_id is None else self.agency_id == agency_id


_ACTING = "SELECT s.id, s.role, s.lender_id, s.agency_id FROM staff s WHERE s.id = %s AND s.is_active"


def load_acting(staff_id: int) -> Acting | None:
    """Who it is; None where nobody works here by that id."""
    return ask(acting_of(staff_id))


def acting_of(staff_id: int) -> Question[Acting | None]:
    """The question of `load_acting`, to be asked together with others."""
    return Question(_ACTING, [staff_id], lambda rows: Acting(*rows[0]) if rows else None)
