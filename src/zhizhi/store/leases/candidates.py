"""Whom a system asks for: cases by our number or the lender's account number, and where they are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zhizhi.store.keyring import SearchKeys, person_seal
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.many import Question
from zhizhi.store.people.rows import open_point


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person within the scope of a token, and the number at which the debtor is called; None where there is none."""

    person_id: int
    is_synthetic: bool
    party_id: int | None
    point_id: int | None
    sealed_point: bytes | None = field(repr=False)

    def number(self, data_key: bytes | None) -> str:
        """The number, opened with the person's key. Refuses: KeyUnavailable."""
        assert self.sealed_point is not None, "a number was chosen"
        assert self.point_id is not None, "a number was chosen"
        return open_point(person_seal(data_key), self.sealed_point, self.point_id)


@dataclass(frozen=True, slots=True)
class Named:
    """How a request names a case: by our number, or by the lender's account number."""

    case: str | None = None
    account: str | None = field(default=None, repr=False)


# Reserved numbers first, mobiles before land lines, the oldest of these: the same choice every time.
_CANDIDATES = """
SELECT w.place, p.id, l.is_synthetic, o.party_id, o.id, encode(o.sealed, 'hex')
FROM (
    SELECT n.place, n.lender_id, n.agency_id, c.person_id
    FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[]) n (place, lender_id, agency_id, number)
    JOIN collection_case c ON c.number = n.number AND c.closed_on IS NULL
    UNION ALL
    SELECT n.place, n.lender_id, n.agency_id, d.person_id
    FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::uuid[]) n (place, lender_id, agency_id, key)
    JOIN debt d ON d.account_key = n.key AND d.lender_id = n.lender_id
) w
JOIN collection_case c ON c.person_id = w.person_id AND c.closed_on IS NULL
JOIN person p ON p.id = w.person_id
JOIN lender l ON l.id = p.lender_id
LEFT JOIN LATERAL (
    SELECT o.party_id, o.id, o.sealed FROM point o JOIN party t ON t.person_id = o.person_id AND t.id = o.party_id
    WHERE o.person_id = p.id AND t.role = 'debtor' AND o.kind IN ('mobile', 'landline')
      AND o.invalid_since IS NULL AND o.is_misdirected IS NOT TRUE
    ORDER BY o.is_reserved IS TRUE DESC, o.kind = 'mobile' DESC, o.id LIMIT 1
) o ON true
WHERE c.lender_id = w.lender_id AND p.lender_id = w.lender_id AND (w.agency_id IS NULL OR c.agency_id = w.agency_id)
"""


def candidates_of(wanted: Sequence[tuple[Bearer, Named]]) -> Question[Mapping[int, Candidate]]:
    """By place in `wanted`; absent is what there is not, or what is not that token's to know of."""
    by_number: list[tuple[object, ...]] = []
    by_key: list[tuple[object, ...]] = []
    for place, (bearer, named) in enumerate(wanted):
        scope = (place, bearer.lender_id, bearer.agency_id)
        if named.case is not None:
            by_number.append((*scope, named.case))
        elif named.account is not None:
            by_key.append((*scope, SearchKeys(bearer.lender_id).identity("account", named.account)))
    values = [*_columns(by_number), *_columns(by_key)]
    return Question(_CANDIDATES, values, lambda rows: {place: _candidate(*rest) for place, *rest in rows})


def _candidate(person_id: int, is_synthetic: bool, party_id: int, point_id: int, sealed: str | None) -> Candidate:
    return Candidate(person_id, is_synthetic, party_id, point_id, None if sealed is None else bytes.fromhex(sealed))


def _columns(rows: list[tuple[object, ...]]) -> list[list[object]]:
    return [[row[n] for row in rows] for n in range(4)]
