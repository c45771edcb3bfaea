"""What the benchmarks of the gate share: a server and a book of their own, and clients in processes of their own."""

import gc
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

BEIJING = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 3, 2, 10, 0, tzinfo=BEIJING)
PROFILE = "cn.consumer_finance.online.cba"
CHUNK = 2_000
WARM_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Book:
    """Where the book stands, and the ids of its persons: person, party and mobile follow each other."""

    url: str
    state: str
    persons: tuple[int, ...]
    staff: tuple[int, ...]


@dataclass(slots=True)
class Done:
    """What one client did."""

    permits: int = 0
    refused: int = 0
    overtaken: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    processor: float = 0.0
    server: float = 0.0

    @staticmethod
    def together(done: "Sequence[Done]") -> "Done":
        """What several clients did at the same time."""
        whole = Done(seconds=max(one.seconds for one in done))
        for one in done:
            whole.permits += one.permits
            whole.refused += one.refused
            whole.overtaken += one.overtaken
            whole.processor += one.processor
            whole.server += one.server
            whole.latencies += one.latencies
        return whole

    @staticmethod
    def one_after_another(done: "Sequence[Done]") -> "Done":
        """What was done in rounds."""
        whole = Done.together(done)
        whole.seconds = sum(one.seconds for one in done)
        return whole


@contextmanager
def book_of(count: int, staff: int) -> Iterator[Book]:
    """A fresh server with full durability, migrated, and a book on it; everything is gone afterwards."""
    from zhizhi.gateways.postgres.server import start

    with (
        tempfile.TemporaryDirectory(prefix="zhizhi-gate-state-") as state,
        tempfile.TemporaryDirectory(prefix="zhizhi-gate-pg-") as folder,
        start(Path(folder)) as server,
    ):
        with psycopg.connect(server.url_of("postgres"), autocommit=True) as owner:
            owner.execute("CREATE DATABASE gate_benchmark")
        os.environ["DATABASE_URL"] = url = server.url_of("gate_benchmark")
        os.environ["ZHIZHI_STATE"] = state
        subprocess.run([sys.executable, "-m", "zhizhi", "migrate"], check=True, stdout=subprocess.DEVNULL)
        wire()
        lender, desks = house(staff)
        yield Book(url, state, tuple(fill(lender, count)), tuple(desks))
        from django.db import connections

        connections.close_all()


def wire() -> None:
    """Django, keys and the channels of the demonstration, in this process."""
    from zhizhi.config import wiring

    wiring.start()
    from zhizhi.store import channels

    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


def house(staff: int) -> tuple[int, list[int]]:
    """A lender with the default wordings, and trained staff."""
    from zhizhi.store.lenders.models import Lender, Staff
    from zhizhi.usecases.defaults import AddDefaults, add_defaults

    lender = Lender.objects.using("gate").create(
        code="L1", name="测试机构", profile=PROFILE, recorder="on", signature="测试机构", is_synthetic=True
    )
    made = [
        Staff.objects.using("gate")
        .create(login=f"s{n}", name=f"催收员{n}", role=role, lender=lender, trained_on=date(2026, 1, 5), team="A")
        .pk
        for n, role in enumerate(["supervisor", "compliance", *["collector"] * staff])
    ]
    add_defaults(AddDefaults(made[0], made[1]), datetime(2026, 3, 2, tzinfo=UTC))
    return lender.pk, made[2:]


