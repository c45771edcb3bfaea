"""The house of a month: a book that is in, seats in teams, agencies with cards and cases, and whoever signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from simulation.place import Place
from simulation.seeding import BOOK, bring_in
from simulation.truth import Truth
from zhizhi.core.placement.rate_card import Tier, card_of_tiers
from zhizhi.gateways.generator.book import Book
from zhizhi.gateways.generator.writing import write_book
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.law.releases import keep_releases
from zhizhi.store.lenders.models import Agency, Staff
from zhizhi.store.lenders.scopes import SCOPE_OF_ROLE
from zhizhi.store.placements.choosing import Criteria
from zhizhi.store.strategy.working import load_lenders
from zhizhi.store.transact.staff import ensure_demonstration_staff, find_staff
from zhizhi.store.viewer import Viewer
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.commission.act import AskRateCard, ask_rate_card
from zhizhi.usecases.defaults import AddDefaults, add_defaults
from zhizhi.usecases.intake.kinds import Kind
from zhizhi.usecases.placements.propose import ProposeBatch, preview_batch, propose_batch
from zhizhi.usecases.strategies import ActivateStrategy, DraftStrategy, activate_strategy, draft_strategy

TEAM, TERM_DAYS = 10, 60
STRATEGY = """
code = "F"
name = { zh = "楼面", en = "Floor" }
[entry]
from_days = -3
tolerance_days = 0
tolerance_minor = 0
[stages]
reminder = -30
early = 1
middle = 31
[[step]]
id = "remind"
days = [-3, 0]
every_days = 3
channel = "sms"
template = "remind-sms"
purpose = "remind"
form = "notification"
hours = ["09:00", "12:00"]
[[step]]
id = "early"
days = [1, 30]
every_days = 7
channel = "sms"
template = "plan-sms"
purpose = "collect"
form = "notification"
hours = ["10:00", "19:00"]
[[step]]
id = "letter"
days = [31, 400]
every_days = 30
channel = "letter"
template = "letter"
purpose = "collect"
form = "notification"
hours = ["10:00", "19:00"]
"""
"""Messages alone: calls are the seats' own."""
CARD = card_of_tiers(
    [(1, 0, 0, Tier(0, 1_000)), (1, 0, 0, Tier(500_000, 1_550)), (1, 60, 0, Tier(0, 2_000))],
    tail_days=7, base_minor=5_000, breach_minor=30_000,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """How large and how long."""

    seed: int
    accounts: int
    seats: int
    agencies: int
    seats_an_agency: int
    days: int
    calls_a_seat: int
    begins_on: date = date(2026, 3, 1)


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who calls, and the eyes with which they read."""

    id: int
    team: str
    viewer: Viewer

    @property
    def agency_id(self) -> int | None:
        """Whose they are; None: the lender's own."""
        return self.viewer.agency_id


@dataclass(frozen=True, slots=True)
class House:
    """Who works in it."""

    place: Place
    lenders: Sequence[int]
    seats: Sequence[Seat]
    leaders: Sequence[Viewer]
    managers: Sequence[Viewer]
    head: Viewer
    supervisor: int
    approver: int
    clerk: int


def open_house(plan: FloorPlan, place: Place, at: datetime) -> House:
    """Bring the book in, give it a strategy, take people on, and put a rate card beside each agency."""
    _bring_book_in(plan, place, at)
    on = plan.begins_on
    supervisor, approver = _known("strategy"), _known("compliance")
    add_defaults(AddDefaults(supervisor, approver), at)
    lenders = [lender for lender, _, _ in load_lenders()]
    for lender in lenders:
        version = draft_strategy(DraftStrategy(lender, STRATEGY, supervisor), at)
        activate_strategy(ActivateStrategy(version, approver), at)
    Staff.objects.using("gate").exclude(role__in=("administrator", "head", "compliance", "supervisor")).update(
        is_active=False
    )  # who stands in the book's file sits at none of the seats of this house
    agencies = _agencies(plan.agencies, on)
    seats, leaders = _own_seats(plan.seats, on)
    managers = [_hire(f"manager{n}", "agency_manager", on, agency=agency) for n, agency in enumerate(agencies)]
    seats += [
        Seat(one.staff_id, f"A{n}", one)
        for n, agency in enumerate(agencies)
        for one in (
            _hire(f"agent{n}-{k}", "agency_collector", on, agency=agency, team=f"A{n}")
            for k in range(plan.seats_an_agency)
        )
    ]
    clerk = _hire("clerk", "settlement_clerk", on).staff_id
    house = House(place, lenders, seats, leaders, managers, viewer_of(_known("head")), supervisor, approver, clerk)
    for agency in agencies:
        for lender in lenders:
            asked = AskRateCard(lender, agency.pk, "CNY", on.replace(day=1), CARD, "年度费率", supervisor)
            approve(house, ask_rate_card(asked, at), at)
    return house


def place_cases(house: House, agencies: Sequence[int], at: datetime) -> None:
    """What is a month late and free goes to the agencies, lender by lender, in equal lots."""
    for lender in house.lenders:
        batch = ProposeBatch(lender, Criteria(31, 400), tuple(agencies), 1, TERM_DAYS, "季度委案", house.supervisor)
        if any(cases for _, cases in preview_batch(batch, at).lots):
            approve(house, propose_batch(batch, at), at)


def approve(house: House, approval_id: int, at: datetime) -> None:
    """The second person's word."""
    standing = load_standing(approval_id)
    assert standing is not None, "asked just now"
    rule(Rule(approval_id, standing.digest, True, house.approver), at)


def _bring_book_in(plan: FloorPlan, place: Place, at: datetime) -> None:
    on, folder, truth = plan.begins_on, place.folder / BOOK, Truth(plan.begins_on, at)
    write_book(Book(Random(plan.seed).randrange(1 << 32), on), folder, plan.accounts)
    for kind in Kind:
        path = folder / f"{kind}.csv"
        if path.exists() and len(path.read_text(encoding="utf-8").splitlines()) > 1:
            bring_in(path, kind, on, on - timedelta(days=1), at, truth)
    keep_releases(at)
    ensure_demonstration_staff("a password nobody types", on)


def _agencies(count: int, on: date) -> list[Agency]:
    return [
        Agency.objects.using("gate").create(
            code=f"F{n}", name=f"楼面外包{n}", is_listed=True, evaluated_on=on - timedelta(days=60),
            inspected_on=on - timedelta(days=20), contract_ends_on=on + timedelta(days=300),
        )
        for n in range(count)
    ]  # fmt: skip


def _own_seats(count: int, on: date) -> tuple[list[Seat], list[Viewer]]:
    seats, leaders = [], []
    for n in range(count):
        team = f"F{n // TEAM + 1}"
        if n % TEAM == 0:
            leaders.append(_hire(f"leader-{team}", "team_leader", on, team=team))
        one = _hire(f"seat{n}", "collector", on, team=team)
        seats.append(Seat(one.staff_id, team, one))
    return seats, leaders


def _hire(login: str, role: str, on: date, *, team: str = "", agency: Agency | None = None) -> Viewer:
    row = Staff.objects.using("gate").create(
        login=login, name=login, role=role, team=team, agency=agency, capacity=10_000, is_admitted=True,
        trained_on=on - timedelta(days=30), certified_until=on + timedelta(days=300), is_synthetic=True,
    )  # fmt: skip
    return viewer_of(row.pk)


def viewer_of(staff_id: int) -> Viewer:
    """The eyes of a member of staff."""
    row = Staff.objects.using("gate").get(pk=staff_id)
    return Viewer(row.pk, SCOPE_OF_ROLE[row.role], row.lender_id, row.agency_id)


def _known(login: str) -> int:
    found = find_staff(login)
    assert found is not None, f"the demonstration has a {login}"
    return found
