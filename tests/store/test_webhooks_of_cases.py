"""A case that changes hands and a plan that is broken: who is told, of which row, and of nothing else."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from book import TODAY, make_lender, make_staff
from gatework import MINUTE, TEN, rows
from hookwork import Receiver, end_endpoints, sent, told
from placework import Floor, Placed, make_case, make_floor, place
from store.test_relief import NUMBERS, House, debtor, in_force, midnight, pay, pool
from zhizhi.jobs.webhooks import Sending
from zhizhi.store.api.accounts import create_account_token, load_caller
from zhizhi.store.leases.tokens import load_bearer
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.transact.relief_days import age_reliefs
from zhizhi.store.webhooks.endpoints import NewEndpoint, create_endpoint
from zhizhi.usecases.placements.ending import ExtendPlacement, RecallCases, extend, recall_cases

pytestmark = pytest.mark.usefixtures("store")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def ends_with_its_test(store: str) -> Iterator[None]:
    yield
    end_endpoints()


def listen(receiver: Receiver, name: str, lender: Lender, agency: Agency | None = None) -> None:
    """A system of a lender or an agency is told of all that it may know, at an address that ends with its name."""
    code = agency.code if agency is not None else None
    made = create_account_token(
        f"{lender.code}-{name}", lender.code, code, ("webhooks",), expires_at=TEN + 30 * DAY, at=TEN
    )
    bearer = load_bearer(made[1], TEN)
    assert bearer is not None
    caller = load_caller(bearer)
    assert caller is not None
    new = NewEndpoint(caller.staff_id, lender.pk, caller.agency_id, f"{receiver.url}/{name}", (), "")
    create_endpoint(new, TEN)


def bodies(receiver: Receiver, name: str) -> list[dict[str, object]]:
    """What a system was told of placements and plans."""
    found = [json.loads(one.body) for one in receiver.got if one.path.endswith(f"/{name}")]
    return [one for one in found if one["type"].startswith(("placement.", "plan."))]


def types(receiver: Receiver, name: str) -> Counter[object]:
    return Counter(one["type"] for one in bodies(receiver, name))


@pytest.fixture
def floor(store: str, receiver: Receiver) -> Floor:
    made = make_floor(f"W{next(NUMBERS)}")
    listen(receiver, "lender", made.lender)
    listen(receiver, "first", made.lender, made.agencies[0])
    listen(receiver, "second", made.lender, made.agencies[1])
    return made


def recall(floor: Floor, case: Placed, at: datetime) -> None:
    """From the first agency."""
    recall_cases(RecallCases(floor.lender.pk, floor.agencies[0].pk, "转回自营", floor.asks, case.number), at)


class TestPlacements:
    def test_the_agency_is_told_of_its_placement_and_the_lender_of_its_end_too(
        self, floor: Floor, receiver: Receiver, sending: Sending
    ) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0], term_days=30)
        extend(ExtendPlacement(case.number, TODAY + timedelta(days=60), "分期协商中", floor.asks), TEN + SECOND)
        told(TEN + SECOND)
        sent(sending, TEN + SECOND)
        recall_cases(
            RecallCases(floor.lender.pk, floor.agencies[0].pk, "转回自营", floor.asks, case.number), TEN + MINUTE
        )
        told(TEN + MINUTE)
        sent(sending, TEN + MINUTE)
        begun, extended = {"placement.began": 1}, {"placement.extended": 1}
        assert types(receiver, "first") == begun | extended, "that it ended it reads as 404"
        assert types(receiver, "lender") == begun | extended | {"placement.ended": 1}
        assert types(receiver, "second") == {}
        ((placement,),) = rows("SELECT id FROM placement WHERE case_id = %s", case.case_id)
        for one in bodies(receiver, "lender"):
            data = one["data"]
            assert isinstance(data, dict)
            assert (data["case"], data["href"]) == (case.number, f"/api/v1/cases/{case.number}")
            assert data.get("placement", str(placement)) == str(placement)
            assert len(data) == 3, "ids and a place, nothing else"

    def test_whoever_has_the_case_next_is_not_told_who_had_it(
        self, floor: Floor, receiver: Receiver, sending: Sending
    ) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])
        recall_cases(
            RecallCases(floor.lender.pk, floor.agencies[0].pk, "转回自营", floor.asks, case.number), TEN + SECOND
        )
        place(floor, floor.agencies[1], hand=2, at=TEN + MINUTE)
        told(TEN + MINUTE)  # the log is read when the case is with the second agency
        sent(sending, TEN + MINUTE)
        assert types(receiver, "first") == {}
        assert types(receiver, "second") == {"placement.began": 1}
        ((later,),) = rows(
            "SELECT id FROM placement WHERE case_id = %s AND agency_id = %s", case.case_id, floor.agencies[1].pk
        )
        assert [one["data"] for one in bodies(receiver, "second")] == [
            {"case": case.number, "placement": str(later), "href": f"/api/v1/cases/{case.number}"}
        ]
        assert types(receiver, "lender") == {"placement.began": 2, "placement.ended": 1}


@pytest.fixture
def house(store: str) -> House:
    if not Lender.objects.using("gate").filter(code="CODES").exists():
        make_lender("CODES")
    lender = make_floor(f"P{next(NUMBERS)}").lender
    roles = ("supervisor", "head", "settlement_clerk", "settlement_approver")
    return House(lender, {role: make_staff(f"plan-{role}-{lender.code}", role, lender).pk for role in roles})


class TestPlans:
    def test_a_plan_that_is_not_kept_is_told_once_by_the_stop_that_it_was_agreed_under(
        self, house: House, receiver: Receiver, sending: Sending
    ) -> None:
        pool(house)
        kept, missed = debtor(house, 40), debtor(house, 40)
        listen(receiver, "lender", house.lender)
        for who in (kept, missed):
            in_force(house, who, "interest_stop.3")
        pay(kept, 44_000)
        pay(missed, 43_999)
        over = TODAY + timedelta(days=11)
        age_reliefs(house.lender.pk, over, midnight(over))
        told(midnight(over))
        sent(sending, midnight(over))
        assert types(receiver, "lender") == {"plan.agreed": 2, "plan.broken": 1}
        ((stop,),) = rows("SELECT id FROM stop WHERE person_id = %s AND kind = 'plan'", missed.person)
        (broken,) = [one["data"] for one in bodies(receiver, "lender") if one["type"] == "plan.broken"]
        ((number,),) = rows("SELECT number FROM collection_case WHERE person_id = %s", missed.person)
        assert broken == {"case": number, "stop": str(stop), "href": f"/api/v1/cases/{number}/stops"}
