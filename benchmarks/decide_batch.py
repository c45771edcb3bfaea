"""A whole book decided in one run: verdict and budgets for every person and channel, next instants for a campaign.

    python benchmarks/decide_batch.py --persons 100000 [--persons 1000000 …] [--folder DIR] [--plot docs/…svg]

Ten events a person, made by DuckDB from a seed, kept as Parquet in the folder. In one run, on the same files:
* the bare group-by over the events;
* `features by hand`: SQL for the features that the law asks of these proposals and that differ among them, over the
  files of a million persons at a time, so that it needs no more memory than it is given;
* `decided by hand`: the same with the verdict and budgets of this law on this book, and of no other;
* the batch, writing its decisions as files: all of the book, and the next permitted instants of those calls of the
  campaign, to one person in ten, that are refused now.
Then every verdict and budget of the batch is compared with those by hand, and samples of the book and of the campaign's
refusals are decided by the reference one by one. The promise is that of this one run against `features by hand`, by
processor time, which counts all threads.
"""

import argparse
import math
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis

from zhizhi.batch.book import PERSONS, Parts, decide_in_parts, written
from zhizhi.batch.from_cases import to_us
from zhizhi.batch.tables import Facts
from zhizhi.batch.to_cases import cases_of
from zhizhi.core.conduct.decide import decide
from zhizhi.store.packs import load_law

PROFILE, READING = "cn.bank.online", "strict"
NOW = datetime.fromisoformat("2026-03-02T15:00:00+08:00").astimezone(UTC)
NOW_US = int(NOW.timestamp()) * 1_000_000
DAY_US = 86_400_000_000
SLICE = 1_000_000
"""Persons whose facts are made at a time."""
MEMORY, THREADS = "4GB", 2
CHANNELS = 3
CAMPAIGN = 10
"""Of so many persons one is called by the campaign, which asks when a call may be made that may not be made now."""
SAMPLE = 2_000
FEW = 1_000
"""Persons whose decision takes hardly more than compiling the queries."""

PROMISED_PERSONS, PROMISED_TIMES, PROMISED_GB = 10_000_000, 5.0, 8.0

