"""Recompute an agency's statement of a month from the tables alone, and compare it to the fen with what was stated.

    python scripts/commission_month.py --dsn DSN STATEMENT [--csv FILE]

Independent on purpose: it imports nothing of the product, asks its own questions in SQL, attributes payments in the
database and not in Python, and works in fractions, not in hundredths of a per cent. `--csv` writes what it found, line
by line. Exit code 0: everything agrees; 1: something does not, and each difference is told; 2: no such statement.

The questions know what was known at the instant of the statement. Contacts that an import brings later with an earlier
time are not told apart from those that were there: a difference then says that facts were added.
"""

import argparse
import csv
import sys
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import psycopg

HEAD = """
SELECT s.lender_id, s.agency_id, s.currency, s.month, s.made_at, c.terms, s.base_minor, s.commission_minor,
       s.deducted_minor, s.due_minor, s.lines
FROM commission_statement s JOIN commission_card c ON c.id = s.card_id WHERE s.id = %s
"""

# Everything of a payment in one row: who held the case when it was paid, who lost it last within the tail, whether it
# was worked and complained of. The first of the ranks is whose it is.
ATTRIBUTED = """
WITH span AS (
    SELECT %(month)s::timestamp AT TIME ZONE 'Asia/Shanghai' AS begins,
           (%(month)s::timestamp + interval '1 month') AT TIME ZONE 'Asia/Shanghai' AS ends),
money AS (
    SELECT p.person_id, p.id, p.applied_minor * CASE p.kind WHEN 'reversal' THEN -1 ELSE 1 END AS minor,
           coalesce(o.paid_on, p.paid_on) AS paid_on, o.id AS original
    FROM payment p CROSS JOIN span JOIN debt d USING (person_id)
    LEFT JOIN payment o ON o.person_id = p.person_id AND o.id = p.reverses_id
    WHERE d.id = p.debt_id AND d.lender_id = %(lender)s AND d.currency = %(currency)s AND p.applied_minor <> 0
      AND p.recorded_at >= span.begins AND p.recorded_at < span.ends AND p.recorded_at <= %(at)s),
held AS (
    SELECT m.person_id, m.id, m.agency_id, m.hand, m.days_past_due, m.balance_minor,
           (m.placed_at AT TIME ZONE 'Asia/Shanghai')::date AS first_day,
           CASE WHEN m.ended_at <= %(at)s THEN (m.ended_at AT TIME ZONE 'Asia/Shanghai')::date END AS last_day,
           (SELECT (c.at AT TIME ZONE 'Asia/Shanghai')::date FROM contact c JOIN agency a ON a.code = c.collector
            WHERE a.id = m.agency_id AND c.person_id = m.person_id AND c.outcome = ANY ('{connected,conversation,met}')
              AND c.at BETWEEN m.placed_at AND least(m.ended_at, %(at)s) ORDER BY c.at LIMIT 1) AS reached_on,
           (SELECT count(*) FROM stop s WHERE s.person_id = m.person_id AND s.kind = 'complaint'
              AND s.from_at BETWEEN m.placed_at AND least(m.ended_at, %(at)s)) > 0 AS complained
    FROM placement m WHERE m.lender_id = %(lender)s AND m.placed_at <= %(at)s),
ranked AS (
    SELECT money.*, held.agency_id, held.hand, held.days_past_due, held.balance_minor, held.reached_on, held.complained,
           row_number() OVER (
               PARTITION BY money.person_id, money.id
               ORDER BY (held.last_day IS NULL OR held.last_day > money.paid_on) DESC, held.first_day DESC, held.id DESC
           ) AS rank
    FROM money JOIN held ON held.person_id = money.person_id AND held.first_day <= money.paid_on
     AND (held.last_day IS NULL OR money.paid_on <= held.last_day + %(tail)s))
SELECT r.id, r.minor, r.hand, r.days_past_due, r.balance_minor,
       CASE WHEN r.complained THEN 'complained'
            WHEN r.reached_on IS NULL OR r.reached_on > r.paid_on THEN 'self_cure' END,
       r.agency_id = %(agency)s, r.original
FROM ranked r WHERE r.rank = 1
"""
EARLIER = """
SELECT l.payment_id, l.rate, l.nothing, s.agency_id = %(agency)s FROM commission_line l
JOIN commission_statement s ON s.id = l.statement_id
WHERE l.payment_id = ANY (%(ids)s) AND s.lender_id = %(lender)s AND s.month <> %(month)s AND s.state <> 'superseded'
"""
BREACHES = """
SELECT count(*) FROM breach_inquiry i
LEFT JOIN permit q ON q.id = i.permit_id LEFT JOIN agency a ON a.code = q.collector
WHERE i.lender_id = %(lender)s AND i.state = 'breach' AND i.ended_at <= %(at)s
  AND date_trunc('month', i.ended_at AT TIME ZONE 'Asia/Shanghai') = %(month)s::timestamp
  AND (a.id = %(agency)s OR i.permit_id IS NULL
       AND i.source IN (SELECT r.source FROM reconciliation_run r WHERE r.source_kind = 'agency')
       AND i.person_id IN (
           SELECT m.person_id FROM placement m WHERE m.agency_id = %(agency)s
             AND i.on BETWEEN (m.placed_at AT TIME ZONE 'Asia/Shanghai')::date
                 AND coalesce((m.ended_at AT TIME ZONE 'Asia/Shanghai')::date, i.on)))
"""
SERVED = """
SELECT count(*) > 0 FROM placement m WHERE m.lender_id = %(lender)s AND m.agency_id = %(agency)s
  AND tstzrange(m.placed_at, m.ended_at, '[]') && tstzrange(
      %(month)s::timestamp AT TIME ZONE 'Asia/Shanghai',
      (%(month)s::timestamp + interval '1 month') AT TIME ZONE 'Asia/Shanghai')
"""
STATED = "SELECT payment_id, amount_minor, nothing FROM commission_line WHERE statement_id = %s"


