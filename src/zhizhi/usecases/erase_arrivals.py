"""What providers sent is kept as it came for as long as the law asks, then erased."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from zhizhi.core.kernel.days import add_months
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, wall
from zhizhi.core.law.duties import retention_of
from zhizhi.store.inbox.arrivals import erase_arrivals
from zhizhi.store.packs import list_profiles, load_law
from zhizhi.usecases.zones import BEIJING, civil_day

RECORD = "sms_record"
MONTHS_AT_LEAST = 5
"""MIIT 31, also where no profile says more; an event belongs to no lender, so the longest of all profiles counts."""


def erase_old_arrivals(at: datetime) -> int:
    """Erase a batch of events whose last day is over; answers how many."""
    return erase_arrivals(wall(BEIJING, last_ended(civil_day(at)), MINUTES_PER_DAY), at)


def last_ended(today: date) -> date:
    """The latest day of arrival whose time of keeping is over on a day."""
    ends: list[Callable[[date], date]] = [lambda day: add_months(day, MONTHS_AT_LEAST)]
    for profile in list_profiles():
        ends += [kept.ends_on for kept in retention_of(load_law(profile), RECORD, today).least]
    day = today
    while any(end(day) >= today for end in ends):
        day -= timedelta(days=1)
    return day
