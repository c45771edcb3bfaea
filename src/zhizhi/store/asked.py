"""All that proposals ask of the database, in one statement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import chain

from zhizhi.store.channels import AT_A_DESK
from zhizhi.store.contacts.calls import WaitingCall, waiting_calls_of
from zhizhi.store.lenders.acting import Acting, acting_of
from zhizhi.store.lenders.collectors import Collector, staff_of
from zhizhi.store.many import Rows, parts_of_each
from zhizhi.store.people.opened import Addressee, addressee_of
from zhizhi.store.snapshot import FACTS, PersonFacts, facts_of
from zhizhi.store.templates.approved import ApprovedTemplate, approved_for


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of whom and what is asked; `is_call`: of calls of the same staff member to the same point, too."""

    person_id: int
    point_id: int
    template_code: str | None
    staff_id: int
    is_call: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands about one person, wording and staff member; what is not there is absent, the staff member refuses.

    `waiting`: calls that give way to this one; the facts are read as if they were not there.
    """

    facts: PersonFacts | None = field(repr=False)
    templates: Mapping[str, ApprovedTemplate]
    addressee: Addressee | None = field(repr=False)
    collector_for: Callable[[str], Collector]
    acting: Acting | None
    waiting: tuple[WaitingCall, ...]


def load_asked(wanted: Sequence[Wanted]) -> list[Asked]:
    """In their order; all of it stood at one instant: that of the versions which commits compare.

    Refuses: no key service.
    """
    facts = facts_of(dict.fromkeys(one.person_id for one in wanted), wanted[0].at)
    calls = [AT_A_DESK] if any(one.is_call for one in wanted) else []
    each = [
        (str(one.person_id), str(one.point_id), one.template_code, str(one.staff_id), f"u{one.staff_id}")
        for one in wanted
    ]  # as text: a number's size would make another statement of it
    values = [*chain.from_iterable(each), *facts.values, *map(list, calls)]
    found = parts_of_each(_statement(len(wanted), with_calls=bool(calls)), values)
    return [_asked(one, *parts) for one, parts in zip(wanted, found, strict=True)]


def _asked(
    one: Wanted, stood: Rows, named: Rows, approved: Rows, working: Rows, acts: Rows, waits: Rows | None = None
) -> Asked:
    waiting = waiting_calls_of(one.person_id, one.point_id, "").read(waits) if one.is_call and waits else ()
    facts = facts_of([one.person_id], one.at, frozenset(call.permit_id for call in waiting))
    return Asked(
        facts=facts.read(stood).get(one.person_id),
        templates=approved_for(one.person_id, one.template_code).read(approved),
        addressee=addressee_of(one.person_id).read(named).get(one.person_id),
        collector_for=staff_of(one.staff_id).read(working),
        acting=acting_of(one.staff_id).read(acts),
        waiting=waiting,
    )


_COLUMNS = "place, person_id, point_id, code, staff_id, by"
_EACH = "({}, %s::bigint, %s::bigint, %s::text, %s::bigint, %s::text)"


@cache
def _statement(count: int, *, with_calls: bool) -> str:
    """The questions about one, put beside each other for each of so many; facts are asked of all at once."""
    parts = [
        _beside("f", FACTS, on="f.person_id = w.person_id"),
        _beside("a", addressee_of(0).statement, "w.person_id"),
        _beside("t", approved_for(0, "").statement, "w.person_id", "w.code", "w.code"),
        _beside("s", staff_of(0).statement, "w.staff_id"),
        _beside("r", acting_of(0).statement, "w.staff_id"),
    ]
    if with_calls:
        parts.append(_beside("c", waiting_calls_of(0, 0, "").statement, "w.person_id", "w.point_id", "w.by"))
    wanted = ", ".join(_EACH.format(place) for place in range(count))
    shown = "f.*, a.*, t.*, s.*, r.*" + (", c.*" if with_calls else "")
    return f"SELECT {shown} FROM (VALUES {wanted}) w ({_COLUMNS}) {' '.join(parts)} ORDER BY w.place"


def _beside(name: str, asked: str | None, *columns: str, on: str = "true") -> str:
    """What is asked as a part of the statement, with columns of `w` in the places of its first values."""
    assert asked is not None, "a question that is put"
    for column in columns:
        asked = asked.replace("%s", column, 1)
    return f"LEFT JOIN LATERAL (SELECT true AS is_there, q.* FROM ({asked}) q) {name} ON {on}"
