"""A whole book decided in tables: verdict and budgets for every person and channel, next instants for a campaign.

    python benchmarks/decide_batch.py --persons 100000 [--persons 1000000 …] [--folder DIR] [--plot docs/…svg]

Ten events a person, made by DuckDB from a seed, kept as Parquet in the folder. In one run, on the same files: the bare
group-by over the events, SQL written by hand for the features that the law asks of these proposals, and the batch. Then
a sample of persons is decided by the reference one by one and compared. Persons are taken a million at a time.
"""

import argparse
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis

from zhizhi.batch.book import Parts, decide_in_parts
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
MEMORY, THREADS = "6GB", 2
CHANNELS = 3
SAMPLE = 2_000
FEW = 1_000
"""Persons whose decision takes hardly more than compiling the queries."""

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
BY_HAND = """
WITH today AS (
    SELECT person,
        count(*) FILTER (channel = 'voice' AND (outcome IN ('conversation', 'connected', 'answered_dropped')
            AND NOT (form = 'interactive' AND talk_seconds < 6 AND NOT exchanged))) AS answered,
        count(*) FILTER (channel = 'voice' AND outcome IS NULL) AS open_calls,
        count(*) FILTER (channel = 'voice' AND form = 'notification'
            AND outcome IN ('conversation', 'connected')) AS notices,
        count(*) FILTER (channel = 'voice' AND form = 'notification' AND outcome IS NULL) AS open_notices,
        count(*) FILTER (channel = 'voice' AND point = 0) AS dials
    FROM events WHERE direction = 'out' AND at_us <= {now} AND at_us >= {today} GROUP BY person),
letters AS (SELECT person, max(at_us) AS latest_us FROM events
    WHERE direction = 'out' AND channel = 'letter' AND at_us >= {now} - 9 * {day} GROUP BY person),
said AS (SELECT person, bool_or(kind = 'refuse_medium' AND channel = 'voice') AS no_calls,
    min(per_day) FILTER (kind = 'agree_frequency') AS agreed, bool_or(kind = 'dispute') AS disputed,
    min(from_minute) FILTER (kind = 'inconvenient_time') AS bad_from, min(to_minute) FILTER (kind = 'inconvenient_time')
    AS bad_to, min(from_minute) FILTER (kind = 'agree_hours') AS agreed_from FROM statements GROUP BY person)
SELECT p.proposal, c.channel, c.purpose, p.at_us, r.role, m.source, d.state, h.complaint_open,
    coalesce(today.answered, 0) AS answered, coalesce(today.open_calls, 0) AS open_calls,
    coalesce(today.notices, 0) AS notices, coalesce(today.open_notices, 0) AS open_notices,
    coalesce(today.dials, 0) AS dials, letters.latest_us, said.no_calls, said.agreed, said.disputed, said.bad_from,
    said.bad_to, said.agreed_from, spans.state IS NOT NULL AS in_need
FROM proposals p JOIN contacts c USING (contact) JOIN parties r USING (person, party) JOIN persons h USING (person)
JOIN debts d USING (person) LEFT JOIN points m USING (person, point) LEFT JOIN today USING (person)
LEFT JOIN letters USING (person) LEFT JOIN said USING (person)
LEFT JOIN (SELECT DISTINCT person, state FROM debtor_spans WHERE state = 'hospitalised') spans USING (person)"""


