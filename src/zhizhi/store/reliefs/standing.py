"""What an offer depends on, as it stands now: the debts of a person and whether the person is in hardship."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from zhizhi.core.debt.components import Components
from zhizhi.store.cases.models import Case, Stop
from zhizhi.store.debts.models import Debt
from zhizhi.store.transact.owed import components_of


@dataclass(frozen=True, slots=True)
class StandingDebt:
    """A debt and what is owed on it."""

    id: int
    product: str
    currency: str
    state: str
    oldest_unpaid_due_on: date | None
    standing: Components


@dataclass(frozen=True, slots=True)
class StandingPerson:
    """Debts, the kinds of the stops in force, and whether a case is open."""

    debts: tuple[StandingDebt, ...]
    stops: frozenset[str]
    has_case: bool


def load_standing(person_id: int, at: datetime) -> StandingPerson:
    """How it stands; what is decided on it is compared again under the person's lock."""
    rows = Debt.objects.using("gate").filter(person_id=person_id).order_by("-balance_minor", "id")
    stops = Stop.objects.using("gate").filter(person_id=person_id, lifted_at=None, from_at__lte=at)
    in_force = stops.filter(Q(until_at=None) | Q(until_at__gt=at)).values_list("kind", flat=True)
    debts = tuple(
        StandingDebt(row.id, row.product, row.currency, row.state, row.oldest_unpaid_due_on, components_of(row))
        for row in rows
    )
    has_case = Case.objects.using("gate").filter(person_id=person_id, closed_on=None).exists()
    return StandingPerson(debts, frozenset(in_force), has_case)
