"""What tests of placements do over and over: a floor with two agencies, cases to place, a batch of two persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import TEN, rows
from leasework import NUMBERS
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.ids import ids
from zhizhi.store.keyring import list_seal
from zhizhi.store.models import Agency, Case, Lender
from zhizhi.store.people.rows import Masked
from zhizhi.store.placements.choosing import Criteria
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.placements.propose import ProposeBatch, propose_batch

EVERY = Criteria(1, 400)


@dataclass(frozen=True)
class Floor:
    """A lender, two agencies with their managers, and who asks and approves."""

    lender: Lender
    agencies: tuple[Agency, Agency]
    asks: int
    approves: int
    managers: tuple[int, int]
    collector: int


@dataclass(frozen=True)
class Placed:
    """A person with an open case of the lender's own."""

    who: Borrower
    case_id: int
    number: str

    @property
    def agency(self) -> int | None:
        """With whom the case is now."""
        ((agency,),) = rows("SELECT agency_id FROM collection_case WHERE id = %s", self.case_id)
        assert agency is None or isinstance(agency, int)
        return agency


def make_agency(code: str) -> Agency:
    """One that may get cases."""
    return Agency.objects.using("gate").create(
        code=code,
        name=f"外包{code}",
        is_listed=True,
        evaluated_on=TODAY - timedelta(days=60),
        inspected_on=TODAY - timedelta(days=20),
        contract_ends_on=TODAY + timedelta(days=300),
    )


def make_floor(code: str = "L1") -> Floor:
    """Fill a database."""
    lender = make_lender(code)
    agencies = make_agency(f"{code}-A1"), make_agency(f"{code}-A2")
    managers = []
    for agency in agencies:
        manager = make_staff(f"manager-{agency.code}", "agency_manager")
        manager.agency = agency
        manager.save(using="gate")
        managers.append(manager.pk)
    agent = make_staff(f"agent-{code}", "agency_collector")
    agent.agency = agencies[0]
    agent.save(using="gate")
    asks, approves = (make_staff(f"{name}-{code}", name, lender).pk for name in ("supervisor", "compliance"))
    return Floor(lender, agencies, asks, approves, (managers[0], managers[1]), agent.pk)


def make_case(lender: Lender, *, days: int = 70, balance_minor: int = 123_456) -> Placed:
    """A borrower with an open case of the lender's own."""
    who = make_borrower(lender, next(NUMBERS), amount_minor=balance_minor, due_on=TODAY - timedelta(days=days))
    case_id = ids.take()
    Case.objects.using("gate").create(
        person_id=who.person,
        id=case_id,
        number=f"C-{who.person}",
        lender_id=lender.pk,
        stage="middle",
        days_past_due=days,
        balance_minor=balance_minor,
        product="instalment_loan",
        masked=Masked("测**", "100****").seal(list_seal(lender.pk), who.person),
        opened_on=TODAY,
        aged_on=TODAY,
    )
    return Placed(who, case_id, f"C-{who.person}")


def propose(floor: Floor, agencies: Sequence[Agency] | None = None, *, hand: int = 1, criteria: Criteria = EVERY,
            term_days: int = 90, at: datetime = TEN) -> int:  # fmt: skip
    """Ask for a batch; answers the request."""
    to = tuple(one.pk for one in agencies or floor.agencies)
    return propose_batch(ProposeBatch(floor.lender.pk, criteria, to, hand, term_days, "季度委案", floor.asks), at)


def approve(floor: Floor, approval_id: int, at: datetime = TEN) -> None:
    """The second person's word."""
    standing = load_standing(approval_id)
    assert standing is not None
    rule(Rule(approval_id, standing.digest, True, floor.approves), at)


def place(floor: Floor, *agencies: Agency, hand: int = 1, at: datetime = TEN, term_days: int = 90,
          criteria: Criteria = EVERY) -> None:  # fmt: skip
    """Everything that is free goes to agencies."""
    approve(floor, propose(floor, agencies or None, hand=hand, at=at, term_days=term_days, criteria=criteria), at)


def work(floor: Floor, *cases: Placed) -> None:
    """As the agency's own assignment does: its collector has the cases."""
    for case in cases:
        Case.objects.using("gate").filter(id=case.case_id).update(collector_id=floor.collector)


def states_of(case: Placed) -> list[tuple[int, str, str | None]]:
    """The placements of a case in their order: agency, state, why it was left out."""
    return rows("SELECT agency_id, state, left_out_because FROM placement WHERE case_id = %s ORDER BY id", case.case_id)


def due_of(case: Placed) -> date:
    """The last day of what stands."""
    ((due_on,),) = rows("SELECT due_on FROM placement WHERE case_id = %s AND state = 'placed'", case.case_id)
    assert isinstance(due_on, date)
    return due_on
