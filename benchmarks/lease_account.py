"""Where the processor of a lease goes: the way in with the answer ready made, and the parts of a group by its size."""

import io
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

SIZES = (1, 5, 10, 25)
GROUPS = 30
WARM_GROUPS = 12
REQUESTS = 2_000
READY = {"leases": [{"verdict": "permit", "lease": "1-2", "number": "10000000000", "obligations": []}]}
# A function of the product that is one part of a group, where it is called from, and what it does.
PARTS = {
    "zhizhi.web.api.leasing.load_bearers": "tokens",
    "zhizhi.usecases.lease.load_known": "keys, cases, scripts, callers, campaigns",
    "zhizhi.store.leases.minting.rows_of": "BEGIN, persons locked, facts read",
    "zhizhi.usecases.lease._prepare": "case parsed, law asked, span of the permit",
    "zhizhi.usecases.lease.kept_answer": "answers sealed",
    "zhizhi.usecases.lease.write_leases": "decisions, permits, leases and answers written",
    "django.db.backends.base.base.BaseDatabaseWrapper.commit": "COMMIT, with the recount of caps",
}
Spent = dict[str, list[tuple[float, float]]]


def way_in(headers: dict[str, str], body: bytes) -> float:
    """Milliseconds of processor from environment to octets, HTTP and the group left out."""
    from zhizhi.web.api import leasing
    from zhizhi.web.api.application import application

    def request() -> dict[str, Any]:
        return {
            "REQUEST_METHOD": "POST", "PATH_INFO": "/api/v1/leases", "SCRIPT_NAME": "", "QUERY_STRING": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "HTTP_HOST": "localhost",
            "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, **headers,
        }  # fmt: skip

    with patch.object(leasing.GATHERED, "ask", lambda _posted: READY):
        requests = [request() for _ in range(REQUESTS)]
        begun = time.thread_time()
        for one in requests:
            application(one, lambda _status, _headers: None)  # type: ignore[arg-type,return-value]  # nothing is written
        return (time.thread_time() - begun) / REQUESTS * 1000


def account(cases: Sequence[str], secret: str, terms: dict[str, Any]) -> None:
    """Print both; `cases` are asked for once each."""
    headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}", "HTTP_IDEMPOTENCY_KEY": "way-in"}
    body = json.dumps({**terms, "case": cases[0]}).encode()
    print(f"the way in, from WSGI to the group and back: {way_in(headers, body):.2f} ms of processor a request")
    rest = iter(cases)
    groups(rest, secret, terms, WARM_GROUPS, 5)
    spent = {size: groups(rest, secret, terms, GROUPS, size) for size in SIZES}
    print("a group of so many requests, ms of processor (median): ours, the server's")
    for part in ["whole", *PARTS.values()]:
        figures = [_sums(spent[size], part, size) for size in SIZES]
        print(f"  {part:44}" + "".join(f"{own:8.2f} {server:6.2f}" for own, server in figures))
    print(f"  {'whole, a permit':44}" + "".join(_a_permit(spent[size], size) for size in SIZES))


def needed() -> int:
    """How many cases an account takes."""
    return WARM_GROUPS * 5 + GROUPS * sum(SIZES)


def groups(cases: Iterator[str], secret: str, terms: dict[str, Any], count: int, size: int) -> Spent:
    """So many groups, and by part what each call of it took: ours, the server's."""
    from zhizhi.store.leases.candidates import Named
    from zhizhi.web.api import leasing
    from zhizhi.web.api.leasing import Posted
    from zhizhi.web.api.shapes import OneLease

    spent: Spent = defaultdict(list)
    with _timed(spent):
        for _ in range(count):
            group = []
            for _ in range(size):
                case = next(cases)
                posted = OneLease(**terms, case=case)
                group.append(Posted(secret, f"account-{case}", b"account", posted, (Named(case=case),)))
            began = _now()
            answers = leasing.lease_group(group)
            spent["whole"].append(_since(began))
            said = {one["leases"][0]["verdict"] if isinstance(one, dict) else str(one) for one in answers}
            assert said == {"permit"}, said
    return spent


@contextmanager
def _timed(spent: Spent) -> Iterator[None]:
    patches = [patch(place, _clocked(_named(place), spent[part])) for place, part in PARTS.items()]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


def _named(place: str) -> Callable[..., Any]:
    from pkgutil import resolve_name

    found: Callable[..., Any] = resolve_name(place)
    return found


def _clocked(function: Callable[..., Any], calls: list[tuple[float, float]]) -> Callable[..., Any]:
    def clocked(*given: Any, **named: Any) -> Any:
        began = _now()
        try:
            return function(*given, **named)
        finally:
            calls.append(_since(began))

    return clocked


def _now() -> tuple[float, float]:
    """Seconds of processor of this thread, and of the server's process that answers it."""
    from django.db import connections

    connections["gate"].ensure_connection()
    backend = connections["gate"].connection.info.backend_pid
    ran = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return time.thread_time(), ran / 1e9


def _since(began: tuple[float, float]) -> tuple[float, float]:
    now = _now()
    return (now[0] - began[0]) * 1000, (now[1] - began[1]) * 1000


def _sums(spent: Spent, part: str, size: int) -> tuple[float, float]:
    """A group's median; a part that is called once a request counts as often."""
    calls = spent[part]
    times = size if len(calls) > GROUPS else 1
    return median(own for own, _ in calls) * times, median(server for _, server in calls) * times


def _a_permit(spent: Spent, size: int) -> str:
    own, server = _sums(spent, "whole", 1)
    return f"{own / size:8.2f} {server / size:6.2f}"
