"""Leases over HTTP: requests at a fixed rate whatever comes back, through the real web server.

    .venv/bin/python benchmarks/leases.py [--rate 500] [--persons 1] [--seconds 30] [--processes 2] [--threads 32]

`--rate` is in permits a second; `--persons` of them share a request. Each latency is measured from the instant at
which its request was to be sent, so that a server that falls behind is charged with the waiting (no coordinated
omission). The goal: 99 of 100 requests within 50 ms at 500 permits a second, no error. Every person is asked for once,
so that each is a permit; outside calling hours the server's clock is ten hours ahead.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import psycopg
from gate_book import BEIJING, Book, book_of, processor, server_processor
from gate_book import load as load_of_machine
from lease_account import account, needed
from lease_clock import HOURS as AHEAD_HOURS
from lease_clock import stand_ahead
from lease_load import BEGINS_AFTER, Answered, Load

from zhizhi.ops.web_server import arguments
from zhizhi.web.shared import clock

GOAL_MS = 50.0
HOURS = range(9, 21)  # in Beijing; the law of the book ends at 22:00, which leaves room for a long run
CONNECTIONS = 64
WARM_PERSONS = 400
TERMS = {"campaign": "benchmark", "seconds": 60, "script": "call-plan", "caller": "s2"}


@dataclass(slots=True)
class Measured:
    """What came back."""

    latencies: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    processor: float = 0.0


def main() -> int:
    """Measure and print; exit code 1 where the goal is missed."""
    options = parse()
    if datetime.now(BEIJING).hour not in HOURS:
        stand_ahead()
        print(f"outside calling hours: the server's clock is {AHEAD_HOURS} hours ahead")
    wanted = int(options.rate * options.seconds)
    accounted = 0 if options.no_account else needed()
    with book_of(wanted + WARM_PERSONS + accounted, 1) as book:
        cases = with_cases(book)
        analyse(book)
        secret = token()
        if accounted:
            account(cases[:accounted], secret, TERMS)
        with web_server(options) as (port, server):
            rest = cases[accounted:]
            load = Load(port, CONNECTIONS)
            warm = send(load, secret, rest[:WARM_PERSONS], options.rate / 4, options.persons)
            print(f"warm: {dict(warm.answers)}")
            own, database = server_seconds(server), server_processor(book)
            measured = send(load, secret, rest[WARM_PERSONS:], options.rate, options.persons)
            done = max(1, measured.answers.total())
            costs = (server_seconds(server) - own, server_processor(book) - database, measured.processor)
            load.close()
        return report(options, measured, [cost / done * 1000 for cost in costs])


def parse() -> argparse.Namespace:
    """What to run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=500.0, help="permits a second")
    parser.add_argument("--persons", type=int, default=1, help="of one request")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--lane", action="store_true", help="through `zhizhi leases` and not `zhizhi web`")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--no-account", action="store_true", help="without the account of where the processor goes")
    return parser.parse_args()


def with_cases(book: Book) -> list[str]:
    """An open case for every person of the book; answers their numbers."""
    from zhizhi.store.ids import ids
    from zhizhi.store.models import Case, Lender

    lender = Lender.objects.using("gate").get(code="L1")
    today = clock.now().astimezone(BEIJING).date()
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
    """What the server's own upkeep does within minutes of a load: its pages are written, and it plans for the tables as
    they are."""
    with psycopg.connect(book.url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")
        owner.execute("CHECKPOINT")


def token() -> str:
    """A token that may do everything that is measured."""
    from zhizhi.store.leases.tokens import create_token

    at = clock.now()
    scopes = ("lease", "lease.number")
    return create_token("benchmark", "L1", None, scopes, expires_at=at + timedelta(days=1), at=at)[1]


@contextmanager
def web_server(options: argparse.Namespace) -> Iterator[tuple[int, psutil.Process]]:
    """`zhizhi web`, or `zhizhi leases`, on a free port, ready to answer."""
    listening = socket.create_server(("127.0.0.1", 0))
    number, port = listening.fileno(), int(listening.getsockname()[1])
    if options.lane:
        told = ["lease_lane_server", str(number)]
    else:
        told = [
            "gunicorn",
            *arguments(f"fd://{number}", options.processes, options.threads, "lease_server:application"),
        ]
    paths = os.pathsep.join(filter(None, [str(Path(__file__).parent), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "ZHIZHI_SECRET_KEY": "benchmark", "PYTHONPATH": paths}
    child = subprocess.Popen(
        [sys.executable, "-m", *told], env=environment, stderr=subprocess.DEVNULL, pass_fds=[number]
    )
    listening.close()
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
    return sum(one.cpu_times().user + one.cpu_times().system for one in [server, *server.children(recursive=True)])


def send(load: Load, secret: str, cases: Sequence[str], rate: float, persons: int) -> Measured:
    """One request for so many cases each, the n-th case at n / rate."""
    requests = [_request(secret, cases[n : n + persons], n) for n in range(0, len(cases), persons)]
    own, begun = processor(), time.perf_counter()
    answers = load.send(requests, rate / persons)
    seconds = time.perf_counter() - begun - BEGINS_AFTER
    measured = Measured([one.seconds for one in answers], Counter(), seconds, processor() - own)
    for one in answers:
        measured.answers.update(_said(one))
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


def _said(answered: Answered) -> list[str]:
    body = json.loads(answered.body)
    if answered.status != 200:
        return [f"{body['status']} {body['type']}"]
    return [one["verdict"] for one in body.get("leases", [body])]


def report(options: argparse.Namespace, measured: Measured, costs: Sequence[float]) -> int:
    """Print; 1 where the goal is missed."""
    ordered = sorted(measured.latencies)
    p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
    reached = measured.answers.total() / measured.seconds
    asked = f"asked for {options.rate:.0f}/s, {options.persons} a request"
    print(f"{asked}, answered {reached:.0f}/s: {dict(measured.answers)}")
    slowest = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {ordered[-1] * 1000:.1f} ms"
    print(f"{slowest}, from the intended instant ({load_of_machine()})")
    print("processor a permit: web {:.2f} ms, database {:.2f} ms, this client {:.2f} ms".format(*costs))
    cores = os.cpu_count() or 1
    print(f"that is {sum(costs) * reached / 1000 / cores:.0%} of {cores} cores; from some 70 % on requests queue up")
    met = p99 <= GOAL_MS and set(measured.answers) == {"permit"} and reached >= options.rate * 0.99
    print(f"goal: p99 within {GOAL_MS:.0f} ms, every answer a permit: {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
