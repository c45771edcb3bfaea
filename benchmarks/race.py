"""The race for the last permit: 64 workers in 4 processes, 100 persons, 100,000 proposals; counts have to be exact.

    .venv/bin/python benchmarks/race.py [--persons 100] [--proposals 100000] [--processes 4] [--threads 16]
        [--races "outcomes arriving"]

Three races on persons of their own. With every outcome withheld, permits equal the cap of each rule exactly; with
outcomes that arrive meanwhile, what counts never exceeds it; and with code that goes around the gate, the database
alone holds it. Exit code 1 where a count is wrong, a deadlock happened, or a worker failed.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

import psycopg
from gate_book import TEN, Book, Done, book_of, clients, load, proposal_of, server_processor
from psycopg.types.json import Jsonb

CALLS_A_DAY, DIALS_A_DAY = 3, 6  # GB/T 45251 5.3.2.2.2 and CBA 14: by person and day, by number and day
OUTCOMES = [("no_answer", 0, None), ("busy", None, None), ("conversation", 60, True), ("connected", 3, False)]
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Race:
    """How a race goes: what a worker does with one person, and what has to be true of each person at the end."""

    name: str
    attempt: Callable[[Book, int, int, Random], str]
    check: Callable[["psycopg.Connection[Any]", Book], list[str]]


def main() -> int:
    """Run the races and say what came of them."""
    options = parse()
    wrong = []
    races = [race for race in RACES if race.name in options.races]
    with book_of(len(races) * options.persons, options.processes * options.threads) as book:
        for place, race in enumerate(races):
            runners = book.persons[place * options.persons : (place + 1) * options.persons]
            wrong += run(race, replace(book, persons=runners), options)
    print("WRONG: " + "; ".join(wrong) if wrong else "all counts exact, no deadlock")
    return 1 if wrong else 0


def parse() -> argparse.Namespace:
    """What to run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=100)
    parser.add_argument("--proposals", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--threads", type=int, default=16)
    names = [race.name for race in RACES]
    parser.add_argument("--races", nargs="+", choices=names, default=names, help="each can be run by itself")
    return parser.parse_args()


def run(race: Race, book: Book, options: argparse.Namespace) -> list[str]:
    """One race; answers what was wrong."""
    with psycopg.connect(book.url, autocommit=True) as owner:
        before = deadlocks_of(owner)
    begun, server = time.monotonic(), server_processor(book)
    share = options.proposals // options.processes
    done = clients(book, options.processes, work, 0.0, race=race.name, threads=options.threads, proposals=share)
    seconds, server = time.monotonic() - begun, server_processor(book) - server
    answers = sum((Counter(one.failed) for one in done), Counter())
    asked, retries = sum(answers.values()), sum(one.overtaken for one in done)
    with psycopg.connect(book.url, autocommit=True) as owner:
        wrong = race.check(owner, book)
        deadlocks = deadlocks_of(owner) - before
        permits = sum(count for _, count in owner.execute(_OPEN, [list(book.persons)]).fetchall())
    told = ", ".join(f"{name} {count:,}" for name, count in answers.most_common())
    ours = sum(one.processor for one in done) / asked * 1000
    print(
        f"{race.name}: {asked:,} proposals in {seconds:.0f} s ({load()}); permits {permits:,}; {told};"
        f" retries {retries:,}; deadlocks {deadlocks};"
        f" processor {ours:.1f} ms a proposal ours, {server / asked * 1000:.1f} the server's",
        flush=True,
    )
    failures = [f"{race.name}: {name}" for name in answers if name.startswith("error")]
    return [f"{race.name}: {one}" for one in wrong] + failures + ([f"{race.name}: a deadlock"] if deadlocks else [])


def deadlocks_of(owner: "psycopg.Connection[Any]") -> int:
    """How often this database ended a deadlock so far."""
    row = owner.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    return int(row[0]) if row else 0


def work(book: Book, n: int, random: Random, until: float, terms: dict[str, Any]) -> Done:
    """The threads of one process, each on a connection of its own; `failed` counts the answers by name."""
    del until, random
    if terms.get("warm"):
        return Done()  # it would be a race before the race
    race = next(one for one in RACES if one.name == terms["race"])
    threads: int = terms["threads"]
    retries = count_retries()

    def thread(place: int) -> Counter[str]:
        from django.db import connections

        mine, answers = Random(n * 1_000 + place), Counter[str]()
        desk = book.staff[n * threads + place]
        for _ in range(terms["proposals"] // threads):
            answers[race.attempt(book, mine.choice(book.persons), desk, mine)] += 1
        connections.close_all()
        return answers

    with ThreadPoolExecutor(threads) as pool:
        answers = sum(pool.map(thread, range(threads)), Counter[str]())
    return Done(failed=dict(answers), overtaken=sum(retries))


def count_retries() -> list[int]:
    """From now on, in this process: of each commit, how many decisions somebody else's commit had overtaken."""
    from zhizhi.store.transact.gate import Stale
    from zhizhi.usecases import propose_contact as proposing

    retries: list[int] = []  # appending is one step of the interpreter: threads lose none

    def counted(commit: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
        def committed(decided: Any) -> list[Any]:
            receipts = commit(decided)
            retries.append(sum(isinstance(one, Stale) for one in receipts))
            return receipts

        return committed

    for name in ("commit_decisions", "commit_together"):
        setattr(proposing, name, counted(getattr(proposing, name)))
    return retries


def through_the_gate(book: Book, person: int, desk: int, random: Random) -> str:
    """Propose a call; who proposes twice has one permit still, so the outcome stays away and every proposal is new."""
    from django.db import Error

    from zhizhi.usecases.propose_contact import propose_contact
    from zhizhi.usecases.refused import UseCaseRefused
    from zhizhi.usecases.start_call import StartCall, start_call

    at = TEN + random.randrange(60) * MINUTE / 60
    try:
        permit = propose_contact(proposal_of(book, person, desk, "voice"), at).permit_id
        if permit is None:
            return "refused"
        start_call(StartCall(person, permit, desk), at + MINUTE)
    except UseCaseRefused as refused:
        return str(refused.code)
    except Error as error:
        return f"error {type(error).__name__}"
    return "permitted"


def with_outcomes(book: Book, person: int, desk: int, random: Random) -> str:
    """The same, and what came of the call is recorded at once or never."""
    from zhizhi.usecases.refused import UseCaseRefused
    from zhizhi.usecases.start_call import RecordOutcome, record_outcome

    answer = through_the_gate(book, person, desk, random)
    if answer == "permitted" and random.random() < 0.8:
        from zhizhi.store.contacts.models import Delivery

        rows = Delivery.objects.using("gate").filter(person_id=person, state="claimed", claimed_by=f"u{desk}")
        permit = rows.values_list("permit_id", flat=True).first()
        outcome, seconds, exchanged = random.choice(OUTCOMES)
        if permit is None:
            return "error no open call"
        try:
            record_outcome(
                RecordOutcome(person, permit, outcome, 5, None, seconds, exchanged, True, desk), TEN + 90 * MINUTE
            )
        except UseCaseRefused as refused:
            return f"error {refused.code}"
    return answer


def around_the_gate(book: Book, person: int, desk: int, random: Random) -> str:
    """A permit without a law, a lock or a version, by the application's own login."""
    from django.db import connections
    from django.db.utils import Error

    from zhizhi.store.ids import ids

    del book
    decision, permit = ids.take_many(2)
    at = TEN + random.randrange(60) * MINUTE / 60
    proposed = {"at": at.isoformat(), "channel": "voice", "party": f"p{person + 1}", "point": f"m{person + 2}"}
    proposed |= {"form": "interactive", "purpose": "collect"}
    connection = connections["gate"]
    connection.ensure_connection()
    try:
        with connection.wrap_database_errors, connection.connection.transaction():
            login = connection.connection
            login.execute(
                "INSERT INTO decision (person_id, id, at, verdict, channel, rule, facts, body, by)"
                " VALUES (%s, %s, %s, 'permit', 'voice', '', %s, %s, %s)",
                [person, decision, at, Jsonb({"proposed": proposed, "collector": {"id": "L1"}}),
                 Jsonb({"budgets": [], "must_end_by": None}), f"u{desk}"],
            )  # fmt: skip
            login.execute(
                "INSERT INTO permit (person_id, id, decision_id, lender_id, party_id, point_id, channel, form, purpose,"
                " debts, collector, content_digest, minted_at, not_before, expires_at, origin, state) SELECT id, %s,"
                " %s, lender_id, %s, %s, 'voice', 'interactive', 'collect', '[]', 'L1', '', %s, %s, %s, 'system',"
                " 'open' FROM person WHERE id = %s",
                [permit, decision, person + 1, person + 2, at, at, at + 5 * MINUTE, person],
            )
    except Error as error:
        return "refused" if type(error.__cause__).__name__ == "RestrictViolation" else f"error {type(error.__cause__)}"
    return "permitted"


_OPEN = "SELECT person_id, count(*) FROM permit WHERE person_id = ANY (%s) AND state <> 'released' GROUP BY 1"
_COUNTED = """
SELECT p.id, count(m.id) AS dials, count(m.id) FILTER (WHERE c.id IS NULL OR (c.outcome IN ('conversation', 'connected',
    'answered_dropped') AND NOT (c.talk_seconds < 6 AND c.exchanged IS FALSE))) AS calls
FROM person p LEFT JOIN permit m ON m.person_id = p.id AND m.state <> 'released'
LEFT JOIN contact c ON c.person_id = m.person_id AND c.permit_id = m.id
WHERE p.id = ANY (%s)
GROUP BY 1
"""
_SLOTS = "SELECT person_id, rule, max(number), max(bound) FROM permit_slot WHERE person_id = ANY (%s) GROUP BY 1, 2"


def exactly_the_cap(owner: "psycopg.Connection[Any]", book: Book) -> list[str]:
    """Every person has as many permits as the smallest cap allows, and the slots of each rule agree."""
    counts = dict(owner.execute(_OPEN, [list(book.persons)]).fetchall())
    wrong = [f"{counts.get(person, 0)} permits" for person in book.persons if counts.get(person, 0) != CALLS_A_DAY]
    return wrong + never_above(owner, book)


def never_above(owner: "psycopg.Connection[Any]", book: Book) -> list[str]:
    """No count of any person stands above its cap, and no slot above its bound."""
    persons = [list(book.persons)]
    counted = owner.execute(_COUNTED, persons).fetchall()
    wrong = [f"{calls} calls" for _, _, calls in counted if calls > CALLS_A_DAY]
    wrong += [f"{dials} dials" for _, dials, _ in counted if dials > DIALS_A_DAY]
    return wrong + [
        f"slot {number} of {bound}" for _, _, number, bound in owner.execute(_SLOTS, persons) if number > bound
    ]


RACES = (
    Race("outcomes withheld", through_the_gate, exactly_the_cap),
    Race("outcomes arriving", with_outcomes, never_above),
    Race("around the gate", around_the_gate, exactly_the_cap),
)


if __name__ == "__main__":
    sys.exit(main())
