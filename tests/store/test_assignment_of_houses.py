"""A case that changes house finds its collector at once; what a debtor speaks decides the next assignment."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from book import TODAY, make_staff
from gatework import MINUTE, TEN, rows
from placework import Floor, Placed, make_case, make_floor, place
from zhizhi.store.assignment.of_case import language_text
from zhizhi.store.cases.reads import access_case
from zhizhi.store.lenders.models import Staff
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.assignment.running import Assign, assign_now
from zhizhi.usecases.assignment.speaking import SetLanguage, set_case_language
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.placements.ending import RecallCases, ReturnCase, recall_cases, return_case
from zhizhi.usecases.refused import UseCaseRefused

pytestmark = pytest.mark.usefixtures("store")
LENDERS = count(1)


@pytest.fixture
def floor(store: str) -> Iterator[Floor]:
    made = make_floor(f"H{next(LENDERS)}")
    ready(made.collector)
    yield made
    Staff.objects.using("gate").update(capacity=0)


def ready(staff_id: int) -> None:
    trained = {"capacity": 10, "trained_on": TODAY - timedelta(days=30), "certified_until": None}
    Staff.objects.using("gate").filter(pk=staff_id).update(**trained)


def own_collector(floor: Floor) -> int:
    made = make_staff(f"own-{floor.lender.code}", "collector", floor.lender, 10)
    ready(made.pk)
    return made.pk


def holder(case: Placed) -> int | None:
    ((collector,),) = rows("SELECT collector_id FROM collection_case WHERE id = %s", case.case_id)
    assert collector is None or isinstance(collector, int)
    return collector


def latest_move(case: Placed) -> tuple[object, ...]:
    sql = "SELECT from_id, to_id, why, agency_id FROM assignment_move WHERE case_id = %s ORDER BY id DESC LIMIT 1"
    return rows(sql, case.case_id)[0]


class TestAnotherHouse:
    def test_a_case_that_is_handed_over_lies_with_a_collector_of_the_agency_at_once(self, floor: Floor) -> None:
        case, own = make_case(floor.lender), own_collector(floor)
        place(floor, floor.agencies[0])
        assert holder(case) == floor.collector != own
        assert latest_move(case) == (None, floor.collector, "new", floor.agencies[0].pk)

    def test_what_is_recalled_lies_with_a_collector_of_the_lender_at_once(self, floor: Floor) -> None:
        case, other = make_case(floor.lender), make_case(floor.lender)
        place(floor, floor.agencies[0])
        own = own_collector(floor)
        command = RecallCases(floor.lender.pk, floor.agencies[0].pk, "转回自营", floor.asks, case.number)
        recall_cases(command, TEN + MINUTE)
        assert (holder(case), holder(other)) == (own, floor.collector)

    def test_what_is_returned_lies_with_a_collector_of_the_lender_at_once(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])
        own = own_collector(floor)
        return_case(ReturnCase(case.number, "联系不上客户", floor.managers[0]), TEN + MINUTE)
        assert holder(case) == own

    def test_an_agency_without_a_trained_collector_has_it_and_nobody_works_it(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[1])
        assert (case.agency, holder(case)) == (floor.agencies[1].pk, None)
        assert rows("SELECT unplaced FROM collection_case WHERE id = %s", case.case_id) == [("nobody_fits",)]


class TestWhatADebtorSpeaks:
    def test_is_kept_with_who_said_so_and_decides_the_next_assignment(self, floor: Floor) -> None:
        case, own = make_case(floor.lender), own_collector(floor)
        assigner = make_staff(f"deals-{floor.lender.code}", "assignment", floor.lender).pk
        assign_now(Assign(floor.lender.pk, TODAY, assigner), TEN)
        assert holder(case) == own
        set_case_language(SetLanguage(case.who.person, "yue", own), TEN)
        with reading(Viewer(assigner, Scope.LENDER, floor.lender.pk, None)):
            head = access_case(case.number)
        assert head is not None
        assert (head.language, language_text(head.language).zh, holder(case)) == ("yue", "粤语", own)
        assign_now(Assign(floor.lender.pk, TODAY, assigner), TEN)
        assert latest_move(case)[:3] == (own, None, "holder_unfit")
        set_case_language(SetLanguage(case.who.person, "zh", assigner_records(floor)), TEN)
        assign_now(Assign(floor.lender.pk, TODAY, assigner), TEN)
        assert holder(case) == own

    def test_what_is_no_language_no_news_or_not_theirs_is_refused(self, floor: Floor) -> None:
        case, own = make_case(floor.lender), own_collector(floor)
        for language, code in (("klingon", "bad_language"), ("zh", "nothing_to_keep")):
            with pytest.raises(UseCaseRefused, match=code):
                set_case_language(SetLanguage(case.who.person, language, floor.asks), TEN)
        stranger = make_staff(f"far-{floor.lender.code}", "collector", make_floor(f"{floor.lender.code}-F").lender)
        for by in (stranger.pk, own):  # of another lender; of this one, and without the case
            with pytest.raises(NotAllowed):
                set_case_language(SetLanguage(case.who.person, "yue", by), TEN)


def assigner_records(floor: Floor) -> int:
    """Somebody who may record on any case of the lender."""
    return make_staff(f"lead-{floor.lender.code}", "supervisor", floor.lender).pk
