"""A canary is planted: the rows that somebody real would have, formed after an open case of the same place."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import connections

from zhizhi.store.canaries.models import Canary
from zhizhi.store.cases.models import Case, Stop
from zhizhi.store.debts.models import Debt, Entry, Instalment
from zhizhi.store.ids import ids
from zhizhi.store.keyring import Seal, SearchKeys, list_seal, new_person_key
from zhizhi.store.many import insert_many
from zhizhi.store.people.models import Party, Person, Point
from zhizhi.store.people.rows import (
    Masked,
    PartySecrets,
    PersonSecrets,
    customer_key,
    id_number_key,
    last_four_key,
    mask_name,
    mask_number,
    name_key,
    point_key,
    seal_account_number,
    seal_point,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose book, and which agency's part of it; `approval_id` says who agreed."""

    lender_id: int
    agency_id: int | None
    approval_id: int


@dataclass(frozen=True, slots=True)
class Shape:
    """How a real open case of the place looks; nothing of it names its person."""

    product: str
    currency: str
    stage: str
    days_past_due: int
    balance_minor: int
    queue_id: int | None
    collector_id: int | None
    team: str
    aged_on: date
    import_id: int | None
    created_at: datetime
    rate_annual: Decimal | None
    is_synthetic: bool


@dataclass(frozen=True, slots=True)
class Invented:
    """Somebody who cannot exist. PII: none."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    mobile: str = field(repr=False)
    customer_number: str = field(repr=False)
    account_number: str = field(repr=False)
    balance_minor: int


STOP_KIND, STOP_GROUND, STOP_SET_BY = "no_contact_order", "客户书面要求不再联系，已核", "import"

_SHAPES = """
SELECT c.product, c.currency, c.stage, c.days_past_due, c.balance_minor, c.queue_id, c.collector_id, c.team, c.aged_on,
    p.import_id, p.created_at, (SELECT max(d.rate_annual) FROM debt d WHERE d.person_id = c.person_id), l.is_synthetic
FROM collection_case c JOIN person p ON p.id = c.person_id JOIN lender l ON l.id = c.lender_id
WHERE c.lender_id = %s AND c.closed_on IS NULL AND c.agency_id IS NOT DISTINCT FROM %s AND c.days_past_due > 0
  AND NOT EXISTS (SELECT 1 FROM canary k WHERE k.person_id = c.person_id)
ORDER BY random() LIMIT %s
"""


def load_shapes(place: Place, count: int) -> list[Shape]:
    """So many open cases of the place, picked at random; fewer where it has fewer."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_SHAPES, [place.lender_id, place.agency_id, count])
        return [Shape(*row) for row in cursor.fetchall()]


def plant(place: Place, shape: Shape, invent: Callable[[Shape], Invented], at: datetime) -> int:
    """Insert somebody, in the open transaction of the approval; answers the person.

    Of the imported file only the person's row tells, as the timeline does: a file that is withdrawn takes its debts
    back, and a canary stays.
    """
    who = invent(shape)
    person_id, party, point, debt, instalment, entry, case, stop = ids.take_many(8)
    keys, (wrapped, seal) = SearchKeys(place.lender_id), new_person_key()
    masked = Masked(mask_name(who.name), mask_number(who.mobile)).seal(list_seal(place.lender_id), person_id)
    _add_person(who, place, shape, (person_id, party, point), keys, (wrapped, seal, masked))
    _add_debt(who, place, shape, (person_id, debt, instalment, entry), keys, seal)
    Case.objects.using("gate").create(
        person_id=person_id, id=case, number=_next_number(shape.aged_on), lender_id=place.lender_id,
        agency_id=place.agency_id, queue_id=shape.queue_id, collector_id=shape.collector_id, team=shape.team,
        stage=shape.stage, stop=STOP_KIND, days_past_due=shape.days_past_due, balance_minor=who.balance_minor,
        currency=shape.currency, product=shape.product, masked=masked, opened_on=shape.aged_on, aged_on=shape.aged_on,
    )  # fmt: skip
    Stop.objects.using("gate").create(
        person_id=person_id, id=stop, kind=STOP_KIND, from_at=at, ground=STOP_GROUND, set_by=STOP_SET_BY
    )
    _assign(place, shape, person_id, case)
    Canary.objects.using("gate").create(
        person_id=person_id,
        lender_id=place.lender_id,
        agency_id=place.agency_id,
        approval_id=place.approval_id,
        planted_at=at,
    )
    return person_id


