"""What a world came to, in figures, by the auditor's own SQL."""

from collections.abc import Iterator

import psycopg

RULES_SHOWN = 40
QUESTIONS = (
    ("decisions", "SELECT verdict, count(*) FROM decision GROUP BY 1 ORDER BY 1"),
    (
        "not permitted, by rule",
        "SELECT verdict || ' ' || rule, count(*) FROM decision WHERE verdict <> 'permit' GROUP BY 1"
        f" ORDER BY 2 DESC, 1 LIMIT {RULES_SHOWN}",
    ),
    ("permits", "SELECT channel || ' ' || state, count(*) FROM permit GROUP BY 1 ORDER BY 1"),
    ("deliveries", "SELECT channel || ' ' || state, count(*) FROM delivery GROUP BY 1 ORDER BY 1"),
    (
        "contacts",
        "SELECT channel || ' ' || coalesce(outcome, 'open'), count(*) FROM contact"
        " WHERE direction = 'out' AND permit_id IS NOT NULL GROUP BY 1 ORDER BY 1",
    ),
    ("cases", "SELECT coalesce(exit, 'open'), count(*) FROM collection_case GROUP BY 1 ORDER BY 1"),
    ("leaves of the log", "SELECT kind, count(*) FROM leaf GROUP BY 1 ORDER BY 1"),
)


def figures(url: str) -> Iterator[tuple[str, dict[str, int]]]:
    """Name and counts of each question."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name, sql in QUESTIONS:
            yield name, {str(row[0]): int(row[1]) for row in connection.execute(sql).fetchall()}
