"""Who will speak: the staff member that a system names, else the lender or the agency of its token."""

from collections.abc import Mapping, Sequence
from typing import Any

from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.lenders.collectors import Collector, staff_of
from zhizhi.store.many import Question, ask

# An agency's people may belong to no lender; a lender's own belong to it and to no agency. Who is named by nothing is
# the lender or the agency itself.
_CALLERS = """
SELECT w.place, s.id, s.trained_on::text, s.certified_until::text, s.uses_private_device,
    a.code, a.is_listed, a.evaluated_on::text, a.inspected_on::text, a.contract_ends_on::text
FROM unnest(%s::int[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[])
    w (place, login, staff_id, agency_id, lender_id)
LEFT JOIN staff s ON (s.login = w.login OR s.id = w.staff_id) AND s.is_active
    AND s.agency_id IS NOT DISTINCT FROM w.agency_id AND (s.agency_id IS NOT NULL OR s.lender_id = w.lender_id)
LEFT JOIN agency a ON a.id = w.agency_id
WHERE s.id IS NOT NULL OR (w.login IS NULL AND w.staff_id IS NULL)
"""
Wanted = tuple[Bearer, str | None]


def callers_of(wanted: Sequence[Wanted]) -> Question[Mapping[int, Collector]]:
    """The `collector` of the conduct case for each bearer and login, by place; absent where the token has no such staff
    member in service.

    Without a name the law is asked about the lender or agency alone, and holds what it has to know of a person.
    """
    return _callers([(bearer, login, None) for bearer, login in wanted])


def load_caller_again(bearer: Bearer, staff_id: int | None) -> Collector | None:
    """Whoever was named before, as they stand now; None where they are in service no more."""
    return ask(_callers([(bearer, None, staff_id)])).get(0)


def _callers(wanted: Sequence[tuple[Bearer, str | None, int | None]]) -> Question[Mapping[int, Collector]]:
    columns: list[list[object]] = [
        list(range(len(wanted))),
        [login for _, login, _ in wanted],
        [staff_id for _, _, staff_id in wanted],
        [bearer.agency_id for bearer, _, _ in wanted],
        [bearer.lender_id for bearer, _, _ in wanted],
    ]
    return Question(_CALLERS, columns, lambda rows: {row[0]: _caller(wanted[row[0]][0], row[1:]) for row in rows})


def _caller(bearer: Bearer, row: tuple[Any, ...]) -> Collector:
    staff_id, *known = row
    if staff_id is not None:
        return staff_of(staff_id).read([tuple(known)])(bearer.lender)
    if bearer.agency_id is None:
        return staff_of(None).read([])(bearer.lender)
    code, listed, *days = known[3:]
    names = ("evaluated_on", "inspected_on", "contract_ends_on")
    dates = {name: day for name, day in zip(names, days, strict=True) if day is not None}
    return Collector(code, {"kind": "agency", "id": code, "listed": listed, **dates})
