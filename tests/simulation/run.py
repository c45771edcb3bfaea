"""A seed lived through and audited: what the tests and `scripts/soak.py` call."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulation.audit import Line, audit, history_of
from simulation.broken import Broken
from simulation.commands import broken_by_command
from simulation.place import Place
from simulation.seeding import Seeded
from simulation.simulate import Watch, nobody, simulate
from simulation.truth import Truth
from simulation.world import Plan


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a seed; `history` is of the person of the first broken promise."""

    plan: Plan
    truth: Truth
    broken: Sequence[Broken]
    checked: Counter[str]
    history: Sequence[Line]
    seconds_lived: float
    seconds_audited: float


def run(
    plan: Plan,
    place: Place,
    watch: Watch = nobody,
    say: Callable[[str], None] = lambda _: None,
    seeded: Seeded | None = None,
) -> Report:
    """Live, then audit, and say what is done as soon as it is.

    The seconds are of this process's processor, the database's own are not in them.
    """
    begun = time.process_time()
    truth = simulate(plan, place, seeded, watch)
    lived = time.process_time()
    say(f"lived until {truth.ended_at.isoformat()}; processor {lived - begun:,.0f} s")
    found = audit(truth, place.url)
    say(f"audited: {found.checked.total():,} checks, broken {len(found.broken)}; {dict(found.checked.most_common())}")
    broken = [*found.broken, *broken_by_command(place, truth.ended_at, say)]
    history = history_of(broken[0].person, truth, place.url) if broken and broken[0].person else []
    return Report(plan, truth, broken, found.checked, history, lived - begun, time.process_time() - lived)
