"""What is written in one piece or not at all: rows of every table, counted before and after."""

from collections.abc import Iterable, Iterator
from typing import Any

from faults.fault import Fault, Points
from faults.scene import Scene

HOWS = ("kill_before", "kill_after", "cut_before", "cut_after")
_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> ALL (%s) ORDER BY 1
"""
BESIDE = ["django_session", "django_migrations", "heartbeat"]  # not what a person wrote
_SUMS = "SELECT coalesce(sum(balance_minor), 0) FROM debt", "SELECT coalesce(sum(amount_minor), 0) FROM entry"

Whole = dict[str, Any]


def whole_of(scene: Scene) -> Whole:
    """How many rows every table has, and what is owed."""
    tables = [name for (name,) in scene.stage.rows(scene.database, _TABLES, BESIDE)]
    counted = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables)
    found: Whole = dict(scene.stage.rows(scene.database, counted))
    for n, question in enumerate(_SUMS):
        ((found[f"sum {n}"],),) = scene.stage.rows(scene.database, question)
    return found


def difference(before: Whole, after: Whole) -> Whole:
    """What was added, by table."""
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def whole_faults(kind: str, plays: Iterable[str], points: Points) -> Iterator[Fault]:
    """At every statement: killed or cut, before and after it."""
    for of_play in plays:
        for point in points[of_play][0]:
            for side in HOWS:
                yield Fault(kind, of_play, side, point)