FACTS = {
    "persons": """SELECT person, NULL::VARCHAR[] AS zones, person % 997 = 0 AS complaint_open,
        NULL::BIGINT AS no_contact_order_until_us, NULL::BIGINT AS hardship_until_us,
        NULL::BOOLEAN AS unreachable_by_contract, false AS suit_pending FROM them""",
    "debtor_spans": """SELECT person, CASE WHEN dice % 4 = 0 THEN 'hospitalised' ELSE 'normal' END AS state,
        NULL::BIGINT AS since_us, NULL::BIGINT AS until_us FROM them WHERE dice % 100 = 0""",
    "debts": """SELECT person, 0::BIGINT AS debt, 'L1' AS lender, 'P1' AS product,
        CASE WHEN dice % 50 = 0 THEN 'settled' ELSE 'overdue' END AS state FROM them""",
    "parties": "SELECT person, 0::BIGINT AS party, 'debtor' AS role FROM them",
    "points": """SELECT person, 0::BIGINT AS point, 0::BIGINT AS party, 'mobile' AS kind, true AS reserved,
        CASE WHEN dice % 40 = 0 THEN 'purchased' ELSE 'contract' END AS source FROM them""",
    "statements": """SELECT person, 0::BIGINT AS seq, {now} - 5 * {day} AS at_us, 0::BIGINT AS by, 'collector' AS told,
        CASE dice % 5 WHEN 0 THEN 'agree_frequency' WHEN 1 THEN 'inconvenient_time' WHEN 2 THEN 'refuse_medium'
            WHEN 3 THEN 'dispute' ELSE 'agree_hours' END AS kind,
        CASE WHEN dice % 5 = 0 THEN 1 END AS per_day, CASE WHEN dice % 5 = 2 THEN 'voice' END AS channel,
        CASE WHEN dice % 5 = 1 THEN 780 WHEN dice % 5 = 4 THEN 1080 END::BIGINT AS from_minute,
        CASE WHEN dice % 5 = 1 THEN 1020 WHEN dice % 5 = 4 THEN 1260 END::BIGINT AS to_minute,
        CASE WHEN dice % 5 = 4 THEN 'specific' END AS form, true AS written FROM them WHERE hash(person, 3) % 33 = 0""",
    "events": """SELECT person, k AS event, k AS seq,
        ({now} - 60 * {day} + ((k + (hash(person, k, 5) % 1000) / 1000.0) / n * 60 * {day}))::BIGINT AS at_us,
        CASE WHEN h % 10 < 7 THEN 'voice' WHEN h % 10 < 9 THEN 'sms' ELSE 'letter' END AS channel,
        CASE WHEN h % 37 = 0 THEN 'in' ELSE 'out' END AS direction, 0::BIGINT AS party, 0::BIGINT AS point,
        CASE WHEN h % 7 = 0 THEN 'notification' ELSE 'interactive' END AS form, h % 3 = 0 AS robot,
        CASE WHEN h % 11 = 0 THEN 'A1' ELSE 'L1' END AS by,
        CASE WHEN h % 10 >= 7 THEN 'delivered' WHEN h % 101 = 0 THEN NULL WHEN h % 3 = 0 THEN 'conversation'
            WHEN h % 3 = 1 THEN 'no_answer' ELSE 'connected' END AS outcome, 'collect' AS purpose,
        (h % 90)::BIGINT AS talk_seconds, h % 3 = 0 AS exchanged, false AS in_session
        FROM (SELECT person, n, unnest(range(n)) AS k FROM
            (SELECT person, (1 + (-ln((1 + hash(person, 1) % 9999) / 10000.0)) * 9.5)::BIGINT AS n FROM them)),
            LATERAL (SELECT (hash(person, k) // 8 % 1000000007)::BIGINT AS h)""",
}
CALLED = f"proposal % {CHANNELS * CAMPAIGN} = 0"
"""The calls of the campaign, by the numbers that PROPOSALS gives."""
PROPOSALS = """SELECT 3 * person + way AS proposal, person, 0::BIGINT AS party, 0::BIGINT AS point, {now} AS at_us,
    way AS contact, 0::BIGINT AS collector, false AS in_session FROM them, LATERAL (SELECT unnest(range(3)) AS way)"""
