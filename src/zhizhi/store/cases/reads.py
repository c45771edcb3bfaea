"""What screens read about cases: the worklist, one case, its promises, and the codes of notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from zhizhi.core.kernel.text import Text
from zhizhi.store.canaries.looks import tell_found
from zhizhi.store.cases.beside import cases_beside
from zhizhi.store.cases.models import Case, Code, Promise, Stop
from zhizhi.store.keyring import Seal, SearchKeys, list_seal, person_seal
from zhizhi.store.lenders.models import Staff
from zhizhi.store.people.models import Person, Point
from zhizhi.store.people.rows import (
    Masked,
    customer_key,
    id_number_key,
    last_four_key,
    name_key,
    normal_form,
    point_key,
)
from zhizhi.store.select import select
from zhizhi.store.viewer import Viewer

PAGE_ROWS = 50
SEARCH_ROWS_MAX = 100
COUNT_MAX = 1000  # beyond this a screen says "more than"
PROMISES_MAX = 50
CODES_MAX = 500
STOPS_MAX = 50

# Days past due to bucket, as the trade counts them: 30 days each; `M7` is everything from 181 days on.
BUCKETS: dict[str, tuple[int | None, int | None]] = {
    "M0": (None, 0),
    "M1": (1, 30),
    "M2": (31, 60),
    "M3": (61, 90),
    "M4": (91, 120),
    "M5": (121, 150),
    "M6": (151, 180),
    "M7": (181, None),
}


def bucket_of(days_past_due: int) -> str:
    """The bucket of a number of days past due."""
    if days_past_due <= 0:
        return "M0"
    return f"M{min(7, (days_past_due + 29) // 30)}"


def case_numbers(persons: Iterable[int]) -> dict[int, str]:
    """The number of the latest case of each person, where the viewer may see it."""
    cases = Case.objects.filter(person_id__in=list(persons)).order_by("opened_on", "id")
    return dict(cases.values_list("person_id", "number"))


class Sort(StrEnum):
    """The orders of the worklist; each has an index of its own."""

    BALANCE = "balance"
    DAYS = "days"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a worklist is narrowed to; None means everything."""

    lender_id: int | None = None
    stage: str | None = None
    bucket: str | None = None
    queue_id: int | None = None
    collector_id: int | None = None
    agency_id: int | None = None
    product: str | None = None
    stop: str | None = None
    next_step_before: datetime | None = None
    needs_reassigning: bool = False


@dataclass(frozen=True, slots=True)
class After:
    """Where the next page begins: behind the row that has this sorting value and id."""

    value: int | datetime | None
    id: int


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of the worklist; the name and the number are masked."""

    id: int
    person_id: int
    number: str
    name: str
    phone: str
    lender_id: int
    stage: str
    stop: str | None
    days_past_due: int
    balance_minor: int
    currency: str
    product: str
    queue_id: int | None
    collector_id: int | None
    agency_id: int | None
    next_step: str | None
    next_step_at: datetime | None
    latest_contact_at: datetime | None
    closed_on: date | None

    @property
    def bucket(self) -> str:
        """M0 to M7."""
        return bucket_of(self.days_past_due)


_ROW_COLUMNS = (
    "id",
    "person_id",
    "number",
    "masked",
    "lender_id",
    "stage",
    "stop",
    "days_past_due",
    "balance_minor",
    "currency",
    "product",
    "queue_id",
    "collector_id",
    "agency_id",
    "next_step",
    "next_step_at",
    "latest_contact_at",
    "closed_on",
)


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of cases and where the next one begins."""

    rows: list[CaseRow]
    after: After | None


