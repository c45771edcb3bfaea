"""What an account paid since it was opened: instalments, payments, reversals, debit attempts, episodes of arrears."""

from dataclasses import dataclass, field

from zhizhi.gateways.generator.seasons import iso, month_day
from zhizhi.gateways.generator.servicing import FEE_DAY, Account, Accounts, Part, Settlement, half_up, penalty_of
from zhizhi.gateways.generator.streams import Dice, chance

_METHODS = ("app", "app", "app", "bank_transfer", "bank_transfer", "counter")
_NEXT_STATEMENT_DAYS = 31


@dataclass(frozen=True, slots=True)
class Episode:
    """Arrears from an unpaid due day to the day on which everything due was paid (0: still open)."""

    entry: int
    end: int


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment as of the as-of day."""

    n: int
    due: int
    principal: int
    interest: int
    paid_on: int
    paid: int


@dataclass(frozen=True, slots=True)
class Payment:
    """One row of the payments file. `amount` is what was asked for where an attempt failed."""

    at: str
    kind: str
    method: str
    succeeded: bool
    part: Part
    asked: int = 0
    reverses: "Payment | None" = None


@dataclass(slots=True)
class PaymentHistory:
    """All of one account."""

    instalments: list[Instalment] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)


class PaymentHistories:
    """Draws the payment history of an account; it ends on the evening before the as-of day."""

    def __init__(self, accounts: Accounts, seed: int) -> None:
        """`accounts`: where the accounts come from."""
        self._accounts, self._seed, self._on = accounts, seed, accounts.on
        shares = accounts.parameters.shares
        unpaid = shares["calibration.unpaid_on_day_1"]
        debited = shares["ageing.debit_on_due_day"]
        presented = unpaid / (1 - debited)
        self._missed = chance(unpaid)
        self._missed_at_festival = chance(unpaid * shares["season.spring_festival_miss_factor"])
        self._paid_by_debit = chance(presented * debited / (1 - unpaid))
        self._reversed = accounts.parameters.chances["ageing.reversed_payment"]

    def history(self, account: Account) -> PaymentHistory:
        """Everything that was due and paid."""
        made = PaymentHistory()
        dice = Dice(self._seed, "payments", account.number)
        n = 1
        while n <= account.periods and account.due(n) < self._on:
            if n == account.entry_n:
                if not account.cured:
                    break
                n = self._pay_late(made, account, n, dice, day=account.cured, by_debit=account.by_debit)
                continue
            n = self._earlier(made, account, n, dice)
        if account.entry_n and not account.cured:
            n = self._open_arrears(made, account, dice)
        horizon = self._on + _NEXT_STATEMENT_DAYS
        revolving = self._accounts.parameters.products[account.product].code != "instalment_loan"
        while n <= account.periods and not (revolving and account.due(n) > horizon):
            made.instalments.append(
                Instalment(n, account.due(n), account.principal_of(n), account.interest_of(n), 0, 0)
            )
            n += 1
        made.payments.sort(key=lambda payment: payment.at)
        return made

    def _earlier(self, made: PaymentHistory, account: Account, n: int, dice: Dice) -> int:
        """One instalment outside the main episode: paid in time, or missed and cured before the main one."""
        due = account.due(n)
        festival = due in self._accounts.seasons.festival_days
        missed = dice.happens(self._missed_at_festival if festival else self._missed)
        drawn = tuple(dice.word() for _ in range(6)) if missed else ()
        if missed:
            cure = self._accounts.ageing.earlier(drawn, due)
            last = min(self._on, account.entry if account.entry_n > n else self._on)
            if due + cure.days < last:
                return self._pay_late(made, account, n, dice, day=due + cure.days, by_debit=cure.by_debit)
        principal, interest = account.principal_of(n), account.interest_of(n)
        if dice.happens(self._paid_by_debit):
            made.payments.append(
                Payment(
                    clock(due, 20, dice),
                    "direct_debit",
                    "direct_debit",
                    succeeded=True,
                    part=Part(due, principal, interest, 0, 0),
                )
            )
            day = due
        else:
            # Nobody pays ahead while something older is open.
            day = min(due, max(due - dice.below(6), made.episodes[-1].end if made.episodes else 0))
            self._pay_in_time(made, Part(day, principal, interest, 0, 0), due, dice)
        made.instalments.append(Instalment(n, due, principal, interest, day, principal + interest))
        return n + 1

    def _pay_in_time(self, made: PaymentHistory, part: Part, due: int, dice: Dice) -> None:
        method = _METHODS[dice.below(len(_METHODS))]
        if part.day < due - 1 and dice.happens(self._reversed):
            # A transfer that bounced: the reversal is a row of its own; the day of the second payment counts.
            bounced = part._replace(day=part.day - 2)
            transfer = Payment(
                clock(part.day - 2, 10, dice), "repayment", "bank_transfer", succeeded=True, part=bounced
            )
            made.payments.append(transfer)
            made.payments.append(
                Payment(
                    clock(part.day - 1, 15, dice),
                    "reversal",
                    "bank_transfer",
                    succeeded=True,
                    part=bounced,
                    reverses=transfer,
                )
            )
        made.payments.append(
            Payment(clock(part.day, 9 + dice.below(13), dice), "repayment", method, succeeded=True, part=part)
        )

    def _pay_late(self, made: PaymentHistory, account: Account, n: int, dice: Dice, *, day: int, by_debit: bool) -> int:
        """Everything due up to `day` is paid then, from instalment n on; returns the next instalment."""
        entry, product = account.due(n), self._accounts.parameters.products[account.product]
        principal = interest = weighted = fees = 0
        self._attempts(made, account, n, dice, end=day)
        while n <= account.periods and (due := account.due(n)) <= day:
            p, i = account.principal_of(n), account.interest_of(n)
            made.instalments.append(Instalment(n, due, p, i, day, p + i))
            principal, interest, weighted = principal + p, interest + i, weighted + p * (day - due)
            if product.late_fee_percent and day - due >= FEE_DAY:
                fees += half_up((p + i) * product.late_fee_percent, 100)
            n += 1
        part = Part(day, principal, interest, penalty_of(weighted, account.rate_bp, product.penalty_tenths), fees)
        kind = "direct_debit" if by_debit else "repayment"
        method = "direct_debit" if by_debit else _METHODS[dice.below(len(_METHODS))]
        made.payments.append(Payment(clock(day, 9 + dice.below(12), dice), kind, method, succeeded=True, part=part))
        made.episodes.append(Episode(entry, day))
        return n

    def _attempts(self, made: PaymentHistory, account: Account, n: int, dice: Dice, *, end: int) -> None:
        """Attempts of direct debit that failed: on the evening of the due day, on day 1, and in M2, before `end`."""
        entry, asked = account.due(n), account.principal_of(n) + account.interest_of(n)
        days = (0, 1, *self._accounts.parameters.day_lists["debit_m2"])
        for day in (entry + offset for offset in days):
            if day < min(end, self._on):
                made.payments.append(
                    Payment(
                        clock(day, 20 if day == entry else 9, dice),
                        "direct_debit_attempt",
                        "direct_debit",
                        succeeded=False,
                        part=Part(day, 0, 0, 0, 0),
                        asked=asked,
                    )
                )

    def _open_arrears(self, made: PaymentHistory, account: Account, dice: Dice) -> int:
        """The main episode of an account in arrears on the as-of day; returns the first instalment not due yet."""
        settled = Settlement(self._accounts, account)
        entry, n = account.entry, account.entry_n
        if entry < self._on:
            self._attempts(made, account, n, dice, end=self._on)
        for part in settled.parts:
            method = _METHODS[dice.below(len(_METHODS))]
            made.payments.append(
                Payment(
                    clock(part.day, 9 + dice.below(12), dice), "partial_repayment", method, succeeded=True, part=part
                )
            )
        left = zip(settled.numbers, settled.days, settled.principal, settled.interest, settled.paid_on, strict=True)
        for number, due, p, i, paid_on in left:
            principal, interest = account.principal_of(number), account.interest_of(number)
            made.instalments.append(Instalment(number, due, principal, interest, paid_on, principal + interest - p - i))
        made.episodes.append(Episode(entry, 0))
        return account.entry_n + len(settled.numbers)


def clock(day: int, hour: int, dice: Dice) -> str:
    """An instant of a civil day in Shanghai, at a minute and second drawn."""
    word = dice.word()
    return f"{iso(day)}T{hour:02d}:{word * 60 >> 32:02d}:{word % 60:02d}+08:00"


def opened_on(account: Account) -> int:
    """The day on which the account was opened: a month before its first due day."""
    return month_day(account.first_month - 1, account.anchor)
