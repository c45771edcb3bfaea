"""Who will speak: the staff member that a system names, else the lender or the agency of its token."""

from collections.abc import Sequence
from typing import Any

from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.lenders.collectors import Collector, staff_of
from zhizhi.store.many import Question, Rows, ask

# An agency's people may belong to no lender; a lender's own belong to it and to no agency.
_STAFF = """
SELECT s.id, s.trained_on, s.certified_until, s.uses_private_device,
    a.code, a.is_listed, a.evaluated_on, a.inspected_on, a.contract_ends_on
FROM staff s LEFT JOIN agency a ON a.id = s.agency_id
WHERE (s.login = %s OR s.id = %s) AND s.is_active AND s.agency_id IS NOT DISTINCT FROM %s::bigint
  AND (s.agency_id IS NOT NULL OR s.lender_id = %s::bigint)
"""
_AGENCY = "SELECT code, is_listed, evaluated_on, inspected_on, contract_ends_on FROM agency WHERE id = %s"


def caller_of(bearer: Bearer, login: str | None, staff_id: int | None = None) -> Question[Collector | None]:
    """The `collector` of the conduct case, by login or as known from before; None where the token has no such staff
    member in service.

    Without a name the law is asked about the lender or agency alone, and holds what it has to know of a person.
    """
    if login is not None or staff_id is not None:
        asked: Sequence[object] = [login, staff_id, bearer.agency_id, bearer.lender_id]
        return Question(_STAFF, asked, lambda rows: _staff(rows, bearer))
    if bearer.agency_id is not None:
        return Question(_AGENCY, [bearer.agency_id], _agency)
    return Question(None, [], lambda rows: staff_of(None).read(rows)(bearer.lender))


def load_caller_again(bearer: Bearer, staff_id: int | None) -> Collector | None:
    """Whoever was named before, as they stand now; None where they are in service no more."""
    return ask(caller_of(bearer, None, staff_id))


def _staff(rows: Rows, bearer: Bearer) -> Collector | None:
    if not rows:
        return None
    ((staff_id, *known),) = rows
    return staff_of(staff_id).read([tuple(known)])(bearer.lender)


def _agency(rows: Rows) -> Collector:
    ((code, listed, *days),) = rows
    names = ("evaluated_on", "inspected_on", "contract_ends_on")
    known: dict[str, Any] = {name: day.isoformat() for name, day in zip(names, days, strict=True) if day is not None}
    return Collector(code, {"kind": "agency", "id": code, "listed": listed, **known})
