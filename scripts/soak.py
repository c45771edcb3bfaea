"""`make soak`: worlds of random seeds, each lived through and audited, until the time is over.

usage: scripts/soak.py [--seed N] [--persons P] [--days D] [--begins DAY] [--faults SHARE] [--ordinary]
           [--seconds S] [--progress] [--rest-after S]

With --seed this one world alone, as an earlier run printed it; day by day with --progress, and audited each week.
Prints the figures of every world and, where a promise was broken, the first one with what happened to that person, by
ids; the exit code is then 1. Nothing leaves: the provider is the simulation's own.
"""

import argparse
import logging
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.run import Report

ROOT = Path(__file__).resolve().parents[1]
SHOWN_MAX = 400
STEPS_SHOWN = 12
SEEDS_BELOW = 1_000_000


def say(line: str = "") -> None:
    """One line to the terminal, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Live through one world or many; exit code 1 where a promise was broken."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", type=int, help="this world alone")
    arguments.add_argument("--persons", type=int, default=60)
    arguments.add_argument("--days", type=int, default=10)
    arguments.add_argument("--begins", type=date.fromisoformat, default=date(2026, 3, 2), metavar="DAY")
    arguments.add_argument("--faults", type=float, default=0.03, help="share of steps that meet one")
    arguments.add_argument("--seconds", type=float, default=600.0, help="begin no new world after this time")
    arguments.add_argument("--ordinary", action="store_true", help="a house that wishes for as much as one does")
    arguments.add_argument("--progress", action="store_true", help="a line each day, an audit each week")
    arguments.add_argument("--rest-after", type=float, default=float("inf"), metavar="SECONDS",
                           help="a world that is not over by then comes to rest early; with --progress")  # fmt: skip
    wanted = arguments.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    logging.disable(logging.ERROR)  # the provider breaks on purpose, a thousand times
    from zhizhi.gateways.postgres.server import Durability, start

    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # the server and its folder go too
    state = Path(tempfile.mkdtemp(prefix="zhizhi-soak-"))
    try:
        with start(state, durability=Durability.NONE) as server:
            return soak(wanted, server)
    finally:
        shutil.rmtree(state)


def soak(wanted: argparse.Namespace, server: object) -> int:
    """World after world on one server, each in a database of its own."""
    from simulation.figures import figures
    from simulation.place import migrated, open_place
    from simulation.progress import Progress
    from simulation.run import run
    from simulation.world import Plan

    template = migrated(server)  # type: ignore[arg-type]  # imported where Django may be set up
    dice, begun, number = random.SystemRandom(), time.monotonic(), 0
    while True:
        number += 1
        seed = wanted.seed if wanted.seed is not None else dice.randrange(SEEDS_BELOW)
        plan = Plan(seed, wanted.persons, wanted.days, wanted.begins, faults=wanted.faults, is_ordinary=wanted.ordinary)
        say(f"── seed {seed}: {plan.persons} persons, {plan.days} days ──")
        world_begun = time.monotonic()
        with open_place(server, template, f"soak_{number}") as place:  # type: ignore[arg-type]  # as above
            watched = (Progress(say, wanted.rest_after), say) if wanted.progress else ()
            report = run(plan, place, *watched)
            came_to = dict(figures(place.url))
        show(report, time.monotonic() - world_begun)
        for name, counts in came_to.items():
            say(f"{name}: {counts}")
        if report.broken:
            return 1
        if wanted.seed is not None or time.monotonic() - begun >= wanted.seconds:
            say(f"{number} worlds, no promise broken, {time.monotonic() - begun:,.0f} s")
            return 0


def show(report: "Report", wall: float) -> None:
    """The figures of a world, and its first broken promise."""
    truth, plan = report.truth, report.plan
    person_days = plan.persons * (truth.ended_at.date() - plan.begins_on).days
    say(f"messages left {len(truth.departures):,}, calls {len(truth.dials):,}, told {len(truth.told):,},"
        f" files {len(truth.uploads):,}, faults met {sum(truth.faults.values()):,}")  # fmt: skip
    say(f"processor {report.seconds_lived:,.1f} s lived, {report.seconds_audited:,.1f} s audited, database apart;"
        f" wall {wall:,.1f} s, {1000 * report.seconds_lived / person_days:,.1f} ms a person and day")  # fmt: skip
    slowest = sorted(truth.seconds.items(), key=lambda one: -one[1])[:STEPS_SHOWN]
    say(f"seconds of wall by step: { {name: round(seconds, 1) for name, seconds in slowest} }")
    say(f"faults: {dict(sorted(truth.faults.items()))}")
    say(f"done: {dict(sorted(truth.done.items()))}")
    say(f"checked {report.checked.total():,}: {dict(report.checked.most_common())}")
    if not report.broken:
        say("no promise broken")
        return
    say(f"BROKEN {len(report.broken)}: {dict(Counter(one.promise for one in report.broken))}")
    first = report.broken[0]
    say(f"first: {first.promise}; person {first.person} at {first.at.isoformat()}: {first.seen}")
    for line in report.history[-SHOWN_MAX:]:
        say(f"  {line.at.isoformat(timespec='seconds')}  {line.what}")
    ordinary = " --ordinary" if plan.is_ordinary else ""
    say(f"again: scripts/soak.py --seed {plan.seed} --persons {plan.persons} --days {plan.days}"
        f" --begins {plan.begins_on} --faults {plan.faults}{ordinary}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
