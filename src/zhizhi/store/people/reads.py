"""What screens read about a person: the parties around them and the points at which they can be reached, masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.masks import HIDDEN, MaskKind, View, mask
from zhizhi.store.keyring import Seal
from zhizhi.store.people.rows import PartySecrets, PersonSecrets, mask_point, open_point
from zhizhi.store.select import select

POINTS_MAX = 200


@dataclass(frozen=True, slots=True)
class PointRow:
    """Where a party can be reached; `masked` is what a screen shows."""

    id: int
    party_id: int
    kind: str
    masked: str
    source: str | None
    place: str | None
    is_reserved: bool | None
    invalid_since: datetime | None
    is_misdirected: bool | None
    refused_at: datetime | None


@dataclass(frozen=True, slots=True)
class PartyRow:
    """Somebody around the person, with their points."""

    id: int
    role: str
    name: str
    relation: str
    points: tuple[PointRow, ...]


_PARTIES = """
SELECT t.id, t.role, t.sealed, o.id, o.kind, o.sealed, o.source, o.place, o.is_reserved, o.invalid_since,
    o.is_misdirected,
       (SELECT max(s.at) FROM statement s WHERE s.person_id = o.person_id AND s.kind = 'refuse_point'
           AND s.body ->> 'point' = 'm' || o.id)
FROM party t LEFT JOIN point o ON o.person_id = t.person_id AND o.party_id = t.id
WHERE t.person_id = %(person)s
ORDER BY t.role <> 'debtor', t.id, o.is_reserved DESC NULLS LAST, o.id
LIMIT %(limit)s
"""


def load_parties(person_id: int, seal: Seal | None, view: View) -> list[PartyRow]:
    """The debtor first, then everybody else, as a view sees them; whoever was erased reads as stars."""
    parties: dict[int, tuple[str, str, str]] = {}
    points: dict[int, list[PointRow]] = {}
    for party_id, role, sealed, *point in select(_PARTIES, {"person": person_id, "limit": POINTS_MAX}):
        if party_id not in parties:
            parties[party_id] = (role, *_names(seal, sealed, party_id, view))
        if point[0] is not None:
            points.setdefault(party_id, []).append(_point(seal, party_id, point, view))
    return [
        PartyRow(party_id, role, name, relation, tuple(points.get(party_id, ())))
        for party_id, (role, name, relation) in parties.items()
    ]


def load_id_number(person_id: int, seal: Seal | None, view: View) -> str | None:
    """The identity number as a view sees it; None where none is held."""
    for (sealed,) in select("SELECT p.sealed FROM person p WHERE p.id = %(person)s", {"person": person_id}):
        id_number = PersonSecrets.open(seal, sealed, person_id).id_number if seal is not None else None
        return mask(MaskKind.ID, id_number, view) if id_number else None
    return None


def _names(seal: Seal | None, sealed: bytes, party_id: int, view: View) -> tuple[str, str]:
    if seal is None:
        return "*", ""
    secrets = PartySecrets.open(seal, sealed, party_id)
    return mask(MaskKind.NAME, secrets.name, view), secrets.relation


def _point(seal: Seal | None, party_id: int, point: Sequence[Any], view: View) -> PointRow:
    point_id, kind, sealed, *rest = point
    masked = mask_point(kind, open_point(seal, sealed, point_id), view) if seal is not None else HIDDEN
    return PointRow(point_id, party_id, kind, masked, *rest)
