"""How fast a book comes in.

A generated accounts file, and in the same run a bare COPY and the bare cryptography of the same rows.

    .venv/bin/python benchmarks/import.py --accounts 1000000 --folder FOLDER

Prints figures only after it has checked that every row is there. The goals: a million rows within 60 s on two cores
with flat memory,
and at least a quarter of the speed of bare COPY and bare cryptography together.
"""

import argparse
import hashlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg

ON = date(2026, 3, 2)
TABLES = ("person", "party", "point", "debt", "entry")
GOAL_SECONDS, GOAL_RATIO = 60.0, 0.25
HASHES_A_ROW = 4  # identity number, account, customer, name; of the last four digits there are ten thousand in all
SEALED = b'{"name":"\xe5\xbc\xa0\xe4\xb8\x89","id_number":"750102198808100901","customer_number":"C000000000"}'
ROW = SEALED * 2  # the mapped cells of a row, 200 to 300 octets


def main() -> None:
    options = parse()
    folder = Path(options.folder or tempfile.mkdtemp(prefix="zhizhi-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    book = generate(folder, options.accounts)
    os.environ.setdefault("ZHIZHI_STATE", str(folder / "state"))
    from zhizhi.gateways.postgres.server import start

    with tempfile.TemporaryDirectory(prefix="zhizhi-benchmark-pg-") as state, start(Path(state)) as server:
        name = "import_benchmark"
        with psycopg.connect(server.url_of("postgres"), autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE {name}")
        os.environ["DATABASE_URL"] = url = server.url_of(name)
        zhizhi("migrate")
        for kind in ("lenders", "agencies"):
            zhizhi("import", str(book / f"{kind}.csv"), "--map", str(maps() / f"{kind}.toml"), "--on", ON.isoformat())
        measure(book / "accounts.csv", url, options.accounts)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--folder", help="where the generated file is kept for the next run")
    return parser.parse_args()


def maps() -> Path:
    import zhizhi.usecases.intake

    return Path(zhizhi.usecases.intake.__file__).parent / "maps"


def zhizhi(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "zhizhi", *words], check=True, stdout=subprocess.DEVNULL)


def generate(folder: Path, accounts: int) -> Path:
    book = folder / f"book-{accounts}"
    if not (book / "accounts.csv").exists():
        only = [word for kind in ("lenders", "agencies", "accounts") for word in ("--only", kind)]
        zhizhi("generate", "--accounts", str(accounts), "--on", ON.isoformat(), "--out", str(book), *only)
    return book


def measure(path: Path, url: str, accounts: int) -> None:
    from zhizhi.config import wiring

    wiring.start()
    from zhizhi.gateways.files.opening import open_table
    from zhizhi.usecases.import_file import ImportFile, import_file
    from zhizhi.usecases.import_workers import Workers
    from zhizhi.usecases.intake.book_map import read_map
    from zhizhi.usecases.intake.demonstration import MAPS
    from zhizhi.usecases.intake.kinds import Kind

    load = os.getloadavg()[0]
    command = ImportFile(path.name, read_map(MAPS[Kind.ACCOUNTS]), ON)
    memory = Memory()
    marks: list[tuple[int, float, int]] = []
    used, began = time.process_time(), time.perf_counter()

    def progress(counts: Any) -> None:
        marks.append((counts.rows, time.perf_counter() - began, memory.now()))

    with memory, open_table(path) as table:
        report = import_file(
            command,
            table,
            at=datetime.now(UTC),
            open_workers=lambda place: Workers(place, "zhizhi.config.wiring:start"),
            progress=progress,
        )
    seconds = time.perf_counter() - began
    used = time.process_time() - used - memory.looking + sum(memory.used.values())
    assert report.counts.rows == report.counts.new == accounts, report.counts
    rows = count(url)
    assert rows["debt"] == accounts, rows
    copied, copy_used, bytes_copied = bare_copy(url)
    sealed, seal_used = bare_cryptography(rows)
    early = next(mark for mark in marks if mark[0] >= accounts // 5)
    ratio, ratio_used = (copied + sealed) / seconds, (copy_used + seal_used) / used
    print(f"machine: {os.cpu_count()} cores, load {load:.1f} before the run")
    print(f"rows: {accounts} accounts -> " + ", ".join(f"{rows[table]} {table}" for table in TABLES))
    print(f"import: {seconds:.1f} s, {accounts / seconds:,.0f} accounts/s (goal for a million: {GOAL_SECONDS:.0f} s)")
    print(
        f"processor time of all processes, the server's among them: {used:.0f} s; on {os.cpu_count()} free cores half"
        f" of it at best"
    )
    print(
        f"memory of all our processes: {early[2]} MB after a fifth, {marks[-1][2]} MB at the end, {memory.peak} MB at"
        f" most"
    )
    print(
        f"bare COPY of the same rows, tables without index, key or trigger: {copied:.1f} s ({copy_used:.1f} s of"
        f" processor), {bytes_copied >> 20} MB"
    )
    print(f"bare cryptography of the same rows, two processes: {sealed:.1f} s ({seal_used:.1f} s of processor)")
    print(f"speed against these two together: {ratio:.2f} (goal {GOAL_RATIO}); in processor time {ratio_used:.2f}")


class Memory:
    """Resident memory of this process and its children, looked at five times a second; their processor time."""

    def __init__(self) -> None:
        self.peak = 0
        self.used: dict[int, float] = {}
        self.looking = 0.0  # processor time of the looking itself: no part of the import
        self._family: list[psutil.Process] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def now(self) -> int:
        total = psutil.Process().memory_info().rss
        for child in self._family:
            try:
                times = child.cpu_times()
                self.used[child.pid] = times.user + times.system
                total += child.memory_info().rss if "postgres" not in child.name() else 0
            except psutil.NoSuchProcess:
                continue
        return total >> 20

    def _watch(self) -> None:
        looks = 0
        while not self._stop.wait(0.2):
            if looks % 3 == 0:  # to find the children, every process of the machine is asked who its parent is
                self._family = psutil.Process().children(recursive=True)
            looks += 1
            self.peak = max(self.peak, self.now())
            self.looking = time.thread_time()

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()


def count(url: str) -> dict[str, int]:
    with psycopg.connect(url) as owner:
        return {table: owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}  # type: ignore[index]  # a count always answers one row


def bare_copy(url: str) -> tuple[float, float, int]:
    """The same rows, as COPY wrote them out, copied into tables that hold nothing but columns; the time, the processor
    time on both sides, the octets."""
    seconds, used, size = 0.0, 0.0, 0
    with psycopg.connect(url, autocommit=True) as owner:
        server = psutil.Process(owner.info.backend_pid)

        def processor() -> float:
            there = server.cpu_times()
            return time.process_time() + there.user + there.system

        for table in TABLES:
            owner.execute(f"CREATE TABLE bare_{table} (LIKE {table})")
            with tempfile.TemporaryFile() as held:
                with owner.cursor().copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as out:
                    for part in out:
                        held.write(part)
                size += held.tell()
                held.seek(0)
                began, before = time.perf_counter(), processor()
                with owner.cursor().copy(f"COPY bare_{table} FROM STDIN (FORMAT BINARY)") as into:
                    while part := held.read(1 << 20):
                        into.write(part)
                seconds += time.perf_counter() - began
                used += processor() - before
            owner.execute(f"DROP TABLE bare_{table}")
    return seconds, used, size


def bare_cryptography(rows: dict[str, int]) -> tuple[float, float]:
    """A data key and its wrap a person, the seals and keyed hashes of every row, and nothing else."""
    persons, debts, points = rows["person"] // 2, rows["debt"] // 2, rows["point"] // 2
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(len, ["warm", "up"])
        began = time.perf_counter()
        used = pool.starmap(seal_and_hash, [(persons, debts, points)] * 2)
        return time.perf_counter() - began, sum(used)


def seal_and_hash(persons: int, debts: int, points: int) -> float:
    """Answers its processor time."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    began = time.process_time()
    master, listed = AESGCM(os.urandom(32)), AESGCM(os.urandom(32))
    inner, outer = hashlib.sha256(os.urandom(64)), hashlib.sha256(os.urandom(64))

    def keyed(value: bytes) -> bytes:
        first = inner.copy()
        first.update(value)
        second = outer.copy()
        second.update(first.digest())
        return second.digest()

    def seal(cipher: AESGCM, value: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + cipher.encrypt(nonce, value, b"person/1000000")

    own = listed
    for _ in range(persons):
        key = os.urandom(32)
        seal(master, key)
        own = AESGCM(key)
        seal(own, SEALED)
        seal(own, SEALED[:40])
        seal(listed, SEALED[:40])
    for _ in range(debts):
        seal(own, SEALED[:10])
        for _ in range(HASHES_A_ROW):
            keyed(SEALED[:20])
        keyed(ROW)
    for _ in range(points):
        seal(own, SEALED[:11])
        keyed(SEALED[:20])
    return time.process_time() - began


if __name__ == "__main__":
    main()
