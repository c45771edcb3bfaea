"""Whoever is overtaken holds the person's row: however many want the same person, every one of them is answered."""

from functools import partial

import pytest

from book import make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, at_once, propose_call, propose_sms, rows
from zhizhi.store.lenders.models import Agency, Staff
from zhizhi.usecases import propose_contact as usecase
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.propose_contact import TRIES_MAX, Proposed

pytestmark = pytest.mark.usefixtures("store")
THREADS = 16
CALLS_A_DAY = 3  # cn.gbt45251/5.3.2.2.2/valid-calls-per-day


@pytest.mark.parametrize("lock_from", [0, 1])
def test_with_the_row_lock_nobody_is_turned_away_and_the_cap_is_exact(
    lock_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usecase, "LOCK_FROM_TRY", lock_from)
    lender = make_lender(f"L{lock_from}")
    desks = [make_staff(f"c{lock_from}-{n}", "collector", lender).pk for n in range(THREADS)]
    who = make_borrower(lender, 1)
    answers = at_once([partial(propose_call, who, by, TEN) for by in desks])
    assert all(isinstance(one, Proposed) for one in answers), answers
    permits = [one for one in answers if isinstance(one, Proposed) and one.permit_id]
    assert len(permits) == CALLS_A_DAY
    numbers = rows(
        "SELECT rule, array_agg(number ORDER BY number) FROM permit_slot WHERE person_id = %s GROUP BY 1", who.person
    )
    assert numbers
    assert all(taken == [1, 2, 3] for _, taken in numbers)


def test_by_compare_and_set_alone_the_cap_is_exact_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usecase, "LOCK_FROM_TRY", TRIES_MAX)
    lender = make_lender("L9")
    desks = [make_staff(f"c9-{n}", "collector", lender).pk for n in range(THREADS)]
    who = make_borrower(lender, 9)
    at_once([partial(propose_call, who, by, TEN) for by in desks])
    for by in desks[:4]:
        propose_call(who, by, TEN + MINUTE)
    assert rows("SELECT count(*) FROM permit WHERE person_id = %s AND state = 'open'", who.person) == [(CALLS_A_DAY,)]


def test_a_proposal_that_is_refused_under_the_lock_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usecase, "LOCK_FROM_TRY", 0)
    lender = make_lender("L8")
    by, who = make_staff("c8", "collector", lender).pk, make_borrower(lender, 8)
    assert propose_sms(who, by, TEN).permit_id
    before = rows("SELECT version FROM person WHERE id = %s", who.person)
    unknown = usecase.ProposeContact(who.person, who.party, who.mobile, "sms", "notification", "collect", "no-such", by)
    with pytest.raises(usecase.UseCaseRefused):
        usecase.propose_contact(unknown, TEN)
    assert rows("SELECT version FROM person WHERE id = %s", who.person) == before


@pytest.mark.parametrize("role", ["auditor", "compliance", "agency_manager", "nobody"])
def test_whoever_may_not_contact_proposes_nothing(role: str) -> None:
    lender = make_lender(f"R-{role}")
    by = make_staff(f"r-{role}", role, lender).pk if role != "nobody" else 10**9
    who = make_borrower(lender, 70)
    with pytest.raises(NotAllowed):
        propose_sms(who, by, TEN)
    assert rows("SELECT count(*) FROM decision WHERE person_id = %s", who.person) == [(0,)]


@pytest.mark.parametrize("stranger", ["of another lender", "of an agency that has not the case"])
def test_nobody_proposes_in_the_cases_of_others(stranger: str) -> None:
    code = stranger.split()[2]
    lender = make_lender(f"S-{code}")
    if stranger == "of another lender":
        by = make_staff("s-other", "collector", make_lender("S-other"))
    else:
        by = make_staff("s-agency", "agency_collector", None)
        agency = Agency.objects.using("gate").create(code="S-A", name="测试外包")
        Staff.objects.using("gate").filter(pk=by.pk).update(agency=agency)
    who = make_borrower(lender, 71)
    with pytest.raises(NotAllowed):
        propose_sms(who, by.pk, TEN)
    assert rows("SELECT count(*) FROM decision WHERE person_id = %s", who.person) == [(0,)]
