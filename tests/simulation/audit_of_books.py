"""The auditor's own model of what was promised about figures, money, evidence and queues."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime

from simulation.broken import Broken
from simulation.ledger_of_rows import Rows
from simulation.truth import Truth

Check = Callable[[Truth, Rows], Iterator[Broken]]


def _somewhen(truth: Truth) -> datetime:
    return datetime.combine(truth.begins_on, datetime.min.time()).astimezone()


def days_add_up(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Wishes are skipped, permitted, refused or held; every permitted one has its place in the outbox."""
    for run, at, step, wishes, answered, permitted, deliveries in rows.each("wishes add up", rows.ask(_DAYS)):
        if step == "done" and wishes != answered:
            yield Broken("wishes are answered", 0, at, f"run {run}: {wishes} wishes, {answered} answers")
        if permitted != deliveries:
            yield Broken("permitted is what stands in the outbox", 0, at, f"run {run}: {permitted}, {deliveries}")


_DAYS = """
SELECT r.id, r.started_at, r.step, count(w.id),
    count(w.id) FILTER (WHERE w.result IN ('skipped', 'permit', 'forbid', 'hold')),
    count(w.id) FILTER (WHERE w.result = 'permit'), (SELECT count(*) FROM delivery d WHERE d.run_id = r.id)
FROM run r LEFT JOIN wish w ON w.run_id = r.id GROUP BY r.id
"""


