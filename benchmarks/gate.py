"""Permits a second, beside pgbench with as many statements and rows, on the same server in one run.

    .venv/bin/python benchmarks/gate.py [--seconds 10] [--persons 10000] [--clients 1 4 8 16] [--channel sms]

A permit is a whole proposal: facts read, law asked, permit with its end, decision, place in the outbox and leaf
committed. Clients are threads of two processes, as those of `zhizhi web` are: proposals that come at the same time in
one process share a commit, as they do there; pgbench's clients, which no work of Python burdens, are threads of one.
The goal: at least a third of pgbench's rate at each number of clients, as the median of rounds in turns, because the
machine under both is quicker in one minute than in the next. Beside it, for whoever asks what round trips
cost, the same script in one pipeline. Then the two ways to serialise one person, and both together, on the same load:
many persons, and few persons under 64 workers.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

import psycopg
from gate_book import (
    TEN,
    WARM_SECONDS,
    Book,
    Done,
    book_of,
    clients,
    ended_children,
    load,
    processor,
    proposal_of,
    server_processor,
)

GOAL = 1 / 3
WRITTEN = {
    "decision": "id = (SELECT decision_id FROM permit WHERE id = %(permit)s)",
    "permit": "id = %(permit)s",
    "permit_slot": "permit_id = %(permit)s",
    "delivery": "permit_id = %(permit)s",
    "leaf": "source_table = 'decision' AND source_id = (SELECT decision_id FROM permit WHERE id = %(permit)s)",
    "salt": "leaf_id = (SELECT id FROM leaf WHERE source_table = 'decision'"
    " AND source_id = (SELECT decision_id FROM permit WHERE id = %(permit)s))",
}
"""The rows of one permit, by table; those that triggers write are among them."""
STRATEGIES = {"compare and set": 5, "row lock": 0, "row lock once overtaken": 1}
WEB_PROCESSES = 2  # of `zhizhi web`, unless told otherwise
PROCESSES, THREADS, FEW = 4, 16, 100
GROUPS = (1, 2, 4, 8)
WARM_PROPOSALS = 60
ACCOUNTED = 300


def main() -> int:
    """Measure and print; exit code 1 where a goal is missed."""
    options = parse()
    with book_of(options.persons, PROCESSES * THREADS) as book:
        if options.account:
            account(book, options)
            account_of_server(book, options)
            account_of_groups(book, options)
        met = beside_pgbench(book, options)
        if options.account:
            strategies(book, options)
    return 0 if met else 1


def parse() -> argparse.Namespace:
    """What to run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--persons", type=int, default=10_000)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 8, 16])
    parser.add_argument("--processes", type=int, default=WEB_PROCESSES)
    parser.add_argument("--rounds", type=int, default=3, help="in turns with pgbench; the median of them is told")
    parser.add_argument("--account", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--channel", choices=("sms", "voice"), default="sms")
    return parser.parse_args()


def propose(book: Book, n: int, random: Random, until: float, terms: dict[str, Any]) -> Done:
    """One client: proposals one after another for persons at random, with their latencies."""
    from zhizhi.usecases import propose_contact as usecase
    from zhizhi.usecases.refused import UseCaseRefused

    usecase.LOCK_FROM_TRY = terms.get("lock_from", usecase.LOCK_FROM_TRY)
    done = Done()
    while time.monotonic() < until or ("warm" in terms and len(done.latencies) < WARM_PROPOSALS):
        begun = time.perf_counter()
        wish = proposal_of(book, random.choice(book.persons), book.staff[n], terms["channel"])
        try:
            permit = usecase.propose_contact(wish, TEN).permit_id
        except UseCaseRefused:
            done.overtaken += 1
            continue
        done.permits += permit is not None
        done.refused += permit is None
        done.latencies.append(time.perf_counter() - begun)
    return done


def propose_in_threads(book: Book, n: int, random: Random, until: float, terms: dict[str, Any]) -> Done:
    """One process of some clients: `threads` of each process, whose connections last as long as the process."""
    if "warm" in terms:  # alone at first, for sixteen at once would compile the same rules sixteen times
        propose(book, n, random, until, terms)
        until = time.monotonic() + WARM_SECONDS
    places = range(sum(terms["threads"][:n]), sum(terms["threads"][: n + 1]))
    terms = {key: value for key, value in terms.items() if key != "warm"}

    def worker(place: int) -> Done:
        return propose(book, place, Random(random.random()), until, terms)

    return Done.together(list(_pool(len(places)).map(worker, places)))


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)


