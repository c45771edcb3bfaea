"""Reconciling a day of a carrier: everything planted found, no false alarm, time beside a bare hash join, memory.

    .venv/bin/python benchmarks/reconcile.py --records 1000000

Starts a PostgreSQL of its own, fills it with a day of used permits past the triggers, writes the carrier's file with
planted differences, and reconciles as the worker does: the file read, checked and hashed, sorted on disk, matched with
the permits of the database, findings, inquiries and leaves committed. The bare join is what no reconciling can be
cheaper than: DuckDB joins the same file with a file of the permits by number and keeps what lies within the tolerance.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))  # the generator of the tests

from zhizhi.gateways.postgres.server import Durability, start

if TYPE_CHECKING:
    from call_records import Somebody, World

ON = date(2026, 3, 10)
OPENS = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)  # midnight in Shanghai
CALLS_OF_A_PERSON = 4
FLUSH_PERSONS = 5_000
HEADER = "id,at,number,result,seconds\n"
SETTINGS = """
[line]
kind = "carrier"
lender = "B1"
channels = ["voice"]
folder = "{folder}"
file = "{{day}}.csv"
map = "line.toml"
zone = "Asia/Shanghai"
since = 2026-03-10
due = "09:00"
"""
LOG_MAP = """
[log]
channel = "voice"
zone = "Asia/Shanghai"
[columns]
id = "id"
at = "at"
number = "number"
line_result = "result"
talk_seconds = "seconds"
"""
JOIN = """
SELECT count(*) FROM read_csv(?, header = true) r JOIN read_csv(?, header = true) p ON r.number = p.number
WHERE abs(epoch(CAST(r.at AS TIMESTAMP)) - epoch(CAST(p.at AS TIMESTAMP))) <= 60
"""


@dataclass
class Written:
    """What was written: rows of the file, permits, and the planted differences by kind."""

    rows: int
    permits: int
    planted: Counter[str]


def fill(world: "World", owner: psycopg.Connection[Any], folder: Path, records: int) -> Written:
    """Permits into the database, the carrier's file and the bare join's into the folder."""
    chance, written = Random(7), Written(0, 0, Counter())
    with (folder / f"{ON}.csv").open("w") as calls, (folder / "permits.csv").open("w") as permits:
        calls.write(HEADER)
        permits.write("at,number\n")
        for n in range(-(-records // CALLS_OF_A_PERSON)):
            who = world.add_person(n)
            for call in range(CALLS_OF_A_PERSON):
                at = OPENS + timedelta(hours=9 + 2 * call, seconds=chance.randrange(3000))
                _call(world, who, at, chance, calls, permits, written)
            if n % FLUSH_PERSONS == FLUSH_PERSONS - 1:
                world.copy(owner)
        world.copy(owner)
    owner.execute("ANALYZE")
    return written


def _call(
    world: "World", who: "Somebody", at: datetime, chance: Random, calls: Any, permits: Any, written: Written
) -> None:
    plant = chance.choice(_PLANTS) if chance.random() < 0.005 else ""
    written.planted[plant] += bool(plant)
    if plant not in ("record_without_permit", "unknown_number"):
        talk = 0 if plant == "outcome_differs" else 60
        world.add_permit(who, at, outcome="conversation" if talk else "no_answer", talk=talk or None)
        permits.write(f"{_local(at)},{who.number}\n")
        written.permits += 1
    if plant == "permit_without_record":
        return
    shift = 600 if plant == "times_differ" else chance.randint(-20, 20)
    number = "10999999999" if plant == "unknown_number" else who.number
    line = f"R{written.rows},{_local(at + timedelta(seconds=shift))},{number},answered,60\n"
    for _ in range(2 if plant == "recorded_twice" else 1):
        calls.write(line)
        written.rows += 1


_PLANTS = (
    "permit_without_record",
    "record_without_permit",
    "unknown_number",
    "times_differ",
    "outcome_differs",
    "recorded_twice",
)


def _local(at: datetime) -> str:
    return (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


def reconcile(folder: Path) -> tuple[Counter[str], float, float]:
    """Findings by kind, seconds by the wall clock and of this process."""
    from zhizhi.jobs.reconciliation import work_due
    from zhizhi.store.models import ReconciliationFinding

    came = (OPENS + timedelta(hours=30)).timestamp()
    os.utime(folder / f"{ON}.csv", (came, came))
    began, began_here = time.perf_counter(), time.process_time()
    (worked,) = work_due(folder / "records.toml", OPENS + timedelta(hours=34))
    taken = time.perf_counter() - began, time.process_time() - began_here
    assert worked.state == "matched", worked
    kinds = ReconciliationFinding.objects.using("gate").values_list("kind", flat=True)
    return Counter(kinds.iterator()), *taken


def bare_join(folder: Path) -> float:
    """Seconds of the bare join."""
    began = time.perf_counter()
    with duckdb.connect() as database:
        database.execute("SET threads = 1")
        database.execute(JOIN, [str(folder / f"{ON}.csv"), str(folder / "permits.csv")]).fetchall()
    return time.perf_counter() - began


def peak_mb(*, forget: bool = False) -> int:
    """The most memory that this process has held since it was last told to forget; Linux."""
    if forget:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def main() -> int:
    """Fill, join, reconcile, compare. Exits 1 where a planted difference was missed or something else was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    wanted = parser.parse_args().records
    place = Path(tempfile.mkdtemp(prefix="zhizhi-reconcile-"))
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            tempfile.TemporaryDirectory() as state,
            start(place, durability=Durability.NONE) as server,
        ):
            os.environ |= {"DATABASE_URL": server.owner_url, "ZHIZHI_STATE": state}
            subprocess.run([sys.executable, "-m", "zhizhi", "migrate"], check=True, stdout=subprocess.DEVNULL)
            return measure(server.owner_url, Path(folder), wanted)
    finally:
        shutil.rmtree(place)


def measure(address: str, folder: Path, wanted: int) -> int:
    """The whole of it on a running, migrated database."""
    from zhizhi.config.wiring import start as wire

    wire()
    from call_records import World
    from zhizhi.store.models import Lender

    lender = Lender.objects.using("gate").create(code="B1", name="测试机构", profile="cn.bank.online")
    (folder / "records.toml").write_text(SETTINGS.format(folder=folder), encoding="utf-8")
    (folder / "line.toml").write_text(LOG_MAP, encoding="utf-8")
    began = time.perf_counter()
    with psycopg.connect(address, autocommit=True) as owner:
        written = fill(World(lender.pk, lender.code), owner, folder, wanted)
    filled = time.perf_counter() - began
    bare = bare_join(folder)
    before = peak_mb(forget=True)
    found, seconds, own = reconcile(folder)
    for kind in sorted(found | written.planted):
        print(f"{kind:24} planted {written.planted[kind]:7,}  found {found[kind]:7,}")
    print(f"rows {written.rows:,}, permits {written.permits:,}; written in {filled:.0f} s")
    print(f"reconciled in {seconds:.1f} s ({written.rows / seconds:,.0f} rows/s), {own:.1f} s of this process")
    print(f"bare hash join, one thread: {bare:.2f} s; {seconds / bare:.0f} times")
    print(f"memory of this process: {before} MB before, {peak_mb()} MB at the most; Python {platform.python_version()}")
    return 0 if found == +written.planted else 1


if __name__ == "__main__":
    sys.exit(main())
