"""A month of a floor, worked through the product's own use cases, and every evening's reports recounted.

usage: scripts/floor.py [--seed N] [--accounts N] [--seats N] [--agencies N] [--seats-an-agency N] [--days D]
           [--calls N]

Seats and agencies call what the product gives them next, people pay, the clerk settles; the head's, the team leaders',
the agencies' and settlement's reports of each day are compared with the ledger, the permits and with what was done, and
each agency's statement of the month is recomputed by `scripts/commission_month.py`. Exit code 1 where two readers are
told two numbers. Nothing leaves: the provider is the simulation's own.
"""

import argparse
import logging
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Live it and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--seats", type=int, default=200)
    parser.add_argument("--agencies", type=int, default=3)
    parser.add_argument("--seats-an-agency", type=int, default=20)
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--calls", type=int, default=40, help="cases that a seat takes in a day")
    wanted = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    logging.disable(logging.ERROR)
    from floor.house import FloorPlan
    from zhizhi.gateways.postgres.server import Durability, start

    plan = FloorPlan(
        seed=wanted.seed, accounts=wanted.accounts, seats=wanted.seats, agencies=wanted.agencies,
        seats_an_agency=wanted.seats_an_agency, days=wanted.days, calls_a_seat=wanted.calls,
    )  # fmt: skip
    state = Path(tempfile.mkdtemp(prefix="zhizhi-floor-"))
    try:
        with start(state, durability=Durability.NONE) as server:
            return lived(plan, server)
    finally:
        shutil.rmtree(state)


def lived(plan: object, server: object) -> int:
    """One month on one server."""
    from floor.books import shown
    from floor.month import live
    from simulation.place import migrated, open_place

    begun = time.monotonic()
    with open_place(server, migrated(server), "floor") as place:  # type: ignore[arg-type]  # imported where it may be
        month = live(plan, place, say)  # type: ignore[arg-type]  # as above
        recomputed = [recompute(place.url, statement) for statement in month.statements]
    phases = {name: round(spent) for name, spent in month.seconds.items()}
    say(f"{time.monotonic() - begun:,.0f} s; seconds by phase {phases}")
    say(f"{month.dials:,} dials, {month.talks:,} talks, {month.promises:,} promises, {month.messages:,} messages")
    say(f"{month.arrivals:,} arrivals of {month.minor / 100:,.2f}; asked by seats {dict(month.asked)}")
    say(f"refused to seats otherwise {dict(month.refused)}; nothing to do {month.nothing:,} times")
    for line in shown(month.recount):
        say(line)
    say(f"{len(recomputed)} statements recomputed, {sum(map(bool, recomputed))} differ")
    for said in filter(None, recomputed):
        say(said)
    return 1 if month.recount.differences or any(recomputed) else 0


def recompute(url: str, statement: int) -> str:
    """What the script that shares no line with the product finds different; empty: nothing."""
    script = [sys.executable, "-I", str(ROOT / "scripts" / "commission_month.py"), "--dsn", url, str(statement)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    return "" if done.returncode == 0 else done.stdout + done.stderr


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
