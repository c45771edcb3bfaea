"""One synthetic account: its terms, its fate, and its money on the as-of day. All integers of minor units."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from zhizhi.gateways.generator.ageing import NEVER, Ageing, Cure
from zhizhi.gateways.generator.parameters import Parameters
from zhizhi.gateways.generator.seasons import Seasons, month_day, month_of
from zhizhi.gateways.generator.streams import WORD, block_source, chance, normal_index, word_source, words

FEE_DAY = 4  # the fee of a card falls due after the tolerance of three days
_PRINCIPAL_FIRST_DAYS = 91


class Plan(NamedTuple):
    """An agreed plan: so many equal instalments from `first_due` on, of which `paid` were paid by the as-of day."""

    agreed: int
    months: int
    paid: int
    broken: int  # ordinal of the first instalment missed, 0 where none was


class Account(NamedTuple):
    """One account as drawn. Days are ordinals, 0 where there is none."""

    number: int
    person: int
    lender: int
    product: int
    principal: int
    rate: str
    rate_bp: int
    periods: int
    first_month: int
    anchor: int
    drawn_by: str
    entry_n: int
    entry: int
    cured: int
    by_debit: bool
    plan: Plan | None
    partial: int
    partial_share: int
    spare: tuple[int, ...]

    def due(self, n: int) -> int:
        """The due day of instalment n, from 1."""
        return month_day(self.first_month + n - 1, self.anchor)

    def principal_of(self, n: int) -> int:
        """The principal that falls due with instalment n."""
        each = self.principal // self.periods
        return each if n < self.periods else self.principal - each * (self.periods - 1)

    def interest_of(self, n: int) -> int:
        """A month's interest on what was outstanding before instalment n. Rounding: half up."""
        left = self.principal - self.principal // self.periods * (n - 1)
        return half_up(left * self.rate_bp, 120_000)


def half_up(numerator: int, denominator: int) -> int:
    """A quotient of integers. Rounding: half up."""
    return (2 * numerator + denominator) // (2 * denominator)


class Position(NamedTuple):
    """What is due and what is left on the as-of day."""

    principal_due: int
    interest_due: int
    penalty_due: int
    fees_due: int
    outstanding_principal: int
    oldest: int
    next_n: int

    @property
    def due(self) -> int:
        """Everything due now."""
        return self.principal_due + self.interest_due + self.penalty_due + self.fees_due


