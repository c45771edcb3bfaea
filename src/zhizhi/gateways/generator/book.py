"""The synthetic demonstration book: rows by account and by person, the same for an index in a book of any size."""

from collections.abc import Callable, Iterator
from datetime import date

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.generator.behaviour import behaviour_of
from zhizhi.gateways.generator.casework import Casework, Rows, account_number
from zhizhi.gateways.generator.floor import Arrears, Floor
from zhizhi.gateways.generator.identity import MOST_PERSONS, Person, compose_name, mobile_of, person_source
from zhizhi.gateways.generator.organisation import Organisation, Row
from zhizhi.gateways.generator.parameters import PRODUCTS, Calibration
from zhizhi.gateways.generator.payments import PaymentHistories, PaymentHistory, opened_on
from zhizhi.gateways.generator.refusal import BookRefused
from zhizhi.gateways.generator.seasons import iso
from zhizhi.gateways.generator.servicing import Account, Accounts, Position
from zhizhi.gateways.generator.streams import Dice, word_source
from zhizhi.gateways.generator.tables import TABLES
from zhizhi.gateways.generator.talks import wishes_of
from zhizhi.gateways.generator.truths import Truth, truth_source

LARGEST_BOOK = MOST_PERSONS * 4 // 5
EARLIEST_YEAR, LATEST_YEAR = (
    2021,
    2032,
)  # the years for which the Spring Festival table holds the year of history and the opening
_SEED = Text(zh="种子须在 0 与 2^63 - 1 之间", en="the seed must lie between 0 and 2^63 - 1")
_DAY = Text(
    zh="截至日须在 {first} 至 {last} 年之间：其余年份的春节日期不在参数表中",
    en="the day must lie in {first} to {last}, the years whose Spring Festival is in the parameters",
)
_RELATIONS = ("spouse", "parent", "sibling", "friend", "colleague")
_CONTACT_COUNTS = (0, 0, 0, 1, 1, 1, 1, 2, 2, 2)


