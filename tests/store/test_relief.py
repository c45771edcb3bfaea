"""Relief from trial to its end, by the use cases on PostgreSQL: posted on full receipt, or over and owed as before."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import transaction

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import TEN, at_once, refused_by_database, rows
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.debt.relief.authority import LEVEL_OF_ROLE
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.gateways.files.opening import open_table
from zhizhi.store.debts.models import Debt
from zhizhi.store.evidence.log import open_log
from zhizhi.store.ids import ids
from zhizhi.store.imports.rows import Counts
from zhizhi.store.lenders.models import Lender
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.ageing import EntryRules, age_book
from zhizhi.store.transact.relief_days import AgedReliefs, age_reliefs
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.words import STAFF_ROLES
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.import_file import ImportFile, import_file
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.relief.giving import AcceptOffer, GiveOffer, accept_offer, give_offer
from zhizhi.usecases.relief.pool import SetPool, set_month_pool
from zhizhi.usecases.relief.proposing import Proposed, ProposeRelief, propose_relief, withdraw_offer
from zhizhi.usecases.relief.trying import try_relief
from zhizhi.usecases.set_stop import SetStop, set_stop

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(10_000))
LENDERS = iter(range(100))
RULES = EntryRules(-3, 3, 0, ((4, "early"), (31, "middle")))
MONTH = TODAY.replace(day=1)
POOL = 50_000_000


@dataclass(frozen=True)
class House:
    """A lender of one test, with its people."""

    lender: Lender
    staff: dict[str, int]


@pytest.fixture(scope="module")
def codes(store: str) -> Lender:
    return make_lender("CODES")


@pytest.fixture
def house(codes: Lender) -> House:
    code = f"R{next(LENDERS)}"
    lender = Lender.objects.using("gate").create(
        code=code, name="测试", profile="cn.consumer_finance.online.cba", recorder="on", is_synthetic=True
    )
    roles = ("supervisor", "settlement_clerk", "settlement_approver", "head", "compliance")
    staff = {role: make_staff(f"{role}-{code}", role, lender).pk for role in roles}
    return House(lender, staff)


def debtor(house: House, days: int = 100, product: str = "instalment_loan") -> Borrower:
    """1,000 yuan of principal, 100 of interest, 200.01 of penalty, 20 of fees."""
    who = make_borrower(house.lender, next(NUMBERS), due_on=TODAY - timedelta(days=days), amount_minor=100_000)
    Debt.objects.using("gate").filter(id=who.debt).update(
        term_interest_minor=10_000,
        penalty_interest_minor=20_001,
        fees_minor=2_000,
        balance_minor=132_001,
        product=product,
    )
    age(house, TODAY)
    return who


def age(house: House, on: date) -> None:
    with transaction.atomic(using="gate"):
        age_book(house.lender.pk, RULES, on, midnight(on))


def midnight(on: date) -> datetime:
    return datetime.combine(on, datetime.min.time(), BEIJING)


def pool(house: House, minor: int = POOL) -> None:
    set_month_pool(SetPool(house.lender.pk, MONTH, "CNY", minor, house.staff["head"]), TEN)


def propose(house: House, who: Borrower, choice: str, by: str = "supervisor", at: datetime = TEN) -> Proposed:
    return propose_relief(ProposeRelief(who.person, who.debt, choice, "收入下降，愿意结清", house.staff[by]), at)


def approve(house: House, proposed: Proposed, by: str, *, approve: bool = True, at: datetime = TEN) -> None:
    assert proposed.approval_id is not None
    ((digest,),) = rows("SELECT digest FROM approval WHERE id = %s", proposed.approval_id)
    rule(Rule(proposed.approval_id, digest, approve, house.staff[by], "同意" if approve else "金额过高"), at)


def give(house: House, who: Borrower, relief: int, at: datetime = TEN) -> None:
    give_offer(GiveOffer(who.person, relief, "call", house.staff["supervisor"]), at)


def accept(house: House, who: Borrower, relief: int, at: datetime = TEN) -> None:
    accept_offer(AcceptOffer(who.person, relief, house.staff["supervisor"]), at)


def in_force(house: House, who: Borrower, choice: str) -> int:
    """An agreement that was approved, given and accepted."""
    proposed = propose(house, who, choice)
    if proposed.approval_id is not None:
        approve(house, proposed, "head")
    give(house, who, proposed.relief_id)
    accept(house, who, proposed.relief_id)
    return proposed.relief_id


def pay(who: Borrower, minor: int, at: datetime = TEN) -> Any:
    return record_payment(
        RecordPayment(who.person, who.debt, minor, at.astimezone(BEIJING).date(), f"R{ids.take()}", "test", None), at
    )


def relief_of(relief: int) -> dict[str, Any]:
    columns = ("state", "received_minor", "posted_minor", "ends_on", "ended_on", "pool_month")
    return dict(zip(columns, rows(f"SELECT {', '.join(columns)} FROM relief WHERE id = %s", relief)[0], strict=True))


def debt_of(who: Borrower) -> tuple[Any, ...]:
    return rows("SELECT state, balance_minor FROM debt WHERE id = %s", who.debt)[0]


def case_of(who: Borrower) -> tuple[Any, ...]:
    return rows("SELECT stop, exit, next_step FROM collection_case WHERE person_id = %s ORDER BY id DESC", who.person)[
        0
    ]


def taken(house: House) -> int:
    ((minor,),) = rows("SELECT taken_minor FROM relief_pool WHERE lender_id = %s", house.lender.pk)
    return int(minor)


def test_a_waiver_from_trial_to_posted(house: House) -> None:
    who = debtor(house)
    pool(house)
    (tried,) = try_relief(who.person, house.staff["supervisor"], TEN)
    lump = next(choice for choice in tried.choices if choice.trial.code == "lump_m4.1")
    assert (lump.trial.waived_minor, lump.trial.due_minor) == (21_001, 111_000)
    proposed = propose(house, who, "lump_m4.1")
    assert proposed.approval_id is None, "a sixth of it a supervisor may grant alone"
    give(house, who, proposed.relief_id)
    assert (taken(house), case_of(who)) == (21_001, (None, None, "WAIT"))
    accept(house, who, proposed.relief_id)
    assert (debt_of(who), case_of(who)[0]) == (("plan_performing", 132_001), "plan")
    assert load_facts([who.person], TEN)[who.person].stop == "plan"
    assert pay(who, 60_000).case_exit is None
    assert relief_of(proposed.relief_id)["received_minor"] == 60_000
    assert rows("SELECT count(*) FROM entry WHERE kind = 'waiver' AND debt_id = %s", who.debt) == [(0,)]
    posted = pay(who, 51_000, TEN + timedelta(days=2))
    assert (posted.applied_minor, posted.case_exit) == (51_000, "settled_with_waiver")
    assert (debt_of(who), case_of(who)[:2]) == (("settled", 0), (None, "settled_with_waiver"))
    assert rows(
        "SELECT component, amount_minor FROM entry WHERE kind = 'waiver' AND debt_id = %s ORDER BY 1", who.debt
    ) == [("fees", 1_000), ("penalty_interest", 20_001)]
    assert rows(
        "SELECT sum(CASE WHEN is_credit THEN amount_minor ELSE -amount_minor END) FROM entry WHERE debt_id = %s",
        who.debt,
    ) == [(132_001,)]
    found = relief_of(proposed.relief_id)
    assert (found["state"], found["posted_minor"], taken(house)) == ("performed", 21_001, 21_001)
    assert rows("SELECT count(*) FROM leaf WHERE source_table = 'relief' AND source_id = %s", proposed.relief_id) == [
        (5,)
    ]
    sequence_all(TEN + timedelta(days=3))
    with open_log() as log:
        size = rows("SELECT max(size) FROM checkpoint")[0][0]
        assert not list(compare(log.stored_leaves(), iter([None] * size), log.object_digest))


def test_an_offer_that_nobody_accepts_is_over_and_everything_is_owed(house: House) -> None:
    who = debtor(house)
    pool(house)
    relief = propose(house, who, "lump_m4.1").relief_id
    give(house, who, relief)
    last = TODAY + timedelta(days=10)
    assert age_reliefs(house.lender.pk, last, midnight(last)) == AgedReliefs()
    with pytest.raises(Refused, match="no_longer_valid"):
        accept(house, who, relief, TEN + timedelta(days=11))
    over = last + timedelta(days=1)
    assert age_reliefs(house.lender.pk, over, midnight(over)) == AgedReliefs(expired=1)
    assert age_reliefs(house.lender.pk, over, midnight(over)) == AgedReliefs()
    assert (relief_of(relief)["state"], taken(house), debt_of(who)) == ("expired", 0, ("overdue", 132_001))
    assert case_of(who) == (None, None, "CALL")
    assert rows("SELECT author, action FROM note WHERE person_id = %s ORDER BY id DESC LIMIT 1", who.person) == [
        ("system", "NEGOTIATE")
    ]


def test_an_accepted_payment_that_does_not_come_restores_what_was_due(house: House) -> None:
    who = debtor(house)
    pool(house)
    relief = in_force(house, who, "lump_m4.1")
    pay(who, 50_000)
    over = TODAY + timedelta(days=11)
    assert age_reliefs(house.lender.pk, over, midnight(over)) == AgedReliefs(expired=1)
    assert (relief_of(relief)["state"], relief_of(relief)["posted_minor"], taken(house)) == ("expired", 0, 0)
    assert debt_of(who) == ("overdue", 82_001)
    assert case_of(who)[0] is None
    assert rows("SELECT lifted_by FROM stop WHERE person_id = %s", who.person) == [("system",)]


def test_a_plan_is_kept_payment_by_payment_and_broken_after_its_grace(house: House) -> None:
    who, late = debtor(house, 40), debtor(house, 40)
    pool(house)
    kept, missed = in_force(house, who, "interest_stop.3"), in_force(house, late, "interest_stop.3")
    first = TODAY + timedelta(days=7)
    pay(who, 44_000)
    pay(late, 43_999)
    grace = first + timedelta(days=3)
    assert age_reliefs(house.lender.pk, grace, midnight(grace)) == AgedReliefs()
    over = first + timedelta(days=4)
    assert age_reliefs(house.lender.pk, over, midnight(over)) == AgedReliefs(broken=1)
    assert (relief_of(kept)["state"], relief_of(missed)["state"]) == ("accepted", "broken")
    assert (debt_of(late), case_of(late)[0]) == (("plan_broken", 88_002), None)
    assert case_of(who)[0] == "plan"
    assert pay(who, 88_001, TEN + timedelta(days=30)).case_exit == "settled"
    assert relief_of(kept)["state"] == "performed"
    assert taken(house) == 0, "where nothing is waived nothing is taken"


def test_what_ran_since_is_waived_and_new_principal_is_not(house: House) -> None:
    who = debtor(house)
    pool(house)
    relief = in_force(house, who, "lump_m4.1")
    Debt.objects.using("gate").filter(id=who.debt).update(
        penalty_interest_minor=20_501, principal_minor=100_300, balance_minor=132_801
    )
    pay(who, 111_000)
    assert relief_of(relief)["posted_minor"] == 21_501
    assert debt_of(who) == ("overdue", 300)


def test_who_pays_the_first_payment_of_a_given_offer_has_accepted_it(house: House) -> None:
    who, other = debtor(house), debtor(house)
    pool(house)
    relief, refused = propose(house, who, "lump_m4.1").relief_id, propose(house, other, "lump_m4.1").relief_id
    give(house, who, relief)
    give(house, other, refused)
    assert pay(who, 111_000).case_exit == "settled_with_waiver"
    pay(other, 110_999)
    assert relief_of(refused)["state"] == "given"
    with pytest.raises(Refused, match="other_facts"):
        accept(house, other, refused)


def test_more_than_one_may_grant_takes_a_second_person(house: House) -> None:
    who, refused = debtor(house, 400), debtor(house, 400)
    pool(house)
    proposed = propose(house, who, "lump_last.1")
    assert proposed.approval_id is not None
    with pytest.raises(Refused, match="no_such_row"):
        give(house, who, proposed.relief_id)
    for nobody in ("supervisor", "compliance"):
        with pytest.raises(Refused, match="not_allowed"):
            approve(house, proposed, nobody)
    approve(house, proposed, "settlement_approver")
    give(house, who, proposed.relief_id)
    no = propose(house, refused, "lump_last.1")
    approve(house, no, "settlement_approver", approve=False)
    assert relief_of(no.relief_id)["state"] == "refused"
    assert propose(house, refused, "lump_last.1").relief_id != no.relief_id


def test_the_longest_plans_are_for_the_head_alone(house: House) -> None:
    who = debtor(house, 40)
    set_stop(SetStop(who.person, "hardship", None, "住院治疗中", None, house.staff["supervisor"]), TEN)
    proposed = propose(house, who, "instalments_hardship.60")
    with pytest.raises(Refused, match="not_allowed"):
        approve(house, proposed, "settlement_approver")
    approve(house, proposed, "head")
    assert relief_of(proposed.relief_id)["state"] == "approved"


def test_what_is_taken_back_approves_nothing_and_makes_room(house: House) -> None:
    who = debtor(house, 400)
    proposed = propose(house, who, "lump_last.1")
    with pytest.raises(Refused, match="open_already"):
        propose(house, who, "interest_stop.3")
    withdraw_offer(who.person, proposed.relief_id, proposed.approval_id, house.staff["supervisor"], TEN)
    with pytest.raises(Refused, match="not_waiting"):
        approve(house, proposed, "head")
    assert propose(house, who, "interest_stop.3").approval_id is None


def test_an_offer_is_of_todays_facts_and_of_somebody_who_can_agree(house: House) -> None:
    who = debtor(house, 20)
    for choice in ("lump_m4.1", "interest_stop.4", "nothing"):
        with pytest.raises(Refused, match="not_offered"):
            propose(house, who, choice)
    with pytest.raises(Refused, match="too_short"):
        propose_relief(ProposeRelief(who.person, who.debt, "interest_stop.3", " ", house.staff["supervisor"]), TEN)
    with pytest.raises(Refused, match="not_allowed"):
        propose(house, who, "interest_stop.3", by="compliance")
    set_stop(SetStop(who.person, "bankruptcy", None, "法院已受理破产", None, house.staff["supervisor"]), TEN)
    with pytest.raises(Refused, match="no_agreement"):
        try_relief(who.person, house.staff["supervisor"], TEN)


def test_the_pool_holds_to_the_fen_however_many_ask_at_once(house: House) -> None:
    people = [debtor(house) for _ in range(6)]
    pool(house, 3 * 21_001)
    offers = [(who, propose(house, who, "lump_m4.1").relief_id) for who in people]

    def one(offer: tuple[Borrower, int]) -> str:
        try:
            give(house, *offer)
        except Refused as refused:
            return refused.code
        return "given"

    answers = at_once([lambda offer=offer: one(offer) for offer in offers])
    assert sorted(answers) == ["given"] * 3 + ["pool_empty"] * 3
    assert taken(house) == 3 * 21_001
    with pytest.raises(Refused, match="below_taken"):
        pool(house, 3 * 21_001 - 1)
    waiting = next(offer for offer, answer in zip(offers, answers, strict=True) if answer != "given")
    given = next(offer for offer, answer in zip(offers, answers, strict=True) if answer == "given")
    withdraw_offer(given[0].person, given[1], None, house.staff["supervisor"], TEN)
    assert one(waiting) == "given"


def test_without_a_pool_nothing_is_waived(house: House) -> None:
    who, stopped = debtor(house), debtor(house)
    relief = propose(house, who, "lump_m4.1").relief_id
    with pytest.raises(Refused, match="no_pool"):
        give(house, who, relief)
    give(house, stopped, propose(house, stopped, "interest_stop.3").relief_id)


PAYMENTS = """[file]
kind = "payments"
lender = "{code}"
[columns]
account = "a"
reference = "r"
paid_on = "d"
kind = "k"
amount = "x"
reverses = "v"
"""


def send(house: House, folder: Path, on: date, *lines: str) -> Counts:
    """A file of payments of a day."""
    path = folder / "payments.csv"
    path.write_text("\n".join(("a,r,d,k,x,v", *lines)) + "\n", encoding="utf-8")
    command = ImportFile("payments.csv", read_map(PAYMENTS.format(code=house.lender.code)), on=on)
    with open_table(path) as table:
        return import_file(command, table, at=midnight(on)).counts


def account_of(who: Borrower) -> str:
    return f"A{int(who.number.removeprefix('100'))}"


def test_money_that_comes_with_a_file_counts_and_takes_the_waiver_back_when_it_is_returned(
    house: House, tmp_path: Path
) -> None:
    who = debtor(house)
    pool(house)
    relief = in_force(house, who, "lump_m4.1")
    account, third, fifth = account_of(who), TODAY + timedelta(days=3), TODAY + timedelta(days=5)
    assert send(house, tmp_path, third, f"{account},P1,{third},payment,1000,", f"{account},P2,{third},payment,110000,")
    assert (relief_of(relief)["state"], debt_of(who), taken(house)) == ("performed", ("settled", 0), 21_001)
    assert case_of(who)[:2] == (None, "settled_with_waiver")
    assert send(house, tmp_path, fifth, f"{account},P3,{fifth},reversal,110000,P2") == Counts(new=1)
    found = relief_of(relief)
    assert (found["state"], found["received_minor"], found["posted_minor"], taken(house)) == ("broken", 1_000, 0, 0)
    assert debt_of(who) == ("overdue", 131_001)
    assert rows(
        "SELECT sum(CASE WHEN is_credit THEN amount_minor ELSE -amount_minor END) FROM entry WHERE debt_id = %s",
        who.debt,
    ) == [(1_000,)]


def test_money_that_the_amounts_know_already_counts_on_an_agreement_too(house: House, tmp_path: Path) -> None:
    who = debtor(house)
    pool(house)
    relief = in_force(house, who, "lump_m4.1")
    later = TODAY + timedelta(days=4)
    Debt.objects.using("gate").filter(id=who.debt).update(
        as_of_on=later, principal_minor=0, term_interest_minor=0, fees_minor=1_000, balance_minor=21_001
    )
    before = TODAY - timedelta(days=1)
    lines = (f"{account_of(who)},H0,{before},payment,5000,", f"{account_of(who)},H1,{later},payment,111000,")
    assert send(house, tmp_path, later, *lines) == Counts(new=2)
    assert (relief_of(relief)["state"], relief_of(relief)["posted_minor"]) == ("performed", 21_001)
    assert debt_of(who) == ("settled", 0)


def test_wrong_code_runs_into_the_tables(store: str, house: House) -> None:
    who, large = debtor(house), debtor(house, 400)
    pool(house)
    relief, asked = in_force(house, who, "lump_m4.1"), propose(house, large, "lump_last.1").relief_id
    entry = (
        'INSERT INTO entry (person_id, id, debt_id, at, "on", kind, component, is_credit, amount_minor, relief_id)'
        f" VALUES ({who.person}, 1, {who.debt}, now(), now(), 'waiver', 'fees', true, 1, %s)"
    )
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
        for sql, wanted in (
            (entry % relief, "RestrictViolation"),
            (entry % "NULL", "RestrictViolation"),
            (f"UPDATE relief SET state = 'performed', ended_on = now() WHERE id = {relief}", "CheckViolation"),
            (f"UPDATE relief SET received_minor = due_minor WHERE id = {relief}", "RestrictViolation"),
            (f"UPDATE relief SET posted_minor = 1 WHERE id = {relief}", "CheckViolation"),
            (f"UPDATE relief SET state = 'given', accepted_on = NULL WHERE id = {relief}", "RestrictViolation"),
            (f"UPDATE relief SET waived_minor = 1 WHERE id = {relief}", "InsufficientPrivilege"),
            (
                f"UPDATE relief_part SET waived_minor = standing_minor WHERE relief_id = {relief}",
                "InsufficientPrivilege",
            ),
            (f"UPDATE relief_part SET received_minor = due_minor + 1 WHERE relief_id = {relief}", "CheckViolation"),
            (f"UPDATE relief SET state = 'approved' WHERE id = {asked}", "RestrictViolation"),
            (f"UPDATE relief SET pool_month = '2026-04-01' WHERE id = {relief}", "RestrictViolation"),
            (f"DELETE FROM relief WHERE id = {relief}", "InsufficientPrivilege"),
            ("UPDATE relief_pool SET taken_minor = 0", "InsufficientPrivilege"),
            ("UPDATE relief_pool SET limit_minor = taken_minor - 1", "CheckViolation"),
        ):
            assert refused_by_database(gate, sql) == wanted, sql


def test_the_database_knows_the_same_levels(house: House) -> None:
    found = dict(rows("SELECT r, zhizhi_relief_level(r) FROM unnest(%s::text[]) AS r", list(STAFF_ROLES)))
    assert found == {role: int(LEVEL_OF_ROLE.get(role, 0)) for role in STAFF_ROLES}
