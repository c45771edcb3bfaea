"""Every rotation of keys over a whole book, while others read and write: no request may fail.

    python benchmarks/rotate.py [--persons 100000] [--readers 2] [--writers 1] [--grace 10]

It makes a server, a book and a key file of its own and leaves nothing behind. Rotations are the command's own
processes; the load beside them are threads here. Times are of the wall and belong to the machine and to what else it
does; processor time of a rotation is printed beside.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

KINDS = ("wrapping", "data", "root")
SEED = 20260302


def main() -> int:
    """Fill, rotate, print; exit code 1 where a request failed or something does not open afterwards."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--persons", type=int, default=100_000)
    arguments.add_argument("--readers", type=int, default=2)
    arguments.add_argument("--writers", type=int, default=1)
    arguments.add_argument("--grace", type=float, default=10.0)
    wanted = arguments.parse_args()
    with installation() as folder:
        begun = time.perf_counter()
        fill(folder, wanted.persons)
        from zhizhi.config.wiring import start

        start()
        people = persons()
        print(
            f"{len(people):,} persons in {time.perf_counter() - begun:.0f} s; load: {wanted.readers} + {wanted.writers}"
        )
        failed = sum(rotated(kind, people, wanted.readers, wanted.writers, wanted.grace) for kind in KINDS)
        closed = unopened(people)
        standing = command("keys", "status")
        print(standing.stdout.strip())
        print(f"requests failed: {failed}; persons with something that does not open: {closed}")
        return 1 if failed or closed or standing.returncode else 0


@contextmanager
def installation() -> Iterator[Path]:
    """A server and a state folder of this run, in the environment that children inherit."""
    from zhizhi.gateways.postgres.server import Durability
    from zhizhi.gateways.postgres.server import start as start_server

    folder = Path(tempfile.mkdtemp(prefix="zhizhi-rotate-"))
    try:
        with start_server(folder, durability=Durability.FULL) as server:
            os.environ.update(ZHIZHI_STATE=str(folder), DATABASE_URL=server.owner_url, ZHIZHI_SECRET_KEY="x" * 50)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def command(*words: str) -> "subprocess.CompletedProcess[str]":
    """`zhizhi …` as an operator runs it."""
    return subprocess.run([sys.executable, "-m", "zhizhi", *words], capture_output=True, text=True, check=False)


def fill(folder: Path, count: int) -> None:
    """The demonstration book of about so many persons, imported."""
    book = str(folder / "book")
    for words in (
        ("migrate",),
        ("generate", "--out", book, "--accounts", str(count), "--only", "lenders", "--only", "agencies",
         "--only", "staff", "--only", "accounts"),
        ("import", book),
    ):  # fmt: skip
        done = command(*words)
        if done.returncode:
            raise SystemExit(f"zhizhi {words[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def persons() -> list[int]:
    """Everybody in the book."""
    return [person for (person,) in asked("SELECT id FROM person ORDER BY id")]


def asked(statement: str, *values: object) -> list[tuple]:
    """Rows as the gate sees them."""
    from django.db import connections

    with connections["gate"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def read(person: int) -> None:
    """A page of a case: the ring in one statement, names and numbers in another, a list's mask."""
    from django.db import transaction

    from zhizhi.store.keyring import list_seal, person_seal
    from zhizhi.store.people.rows import Masked, PartySecrets, PersonSecrets, open_account_number, open_point

    with transaction.atomic(using="gate"):
        ((ring, lender, sealed, masked),) = asked(
            "SELECT data_key, lender_id, sealed, masked FROM person WHERE id = %s", person
        )
        seal = person_seal(ring)
        assert PersonSecrets.open(seal, sealed, person).name
        Masked.open(list_seal(lender), masked, person)
        for party, closed in asked("SELECT id, sealed FROM party WHERE person_id = %s", person):
            PartySecrets.open(seal, closed, party)
        for point, closed in asked("SELECT id, sealed FROM point WHERE person_id = %s", person):
            open_point(seal, closed, point)
        for debt, closed in asked("SELECT id, sealed FROM debt WHERE person_id = %s", person):
            open_account_number(seal, closed, debt)


def write(person: int) -> None:
    """As a use case writes: the person locked, something sealed under the key of now."""
    from django.db import connections

    from zhizhi.store.transact.person import writing

    with writing(person) as locked, connections["gate"].cursor() as cursor:
        cursor.execute("SELECT id, sealed FROM party WHERE person_id = %s ORDER BY id LIMIT 1", [person])
        party, sealed = cursor.fetchone()
        closed = locked.seal().close(locked.seal().open(sealed, f"party/{party}"), f"party/{party}")
        cursor.execute("UPDATE party SET sealed = %s WHERE person_id = %s AND id = %s", [closed, person, party])


class Load:
    """Threads that read and write random persons until told to stop; every request counts."""

    def __init__(self, people: list[int], readers: int, writers: int) -> None:
        self._people, self._over = people, threading.Event()
        self.served: list[float] = []
        self.failed: list[str] = []
        kinds: list[Callable[[int], None]] = [read] * readers + [write] * writers
        self._threads = [threading.Thread(target=self._run, args=(kind, n)) for n, kind in enumerate(kinds)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, request: Callable[[int], None], n: int) -> None:
        from django.db import connections

        random = Random(SEED + n)
        while not self._over.is_set():
            begun = time.perf_counter()
            try:
                request(random.choice(self._people))
                self.served.append(time.perf_counter() - begun)
            except Exception as error:
                self.failed.append(f"{type(error).__name__}: {error}")
        connections.close_all()


def rotated(kind: str, people: list[int], readers: int, writers: int, grace: float) -> int:
    """One rotation beside the load; answers how many requests failed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    with Load(people, readers, writers) as load:
        words = ("--grace", str(grace)) if kind == "data" else ()
        done = command("keys", "rotate", kind, *words)
    took = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    served = sorted(load.served)
    worst = f"p50 {served[len(served) // 2] * 1000:.1f} ms, worst {served[-1] * 1000:.0f} ms" if served else "none"
    print(
        f"{kind:9} {took:7.1f} s  {len(people) / took:8.0f} persons/s  processor {processor:6.1f} s"
        f"   requests {len(served):,} ({worst}), failed {len(load.failed)}"
    )
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-2000:])
    for why in load.failed[:5]:
        print("   ", why)
    return len(load.failed) + (done.returncode != 0)


def unopened(people: list[int]) -> int:
    """Everything of everybody, opened once more."""
    from zhizhi.store.keyring import KeyUnavailable

    closed = 0
    for person in people:
        try:
            read(person)
        except KeyUnavailable:
            closed += 1
    return closed


if __name__ == "__main__":
    sys.exit(main())
