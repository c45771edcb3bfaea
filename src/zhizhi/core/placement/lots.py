"""A batch is cut into equal lots: by number in every stratum and over all, then by balance; without chance.

Strata are dealt one after the other, largest balance first, in rounds that give every lot one case of neighbours in
size, the largest to the poorest lot. The last round of a stratum may be short: it goes to the lots with the fewest
cases so far, so that numbers differ by one at most in each stratum and over all. Balances then differ by no more than
the largest case and, for every stratum that does not divide evenly, the largest of its short round.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

AGE_BANDS = (30, 60, 90, 180, 360)
"""Days past due at which a band ends; older is the last band."""


@dataclass(frozen=True, slots=True)
class CaseToPlace:
    """A case of a batch. `stratum`: what shall be alike in every lot: age band, product, region, score band."""

    id: int
    balance_minor: int
    stratum: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lot:
    """What one agency gets: case ids in the order in which they were dealt."""

    case_ids: tuple[int, ...]
    balance_minor: int


@dataclass(slots=True)
class _Filling:
    place: int
    balance_minor: int = 0
    case_ids: list[int] = field(default_factory=list)

    def add(self, case: CaseToPlace) -> None:
        self.case_ids.append(case.id)
        self.balance_minor += case.balance_minor


def age_band(days_past_due: int) -> str:
    """The band of an age: `-30`, `31-60`, …, `361-`."""
    first: int | str = ""
    for last in AGE_BANDS:
        if days_past_due <= last:
            return f"{first}-{last}"
        first = last + 1
    return f"{first}-"


def cut_into_lots(cases: Iterable[CaseToPlace], lots: int) -> tuple[Lot, ...]:
    """Every case in exactly one of so many lots; the same cases in whatever order give the same lots."""
    assert lots > 0, "a batch goes to somebody"
    filling = [_Filling(place) for place in range(lots)]
    ordered = sorted(cases, key=lambda case: (case.stratum, -case.balance_minor, case.id))
    for _, stratum in groupby(ordered, key=lambda case: case.stratum):
        rest = list(stratum)
        while rest:
            _deal_round(rest[:lots], filling)
            del rest[:lots]
    return tuple(Lot(tuple(one.case_ids), one.balance_minor) for one in filling)


def _deal_round(cases: Sequence[CaseToPlace], filling: Sequence[_Filling]) -> None:
    fewest = sorted(filling, key=lambda one: (len(one.case_ids), one.balance_minor, one.place))[: len(cases)]
    poorest = sorted(fewest, key=lambda one: (one.balance_minor, one.place))
    for case, one in zip(cases, poorest, strict=True):
        one.add(case)
