"""Who will speak: the staff member that a system names, else the lender or the agency of its token."""

from typing import Any

from django.db import connections

from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.lenders.collectors import Collector, collector_of
from zhizhi.store.lenders.models import Staff

_AGENCY = "SELECT code, is_listed, evaluated_on, inspected_on, contract_ends_on FROM agency WHERE id = %s"


def load_caller(bearer: Bearer, login: str | None) -> Collector | None:
    """The `collector` of the conduct case; None where the token has no such staff member.

    Without a name the law is asked about the lender or agency alone, and holds what it has to know of a person.
    """
    if login is not None:
        staff = Staff.objects.using("gate").filter(login=login, is_active=True)
        if bearer.agency_id is not None:  # an agency's people may belong to no lender
            staff = staff.filter(agency_id=bearer.agency_id)
        else:
            staff = staff.filter(agency__isnull=True, lender_id=bearer.lender_id)
        staff_id = staff.values_list("pk", flat=True).first()
        return None if staff_id is None else collector_of(bearer.lender, staff_id)
    if bearer.agency_id is None:
        return collector_of(bearer.lender, None)
    with connections["gate"].cursor() as cursor:
        cursor.execute(_AGENCY, [bearer.agency_id])
        row = cursor.fetchone()
    assert row is not None, "the agency of a token is there"
    code, listed, *days = row
    names = ("evaluated_on", "inspected_on", "contract_ends_on")
    known: dict[str, Any] = {name: day.isoformat() for name, day in zip(names, days, strict=True) if day is not None}
    return Collector(code, {"kind": "agency", "id": code, "listed": listed, **known})
