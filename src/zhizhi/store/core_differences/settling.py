"""One step of a person with a difference, in a transaction of its own; and what use cases ask about one."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from zhizhi.store.core_differences.keeping import ask_core, set_aside
from zhizhi.store.core_differences.models import CoreDifference
from zhizhi.store.core_differences.words import WAITING


@dataclass(frozen=True, slots=True)
class Standing:
    """A difference that waits."""

    id: int
    lender_id: int
    person_id: int | None
    debt_id: int | None
    currency: str
    ours_minor: int | None
    core_minor: int


def find_waiting(difference_id: int) -> Standing | None:
    """One that waits."""
    row = CoreDifference.objects.using("gate").filter(pk=difference_id, state__in=WAITING).first()
    if row is None:
        return None
    return Standing(
        row.pk, row.lender_id, row.person_id, row.debt_id, row.currency, row.ours_minor, row.core_minor
    )  # fmt: skip


def note_asked_core(difference_id: int, ground: str, *, by: int, at: datetime) -> None:
    """Somebody asked the core. Refuses: one that was settled."""
    with transaction.atomic(using="gate", durable=True):
        ask_core(difference_id, ground, by=by, at=at)


def note_set_aside(difference_id: int, ground: str, *, by: int, at: datetime) -> None:
    """An account that is not ours was explained. Refuses: one of a debt of ours."""
    with transaction.atomic(using="gate", durable=True):
        set_aside(difference_id, ground, by=by, at=at)
