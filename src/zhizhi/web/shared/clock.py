"""The one place where a screen reads the clock; everything behind it takes `at`."""

from datetime import UTC, date, datetime

from zhizhi.web.shared.written import local


def now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


def today(at: datetime) -> date:
    """The civil day of an instant at the office."""
    return local(at).date()
