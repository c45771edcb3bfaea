"""Whether a machine's clock may be trusted: readings of several clocks compared. Nothing is read here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DIFFERS_AT_MOST = timedelta(seconds=5)
"""Far more than clocks that are kept in step ever differ, far less than the minute in which hours of the law begin."""


class ClockState(StrEnum):
    """What a reading says; everything but `agrees` holds every contact back."""

    AGREES = "agrees"
    DIFFERS = "differs"
    WENT_BACK = "went_back"
    STEPPED = "stepped"


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One look at all clocks: this machine's around a question to the database, and what the database's said.

    `steady`: the time since this machine started, which nobody can set. `is_elsewhere`: the database runs on another
    machine, so that its clock is a second opinion.
    """

    before: datetime
    after: datetime
    database: datetime
    steady: timedelta
    is_elsewhere: bool

    @property
    def ahead(self) -> timedelta:
        """How far this machine's clock is ahead of the database's; right to half the time that the question took."""
        return self.before + (self.after - self.before) / 2 - self.database


@dataclass(frozen=True, slots=True)
class Anchor:
    """This machine's clock and its steady time at a reading that was trusted."""

    wall: datetime
    steady: timedelta

    def stepped_by(self, wall: datetime, steady: timedelta) -> timedelta:
        """How far the clock has moved since, beyond the time that passed."""
        return (wall - self.wall) - (steady - self.steady)


def judge(reading: ClockReading, anchor: Anchor | None, latest_known: datetime | None) -> ClockState:
    """What a reading says of this machine's clock.

    `latest_known`: the latest instant at which any process of the installation trusted its clock. A database that
    answers too slowly to tell counts as one that differs.

    Boundary: a machine that starts with a wrong clock which agrees with a database of its own machine, and which is
    ahead of everything known, cannot be told from one that rested for as long.
    """
    most_ahead, least_ahead = reading.after - reading.database, reading.before - reading.database
    if max(most_ahead, least_ahead) > DIFFERS_AT_MOST or min(most_ahead, least_ahead) < -DIFFERS_AT_MOST:
        return ClockState.DIFFERS
    if latest_known is not None and reading.database < latest_known - DIFFERS_AT_MOST:
        return ClockState.WENT_BACK
    if anchor is None or reading.is_elsewhere:  # the clock of another machine vouches for the step
        return ClockState.AGREES
    step = anchor.stepped_by(reading.after, reading.steady)
    return ClockState.STEPPED if abs(step) > DIFFERS_AT_MOST else ClockState.AGREES