class Accounts:
    """Draws accounts by index; the same index gives the same account in a book of any size."""

    def __init__(self, parameters: Parameters, seed: int, on: date) -> None:
        """The accounts of one seed as of one day."""
        self.parameters = parameters
        self.seasons = Seasons(parameters)
        self.ageing = Ageing(parameters, self.seasons)
        self.on = on.toordinal()
        self._main, self._more = word_source(seed, "account"), block_source(seed, "account.more")
        self._every = parameters.numbers["book.second_account_every"]
        chances = parameters.chances
        self._first_missed = chances["plans.first_instalment_missed"]
        self._plan_share = chances["plans.agreed_in_m2_and_later"]
        self._partial = tuple((last, chances[f"ageing.partial_payment.m{n}"]) for n, last in enumerate((30, 60, 90), 1))
        self._partial_later = chances["ageing.partial_payment.m4"]
        self._redraw = chance(1 - 1 / parameters.shares["season.spring_festival_miss_factor"])
        # Survival falls from the first instalment to the twelfth by a constant share a month.
        missed, twelve = (
            parameters.shares["plans.first_instalment_missed"],
            parameters.shares["plans.survive_twelve_months"],
        )
        monthly = ((twelve / (1 - missed)).ln() / 11).exp()
        self._plan_edges = tuple(int((1 - (1 - missed) * monthly**n) * WORD) for n in range(24))

    def person_of(self, index: int) -> int:
        """The index of the person to whom an account belongs."""
        return index - 1 if index % self._every == self._every - 1 else index

    def second_of(self, person: int) -> int | None:
        """The index of a person's second account."""
        return person + 1 if person % self._every == self._every - 2 else None

    def draw(self, index: int, lender: int) -> Account:
        """The account of an index; its lender is the person's."""
        more = self._more(index)
        first, second = self._main(index), words(more)
        person = self.person_of(index)
        kind = self.parameters.lenders[lender].products.pick(first[0])
        product = self.parameters.products[kind]
        periods = product.periods.pick(first[1])
        rate = product.rates.pick(first[2])
        drawn_by = self.parameters.drawn_by.pick(first[3])
        cure = Cure(NEVER, by_debit=False, plan=False)
        entry_n = 1 + (first[6] * periods >> 32)
        if drawn_by == "upcoming":
            entry = self.on + (first[5] * 4 >> 32)
        elif drawn_by == "cohort":
            entry = self._cohort_entry(first, second)
            cure = self.ageing.draw(first[7:13], entry)
        else:
            low, high = self.parameters.stock_days.pick(first[4])
            entry = self.on - low - (first[5] * (high - low + 1) >> 32)
        month, anchor = month_of(entry)
        cured = entry + cure.days if entry + cure.days < self.on else 0
        in_arrears = drawn_by != "upcoming" and not cured
        plan = self._plan(second, entry, left_m1=cure.plan) if in_arrears else None
        partial = self._partial_day(first, entry) if in_arrears and plan is None else 0
        return Account(
            number=index,
            person=person,
            lender=lender,
            product=kind,
            principal=product.amounts_minor[normal_index(more, 52)],
            rate=rate,
            rate_bp=int(rate[2:]),
            periods=periods,
            first_month=month - entry_n + 1,
            anchor=anchor,
            drawn_by=drawn_by,
            entry_n=0 if drawn_by == "upcoming" else entry_n,
            entry=entry,
            cured=cured,
            by_debit=cure.by_debit,
            plan=plan,
            partial=partial,
            partial_share=15 + (first[15] * 36 >> 32),
            spare=second,
        )

    def _cohort_entry(self, first: tuple[int, ...], second: tuple[int, ...]) -> int:
        low, high = self.parameters.cohort_ages.pick(first[4])
        width = high - low + 1
        entry = self.on - low - (first[5] * width >> 32)
        # A second draw for some of the entries outside the festival: so they fall into it more often by the factor.
        if second[9] < self._redraw and entry not in self.seasons.festival_days:
            return self.on - low - (second[10] * width >> 32)
        return entry

    def _plan(self, second: tuple[int, ...], entry: int, *, left_m1: bool) -> Plan | None:
        if left_m1:
            agreed = entry + 15 + (second[3] * 11 >> 32)
        elif self.on - entry > 31 and second[0] < self._plan_share:
            agreed = entry + 31 + (second[3] * 25 >> 32)
        else:
            return None
        if agreed >= self.on:
            return None
        months = self.parameters.plan_months.pick(second[1])
        survives = sum(1 for edge in self._plan_edges if second[2] >= edge)
        start, day = month_of(agreed)
        paid = 0
        while paid < months and month_day(start + paid + 1, day) < self.on:
            if paid >= survives:
                return Plan(agreed, months, paid, month_day(start + paid + 1, day))
            paid += 1
        return Plan(agreed, months, paid, 0)

    def _partial_day(self, first: tuple[int, ...], entry: int) -> int:
        days = self.on - entry
        threshold = next((share for last, share in self._partial if days <= last), self._partial_later)
        if days < 6 or first[13] >= threshold:
            return 0
        return entry + 3 + (first[14] * (days - 3) >> 32)

    def position(self, account: Account) -> Position:
        """What is due on the as-of day, in closed form where nothing was paid in arrears."""
        if account.partial or account.plan:
            return Settlement(self, account).position()
        if account.entry_n == 0 or account.cured:
            return self._position_of_current(account)
        # The hot path of a large book: principal_of, interest_of and due of each instalment, written out.
        on, n, periods, rate = self.on, account.entry_n, account.periods, account.rate_bp
        each, anchor, month = account.principal // periods, account.anchor, account.first_month - 1
        fee_percent = self.parameters.products[account.product].late_fee_percent
        before, principal, interest, weighted_days, fees = account.principal - each * (n - 1), 0, 0, 0, 0
        left = before
        while n <= periods and (day := month_day(month + n, anchor)) <= on:
            part = each if n < periods else before
            cost = (before * rate * 2 + 120_000) // 240_000
            before -= part
            principal += part
            interest += cost
            weighted_days += part * (on - day)
            if fee_percent and on - day >= FEE_DAY:
                fees += half_up((part + cost) * fee_percent, 100)
            n += 1
        penalty = penalty_of(weighted_days, rate, self.parameters.products[account.product].penalty_tenths)
        return Position(principal, interest, penalty, fees, left, account.entry, n if n <= periods else 0)

    def _position_of_current(self, account: Account) -> Position:
        month, _ = month_of(self.on)
        n = month - account.first_month + 1
        if account.due(n) < self.on:
            n += 1
        if n > account.periods:
            return Position(0, 0, 0, 0, 0, 0, 0)
        left = account.principal - account.principal // account.periods * (n - 1)
        if account.due(n) > self.on:
            return Position(0, 0, 0, 0, left, 0, n)
        following = n + 1 if n < account.periods else 0
        return Position(account.principal_of(n), account.interest_of(n), 0, 0, left, self.on, following)


def penalty_of(weighted_days: int, rate_bp: int, multiple_tenths: int) -> int:
    """Penalty interest on principal × days, actual over 360. Rounding: half up."""
    return half_up(weighted_days * rate_bp * multiple_tenths, 36_000_000)


