"""The books that scenes are copied from: messages that wait, a day that wishes for some, a campaign that runs."""

from datetime import timedelta

from book import Borrower, make_borrower, make_lender, make_staff
from filed import file_everything
from gatework import TEN
from zhizhi.store.campaigns.window import Window
from zhizhi.store.cases.reads import CaseFilter
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys, person_seal
from zhizhi.store.people.models import Person, Point
from zhizhi.store.people.rows import point_key, seal_point
from zhizhi.store.transact.ageing import EntryRules, age_book
from zhizhi.usecases.campaigns.making import MakeCampaign, make_campaign
from zhizhi.usecases.campaigns.running import StepCampaign, step_campaign
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact

MESSAGES = 3  # of a scene: one before, one at, one after the fault
DUE_DAYS = (-3, 0, 2, 4, 6, 14, 22, 33, 35)  # past due, at which the default strategy wishes for something
MEMBERS = 20  # of a campaign
PER_SECOND = 5  # it goes on for a few seconds, so that there is something left to hold up
HEAD = "head-FAULT"  # runs the campaign
OPENS, CLOSES = 9 * 60, 18 * 60


def write_book(channel: str) -> None:
    """A few messages that are permitted and wait."""
    lender = make_lender("FAULT")
    if channel == "sms":
        file_everything(lender, TEN)
    by = make_staff("desk", "supervisor", lender).pk  # sees every case of the lender
    persons = [make_borrower(lender, n) for n in range(MESSAGES)]
    age_book(lender.pk, EntryRules(-3, 0, 0, ((-30, "reminder"), (4, "early"))), TEN.date(), TEN)
    for n, who in enumerate(persons):
        point = who.mobile if channel == "sms" else _mailbox(who, SearchKeys(lender.pk), n)
        wish = ProposeContact(who.person, who.party, point, channel, "notification", "collect", f"plan-{channel}", by)
        proposed = propose_contact(wish, TEN)
        assert proposed.permit_id is not None, proposed.decision


def write_book_of_day() -> None:
    """Nothing waits yet: a day's run will wish for it."""
    lender = make_lender("FAULT")
    make_staff("collector", "collector", lender, capacity=5)
    for n, days in enumerate(DUE_DAYS):
        make_borrower(lender, n, due_on=TEN.date() - timedelta(days=days))


def write_campaign() -> None:
    """A campaign that was started a moment ago, for so many persons."""
    lender = make_lender("FAULT")
    file_everything(lender, TEN)
    make_staff("collector", "collector", lender, capacity=MEMBERS)
    by = make_staff(HEAD, "head", lender).pk
    for n in range(MEMBERS):
        make_borrower(lender, n)
    age_book(lender.pk, EntryRules(-3, 0, 0, ((-30, "reminder"), (4, "early"))), TEN.date(), TEN)
    window = Window(TEN.date(), TEN.date(), OPENS, CLOSES)
    wish = MakeCampaign(lender.pk, "群发", "plan-sms", "collect", window, PER_SECOND, CaseFilter(), None, by)
    step_campaign(StepCampaign(make_campaign(wish, TEN), "started", by), TEN)


def _mailbox(who: Borrower, keys: SearchKeys, n: int) -> int:
    seal = person_seal(Person.objects.using("gate").get(id=who.person).data_key)
    (point,) = ids.take_many(1)
    address = f"nobody{n}@mail.example"
    Point.objects.using("gate").create(
        person_id=who.person, id=point, party_id=who.party, kind="email", sealed=seal_point(seal, address, point),
        value_key=point_key(keys, address), last_four_key=0, is_reserved=True, source="contract",
    )  # fmt: skip
    return point
