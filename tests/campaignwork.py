"""What tests of campaigns do over and over: a book with open cases, a campaign, chunks, and what is sent."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from book import TODAY, Borrower, make_borrower
from gatework import TEN, ToldChannel, rows
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.campaigns.terms import CampaignTerms, load_terms
from zhizhi.store.campaigns.window import Window
from zhizhi.store.cases.reads import CaseFilter
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.ageing import EntryRules, age_book
from zhizhi.store.transact.claims import CLAIM_MAX
from zhizhi.usecases.campaigns.making import MakeCampaign, make_campaign
from zhizhi.usecases.campaigns.running import StepCampaign, step_campaign
from zhizhi.usecases.claim_contacts import claim_campaign_contacts

NINE, SIX_PM = 9 * 60, 18 * 60
EVERYBODY = CaseFilter()
STAGES = ((1, "early"), (61, "middle"))


def open_cases(lender: Lender, borrowers: Sequence[Borrower]) -> None:
    """Every borrower of the lender who is overdue gets an open case."""
    with transaction.atomic(using="gate"):
        age_book(lender.pk, EntryRules(1, 0, 0, STAGES), TODAY, TEN - timedelta(hours=2))
    persons = [one.person for one in borrowers]
    (found,) = rows("SELECT count(*) FROM collection_case WHERE closed_on IS NULL AND person_id = ANY (%s)", persons)
    assert found == (len(persons),)


def book_of(lender: Lender, first: int, count: int) -> list[Borrower]:
    """So many borrowers with open cases."""
    borrowers = [make_borrower(lender, n) for n in range(first, first + count)]
    open_cases(lender, borrowers)
    return borrowers


def draft(lender: Lender, by: int, *, until_on: date = TODAY, per_second: int | None = None, **more: object) -> int:
    """A campaign by SMS for every open case of the lender, today from nine to six."""
    values: dict[str, object] = {
        "lender_id": lender.pk, "name": "晨间提醒", "template_code": "plan-sms", "purpose": "collect",
        "window": Window(TODAY, until_on, NINE, SIX_PM), "per_second": per_second, "chosen": EVERYBODY, "listed": None,
        "by": by, **more,
    }  # fmt: skip
    return make_campaign(MakeCampaign(**values), TEN - timedelta(hours=1))  # type: ignore[arg-type]  # as named


def running(lender: Lender, by: int, **more: object) -> CampaignTerms:
    """The same, started."""
    campaign = draft(lender, by, **more)  # type: ignore[arg-type]  # as named
    step(campaign, "started", by)
    return terms_of(campaign)


def step(campaign: int, what: str, by: int, at: datetime = TEN) -> None:
    """Start, pause, resume or cancel."""
    step_campaign(StepCampaign(campaign, what, by), at)


def terms_of(campaign: int) -> CampaignTerms:
    """The campaign as workers see it now."""
    terms = load_terms(campaign)
    assert terms is not None
    return terms


def send(channel: ToldChannel, at: datetime = TEN, worker: str = "test", *, limit: int = CLAIM_MAX) -> int:
    """What workers hand over for campaigns at an instant that stands still; answers how many."""
    outbox = Outbox({"sink": {"sms": channel}}, worker, monotonic=lambda: 0.0)
    return outbox.send(claim_campaign_contacts, at, limit=limit)


def targets(campaign: int) -> dict[str, int]:
    """Persons by state."""
    return dict(rows("SELECT state, count(*) FROM campaign_target WHERE campaign_id = %s GROUP BY 1", campaign))


def deliveries(campaign: int) -> dict[str, int]:
    """Deliveries by state."""
    return dict(rows("SELECT state, count(*) FROM delivery WHERE campaign_id = %s GROUP BY 1", campaign))
