"""The days ahead of a contact: from when to when it is permitted, held or forbidden if nothing else happens.

Edges are the instants that the rules themselves name: releases, ends of hours, changes of facts, midnights. Between two
of them the verdict is asked again at the last second, and an edge that nobody named is found there to the second.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Decision, Verdict
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import day_in, wall, whole_second, zone_of
from zhizhi.core.law.evaluate import evaluate
from zhizhi.core.law.law import Law, rules_on

DAYS_MAX = 31
EDGES_MAX = 2_000
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of instants at which the contact may begin with one verdict, and the rules that speak first."""

    start: datetime
    until: datetime
    verdict: Verdict
    rules: tuple[str, ...]


def ahead(case: Case, law: Law, until: datetime, decide: Callable[[Case, Law], Decision] = decide) -> tuple[Span, ...]:
    """Spans from the contact's instant to another, without gaps; neighbours differ in verdict.

    Refuses: more than 31 days (ValueError).
    """
    if until - case.proposed.at > timedelta(days=DAYS_MAX):
        raise ValueError(f"at most {DAYS_MAX} days ahead")
    return tuple(_Ahead(case, law, until, decide).spans())


class _Ahead:
    def __init__(self, case: Case, law: Law, until: datetime, decide: Callable[[Case, Law], Decision]) -> None:
        self._case, self._law, self._until, self._decide = case, law, until, decide
        self._view = View(case, law.zone or case.time_zones[0])
        self._zones = [zone_of(key) for key in dict.fromkeys((self._view.zone.key, *case.time_zones))]
        self._known: dict[datetime, Decision] = {}

    def spans(self) -> Iterator[Span]:
        at = self._case.proposed.at
        open_from, first = at, self._decided(at)
        for _ in range(EDGES_MAX):
            if at >= self._until:
                break
            edge = min(self._next_edge(at), self._until)
            last = edge - _SECOND
            if last > at and self._decided(last).verdict is not self._decided(at).verdict:
                edge = self._turn(at, last)
            now = self._decided(edge)
            if edge >= self._until or now.verdict is not first.verdict:
                yield Span(open_from, edge, first.verdict, tuple(reason.rule for reason in first.reasons))
                open_from, first = edge, now
            at = edge

    def _decided(self, at: datetime) -> Decision:
        if at not in self._known:
            self._known[at] = self._decide(self._moved(at), self._law)
        return self._known[at]

    def _moved(self, at: datetime) -> Case:
        proposed = self._case.proposed
        ends_at = None if proposed.expected_end_at is None else at + self._view.length
        return replace(self._case, proposed=replace(proposed, at=at, expected_end_at=ends_at))

    def _turn(self, same: datetime, other: datetime) -> datetime:
        """The first second, between two that differ in verdict, that differs from the earlier one."""
        verdict = self._decided(same).verdict
        while other - same > _SECOND:
            middle = whole_second(same + (other - same) / 2)
            if middle >= other:
                break
            if self._decided(middle).verdict is verdict:
                same = middle
            else:
                other = middle
        return other

    def _next_edge(self, at: datetime) -> datetime:
        record = Record(self._view, at)
        named = [self._decided(at).next_permitted_at, record.next_change_at]
        for bound in rules_on(self._law, self._case.reading, record.day):
            try:
                outcome = evaluate(bound.clause, record)
            except Exception:  # noqa: S112 - the decision holds the contact for it; an edge is then found by asking
                continue
            named += [outcome.release, outcome.until]
            if outcome.must_end_by is not None:
                leaves = outcome.must_end_by - self._view.length
                named += [outcome.must_end_by, leaves, leaves + _SECOND]
        named += [wall(zone, day_in(zone, at) + timedelta(days=1), 0) for zone in self._zones]
        return min(whole_second(instant) for instant in named if instant is not None and instant > at)
