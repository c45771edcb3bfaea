"""A case's way through days and money: entry, stage, tolerance, cure, re-opening, promises, stops, assignment."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, propose_sms, rows
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.store.debts.models import Debt, Instalment
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.ageing import Aged, EntryRules, age_book
from zhizhi.store.transact.assigning import Assigned, assign_cases
from zhizhi.store.transact.person import NoSuchRow
from zhizhi.store.transact.stops import add_stop
from zhizhi.usecases.proposal import worked_debts
from zhizhi.usecases.record_note import RecordNote, record_note
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.set_stop import LiftStop, SetStop, lift_stop, set_stop

pytestmark = pytest.mark.usefixtures("store")
RULES = EntryRules(-3, 3, 1000, ((-30, "reminder"), (4, "early"), (31, "middle"), (91, "litigation")))
NUMBERS = iter(range(10_000))
LENDERS = iter(range(1000))


@pytest.fixture
def lender(store: str) -> Lender:
    """A lender of this test alone, so that its whole book can be aged."""
    return Lender.objects.using("gate").create(
        code=f"T{next(LENDERS)}",
        name="测试",
        profile="cn.consumer_finance.online.cba",
        recorder="on",
        is_synthetic=True,
    )


@pytest.fixture(scope="module")
def desk(store: str) -> Staff:
    make_lender("DESK")
    return make_staff("desk", "supervisor")


def age(lender: Lender, on: date, rules: EntryRules = RULES) -> Aged:
    with transaction.atomic(using="gate"):
        return age_book(lender.pk, rules, on, datetime.combine(on, datetime.min.time(), BEIJING))


def assign(lender: Lender) -> Assigned:
    with transaction.atomic(using="gate"):
        return assign_cases(lender.pk, TODAY, TEN)


def borrower(lender: Lender, days: int, amount_minor: int = 100_000) -> Borrower:
    return make_borrower(lender, next(NUMBERS), due_on=TODAY - timedelta(days=days), amount_minor=amount_minor)


def second_debt(who: Borrower, lender: Lender, days: int, amount_minor: int, state: str = "overdue") -> int:
    due_on, n = TODAY - timedelta(days=days), ids.take()
    Debt.objects.using("gate").create(
        person_id=who.person,
        id=n,
        lender_id=lender.pk,
        account_key=SearchKeys(lender.pk).identity("account", f"B{n}"),
        sealed=b"\x01",
        product="credit_card",
        state=state,
        oldest_unpaid_due_on=due_on,
        principal_minor=amount_minor,
        balance_minor=amount_minor,
        as_of_on=TODAY,
        row_digest=b"",
    )
    return n


def pay(who: Borrower, minor: int, at: datetime = TEN, debt: int | None = None, paid_on: date | None = None) -> object:
    command = RecordPayment(who.person, debt or who.debt, minor, paid_on or at.date(), f"R{ids.take()}", "test", None)
    return record_payment(command, at)


def case_of(who: Borrower) -> dict[str, object]:
    columns = ("id", "stage", "days_past_due", "balance_minor", "closed_on", "exit", "stop")
    found = rows(
        f"SELECT {', '.join(columns)} FROM collection_case WHERE person_id = %s"
        " ORDER BY closed_on NULLS FIRST, id DESC",
        who.person,
    )
    return dict(zip(columns, found[0], strict=True)) if found else {}


def debt_of(debt: int) -> tuple[object, ...]:
    return rows("SELECT state, balance_minor, oldest_unpaid_due_on FROM debt WHERE id = %s", debt)[0]


class TestAgeing:
    @pytest.mark.parametrize(
        ("days", "stage"),
        [
            (-4, None),
            (-3, "reminder"),
            (0, "reminder"),
            (3, "reminder"),
            (4, "early"),
            (31, "middle"),
            (91, "litigation"),
        ],
    )
    def test_a_case_opens_in_the_stage_of_its_days(self, days: int, stage: str | None, lender: Lender) -> None:
        who = borrower(lender, days)
        assert age(lender, TODAY).opened == (stage is not None)
        assert case_of(who).get("stage") == stage
        assert debt_of(who.debt)[0] == ("overdue" if days > 0 else "not_due")

    def test_small_arrears_stay_in_the_reminder_stage(self, lender: Lender) -> None:
        small, enough = borrower(lender, 40, 999), borrower(lender, 40, 1000)
        age(lender, TODAY)
        assert (case_of(small)["stage"], case_of(enough)["stage"]) == ("reminder", "middle")

    def test_days_between_tolerance_and_first_stage_are_reminded(self, lender: Lender) -> None:
        who = borrower(lender, 5)
        age(lender, TODAY, EntryRules(-3, 3, 0, ((10, "early"),)))
        assert case_of(who)["stage"] == "reminder"

    def test_ageing_twice_changes_nothing(self, lender: Lender) -> None:
        borrower(lender, 10)
        assert age(lender, TODAY).opened == 1
        assert age(lender, TODAY) == Aged(0, 0, 0, 0)

    def test_the_oldest_debt_of_a_person_decides_and_all_of_them_are_one_case(self, lender: Lender) -> None:
        who = borrower(lender, 10)
        second_debt(who, lender, 40, 5_000)
        age(lender, TODAY)
        assert (case_of(who)["stage"], case_of(who)["days_past_due"], case_of(who)["balance_minor"]) == (
            "middle",
            40,
            105_000,
        )

    def test_a_case_is_cured_and_a_later_arrear_opens_another(self, lender: Lender) -> None:
        who = borrower(lender, 10)
        age(lender, TODAY)
        first = case_of(who)["id"]
        rows(
            "UPDATE debt SET oldest_unpaid_due_on = %s WHERE id = %s RETURNING id", TODAY + timedelta(days=20), who.debt
        )
        assert age(lender, TODAY + timedelta(days=1)).closed == 1
        assert (case_of(who)["exit"], debt_of(who.debt)[0]) == ("cured", "not_due")
        assert age(lender, TODAY + timedelta(days=24)).opened == 1
        assert case_of(who)["id"] != first
        assert case_of(who)["stage"] == "early"

    def test_a_debt_that_went_to_another_creditor_is_no_cure(self, lender: Lender) -> None:
        who = borrower(lender, 10)
        age(lender, TODAY)
        rows("UPDATE debt SET state = 'transferred_without_notice' WHERE id = %s RETURNING id", who.debt)
        age(lender, TODAY + timedelta(days=1))
        assert case_of(who)["exit"] == "assigned"

    def test_a_decision_on_the_facts_of_yesterday_does_not_commit_today(self, lender: Lender) -> None:
        who = borrower(lender, 0)
        age(lender, TODAY)
        before = load_facts([who.person], TEN)[who.person].version
        age(lender, TODAY + timedelta(days=1))
        assert load_facts([who.person], TEN)[who.person].version == before + 1

    def test_a_stop_ends_with_its_day(self, lender: Lender, desk: Staff) -> None:
        who = borrower(lender, 10)
        age(lender, TODAY)
        set_stop(SetStop(who.person, "hardship", None, "hospital stay", TEN + timedelta(days=2), desk.pk), TEN)
        assert case_of(who)["stop"] == "hardship"
        age(lender, TODAY + timedelta(days=2))
        assert case_of(who)["stop"] == "hardship"
        age(lender, TODAY + timedelta(days=3))
        assert case_of(who)["stop"] is None
        assert load_facts([who.person], TEN + timedelta(days=3))[who.person].stop is None


class TestPayments:
    def test_money_goes_to_what_is_due_and_the_rest_is_surplus(self, lender: Lender) -> None:
        who = borrower(lender, 10)
        age(lender, TODAY)
        posted = pay(who, 150_000)
        assert (posted.applied_minor, posted.surplus_minor, posted.case_exit) == (100_000, 50_000, "settled")  # type: ignore[attr-defined]  # a receipt
        assert debt_of(who.debt) == ("settled", 0, None)
        assert rows("SELECT sum(amount_minor) FROM entry WHERE debt_id = %s AND is_credit", who.debt) == [(100_000,)]

    def test_a_part_leaves_the_rest_and_its_oldest_day(self, lender: Lender) -> None:
        who = borrower(lender, 40)
        later = TODAY - timedelta(days=10)
        Instalment.objects.using("gate").filter(debt_id=who.debt).update(amount_minor=60_000)
        Instalment.objects.using("gate").create(
            person_id=who.person, id=ids.take(), debt_id=who.debt, n=2, due_on=later, amount_minor=40_000
        )
        age(lender, TODAY)
        pay(who, 59_999)
        assert debt_of(who.debt)[2] == TODAY - timedelta(days=40)
        pay(who, 1)
        assert debt_of(who.debt) == ("overdue", 40_000, later)
        assert (case_of(who)["days_past_due"], case_of(who)["balance_minor"]) == (10, 40_000)
        assert rows("SELECT n, paid_minor, paid_on FROM instalment WHERE debt_id = %s ORDER BY n", who.debt) == [
            (1, 60_000, TODAY),
            (2, 0, None),
        ]

    def test_a_loan_with_instalments_to_come_is_cured_and_not_settled(self, lender: Lender) -> None:
        who, next_due = borrower(lender, 10), TODAY + timedelta(days=20)
        Instalment.objects.using("gate").create(
            person_id=who.person, id=ids.take(), debt_id=who.debt, n=2, due_on=next_due, amount_minor=100_000
        )
        age(lender, TODAY)
        assert pay(who, 100_000).case_exit == "cured"  # type: ignore[attr-defined]  # a receipt
        assert debt_of(who.debt) == ("not_due", 0, next_due)

    def test_penalties_that_are_left_keep_the_debt_overdue(self, lender: Lender) -> None:
        who = borrower(lender, 10)
        rows("UPDATE debt SET costs_minor = 500, balance_minor = 100500 WHERE id = %s RETURNING id", who.debt)
        age(lender, TODAY)
        pay(who, 100_000)
        state, balance, oldest = debt_of(who.debt)
        assert (state, balance, oldest) == ("overdue", 500, TODAY - timedelta(days=10))
        assert case_of(who)["closed_on"] is None

    def test_one_paid_debt_of_two_leaves_the_case_open(self, lender: Lender) -> None:
        who = borrower(lender, 10)
        other = second_debt(who, lender, 40, 5_000)
        age(lender, TODAY)
        assert pay(who, 5_000, debt=other).case_exit is None  # type: ignore[attr-defined]  # a receipt
        assert (case_of(who)["balance_minor"], case_of(who)["days_past_due"]) == (100_000, 10)
        assert debt_of(who.debt)[1] == 100_000

    @pytest.mark.parametrize("state", ["disputed", "plan_performing", "plan_broken"])
    def test_a_dispute_or_a_plan_keeps_the_case_open_until_it_is_settled(self, state: str, lender: Lender) -> None:
        who = borrower(lender, 10)
        age(lender, TODAY)
        rows("UPDATE debt SET state = %s WHERE id = %s RETURNING id", state, who.debt)
        assert pay(who, 99_999).case_exit is None  # type: ignore[attr-defined]  # a receipt
        assert debt_of(who.debt)[0] == state
        assert pay(who, 1).case_exit == "settled"  # type: ignore[attr-defined]  # a receipt

    def test_the_same_reference_again_changes_nothing_and_never_means_other_money(self, lender: Lender) -> None:
        who = borrower(lender, 10)
        command = RecordPayment(who.person, who.debt, 100, TODAY, "bank-1", "test", None)
        first, again = record_payment(command, TEN), record_payment(command, TEN)
        assert (again.payment_id, again.is_repeated) == (first.payment_id, True)
        assert debt_of(who.debt)[1] == 99_900
        with pytest.raises(Exception, match="other_payment"):
            record_payment(RecordPayment(who.person, who.debt, 101, TODAY, "bank-1", "test", None), TEN)

    def test_a_payment_for_a_stranger_is_refused_whole(self, lender: Lender) -> None:
        who, other = borrower(lender, 10), borrower(lender, 10)
        with pytest.raises(NoSuchRow):
            pay(who, 100, debt=other.debt)
        assert debt_of(other.debt)[1] == 100_000

    def test_what_waits_for_a_person_lapses_with_the_case(self, lender: Lender) -> None:
        who = borrower(lender, 10)
        age(lender, TODAY)
        rows(
            "INSERT INTO decision (person_id, id, at, verdict, channel, rule, facts, body, by)"
            " VALUES (%s, 1, now(), 'hold', 'sms', 'r', '{}', '{}', 'u1') RETURNING id",
            who.person,
        )
        sql = (
            "INSERT INTO hold (person_id, id, decision_id, rule, opened_at, state)"
            " VALUES (%s, 1, 1, 'r', now(), 'open') RETURNING id"
        )
        rows(sql, who.person)
        pay(who, 100_000)
        assert rows("SELECT state FROM hold WHERE person_id = %s", who.person) == [("lapsed",)]


class TestPromises:
    def promise(self, who: Borrower, desk: Staff, minor: int, due_on: date) -> None:
        note = RecordNote(
            who.person, int(str(case_of(who)["id"])), "CALL_OUT", "PROMISE", None, "好", "CHECK_PROMISE",
            TEN + timedelta(days=1), None, (minor, due_on), desk.pk,
        )  # fmt: skip
        record_note(note, TEN)

    def state(self, who: Borrower) -> list[tuple[object, ...]]:
        return rows("SELECT state, paid_minor FROM promise WHERE person_id = %s ORDER BY due_on", who.person)

    def test_a_promise_is_broken_exactly_the_day_after(self, lender: Lender, desk: Staff) -> None:
        who, due_on = borrower(lender, 10), TODAY + timedelta(days=2)
        age(lender, TODAY)
        self.promise(who, desk, 50_000, due_on)
        assert age(lender, due_on).broken_promises == 0
        assert self.state(who) == [("open", 0)]
        assert age(lender, due_on + timedelta(days=1)).broken_promises == 1
        assert self.state(who) == [("broken", 0)]

    def test_money_of_its_day_keeps_a_promise_even_when_it_is_known_later(self, lender: Lender, desk: Staff) -> None:
        who, due_on = borrower(lender, 10), TODAY + timedelta(days=2)
        age(lender, TODAY)
        self.promise(who, desk, 50_000, due_on)
        age(lender, due_on + timedelta(days=1))
        pay(who, 50_000, TEN + timedelta(days=4), paid_on=due_on)
        assert self.state(who) == [("kept", 50_000)]

    @pytest.mark.parametrize("paid_on", [TODAY - timedelta(days=1), TODAY + timedelta(days=3)])
    def test_money_of_another_time_keeps_nothing(self, paid_on: date, lender: Lender, desk: Staff) -> None:
        who, due_on = borrower(lender, 10), TODAY + timedelta(days=2)
        age(lender, TODAY)
        self.promise(who, desk, 50_000, due_on)
        pay(who, 50_000, TEN + timedelta(days=3), paid_on=paid_on)
        assert self.state(who) == [("open", 0)]

    def test_money_counts_on_the_earliest_promise_first(self, lender: Lender, desk: Staff) -> None:
        who = borrower(lender, 10)
        age(lender, TODAY)
        self.promise(who, desk, 10_000, TODAY + timedelta(days=1))
        self.promise(who, desk, 20_000, TODAY + timedelta(days=5))
        pay(who, 15_000)
        assert self.state(who) == [("kept", 10_000), ("open", 5_000)]


class TestWordsAndStops:
    def test_a_statement_and_its_stop_are_one_commit(
        self, lender: Lender, desk: Staff, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        who = borrower(lender, 10)
        age(lender, TODAY)

        def broken(*_: object) -> None:
            raise ConnectionError

        monkeypatch.setattr("zhizhi.store.transact.statements.write_stop", broken)
        with pytest.raises(ConnectionError):
            record_statement(RecordStatement(who.person, who.party, "complain", {}, desk.pk), TEN)
        assert rows("SELECT count(*) FROM statement WHERE person_id = %s", who.person) == [(0,)]
        monkeypatch.undo()
        record_statement(RecordStatement(who.person, who.party, "complain", {}, desk.pk), TEN)
        assert case_of(who)["stop"] == "complaint"

    def test_a_dispute_about_one_debt_leaves_the_others_to_be_worked(self, lender: Lender, desk: Staff) -> None:
        who = borrower(lender, 10)
        other = second_debt(who, lender, 40, 5_000)
        age(lender, TODAY)
        record_statement(RecordStatement(who.person, who.party, "dispute", {"debt": f"d{other}"}, desk.pk), TEN)
        facts = load_facts([who.person], TEN)[who.person]
        assert (facts.stop, case_of(who)["stop"], worked_debts(facts)) == (None, None, (who.debt,))
        record_statement(RecordStatement(who.person, who.party, "dispute", {"debt": f"d{who.debt}"}, desk.pk), TEN)
        facts = load_facts([who.person], TEN)[who.person]
        assert (facts.stop, case_of(who)["stop"], worked_debts(facts)) == ("dispute", "dispute", ())

    def test_a_debt_that_is_paid_does_not_keep_the_person_from_being_asked_for_the_other(self, lender: Lender) -> None:
        who = borrower(lender, 10)
        other = second_debt(who, lender, 40, 5_000)
        age(lender, TODAY)
        pay(who, 5_000, debt=other)
        assert worked_debts(load_facts([who.person], TEN)[who.person]) == (who.debt,)

    def test_a_debt_that_is_not_due_is_not_asked_for_beside_one_that_is(self, lender: Lender) -> None:
        who = borrower(lender, 10)
        second_debt(who, lender, -20, 5_000, state="not_due")
        assert worked_debts(load_facts([who.person], TEN)[who.person]) == (who.debt,)

    def test_a_dispute_about_no_debt_stops_them_all(self, lender: Lender, desk: Staff) -> None:
        who = borrower(lender, 10)
        second_debt(who, lender, 40, 5_000)
        age(lender, TODAY)
        record_statement(RecordStatement(who.person, who.party, "denies_debt", {"why": "not_me"}, desk.pk), TEN)
        assert case_of(who)["stop"] == "dispute"

    def test_the_gravest_stop_is_shown_and_the_next_one_when_it_is_lifted(self, lender: Lender, desk: Staff) -> None:
        who = borrower(lender, 10)
        age(lender, TODAY)
        first = set_stop(SetStop(who.person, "no_contact_order", None, "court order", None, desk.pk), TEN)
        set_stop(SetStop(who.person, "complaint", None, "letter received", None, desk.pk), TEN)
        assert case_of(who)["stop"] == "no_contact_order"
        lift_stop(LiftStop(who.person, first, "order ended", desk.pk), TEN)
        assert case_of(who)["stop"] == "complaint"
        with pytest.raises(NoSuchRow):
            lift_stop(LiftStop(who.person, first, "order ended", desk.pk), TEN)

    def test_two_stops_of_a_kind_hold_until_the_later_end(self, lender: Lender, desk: Staff) -> None:
        who = borrower(lender, 10)
        late, soon = TEN + timedelta(days=9), TEN + timedelta(days=1)
        for until in (late, soon):
            set_stop(SetStop(who.person, "hardship", None, "hospital stay", until, desk.pk), TEN)
        document = load_facts([who.person], TEN)[who.person].document
        assert datetime.fromisoformat(document["case"]["hardship_until"]) == late

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("agree_hours", {"from": "9 o'clock", "to": "21:00", "form": "specific"}),
            ("refuse_medium", {}),
            ("dispute", {"debt": "d1"}),
            ("sings", {}),
        ],
    )
    def test_words_that_the_contract_does_not_know_are_refused_before_anything_is_written(
        self, kind: str, body: dict[str, object], lender: Lender, desk: Staff
    ) -> None:
        who = borrower(lender, 10)
        rows("UPDATE point SET is_misdirected = true WHERE person_id = %s RETURNING id", who.person)
        with pytest.raises(UseCaseRefused, match="bad_statement"):
            record_statement(RecordStatement(who.person, who.party, kind, body, desk.pk), TEN)
        assert rows("SELECT version FROM person WHERE id = %s", who.person) == [(0,)]


class TestAssignment:
    def load(self, *staff: Staff) -> list[tuple[int, int]]:
        found = {
            row[0]: (row[1], int(row[2]))
            for row in rows(
                "SELECT collector_id, count(*), sum(balance_minor) FROM collection_case WHERE closed_on IS NULL"
                " AND collector_id = ANY (%s) GROUP BY 1",
                [one.pk for one in staff],
            )
        }
        return [found.get(one.pk, (0, 0)) for one in staff]

    def test_equal_desks_get_equal_numbers_and_nearly_equal_balances(self, lender: Lender) -> None:
        staff = [make_staff(f"s{lender.pk}-{n}", "collector", lender, 50) for n in range(3)]
        amounts = [10_000 + 7_919 * n for n in range(20)]
        for amount in amounts:
            borrower(lender, 10, amount)
        age(lender, TODAY)
        assert assign(lender) == Assigned(20, 0)
        numbers, balances = zip(*self.load(*staff), strict=True)
        assert max(numbers) - min(numbers) <= 1
        assert max(balances) - min(balances) <= max(amounts)
        assert assign(lender) == Assigned(0, 0)

    def test_nobody_gets_more_than_fits_on_the_desk_whosever_cases_lie_there(self, lender: Lender) -> None:
        shared = make_staff(f"shared{lender.pk}", "collector", None, 3)
        other = Lender.objects.using("gate").create(code=f"O{lender.pk}", name="测试", profile=lender.profile)
        Staff.objects.using("gate").exclude(pk=shared.pk).filter(lender=None).update(capacity=0)
        for one in (lender, other):
            for _ in range(2):
                borrower(one, 10)
            age(one, TODAY)
        assert assign(lender) == Assigned(2, 0)
        assert assign(other) == Assigned(1, 1)
        Staff.objects.using("gate").filter(pk=shared.pk).update(capacity=0, is_active=False)

    def test_a_case_leaves_somebody_who_has_left(self, lender: Lender) -> None:
        gone, here = (make_staff(f"{name}{lender.pk}", "collector", lender, 10) for name in ("gone", "here"))
        who = borrower(lender, 10)
        age(lender, TODAY)
        rows("UPDATE collection_case SET collector_id = %s WHERE person_id = %s RETURNING id", gone.pk, who.person)
        assert assign(lender).assigned == 0
        Staff.objects.using("gate").filter(pk=gone.pk).update(is_active=False)
        assert assign(lender) == Assigned(1, 0)
        assert self.load(gone, here) == [(0, 0), (1, 100_000)]

    def test_a_reminder_needs_no_collector(self, lender: Lender) -> None:
        make_staff(f"idle{lender.pk}", "collector", lender, 10)
        borrower(lender, 0)
        age(lender, TODAY)
        assert assign(lender) == Assigned(0, 0)


def test_a_message_about_two_debts_names_only_what_is_not_stopped(lender: Lender, desk: Staff) -> None:
    from zhizhi.store.people.opened import load_addressees

    who = borrower(lender, 10)
    other = second_debt(who, lender, 40, 5_000)
    addressee = load_addressees([who.person])[who.person]
    assert addressee.owed().balance_minor == 105_000
    assert addressee.owed((who.debt,)).balance_minor == 100_000
    assert addressee.owed((other,)).oldest_due_on == TODAY - timedelta(days=40)


@pytest.mark.parametrize(("state", "stop"), [("not_due", "plan"), ("overdue", None)])
def test_a_plan_on_what_is_behind_stops_the_case_though_another_debt_falls_due_next_month(
    lender: Lender, state: str, stop: str | None
) -> None:
    """Found by the zeros of a demonstration day: a message and a call to collect while the plan was performed."""
    who = borrower(lender, 40)
    second_debt(who, lender, -12 if state == "not_due" else 12, 5_000, state)
    age(lender, TODAY)
    rows("UPDATE debt SET state = 'plan_performing' WHERE id = %s RETURNING id", who.debt)
    add_stop(who.person, "plan", who.debt, "签有方案", None, at=TEN, by="test")
    assert rows("SELECT stop FROM collection_case WHERE person_id = %s", who.person) == [(stop,)]


def test_a_second_hold_of_a_rule_names_the_first(desk: Staff) -> None:
    who = make_borrower(Lender.objects.using("gate").get(code="DESK"), next(NUMBERS))
    record_statement(RecordStatement(who.person, who.party, "represented_by_attorney", {}, desk.pk), TEN)
    first, again = propose_sms(who, desk.pk, TEN), propose_sms(who, desk.pk, TEN + MINUTE)
    assert first.hold_id is not None
    assert again.hold_id == first.hold_id
    assert rows("SELECT count(*) FROM hold WHERE person_id = %s", who.person) == [(1,)]
