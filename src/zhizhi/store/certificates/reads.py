"""What screens and exports read about certificates; row-level security decides which."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.store.keyring import person_seal
from zhizhi.store.select import select

CERTIFICATES_MAX = 200


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One certificate. `stands`: nothing is owed on its debt now, and it was not withdrawn."""

    id: int
    person_id: int
    lender_id: int
    number: str
    case_number: str
    issued_on: date
    with_waiver: bool
    digest: str
    withdrawn_at: datetime | None
    stands: bool


_COLUMNS = """
SELECT c.id, c.person_id, c.lender_id, c.number, c.case_number, c.issued_on, c.with_waiver, encode(c.digest, 'hex'),
    c.withdrawn_at, c.withdrawn_at IS NULL AND zhizhi_is_settled(c.person_id, c.debt_id)
FROM certificate c
"""


def load_certificates() -> list[CertificateRow]:
    """The latest of the viewer's lenders."""
    rows = select(_COLUMNS + "ORDER BY c.issued_at DESC, c.id DESC LIMIT %(limit)s", {"limit": CERTIFICATES_MAX})
    return [CertificateRow(*row) for row in rows]


_DOCUMENT = """
SELECT c.sealed, p.data_key FROM certificate c JOIN person p ON p.id = c.person_id WHERE c.id = %(id)s
"""


def open_certificate(certificate_id: int) -> tuple[CertificateRow, dict[str, Any]] | None:
    """A certificate that stands, with its document; None where it does not stand, does not open, or is not there for
    these eyes, and where the document is not what its digest says."""
    rows = select(_COLUMNS + "WHERE c.id = %(id)s", {"id": certificate_id})
    found = select(_DOCUMENT, {"id": certificate_id})
    if not rows or not found or found[0][1] is None:
        return None
    row, (sealed, data_key) = CertificateRow(*rows[0]), found[0]
    written = person_seal(bytes(data_key)).open(bytes(sealed), f"certificate/{row.id}")
    if not row.stands or hashlib.sha256(written).hexdigest() != row.digest:
        return None
    return row, json.loads(written)
