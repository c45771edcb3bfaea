"""Leases over HTTP: requests at a fixed rate whatever comes back, through the real web server.

    .venv/bin/python benchmarks/leases.py [--rate 500] [--persons 1] [--seconds 30] [--processes 2] [--threads 32]

`--rate` is in permits a second; `--persons` of them share a request. Each latency is measured from the instant at
which its request was to be sent, so that a server that falls behind is charged with the waiting (no coordinated
omission). The goal: 99 of 100 requests within 50 ms at 500 permits a second, no error. Every person is asked for once,
so that each is a permit; it runs in calling hours only, for the server's clock is real.
"""

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import psycopg
from gate_book import BEIJING, Book, book_of, load, processor, server_processor

GOAL_MS = 50.0
HOURS = range(9, 20)  # in Beijing; within every pack's hours, with room for a long run
CONNECTIONS = 64
WARM_PERSONS = 400
TERMS = {"campaign": "benchmark", "seconds": 60, "script": "call-plan", "caller": "s2"}


@dataclass(slots=True)
class Measured:
    """What came back."""

    latencies: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def main() -> int:
    """Measure and print; exit code 1 where the goal is missed."""
    options = parse()
    if datetime.now(BEIJING).hour not in HOURS:
        sys.exit(f"the law would refuse: run it between {HOURS.start}:00 and {HOURS.stop}:00 in Beijing")
    wanted = int(options.rate * options.seconds)
    with book_of(wanted + WARM_PERSONS + 2 * options.account, 1) as book:
        cases = with_cases(book)
        analyse(book)
        secret = token()
        account(cases[: 2 * options.account], secret)
        with web_server(options) as (port, server):
            rest = cases[2 * options.account :]
            warm = asyncio.run(send(port, secret, rest[:WARM_PERSONS], options.rate / 4, options.persons))
            print(f"warm: {dict(warm.answers)}")
            own, database, mine = server_seconds(server), server_processor(book), processor()
            measured = asyncio.run(send(port, secret, rest[WARM_PERSONS:], options.rate, options.persons))
            done = max(1, measured.answers.total())
            costs = (server_seconds(server) - own, server_processor(book) - database, processor() - mine)
        return report(options, measured, [cost / done * 1000 for cost in costs])


def parse() -> argparse.Namespace:
    """What to run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=500.0, help="permits a second")
    parser.add_argument("--persons", type=int, default=1, help="of one request")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--account", type=int, default=300, help="permits of the account of one alone; 0: none")
    return parser.parse_args()


def with_cases(book: Book) -> list[str]:
    """An open case for every person of the book; answers their numbers."""
    from zhizhi.store.ids import ids
    from zhizhi.store.models import Case, Lender

    lender = Lender.objects.using("gate").get(code="L1")
    today = datetime.now(BEIJING).date()
    rows = [
        Case(
            person_id=person, id=case, number=f"C-{person}", lender_id=lender.pk, stage="early", days_past_due=12,
            balance_minor=100_00, product="instalment_loan", masked=b"", opened_on=today, aged_on=today,
        )
        for person, case in zip(book.persons, ids.take_many(len(book.persons)), strict=True)
    ]  # fmt: skip
    Case.objects.using("gate").bulk_create(rows, batch_size=2_000)
    return [row.number for row in rows]


def analyse(book: Book) -> None:
    """What the server's own upkeep does within a minute of a load: it plans for the tables as they are."""
    with psycopg.connect(book.url, autocommit=True) as owner:
        owner.execute("ANALYZE")


def token() -> str:
    """A token that may do everything that is measured."""
    from zhizhi.store.leases.tokens import create_token

    at = datetime.now(UTC)
    scopes = ("lease", "lease.number")
    return create_token("benchmark", "L1", None, scopes, expires_at=at + timedelta(days=1), at=at)[1]


@contextmanager
def web_server(options: argparse.Namespace) -> Iterator[tuple[int, psutil.Process]]:
    """`zhizhi web` on a free port, ready to answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    words = ["web", "--bind", f"127.0.0.1:{port}", "--processes", str(options.processes)]
    command = [sys.executable, "-m", "zhizhi", *words, "--threads", str(options.threads)]
    child = subprocess.Popen(command, env={**os.environ, "ZHIZHI_SECRET_KEY": "benchmark"}, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).read()
                break
            except OSError:
                time.sleep(0.1)
        yield port, psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait(30)


def server_seconds(server: psutil.Process) -> float:
    """Processor of the web server's processes."""
    return sum(one.cpu_times().user + one.cpu_times().system for one in [server, *server.children()])