class Part(NamedTuple):
    """One payment, split as the law splits it. `principal_first` cards aside: interest, penalty, fees, principal."""

    day: int
    principal: int
    interest: int
    penalty: int
    fees: int

    @property
    def amount(self) -> int:
        """The whole payment."""
        return self.principal + self.interest + self.penalty + self.fees


class Settlement:
    """Applies payments made in arrears, oldest instalment first. Law: CC 561; cards from 91 days: CBRC 2011-2."""

    def __init__(self, accounts: Accounts, account: Account) -> None:
        """Before any payment in arrears: everything up to the episode was paid."""
        self.account = account
        self.on = accounts.on
        self._product = accounts.parameters.products[account.product]
        numbers = range(account.entry_n, account.periods + 1)
        self.numbers = [n for n in numbers if account.due(n) <= self.on]
        self.days = [account.due(n) for n in self.numbers]
        self.principal = [account.principal_of(n) for n in self.numbers]
        self.interest = [account.interest_of(n) for n in self.numbers]
        self._fees = [
            half_up((p + i) * self._product.late_fee_percent, 100)
            for p, i in zip(self.principal, self.interest, strict=True)
        ]
        self._weighted, self._since = 0, account.entry
        self._penalty_paid = self._fees_paid = 0
        self.paid_on = [0] * len(self.numbers)
        self.parts: list[Part] = []
        self.plan_each = 0
        for day, amount in self._payments():
            self.pay(day, amount)

    def _payments(self) -> Sequence[tuple[int, int]]:
        account = self.account
        if account.partial:
            whole = account.principal_of(account.entry_n) + account.interest_of(account.entry_n)
            return [(account.partial, max(whole * account.partial_share // 100, 100))]
        if account.plan is None:
            return []
        start, anchor = month_of(account.plan.agreed)
        self.plan_each = max(self.due_on(account.plan.agreed) // account.plan.months, 100)
        return [(month_day(start + n, anchor), self.plan_each) for n in range(1, account.plan.paid + 1)]

    def _accrue(self, day: int) -> None:
        for index, due in enumerate(self.days):
            if due < day:
                self._weighted += self.principal[index] * (day - max(self._since, due))
        self._since = day

    def _open(self, day: int) -> tuple[int, int]:
        """Penalty and fees open on a day up to which penalty was accrued."""
        penalty = penalty_of(self._weighted, self.account.rate_bp, self._product.penalty_tenths) - self._penalty_paid
        fees = (
            sum(fee for fee, due in zip(self._fees, self.days, strict=True) if day - due >= FEE_DAY) - self._fees_paid
        )
        return penalty, fees

    def due_on(self, day: int) -> int:
        """Everything due on a day, nothing later having been paid."""
        self._accrue(day)
        fallen = [index for index, due in enumerate(self.days) if due <= day]
        return sum(self._open(day)) + sum(self.principal[index] + self.interest[index] for index in fallen)

    def pay(self, day: int, amount: int) -> Part:
        """Split one payment. Boundary: never more than what is due on that day."""
        left = min(amount, self.due_on(day))
        penalty, fees = self._open(day)
        principal = 0
        oldest = next((due for due, p, i in zip(self.days, self.principal, self.interest, strict=True) if p + i), day)
        if self._product.late_fee_percent and day - oldest >= _PRINCIPAL_FIRST_DAYS:
            principal = self._take(self.principal, day, left)
        interest = self._take(self.interest, day, left - principal)
        penalty = min(penalty, left - principal - interest)
        fees = min(fees, left - principal - interest - penalty)
        principal += self._take(self.principal, day, left - principal - interest - penalty - fees)
        self._penalty_paid += penalty
        self._fees_paid += fees
        for index, (p, i) in enumerate(zip(self.principal, self.interest, strict=True)):
            if p + i == 0 and not self.paid_on[index]:
                self.paid_on[index] = day
        part = Part(day, principal, interest, penalty, fees)
        if part.amount:
            self.parts.append(part)
        return part

    def _take(self, open_parts: list[int], day: int, left: int) -> int:
        taken = 0
        for index, due in enumerate(self.days):
            if due > day or taken == left:
                break
            piece = min(open_parts[index], left - taken)
            open_parts[index] -= piece
            taken += piece
        return taken

    def position(self) -> Position:
        """What is due on the as-of day."""
        self._accrue(self.on)
        penalty, fees = self._open(self.on)
        account = self.account
        before = account.principal // account.periods * (account.entry_n - 1)
        paid = sum(part.principal for part in self.parts)
        oldest = next((due for due, p, i in zip(self.days, self.principal, self.interest, strict=True) if p + i), 0)
        following = account.entry_n + len(self.numbers)
        return Position(
            sum(self.principal),
            sum(self.interest),
            penalty,
            fees,
            account.principal - before - paid,
            oldest,
            following if following <= account.periods else 0,
        )
