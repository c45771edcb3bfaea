"""The catalogue refuses what contradicts itself; which offers a debt may have, and who may grant them."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from zhizhi.core.debt.components import Component
from zhizhi.core.debt.relief.authority import LEVEL_OF_ROLE, level_needed, may_grant_alone
from zhizhi.core.debt.relief.default_offers import DEFAULT_CATALOGUES
from zhizhi.core.debt.relief.offers import Level, OfferKind, in_force
from zhizhi.core.debt.relief.spread import Given, class_of, spread_of
from zhizhi.core.debt.relief.trial import ReliefFacts, Trial, try_offers
from zhizhi.store.words import STAFF_ROLES

CATALOGUE = DEFAULT_CATALOGUES[0]
ON = date(2026, 3, 2)
STANDING = {
    Component.PRINCIPAL: 1_000_000,
    Component.TERM_INTEREST: 40_000,
    Component.PENALTY_INTEREST: 30_001,
    Component.FEES: 5_000,
}


def tried(days: int, *, product: str = "instalment_loan", hardship: bool = False) -> dict[str, Trial]:
    facts = ReliefFacts(product, days, hardship, STANDING, ON)
    return {trial.code: trial for trial in try_offers(CATALOGUE, facts)}


@pytest.mark.parametrize(
    ("days", "codes"),
    [
        (0, set()),
        (4, {"interest_stop.3"}),
        (30, {"interest_stop.3"}),
        (31, {"interest_stop.3", "lump_late.1", "instalments_short.12"}),
        (91, {"lump_m4.1"}),
        (181, {"lump_old.1"}),
        (361, {"lump_last.1"}),
    ],
)
def test_age_opens_offers(days: int, codes: set[str]) -> None:
    assert codes <= tried(days).keys()
    assert not (days < 31 and any(trial.waived_minor for trial in tried(days).values()))


def test_hardship_opens_long_instalments_and_nothing_else() -> None:
    assert {code for code in tried(40, hardship=True) if code not in tried(40)} == {
        "instalments_hardship.24",
        "instalments_hardship.36",
        "instalments_hardship.60",
    }


def test_half_of_an_odd_amount_is_rounded_down() -> None:
    lump = tried(31)["lump_late.1"]
    assert dict(lump.waived) == {Component.PENALTY_INTEREST: 15_000}
    assert lump.due[Component.PENALTY_INTEREST] == 15_001
    assert (lump.due_minor, lump.waived_minor, lump.valid_until) == (1_060_001, 15_000, date(2026, 3, 9))


def test_principal_is_waived_only_where_the_table_says_so() -> None:
    for days in (31, 91, 181):
        assert all(Component.PRINCIPAL not in trial.waived for trial in tried(days).values())
    assert tried(361)["lump_last.1"].waived[Component.PRINCIPAL] == 100_000


def test_a_card_plan_never_lasts_longer_than_sixty_months() -> None:
    long = tried(40, product="credit_card", hardship=True)["instalments_hardship.60"]
    assert long.lines[-1].due_on <= date(2031, 3, 2)


def test_grants_rise_with_share_amount_and_months() -> None:
    needed = {code: level_needed(CATALOGUE, trial, 40) for code, trial in tried(40, hardship=True).items()}
    assert needed["interest_stop.3"] is Level.COLLECTOR
    assert needed["lump_late.1"] is Level.LEADER
    assert needed["instalments_hardship.36"] is Level.APPROVER
    assert needed["instalments_hardship.60"] is Level.HEAD
    assert level_needed(CATALOGUE, tried(361)["lump_last.1"], 361) is Level.APPROVER


def test_who_has_no_level_grants_nothing_alone() -> None:
    assert set(LEVEL_OF_ROLE) <= set(STAFF_ROLES)
    assert may_grant_alone("team_leader", Level.LEADER)
    assert not may_grant_alone("collector", Level.LEADER)
    assert not any(
        may_grant_alone(role, Level.COLLECTOR) for role in ("agency_collector", "auditor", "compliance", "unheard")
    )


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"shares": {Component.FEES: Fraction(0)}}, "share"),
        ({"shares": {Component.FEES: Fraction(3, 2)}}, "share"),
        ({"shares": {}}, "waives something"),
        ({"months": (2,)}, "one payment"),
        ({"kind": OfferKind.INSTALMENTS, "months": (1,)}, "several"),
        ({"kind": OfferKind.INSTALMENTS, "months": (61,)}, "several"),
        ({"kind": OfferKind.INTEREST_STOP, "months": (3,)}, "where interest stops"),
        ({"products": frozenset()}, "somebody"),
        ({"valid_days": 0}, "valid"),
        ({"valid_days": 32}, "valid"),
        ({"grace_days": -1}, "grace"),
        ({"days_until": 31}, "span"),
    ],
)
def test_an_offer_that_contradicts_itself_is_none(changes: dict[str, Any], wrong: str) -> None:
    lump = CATALOGUE.offer("lump_late")
    assert lump is not None
    with pytest.raises(ValueError, match=wrong):
        replace(lump, **changes)


def test_the_catalogue_of_a_day_is_the_latest_that_began() -> None:
    newer = replace(CATALOGUE, version="2", from_on=date(2026, 3, 1))
    assert in_force((newer, CATALOGUE), date(2026, 2, 28)) is CATALOGUE
    assert in_force((newer, CATALOGUE), date(2026, 3, 1)) is newer
    assert in_force((CATALOGUE,), date(2019, 12, 31)) is None
    with pytest.raises(ValueError, match="twice"):
        replace(CATALOGUE, offers=(CATALOGUE.offers[0], CATALOGUE.offers[0]))


def test_the_spread_shows_who_got_another_offer_than_his_like() -> None:
    young, old = (class_of(CATALOGUE, "instalment_loan", days, hardship=False) for days in (40, 400))
    assert class_of(CATALOGUE, "instalment_loan", 89, hardship=False) == young != old
    assert (old.days_from, old.days_until) == (361, None)
    given = [Given(young, "lump_late.1")] * 3 + [Given(young, "interest_stop.3"), Given(old, "lump_last.1")]
    first, second = spread_of(given)
    assert (first.facts, first.given, first.others) == (young, (("lump_late.1", 3), ("interest_stop.3", 1)), 1)
    assert second.others == 0
