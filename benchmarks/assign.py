"""Assigning 100,000 cases to 200 desks of a lender and three agencies, on PostgreSQL, with what keeps them apart.

    .venv/bin/python benchmarks/assign.py [--cases 100000] [--desks 200]

The server and the book are of this run, synthetic, durable (fsync on), and gone afterwards. A first morning, a second
one on which every tenth collector is away, and the end of the month are measured step by step; after each, a loop of
its own that shares nothing with the product's code looks at every case.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psutil

FIRST = date(2026, 3, 2)
MINUTE_SECONDS = 60.0
AGENCIES = 3
LANGUAGE, SCHOOLED = "yue", "m4"


@dataclass(slots=True)
class Steps:
    """Seconds of each step: by the wall, of the processor in this process, and in the server's that works for it."""

    server: psutil.Process
    taken: list[tuple[str, list[float]]] = field(default_factory=list)
    began: tuple[float, ...] = ()

    def now(self) -> tuple[float, ...]:
        """The three clocks."""
        used = self.server.cpu_times()
        return time.perf_counter(), time.process_time(), used.user + used.system

    def begin(self) -> None:
        """The clocks of the next step start."""
        self.began = self.now()

    def end(self, name: str) -> None:
        """It is over, and the next one begins."""
        self.taken.append((name, [now - before for now, before in zip(self.now(), self.began, strict=True)]))
        self.begin()


