"""班组实时: what a seat did today stays its day's work, also where the case has left the team since."""

import pytest

from book import make_lender, make_staff
from commissionwork import pay
from gatework import MINUTE, TEN, rows, talk
from placework import Placed, make_case
from zhizhi.store.figures.figure import Asked
from zhizhi.store.figures.seats import Seat, load_seats
from zhizhi.store.lenders.scopes import SCOPE_OF_ROLE
from zhizhi.store.models import Staff
from zhizhi.store.viewer import Viewer, reading

pytestmark = pytest.mark.usefixtures("store")
ASKED = Asked(TEN.date(), TEN.replace(hour=0), TEN.replace(hour=23), TEN.replace(hour=23))


def seen_by(viewer: Staff) -> dict[int, Seat]:
    """The seats of somebody's floor."""
    with reading(Viewer(viewer.pk, SCOPE_OF_ROLE[viewer.role], viewer.lender_id, viewer.agency_id)):
        return {seat.staff_id: seat for seat in load_seats(ASKED)}


def give(case: Placed, to: Staff) -> None:
    rows("UPDATE collection_case SET collector_id = %s WHERE id = %s RETURNING 1", to.pk, case.case_id)


def test_calls_of_a_case_that_was_paid_or_went_on_still_count_for_the_leader() -> None:
    lender = make_lender("SEAT")
    leader, seat, stranger = (
        make_staff(f"seat-{name}", role, lender)
        for name, role in (("leader", "team_leader"), ("one", "collector"), ("other", "collector"))
    )
    stranger.team = "B"
    stranger.save(using="gate")
    paid, moved, kept = (make_case(lender) for _ in range(3))
    for n, case in enumerate((paid, moved, kept)):
        give(case, seat)
        talk(case.who, seat.pk, TEN + n * 5 * MINUTE)
    assert (seen_by(leader)[seat.pk].dials, seen_by(leader)[seat.pk].talks) == (3, 3)
    pay(paid, 123_456, TEN + 30 * MINUTE)
    give(moved, stranger)
    told = seen_by(leader)
    assert (told[seat.pk].dials, told[seat.pk].talks, told[seat.pk].latest_at) == (3, 3, TEN + 10 * MINUTE)
    assert rows("SELECT closed_on IS NOT NULL FROM collection_case WHERE id = %s", paid.case_id) == [(True,)]
    assert stranger.pk not in told, "another team's seat, although it has one of the team's cases now"


def test_another_lenders_leader_is_told_nothing_of_them() -> None:
    lender, other = make_lender("SEAT2"), make_lender("SEAT3")
    seat, leader = make_staff("seat2-one", "collector"), make_staff("seat3-leader", "team_leader", other)
    case, theirs = make_case(lender), make_case(other)
    for each in (case, theirs):
        give(each, seat)
    talk(case.who, seat.pk, TEN)
    assert seen_by(leader)[seat.pk].dials == 0, "who sits for two lenders: each counts what was done for it"