def beside_pgbench(book: Book, options: argparse.Namespace) -> bool:
    """Permits a second and pgbench's transactions a second, in turns; whether the goal is met at each size."""
    pgbench = find_pgbench()
    if pgbench is None:
        print("pgbench is absent: neither beside the server's programs nor on the path; install postgresql-contrib")
    met = pgbench is not None
    print(f"{'clients':>8}{'permits/s':>11}{'refused':>9}{'pgbench/s':>11}{'ratio':>7}{'pipelined':>11}"
          "  processor ms: clients, server; pgbench, server")  # fmt: skip
    for count in options.clients:
        rounds = [_in_turns(book, count, options, pgbench) for _ in range(options.rounds)]
        done = Done.one_after_another([ours for ours, _, _ in rounds])
        answers = max(1, done.permits + done.refused)
        rate, plain, piped = (median(column) for column in zip(*map(_rates, rounds), strict=True))
        ratio = median(ours / bare for ours, bare, _ in map(_rates, rounds))
        met &= ratio >= GOAL
        print(f"{count:>8}{rate:>11.0f}{done.refused:>9}{plain:>11.0f}{ratio:>7.2f}{piped:>11.0f}"
              f"  {done.processor / answers * 1000:.2f}, {done.server / answers * 1000:.2f};"
              f" {median(one.processor for _, one, _ in rounds) * 1000:.2f},"
              f" {median(one.server for _, one, _ in rounds) * 1000:.2f}  ({load()})")  # fmt: skip
    print(f"goal: ratio at least {GOAL:.2f} at each: {'met' if met else 'missed'}")
    return met


Round = tuple[Done, "Bare", "Bare"]
"""What we did, what pgbench did right after, and what it did in a pipeline."""


def _in_turns(book: Book, count: int, options: argparse.Namespace, pgbench: str | None) -> Round:
    processes = min(count, options.processes)
    threads = [len(range(place, count, processes)) for place in range(processes)]
    done = Done.together(
        clients(book, processes, propose_in_threads, options.seconds, channel=options.channel, threads=threads)
    )
    if pgbench is None:
        return done, NOT_RUN, NOT_RUN
    plain = run_pgbench(pgbench, book, count, options.seconds)
    return done, plain, run_pgbench(pgbench, book, count, options.seconds, pipelined=True)


def _rates(one: Round) -> tuple[float, float, float]:
    done, plain, piped = one
    return done.permits / done.seconds, plain.rate, piped.rate


@dataclass(frozen=True, slots=True)
class Bare:
    """What pgbench did: transactions a second, and seconds of processor a transaction, its own and the server's."""

    rate: float
    processor: float
    server: float


NOT_RUN = Bare(*3 * (float("nan"),))


def find_pgbench() -> str | None:
    """The program, beside Debian's newest server or on the path."""
    beside = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    return str(beside[-1]) if beside else shutil.which("pgbench")


def run_pgbench(pgbench: str, book: Book, count: int, seconds: float, *, pipelined: bool = False) -> Bare:
    """The script: the gate's statements, as bare as they can be, over the same octets."""
    script, values = bare(book, pipelined=pipelined)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        words = [pgbench, "-n", "-M", "prepared", "-c", str(count), "-j", str(min(count, os.cpu_count() or 1)), "-T"]
        words += [str(max(1, int(seconds))), "-f", file.name, *(f"-D{name}={value}" for name, value in values.items())]
        own, server = ended_children(), server_processor(book)
        done = subprocess.run([*words, book.url], check=False, capture_output=True, text=True)
        own, server = ended_children() - own, server_processor(book) - server
    assert done.returncode == 0, done.stderr
    transactions = int(_told(done.stdout, "number of transactions actually processed: ").split("/")[0])
    return Bare(float(_told(done.stdout, "tps = ").split()[0]), own / transactions, server / transactions)


