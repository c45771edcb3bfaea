"""The one place where a screen reads the clock; everything behind it takes `at`."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from zhizhi.web.shared.written import local


def _system() -> datetime:
    return datetime.now(UTC)


_source: list[Callable[[], datetime]] = [_system]


def install(source: Callable[[], datetime] = _system) -> None:
    """Read another clock from now on: a test stands at one instant."""
    _source[:] = [source]


def now() -> datetime:
    """This instant."""
    return _source[0]()


def today(at: datetime) -> date:
    """The civil day of an instant at the office."""
    return local(at).date()
