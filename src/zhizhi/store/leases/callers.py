"""Who will speak: the staff member that a system names, else the lender or the agency of its token."""

from typing import Any

from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.lenders.collectors import Collector, collector_of
from zhizhi.store.many import Question, ask

# An agency's people may belong to no lender; a lender's own belong to it and to no agency.
_CALLER = """
SELECT s.id FROM staff s
WHERE s.login = %s AND s.is_active AND s.agency_id IS NOT DISTINCT FROM %s::bigint
  AND (s.agency_id IS NOT NULL OR s.lender_id = %s::bigint)
"""
_AGENCY = "SELECT code, is_listed, evaluated_on, inspected_on, contract_ends_on FROM agency WHERE id = %s"


def load_caller(bearer: Bearer, login: str | None) -> Collector | None:
    """The `collector` of the conduct case; None where the token has no such staff member.

    Without a name the law is asked about the lender or agency alone, and holds what it has to know of a person.
    """
    if login is not None:
        rows = ask(Question(_CALLER, [login, bearer.agency_id, bearer.lender_id], list))
        return collector_of(bearer.lender, rows[0][0]) if rows else None
    if bearer.agency_id is None:
        return collector_of(bearer.lender, None)
    (row,) = ask(Question(_AGENCY, [bearer.agency_id], list))
    code, listed, *days = row
    names = ("evaluated_on", "inspected_on", "contract_ends_on")
    known: dict[str, Any] = {name: day.isoformat() for name, day in zip(names, days, strict=True) if day is not None}
    return Collector(code, {"kind": "agency", "id": code, "listed": listed, **known})