def _told(report: str, name: str) -> str:
    return next(line.removeprefix(name) for line in report.splitlines() if line.startswith(name))


def bare(book: Book, *, pipelined: bool = False) -> tuple[str, dict[str, str]]:
    """A script with as many statements and rows as a permit, and the values of the rows, which are one permit's own.

    Five reads, BEGIN, the version set, a row for each that the permit left, COMMIT; the gate puts the reads into one
    statement and the rest into another. The rows go into copies of the tables with their indexes and without checks,
    triggers, policies and foreign keys, so it pays neither for the second line that recounts at commit nor for asking
    whether what a row names is there; and each read is of one table, where the gate's question is of twenty.
    """
    reads = [
        f"SELECT * FROM {table} WHERE {'id' if table == 'person' else 'person_id'} = :person;"
        for table in ("person", "debt", "party", "point")
    ]
    reads.append(f"SELECT * FROM staff WHERE id = {book.staff[0]};")
    lines: list[str] = []
    values: dict[str, str] = {}
    with psycopg.connect(book.url, autocommit=True) as owner:
        (permit,) = owner.execute("SELECT max(id) FROM permit").fetchone() or (None,)
        for table, which in WRITTEN.items():
            for n, row in enumerate(_rows_of(owner, table, which, permit)):
                names = ", ".join(row)
                places = ", ".join(_place(f"{table}_{n}_{column}", column, cell) for column, cell in row.items())
                lines.append(f"INSERT INTO bare_{table} ({names}) VALUES ({places});")
                values |= {f"{table}_{n}_{column}": cell for column, cell in row.items() if cell}
    begin = [f"\\set person random({book.persons[0]}, {book.persons[-1]})", "\\set id random(1, 9000000000000000)"]
    begin.append("\\set number random(1, 2000000000)")
    whole = [*reads, "BEGIN;", "UPDATE person SET version = version + 1 WHERE id = :person;", *lines, "COMMIT;"]
    whole = ["\\startpipeline", *whole, "\\endpipeline"] if pipelined else whole
    return "".join(f"{line}\n" for line in (*begin, *whole)), values


RANDOM = {"person_id": ":person", "source_person_id": ":person", "number": ":number"} | dict.fromkeys(
    ("id", "leaf_id", "permit_id", "decision_id", "source_id"), ":id"
)


def _place(name: str, column: str, value: str) -> str:
    return RANDOM.get(column, f":{name}" if value else "''")


def _rows_of(owner: "psycopg.Connection[Any]", table: str, which: str, permit: int) -> Iterator[dict[str, str]]:
    """The columns of the rows of a permit, as text, without what is null; and the bare copy of their table."""
    copy = "CREATE TABLE IF NOT EXISTS bare_{0} (LIKE {0} INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY)"
    owner.execute(copy.format(table).encode())
    found = owner.execute(f"SELECT * FROM {table} WHERE {which}".encode(), {"permit": permit})
    columns = [column.name for column in found.description or () if column.name != "written"]
    texts = ", ".join(f'"{column}"::text' for column in columns)
    for row in owner.execute(f"SELECT {texts} FROM {table} WHERE {which}".encode(), {"permit": permit}):
        yield {column: value for column, value in zip(columns, row, strict=True) if value is not None}


def account(book: Book, options: argparse.Namespace) -> None:
    """Where the processor time of one permit goes, in one client alone."""
    import cProfile
    import pstats

    from zhizhi.usecases.propose_contact import propose_contact

    for person in book.persons[:50]:
        propose_contact(proposal_of(book, person, book.staff[0], options.channel), TEN)
    before, own = server_processor(book), processor()
    asked = book.persons[50:350]
    for person in asked:
        propose_contact(proposal_of(book, person, book.staff[0], options.channel), TEN)
    each, server = (processor() - own) / len(asked) * 1000, (server_processor(book) - before) / len(asked) * 1000
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for person in book.persons[350:650]:
        propose_contact(proposal_of(book, person, book.staff[0], options.channel), TEN)
    profile.disable()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # untyped in the library
    whole = next(row[3] for key, row in stats.items() if key[2] == "propose_contact")
    print(f"one permit alone: {each:.2f} ms of our processor, {server:.2f} ms of the server's ({load()}); of ours:")
    for name, words in PARTS.items():
        part = sum(row[3] for key, row in stats.items() if key[2] == name)
        print(f"  {words:36} {part / whole:5.0%}")


