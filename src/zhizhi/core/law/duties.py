"""What the law asks beside contacts: duties with a deadline, and how long records are kept. Asked for by key; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from zhizhi.core.kernel.calendar import WorkCalendar
from zhizhi.core.kernel.days import add_days, add_months, add_years
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, day_in, wall
from zhizhi.core.law.law import Law, silent_rules_on
from zhizhi.core.law.nodes import Duty, Number, Retain, Rule

__all__ = ["Due", "Kept", "Owed", "Retention", "due_of", "duties_of", "retention_of"]


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty in force, its numbers filled in, and the rule that it comes from."""

    rule: Rule
    duty: Duty


@dataclass(frozen=True, slots=True)
class Due:
    """By when a duty has to be done: `act_before` is the first instant too late, `nominal_on` the day as counted."""

    act_before: datetime
    nominal_on: date | None = None


def duties_of(law: Law, day: date, reading: str = "strict", occasion: str | None = None) -> tuple[Owed, ...]:
    """The duties in force on a day, in the order of packs and articles; of one occasion, if it is named.

    Boundary: of several duties with one `do` each counts, so the earliest due instant is the one to keep.
    """
    found = []
    for bound in silent_rules_on(law, reading, day):
        body = bound.clause.body
        if isinstance(body, Duty) and occasion in (None, body.occasion):
            found.append(Owed(bound.rule, body))
    return tuple(found)


def due_of(duty: Duty, at: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> Due:
    """When a duty is due whose occasion falls on an instant.

    Law: CC 200-203: the day of the occasion is not counted, the last day ends at 24:00. Boundary: a last day of ours on
    which nobody works gives way to the working day before it, unless that is not after the occasion; one of a court,
    authority or debtor rolls to the next working day.
    """
    if duty.period in ("minutes", "hours"):
        step = timedelta(**{duty.period: _number(duty.within)})
        return Due(at - step if duty.before else at + step)
    if duty.before and duty.within == 0:
        return Due(at)
    if duty.within == 0 and duty.period != "days":
        return Due(at)
    on = day_in(zone, at)
    nominal = _moved(on, -1 if duty.before else 1, _number(duty.within), duty.period, calendar)
    return Due(wall(zone, _act_on(duty, on, nominal, calendar), MINUTES_PER_DAY), nominal)


def _act_on(duty: Duty, on: date, nominal: date, calendar: WorkCalendar) -> date:
    if duty.by == "other":
        return calendar.roll(nominal)
    worked = calendar.back(nominal)
    return worked if duty.before or worked > on else nominal


def _moved(day: date, sign: int, count: int, period: str, calendar: WorkCalendar | None) -> date:
    """So many units after a day, or before it."""
    if period == "months":
        return add_months(day, sign * count)
    if period == "years":
        return add_years(day, sign * count)
    if period == "days":
        return add_days(day, sign * count)
    assert period == "working_days", "periods of less than a day are instants"
    assert calendar is not None, "records are kept for civil days, months or years"
    if sign > 0:
        return calendar.add_working_days(day, count)
    for _ in range(count):
        day = calendar.back(day - timedelta(days=1))
    return day


@dataclass(frozen=True, slots=True)
class Kept:
    """One rule about how long a record is kept."""

    rule: Rule
    retain: Retain

    def ends_on(self, day: date) -> date:
        """The last day of the period where it runs from a day."""
        return _moved(day, 1, _number(self.retain.within), self.retain.period, None)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a record is kept: at least by each of `least`, so by the longest; at most by each of `most`."""

    record: str
    least: tuple[Kept, ...]
    most: tuple[Kept, ...]

    def longest(self, day: date) -> Kept | None:
        """The rule that binds where every period runs from one day; the first of equals; None where none is set."""
        return max(self.least, key=lambda kept: kept.ends_on(day), default=None)

    def keep_until(self, days: Mapping[str, date]) -> date | None:
        """The last day on which the record has to be there. None: no least period, or an occasion has not come yet."""
        ends = [kept.ends_on(days[kept.retain.occasion]) for kept in self.least if kept.retain.occasion in days]
        return max(ends) if ends and len(ends) == len(self.least) else None

    def erase_from(self, days: Mapping[str, date]) -> date | None:
        """The first day on which the record must be gone, by the shortest of the greatest periods that run."""
        ends = [kept.ends_on(days[kept.retain.occasion]) for kept in self.most if kept.retain.occasion in days]
        return min(ends) + timedelta(days=1) if ends else None


def retention_of(law: Law, record: str, day: date, reading: str = "strict", keeper: str | None = None) -> Retention:
    """What the packs of a law say on a day about keeping a record.

    Boundary: without a keeper every rule counts, whomever it binds: the longest is never missed.
    """
    kept = [
        Kept(bound.rule, bound.clause.body)
        for bound in silent_rules_on(law, reading, day)
        if isinstance(bound.clause.body, Retain) and bound.clause.body.record == record
    ]
    binding = [one for one in kept if keeper is None or one.retain.keeper in (None, keeper)]
    return Retention(
        record,
        tuple(one for one in binding if not one.retain.most),
        tuple(one for one in binding if one.retain.most),
    )


def _number(number: Number) -> int:
    assert isinstance(number, int), "numbers are filled in before a duty is read"
    return number