def load_worklist(
    viewer: Viewer, narrowed: CaseFilter, sort: Sort, after: After | None, lenders: Sequence[int] = ()
) -> Worklist:
    """One page of open cases by keyset: the hundredth page costs what the first costs.

    `lenders`: those that a viewer of every lender looks at; each is read by its own index, then they are merged.
    """
    rows = _page(viewer, narrowed, sort, after, lenders)
    if sort is Sort.NEXT and not rows and (after is None or after.value is not None):
        after = After(None, 0)  # behind the cases with a next step come those without
        rows = _page(viewer, narrowed, sort, after, lenders)
    page = rows[:PAGE_ROWS]
    if len(rows) > PAGE_ROWS:
        return Worklist(page, After(_sort_value(page[-1], sort), page[-1].id))
    ends_a_phase = sort is Sort.NEXT and page and page[-1].next_step_at is not None
    return Worklist(page, After(None, 0) if ends_a_phase else None)


def count_worklist(viewer: Viewer, narrowed: CaseFilter) -> int:
    """How many open cases match, counted no further than `COUNT_MAX` + 1."""
    return _matching(viewer, narrowed).order_by()[: COUNT_MAX + 1].count()


def search_cases(viewer: Viewer, written: str, lender_ids: list[int], at: datetime) -> list[CaseRow]:
    """Cases, closed ones too, whose number, or whose person's exact name, number or identity number it is.

    Whom it found is told, so that a canary raises its alarm.
    """
    form = normal_form(written)
    if not form:
        return []
    keys = [SearchKeys(lender_id) for lender_id in lender_ids]
    person = (
        Q(name_key__in=[name_key(key, form) for key in keys])
        | Q(id_number_key__in=[id_number_key(key, form) for key in keys])
        | Q(customer_key__in=[customer_key(key, form) for key in keys])
    )
    point = Q(value_key__in=[point_key(key, form) for key in keys])
    if len(form) == 4 and form[:3].isdigit():
        fours = [last_four_key(key, form) for key in keys]
        person, point = person | Q(last_four_key__in=fours), point | Q(last_four_key__in=fours)
    opened = _found(form, person, point)
    tell_found([row.number for row in opened], viewer.staff_id, "search", at)
    return opened


def _found(form: str, person: Q, point: Q) -> list[CaseRow]:
    """Cases of that number, or of persons that one of the questions finds; cases beside them are judged with them."""
    beside = cases_beside()
    # read first: beside numbers in one condition, a question for persons makes the database read every case
    persons = set(Person.objects.filter(person | Q(id__in=beside.persons)).values_list("id", flat=True))
    persons |= set(Point.objects.filter(point | Q(person_id__in=beside.persons)).values_list("person_id", flat=True))
    wanted = Q(number__in=[form, *beside.numbers]) | Q(person_id__in=sorted(persons))
    cases = Case.objects.filter(wanted).order_by("-opened_on", "id").values_list(*_ROW_COLUMNS)
    opened = _opened(cases[: SEARCH_ROWS_MAX + len(beside.persons)])
    if seen := {row.person_id for row in opened} & set(beside.persons):
        asked = set(Person.objects.filter(person, id__in=seen).values_list("id", flat=True))
        asked |= set(Point.objects.filter(point, person_id__in=seen).values_list("person_id", flat=True))
        opened = [row for row in opened if row.person_id not in seen - asked or row.number == form]
    return opened[:SEARCH_ROWS_MAX]


def _page(
    viewer: Viewer, narrowed: CaseFilter, sort: Sort, after: After | None, lenders: Sequence[int]
) -> list[CaseRow]:
    cases = _matching(viewer, narrowed)
    if sort is Sort.NEXT:
        without = after is not None and after.value is None
        cases = cases.filter(next_step_at__isnull=without)
    if after is not None:
        cases = cases.filter(_behind(sort, after))
    order = {Sort.BALANCE: "-balance_minor", Sort.DAYS: "-days_past_due", Sort.NEXT: "next_step_at"}[sort]
    page = cases.order_by(order, "id").values_list(*_ROW_COLUMNS)
    if len(lenders) > 1 and viewer.scope == "lender" and viewer.lender_id is None and narrowed.lender_id is None:
        first, *others = (page.filter(lender_id=lender)[: PAGE_ROWS + 1] for lender in lenders)
        page = first.union(*others, all=True).order_by(order, "id")
    return _opened(page[: PAGE_ROWS + 1])


