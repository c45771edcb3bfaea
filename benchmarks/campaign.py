"""A campaign decided and committed, messages a second, beside a bare COPY of as many rows, on one server in one run.

    .venv/bin/python benchmarks/campaign.py [--persons 200000] [--processes 1 2]

Every person is asked for by the gate: facts read, law asked, permit with its end, decision, place in the outbox, leaf
and salts, in chunks of one commit. Nothing is sent. The bare figure is PostgreSQL's own: the very rows that were
written, copied into tables with the same indexes and without triggers, policies and foreign keys.
"""

import argparse
import resource
import sys
import tempfile
import time
from datetime import timedelta
from random import Random
from typing import Any

import psycopg
from gate_book import CHUNK, TEN, Book, Done, book_of, clients, load, processor, server_processor

TABLES = ("decision", "permit", "delivery", "leaf", "salt")
WARM_PERSONS = 40
CAMPAIGN_HOURS = 8 * 60, 22 * 60
LONGEST_SECONDS = 7200.0


def main() -> int:
    """Measure and print."""
    options = parse()
    with book_of(options.persons * len(options.processes), 1) as book:
        open_cases(book)
        share = len(book.persons) // len(options.processes)
        for n, count in enumerate(options.processes):
            one_campaign(book, book.persons[n * share : (n + 1) * share], count)
        beside_copy(book)
    return 0


def parse() -> argparse.Namespace:
    """What to run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=200_000, help="of each campaign")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2], help="a campaign for each number")
    return parser.parse_args()


def open_cases(book: Book) -> None:
    """An open case a person: a campaign speaks of cases."""
    from zhizhi.store.cases.models import Case
    from zhizhi.store.ids import ids
    from zhizhi.store.lenders.models import Lender

    lender = Lender.objects.using("gate").get().pk
    for begin in range(0, len(book.persons), CHUNK):
        some = book.persons[begin : begin + CHUNK]
        Case.objects.using("gate").bulk_create(
            Case(
                person_id=person, id=case, number=f"C-{person}", lender_id=lender, stage="early", days_past_due=12,
                balance_minor=100_00, product="instalment_loan", masked=b"", opened_on=TEN.date(), aged_on=TEN.date(),
            )
            for person, case in zip(some, ids.take_many(len(some)), strict=True)
        )  # fmt: skip
    with psycopg.connect(book.url, autocommit=True) as owner:
        owner.execute("ANALYZE")


def make(book: Book, persons: tuple[int, ...]) -> int:
    """A campaign that runs, for these persons."""
    from zhizhi.store.campaigns.window import Window
    from zhizhi.store.cases.reads import CaseFilter
    from zhizhi.store.lenders.models import Lender
    from zhizhi.usecases.campaigns.making import MakeCampaign, make_campaign
    from zhizhi.usecases.campaigns.running import StepCampaign, step_campaign

    lender = Lender.objects.using("gate").get().pk
    window = Window(TEN.date(), TEN.date(), *CAMPAIGN_HOURS)
    listed = "\n".join(f"C-{person}" for person in persons)
    command = MakeCampaign(
        lender, "benchmark", "plan-sms", "collect", window, None, CaseFilter(), listed, book.staff[0]
    )
    campaign = make_campaign(command, TEN - timedelta(minutes=1))
    step_campaign(StepCampaign(campaign, "started", book.staff[0]), TEN)
    return campaign


def decide(book: Book, n: int, random: Random, until: float, terms: dict[str, Any]) -> Done:
    """One worker: chunk after chunk, until nobody waits."""
    from zhizhi.store.campaigns.terms import load_terms
    from zhizhi.usecases.campaigns.asking import ask_chunk

    del book, n, random
    campaign = load_terms(terms["campaign"])
    assert campaign is not None
    if "warm" in terms:
        ask_chunk(campaign, TEN, WARM_PERSONS)
        return Done()
    done = Done()
    while time.monotonic() < until:
        begun = time.perf_counter()
        asked = ask_chunk(campaign, TEN)
        if not asked.settled:
            break
        done.permits += asked.permitted
        done.refused += asked.settled - asked.permitted
        done.latencies.append(time.perf_counter() - begun)
    done.failed["memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return done


def one_campaign(book: Book, persons: tuple[int, ...], count: int) -> None:
    """Make a campaign and decide it by so many processes."""
    begun, own = time.monotonic(), processor()
    campaign = make(book, persons)
    seconds, own = time.monotonic() - begun, processor() - own
    print(f"made of a list of {len(persons):,} lines: {seconds:.1f} s, {own:.1f} s of our processor")
    before = server_processor(book)
    begun = time.monotonic()
    each = clients(book, count, decide, LONGEST_SECONDS, campaign=campaign)
    done = Done.together(each)
    seconds = max(one.seconds for one in each)
    server = server_processor(book) - before
    answers = done.permits + done.refused
    memory = max(one.failed["memory, MB"] for one in each)
    print(
        f"{count} processes: {answers:,} decided and committed ({done.permits:,} permits) in {seconds:.1f} s,"
        f" {answers / seconds:,.0f} a second; processor {done.processor:.1f} s ours, {server:.1f} s the server's,"
        f" {(done.processor + server) / answers * 1000:.2f} ms a message; slowest chunk {max(done.latencies):.1f} s;"
        f" most memory of a process {memory} MB ({load()})"
    )


def beside_copy(book: Book) -> None:
    """The rows that were written, copied into bare tables; by processor time and by the clock."""
    copied: dict[str, int] = {}
    seconds, ours, server = 0.0, 0.0, 0.0
    with psycopg.connect(book.url, autocommit=True) as owner, tempfile.TemporaryFile() as file:
        for table in TABLES:
            owner.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES)".encode())
            file.seek(0)
            file.truncate()
            with owner.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)".encode()) as out:
                for piece in out:
                    file.write(piece)
            file.seek(0)
            before, own, begun = server_processor(book), processor(), time.monotonic()
            cursor = owner.cursor()
            with cursor.copy(f"COPY bare_{table} FROM STDIN (FORMAT binary)".encode()) as into:
                while piece := file.read(1 << 16):
                    into.write(piece)
            seconds, ours = seconds + time.monotonic() - begun, ours + processor() - own
            server += server_processor(book) - before
            copied[table] = cursor.rowcount
    messages = copied["decision"]
    print(
        f"bare COPY of the same {sum(copied.values()):,} rows of {messages:,} messages: {seconds:.1f} s,"
        f" {messages / seconds:,.0f} a second; processor {ours:.1f} s ours, {server:.1f} s the server's,"
        f" {(ours + server) / messages * 1000:.2f} ms a message ({load()})"
    )


if __name__ == "__main__":
    sys.exit(main())
