"""The worklist at 100,000 open cases: whole requests through Django, as a desk asks them, against the time it promises.

    ZHIZHI_LOGIN=owner DATABASE_URL=… ZHIZHI_STATE=… python benchmarks/worklist.py [--cases 100000] [--requests 60]

The database has to be migrated and empty of cases; what it is filled with is synthetic and stays there.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from django.test import Client

PROMISED_P95_MS = 200
LENDERS, COLLECTORS, QUEUES = 3, 50, 6
STAGES = ("reminder", "early", "early", "early", "middle", "middle", "visit", "litigation")
PERSON_COLUMNS = (
    "id, lender_id, subject, identity_key, customer_key, name_key, id_number_key, last_four_key, sealed, masked, state,"
    " time_zones, version, created_at"
)
CASE_COLUMNS = (
    "person_id, id, number, lender_id, queue_id, collector_id, stage, stop, days_past_due, balance_minor, currency,"
    " product, masked, opened_on, aged_on, next_step_at, team, assigned_because, is_lost_contact"
)
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜敏静强磊军洋勇艳杰涛明超"


def main() -> int:
    """Fill, measure, print; exit code 1 where a promise is broken."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=100_000)
    arguments.add_argument("--requests", type=int, default=60)
    wanted = arguments.parse_args()

    from zhizhi.config.wiring import start

    start(as_owner=True)
    from zhizhi.store.models import Case

    if not Case.objects.using("owner").exists():
        begun = time.perf_counter()
        fill(wanted.cases)
        print(f"filled {wanted.cases:,} cases in {time.perf_counter() - begun:.1f} s")
    print(f"{Case.objects.using('owner').count():,} cases; promised: p95 below {PROMISED_P95_MS} ms")
    return 1 if measure(wanted.requests) else 0


def fill(count: int) -> None:
    """Lenders, staff, persons with a number, and one open case each, by COPY as the owner."""
    from django.db import connections

    from zhizhi.store.keyring import SearchKeys, list_seal
    from zhizhi.store.models import Lender, Queue, Staff
    from zhizhi.store.people.rows import (
        Masked,
        customer_key,
        id_number_key,
        last_four_key,
        mask_name,
        name_key,
        point_key,
    )

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
        .create(login=f"bench{n}", name=f"催收员{n}", role="collector", lender_id=lenders[n % LENDERS], password="!")
        .pk
        for n in range(COLLECTORS)
    ]
    Staff.objects.using("owner").create(
        login="bench-head", name="负责人", role="head", lender_id=lenders[0], password="!"
    )
    Staff.objects.using("owner").create(login="bench-admin", name="集团负责人", role="head", password="!")
    random, today, at = Random(20260302), date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC)
    persons, parties, points, cases = [], [], [], []
    keys, seals = {n: SearchKeys(n) for n in lenders}, {n: list_seal(n) for n in lenders}
    for index in range(count):
        lender = lenders[0] if index % 10 < 8 else lenders[1 + index % (LENDERS - 1)]  # one large, two small
        person, number = 10 + index * 4, f"13800{index:06d}"
        name = random.choice(SURNAMES) + random.choice(GIVEN) + random.choice(GIVEN)
        identity, key = f"1101011990{index:08d}", keys[lender]
        masked = Masked(mask_name(name), f"138****{number[-4:]}").seal(seals[lender], person)
        persons.append(
            (person, lender, UUID(int=person), UUID(int=person), customer_key(key, f"K{person}"), name_key(key, name),
             id_number_key(key, identity), last_four_key(key, identity), b"", masked, "normal", "[]", 0, at)
        )  # fmt: skip
        parties.append((person, person + 1, "debtor", b""))
        points.append(
            (person, person + 2, person + 1, "mobile", b"", point_key(key, number), last_four_key(key, number))
        )
        days, next_at = random.randrange(1, 400), at + timedelta(hours=random.randrange(-200, 400))
        stop = "complaint" if index % 97 == 0 else None
        cases.append(
            (person, person + 3, f"C-2026-{index:06d}", lender, random.choice(queues), staff[index % COLLECTORS],
             STAGES[index % len(STAGES)], stop, days, random.randrange(10_000, 50_000_000), "CNY", "credit_card",
             masked, today - timedelta(days=days), today, next_at if index % 3 else None, "", "", False)
        )  # fmt: skip
    with connections["owner"].cursor() as cursor:
        copy(cursor, "person", PERSON_COLUMNS, persons)
        copy(cursor, "party", "person_id, id, role, sealed", parties)
        copy(cursor, "point", "person_id, id, party_id, kind, sealed, value_key, last_four_key", points)
        copy(cursor, "collection_case", CASE_COLUMNS, cases)
        cursor.execute("ANALYZE person, point, collection_case")


def copy(cursor: object, table: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    """COPY rows in their text form."""
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as sink:  # type: ignore[attr-defined]  # psycopg behind Django
        for row in rows:
            sink.write_row(row)


def measure(requests: int) -> list[str]:
    """Print the figures; answers the names of the broken promises."""
    from zhizhi.store.models import Staff

    head, admin = client("bench-head"), client("bench-admin")
    collector = client(Staff.objects.filter(login__startswith="bench", role="collector").earliest("id").login)
    deep = head_page(head, 40)
    asked: dict[str, Callable[[], object]] = {
        "first page, one lender": lambda: head.get("/cases"),
        "first page, all lenders": lambda: admin.get("/cases"),
        "first page, collector": lambda: collector.get("/cases"),
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
    broken = []
    for name, ask in asked.items():
        ask()
        times = sorted(timed(ask) for _ in range(requests))
        p95 = times[int(len(times) * 0.95)]
        print(f"{name:28} p50 {statistics.median(times):7.1f} ms   p95 {p95:7.1f} ms")
        if p95 > PROMISED_P95_MS:
            broken.append(name)
    print("broken: " + ", ".join(broken) if broken else "all kept")
    return broken


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
    import re

    address = "/cases"
    for _ in range(pages):
        page = desk.get(address).content.decode()
        following = re.search(r'rel="next" href="([^"]+)"', page)
        assert following, "the book is too small for that many pages"
        address = "/cases" + following[1].replace("&amp;", "&")
    return address


def timed(ask: Callable[[], object]) -> float:
    """Milliseconds of one request."""
    begun = time.perf_counter()
    answer = ask()
    assert answer.status_code in (200, 302)  # type: ignore[attr-defined]  # a Django response
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    sys.exit(main())
