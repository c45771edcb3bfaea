"""How long a permit is good for: what waits must not leave at an instant at which the law no longer permits it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.compiled import decide_compiled as decide
from zhizhi.core.conduct.decide import Decision
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, day_in, wall
from zhizhi.core.law.law import Law

LONGEST = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


def valid_until(case: Case, law: Law, decision: Decision) -> datetime:
    """The end of a permit minted for `case`: the law permits the contact at every instant before it.

    Hours begin and end on whole minutes, and everything that people said or that expires is among the changes of the
    case; so the law is asked again at each of these instants. Where nobody said anything and nothing changes within the
    span, hours are one stretch of the day, and its two ends are enough. Boundary: it ends with its civil day, so that a
    contact counts on the day on which its permit took a number.
    """
    at = case.proposed.at
    view = View(case, law.zone or case.time_zones[0])
    end = min(at + LONGEST, wall(view.zone, day_in(view.zone, at), MINUTES_PER_DAY))
    if decision.must_end_by is not None:
        end = min(end, decision.must_end_by)
    changes = [change for change in view.changes if at < change < end]
    if not changes and not case.statements and _permits(case, law, end - timedelta(microseconds=1)):
        return end
    for instant in sorted({*_minutes(at, end), *changes}):
        if not _permits(case, law, instant):
            return instant
    return end


def _permits(case: Case, law: Law, at: datetime) -> bool:
    return decide(replace(case, proposed=replace(case.proposed, at=at)), law).verdict == "permit"


def _minutes(at: datetime, end: datetime) -> Iterator[datetime]:
    instant = at.replace(second=0, microsecond=0) + MINUTE
    while instant < end:
        yield instant
        instant += MINUTE
