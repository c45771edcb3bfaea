"""A book with somebody of every role, and a case of every kind that somebody may or may not see."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from gatework import rows
from web.book import AT, make_case, password_hash
from zhizhi.store.ids import ids
from zhizhi.store.models import Agency, Hold, Lender, Party, Point, Queue, Staff, Stop
from zhizhi.store.words import STAFF_ROLES
from zhizhi.usecases.defaults import AddDefaults, add_defaults
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact
from zhizhi.web.shared import clock

NAME = "欧阳测试"


@dataclass(frozen=True)
class Row:
    """A case, and the ids of what hangs on it."""

    number: str
    person: int
    decision: int
    hold: int
    stop: int


# case: the login of its collector, whether it is placed, the queue, the stop in force, and whether it is closed
CASES: dict[str, tuple[str, str | None, str, str | None, bool]] = {
    "own": ("collector", None, "Q1", "complaint", False),
    "colleague's": ("colleague", None, "Q1", "represented", False),
    "other queue": ("elsewhere", None, "Q2", "plan", False),
    "own queue, nobody's": ("", None, "Q1", None, False),
    "field officer's": ("field_officer", None, "Q1", None, False),
    "placed with the agency": ("agency_collector", "A1", "Q1", "claims_paid", False),
    "agency's colleague's": ("agency_colleague", "A1", "Q1", None, False),
    "other agency": ("other_agency", "A2", "Q1", "complaint", False),
    "other lender": ("other_lender", None, "", "complaint", False),
    "closed placement": ("agency_collector", "A1", "Q1", "claims_paid", True),
    "closed": ("collector", None, "Q1", "complaint", True),
}
_OF_LENDER = set(CASES) - {"other lender"}
# Written by hand, and not from SCOPE_OF_ROLE or a policy: what each role of the first lender is meant to see.
SEEN: dict[str, set[str]] = {
    "administrator": set(),
    "head": _OF_LENDER,
    "compliance": _OF_LENDER,
    "supervisor": _OF_LENDER,
    "team_leader": {"own", "colleague's", "own queue, nobody's", "field officer's"},
    "quality": _OF_LENDER,
    "assignment": _OF_LENDER,
    "settlement_approver": {"other queue"},
    "settlement_clerk": {"other queue", "placed with the agency"},
    "complaint_handler": {"own", "other agency"},
    "legal": {"colleague's"},
    "collector": {"own"},
    "agency_manager": {"placed with the agency", "agency's colleague's"},
    "agency_collector": {"placed with the agency"},
    "field_officer": {"field officer's"},
    "auditor": _OF_LENDER,
}


@contextmanager
def rights_book(folder: Path) -> Iterator[dict[str, Row]]:
    """The book as screens and the API are asked about it: state in a folder, a clock that stands, no one is slowed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHIZHI_STATE", str(folder))
        patch.setattr(settings, "ALLOWED_HOSTS", [*settings.ALLOWED_HOSTS, "testserver"])
        patch.setattr(settings, "API_AT_ONCE", 1_000_000)
        clock.install(lambda: AT)
        try:
            yield make_rights_book()
        finally:
            clock.install()


def make_rights_book() -> dict[str, Row]:
    """Fill an empty database; staff are called by their roles."""
    lender, other = (
        Lender.objects.using("gate").create(
            code=code,
            name=code,
            profile="cn.consumer_finance.online.cba",
            recorder="on",
            signature="测",
            is_synthetic=True,
        )
        for code in ("L1", "L2")
    )
    agencies = {
        code: Agency.objects.using("gate").create(code=code, name=code, is_listed=True) for code in ("A1", "A2")
    }
    queues = {
        code: Queue.objects.using("gate").create(lender=lender, code=code, name=code, team=team).pk
        for code, team in (("Q1", "T1"), ("Q2", "T2"))
    }
    encoded = password_hash()

    def staff(login: str, role: str, where: Lender | None, team: str = "T1", agency: str | None = None) -> int:
        row = Staff.objects.using("gate").create(
            login=login, name=login, role=role, lender=where, team=team, password=encoded, is_synthetic=True,
            agency=agencies[agency] if agency else None, trained_on=date(2026, 1, 5), certified_until=date(2027, 1, 5),
        )  # fmt: skip
        return row.pk

    desks = {
        role: staff(role, role, None, agency="A1") if role.startswith("agency") else staff(role, role, lender)
        for role in STAFF_ROLES
    }
    desks["colleague"] = staff("colleague", "collector", lender)
    desks["elsewhere"] = staff("elsewhere", "collector", lender, "T2")
    desks["agency_colleague"] = staff("agency_colleague", "agency_collector", None, agency="A1")
    desks["other_agency"] = staff("other_agency", "agency_collector", None, agency="A2")
    desks["other_lender"] = staff("other_lender", "collector", other)
    author = staff("author", "supervisor", None)  # of every lender: whoever proposes has to see the person
    add_defaults(AddDefaults(author, staff("approver", "head", None)), AT)
    book = {}
    for name, (collector, agency, queue, stop, is_closed) in CASES.items():
        lender_id = other.pk if collector == "other_lender" else lender.pk
        hand = desks[collector or "colleague"]
        person, number = make_case(NAME, lender_id, hand, queues.get(queue), 40, 100_000)
        rows(
            "UPDATE collection_case SET agency_id = %s, collector_id = %s, stop = %s, closed_on = %s, exit = %s"
            " WHERE person_id = %s RETURNING 1",
            agencies[agency].pk if agency else None, hand if collector else None, stop,
            AT.date() if is_closed else None, "settled" if is_closed else None, person,
        )  # fmt: skip
        book[name] = _with_all(number, person, author, stop)
    return book


def _with_all(number: str, person: int, by: int, stop: str | None) -> Row:
    """A decision, a hold that came of it, and a stop; one that is lifted where the case is to have none."""
    debtor = Party.objects.using("gate").get(person_id=person, role="debtor").id
    point = Point.objects.using("gate").get(person_id=person, party_id=debtor, kind="mobile").id
    wish = ProposeContact(person, debtor, point, "sms", "notification", "collect", "plan-sms", by)
    decision = propose_contact(wish, AT).receipt.decision_id
    hold, kept = ids.take_many(2)
    Hold.objects.using("gate").create(
        person_id=person, id=hold, decision_id=decision, rule="cn.test/HOLD", opened_at=AT, state="open"
    )
    Stop.objects.using("gate").create(
        person_id=person, id=kept, kind=stop or "hardship", from_at=AT - timedelta(days=1), ground="测试说明",
        set_by="test", lifted_at=None if stop else AT, lifted_by=None if stop else "test",
        lifted_ground=None if stop else "test",
    )  # fmt: skip
    return Row(number, person, decision, hold, kept)
