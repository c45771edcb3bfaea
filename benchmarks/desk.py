"""The desk in a book of a million open cases: worklist, search and case page, whole requests through Django.

    .venv/bin/python benchmarks/desk.py [--cases 1000000] [--lived 2000] [--requests 60]

A server of its own with full durability. Some accounts are of the demonstration book, imported and worked for a day by
the product, so that their pages have all that a page shows; around them stand open cases, each with a party, a number,
a debt and two contacts, filled in by COPY. The goal: the median of each request below 100 ms, and 95 of 100 below 200.
Beside it, in the same run, the very statements of one such request with their values, bare through the driver and the
same login: what is left is ours.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from gate_book import load

if TYPE_CHECKING:
    from django.test import Client

PROMISED_MEDIAN_MS, PROMISED_P95_MS = 100, 200
LENDERS, COLLECTORS, QUEUES, CHUNK = 3, 200, 6, 50_000
WARM = 6  # of the bare statements, which are prepared like ours from the fifth time on
DAY = "2026-03-02"
FIRST_PERSON = 10**12  # below the ids that the product gives out
STAGES = ("reminder", "early", "early", "early", "middle", "middle", "visit", "litigation")
COLUMNS = {
    "person": "id, lender_id, subject, identity_key, customer_key, name_key, id_number_key, last_four_key, sealed,"
    " masked, state, time_zones, version, created_at",
    "party": "person_id, id, role, sealed",
    "point": "person_id, id, party_id, kind, sealed, value_key, last_four_key",
    "debt": "person_id, id, lender_id, account_key, sealed, product, currency, state, oldest_unpaid_due_on,"
    " principal_minor, term_interest_minor, penalty_interest_minor, compound_interest_minor, damages_minor,"
    " costs_minor, fees_minor, balance_minor, as_of_on, row_digest",
    "contact": "person_id, id, at, channel, direction, party_id, point_id, form, purpose, collector, collector_kind,"
    " outcome, import_id",
    "collection_case": "person_id, id, number, lender_id, queue_id, collector_id, stage, stop, days_past_due,"
    " balance_minor, currency, product, masked, opened_on, aged_on, next_step_at, team, assigned_because,"
    " is_lost_contact",
}
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜敏静强磊军洋勇艳杰涛明超"


def main() -> int:
    """Fill, measure, print; exit code 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--lived", type=int, default=2_000)
    parser.add_argument("--requests", type=int, default=60)
    wanted = parser.parse_args()
    with server_of_its_own():
        begun = time.perf_counter()
        live(wanted.lived)
        print(f"{wanted.lived:,} accounts imported and worked for a day in {time.perf_counter() - begun:.0f} s")
        from zhizhi.config.wiring import start

        start(as_owner=True)
        begun = time.perf_counter()
        fill(wanted.cases)
        print(f"{wanted.cases:,} open cases beside them in {time.perf_counter() - begun:.0f} s", flush=True)
        broken = measure(wanted.requests)
    return 1 if broken else 0


@contextmanager
def server_of_its_own() -> Iterator[None]:
    """A fresh server, migrated; the environment names it as the owner's."""
    from zhizhi.gateways.postgres.server import start

    with (
        tempfile.TemporaryDirectory(prefix="zhizhi-desk-state-") as state,
        tempfile.TemporaryDirectory(prefix="zhizhi-desk-pg-") as folder,
        start(Path(folder)) as server,
    ):
        with psycopg.connect(server.url_of("postgres"), autocommit=True) as owner:
            owner.execute("CREATE DATABASE desk_benchmark")
        os.environ["DATABASE_URL"] = server.url_of("desk_benchmark")
        os.environ["ZHIZHI_STATE"] = state
        zhizhi("migrate")
        os.environ["ZHIZHI_LOGIN"] = "owner"
        yield
        from django.db import connections

        connections.close_all()


def zhizhi(*words: str) -> None:
    """One command of the product, as its operator gives it."""
    environment = {name: value for name, value in os.environ.items() if name != "ZHIZHI_LOGIN"}
    subprocess.run([sys.executable, "-m", "zhizhi", *words], check=True, stdout=subprocess.DEVNULL, env=environment)


