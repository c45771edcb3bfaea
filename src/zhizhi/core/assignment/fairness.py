"""How evenly cases lie: by agency the spread of numbers and of balances over its desks."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from zhizhi.core.assignment.facts import DeskAfter


@dataclass(frozen=True, slots=True)
class Spread:
    """The desks of an agency (None: own staff) that hold or may hold cases, and the least and most of them.

    Balances are minor units of one currency.
    """

    agency_id: int | None
    desks: int
    cases: int
    fewest: int
    most: int
    balance_minor: int
    least_minor: int
    largest_minor: int


def spreads(desks: Iterable[DeskAfter]) -> list[Spread]:
    """By agency, own staff first."""
    ordered = sorted((desk for desk in desks if desk.capacity > 0 or desk.cases > 0), key=_of_agency)
    return [_spread(list(group)) for _, group in groupby(ordered, key=_of_agency)]


def _of_agency(desk: DeskAfter) -> int:
    return desk.agency_id or 0


def _spread(desks: list[DeskAfter]) -> Spread:
    numbers, balances = [desk.cases for desk in desks], [desk.balance_minor for desk in desks]
    return Spread(
        agency_id=desks[0].agency_id,
        desks=len(desks),
        cases=sum(numbers),
        fewest=min(numbers),
        most=max(numbers),
        balance_minor=sum(balances),
        least_minor=min(balances),
        largest_minor=max(balances),
    )