def fill(lender: int, count: int) -> Iterator[int]:
    """Persons with one number of a range that no carrier has, and one overdue loan."""
    from zhizhi.store.debts.models import Debt
    from zhizhi.store.ids import ids
    from zhizhi.store.keyring import SearchKeys, list_seal, new_person_key
    from zhizhi.store.people.models import Party, Person, Point
    from zhizhi.store.people.rows import Masked, PartySecrets, PersonSecrets, seal_account_number, seal_point

    keys = SearchKeys(lender)
    masked = Masked("测**", "100****0000")
    for begin in range(0, count, CHUNK):
        persons, parties, points, debts = [], [], [], []
        for n in range(begin, min(begin + CHUNK, count)):
            wrapped, seal = new_person_key()
            person, party, point, debt = ids.take_many(4)
            persons.append(
                Person(
                    id=person, lender_id=lender, subject=UUID(int=person), identity_key=UUID(int=person),
                    customer_key=n, name_key=n, data_key=wrapped,
                    sealed=PersonSecrets("测某某", None, f"C{n}").seal(seal, person),
                    masked=masked.seal(list_seal(lender), person), time_zones=["Asia/Shanghai"], created_at=TEN,
                )
            )  # fmt: skip
            parties.append(
                Party(person_id=person, id=party, role="debtor", sealed=PartySecrets("测某某").seal(seal, party))
            )
            points.append(
                Point(
                    person_id=person, id=point, party_id=party, kind="mobile", is_reserved=True, source="contract",
                    sealed=seal_point(seal, f"100{n:08d}", point), value_key=n,
                )
            )  # fmt: skip
            debts.append(
                Debt(
                    person_id=person, id=debt, lender_id=lender, account_key=keys.identity("account", f"A{n}"),
                    sealed=seal_account_number(seal, f"A{n}", debt), product="instalment_loan", state="overdue",
                    oldest_unpaid_due_on=date(2026, 2, 18), principal_minor=100_00, balance_minor=100_00,
                    as_of_on=TEN.date(), row_digest=b"",
                )
            )  # fmt: skip
        for rows in (persons, parties, points, debts):
            type(rows[0]).objects.using("gate").bulk_create(rows)  # type: ignore[attr-defined]  # every model has one
        yield from (person.id for person in persons)


def proposal_of(book: Book, person: int, by: int, channel: str) -> Any:
    """What somebody at a desk asks for."""
    from zhizhi.usecases.propose_contact import ProposeContact

    form, code = ("interactive", "call-plan") if channel == "voice" else ("notification", "plan-sms")
    return ProposeContact(person, person + 1, person + 2, channel, form, "collect", code, by)


Work = Callable[[Book, int, Random, float, dict[str, Any]], Done]


def clients(book: Book, count: int, work: Work, seconds: float, **terms: Any) -> list[Done]:
    """Run clients in processes of their own that begin together; answers what each did.

    The server's seconds of processor, from the beginning on, stand with the first.
    """
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(count + 1)
    answers = context.SimpleQueue()
    processes = [
        context.Process(target=_client, args=(book, n, work, seconds, terms, ready, answers)) for n in range(count)
    ]
    for process in processes:
        process.start()
    ready.wait()
    before = server_processor(book)
    done = [answers.get() for _ in processes]
    done[0].server = server_processor(book) - before
    for process in processes:
        process.join()
    return done


def _client(book: Book, n: int, work: Work, seconds: float, terms: dict[str, Any], ready: Any, answers: Any) -> None:
    wire()
    from django.db import connections

    connections["gate"].ensure_connection()
    gc.collect()
    gc.freeze()  # as config/wsgi.py does for `zhizhi web`
    work(
        book, n, Random(n), time.monotonic() + WARM_SECONDS, {**terms, "warm": True}
    )  # packs parsed, rules compiled, statements prepared
    ready.wait()
    begun, own = time.monotonic(), processor()
    done = work(book, n, Random(1_000 + n), begun + seconds, terms)
    done.seconds, done.processor = time.monotonic() - begun, processor() - own
    connections.close_all()
    answers.put(done)


def processor() -> float:
    """Seconds of processor that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def ended_children() -> float:
    """Seconds of processor that children of this process used which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def load() -> str:
    """The load of the machine, as a figure is given with it."""
    return f"load {os.getloadavg()[0]:.1f}"


def server_processor(book: Book) -> float:
    """Seconds of processor that the server of this book has used, also in processes that have ended."""
    import psutil

    with psycopg.connect(book.url) as owner:
        (backend,) = owner.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        postmaster = psutil.Process(backend).parent()
        assert postmaster is not None, "a backend is a child of the server"
        times = []
        for process in (postmaster, *postmaster.children()):
            with suppress(psutil.NoSuchProcess):  # it ended since it was listed: then it is among the ended ones below
                times.append(process.cpu_times())
    own = postmaster.cpu_times()
    return sum(one.user + one.system for one in times) + own.children_user + own.children_system
