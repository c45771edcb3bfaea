"""Civil days of the generator as ordinals: months, paydays, Spring Festival, and their text."""

from calendar import monthrange
from datetime import date

from zhizhi.gateways.generator.parameters import Parameters


def iso(ordinal: int) -> str:
    """`YYYY-MM-DD` of an ordinal day."""
    text = _ISO.get(ordinal)
    if text is None:
        text = _ISO[ordinal] = date.fromordinal(ordinal).isoformat()
    return text


_ISO: dict[int, str] = {}  # bounded by the days that a book can name (about thirty years)
_MONTHS: dict[tuple[int, int], int] = {}


def month_day(month: int, day: int) -> int:
    """The ordinal of a day number in a month (years × 12 + month - 1), or of its last day where the month lacks it."""
    ordinal = _MONTHS.get((month, day))
    if ordinal is None:
        year, index = divmod(month, 12)
        last = monthrange(year, index + 1)[1]
        ordinal = _MONTHS[month, day] = date(year, index + 1, min(day, last)).toordinal()
    return ordinal


_PARTS: dict[int, tuple[int, int]] = {}


def month_of(ordinal: int) -> tuple[int, int]:
    """(years × 12 + month - 1, day number) of an ordinal day."""
    parts = _PARTS.get(ordinal)
    if parts is None:
        day = date.fromordinal(ordinal)
        parts = _PARTS[ordinal] = (day.year * 12 + day.month - 1, day.day)
    return parts


class Seasons:
    """Which days are paydays and which lie in the Spring Festival."""

    __slots__ = ("_ends", "_paydays", "festival_days")

    def __init__(self, parameters: Parameters) -> None:
        """Read the dated table of the parameters."""
        first, last = parameters.day_lists["festival_span"]
        self._paydays = parameters.day_lists["payday"]
        self.festival_days = frozenset(
            day.toordinal() + offset for day in parameters.spring_festival for offset in range(first, last + 1)
        )
        self._ends = {
            day.toordinal() + offset: day.toordinal() + last + 1
            for day in parameters.spring_festival
            for offset in range(first, last + 1)
        }

    def after_festival(self, ordinal: int) -> int:
        """The first day after the festival that holds this day, else the day itself."""
        return self._ends.get(ordinal, ordinal)

    def payday_within(self, ordinal: int, days: int) -> int:
        """The first payday from this day on, if it comes within `days`; else the day itself."""
        for offset in range(days + 1):
            month, day = month_of(ordinal + offset)
            if day in self._paydays or month_of(ordinal + offset + 1)[0] != month:
                return ordinal + offset
        return ordinal
