"""The civil day of the product: Beijing time (the Chinese packs count their days in it)."""

from datetime import date, datetime, time, timedelta

from zhizhi.core.kernel.instants import BEIJING


def civil_day(at: datetime) -> date:
    """The day in Beijing at an instant."""
    return at.astimezone(BEIJING).date()


def days_as_span(since: date | None, until: date | None) -> tuple[datetime, datetime]:
    """Civil days in Beijing, both inclusive, as instants: from the first midnight to that after the last day.

    Boundary: an end left open is so wide that everything stored lies within.
    """
    first, last = since or date(1970, 1, 1), until or date(9000, 1, 1)
    return datetime.combine(first, time(), BEIJING), datetime.combine(last + timedelta(days=1), time(), BEIJING)