def main() -> int:
    """Make, measure, compare, print; exit code 1 where the sample differs or a promise is broken."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--persons", type=int, action="append", help="size of the book; may be given several times")
    arguments.add_argument("--folder", type=Path, help="where the files are made and kept; default: thrown away")
    arguments.add_argument("--plot", type=Path, help="an SVG of cost against size")
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as thrown:
        folder = wanted.folder or Path(thrown)
        measured = [measure(folder / str(size), size) for size in wanted.persons or [100_000]]
    if wanted.plot:
        plot(wanted.plot, measured)
    return 0 if all(one["kept"] for one in measured) else 1


def measure(folder: Path, persons: int) -> dict[str, Any]:
    """One size of the book."""
    connection = connect(folder)
    make(connection, folder, persons)
    facts = Facts.read(connection, folder)
    for name, table in facts.tables().items():
        connection.create_view(name, table, overwrite=True)
    events = connection.raw_sql("SELECT count(*) FROM events").fetchone()[0]
    bare = timed(
        lambda: drain(connection, "SELECT person, count(*) AS n, max(at_us) AS last FROM events GROUP BY person")
    )
    hand = BY_HAND.format(now=NOW_US, day=DAY_US, today=NOW_US - 15 * 3600 * 1_000_000)
    by_hand, hand_used = timed(lambda: drain(connection, hand)), processor(lambda: drain(connection, hand))
    law = load_law(PROFILE)
    few = facts.with_proposals(facts.proposals.filter(facts.proposals.person < FEW))
    compiling = processor(
        lambda: decide_in_parts(connection, few, law, READING, fresh(folder / "few"), persons=FEW, next_instants=False)
    )
    begun, used = time.perf_counter(), time.process_time()
    book = decide_in_parts(connection, facts, law, READING, fresh(folder / "book"), persons=SLICE, next_instants=False)
    batch, used = time.perf_counter() - begun, time.process_time() - used
    at_most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    campaign = facts.with_proposals(
        facts.proposals.filter((facts.proposals.contact == 0) & (facts.proposals.person % 10 == 0))
    )
    begun = time.perf_counter()
    called = decide_in_parts(connection, campaign, law, READING, fresh(folder / "campaign"), persons=SLICE)
    instants = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    wrong = differences(connection, campaign, folder / "campaign", law) + differences(
        connection, facts, folder / "book", law
    )
    say(f"{persons:,} persons, {events:,} events, {book.proposals:,} proposals ({CHANNELS} channels)")
    say(f"  bare group-by of the events           {bare:8.1f} s")
    say(f"  features by hand                      {by_hand:8.1f} s")
    say(f"  batch: verdict and budgets            {batch:8.1f} s   {batch / by_hand:.1f} times by hand")
    say(f"  processor: by hand {hand_used:.1f} s, batch {used:.1f} s, of {FEW:,} persons {compiling:.1f} s (compiling)")
    say(f"  processor less compiling {(used - compiling) / hand_used:.1f} times by hand; {at_most:.1f} GB by then")
    say(f"  batch: a campaign with next instants  {instants:8.1f} s   {called.proposals:,} proposals")
    say(f"  one by one: {share(book)} of the book, {share(called)} of the campaign; verdicts {dict(book.verdicts)}")
    say(f"  peak memory of the process {memory:.1f} GB; {wrong} of {2 * SAMPLE:,} sampled decisions differ")
    kept = wrong == 0 and batch <= 5 * by_hand and memory <= 8
    return {"persons": persons, "bare": bare, "by_hand": by_hand, "batch": batch, "instants": instants, "kept": kept}


def share(parts: Parts) -> str:
    """How many the single decision answered."""
    return f"{(parts.undecided + parts.searched) / max(parts.proposals, 1):.2%}"


def connect(folder: Path) -> Any:
    """DuckDB within the promised memory; what does not fit goes to files beside the book."""
    (folder / "spill").mkdir(parents=True, exist_ok=True)
    connection = ibis.duckdb.connect()
    connection.raw_sql(f"SET memory_limit = '{MEMORY}'")
    connection.raw_sql(f"SET threads = {THREADS}")
    connection.raw_sql("SET preserve_insertion_order = false")
    connection.raw_sql(f"SET temp_directory = '{folder / 'spill'}'")
    return connection


def make(connection: Any, folder: Path, persons: int) -> None:
    """The facts of a book, a million persons at a time and in their order; a book that is there is used again."""
    for name, query in {**FACTS, "proposals": PROPOSALS}.items():
        made = folder / f"{name}.parquet"
        if made.exists():
            continue
        made.mkdir()
        for number, first in enumerate(range(0, persons, SLICE)):
            last = min(first + SLICE, persons)
            dice = "(hash(range, 7) % 1000003)::BIGINT AS dice"
            them = f"WITH them AS (SELECT range AS person, {dice} FROM range({first}, {last}))"
            written = query.format(now=NOW_US, day=DAY_US)
            connection.raw_sql(
                f"COPY ({them} SELECT * FROM ({written}) ORDER BY person) TO '{made}/{number:04}.parquet'"
            )
    for name, query in WAYS.items():
        connection.raw_sql(f"COPY ({query}) TO '{folder / name}.parquet'")


def drain(connection: Any, query: str) -> None:
    """Run a query to its end without keeping its rows."""
    connection.raw_sql(f"CREATE OR REPLACE TEMP TABLE drained AS {query}")
    connection.raw_sql("DROP TABLE drained")


def timed(work: Any) -> float:
    """Seconds of a piece of work."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def processor(work: Any) -> float:
    """Seconds of processor that a piece of work takes, whatever else runs on the machine."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def fresh(folder: Path) -> Path:
    """An empty folder for what comes out."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.parquet"):
        old.unlink()
    return folder