WAYS = {
    "collectors": """SELECT 0::BIGINT AS collector, 'lender' AS kind, 'L1' AS id, true AS person_acts,
        DATE '2026-01-05' AS trained_on, false AS private_device""",
    "contacts": """SELECT * FROM (VALUES (0::BIGINT, 'voice', 'interactive'), (1, 'sms', 'notification'),
        (2, 'letter', 'notification')) AS ways(contact, channel, form), (SELECT 'out' AS direction, false AS video,
        false AS rcs, false AS robot, 'collect' AS purpose, true AS discloses_debt, true AS identifies_collector,
        true AS names_principal, 'on' AS recording, []::VARCHAR[] AS content)""",
}
_HAND = """
WITH today AS (
    SELECT person, count(*) FILTER (point = 0) AS dials,
        count(*) FILTER ((form <> 'interactive' OR talk_seconds >= 6 OR exchanged) AND CASE WHEN outcome IS NULL
            THEN talk_seconds <> 0 OR exchanged ELSE outcome IN ('conversation', 'connected') END) AS answered,
        count(*) FILTER (outcome IS NULL AND form <> 'interactive' AND talk_seconds = 0 AND NOT exchanged) AS open_calls
    FROM events WHERE direction = 'out' AND channel = 'voice' AND at_us <= {now} AND at_us >= {today} GROUP BY person),
letters AS (SELECT person, max(at_us) AS latest_us FROM events WHERE direction = 'out' AND channel = 'letter'
    AND at_us <= {now} AND at_us >= {today} - 7 * {day} GROUP BY person),
said AS (SELECT person, bool_or(kind = 'refuse_medium' AND channel = 'voice') AS no_calls,
    min(per_day) FILTER (kind = 'agree_frequency') AS agreed, bool_or(kind = 'dispute') AS disputed,
    min(from_minute) FILTER (kind = 'inconvenient_time') AS bad_from, min(to_minute) FILTER (kind = 'inconvenient_time')
    AS bad_to, min(from_minute) FILTER (kind = 'agree_hours') AS agreed_from,
    min(to_minute) FILTER (kind = 'agree_hours') AS agreed_to FROM statements GROUP BY person),
features AS (SELECT p.proposal, c.channel, c.purpose, p.at_us, r.role, m.source, d.state, h.complaint_open,
    coalesce(today.answered, 0) AS answered, coalesce(today.open_calls, 0) AS open_calls,
    coalesce(today.dials, 0) AS dials, letters.latest_us, said.no_calls, said.agreed, said.disputed, said.bad_from,
    said.bad_to, said.agreed_from, said.agreed_to, spans.state IS NOT NULL AS in_need
FROM proposals p JOIN contacts c USING (contact) JOIN parties r USING (person, party) JOIN persons h USING (person)
JOIN debts d USING (person) LEFT JOIN points m USING (person, point) LEFT JOIN today USING (person)
LEFT JOIN letters USING (person) LEFT JOIN said USING (person)
LEFT JOIN (SELECT DISTINCT person, state FROM debtor_spans WHERE state = 'hospitalised') spans USING (person))
"""
FEATURES_BY_HAND = _HAND + "SELECT * FROM features"
DECIDED_BY_HAND = (
    _HAND
    + """, limits AS (SELECT *, coalesce(agreed, 6) AS dials_at_most, least(coalesce(agreed, 3), 3) AS answered_at_most,
    channel = 'voice' AS calls, (at_us - {today}) // 60000000 AS minute FROM features)
SELECT proposal, CASE
    WHEN source = 'purchased' OR state = 'settled' OR (calls AND (no_calls OR dials >= dials_at_most
        OR answered >= answered_at_most)) OR (channel = 'letter' AND latest_us IS NOT NULL)
        OR minute BETWEEN bad_from AND bad_to - 1 OR NOT minute BETWEEN coalesce(agreed_from, 480)
        AND coalesce(agreed_to, 1320) - 1 THEN 'forbid'
    WHEN complaint_open OR disputed OR in_need OR (calls AND answered + open_calls >= answered_at_most) THEN 'hold'
    ELSE 'permit' END AS verdict,
    CASE WHEN calls THEN dials END AS dials_used, CASE WHEN calls THEN dials_at_most END AS dials_limit,
    CASE WHEN calls AND agreed IS NOT NULL THEN dials END AS agreed_used,
    CASE WHEN calls AND agreed IS NOT NULL THEN agreed END AS agreed_limit,
    CASE WHEN calls THEN answered END AS answered_used, CASE WHEN calls THEN answered_at_most END AS answered_limit
FROM limits"""
)
BARE = "SELECT person, count(*) AS n, max(at_us) AS last FROM events GROUP BY person"
BUDGETS = {
    "dials": "cn.cba2026/14/dials-per-day",
    "agreed": "cn.gbt45251/5.3.2.1/agreed-dials",
    "answered": "cn.gbt45251/5.3.2.2.2/valid-calls-per-day",
}
"""The budgets by hand and the rules whose they are; the other budgets of the law apply to no contact of this book."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One size of the book: seconds of the clock and of the processor, and what was found."""

    persons: int
    bare: float
    features: float
    decided: float
    batch: float
    compiling: float
    gigabytes: float
    differ: int

    @property
    def times(self) -> float:
        """How many times the features by hand the batch takes, compiling and all."""
        return self.batch / self.features

    def broken(self) -> list[str]:
        """The promises that were not kept, and by how much."""
        found = [f"{self.differ:,} decisions differ"] if self.differ else []
        if self.gigabytes > PROMISED_GB:
            found.append(f"{self.gigabytes:.1f} GB instead of {PROMISED_GB:.0f}")
        if self.persons >= PROMISED_PERSONS and self.times > PROMISED_TIMES:
            found.append(f"{self.times:.1f} times the features by hand instead of {PROMISED_TIMES:.0f}")
        return found


