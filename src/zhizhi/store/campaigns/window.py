"""When a campaign may send: whole civil days in Beijing, and the hours of each; the law's own hours come on top."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zhizhi.core.kernel.instants import BEIJING, day_in, wall

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Days `from_on` to `until_on`, both inclusive, each from `opens` to before `closes` (minutes after midnight)."""

    from_on: date
    until_on: date
    opens: int
    closes: int

    def opening_from(self, at: datetime) -> datetime | None:
        """`at` where it lies within, else the next instant that does; None where none is left."""
        day = max(day_in(BEIJING, at), self.from_on)
        while day <= self.until_on:
            begin = max(at, wall(BEIJING, day, self.opens))
            if begin < wall(BEIJING, day, self.closes):
                return begin
            day += DAY
        return None

    def is_open(self, at: datetime) -> bool:
        """Whether it may send now."""
        return self.opening_from(at) == at

    def is_over(self, at: datetime) -> bool:
        """Whether it will never send again."""
        return self.opening_from(at) is None