def live(accounts: int) -> None:
    """The demonstration book, as `zhizhi run` brings it in."""
    book = str(Path(os.environ["ZHIZHI_STATE"]) / "book")
    zhizhi("generate", "--out", book, "--accounts", str(accounts), "--on", DAY)
    zhizhi("import", book)
    zhizhi("defaults", "--demonstration")
    zhizhi("day", "--on", DAY)


def fill(count: int) -> None:
    """Lenders, staff, and persons with a number, a debt, two contacts and an open case each, by COPY as the owner."""
    from django.db import connections

    from zhizhi.store.models import Lender, Queue, Staff

    lenders = [
        Lender.objects.using("owner")
        .create(code=f"B{n}", name=f"测试机构{n}", profile="cn.bank.card", is_synthetic=True)
        .pk
        for n in range(LENDERS)
    ]
    queues = [
        Queue.objects.using("owner").create(lender_id=lenders[n % LENDERS], code=f"Q{n}", name=f"队列{n}").pk
        for n in range(QUEUES)
    ]
    staff = [
        Staff.objects.using("owner")
        .create(login=f"bench{n}", name=f"催收员{n}", role="collector", lender_id=lenders[0], password="!")
        .pk
        for n in range(COLLECTORS)
    ]
    Staff.objects.using("owner").create(
        login="bench-head", name="负责人", role="head", lender_id=lenders[0], password="!"
    )
    Staff.objects.using("owner").create(login="bench-admin", name="集团负责人", role="head", password="!")
    made = rows_of_cases(count, lenders, queues, staff)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # rows of this book alone, which agree with each other
        for begin in range(0, count, CHUNK):
            rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in COLUMNS}
            for table, row in (one for _ in range(min(CHUNK, count - begin)) for one in next(made)):
                rows[table].append(row)
            for table, columns in COLUMNS.items():
                copy(cursor, table, columns, rows[table])
            print(f"{begin + len(rows['person']):,} cases", end="\r", file=sys.stderr, flush=True)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(f"VACUUM ANALYZE {', '.join(COLUMNS)}")


def rows_of_cases(
    count: int, lenders: Sequence[int], queues: Sequence[int], staff: Sequence[int]
) -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    """For each person the rows by table."""
    from zhizhi.store.keyring import SearchKeys, list_seal
    from zhizhi.store.people.rows import (
        Masked,
        customer_key,
        id_number_key,
        last_four_key,
        mask_name,
        name_key,
        point_key,
    )

    random, today, at = Random(20260302), date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC)
    keys, seals = {n: SearchKeys(n) for n in lenders}, {n: list_seal(n) for n in lenders}
    for index in range(count):
        lender = lenders[0] if index % 10 < 8 else lenders[1 + index % (LENDERS - 1)]  # one large, two small
        person, number = FIRST_PERSON + index * 8, f"138{index:08d}"
        name = random.choice(SURNAMES) + random.choice(GIVEN) + random.choice(GIVEN)
        identity, key = f"1101011990{index:08d}", keys[lender]
        masked = Masked(mask_name(name), f"138****{number[-4:]}").seal(seals[lender], person)
        days, next_at = random.randrange(1, 400), at + timedelta(hours=random.randrange(-200, 400))
        balance, since = random.randrange(10_000, 50_000_000), today - timedelta(days=days)
        yield [
            ("person", (person, lender, UUID(int=person), UUID(int=person), customer_key(key, f"K{person}"),
                        name_key(key, name), id_number_key(key, identity), last_four_key(key, identity), b"", masked,
                        "normal", "[]", 0, at)),
            ("party", (person, person + 1, "debtor", b"")),
            ("point", (person, person + 2, person + 1, "mobile", b"", point_key(key, number),
                       last_four_key(key, number))),
            ("debt", (person, person + 3, lender, UUID(int=person + 3), b"", "credit_card", "CNY", "overdue", since,
                      balance, 0, 0, 0, 0, 0, 0, balance, today, b"")),
            *(("contact", (person, person + 5 + n, at - timedelta(days=n), "voice", "out", person + 1, person + 2,
                           "interactive", "collect", "L", "lender", "no_answer", 1)) for n in range(2)),
            ("collection_case", (person, person + 4, f"B-{index:08d}", lender, queues[index % QUEUES],
                                 staff[index % COLLECTORS] if lender == lenders[0] else None,
                                 STAGES[index % len(STAGES)],
                                 "complaint" if index % 97 == 0 else None, days, balance, "CNY", "credit_card", masked,
                                 since, today, next_at if index % 3 else None, "", "", False)),
        ]  # fmt: skip


