"""Counts since the product was installed: every leaf of the log is counted once, after it has its number.

Numbers are dense and given in one order, so one watermark says what is counted already: several workers and a restart
count nothing twice and leave nothing out, and reading a count is reading a row.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connections, transaction

LEAVES_MAX = 5000
PERMIT, REFUSAL, HOLD, END = "permit", "refusal", "hold", "end"


@dataclass(frozen=True, slots=True)
class Counted:
    """A count: of permits by channel, of refusals and holds by rule, of deliveries' ends by state and channel."""

    figure: str
    first: str
    second: str
    total: int


_TAKE = "SELECT position FROM watermark WHERE name = 'counted' FOR UPDATE SKIP LOCKED"
_SIZE = "SELECT coalesce(max(position) + 1, 0) FROM leaf"
# A delivery that became unknown has two leaves of its end: the one that says so, and that of the person who settled it.
# Whoever was erased between number and count leaves a row without words, and counts all the same.
_COUNT = """
WITH fresh AS (
    SELECT position, kind, source_table, source_person_id AS person_id, source_id AS id FROM leaf
    WHERE position >= %(from)s AND position < %(until)s
      AND source_table IN ('decision', 'delivery', 'contact')
      AND kind IN ('permit', 'refusal', 'hold', 'outcome', 'contact')
), said AS (
    SELECT f.kind AS figure, CASE WHEN f.kind = 'permit' THEN d.channel ELSE d.rule END AS first, '' AS second
    FROM fresh f LEFT JOIN decision d ON d.person_id = f.person_id AND d.id = f.id WHERE f.source_table = 'decision'
    UNION ALL
    SELECT 'end', CASE
        WHEN d.state IN ('failed', 'cancelled') AND NOT EXISTS (
            SELECT 1 FROM leaf l WHERE l.source_person_id = f.person_id AND l.source_id = f.id AND l.kind = 'outcome'
              AND (l.position > f.position OR l.position IS NULL)) THEN d.state
        ELSE 'unknown' END, d.channel
    FROM fresh f LEFT JOIN delivery d ON d.person_id = f.person_id AND d.id = f.id WHERE f.source_table = 'delivery'
    UNION ALL
    SELECT 'end', 'delivered', c.channel
    FROM fresh f JOIN contact c ON c.person_id = f.person_id AND c.id = f.id
    WHERE f.source_table = 'contact' AND f.kind = 'contact' AND c.direction = 'out' AND c.permit_id IS NOT NULL
)
INSERT INTO tally (figure, first, second, total)
SELECT figure, coalesce(first, ''), coalesce(second, ''), count(*) FROM said GROUP BY 1, 2, 3
ON CONFLICT (figure, first, second) DO UPDATE SET total = tally.total + excluded.total
"""
_DONE = "UPDATE watermark SET position = %(until)s WHERE name = 'counted'"


def count_leaves(*, limit: int = LEAVES_MAX) -> int:
    """Count up to `limit` leaves that have a number and were not counted; answers how many. One counts at a time."""
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(_TAKE)
        row = cursor.fetchone()
        if row is None:  # somebody counts
            return 0
        cursor.execute(_SIZE)
        until = min(row[0] + limit, cursor.fetchone()[0])
        if until == row[0]:
            return 0
        cursor.execute(_COUNT, {"from": row[0], "until": until})
        cursor.execute(_DONE, {"until": until})
        return int(until - row[0])


def load_tallies() -> list[Counted]:
    """Every count; there are as many as rules and channels."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT figure, first, second, total FROM tally ORDER BY figure, first, second")
        return [Counted(*row) for row in cursor.fetchall()]


def totals_of(counts: Iterable[Counted], figure: str) -> int:
    """All of one figure."""
    return sum(count.total for count in counts if count.figure == figure)
