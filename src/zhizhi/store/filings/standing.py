"""With which carriers a wording stands filed, and whose number it is: what the gate asks of a text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from zhizhi.core.kernel.carriers import carrier_of
from zhizhi.store.keyring import KeyUnavailable, person_seal
from zhizhi.store.many import Question, Rows, rows_of
from zhizhi.store.people.rows import open_point

Numbered = tuple[int, int]
"""A person and one of their points."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`until`: by version and carrier, the last day of both filings. `carriers`: by number; None is not known."""

    until: Mapping[int, Mapping[str, date]]
    carriers: Mapping[Numbered, str | None]


_UNTIL = """
SELECT v.id, f.carrier, least(f.until_on, '9999-12-31'::date)
FROM unnest(%s::bigint[]) AS v (id), zhizhi_filed_until(v.id) f
"""
_NUMBERS = """
SELECT t.person_id, t.id, t.sealed, p.data_key
FROM unnest(%s::bigint[], %s::bigint[]) AS n (person_id, id)
JOIN point t ON t.person_id = n.person_id AND t.id = n.id JOIN person p ON p.id = t.person_id
WHERE p.data_key IS NOT NULL
"""


def load_standing(numbers: Iterable[Numbered], version_ids: Iterable[int]) -> Standing:
    """What stands filed of some versions, and the carriers of some numbers, in one round trip."""
    asked, versions = sorted(set(numbers)), sorted(set(version_ids))
    columns = [[person for person, _ in asked], [point for _, point in asked]]
    filed, points = rows_of(Question(_UNTIL, [versions], list), Question(_NUMBERS, columns, list))
    until: dict[int, dict[str, date]] = {version: {} for version in versions}
    for version, carrier, last_on in filed:
        until[version][carrier] = last_on
    return Standing(until, dict.fromkeys(asked) | _carriers(points))


def _carriers(points: Rows) -> dict[Numbered, str | None]:
    found: dict[Numbered, str | None] = {}
    for person_id, point_id, sealed, data_key in points:
        try:
            number = open_point(person_seal(bytes(data_key)), bytes(sealed), point_id)
        except KeyUnavailable:
            continue
        found[person_id, point_id] = carrier_of(number)
    return found
