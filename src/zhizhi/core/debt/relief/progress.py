"""How far an agreement is: what money that arrived has filled, and whether a payment is missed beyond its grace."""

from collections.abc import Mapping, Sequence
from datetime import date

from zhizhi.core.debt.allocate import Debt, Payment, allocate
from zhizhi.core.debt.components import Component, Components, owed
from zhizhi.core.debt.relief.trial import DueLine
from zhizhi.core.kernel.days import add_days


def parts_for(owed_by_agreement: Debt, amount_minor: int, on: date) -> Mapping[Component, int]:
    """What money fills of an agreement, in the order of law; what it waives is not among the parts.

    `owed_by_agreement`: the debt, with what is left of the agreement as its components. Law: CC 561, CBRC 2011-2.
    Boundary: no more than is left; the rest of the money is surplus, or pays what stands beside the agreement.
    """
    counted = min(amount_minor, owed(owed_by_agreement.components))
    if counted <= 0:
        return {}
    return {
        line.component: line.paid_minor
        for line in allocate(Payment(on, counted, (owed_by_agreement,))).lines
        if line.paid_minor
    }


def filled(lines: Sequence[DueLine], received_minor: int) -> int:
    """How many of the lines the money fills, the earliest first."""
    total = 0
    for count, line in enumerate(lines):
        total += line.amount_minor
        if total > received_minor:
            return count
    return len(lines)


def missed_on(lines: Sequence[DueLine], received_minor: int, grace_days: int) -> date | None:
    """The first day on which the agreement is broken unless more arrives; None where all arrived.

    Boundary: money of the last day of grace keeps it.
    """
    count = filled(lines, received_minor)
    return None if count == len(lines) else add_days(lines[count].due_on, grace_days + 1)


_RUNS = frozenset((Component.COMPOUND_INTEREST, Component.PENALTY_INTEREST, Component.DAMAGES))


def to_waive(waived: Components, left: Components) -> Components:
    """What is posted as waived once all has arrived: what was agreed, and what ran since for being late, though nothing
    was to run.

    Boundary: never more than is left of the debt; principal, interest of the term, costs and fees never beyond what was
    agreed, because later instalments of the contract bring new ones.
    """
    posted = {part: minor if part in _RUNS else min(minor, waived.get(part, 0)) for part, minor in left.items()}
    return {part: minor for part, minor in posted.items() if minor > 0}