def money_adds_up(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """The ledger explains each balance to the fen, and what was paid is applied or surplus, once a reference."""
    for person, debt, balance, parts, ledger in rows.each("a balance is its parts and its ledger", rows.ask(_BALANCES)):
        at = _somewhen(truth)
        if balance != parts:
            yield Broken("a balance is its parts", person, at, f"debt {debt}: {balance} is not {parts}")
        if ledger is not None and balance != ledger:
            yield Broken("the ledger explains the balance", person, at, f"debt {debt}: {balance} is not {ledger}")
    stored = {row[0]: row for row in rows.ask(_PAID)}
    told: dict[int, int] = defaultdict(int)
    perhaps: dict[int, int] = defaultdict(int)
    references: set[tuple[int, str]] = set()
    for one in truth.told:
        if one.kind != "payment":
            continue
        if not one.certain:
            perhaps[one.person] += 1
            continue
        if (one.person, one.facts["reference"]) in references:
            if not one.facts["repeated"]:
                yield Broken("money counts once", one.person, one.at, f"reference {one.facts['reference']} twice")
            continue
        references.add((one.person, one.facts["reference"]))
        rows.checked["what was paid is applied or surplus, once"] += 1
        told[one.person] += one.facts["amount"]
        if one.facts["applied"] + one.facts["surplus"] != one.facts["amount"]:
            yield Broken("what was paid is applied or surplus", one.person, one.at, str(one.facts))
    for person, amount in rows.each("money is kept", told.items()):
        _, kept = stored.get(person, (person, 0))
        if not perhaps[person] and kept != amount:
            yield Broken("money is kept", person, _somewhen(truth), f"told {amount}, kept {kept}")


_BALANCES = """
SELECT d.person_id, d.id, d.balance_minor,
    d.principal_minor + d.term_interest_minor + d.penalty_interest_minor + d.compound_interest_minor
    + d.damages_minor + d.costs_minor + d.fees_minor,
    (SELECT sum(CASE WHEN e.is_credit THEN -e.amount_minor ELSE e.amount_minor END)
     FROM entry e WHERE e.person_id = d.person_id AND e.debt_id = d.id)
FROM debt d
"""
_PAID = """
SELECT person_id, sum(amount_minor)::bigint FROM payment
WHERE kind = 'payment' AND import_id IS NULL AND source = 'bank' GROUP BY 1
"""


def everything_has_a_leaf(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Decisions, contacts, payments, words, stops and ends are in the log."""
    for table, at, which in LOGGED:
        for person, row, seen_at, has_leaf in rows.each("everything has a leaf", rows.stream(
            f"SELECT r.person_id, r.id, {at}, EXISTS (SELECT 1 FROM leaf l WHERE l.source_person_id = r.person_id"
            f" AND l.source_id = r.id AND l.source_table = '{table}') FROM {table} r WHERE {which} AND {at} >= %s",
            rows.since,
        )):  # fmt: skip
            if not has_leaf:
                yield Broken("everything has a leaf", person, seen_at, f"{table} {row} has none")


LOGGED = (
    ("decision", "r.at", "true"),
    ("contact", "r.at", "r.import_id IS NULL"),
    ("payment", "r.recorded_at", "r.import_id IS NULL"),
    ("statement", "r.recorded_at", "r.import_id IS NULL"),
    ("stop", "r.from_at", "r.import_id IS NULL"),
    ("delivery", "r.due_at", "r.state IN ('failed', 'cancelled')"),
)


def leaves_are_numbered(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Every leaf has its number."""
    for leaf, at in rows.ask("SELECT id, at FROM leaf WHERE position IS NULL"):
        yield Broken("every leaf is numbered", 0, at, f"leaf {leaf}")


def queues_are_empty(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Faults have ended: nothing waits, nothing is claimed by somebody who died, nothing in the inbox."""
    for person, delivery, state, at in rows.ask(_UNDRAINED):
        yield Broken("queues drain by themselves", person, at, f"delivery {delivery} is {state}")
    for item, at in rows.ask("SELECT id, received_at FROM inbox_item WHERE state = 'waiting'"):
        yield Broken("queues drain by themselves", 0, at, f"inbox item {item} waits")


_UNDRAINED = """
SELECT person_id, id, state, due_at FROM delivery
WHERE state IN ('waiting', 'unknown') OR state = 'claimed'
"""


def notices_are_kept_once(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """A notice that was fetched is there, once, however often it came."""
    stored = {tuple(row) for row in rows.ask("SELECT source, idempotency_key FROM inbox_item")}
    rows.checked["a notice is kept once"] += len(truth.notice_keys)
    for source, key in truth.notice_keys - stored:
        yield Broken("a notice is kept", 0, _somewhen(truth), f"{source} {key}")
    for contact, person, at, receipts in rows.ask(_RECEIPTS):
        if receipts > 2:  # undelivered, then delivered: knowledge grows twice at the most
            yield Broken("a notice told twice changes nothing", person, at, f"contact {contact}: {receipts} receipts")


_RECEIPTS = """
SELECT c.id, c.person_id, c.at, count(*) FROM contact c
JOIN leaf l ON l.source_person_id = c.person_id AND l.source_id = c.id AND l.kind = 'receipt'
GROUP BY c.id, c.person_id, c.at
"""


def files_add_up(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Of a file every row is accepted or refused, and it came in once."""
    stored = {row[0]: row[1:] for row in rows.ask(_FILES)}
    for one in rows.each("rows are accepted or refused", truth.uploads):
        if one.file not in stored:
            yield Broken("a file is kept", 0, _somewhen(truth), one.name)
            continue
        total, accepted, refused, kept = stored[one.file]
        if total != one.rows or accepted + refused != one.rows or kept != refused:
            said = f"{one.name}: {one.rows} rows, {total} read, {accepted} accepted, {refused} refused, {kept} kept"
            yield Broken("rows are accepted or refused", 0, _somewhen(truth), said)


_FILES = """
SELECT f.id, f.rows_total, f.accepted, f.refused, (SELECT count(*) FROM refused_row r WHERE r.file_id = f.id)
FROM imported_file f
"""


def what_must_be_refused_is(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """What nobody may do was refused, with the reason that was promised."""
    rows.checked["what may not be is refused"] += truth.rightly_refused
    for one in truth.wrongly:
        yield Broken("what may not be is refused", one.person, one.at, one.what)


def whoever_may_is_let_through(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Nobody who has the right, and the case where one is needed, was told that they may not."""
    rows.checked["whoever may is let through"] += truth.let_through
    for one in truth.denied:
        yield Broken("whoever may is let through", one.person, one.at, f"{one.what} by staff {one.by}")


STANDING: tuple[Check, ...] = (  # what holds at every instant, also while something is under way
    days_add_up,
    money_adds_up,
    everything_has_a_leaf,
    files_add_up,
    what_must_be_refused_is,
    whoever_may_is_let_through,
)
AT_REST: tuple[Check, ...] = (leaves_are_numbered, queues_are_empty, notices_are_kept_once)
