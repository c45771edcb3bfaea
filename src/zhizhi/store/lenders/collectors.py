"""Who makes a contact, with the facts about agency and person that rules ask for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from zhizhi.store.lenders.models import Staff
from zhizhi.store.many import Question, Rows, ask


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
    return ask(staff_of(staff_id))(lender)


def staff_of(staff_id: int | None) -> Question[Callable[[str], Collector]]:
    """The question of `collector_of`, to be asked together with others; its answer wants the lender's code."""
    return Question(
        _STAFF if staff_id is not None else None, [staff_id], lambda rows: partial(_collector, staff_id, rows)
    )


def _collector(staff_id: int | None, rows: Rows, lender: str) -> Collector:
    own = {"kind": "lender", "id": lender}
    if staff_id is None:
        return Collector(lender, own)
    if not rows:
        raise Staff.DoesNotExist(staff_id)
    (row,) = rows
    trained_on, certified_until, private_device, agency, listed, evaluated_on, inspected_on, contract_ends_on = row
    dates = _known(
        listed=listed, evaluated_on=evaluated_on, inspected_on=inspected_on, contract_ends_on=contract_ends_on
    )
    side = own if agency is None else {"kind": "agency", "id": agency, **dates}
    known = _known(trained_on=trained_on, certified_until=certified_until)
    person = {"id": f"u{staff_id}", "private_device": private_device, **known}
    return Collector(side["id"], {**side, "person": person})