def copy(cursor: Any, table: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    """COPY rows in their text form."""
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as sink:
        for row in rows:
            sink.write_row(row)


def measure(requests: int) -> list[str]:
    """Print the figures; answers the names of the broken promises."""
    broken = []
    print(f"{'request':28}{'p50, ms':>9}{'p95, ms':>9}{'bare, ms':>10}{'ratio':>7}{'statements':>12}")
    for name, ask in asked().items():
        ask()
        times = sorted(timed(ask) for _ in range(requests))
        median, p95 = statistics.median(times), times[int(len(times) * 0.95)]
        spoken = statements_of(ask)
        bare = statistics.median(timed_bare(spoken) for _ in range(WARM + requests // 4))
        print(f"{name:28}{median:9.1f}{p95:9.1f}{bare:10.1f}{median / bare:7.1f}{len(spoken):12}", flush=True)
        if median > PROMISED_MEDIAN_MS or p95 > PROMISED_P95_MS:
            broken.append(name)
    print((f"broken: {', '.join(broken)}" if broken else "all kept") + f" ({load()})")
    return broken


def asked() -> dict[str, Callable[[], object]]:
    """What is asked for, by name."""
    head, admin, collector = client("bench-head"), client("bench-admin"), client("bench0")
    busiest = busiest_collector()
    of_all, own = client("head"), client(busiest)
    deep = head_page(head, 40)
    worked, mine = cycle(numbers_of(None)), cycle(numbers_of(busiest))
    return {
        "case page, head": lambda: of_all.get(f"/cases/{next(worked)}"),
        "case page, collector": lambda: own.get(f"/cases/{next(mine)}"),
        "worklist, one lender": lambda: head.get("/cases"),
        "worklist, all lenders": lambda: admin.get("/cases"),
        "worklist, collector": lambda: collector.get("/cases"),
        "by days past due": lambda: head.get("/cases?sort=days"),
        "by next step": lambda: head.get("/cases?sort=next"),
        "41st page": lambda: head.get(deep),
        "filter stage and bucket": lambda: head.get("/cases?stage=visit&bucket=M4"),
        "filter rare stop": lambda: head.get("/cases?stop=complaint&bucket=M7"),
        "filter that finds nothing": lambda: head.get("/cases?stop=deceased"),
        "all lenders, filter": lambda: admin.get("/cases?stage=litigation&sort=days"),
        "search by name": lambda: head.post("/cases/search", {"q": "王伟强"}),
        "search by number": lambda: head.post("/cases/search", {"q": "13800000040"}),
        "search by last four": lambda: head.post("/cases/search", {"q": "0040"}),
        "search, nothing found": lambda: admin.post("/cases/search", {"q": "没有这个人"}),
    }


def busiest_collector() -> str:
    """Of the imported book: whom the day's assignment gave most."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT s.login FROM collection_case c JOIN staff s ON s.id = c.collector_id"
            " WHERE c.closed_on IS NULL AND c.person_id NOT BETWEEN %s AND %s AND s.is_active"
            " GROUP BY s.login ORDER BY count(*) DESC, s.login LIMIT 1",
            [FIRST_PERSON, 2 * FIRST_PERSON],
        )
        (login,) = cursor.fetchone() or (None,)
    assert login, "the day's run assigned its cases"
    return str(login)


def numbers_of(login: str | None) -> list[str]:
    """Open cases of the imported book: all, or one collector's; those with the longest past first."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT c.number FROM collection_case c LEFT JOIN staff s ON s.id = c.collector_id"
            " WHERE c.closed_on IS NULL AND c.person_id NOT BETWEEN %s AND %s AND (%s::text IS NULL OR s.login = %s)"
            " ORDER BY (SELECT count(*) FROM contact t WHERE t.person_id = c.person_id) DESC, c.number LIMIT 100",
            [FIRST_PERSON, 2 * FIRST_PERSON, login, login],
        )
        return [number for (number,) in cursor.fetchall()]


Spoken = tuple[str, type[Any], Any, Any]
"""A statement as the driver was given it: the login, the class of its cursor, its text, its values."""


def statements_of(ask: Callable[[], object]) -> list[Spoken]:
    """What one request says to the database, through whatever layer."""
    spoken: list[Spoken] = []
    execute = psycopg.Cursor.execute

    def noted(self: Any, query: Any, params: Any = None, **terms: Any) -> Any:
        raw, client_side = isinstance(self, psycopg.RawCursor), isinstance(self, psycopg.ClientCursor)
        kind = psycopg.RawCursor if raw else psycopg.ClientCursor if client_side else psycopg.Cursor
        spoken.append((self.connection.info.user, kind, query, params))
        return execute(self, query, params, **terms)

    psycopg.Cursor.execute = noted  # type: ignore[method-assign]  # for one request
    try:
        ask()
    finally:
        psycopg.Cursor.execute = execute  # type: ignore[method-assign]  # as it was
    return spoken


def timed_bare(spoken: Sequence[Spoken]) -> float:
    """Milliseconds of the same statements one after another, each row fetched, on a connection that was used before."""
    connections = {login: bare_connection(login) for login, *_ in spoken}
    begun = time.perf_counter()
    for login, kind, query, values in spoken:
        cursor = kind(connections[login]).execute(query, values)
        if cursor.description:
            cursor.fetchall()
    elapsed = (time.perf_counter() - begun) * 1000
    for connection in connections.values():
        connection.rollback()
    return elapsed


def client(login: str) -> "Client":
    """Somebody signed in: a session as the product begins it after the last proof."""
    from django.conf import settings
    from django.test import Client

    from zhizhi.store.sign_in.devices import ShownDevice
    from zhizhi.store.sign_in.members import begin, find_member
    from zhizhi.web.shared.signed_in import SESSION_KEY

    settings.ALLOWED_HOSTS.append("testserver")
    member = find_member(login)
    assert member is not None, f"{login} may not sign in"
    begun = begin(member, ShownDevice(None, "benchmark"), "totp", datetime.now(UTC))
    assert begun is not None, "the password was changed in between"
    signed_in = Client()
    kept = signed_in.session
    kept[SESSION_KEY] = begun.secret
    kept.save()
    signed_in.cookies["zhizhi_device"] = begun.device_secret
    return signed_in


def head_page(desk: "Client", pages: int) -> str:
    """The address of a page far behind the first."""
    address = "/cases"
    for _ in range(pages):
        page = desk.get(address).content.decode()
        following = re.search(r'rel="next" href="([^"]+)"', page)
        assert following, "the book is too small for that many pages"
        address = "/cases" + following[1].replace("&amp;", "&")
    return address


@cache
def bare_connection(login: str) -> "psycopg.Connection[Any]":
    """As one of the product's logins, without Django."""
    from django.db import connections

    (terms,) = (
        terms for terms in (one.get_connection_params() for one in connections.all()) if terms.get("user") == login
    )
    return psycopg.connect(
        **{name: value for name, value in terms.items() if name not in ("cursor_factory", "context")}
    )


def timed(ask: Callable[[], object]) -> float:
    """Milliseconds of one request."""
    begun = time.perf_counter()
    answer = ask()
    assert answer.status_code in (200, 302)  # type: ignore[attr-defined]  # a Django response
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    sys.exit(main())
