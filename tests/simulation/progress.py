"""A long world tells how far it is, day by day, and is audited each week: a part of it is a result too."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from simulation.audit import audit_under_way, history_of
from simulation.broken import Broken
from simulation.ledger_of_rows import EVER
from simulation.world import World

WEEK = 7
SHOWN_MAX = 400


@dataclass
class Progress:
    """Watches one world. `say` takes a line; after `seconds` of wall clock the world comes to rest early."""

    say: Callable[[str], None]
    seconds: float = float("inf")
    begun: float = field(default_factory=time.monotonic)
    audited_until: datetime = EVER
    known: set[Broken] = field(default_factory=set)

    def __call__(self, world: World, day: int) -> bool:
        """A day is over; answers whether it is enough."""
        truth, spent = world.truth, time.monotonic() - self.begun
        self.say(
            f"day {day + 1:3} ({world.on(day, datetime.min.time()):%Y-%m-%d}): messages left {len(truth.departures):,},"
            f" calls {len(truth.dials):,}, told {len(truth.told):,}, faults {sum(truth.faults.values()):,};"
            f" processor {time.process_time():,.0f} s, wall {spent:,.0f} s, load {os.getloadavg()[0]:.1f}"
        )
        if (day + 1) % WEEK == 0:
            self._audit(world, (day + 1) // WEEK)
        return spent >= self.seconds

    def _audit(self, world: World, week: int) -> None:
        """What holds at every instant, of everything; long tables from the week before on."""
        begun = time.process_time()
        found = audit_under_way(world.truth, world.place.url, self.audited_until)
        self.audited_until = world.now
        fresh = [one for one in found.broken if one not in self.known]
        self.known.update(fresh)
        self.say(
            f"  audit of week {week}: {found.checked.total():,} checks of {len(found.checked)} promises,"
            f" broken {len(fresh)} more, {len(self.known)} in all; {time.process_time() - begun:,.0f} s"
        )
        for broken in fresh[:1]:
            self.say(f"  BROKEN {broken.promise}; person {broken.person} at {broken.at.isoformat()}: {broken.seen}")
            for line in history_of(broken.person, world.truth, world.place.url)[-SHOWN_MAX:]:
                self.say(f"    {line.at.isoformat(timespec='seconds')}  {line.what}")
