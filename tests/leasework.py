"""What tests of leases do over and over: a book with cases, a token, a request for one person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import TEN
from zhizhi.store.ids import ids
from zhizhi.store.leases.answers import Asked
from zhizhi.store.leases.candidates import Named
from zhizhi.store.leases.tokens import Bearer, create_token, load_bearer
from zhizhi.store.models import Agency, Case, Lender
from zhizhi.usecases.lease import LeasePermits, lease_permits

SCOPES = ("lease", "lease.number")
KEYS = (f"key-{n}" for n in count())
NUMBERS = count()


@dataclass(frozen=True)
class Desk:
    """A lender, an agency, and one staff member of each, who are named as callers."""

    lender: Lender
    agency: Agency
    caller: str = "collector"
    agency_caller: str = "agent"


@dataclass(frozen=True)
class Placed:
    """A person with an open case."""

    who: Borrower
    case: str


def make_desk() -> Desk:
    """The book of a module."""
    lender = make_lender()
    agency = Agency.objects.using("gate").create(
        code="A1",
        name="外包甲",
        is_listed=True,
        evaluated_on=TODAY - timedelta(days=60),
        inspected_on=TODAY - timedelta(days=20),
        contract_ends_on=TODAY + timedelta(days=300),
    )
    make_staff("collector", "collector", lender, 50)
    agent = make_staff("agent", "agency_collector")
    agent.agency = agency
    agent.save(using="gate")
    return Desk(lender, agency)


def place(desk: Desk, *, at_agency: bool = False) -> Placed:
    """A borrower with an open case."""
    who = make_borrower(desk.lender, next(NUMBERS))
    number = f"C-{who.person}"
    Case.objects.using("gate").create(
        person_id=who.person,
        id=ids.take(),
        number=number,
        lender_id=desk.lender.pk,
        agency_id=desk.agency.pk if at_agency else None,
        stage="early",
        days_past_due=12,
        balance_minor=123_456,
        product="instalment_loan",
        masked=b"",
        opened_on=TODAY,
        aged_on=TODAY,
    )
    return Placed(who, number)


def secret_of(desk: Desk, *, agency: bool = False, scopes: tuple[str, ...] = SCOPES, at: datetime = TEN) -> str:
    """A fresh token."""
    _, secret = create_token(
        "dialler", desk.lender.code, desk.agency.code if agency else None, scopes,
        expires_at=at + timedelta(days=30), at=at,
    )  # fmt: skip
    return secret


def bearer_of(desk: Desk, *, agency: bool = False, scopes: tuple[str, ...] = SCOPES) -> Bearer:
    """Who a fresh token is."""
    bearer = load_bearer(secret_of(desk, agency=agency, scopes=scopes), TEN)
    assert bearer is not None
    return bearer


def wanted(bearer: Bearer, *placed: Placed | Named, seconds: int = 60, key: str | None = None,
           caller: str | None = "collector", campaign: str = "morning", script: str = "call-plan",
           said: bytes = b"test", goes_from: str | None = None) -> LeasePermits:  # fmt: skip
    """A request for some persons."""
    return LeasePermits(
        bearer=bearer,
        campaign=campaign,
        seconds=seconds,
        script=script,
        caller=caller,
        purpose="collect",
        persons=tuple(Named(case=one.case) if isinstance(one, Placed) else one for one in placed),
        asked=Asked(bearer.token_id, key or next(KEYS), said),
        goes_from=goes_from,
    )


def lease(bearer: Bearer, *placed: Placed, at: datetime = TEN, **terms: Any) -> list[dict[str, Any]]:
    """Ask for some persons; answers what each was told."""
    answers: list[dict[str, Any]] = lease_permits(wanted(bearer, *placed, **terms), at)["leases"]
    return answers