def main() -> int:
    """Make, measure, compare, print; exit code 1 where decisions differ or a promise is broken."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--persons", type=int, action="append", help="size of the book; may be given several times")
    arguments.add_argument("--part", type=int, default=PERSONS, help="persons decided at a time")
    arguments.add_argument("--folder", type=Path, help="where the files are made and kept; default: thrown away")
    arguments.add_argument("--plot", type=Path, help="an SVG of cost against size")
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as thrown:
        folder = wanted.folder or Path(thrown)
        measured = [measure(folder / str(size), size, wanted.part) for size in wanted.persons or [100_000]]
    if wanted.plot:
        plot(wanted.plot, measured)
    broken = [f"{one.persons:,} persons: {what}" for one in measured for what in one.broken()]
    for line in broken:
        say(f"NOT KEPT: {line}")
    if not broken:
        largest = max(one.persons for one in measured)
        say(
            "kept"
            if largest >= PROMISED_PERSONS
            else f"nothing differs; five times is promised of {PROMISED_PERSONS:,}"
        )
    return 1 if broken else 0


def measure(folder: Path, persons: int, part: int) -> Measured:
    """One size of the book. The batch runs before what is by hand, so that the memory named is its own."""
    connection = connect(folder)
    make(connection, folder, persons)
    facts, law = Facts.read(connection, folder), load_law(PROFILE)
    events, proposals = (count(connection, table) for table in (facts.events, facts.proposals))
    say(f"{persons:,} persons, {events:,} events, {proposals:,} proposals ({CHANNELS} channels)")

    def decided(name: str, of: Facts, persons: int) -> Parts:
        return decide_in_parts(connection, of, law, READING, fresh(folder / name), persons=persons)

    called = (facts.proposals.contact == 0) & (facts.proposals.person % CAMPAIGN == 0)
    facts = facts.with_proposals(facts.proposals.mutate(next_wanted=called))
    few = facts.with_proposals(facts.proposals.filter(facts.proposals.person < FEW))
    book, *batch = timed("batch: all, next instants of a tenth", lambda: decided("book", facts, part))
    _, *compiling = timed(f"of it compiling ({FEW:,} persons)", lambda: decided("few", few, FEW))
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    say(f"  most memory of the process by now     {gigabytes:8.1f} GB")
    _, *bare = timed("bare group-by of the events", lambda: by_hand(connection, folder, BARE))
    _, *features = timed("features by hand", lambda: by_hand(connection, folder, FEATURES_BY_HAND))
    _, *hand = timed("decided by hand", lambda: by_hand(connection, folder, DECIDED_BY_HAND))
    otherwise = compared_by_hand(connection, folder, book)
    sampled = differences(connection, facts, folder / "book", law, "true")
    waiting, sampled_of_it = next_instants(connection), f"{CALLED} AND verdict <> 'permit'"
    sampled += differences(connection, facts, folder / "book", law, sampled_of_it)
    found = Measured(persons, bare[1], features[1], hand[1], batch[1], compiling[1], gigabytes, otherwise + sampled)
    say(f"  batch against features by hand: {found.times:.1f} times by processor time, {batch[0] / features[0]:.1f} by")
    say(f"  the clock; without compiling {(batch[1] - compiling[1]) / features[1]:.1f}; against decided by hand")
    say(f"  {batch[1] / hand[1]:.1f}, without compiling {(batch[1] - compiling[1]) / hand[1]:.1f}")
    say(f"  {dict(book.verdicts)}; {waiting[0]:,} of {waiting[1]:,} refused calls of the campaign have a next instant")
    say(f"  one by one: {book.undecided:,} verdicts and {book.searched:,} next instants")
    say(f"  {otherwise:,} of {book.proposals:,} decided otherwise by hand; of at most {2 * SAMPLE:,} sampled decisions")
    say(f"  the reference gives {sampled} otherwise")
    return found


def by_hand(connection: Any, folder: Path, query: str) -> None:
    """Runs a query to its end, over the files of a million persons at a time; keeps nothing."""
    for number in slices(folder):
        mount(connection, folder, number)
        connection.raw_sql(f"CREATE OR REPLACE TEMP TABLE drained AS {filled(query)}")
        connection.raw_sql("DROP TABLE drained")


def compared_by_hand(connection: Any, folder: Path, book: Parts) -> int:
    """How many proposals have another verdict or budget by hand, or are missing on one side."""
    places = {name: book.layout.budgets.index(rule) for name, rule in BUDGETS.items()}
    others = set(range(len(book.layout.budgets))) - set(places.values())
    same = ["b.verdict = h.verdict", *[f"b.limit_{place} IS NULL" for place in sorted(others)]]
    for name, place in places.items():
        same += [f"b.{what}_{place} IS NOT DISTINCT FROM h.{name}_{what}" for what in ("used", "limit")]
    decided, wrong = written(connection, folder / "book"), 0
    for number in slices(folder):
        mount(connection, folder, number)
        of_these = (decided.person >= number * SLICE) & (decided.person < (number + 1) * SLICE)
        connection.create_view("decided", decided.filter(of_these), overwrite=True)
        query = f"SELECT count(*) FROM decided b FULL JOIN ({filled(DECIDED_BY_HAND)}) h USING (proposal)"
        wrong += connection.raw_sql(f"{query} WHERE ({' AND '.join(same)}) IS NOT TRUE").fetchone()[0]
    return int(wrong)


def slices(folder: Path) -> range:
    """The numbers of the files of a table: one a million persons."""
    return range(len(list((folder / "persons.parquet").glob("*.parquet"))))


def filled(query: str) -> str:
    """A query with its instants."""
    return query.format(now=NOW_US, day=DAY_US, today=NOW_US - 15 * 3600 * 1_000_000)


def mount(connection: Any, folder: Path, number: int) -> None:
    """Gives the files of a million persons the names that the queries by hand use."""
    for name in (*FACTS, "proposals"):
        connection.create_view(
            name, connection.read_parquet(f"{folder}/{name}.parquet/{number:04}.parquet"), overwrite=True
        )
    for name in WAYS:
        connection.create_view(name, connection.read_parquet(f"{folder}/{name}.parquet"), overwrite=True)


def count(connection: Any, table: Any) -> int:
    """The rows of a table."""
    return int(connection.to_pyarrow(table.count()).as_py())


def next_instants(connection: Any) -> tuple[int, int]:
    """Of the refused calls of the campaign how many have a next instant, and how many there are. Reads `decided`."""
    refused = f"SELECT count(next_us), count(*) FROM decided WHERE {CALLED} AND verdict <> 'permit'"
    with_one, all_of_them = connection.raw_sql(refused).fetchone()
    return int(with_one), int(all_of_them)


def connect(folder: Path) -> Any:
    """DuckDB within the promised memory; what does not fit goes to files beside the book."""
    (folder / "spill").mkdir(parents=True, exist_ok=True)
    connection = ibis.duckdb.connect()
    connection.raw_sql(f"SET memory_limit = '{MEMORY}'")
    connection.raw_sql(f"SET threads = {THREADS}")
    connection.raw_sql("SET preserve_insertion_order = false")
    connection.raw_sql("SET parquet_metadata_cache = true")
    connection.raw_sql(f"SET temp_directory = '{folder / 'spill'}'")
    return connection


def make(connection: Any, folder: Path, persons: int) -> None:
    """The facts of a book, a million persons at a time and in their order; a book that is there is used again."""
    for name, query in {**FACTS, "proposals": PROPOSALS}.items():
        made = folder / f"{name}.parquet"
        if made.exists():
            continue
        making = folder / f"{name}.making"  # named as made when it is whole
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        say(f"  making {name} of {persons:,} persons")
        for number, first in enumerate(range(0, persons, SLICE)):
            last = min(first + SLICE, persons)
            dice = "(hash(range, 7) % 1000003)::BIGINT AS dice"
            them = f"WITH them AS (SELECT range AS person, {dice} FROM range({first}, {last}))"
            rows = f"{them} SELECT * FROM ({query.format(now=NOW_US, day=DAY_US)}) ORDER BY person"
            connection.raw_sql(f"COPY ({rows}) TO '{making}/{number:04}.parquet'")
        making.rename(made)
    for name, query in WAYS.items():
        connection.raw_sql(f"COPY ({query}) TO '{folder / name}.parquet'")


def timed(name: str, work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What a piece of work gives, its seconds by the clock, and those of the processor, which count every thread."""
    begun, used = time.perf_counter(), time.process_time()
    found = work()
    begun, used = time.perf_counter() - begun, time.process_time() - used
    say(f"  {name:<37} {begun:8.1f} s, processor {used:8.1f} s")
    return found, begun, used


