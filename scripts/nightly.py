"""`make nightly`: long comparisons of the readings of the law, each against the reference evaluator.

usage: scripts/nightly.py [RUN ...] [--comparisons N] [--from SEED] [--seconds S] [--processes P]

Without a RUN every run of the table is done in turn. A run goes through seeds in order; the line of progress names the
seed up to which everything was compared, and `--from` takes it up there. The first difference is printed with its case.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROGRESS_SECONDS = 10.0
AHEAD_PER_PROCESS = 2


@dataclass(frozen=True, slots=True)
class Run:
    """A comparison: a module below tests/ whose function of a seed gives comparisons, kinds and differences."""

    module: str
    comparisons: int
    what: str
    function: str = "compare"


RUNS = {
    "closures": Run(
        "reference.closures",
        10_000_000,
        "decisions of the reference against the compiled ones; one comparison is one whole decision, all fields",
    ),
    "batch": Run(
        "reference.batch_differential",
        10_000_000,
        "decisions of the reference against the batch, about persons in tables; one comparison is one proposal",
    ),
    "batch-dense": Run(
        "reference.batch_differential",
        100_000,
        "the same for cases that are dense in what the tables leave to the single decision",
        "compare_dense",
    ),
    "formulas": Run(
        "reference.formulas",
        600_000,
        "formulas of the solver by substitution, and its axioms; one comparison is one rule for one of 10,000 contacts",
    ),
}
"""One line for each reading that is compared. A new one needs a function as `compare(seed)` in
tests/reference/closures.py."""


def say(line: str) -> None:
    """One line to the terminal, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Do the runs; exit code 1 where a difference was found."""
    sys.path.insert(0, str(ROOT / "tests"))
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("runs", nargs="*", metavar="RUN", help=f"of {', '.join(RUNS)}")
    arguments.add_argument("--comparisons", type=int, help="instead of the run's own number")
    arguments.add_argument("--from", type=int, default=1, dest="first", help="the first seed")
    arguments.add_argument("--seconds", type=float, default=float("inf"), help="stop each run after this time")
    arguments.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    wanted = arguments.parse_args()
    unknown = set(wanted.runs) - RUNS.keys()
    if unknown:
        arguments.error(f"no run named {', '.join(sorted(unknown))}")
    return max([do(name, RUNS[name], wanted) for name in wanted.runs or RUNS])


def do(name: str, run: Run, wanted: argparse.Namespace) -> int:
    """One run to its end, its time, or its first difference."""
    goal = wanted.comparisons or run.comparisons
    say(f"── {name}: {run.what}; {goal:,} wanted ──")
    total, processor, begun, told, upto = None, 0.0, time.monotonic(), time.monotonic(), wanted.first
    results = compared(run, wanted.first, wanted.processes)
    for seed, (found, seconds) in results:
        if total is None:
            total = found
        else:
            total.add(found)
        upto, processor = seed + 1, processor + seconds
        passed = time.monotonic() - begun
        is_done = total.comparisons >= goal or passed >= wanted.seconds or bool(total.differences)
        if is_done or time.monotonic() - told >= PROGRESS_SECONDS:
            told = time.monotonic()
            rate = total.comparisons / processor
            say(f"{name}: {total.comparisons:,} compared, {len(total.differences)} differ, seeds {wanted.first} to "
                  f"{seed}, {passed:,.0f} s, {processor:,.0f} s of processor, {rate:,.0f} a second of it")  # fmt: skip
        if is_done:
            break
    assert total is not None, "a run has at least one seed"
    say(f"{name}: {dict(total.kinds.most_common())}; go on with --from {upto}")
    for difference in total.differences[:1]:
        say(f"DIFFERENCE {difference}")
    results.close()  # waits for the seeds that are under way, which may take minutes; what was found is told by now
    return 1 if total.differences else 0


def compared(run: Run, first: int, processes: int) -> Generator[tuple[int, tuple[Any, float]], None, None]:
    """Seeds in order with what was found and its processor time, worked out a little ahead by several processes."""
    with ProcessPoolExecutor(processes, initializer=sys.path.insert, initargs=(0, str(ROOT / "tests"))) as pool:
        seeds, waiting = count(first), {}
        turn = first
        try:
            while True:
                while len(waiting) < processes * AHEAD_PER_PROCESS:
                    seed = next(seeds)
                    waiting[seed] = pool.submit(one, run.module, run.function, seed)
                wait([waiting[turn]], return_when=FIRST_COMPLETED)
                done: Future[Any] = waiting.pop(turn)
                yield turn, done.result()
                turn += 1
        finally:
            pool.shutdown(cancel_futures=True)


def one(module: str, function: str, seed: int) -> tuple[Any, float]:
    """What a seed comes to, and the seconds of processor that it took, in a process of its own."""
    compare: Callable[[int], Any] = getattr(import_module(module), function)
    begun = time.process_time()
    return compare(seed), time.process_time() - begun


if __name__ == "__main__":
    sys.exit(main())
