"""减免试算: what the debts of a person may be offered today, and who may grant each offer."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.debt.relief.authority import level_needed, may_grant_alone
from zhizhi.core.debt.relief.default_offers import DEFAULT_CATALOGUES
from zhizhi.core.debt.relief.offers import Catalogue, Level, in_force
from zhizhi.core.debt.relief.trial import ReliefFacts, Trial, try_offers
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.reliefs.standing import StandingDebt, StandingPerson, load_standing
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

TRIED_STATES = ("overdue", "plan_broken")
# Somebody else acts for these persons, or nobody may: an agreement with them binds nobody.
NO_AGREEMENT = ("deceased", "incapacity", "bankruptcy")


@dataclass(frozen=True, slots=True)
class Choice:
    """One offer, tried; `alone`: whoever asked may grant it without a second person."""

    trial: Trial
    level: Level
    alone: bool

    @property
    def approver(self) -> Level:
        """Who is asked where a second person is needed: usecases/relief/act.py."""
        return max(self.level, Level.APPROVER)


@dataclass(frozen=True, slots=True)
class TriedDebt:
    """A debt with all that it may be offered."""

    debt: StandingDebt
    facts: ReliefFacts
    choices: tuple[Choice, ...]


def catalogue_on(day: date) -> Catalogue:
    """The catalogue of a day. Refuses: none is in force."""
    catalogue = in_force(DEFAULT_CATALOGUES, day)
    if catalogue is None:
        raise UseCaseRefused("no_catalogue", Text("当日没有生效的方案目录", "no catalogue of offers is in force"))
    return catalogue


def try_relief(person_id: int, by: int, at: datetime) -> list[TriedDebt]:
    """Every debt of a person that offers may be made for. Writes nothing.

    Refuses: NotAllowed, a person with whom nothing can be agreed, one without an open case.
    """
    acting = require(by, Right.PROPOSE_RELIEF, person_id=person_id)
    person = load_standing(person_id, at)
    _require_agreement_possible(person)
    today = civil_day(at)
    catalogue = catalogue_on(today)
    return [
        _tried(debt, person, catalogue, acting.role, today)
        for debt in person.debts
        if debt.state in TRIED_STATES and debt.standing
    ]


def _tried(debt: StandingDebt, person: StandingPerson, catalogue: Catalogue, role: str, today: date) -> TriedDebt:
    due_on = debt.oldest_unpaid_due_on
    days = max((today - due_on).days, 0) if due_on is not None else 0
    facts = ReliefFacts(debt.product, days, "hardship" in person.stops, debt.standing, today)
    tried = ((trial, level_needed(catalogue, trial, days)) for trial in try_offers(catalogue, facts))
    choices = tuple(Choice(trial, level, may_grant_alone(role, level)) for trial, level in tried)
    return TriedDebt(debt, facts, choices)


def _require_agreement_possible(person: StandingPerson) -> None:
    if not person.has_case:
        raise UseCaseRefused("no_case", Text("没有在手案件", "there is no open case"))
    if person.stops & set(NO_AGREEMENT):
        raise UseCaseRefused(
            "no_agreement",
            Text(
                "客户身故、无行为能力或在破产程序中，不能与其本人协商",
                "with somebody deceased, incapacitated or in bankruptcy nothing is agreed",
            ),
        )