def differences(connection: Any, facts: Facts, decided: Path, law: Any) -> int:
    """How many of a sample of persons the reference decides otherwise."""
    rows = (
        connection.con.sql(f"SELECT * FROM '{decided}/*.parquet' ORDER BY hash(proposal, 11) LIMIT {SAMPLE}")
        .to_arrow_table()
        .to_pylist()
    )
    by_number = {row["proposal"]: row for row in rows}
    wrong = 0
    for case in cases_of(connection, facts, sorted(by_number), law, READING):
        row, decision = by_number[int(case.id)], decide(case, law)
        same = row["verdict"] == decision.verdict.value
        if "next_us" in row:
            same = same and row["next_us"] == to_us(decision.next_permitted_at)
        budgets = sum(1 for name, value in row.items() if name.startswith("limit_") and value is not None)
        wrong += not (same and budgets == len(decision.budgets))
    return wrong


def say(line: str) -> None:
    """One line to the terminal, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def plot(file: Path, measured: list[dict[str, Any]]) -> None:
    """Seconds against persons, both on logarithmic scales, as an SVG written by hand."""
    from math import log10

    sizes = [one["persons"] for one in measured]
    lines = (("bare", "group-by", "#888"), ("by_hand", "features by hand", "#2a7"), ("batch", "batch", "#c33"))
    seconds = [one[key] for one in measured for key, _, _ in lines]
    left, right = log10(min(sizes)), max(log10(max(sizes)), log10(min(sizes)) + 1)
    low, high = log10(min(seconds)) - 0.1, log10(max(seconds)) + 0.1
    drawn = []
    for place, (key, word, colour) in enumerate(lines):
        points = [
            (
                60 + 420 * (log10(one["persons"]) - left) / (right - left),
                280 - 240 * (log10(one[key]) - low) / (high - low),
            )
            for one in measured
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn.append(f'<text x="70" y="{30 + 16 * place}" fill="{colour}">{word}</text>')
        drawn += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
            f'<text x="{x + 4:.1f}" y="{y - 6:.1f}">{one[key]:.1f} s</text>'
            for (x, y), one in zip(points, measured, strict=True)
        ]
    drawn += [
        f'<text x="{60 + 420 * (log10(size) - left) / (right - left):.1f}" y="300" text-anchor="middle">{size:,}</text>'
        for size in sizes
    ]
    body = "\n".join(drawn)
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="560" height="320" font-family="sans-serif" font-size="11">'
    file.write_text(f"{head}\n{body}\n</svg>\n")


if __name__ == "__main__":
    sys.exit(main())
