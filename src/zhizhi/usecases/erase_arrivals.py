"""What providers sent is kept as it came for as long as the law asks, then erased."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from zhizhi.core.kernel.days import add_months
from zhizhi.core.kernel.instants import BEIJING, MINUTES_PER_DAY, wall
from zhizhi.core.law.duties import retention_of
from zhizhi.core.law.law import Law
from zhizhi.store.inbox.arrivals import erase_arrivals
from zhizhi.store.law.houses import law_with, standing_houses
from zhizhi.store.packs import list_profiles, load_law
from zhizhi.usecases.zones import civil_day

RECORD = "sms_record"
MONTHS_AT_LEAST = 5
"""MIIT 31, also where no profile says more; an event belongs to no lender, so the longest of all laws counts."""


def erase_old_arrivals(at: datetime) -> int:
    """Erase a batch of events whose last day is over; answers how many: none while a law cannot be relied on."""
    laws = [*(load_law(profile) for profile in list_profiles()), *(law_with(house) for house in standing_houses())]
    known = [law for law in laws if law is not None and not law.broken]
    if len(known) < len(laws):
        return 0
    return erase_arrivals(wall(BEIJING, last_ended(known, civil_day(at)), MINUTES_PER_DAY), at)


def last_ended(laws: Iterable[Law], today: date) -> date:
    """The latest day of arrival whose time of keeping is over on a day, by the longest of all laws."""
    ends: list[Callable[[date], date]] = [lambda day: add_months(day, MONTHS_AT_LEAST)]
    for law in laws:
        ends += [kept.ends_on for kept in retention_of(law, RECORD, today).least]
    day = today
    while any(end(day) >= today for end in ends):
        day -= timedelta(days=1)
    return day