def _behind(sort: Sort, after: After) -> Q:
    if after.value is None:
        return Q(id__gt=after.id)
    column, beyond = {
        Sort.BALANCE: ("balance_minor", "lt"),
        Sort.DAYS: ("days_past_due", "lt"),
        Sort.NEXT: ("next_step_at", "gt"),
    }[sort]
    # the first condition is what the index can use, the second cuts the rows of equal value
    reach = Q(**{f"{column}__{beyond}e": after.value})
    return reach & (Q(**{f"{column}__{beyond}": after.value}) | Q(id__gt=after.id))


def _sort_value(row: CaseRow, sort: Sort) -> int | datetime | None:
    return {Sort.BALANCE: row.balance_minor, Sort.DAYS: row.days_past_due, Sort.NEXT: row.next_step_at}[sort]


def _matching(viewer: Viewer, narrowed: CaseFilter) -> QuerySet[Case]:
    """Open cases by the filter. What row-level security says is said again in plain columns: so an index serves it."""
    own: dict[str, object] = {}
    if viewer.scope == "lender" and viewer.lender_id is not None and narrowed.lender_id is None:
        own["lender_id"] = viewer.lender_id  # an administrator's is None: of all lenders
    if viewer.scope == "agency":
        own["agency_id"] = viewer.agency_id
    if viewer.scope == "self":
        own["collector_id"] = viewer.staff_id
    cases = Case.objects.filter(**(conditions_of(narrowed) | own))
    return cases.filter(_LOST_ITS_COLLECTOR) if narrowed.needs_reassigning else cases


# Of a collector who left, or who works for another agency or lender now, so that nobody sees the case as the own.
_THERE = Staff.objects.annotate(of=Coalesce("agency_id", 0)).filter(
    Q(lender_id=None) | Q(lender_id=OuterRef("lender_id")),
    pk=OuterRef("collector_id"),
    is_active=True,
    of=Coalesce(OuterRef("agency_id"), 0),
)
_LOST_ITS_COLLECTOR = Q(collector_id__isnull=False) & ~Exists(_THERE)


def conditions_of(narrowed: CaseFilter) -> dict[str, object]:
    """A filter as conditions on the columns of open cases."""
    wanted: dict[str, object] = {
        "lender_id": narrowed.lender_id,
        "agency_id": narrowed.agency_id,
        "collector_id": narrowed.collector_id,
        "stage": narrowed.stage,
        "queue_id": narrowed.queue_id,
        "product": narrowed.product,
        "stop": narrowed.stop,
        "next_step_at__lt": narrowed.next_step_before,
    }
    if narrowed.bucket is not None:
        first, last = BUCKETS[narrowed.bucket]
        wanted |= {"days_past_due__gte": first, "days_past_due__lte": last}
    return {"closed_on": None} | {column: value for column, value in wanted.items() if value is not None}


def _opened(rows: Any) -> list[CaseRow]:
    seals: dict[int, Seal] = {}
    opened = []
    for case_id, person_id, number, masked, lender_id, *rest in rows:
        seal = seals.setdefault(lender_id, list_seal(lender_id))
        shown = Masked.open(seal, masked, person_id)
        opened.append(CaseRow(case_id, person_id, number, shown.name, shown.number, lender_id, *rest))
    return opened