def main() -> int:
    """Fill, assign three times, look at every case; exit code 1 where a promise is broken."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=100_000)
    arguments.add_argument("--desks", type=int, default=200)
    wanted = arguments.parse_args()

    from zhizhi.gateways.postgres.server import Durability
    from zhizhi.gateways.postgres.server import start as start_server

    folder = Path(tempfile.mkdtemp(prefix="zhizhi-assign-"))
    try:
        with start_server(folder, durability=Durability.FULL) as server:
            os.environ |= {"DATABASE_URL": server.owner_url, "ZHIZHI_STATE": str(folder), "ZHIZHI_LOGIN": "owner"}
            subprocess.run([sys.executable, "-m", "zhizhi", "migrate"], check=True, stdout=subprocess.DEVNULL)
            return measure(wanted.cases, wanted.desks)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(cases: int, desks: int) -> int:
    """Three assignments on a running, migrated database."""
    from zhizhi.config.wiring import start

    start(as_owner=True)
    lender = fill(cases, desks)
    wrong = morning(lender, FIRST, "first morning")
    away(lender, FIRST + timedelta(days=1))
    wrong += morning(lender, FIRST + timedelta(days=1), "every tenth desk is away")
    wrong += morning(lender, FIRST + timedelta(days=40), "end of the month, dealt anew", reshuffles=True)
    return 1 if wrong else 0


def morning(lender: int, on: date, title: str, *, reshuffles: bool = False) -> int:
    """One assignment, step by step; answers how much is wrong."""
    from django.db import connections, transaction

    from zhizhi.core.assignment.assign import assign
    from zhizhi.core.assignment.facts import Terms
    from zhizhi.store.assignment.facts import load_facts
    from zhizhi.store.assignment.writing import Head, write
    from zhizhi.store.transact.assigning import assigning

    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        steps = Steps(psutil.Process(cursor.fetchone()[0]))
    with transaction.atomic(using="gate", durable=True):
        assigning()
        steps.begin()
        facts = load_facts(lender, on)
        steps.end("facts read")
        done = assign(facts.cases, facts.desks, Terms(on, reshuffles=reshuffles))
        steps.end("decided")
        write(Head(lender, on, "reshuffle" if reshuffles else "act", datetime.now(UTC)), facts, done)
        steps.end("written")
    steps.end("committed")
    whole, here, there = (sum(spent[n] for _, spent in steps.taken) for n in range(3))
    moved = sum(move.to_id is not None for move in done.moves)
    print(f"\n{title}, {on}: {len(facts.cases):,} cases, {moved:,} moved; load {os.getloadavg()[0]:.1f}")
    for name, spent in (*steps.taken, ("together", [whole, here, there])):
        print("  {}: {:.1f} s; of processor here {:.1f} s, in the server {:.1f} s".format(name, *spent))
    for why, count in sorted(Counter(move.why.value for move in done.moves).items()):
        print(f"  {why}: {count:,}")
    wrong = look_at_every_case(lender, on)
    print(f"  exclusions broken: {sum(wrong.values())} {dict(wrong) or ''}")
    return sum(wrong.values()) + (here + there > MINUTE_SECONDS)


def look_at_every_case(lender: int, on: date) -> Counter[str]:
    """Every case with its collector, against rows read anew; nothing here is the product's."""
    staff = {row[0]: row[1:] for row in ask("SELECT id, agency_id, trained_on, certified_until, capacity FROM staff")}
    skills: dict[tuple[int, str], set[str]] = defaultdict(set)
    for who, kind, value in ask("SELECT staff_id, kind, value FROM staff_skill WHERE ended_at IS NULL"):
        skills[who, kind].add(value)
    barred = set(ask("SELECT person_id, staff_id FROM barred_collector WHERE ended_at IS NULL"))
    gone = {who for who, first, last in ask("SELECT staff_id, from_on, to_on FROM staff_absence WHERE ended_at IS NULL")
            if first <= on <= last and (last - first).days >= 2}  # fmt: skip
    reserved = {row[0] for row in ask("SELECT person_id FROM reserved_negotiation WHERE ended_at IS NULL")}
    cases = ask(
        "SELECT person_id, agency_id, collector_id, days_past_due, language, balance_minor FROM collection_case"
        " WHERE lender_id = %s AND closed_on IS NULL", lender,
    )  # fmt: skip
    held = Counter(case[2] for case in cases if case[2] is not None)
    owed: Counter[int] = Counter()

    def against(person: int, agency: int | None, who: int, days: int, language: str | None) -> list[str]:
        house, trained, certified, _ = staff[who]
        queue = "m" + str(min((days + 29) // 30, 4))
        said = {
            "agency": house != agency,
            "training": not (trained and trained <= on <= trained + timedelta(days=365)),
            "certificate": certified is not None and certified < on,
            "schooling": bool(skills[who, "queue"]) and queue not in skills[who, "queue"],
            "language": language is not None and language not in skills[who, "language"],
            "barred": (person, who) in barred,
        }
        return [name for name, speaks in said.items() if speaks]

    wrong: Counter[str] = Counter()
    wrong["over capacity"] = sum(count > staff[who][3] for who, count in held.items())
    for person, agency, who, days, language, balance in cases:
        looks = who is None or (who in gone and person not in reserved)
        could = [one for one in staff if looks and one not in gone and held[one] < staff[one][3]]
        is_left = any(not against(person, agency, one, days, language) for one in could)
        if who is None:
            wrong["nobody, though somebody fits"] += is_left
            continue
        wrong.update(against(person, agency, who, days, language))
        wrong["away"] += is_left
        owed[who] += balance
    tell_spread(staff, skills, gone, held, owed)
    print(f"  without a collector: {sum(case[2] is None for case in cases):,}")
    return +wrong


def tell_spread(
    staff: dict[int, Any],
    skills: dict[tuple[int, str], set[str]],
    gone: set[int],
    held: Counter[int],
    owed: Counter[int],
) -> None:
    """Over the desks that all fit alike: whoever is here, schooled for everything, in the main language."""
    houses: dict[int | None, list[int]] = defaultdict(list)
    for who, (house, trained, certified, capacity) in staff.items():
        is_ready = capacity > 0 and trained is not None and certified is None and who not in gone
        if is_ready and not skills[who, "queue"] and not skills[who, "language"]:
            houses[house].append(who)
    for house in sorted(houses, key=lambda one: one or 0):
        numbers = [held[who] for who in houses[house]]
        sums = [owed[who] / 1e6 for who in houses[house]]
        name = "own staff" if house is None else f"agency {house}"
        print(f"  {name}, {len(numbers)} like desks: cases {min(numbers)}-{max(numbers)}, "
              f"balance {min(sums):.2f}-{max(sums):.2f} million minor units")  # fmt: skip


PERSON_COLUMNS = (
    "id, lender_id, subject, identity_key, customer_key, name_key, id_number_key, last_four_key, sealed, masked, state,"
    " time_zones, version, created_at"
)
CASE_COLUMNS = (
    "person_id, id, number, lender_id, agency_id, stage, days_past_due, balance_minor, currency, product, masked,"
    " opened_on, aged_on, team, assigned_because, is_lost_contact, language"
)


def fill(count: int, desks: int) -> int:
    """A lender, three agencies, desks, persons with one open case each, and what keeps cases and desks apart."""
    from django.db import connections

    from zhizhi.store.models import Agency, Lender

    lenders, agencies = Lender.objects.using("owner"), Agency.objects.using("owner")
    lender = lenders.create(code="B", name="测试机构", profile="cn.bank.card", is_synthetic=True).pk
    houses = [None, *(agencies.create(code=f"B{n}", name=f"外包{n}").pk for n in range(AGENCIES))]
    share = -(-count // desks) * 3 // 2
    staff, keeps = seat(desks, houses, share)
    random, at = Random(56), datetime(2026, 3, 1, tzinfo=UTC)
    people, cases, bars, reserves = [], [], [], []
    for index in range(count):
        person = 10 + index * 4
        keys = (UUID(int=person), UUID(int=person), *[index] * 4)
        people.append((person, lender, *keys, b"", b"", "normal", "[]", 0, at))
        minor, days = int(random.lognormvariate(13.5, 1.1)) + 1, random.randrange(4, 400)
        house = houses[max(0, random.randrange(AGENCIES + 2) - 1)]
        spoken = LANGUAGE if index % 33 == 0 else None
        cases.append(
            (person, person + 3, f"C-2026-{index:06d}", lender, house, "early", days, minor, "CNY", "credit_card", b"",
             FIRST, FIRST, "", "", False, spoken)
        )  # fmt: skip
        if index % 50 == 0:
            bars.append((person, person + 1, random.choice(staff), "relative", "", keeps, at, ""))
        if index % 40 == 0:
            reserves.append((person, person + 2, person + 3, FIRST + timedelta(days=50), "benchmark", keeps, at, ""))
    kept = "set_by_id, set_at, ended_ground"
    with connections["owner"].cursor() as cursor:
        copy(cursor, "person", PERSON_COLUMNS, people)
        copy(cursor, "collection_case", CASE_COLUMNS, cases)
        copy(cursor, "barred_collector", f"person_id, id, staff_id, ground, remark, {kept}", bars)
        copy(cursor, "reserved_negotiation", f"person_id, id, case_id, until_on, ground, {kept}", reserves)
        cursor.execute("ANALYZE person, collection_case, barred_collector, reserved_negotiation")
    print(f"{count:,} cases, {desks} desks of a lender and {AGENCIES} agencies, room for {share} each")
    return lender


def seat(desks: int, houses: list[int | None], share: int) -> tuple[list[int], int]:
    """The desks, two fifths own staff and one fifth each agency's, and who assigns."""
    from zhizhi.store.models import Staff, StaffSkill

    members, skills = Staff.objects.using("owner"), StaffSkill.objects.using("owner")
    keeps = members.create(login="bench-assign", name="分案", role="assignment", password="!")
    told = {"set_by": keeps, "set_at": datetime(2026, 3, 1, tzinfo=UTC)}
    staff = []
    for n in range(desks):
        house = houses[max(0, n * (AGENCIES + 2) // desks - 1)]
        one = members.create(
            login=f"bench{n}",
            name=f"催收员{n}",
            role="agency_collector" if house else "collector",
            agency_id=house,
            capacity=share,
            trained_on=None if n % 50 == 49 else date(2026, 1, 5),
            certified_until=date(2026, 1, 31) if n % 50 == 48 else None,
            password="!",
        )
        staff.append(one.pk)
        if n % 10 == 7:
            skills.create(staff=one, kind="queue", value=SCHOOLED, **told)
        if n % 10 == 3:
            skills.create(staff=one, kind="language", value=LANGUAGE, **told)
    return staff, keeps.pk


def away(lender: int, on: date) -> None:
    """Every tenth desk is away for a week from this day."""
    from zhizhi.store.models import Staff, StaffAbsence

    keeps = Staff.objects.using("owner").get(login="bench-assign")
    for one in Staff.objects.using("owner").filter(login__regex="^bench[0-9]*5$"):
        StaffAbsence.objects.using("owner").create(
            staff=one, from_on=on, to_on=on + timedelta(days=6), set_by=keeps, set_at=datetime(2026, 3, 1, tzinfo=UTC)
        )


def ask(sql: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a question, as the owner."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, values)  # type: ignore[arg-type]  # numbers
        return list(cursor.fetchall())


def copy(cursor: Any, table: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    """COPY rows in their text form."""
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as sink:
        for row in rows:
            sink.write_row(row)


if __name__ == "__main__":
    sys.exit(main())