PARTS = {
    "load_asked": "read: facts, wording, name, debts, collector",
    "case_document": "facts put together",
    "parse_case": "case parsed",
    "decide_compiled": "law asked, span of the permit too",
    "_terms": "wording filled in",
    "octets_of": "documents written",
    "sealed_leaf": "leaf hashed",
    "seal_content": "content sealed",
    "rows_of": "version compared and rows written",
}


def account_of_server(book: Book, options: argparse.Namespace) -> None:
    """Where the server's time goes: its functions with what they call, by the clock, the rest being its own reading,
    planning and writing."""
    from django.db import connections

    from zhizhi.usecases.propose_contact import propose_contact

    count = min(ACCOUNTED, len(book.persons))
    with psycopg.connect(book.url, autocommit=True) as owner:
        owner.execute("ALTER DATABASE gate_benchmark SET track_functions = 'all'")
        owner.execute("SELECT pg_stat_reset()")
        connections["gate"].close()
        for person in book.persons[-count:]:
            propose_contact(proposal_of(book, person, book.staff[0], options.channel), TEN)
        connections["gate"].close()
        owner.execute("ALTER DATABASE gate_benchmark RESET track_functions")
        time.sleep(1)  # the session that ended has told what it counted
        print("of the server, ms a permit by the clock, of themselves:")
        for name, milliseconds in owner.execute(
            "SELECT funcname, self_time FROM pg_stat_user_functions WHERE calls >= %s ORDER BY self_time DESC", [count]
        ):
            print(f"  {name:36} {milliseconds / count:.3f}")


def account_of_groups(book: Book, options: argparse.Namespace) -> None:
    """What a permit costs with those that came at the same time, by how many they were."""
    from zhizhi.usecases.propose_contact import Asking, propose_together

    random = Random(7)
    for size in GROUPS:
        for count in (WARM_PROPOSALS, ACCOUNTED):  # to warm up, and to count
            before, own = server_processor(book), processor()
            for _ in range(count // size):
                persons = random.sample(book.persons, size)
                wishes = [proposal_of(book, person, book.staff[0], options.channel) for person in persons]
                propose_together([Asking(wish, TEN) for wish in wishes])
            done = count // size * size
        each, server = (processor() - own) / done * 1000, (server_processor(book) - before) / done * 1000
        print(
            f"in groups of {size}: {each:.2f} ms of our processor a permit, {server:.2f} ms of the server's ({load()})"
        )


def strategies(book: Book, options: argparse.Namespace) -> None:
    """Compare-and-set, the row lock, and the lock for who was overtaken: on many persons and on few."""
    print(f"{'':26}{'persons':>8}{'answers/s':>11}{'given up':>10}{'p50 ms':>8}{'p99 ms':>8}  processor ms an answer")
    for count in (len(book.persons), FEW):
        part = replace(book, persons=book.persons[-count:])
        for name, lock_from in STRATEGIES.items():
            terms = {"channel": options.channel, "lock_from": lock_from, "threads": [THREADS] * PROCESSES}
            done = Done.together(clients(part, PROCESSES, propose_in_threads, options.seconds, **terms))
            answers = max(1, done.permits + done.refused)
            cut = quantiles(done.latencies, n=100)
            cost = (done.processor + done.server) / answers * 1000
            print(f"{name:26}{count:>8}{answers / done.seconds:>11.0f}{done.overtaken:>10}{cut[49] * 1000:>8.0f}"
                  f"{cut[98] * 1000:>8.0f}  {cost:.1f} ({load()})")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
