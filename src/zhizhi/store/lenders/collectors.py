"""Who makes a contact, with the facts about agency and person that rules ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhizhi.store.lenders.models import Agency, Staff


@dataclass(frozen=True, slots=True)
class Collector:
    """The `collector` of a conduct case, and the id that events carry."""

    id: str
    document: Mapping[str, Any]


def _known(**facts: object) -> dict[str, Any]:
    shown = {key: value.isoformat() if isinstance(value, date) else value for key, value in facts.items()}
    return {key: value for key, value in shown.items() if value is not None}


def agency_document(agency: Agency) -> dict[str, Any]:
    """An agency as the contract writes it."""
    dates = _known(
        listed=agency.is_listed,
        evaluated_on=agency.evaluated_on,
        inspected_on=agency.inspected_on,
        contract_ends_on=agency.contract_ends_on,
    )
    return {"kind": "agency", "id": agency.code, **dates}


def person_document(staff: Staff) -> dict[str, Any]:
    """A collector at a desk as the contract writes one."""
    return {
        "id": f"u{staff.pk}",
        "private_device": staff.uses_private_device,
        **_known(trained_on=staff.trained_on, certified_until=staff.certified_until),
    }


def collector_of(lender: str, staff_id: int | None) -> Collector:
    """The lender itself (a message of the system) or the staff member, for the lender or for an agency."""
    if staff_id is None:
        return Collector(lender, {"kind": "lender", "id": lender})
    staff = Staff.objects.using("gate").select_related("agency").get(pk=staff_id)
    side = agency_document(staff.agency) if staff.agency else {"kind": "lender", "id": lender}
    return Collector(str(side["id"]), {**side, "person": person_document(staff)})
