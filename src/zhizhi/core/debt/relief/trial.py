"""减免试算: what an offer comes to for a debt. The same facts give the same offers, whoever asks and whenever.

Law: CC 678 (a plan by agreement), CBRC 2011-2 70 (card). Rounding: `down` for what is waived and for an instalment; the
last instalment is all that is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from zhizhi.core.debt.components import Component, Components, owed
from zhizhi.core.debt.errors import DebtError
from zhizhi.core.debt.instalment_plan import PlanTerms, Product, instalment_plan
from zhizhi.core.debt.relief.offers import CARD, Catalogue, Offer, OfferKind
from zhizhi.core.kernel.days import add_days
from zhizhi.core.kernel.money import round_down


@dataclass(frozen=True, slots=True)
class ReliefFacts:
    """All that an offer depends on: what stands of a debt, its product and age, hardship, and the day of the trial."""

    product: str
    days_past_due: int
    hardship: bool
    standing: Components
    on: date


@dataclass(frozen=True, slots=True)
class DueLine:
    """One payment that the offer asks for."""

    number: int
    due_on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What one offer comes to: for each component waived + due is what stands, and the lines add up to what is due."""

    catalogue: str
    offer: Offer
    months: int
    standing: Components
    waived: Components
    due: Components
    lines: tuple[DueLine, ...]
    valid_until: date

    @property
    def waived_minor(self) -> int:
        """All that is waived, should all that is due arrive."""
        return owed(self.waived)

    @property
    def due_minor(self) -> int:
        """All that has to arrive."""
        return owed(self.due)

    @property
    def rate(self) -> Fraction:
        """Share of all that stands that is waived."""
        return Fraction(self.waived_minor, self.waived_minor + self.due_minor)

    @property
    def code(self) -> str:
        """What chooses this trial among those of the facts."""
        return f"{self.offer.code}.{self.months}"


def try_offers(catalogue: Catalogue, facts: ReliefFacts) -> tuple[Trial, ...]:
    """All that this debt may be offered, in the order of the catalogue; a function of its arguments alone."""
    tried = (
        try_offer(catalogue.version, offer, months, facts) for offer in catalogue.offers for months in offer.months
    )
    return tuple(trial for trial in tried if trial is not None)


def try_offer(catalogue: str, offer: Offer, months: int, facts: ReliefFacts) -> Trial | None:
    """One offer; None where it is not for this debt, waives nothing though it promises to, or cannot be divided."""
    if months not in offer.months or not offer.is_for(facts.product, facts.days_past_due, hardship=facts.hardship):
        return None
    standing = {part: facts.standing[part] for part in Component if facts.standing.get(part, 0) > 0}
    waived = _waived(standing, offer.shares)
    due = {part: minor - waived.get(part, 0) for part, minor in standing.items() if minor > waived.get(part, 0)}
    if not due or (offer.shares and not waived):
        return None
    valid_until = add_days(facts.on, offer.valid_days)
    lines = _lines(offer, months, owed(due), facts, valid_until)
    return Trial(catalogue, offer, months, standing, waived, due, lines, valid_until) if lines else None


def _waived(standing: Components, shares: Mapping[Component, Fraction]) -> Components:
    shared = {part: round_down(minor * shares.get(part, Fraction(0))) for part, minor in standing.items()}
    return {part: minor for part, minor in shared.items() if minor > 0}


def _lines(offer: Offer, months: int, due_minor: int, facts: ReliefFacts, first_due_on: date) -> tuple[DueLine, ...]:
    if offer.kind is OfferKind.LUMP_SUM:
        return (DueLine(1, first_due_on, due_minor),)
    product = Product.CARD if facts.product == CARD else Product.LOAN
    try:
        plan = instalment_plan(PlanTerms(product, facts.on, first_due_on, months, due_minor))
    except DebtError:  # too small for so many instalments, or longer than the law lets a plan be: not offered
        return ()
    return tuple(DueLine(line.number, line.due_on, line.amount_minor) for line in plan.lines)
