"""Cases beside the one asked for, so that the database does as much where there is none as where it is others'.

What a policy has to know of a viewer is worked out only once a row is there to be judged: without this, asking for a
number that nobody has was answered measurably sooner (tests/web/test_collector_attack.py).
"""

from dataclasses import dataclass

from zhizhi.store.many import Question, ask

# One that the lender works itself and one that is placed: whoever sees the one is refused the other by every arm. Each
# is the first of an index, for they are asked for with every page of a case.
_TWO = """
(SELECT number, person_id FROM collection_case
 WHERE closed_on IS NULL AND agency_id IS NULL ORDER BY id LIMIT 1)
UNION ALL
(SELECT number, person_id FROM collection_case
 WHERE closed_on IS NULL AND agency_id IS NOT NULL ORDER BY agency_id, balance_minor DESC, id LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class Beside:
    """Open cases of anybody's: they are judged, and never answered unless they were asked for."""

    numbers: tuple[str, ...] = ()
    persons: tuple[int, ...] = ()


def cases_beside() -> Beside:
    """The same ones whoever asks for whatever."""
    return ask(Question(_TWO, [], lambda rows: Beside(tuple(row[0] for row in rows), tuple(row[1] for row in rows))))
