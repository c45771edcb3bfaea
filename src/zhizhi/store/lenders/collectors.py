"""Who makes a contact, with the facts about agency and person that rules ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections

from zhizhi.store.lenders.models import Staff


@dataclass(frozen=True, slots=True)
class Collector:
    """The `collector` of a conduct case, and the id that events carry."""

    id: str
    document: Mapping[str, Any]


def _known(**facts: object) -> dict[str, Any]:
    shown = {key: value.isoformat() if isinstance(value, date) else value for key, value in facts.items()}
    return {key: value for key, value in shown.items() if value is not None}


_STAFF = """
SELECT s.trained_on, s.certified_until, s.uses_private_device,
    a.code, a.is_listed, a.evaluated_on, a.inspected_on, a.contract_ends_on
FROM staff s LEFT JOIN agency a ON a.id = s.agency_id
WHERE s.id = %s
"""


def collector_of(lender: str, staff_id: int | None) -> Collector:
    """The lender itself (a message of the system) or the staff member, for the lender or for an agency."""
    own = {"kind": "lender", "id": lender}
    if staff_id is None:
        return Collector(lender, own)
    with connections["gate"].cursor() as cursor:
        cursor.execute(_STAFF, [staff_id])
        row = cursor.fetchone()
    if row is None:
        raise Staff.DoesNotExist(staff_id)
    trained_on, certified_until, private_device, agency, listed, evaluated_on, inspected_on, contract_ends_on = row
    dates = _known(
        listed=listed, evaluated_on=evaluated_on, inspected_on=inspected_on, contract_ends_on=contract_ends_on
    )
    side = own if agency is None else {"kind": "agency", "id": agency, **dates}
    known = _known(trained_on=trained_on, certified_until=certified_until)
    person = {"id": f"u{staff_id}", "private_device": private_device, **known}
    return Collector(side["id"], {**side, "person": person})
