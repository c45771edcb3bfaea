"""What may be looked at in the clear: found by id, its kind known, and not opened before it was counted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from zhizhi.core.conduct.words import OWING_ROLES
from zhizhi.core.kernel.masks import MaskKind
from zhizhi.store.keyring import Seal
from zhizhi.store.many import Question, ask
from zhizhi.store.people.rows import (
    KIND_OF_POINT,
    PartySecrets,
    PersonSecrets,
    open_account_number,
    open_point,
)


@dataclass(frozen=True, slots=True)
class Target:
    """A sealed value of a person, and whose it is."""

    what: str
    id: int
    kind: MaskKind
    party_id: int
    is_third: bool
    sealed: bytes = field(repr=False)

    def open(self, seal: Seal, person_id: int) -> str:
        """The value; for the one place that has just written who looks (`acts.py`). Refuses: KeyUnavailable."""
        return _OPEN[self.what](seal, self.sealed, self.id, person_id)


def _id_number(seal: Seal, sealed: bytes, _target: int, person_id: int) -> str:
    return PersonSecrets.open(seal, sealed, person_id).id_number or ""


_OPEN: dict[str, Callable[[Seal, bytes, int, int], str]] = {
    "name": lambda seal, sealed, party, _person: PartySecrets.open(seal, sealed, party).name,
    "id_number": _id_number,
    "point": lambda seal, sealed, point, _person: open_point(seal, sealed, point),
    "account": lambda seal, sealed, debt, _person: open_account_number(seal, sealed, debt),
}
_DEBTOR = "(SELECT t.id FROM party t WHERE t.person_id = {}.person_id AND t.role = 'debtor' ORDER BY t.id LIMIT 1)"
_QUESTIONS = {
    "name": "SELECT t.id, t.role, 'name', t.sealed FROM party t WHERE t.person_id = %s AND t.id = %s",
    "id_number": """SELECT t.id, t.role, 'id', p.sealed FROM person p JOIN party t ON t.person_id = p.id
        WHERE p.id = %s AND t.id = %s AND t.role = 'debtor' AND p.id_number_key IS NOT NULL""",
    "point": """SELECT t.id, t.role, o.kind, o.sealed FROM point o
        JOIN party t ON t.person_id = o.person_id AND t.id = o.party_id WHERE o.person_id = %s AND o.id = %s""",
    "account": f"SELECT {_DEBTOR.format('d')}, 'debtor', 'account', d.sealed FROM debt d"
    " WHERE d.person_id = %s AND d.id = %s",
}
_KINDS = {"name": MaskKind.NAME, "id": MaskKind.ID, "account": MaskKind.ACCOUNT}


def find_target(person_id: int, what: str, target_id: int) -> Target | None:
    """The value of this id, read through the gate's login; None where there is none.

    An identity number is named by the party whose it is.
    """
    if what not in _QUESTIONS:
        return None
    rows = ask(Question(_QUESTIONS[what], [person_id, target_id], list[tuple[Any, ...]]))
    if not rows or rows[0][0] is None:
        return None
    party_id, role, kind, sealed = rows[0]
    known = _KINDS.get(kind) or KIND_OF_POINT.get(kind, MaskKind.HANDLE)
    return Target(what, target_id, known, party_id, role not in OWING_ROLES, bytes(sealed))


_IN_USE = """
SELECT 1 FROM permit m JOIN delivery v ON v.person_id = m.person_id AND v.permit_id = m.id
WHERE m.person_id = %s AND m.point_id = %s AND v.state = 'claimed' AND v.claimed_by = %s
  AND (m.must_end_by IS NULL OR m.must_end_by > %s)
LIMIT 1
"""


def has_permit_in_use(person_id: int, point_id: int, by: int, at: Any) -> bool:
    """Whether somebody has used a permit for a point and has not reported what came of it."""
    return bool(ask(Question(_IN_USE, [person_id, point_id, f"u{by}", at], list)))