def main() -> int:
    """Recompute and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("statement", type=int)
    options = parser.parse_args()
    with psycopg.connect(options.dsn) as connection:
        connection.read_only = True
        head = connection.execute(HEAD, [options.statement]).fetchone()
        if head is None:
            sys.stderr.write(f"no statement {options.statement}\n")
            return 2
        wrong, lines = recompute(connection, options.statement, head)
    if options.csv is not None:
        with options.csv.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("payment", "amount_minor", "rate", "nothing"), *lines])
    told = [*wrong, f"{len(lines)} lines recomputed, {len(wrong)} differences"]
    sys.stdout.write("".join(f"{line}\n" for line in told))
    return 1 if wrong else 0


def recompute(connection: Any, statement: int, head: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    """What differs, and every line as it was found."""
    lender, agency, currency, month, at, terms, *stated = head
    values = {"lender": lender, "agency": agency, "currency": currency, "month": month, "at": at,
              "tail": terms["tail_days"]}  # fmt: skip
    found = connection.execute(ATTRIBUTED, values).fetchall()
    back = [row[-1] for row in found if row[-1] is not None]
    earlier = {row[0]: row[1:] for row in connection.execute(EARLIER, {**values, "ids": back}).fetchall()}
    lines: list[tuple[Any, ...]] = []
    groups: dict[str, tuple[list[list[int]], int]] = {}
    for payment, minor, *case, original in found:
        rate, nothing, is_own = earlier.get(original) or earning(terms["rates"], *case)
        if not is_own:
            continue
        lines.append((payment, minor, rate, nothing))
        if rate is not None:
            tiers, total = groups.get(str(rate), (rate[3], 0))
            groups[str(rate)] = (tiers, total + minor)
    commission = sum(share(tiers, total) for tiers, total in groups.values())
    breaches = connection.execute(BREACHES, values).fetchone()[0]
    served = connection.execute(SERVED, values).fetchone()[0]
    base, deducted = terms["base_minor"] if served else 0, breaches * terms["breach_minor"]
    sums = (base, commission, deducted, base + commission - deducted, len(lines))
    names = ("base", "commission", "deducted", "due", "lines")
    wrong = [
        f"{name}: stated {was}, found {is_}" for name, was, is_ in zip(names, stated, sums, strict=True) if was != is_
    ]
    kept = {row[0]: row[1:] for row in connection.execute(STATED, [statement]).fetchall()}
    own = {line[0]: (line[1], line[3]) for line in lines}
    wrong += [
        f"payment {payment}: stated {kept.get(payment)}, found {own.get(payment)}"
        for payment in sorted(kept.keys() | own.keys())
        if kept.get(payment) != own.get(payment)
    ]
    return wrong, lines


def earning(
    rates: list[dict[str, Any]], hand: int, days: int, balance: int, nothing: str | None, is_own: bool
) -> tuple[list[Any] | None, str | None, bool]:
    """Rate, why nothing, and whether it is the agency's."""
    if nothing is not None:
        return None, nothing, is_own
    rate = rate_for(rates, hand, days, balance)
    return rate, "no_rate" if rate is None else None, is_own


def rate_for(rates: list[dict[str, Any]], hand: int, days: int, balance: int) -> list[Any] | None:
    """The last rate of the hand, by age and then by balance, of which both have begun."""
    begun = [rate for rate in rates if rate["hand"] == hand and rate["from_days"] <= days]
    age = max((rate["from_days"] for rate in begun), default=None)
    of_age = sorted((rate["from_balance_minor"], rate["tiers"]) for rate in begun if rate["from_days"] == age)
    fits = [(least, tiers) for least, tiers in of_age if least <= balance]
    return [hand, age, fits[-1][0], fits[-1][1]] if fits else None


def share(tiers: list[list[int]], total: int) -> int:
    """What tiers make of a sum; half a fen goes away from nought. A sum below nought goes back at the first rate."""
    if total < 0:
        exact = Fraction(total * tiers[0][1], 10_000)
    else:
        exact, above = Fraction(0), total
        for start, rate in reversed(tiers):
            if above > start:
                exact += Fraction((above - start) * rate, 10_000)
                above = start
    written = Decimal(exact.numerator) / Decimal(exact.denominator)
    return int(written.quantize(Decimal(1), rounding=ROUND_HALF_UP))


if __name__ == "__main__":
    sys.exit(main())
