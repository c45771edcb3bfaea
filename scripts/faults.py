"""`make faults`: inject faults into the processes of the product, one at a time, and hold it to its promises.

usage: scripts/faults.py [--kinds kill,cut,…] [--count 300] [--seed 1] [--only FAULT] [--jobs 3]

A run without a fault lists the points first. Exit code 1 where a promise was broken, with the command that injects
exactly that fault again. Told to end (Ctrl-C, SIGTERM, a closed terminal), it ends everything that it started first.
"""

import argparse
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from statistics import median
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhizhi.config.settings")

import django  # noqa: E402 - after the path

django.setup()

from faults.plan import KINDS, Fault, Outcome, choose, points_of, run  # noqa: E402 - after Django
from faults.stage import Stage, opened  # noqa: E402 - after Django

COLUMNS = ("injected", "missed", "unlawful", "lost", "doubles", "stuck", "other", "p50 s", "max s")


def say(line: str = "") -> None:
    """One line to the terminal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def inject(stage: Stage, faults: Sequence[Fault], jobs: int) -> Iterable[Outcome]:
    """Those that need the cluster to themselves come last, one by one."""
    beside = [fault for fault in faults if not KINDS[fault.kind].alone]
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for played in as_completed([pool.submit(run, stage, fault) for fault in beside]):
                yield played.result()
        except BaseException:
            stage.end()
            pool.shutdown(cancel_futures=True)
            raise
    try:
        for fault in faults:
            if KINDS[fault.kind].alone:
                yield run(stage, fault)
    except BaseException:
        stage.end()
        raise


def tell_broken(outcome: Outcome) -> None:
    """What was broken, and how to see it again."""
    say(f"\nBROKEN {outcome.fault}")
    for line in outcome.verdict.broken:
        say(f"  {line}")
    say(f"  workers said: {outcome.said[-2000:].strip() or 'nothing'}")
    say(f"  again: .venv/bin/python scripts/faults.py --only '{outcome.fault}'\n")


def table(outcomes: Sequence[Outcome]) -> None:
    """By kind, and all together; then how the deliveries ended."""
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome.fault.kind].append(outcome)
    say(f"| {'kind':<9} | " + " | ".join(f"{name:>8}" for name in COLUMNS) + " |")
    say("|---|" + "---:|" * len(COLUMNS))
    for name, of_kind in [*by_kind.items(), ("all", list(outcomes))]:
        say(f"| {name:<9} | " + " | ".join(f"{value:>8}" for value in _row(of_kind)) + " |")
    ends: Counter[str] = sum((outcome.verdict.ends for outcome in outcomes), Counter())
    say("\nends of deliveries: " + ", ".join(f"{name} {count}" for name, count in ends.most_common()))


def _row(outcomes: Sequence[Outcome]) -> list[str]:
    struck = [outcome for outcome in outcomes if outcome.played.struck]
    verdicts = [outcome.verdict for outcome in outcomes]
    seconds = [outcome.played.seconds for outcome in struck if outcome.played.drained]
    counts = [len(struck), sum(not outcome.played.struck and not outcome.skipped for outcome in outcomes)]
    for found in ("unlawful", "lost", "doubles", "stuck", "other"):
        counts.append(sum(len(getattr(verdict, found)) for verdict in verdicts))
    return [*map(str, counts), f"{median(seconds):.1f}" if seconds else "-", f"{max(seconds, default=0):.1f}"]


def _leave(stage: Stage, number: int, _frame: FrameType | None) -> None:
    """Everything that was begun is ended on the way out; nobody waits any more for what a fault broke."""
    stage.ending.set()
    raise SystemExit(128 + number)


def main() -> int:
    """Enumerate, inject, judge, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", default=",".join(KINDS), help="of " + ", ".join(KINDS))
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], help="one fault by its name")
    parser.add_argument("--jobs", type=int, default=3, help="scenes that are played beside each other")
    asked = parser.parse_args()
    begun = time.monotonic()
    outcomes: list[Outcome] = []
    with opened() as stage:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, partial(_leave, stage))
        points = {} if asked.only else points_of(stage)
        faults = [Fault.parse(text) for text in asked.only]
        faults = faults or choose(points, asked.kinds.split(","), asked.count, asked.seed)
        for outcome in inject(stage, faults, asked.jobs):
            outcomes.append(outcome)
            mark = "BROKEN" if outcome.verdict.broken else "ok" if outcome.played.struck else "missed"
            mark = "skipped" if outcome.skipped else mark
            say(f"{len(outcomes):4d} {mark:<7} {outcome.played.seconds:6.1f} s  {outcome.fault}")
            if outcome.verdict.broken:
                tell_broken(outcome)
    say()
    table(outcomes)
    for reason, count in Counter(outcome.skipped for outcome in outcomes if outcome.skipped).items():
        say(f"\n{count} skipped: {reason}")
    say(f"\nseed {asked.seed}, {time.monotonic() - begun:.0f} s, load {os.getloadavg()[0]:.1f}")
    return 1 if any(outcome.verdict.broken for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