@dataclass(frozen=True, slots=True)
class CaseHead:
    """The head of a case, and the person's key, with which the rest of the screen is opened.

    `days_past_due` and `stage` are those of the day `aged_on`, the last that was worked.
    """

    id: int
    person_id: int
    number: str
    stage: str
    stop: str | None
    is_lost_contact: bool
    days_past_due: int
    balance_minor: int
    currency: str
    product: str
    opened_on: date
    closed_on: date | None
    exit: str | None
    next_step: str | None
    next_step_at: datetime | None
    assigned_because: str
    team: str
    person_state: str
    lender_id: int
    lender_name: str
    profile: str
    queue_name: str
    hand: str
    agency_name: str
    collector_id: int | None
    collector_name: str
    leaves: int
    aged_on: date
    language: str
    name: str
    phone: str
    seal: Seal | None = field(repr=False)

    @property
    def bucket(self) -> str:
        """M0 to M7."""
        return bucket_of(self.days_past_due)


_HEAD = """
SELECT c.id, c.person_id, c.number, c.stage, c.stop, c.is_lost_contact, c.days_past_due, c.balance_minor,
    c.currency, c.product,
       c.opened_on, c.closed_on, c.exit, c.next_step, c.next_step_at, c.assigned_because, c.team, p.state,
           c.lender_id, l.name, l.profile,
       coalesce(q.name, ''), coalesce(q.hand, ''), coalesce(a.name, ''), c.collector_id, coalesce(s.name, ''),
       (SELECT count(*) FROM leaf f WHERE f.source_person_id = c.person_id), c.aged_on,
       coalesce(c.language, 'zh'), c.masked, p.data_key
FROM (SELECT * FROM collection_case WHERE number = ANY (%(numbers)s) OFFSET 0) c
JOIN person p ON p.id = c.person_id
JOIN lender l ON l.id = c.lender_id
LEFT JOIN queue q ON q.id = c.queue_id
LEFT JOIN agency a ON a.id = c.agency_id
LEFT JOIN staff s ON s.id = c.collector_id
WHERE c.number = %(number)s
"""


def access_case(number: str) -> CaseHead | None:
    """The head of a case that this viewer may see; None where there is none for these eyes."""
    for row in select(_HEAD, {"number": number, "numbers": [number, *cases_beside().numbers]}):
        *plain, masked, data_key = row
        shown = Masked.open(list_seal(row[18]), bytes(masked), row[1])
        seal = person_seal(data_key) if data_key is not None else None
        head: tuple[Any, ...] = (*plain, shown.name, shown.number, seal)
        return CaseHead(*head)
    return None


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """承诺还款 on the case screen."""

    promised_at: datetime
    due_on: date
    amount_minor: int
    paid_minor: int
    state: str


def load_promises(person_id: int) -> list[PromiseRow]:
    """The promises of a person, the open ones first."""
    rows = Promise.objects.filter(person_id=person_id).order_by("-due_on", "-id")
    columns = ("promised_at", "due_on", "amount_minor", "paid_minor", "state")
    return [PromiseRow(*row) for row in rows.values_list(*columns)[:PROMISES_MAX]]


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code of the notes in its newest version."""

    list: str
    code: str
    text: Text


def load_codes() -> list[CodeRow]:
    """The newest version of every list of codes, in the order of each list."""
    rows = Code.objects.order_by("list", "-version", "position").values_list("list", "version", "code", "zh", "en")
    newest: dict[str, int] = {}
    kept = []
    for name, version, code, zh, en in rows[:CODES_MAX]:
        if newest.setdefault(name, version) == version:
            kept.append(CodeRow(name, code, Text(zh, en)))
    return kept


@dataclass(frozen=True, slots=True)
class StopRow:
    """停催 in force on the case screen."""

    id: int
    kind: str
    from_at: datetime
    until_at: datetime | None
    ground: str


def load_stops(person_id: int, at: datetime) -> list[StopRow]:
    """The stops in force at an instant, the newest first."""
    rows = Stop.objects.filter(person_id=person_id, lifted_at=None).exclude(until_at__lte=at).order_by("-from_at", "id")
    return [StopRow(*row) for row in rows.values_list("id", "kind", "from_at", "until_at", "ground")[:STOPS_MAX]]