class Book:
    """One book: a seed, an as-of day and a calibration. The year of history ends on the evening before that day."""

    def __init__(self, seed: int, on: date, calibration: Calibration = "prime") -> None:
        """Refuses: a negative or too large seed, a day outside the Spring Festival table (BookRefused)."""
        if not 0 <= seed < 2**63:
            raise BookRefused("seed", _SEED)
        if not EARLIEST_YEAR <= on.year <= LATEST_YEAR:
            raise BookRefused("day", _DAY.fill(first=EARLIEST_YEAR, last=LATEST_YEAR))
        self.seed, self.on, self.calibration = seed, on, calibration
        self.behaviour = behaviour_of(calibration)
        self.parameters = self.behaviour.parameters
        self.person: Callable[[int], Person] = person_source(self.parameters, seed, on)
        self.truth: Callable[[int], Truth] = truth_source(self.parameters, seed)
        self.accounts = Accounts(self.parameters, seed, on)
        self.payments = PaymentHistories(self.accounts, seed)
        self.organisation = Organisation(self.parameters, seed, on)
        self.floor = Floor(self.behaviour, self.organisation, self.accounts)
        self._relations = word_source(seed, "relations")
        self._day = on.toordinal()
        self._start = self._day - self.parameters.numbers["book.history_days"]

    def draw(self, index: int) -> tuple[Person, Account]:
        """An account and whose it is."""
        person = self.person(self.accounts.person_of(index))
        return person, self.accounts.draw(index, person.lender)

    def account_cells(self, index: int) -> tuple[str, ...]:
        """One row of the accounts file, cells in the order of its columns."""
        person, account = self.draw(index)
        position, on = self.accounts.position(account), self._day
        product = self.parameters.products[account.product]
        oldest, next_n, spare = position.oldest, position.next_n, account.spare
        days = on - oldest if oldest else 0
        placement = self.organisation.placement(account, days)
        total = position.outstanding_principal + position.interest_due + position.penalty_due + position.fees_due
        return (
            self.parameters.lenders[person.lender].code,
            person.customer_number,
            account_number(index),
            product.code,
            person.name,
            person.id_number,
            person.mobile,
            person.mobile_2,
            person.email,
            person.address,
            iso(opened_on(account)),
            "CNY",
            str(account.principal),
            account.rate,
            "360",
            "" if product.late_fee_percent else f"{product.penalty_tenths // 10}.{product.penalty_tenths % 10}",
            f"0.{product.late_fee_percent:02d}" if product.late_fee_percent else "0",
            "equal_principal",
            str(account.periods),
            str(account.anchor),
            "true" if spare[7] & 3 else "false",
            "true" if spare[7] & 12 else "false",
            "false",
            str(total),
            "" if product.code == "instalment_loan" else str(total),
            iso(account.due(next_n)) if next_n else "",
            str(account.principal_of(next_n) + account.interest_of(next_n)) if next_n else "",
            str(position.principal_due),
            str(position.interest_due),
            str(position.penalty_due),
            str(position.fees_due),
            str(position.due),
            iso(oldest) if oldest else "",
            str(days),
            state_of(account, position, days),
            self.organisation.collector(account, days, placement) if days else "",
            placement.agency if placement else "",
            placement.hand if placement else "",
            iso(placement.placed) if placement else "",
            iso(placement.until) if placement else "",
            "true",
        )

    def account_histories(self, index: int) -> Rows:
        """The instalments and payments of an account."""
        person, account = self.draw(index)
        made = self.payments.history(account)
        key: Row = {
            "lender_code": self.parameters.lenders[person.lender].code,
            "customer_number": person.customer_number,
            "account_number": account_number(index),
        }
        instalments: list[Row] = [
            {
                **key,
                "n": row.n,
                "due_on": iso(row.due),
                "principal_minor": row.principal,
                "interest_minor": row.interest,
                "paid_on": iso(row.paid_on) if row.paid_on else "",
                "paid_minor": row.paid,
            }
            for row in made.instalments
        ]
        return {"instalments": instalments, "payments": list(_payment_rows(key, made))}

    def person_histories(self, index: int, accounts: int) -> Rows:
        """All other rows of the person whose first account this is. `accounts`: the size of the book."""
        person, account = self.draw(index)
        held = [account]
        second = self.accounts.second_of(index)
        if second is not None and second < accounts:
            held.append(self.accounts.draw(second, person.lender))
        histories = [self.payments.history(one) for one in held]
        parties = list(self._contact_persons(person, account))
        case = Casework(
            person=person,
            lender_code=self.parameters.lenders[person.lender].code,
            accounts=tuple(held),
            account=account,
            truth=self._since_opening(self.truth(index), account),
            dice=Dice(self.seed, "floor", index),
            start=self._start,
            on=self._day,
            contact_parties=tuple(str(row["party"]) for row in parties),
            wishes=wishes_of(self.behaviour, self.seed, index),
        )
        since = self._day - self.parameters.numbers["book.reminder_history_days"]
        reminders = frozenset(
            row.due
            for row in histories[0].instalments
            if row.paid_on and since < row.due < self._day and row.paid_on <= row.due
        )
        self.floor.work(case, arrears_by_day(histories, self._start, self._day), reminders)
        for table in ("contacts", "statements", "notes", "carrier_records"):
            if table in case.rows:
                case.rows[table].sort(key=lambda row: str(row["at"]))
        case.account = account
        case.rows["contact_persons"] = parties
        case.rows["truth"] = [self._truth_row(case)]
        return case.rows

    def _since_opening(self, truth: Truth, account: Account) -> Truth:
        """The same truth with nothing before the account was opened: what would come earlier comes on the day after."""
        first = opened_on(account) + 1 - self._start
        moved = {
            name: max(day, first)
            for name in ("deceased", "gravely_ill", "represented", "reassigned")
            if (day := getattr(truth, name)) >= 0
        }
        return truth._replace(**moved) if moved else truth

    def _contact_persons(self, person: Person, account: Account) -> Iterator[Row]:
        drawn = self._relations(person.number)
        for slot in range(_CONTACT_COUNTS[drawn[0] * len(_CONTACT_COUNTS) >> 32]):
            yield {
                "lender_code": self.parameters.lenders[person.lender].code,
                "customer_number": person.customer_number,
                "account_number": account_number(person.number),
                "party": f"c{slot + 1}",
                "name": compose_name(self.parameters.names, drawn[1 + slot * 7 : 8 + slot * 7]),
                "relation": _RELATIONS[(drawn[15] + slot * (1 + drawn[15] // 5 % 4)) % len(_RELATIONS)],
                "mobile": mobile_of(self.parameters, self.seed, person.number, 2 + slot),
                "named_by_debtor": "true",
                "named_on": iso(opened_on(account)),
            }

    def _truth_row(self, case: Casework) -> Row:
        truth = case.truth

        def day(offset: int) -> str:
            return iso(self._start + offset) if offset >= 0 else ""

        return {
            "lender_code": case.lender_code,
            "customer_number": case.person.customer_number,
            "drawn_by": case.accounts[0].drawn_by,
            "entered_on": iso(case.accounts[0].entry) if case.accounts[0].entry_n else "",
            "cured_on": iso(case.accounts[0].cured) if case.accounts[0].cured else "",
            "ability": truth.ability,
            "willingness": truth.willingness,
            "sensitivity": truth.sensitivity,
            "self_cures": _flag(truth.self_cures),
            "lost_from": truth.lost_from,
            "number_dead": _flag(bool(truth.lost_from) and truth.number_dead),
            "number_reassigned_on": day(truth.reassigned),
            "deceased_on": day(truth.deceased),
            "gravely_ill_on": day(truth.gravely_ill),
            "represented_on": day(truth.represented),
            "complaint_genuine": _flag(truth.complaint_genuine),
            "planted": "|".join(sorted(case.planted)),
        }


def _flag(value: bool) -> str:
    return "true" if value else "false"


def state_of(account: Account, position: Position, days: int) -> str:
    """The state of a debt in the words of the conduct case."""
    if account.plan and days:
        return "plan_broken" if account.plan.broken else "plan_performing"
    if days:
        return "overdue"
    return "not_due" if position.outstanding_principal or position.due else "settled"


def arrears_by_day(histories: list[PaymentHistory], start: int, on: int) -> dict[int, Arrears]:
    """The oldest arrears of each day in arrears from `start` up to but not including `on`."""
    arrears: dict[int, Arrears] = {}
    for number, history in enumerate(histories):
        for episode in history.episodes:
            for day in range(max(start, episode.entry + 1), episode.end or on):
                known = arrears.get(day)
                if known is None or day - episode.entry > known.age:
                    arrears[day] = Arrears(day - episode.entry, episode.end, number)
    return arrears


def _payment_rows(key: Row, made: PaymentHistory) -> Iterator[Row]:
    """Payments in order of time; a reversal names the payment that it takes back."""
    numbers = {id(payment): number for number, payment in enumerate(made.payments, 1)}
    for number, payment in enumerate(made.payments, 1):
        part = payment.part
        yield {
            "payment_id": f"{key['account_number']}-P{number:04d}",
            **key,
            "at": payment.at,
            "kind": payment.kind,
            "method": payment.method,
            "result": "succeeded" if payment.succeeded else "failed",
            "amount_minor": part.amount or payment.asked,
            "principal_minor": part.principal,
            "term_interest_minor": part.interest,
            "penalty_interest_minor": part.penalty,
            "fees_minor": part.fees,
            "reverses": f"{key['account_number']}-P{numbers[id(payment.reverses)]:04d}" if payment.reverses else "",
        }


def columns_of(table: str) -> tuple[str, ...]:
    """The columns of a file; the last says that the row is synthetic."""
    return (*TABLES[table], "synthetic")


__all__ = ["LARGEST_BOOK", "PRODUCTS", "Book", "arrears_by_day", "columns_of", "state_of"]