def fresh(folder: Path) -> Path:
    """An empty folder for what comes out."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.parquet"):
        old.unlink()
    return folder


def differences(connection: Any, facts: Facts, decided: Path, law: Any, which: str) -> int:
    """How many of a sample of those decisions for which `which` holds the reference gives otherwise."""
    whole = written(connection, decided)
    connection.create_view("decided", whole, overwrite=True)
    sample = f"SELECT proposal FROM decided WHERE {which} ORDER BY hash(proposal, 11) LIMIT {SAMPLE}"
    chosen = connection.raw_sql(sample).fetchall()
    rows = connection.to_pyarrow(whole.filter(whole.proposal.isin([number for (number,) in chosen]))).to_pylist()
    by_number = {row["proposal"]: row for row in rows}
    wrong = 0
    for case in cases_of(connection, facts, sorted(by_number), law, READING):
        row, decision = by_number[int(case.id)], decide(case, law)
        asked = int(case.id) % (CHANNELS * CAMPAIGN) == 0
        next_us = to_us(decision.next_permitted_at) if asked else None
        same = (row["verdict"], row["next_us"]) == (decision.verdict.value, next_us)
        budgets = sum(1 for name, value in row.items() if name.startswith("limit_") and value is not None)
        wrong += not (same and budgets == len(decision.budgets))
    return wrong


def say(line: str) -> None:
    """One line to the terminal, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def plot(file: Path, measured: list[Measured]) -> None:
    """Processor seconds against persons, both on logarithmic scales, as an SVG written by hand."""
    lines = (
        ("bare", "group-by · 分组计数", "#777777"), ("features", "features by hand · 手写特征", "#1b7f5c"),
        ("decided", "decided by hand · 手写判定", "#1f5fa8"), ("batch", "batch · 批量判定", "#b3372b"),
    )  # fmt: skip
    sizes = [math.log10(one.persons) for one in measured]
    seconds = [math.log10(max(getattr(one, key), 0.001)) for one in measured for key, _, _ in lines]
    left, wide = min(sizes), max(max(sizes) - min(sizes), 1)
    low, high = math.floor(min(seconds)), math.ceil(max(seconds))

    def across(size: float) -> float:
        return 70 + 400 * (size - left) / wide

    def up(second: float) -> float:
        return 330 - 280 * (second - low) / (high - low)

    drawn = ['<rect x="70" y="50" width="400" height="280" fill="none" stroke="#bbbbbb"/>']
    for power in range(low, high + 1):
        drawn.append(f'<path d="M70 {up(power):.1f}H470" stroke="#e2e2e2"/>')
        drawn.append(f'<text x="64" y="{up(power) + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    for size in sizes:
        drawn.append(f'<text x="{across(size):.1f}" y="350" text-anchor="middle">{10**size:,.0f}</text>')
    drawn.append('<text x="270" y="372" text-anchor="middle">persons · 人数</text>')
    drawn.append('<text x="70" y="34">processor time · 处理器时间</text>')
    ends: list[tuple[float, str, str]] = []
    for key, word, colour in lines:
        points = [(across(math.log10(one.persons)), up(math.log10(max(getattr(one, key), 0.001)))) for one in measured]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        ends.append((points[-1][1], f"{word} {getattr(measured[-1], key):.1f} s", colour))
    free = 0.0
    for height, words, colour in sorted(ends):  # from the top, no two on one another
        free = max(height + 4, free)
        drawn.append(f'<text x="478" y="{free:.1f}" fill="{colour}">{words}</text>')
        free += 14
    body = "\n".join(drawn)
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="680" height="390" font-family="sans-serif" font-size="11">'
    back = '<rect width="680" height="390" fill="#ffffff"/>'
    file.write_text(f"{head}\n{back}\n{body}\n</svg>\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
