"""Cases go to desks, equal by number and then by balance: the largest balance first, each to the desk that is filled
least; whoever is filled alike, the one with the fewest cases, then the smallest balance.

With desks that all fit and have room, numbers differ by one at most, and balances by no more than the largest of the
cases that were dealt: each round gives every desk one case of neighbours in size, the largest to the poorest.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm

from zhizhi.core.assignment.facts import Assignment, CaseToAssign, Desk, DeskAfter, Move, Terms, Unplaced, Why
from zhizhi.core.assignment.fitness import fits, is_away, is_ready, why_moves

STAYS_RATHER_THAN_NOBODY = frozenset({Why.HOLDER_AWAY, Why.RESHUFFLED})
Filled = tuple[int, int, int, int]
"""How a desk is filled: its share of its capacity, cases, balance, and its number, which decides among equals."""


@dataclass(slots=True)
class _Load:
    """A desk while cases are dealt; `scale` makes shares of different capacities comparable as whole numbers."""

    desk: Desk
    scale: int
    cases: int
    balance_minor: int
    got: int = 0
    gave: int = 0

    def filled(self) -> Filled:
        return self.cases * self.scale, self.cases, self.balance_minor, self.desk.id

    def add(self, case: CaseToAssign) -> None:
        self.cases += 1
        self.balance_minor += case.balance_minor


def assign(cases: Sequence[CaseToAssign], desks: Sequence[Desk], terms: Terms) -> Assignment:
    """Deal the cases that have to find a desk. `desks`: who works for the lender; the same input, the same answer."""
    known = {desk.id: desk for desk in desks}
    whole = lcm(*(desk.capacity for desk in desks if desk.capacity > 0))
    loads = {
        desk.id: _Load(desk, whole // desk.capacity if desk.capacity > 0 else 0, desk.cases, desk.balance_minor)
        for desk in desks
    }
    loose: list[tuple[CaseToAssign, Why]] = []
    for case in cases:
        why = why_moves(case, known, terms)
        if why is None and case.holder_id is not None:
            loads[case.holder_id].add(case)
        elif why is not None:
            loose.append((case, why))
    loose.sort(key=lambda one: (one[1] is not Why.BACK_HOME, -one[0].balance_minor, one[0].id))
    ready = [load for load in loads.values() if is_ready(load.desk, terms.on) and not is_away(load.desk, terms)]
    heaps = _Heaps(ready)
    moves = tuple(move for case, why in loose if (move := _deal(case, why, loads, heaps)) is not None)
    return Assignment(moves, tuple(_after(load) for load in loads.values()))


_Kind = tuple[int | None, str, str]


def _kind(case: CaseToAssign) -> _Kind:
    return case.agency_id, case.queue, case.language


class _Heaps:
    """By kind of case the desks that fit, the least filled first. A desk only ever fills, so an entry that is out of
    date stands too early and is brought up to date when it comes up; a full desk stays full and is taken out."""

    def __init__(self, ready: Sequence[_Load]) -> None:
        self._ready = ready
        self._of_kind: dict[_Kind, list[tuple[Filled, _Load]]] = {}
        self._fitting: dict[_Kind, frozenset[int]] = {}

    def least_filled(self, case: CaseToAssign) -> _Load | None:
        """The desk for a case; None where no fit one has room."""
        heap = self._heap(case)
        barred: list[tuple[Filled, _Load]] = []
        found = None
        while heap and found is None:
            filled, load = heap[0]
            if filled != load.filled():
                heapq.heapreplace(heap, (load.filled(), load))
            elif load.desk.id in case.barred_ids:
                barred.append(heapq.heappop(heap))
            elif load.cases < load.desk.capacity:
                found = load
            else:
                heapq.heappop(heap)
        for entry in barred:
            heapq.heappush(heap, entry)
        return found

    def fitting(self, case: CaseToAssign) -> int:
        """How many desks fit, with room or without."""
        self._heap(case)
        return len(self._fitting[_kind(case)] - case.barred_ids)

    def _heap(self, case: CaseToAssign) -> list[tuple[Filled, _Load]]:
        kind = _kind(case)
        if kind not in self._of_kind:
            anybody = CaseToAssign(0, 0, case.queue, case.language, case.agency_id)
            heap = [(load.filled(), load) for load in self._ready if fits(load.desk, anybody)]
            self._fitting[kind] = frozenset(load.desk.id for _, load in heap)
            heapq.heapify(heap)
            self._of_kind[kind] = heap
        return self._of_kind[kind]


def _deal(case: CaseToAssign, why: Why, loads: Mapping[int, _Load], heaps: _Heaps) -> Move | None:
    """Give a case its desk; None where it stays where it is."""
    goes_home = why is Why.BACK_HOME and case.home_id is not None
    load = loads[case.home_id] if goes_home and case.home_id is not None else heaps.least_filled(case)
    holder = loads.get(case.holder_id) if case.holder_id is not None else None
    if load is None and holder is not None and why in STAYS_RATHER_THAN_NOBODY:
        load = holder
    if load is holder and load is not None:
        load.add(case)
        return None
    if holder is not None:
        holder.gave += 1
    if load is None:
        unplaced = Unplaced.NO_ROOM if heaps.fitting(case) else Unplaced.NOBODY_FITS
        return Move(case.id, case.holder_id, None, why, unplaced=unplaced)
    home = (case.home_id or case.holder_id) if why is Why.HOLDER_AWAY else None
    among = 1 if goes_home else heaps.fitting(case)
    move = Move(case.id, case.holder_id, load.desk.id, why, home, load.cases, load.desk.capacity, among)
    load.add(case)
    load.got += 1
    return move


def _after(load: _Load) -> DeskAfter:
    desk = load.desk
    return DeskAfter(desk.id, desk.agency_id, desk.capacity, load.cases, load.balance_minor, load.got, load.gave)
