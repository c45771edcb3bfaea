"""Who asks for a code: somebody of a case whose number, or whose contract's, was typed with an own mobile number."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connections

from zhizhi.core.kernel.masks import MaskKind, View, mask
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.people.rows import normal_form, point_key
from zhizhi.store.words import PERSON_ROLES

COUNTRY = "86"
MOBILE_DIGITS = 11
BORROWER, CONTACT_PERSON = PERSON_ROLES


@dataclass(frozen=True, slots=True)
class Asker:
    """A party, the point where the code goes, and as whom the portal will know the party."""

    person_id: int
    party_id: int
    point_id: int
    lender_id: int
    role: str
    masked: str


# A number that was found wrong, or that reaches somebody else, gets nothing; a canary has no telephone.
_FIND = """
SELECT o.person_id, o.party_id, o.id, p.lender_id, t.role
FROM unnest(%(lenders)s::bigint[], %(points)s::bigint[], %(accounts)s::uuid[]) asked (lender_id, value_key, account_key)
JOIN point o ON o.value_key = asked.value_key
JOIN person p ON p.id = o.person_id AND p.lender_id = asked.lender_id
JOIN party t ON t.person_id = o.person_id AND t.id = o.party_id
WHERE o.kind = 'mobile' AND o.invalid_since IS NULL AND o.is_misdirected IS NOT TRUE AND p.data_key IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM canary k WHERE k.person_id = p.id)
  AND (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = p.id AND c.number = %(reference)s)
       OR EXISTS (SELECT 1 FROM debt d WHERE d.person_id = p.id AND d.lender_id = asked.lender_id
                    AND d.account_key = asked.account_key))
ORDER BY t.role <> 'debtor', o.person_id, o.party_id, o.id LIMIT 1
"""


def find_asker(reference: str, number: str) -> Asker | None:
    """Whoever this reference and this number name together; the debtor before others of the same number.

    Boundary: whoever holds the telephone is the party: a number that two of them share is the debtor's.
    """
    reference, number = normal_form(reference), normal_number(number)
    if not reference or not number:
        return None
    lenders = _lenders()
    keys = [SearchKeys(lender) for lender in lenders]
    asked: dict[str, Any] = {
        "lenders": lenders,
        "points": [point_key(key, number) for key in keys],
        "accounts": [key.identity("account", reference) for key in keys],
        "reference": reference,
    }
    with connections["gate"].cursor() as cursor:
        cursor.execute(_FIND, asked)
        found = cursor.fetchone()
    if found is None:
        return None
    person_id, party_id, point_id, lender_id, role = found
    known_as = BORROWER if role == "debtor" else CONTACT_PERSON
    masked = mask(MaskKind.MOBILE, number, View.COLLECTOR)
    return Asker(person_id, party_id, point_id, lender_id, known_as, masked)


def normal_number(written: str) -> str:
    """A mobile number as books hold it: digits alone, without the country's code; nothing where it is none."""
    digits = "".join(_digits(normal_form(written)))
    if len(digits) == MOBILE_DIGITS + len(COUNTRY) and digits.startswith(COUNTRY):
        digits = digits[len(COUNTRY) :]
    return digits if len(digits) == MOBILE_DIGITS and digits.startswith("1") else ""


def _digits(form: str) -> Iterable[str]:
    return (character for character in form if character.isascii() and character.isdigit())


def _lenders() -> list[int]:
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT id FROM lender ORDER BY id")
        return [row[0] for row in cursor.fetchall()]