# The morning of the day on which its case opened gave it to its collector, after the others of that day, so that no two
# cases had the same place. What the assignment committed to (counts, digest) stays: the line is to be read, and moves
# nothing.
_ASSIGN = """
INSERT INTO assignment_move (person_id, id, assignment_id, case_id, at, agency_id, from_id, to_id, why, home_before,
    home_after, held_since_before, held, capacity, among, unplaced)
SELECT %(person)s, %(id)s, a.id, %(case)s, a.at, %(agency)s, NULL, %(collector)s, 'new', NULL, NULL, NULL,
    d.cases + (SELECT count(*) FROM assignment_move m JOIN canary k ON k.person_id = m.person_id
        WHERE m.assignment_id = a.id AND m.to_id = %(collector)s), d.capacity,
    coalesce((SELECT m.among FROM assignment_move m WHERE m.assignment_id = a.id AND m.why = 'new'
                AND m.to_id IS NOT NULL AND m.agency_id IS NOT DISTINCT FROM %(agency)s ORDER BY m.id DESC LIMIT 1), 1),
    NULL
FROM assignment a JOIN assignment_desk d ON d.assignment_id = a.id AND d.staff_id = %(collector)s
WHERE a.lender_id = %(lender)s AND a.kind = 'morning' AND a."on" = %(on)s ORDER BY a.id DESC LIMIT 1
RETURNING held, capacity
"""


def _assign(place: Place, shape: Shape, person_id: int, case_id: int) -> None:
    """Say why its collector has it, where a morning of assignment was; cases of before say nothing either."""
    if shape.collector_id is None:
        return
    values = {
        "person": person_id,
        "id": ids.take(),
        "case": case_id,
        "agency": place.agency_id,
        "collector": shape.collector_id,
        "lender": place.lender_id,
        "on": shape.aged_on,
    }
    with connections["gate"].cursor() as cursor:
        cursor.execute(_ASSIGN, values)
        figures = cursor.fetchone()
    if figures is not None:
        because = "{}/{} cases".format(*figures)
        Case.objects.using("gate").filter(person_id=person_id, id=case_id).update(
            assigned_because=because, held_since=shape.aged_on
        )


def _add_person(
    who: Invented,
    place: Place,
    shape: Shape,
    places: tuple[int, int, int],
    keys: SearchKeys,
    sealed: tuple[bytes, Seal, bytes],
) -> None:
    person_id, party, point = places
    wrapped, seal, masked = sealed
    person = Person(
        id=person_id,
        lender_id=place.lender_id,
        subject=uuid4(),
        identity_key=keys.identity("id_number", who.id_number),
        customer_key=customer_key(keys, who.customer_number),
        name_key=name_key(keys, who.name),
        id_number_key=id_number_key(keys, who.id_number),
        last_four_key=last_four_key(keys, who.id_number),
        data_key=wrapped,
        sealed=PersonSecrets(who.name, who.id_number, who.customer_number).seal(seal, person_id),
        masked=masked,
        time_zones=["Asia/Shanghai"],
        import_id=shape.import_id,
        created_at=shape.created_at,
    )
    owing = Party(person_id=person_id, id=party, role="debtor", sealed=PartySecrets(who.name).seal(seal, party))
    reserved = Point(
        person_id=person_id, id=point, party_id=party, kind="mobile", sealed=seal_point(seal, who.mobile, point),
        value_key=point_key(keys, who.mobile), last_four_key=last_four_key(keys, who.mobile), is_reserved=True,
        source="contract",
    )  # fmt: skip
    insert_many([person], [owing], [reserved])


def _add_debt(
    who: Invented, place: Place, shape: Shape, places: tuple[int, int, int, int], keys: SearchKeys, seal: Seal
) -> None:
    person_id, debt, instalment, entry = places
    due_on = shape.aged_on - timedelta(days=shape.days_past_due)
    owed = Debt(
        person_id=person_id, id=debt, lender_id=place.lender_id,
        account_key=keys.identity("account", who.account_number),
        sealed=seal_account_number(seal, who.account_number, debt), product=shape.product, currency=shape.currency,
        state="overdue", opened_on=due_on - timedelta(days=365), oldest_unpaid_due_on=due_on,
        principal_minor=who.balance_minor, balance_minor=who.balance_minor, rate_annual=shape.rate_annual,
        agency_id=place.agency_id, as_of_on=shape.aged_on, row_digest=uuid4().bytes,
    )  # fmt: skip
    due = Instalment(
        person_id=person_id, id=instalment, debt_id=debt, n=1, due_on=due_on, amount_minor=who.balance_minor
    )
    opening = Entry(
        person_id=person_id, id=entry, debt_id=debt, at=shape.created_at, on=shape.aged_on, kind="opening",
        component="principal", is_credit=False, amount_minor=who.balance_minor,
    )  # fmt: skip
    insert_many([owed], [due], [opening])


def _next_number(on: date) -> str:
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "SELECT 'C-' || to_char(%s::date, 'YYYY') || '-' || lpad(nextval('case_number')::text, 6, '0')", [on]
        )
        return str(cursor.fetchone()[0])
