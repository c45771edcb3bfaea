"""All that one proposal asks of the database, in one statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.store.lenders.collectors import Collector, staff_of
from zhizhi.store.many import row_of_each
from zhizhi.store.people.opened import Addressee, addressee_of
from zhizhi.store.snapshot import PersonFacts, facts_of
from zhizhi.store.templates.approved import ApprovedTemplate, approved_for


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands about one person, wording and staff member; what is not there is absent, the staff member refuses."""

    facts: PersonFacts | None = field(repr=False)
    templates: Mapping[str, ApprovedTemplate]
    addressees: Mapping[int, Addressee] = field(repr=False)
    collector_for: Callable[[str], Collector]


def load_asked(
    person_id: int, template_code: str | None, staff_id: int, at: datetime, without_permits: frozenset[int]
) -> Asked:
    """All of it stood at one instant: that of the version which the commit compares. Refuses: no key service."""
    facts = facts_of([person_id], at, without_permits)
    templates = approved_for(person_id, template_code)
    addressees = addressee_of(person_id)
    staff = staff_of(staff_id)
    stood, named, approved, working = row_of_each(facts, addressees, templates, staff)
    return Asked(
        facts=facts.read(stood).get(person_id),
        templates=templates.read(approved),
        addressees=addressees.read(named),
        collector_for=staff.read(working),
    )