async def send(port: int, secret: str, cases: Sequence[str], rate: float, persons: int) -> Measured:
    """One request for so many cases each, the n-th case at n / rate, over connections that stay open."""
    queue: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    measured = Measured()
    senders = [asyncio.create_task(_sender(port, queue, measured)) for _ in range(CONNECTIONS)]
    loop = asyncio.get_running_loop()
    begun = loop.time() + 0.2
    for n in range(0, len(cases), persons):
        due = begun + n / rate
        if (wait := due - loop.time()) > 0:
            await asyncio.sleep(wait)
        queue.put_nowait((due, _request(secret, cases[n : n + persons], n)))
    for _ in senders:
        queue.put_nowait(None)
    await asyncio.gather(*senders)
    measured.seconds = loop.time() - begun
    return measured


def _request(secret: str, cases: Sequence[str], n: int) -> bytes:
    path, asked = ("leases", {"case": cases[0]}) if len(cases) == 1 else ("leases/batch", _all(cases))
    body = json.dumps({**TERMS, **asked}).encode()
    head = (
        f"POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {secret}\r\nIdempotency-Key: {cases[0]}-{n}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _all(cases: Sequence[str]) -> dict[str, object]:
    return {"persons": [{"case": case} for case in cases]}


async def _sender(port: int, queue: "asyncio.Queue[tuple[float, bytes] | None]", measured: Measured) -> None:
    streams = None
    while (item := await queue.get()) is not None:
        due, request = item
        said = ["broken off"]
        for _ in range(2):  # the server closes what rested for seconds: asked again, which the key makes safe
            try:
                streams = streams or await asyncio.open_connection("127.0.0.1", port)
                said = await _exchange(*streams, request)
                break
            except (OSError, asyncio.IncompleteReadError):
                streams = None
        measured.latencies.append(asyncio.get_running_loop().time() - due)
        measured.answers.update(said)
    if streams is not None:
        streams[1].close()


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> list[str]:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length"))
    body = json.loads(await reader.readexactly(length))
    if " 200 " not in head.split("\r\n")[0]:
        return [f"{body['status']} {body['type']}"]
    return [one["verdict"] for one in body.get("leases", [body])]


def account(cases: Sequence[str], secret: str) -> None:
    """Where the processor of one lease goes, without the web server around it."""
    if not cases:
        return
    from zhizhi.usecases.lease import lease_permits

    half = len(cases) // 2
    for case in cases[:half]:
        lease_permits(*_command(secret, case))
    own = processor()
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for case in cases[half:]:
        lease_permits(*_command(secret, case))
    profile.disable()
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # untyped in the library
    whole = next(row[3] for key, row in stats.items() if key[2] == "lease_permits")
    print(f"one lease alone, under a profiler: {(processor() - own) / half * 1000:.2f} ms of our processor; of it:")
    for name, words in PARTS.items():
        part = sum(row[3] for key, row in stats.items() if key[2] == name)
        print(f"  {words:40} {part / whole:5.0%}")


def _command(secret: str, case: str) -> tuple[Any, datetime]:
    from zhizhi.store.leases.answers import Asked
    from zhizhi.store.leases.candidates import Named
    from zhizhi.store.leases.tokens import load_bearer
    from zhizhi.usecases.lease import LeasePermits

    at = datetime.now(UTC)
    bearer = load_bearer(secret, at)
    assert bearer is not None, "the token was just made"
    asked = Asked(bearer.token_id, f"account-{case}", b"account")
    command = LeasePermits(bearer, "benchmark", "call-plan", "s2", (Named(case=case),), asked, 60, "collect")
    return command, at


PARTS = {
    "load_known": "key, case, script, caller, campaign read",
    "one_commit": "person locked, facts read; the commit",
    "parse_case": "case parsed",
    "decide_compiled": "law asked, span of the permit too",
    "sealed_leaf": "leaf hashed",
    "commit_decisions": "decision and permit written, leaf too",
    "write_leases": "permit used, lease and answer written",
}


def report(options: argparse.Namespace, measured: Measured, costs: Sequence[float]) -> int:
    """Print; 1 where the goal is missed."""
    ordered = sorted(measured.latencies)
    p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
    reached = measured.answers.total() / measured.seconds
    asked = f"asked for {options.rate:.0f}/s, {options.persons} a request"
    print(f"{asked}, answered {reached:.0f}/s: {dict(measured.answers)}")
    print(f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {ordered[-1] * 1000:.1f} ms, from the intended instant ({load()})")
    print("processor a permit: web {:.2f} ms, database {:.2f} ms, this client {:.2f} ms".format(*costs))
    met = p99 <= GOAL_MS and set(measured.answers) == {"permit"} and reached >= options.rate * 0.99
    print(f"goal: p99 within {GOAL_MS:.0f} ms, every answer a permit: {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
