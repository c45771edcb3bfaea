"""Cases go to agencies by two persons in equal lots, and come back at once: nothing of theirs leaves after."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count

import psycopg
import pytest
from django.conf import settings

from apiwork import client_of
from book import TODAY, make_borrower, make_staff
from gatework import MINUTE, TEN, at_once, propose_call, refused_by_database, rows, talk
from leasework import KEYS, NUMBERS, wanted
from leasework import Placed as Leased
from placework import Floor, Placed, approve, due_of, make_case, make_floor, place, propose, states_of, work
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.evidence.log import open_log
from zhizhi.store.leases.answers import Asked
from zhizhi.store.leases.tokens import create_token, load_bearer
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.models import Agency, Case, Debt
from zhizhi.store.placements.choosing import Criteria
from zhizhi.store.placements.reads import load_agencies, load_batches, load_differences
from zhizhi.store.placements.reads import load_standing as load_placed
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.lease import lease_permits
from zhizhi.usecases.lease_confirm import ConfirmLease, confirm
from zhizhi.usecases.placements.ending import (
    ExtendPlacement,
    RecallCases,
    ReturnCase,
    expire_placements,
    extend,
    recall_cases,
    return_case,
)
from zhizhi.usecases.run_day import RunDay, run_day
from zhizhi.usecases.set_stop import SetStop, set_stop
from zhizhi.usecases.start_call import StartCall, start_call
from zhizhi.web.shared import clock

pytestmark = pytest.mark.usefixtures("store")
LENDERS = count(1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def floor(store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Floor]:
    """A lender of its own for every test; the clock of the API stands."""
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", [*settings.ALLOWED_HOSTS, "testserver"])
    clock.install(lambda: TEN)
    yield make_floor(f"L{next(LENDERS)}")
    clock.install()


def recall(floor: Floor, case: Placed, at: datetime = TEN + MINUTE) -> int:
    """From the first agency; answers how much was pulled back."""
    command = RecallCases(floor.lender.pk, floor.agencies[0].pk, "转回自营", floor.asks, case.number)
    return recall_cases(command, at).pulled_back


def seen_by(staff_id: int, agency_id: int | None = None, lender_id: int | None = None) -> set[str]:
    """The numbers of placements that somebody sees."""
    scope = Scope.LENDER if agency_id is None else Scope.AGENCY
    with reading(Viewer(staff_id, scope, lender_id, agency_id)):
        return {row.number for row in load_placed()}


class TestHandingOver:
    def test_nothing_moves_before_a_second_person_agrees_and_then_every_case_has_its_lot(self, floor: Floor) -> None:
        cases = [make_case(floor.lender, balance_minor=100_000 + n * 1_000) for n in range(7)]
        asked = propose(floor)
        assert {case.agency for case in cases} == {None}
        standing = load_standing(asked)
        assert standing is not None
        with pytest.raises(Refused, match="not_allowed"):
            rule(Rule(asked, standing.digest, True, floor.asks), TEN)
        approve(floor, asked)
        held = Counter(case.agency for case in cases)
        assert sorted(held.values()) == [3, 4]
        assert set(held) == {one.pk for one in floor.agencies}
        assert {due_of(case) for case in cases} == {TODAY + timedelta(days=90)}
        with reading(Viewer(floor.asks, Scope.LENDER, floor.lender.pk, None)):
            (batch,) = load_batches()
            told = load_agencies(TODAY)
        assert {lot.cases: dict(lot.states) for lot in batch.lots} == {4: {"placed": 4}, 3: {"placed": 3}}
        assert sum(lot.balance_minor for lot in batch.lots) == sum(row.balance_minor for row in told) == 721_000

    def test_what_changed_meanwhile_is_left_out_with_its_reason(self, floor: Floor) -> None:
        stopped, closed, taken, free = (make_case(floor.lender) for _ in range(4))
        asked = propose(floor, floor.agencies[:1])
        set_stop(SetStop(stopped.who.person, "complaint", None, "客户来信", None, floor.asks), TEN)
        Case.objects.using("gate").filter(id=closed.case_id).update(closed_on=TODAY, exit="settled")
        Case.objects.using("gate").filter(id=taken.case_id).update(agency_id=floor.agencies[1].pk)
        approve(floor, asked)
        agency = floor.agencies[0].pk
        assert states_of(stopped) == [(agency, "left_out", "stopped")]
        assert states_of(closed) == [(agency, "left_out", "closed")]
        assert states_of(taken) == [(agency, "left_out", "placed_already")]
        assert states_of(free) == [(agency, "placed", None)]
        assert [case.agency for case in (stopped, closed, free)] == [None, None, agency]

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"is_listed": False}, "not_listed"),
            ({"evaluated_on": None}, "not_evaluated"),
            ({"inspected_on": TODAY - timedelta(days=366)}, "not_inspected"),
            ({"contract_ends_on": TODAY + timedelta(days=89)}, "contract_ends"),
        ],
    )
    def test_an_agency_that_is_not_fit_gets_nothing_also_where_it_was_when_asked(
        self, floor: Floor, changed: dict[str, object], code: str
    ) -> None:
        case = make_case(floor.lender)
        asked = propose(floor)
        Agency.objects.using("gate").filter(pk=floor.agencies[1].pk).update(**changed)
        with pytest.raises(Refused, match=code):
            propose(floor, hand=2)
        with pytest.raises(Refused, match=code):
            approve(floor, asked)
        assert case.agency is None
        assert rows("SELECT state FROM approval WHERE id = %s", asked) == [("waiting",)]

    def test_an_agency_under_inquiry_gets_no_new_lot_until_the_inquiry_has_ended(self, floor: Floor) -> None:
        case, fresh = make_case(floor.lender), make_case(floor.lender)
        place(floor, floor.agencies[0], criteria=Criteria(1, 400, most=1))
        held, free = (case, fresh) if case.agency else (fresh, case)
        work(floor, held)
        talk(held.who, floor.collector, TEN)
        permit = rows("SELECT permit_id FROM contact WHERE person_id = %s AND direction = 'out'", held.who.person)[0][0]
        inquiry = open_inquiry(floor, permit, held.who.person)
        with pytest.raises(Refused, match="under_inquiry"):
            propose(floor, floor.agencies[:1], hand=2)
        propose(floor, floor.agencies[1:])
        rows(
            "UPDATE breach_inquiry SET state = 'breach', article = 'GBT-021', consequence = 'agency_warned',"
            " ended_at = now(), ended_by = %s WHERE id = %s RETURNING 1", floor.approves, inquiry,
        )  # fmt: skip
        propose(floor, floor.agencies[:1], hand=2)
        assert free.agency is None

    def test_without_an_assessment_nothing_is_handed_over(self, floor: Floor, store: str) -> None:
        make_case(floor.lender)
        asked = propose(floor)
        with psycopg.connect(store, autocommit=True) as owner:
            owner.execute("ALTER TABLE assessment DISABLE TRIGGER USER")
            owner.execute("DELETE FROM assessment WHERE lender_id = %s AND activity = 'placement'", [floor.lender.pk])
            owner.execute("ALTER TABLE assessment ENABLE TRIGGER USER")
        with pytest.raises(Refused, match="no_assessment"):
            approve(floor, asked)

    def test_a_case_that_one_of_the_agencies_had_goes_to_none_of_them(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])
        recall(floor, case)
        fresh = make_case(floor.lender)
        place(floor, hand=2)
        assert (case.agency, fresh.agency is None) == (None, False)
        place(floor, floor.agencies[1], hand=2, at=TEN + MINUTE)
        assert case.agency == floor.agencies[1].pk
        assert [state for _, state, _ in states_of(case)] == ["recalled", "placed"]

    def test_the_hand_goes_up_and_a_complaint_is_remembered(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])
        recall(floor, case)
        with pytest.raises(Refused, match="no_cases"):
            propose(floor, floor.agencies[1:], hand=1)
        set_stop(SetStop(case.who.person, "complaint", None, "客户来信", None, floor.asks), TEN + 2 * MINUTE)
        with pytest.raises(Refused, match="no_cases"):
            propose(floor, floor.agencies[1:], hand=2)

    def test_only_whoever_may_asks_and_nobody_of_another_lender(self, floor: Floor) -> None:
        other = make_floor(f"L{next(LENDERS)}")
        make_case(floor.lender)
        asked = propose(floor)
        with pytest.raises(Refused, match="not_allowed"):
            approve(other, asked)


class TestTakingBack:
    def test_the_second_after_a_recall_the_agency_sees_nothing_and_nothing_of_it_leaves(self, floor: Floor) -> None:
        case, kept = make_case(floor.lender), make_case(floor.lender)
        place(floor, floor.agencies[0])
        work(floor, case, kept)
        agency, manager = floor.agencies[0], floor.managers[0]
        api = client_of(floor.lender.code, TEN, agency.code)
        call = propose_call(case.who, floor.collector, TEN).permit_id
        assert call is not None
        assert api.get(f"cases/{case.number}").status == 200
        assert seen_by(manager, agency.pk) == {case.number, kept.number}
        assert recall(floor, case) == 1
        assert api.get(f"cases/{case.number}").status == 404
        assert seen_by(manager, agency.pk) == {kept.number}
        assert rows("SELECT state, released_because FROM permit WHERE id = %s", call) == [
            ("released", "placement_over")
        ]
        with pytest.raises(Refused):
            start_call(StartCall(case.who.person, call, floor.collector), TEN + 2 * MINUTE)
        with pytest.raises(Refused, match="not_allowed"):
            propose_call(case.who, floor.collector, TEN + 2 * MINUTE)
        assert propose_call(kept.who, floor.collector, TEN + 2 * MINUTE).permit_id is not None

    def test_a_lease_of_the_agency_is_refused_before_it_rings(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])
        _, secret = create_token(
            "dialler", floor.lender.code, floor.agencies[0].code, ("lease", "lease.number"),
            expires_at=TEN + timedelta(days=1), at=TEN,
        )  # fmt: skip
        bearer = load_bearer(secret, TEN)
        assert bearer is not None
        agent = rows("SELECT login FROM staff WHERE id = %s", floor.collector)[0][0]
        (leased,) = lease_permits(wanted(bearer, Leased(case.who, case.number), caller=agent), TEN)["leases"]
        assert leased["verdict"] == "permit", leased
        assert recall(floor, case, TEN + SECOND) == 1
        told = confirm(
            ConfirmLease(bearer, leased["lease"], Asked(bearer.token_id, next(KEYS), b"c")), TEN + 2 * SECOND
        )
        assert (told["valid"], told["code"]) == (False, "placement_over")
        assert "number" not in told
        (again,) = lease_permits(wanted(bearer, Leased(case.who, case.number), caller=agent), TEN + 2 * SECOND)[
            "leases"
        ]
        assert again["code"] == "unknown_case", again

    def test_counts_stops_and_what_was_said_stay_with_the_person(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])
        work(floor, case)
        for n in range(3):
            talk(case.who, floor.collector, TEN + n * 5 * MINUTE)
        set_stop(
            SetStop(case.who.person, "hardship", None, "住院治疗", TEN + timedelta(days=9), floor.asks),
            TEN + 20 * MINUTE,
        )
        contacts = rows("SELECT count(*) FROM contact WHERE person_id = %s", case.who.person)
        recall(floor, case)
        assert rows("SELECT count(*) FROM contact WHERE person_id = %s", case.who.person) == contacts == [(3,)]
        assert rows("SELECT stop FROM collection_case WHERE id = %s", case.case_id) == [("hardship",)]
        by = make_staff(f"rover-{floor.lender.code}", "supervisor").pk
        refused = propose_call(case.who, by, TEN + 30 * MINUTE)
        assert refused.decision.verdict == "forbid"

    def test_a_manager_returns_what_the_own_agency_has_and_nothing_else(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])
        mine, others = (ReturnCase(case.number, "客户已失联", manager) for manager in floor.managers)
        with pytest.raises(Refused, match="not_placed"):
            return_case(others, TEN + MINUTE)
        with pytest.raises(Refused, match="not_allowed"):
            return_case(ReturnCase(case.number, "客户已失联", floor.collector), TEN + MINUTE)
        assert return_case(mine, TEN + MINUTE).cases == 1
        with pytest.raises(Refused, match="not_placed"):
            return_case(mine, TEN + MINUTE)
        assert rows("SELECT state, ended_by, ended_ground FROM placement WHERE case_id = %s", case.case_id) == [
            ("returned", floor.managers[0], "客户已失联")
        ]

    def test_all_that_an_agency_has_comes_back_and_what_a_file_brought_with_it(self, floor: Floor) -> None:
        placed, of_file = make_case(floor.lender), make_case(floor.lender)
        place(floor, floor.agencies[0], criteria=Criteria(1, 400, most=1))
        free = next(case for case in (placed, of_file) if case.agency is None)
        Case.objects.using("gate").filter(id=free.case_id).update(agency_id=floor.agencies[0].pk)
        command = RecallCases(floor.lender.pk, floor.agencies[0].pk, "终止合作", floor.asks)
        assert recall_cases(command, TEN + MINUTE).cases == 2
        assert [case.agency for case in (placed, of_file)] == [None, None]
        assert states_of(free)[-1][1] == "recalled"
        with pytest.raises(Refused, match="not_placed"):
            recall_cases(command, TEN + MINUTE)

    def test_whoever_is_of_another_lender_recalls_nothing(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])
        other = make_floor(f"L{next(LENDERS)}")
        with pytest.raises(Refused, match="not_allowed"):
            recall_cases(RecallCases(floor.lender.pk, floor.agencies[0].pk, "转回自营", other.asks), TEN)
        with pytest.raises(Refused, match="not_placed"):
            recall_cases(RecallCases(other.lender.pk, floor.agencies[0].pk, "转回自营", other.asks, case.number), TEN)
        assert case.agency is not None


class TestDays:
    def test_a_placement_is_over_after_its_last_day_and_closed_cases_close_theirs(self, floor: Floor) -> None:
        case, closed = make_case(floor.lender), make_case(floor.lender)
        place(floor, floor.agencies[0], term_days=5)
        Case.objects.using("gate").filter(id=closed.case_id).update(closed_on=TODAY, exit="settled")
        last = TODAY + timedelta(days=5)
        assert expire_placements(floor.lender.pk, last, TEN).cases == 0
        assert expire_placements(floor.lender.pk, last + timedelta(days=1), TEN + timedelta(days=6)).cases == 1
        assert case.agency is None
        assert [states_of(one)[0][1] for one in (case, closed)] == ["expired", "closed"]
        assert expire_placements(floor.lender.pk, last + timedelta(days=1), TEN + timedelta(days=6)).cases == 0

    def test_a_contract_that_is_over_brings_every_case_back(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])
        Agency.objects.using("gate").filter(pk=floor.agencies[0].pk).update(contract_ends_on=TODAY - timedelta(days=1))
        assert expire_placements(floor.lender.pk, TODAY, TEN + MINUTE).cases == 1
        assert case.agency is None

    def test_a_case_is_extended_on_a_ground_and_within_the_cap(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0], term_days=30)

        def asked(days: int, ground: str = "分期协商中") -> ExtendPlacement:
            return ExtendPlacement(case.number, TODAY + timedelta(days=days), ground, floor.asks)

        for days, ground, code in (
            (30, "分期协商中", "not_later"),
            (181, "分期协商中", "beyond_cap"),
            (60, "x", "too_short"),
        ):
            with pytest.raises(Refused, match=code):
                extend(asked(days, ground), TEN + MINUTE)
        extend(asked(60), TEN + MINUTE)
        assert due_of(case) == TODAY + timedelta(days=60)
        assert expire_placements(floor.lender.pk, TODAY + timedelta(days=31), TEN + timedelta(days=31)).cases == 0
        with pytest.raises(Refused, match="not_allowed"):
            extend(
                ExtendPlacement(case.number, TODAY + timedelta(days=70), "分期协商中", floor.managers[0]), TEN + MINUTE
            )

    def test_a_lender_that_places_here_is_told_where_its_file_differs_and_the_placement_decides(
        self, floor: Floor
    ) -> None:
        case, late = make_case(floor.lender), make_borrower(floor.lender, next(NUMBERS), due_on=date(2026, 1, 20))
        Debt.objects.using("gate").filter(person_id=late.person).update(agency_id=floor.agencies[1].pk)
        place(floor, floor.agencies[0])
        run_day(RunDay(floor.lender.pk, TODAY, "declared"), TEN, lambda _at: None, lambda *_: None)
        opened = rows("SELECT number, agency_id FROM collection_case WHERE person_id = %s", late.person)
        assert [agency for _, agency in opened] == [None]
        assert case.agency == floor.agencies[0].pk
        with reading(Viewer(floor.asks, Scope.LENDER, floor.lender.pk, None)):
            differences, many = load_differences()
        assert many == 2
        told = {row.number: (row.of_file, row.of_placement) for row in differences}
        assert told == {case.number: ("", floor.agencies[0].name), opened[0][0]: (floor.agencies[1].name, "")}


class TestTogether:
    @pytest.mark.parametrize("turn", range(4))
    def test_a_recall_and_a_return_at_once_end_it_once(self, floor: Floor, turn: int) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])

        def give_back() -> int:
            return return_case(ReturnCase(case.number, "无法联系", floor.managers[0]), TEN + MINUTE).pulled_back

        jobs = [lambda: recall(floor, case), give_back]
        answers = at_once(jobs[:: 1 if turn % 2 else -1])
        assert [type(one).__name__ for one in answers if isinstance(one, Exception)] == ["UseCaseRefused"]
        ended = [state for _, state, _ in states_of(case)]
        assert ended in (["recalled"], ["returned"])
        assert case.agency is None

    @pytest.mark.parametrize("turn", range(4))
    def test_no_call_of_the_agency_begins_after_the_recall(self, floor: Floor, turn: int) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0])
        work(floor, case)
        permit = propose_call(case.who, floor.collector, TEN).permit_id
        assert permit is not None

        def call() -> int:
            start_call(StartCall(case.who.person, permit, floor.collector), TEN)
            return -1

        jobs = [lambda: recall(floor, case), call]
        answers = at_once(jobs[:: 1 if turn % 2 else -1])
        has_begun = -1 in answers
        assert rows("SELECT state FROM permit WHERE id = %s", permit) == [("used" if has_begun else "released",)]
        assert (0 if has_begun else 1) in answers


class TestRaw:
    def test_the_database_refuses_what_two_persons_did_not_do(
        self, floor: Floor, gate: psycopg.Connection[tuple[object, ...]]
    ) -> None:
        case = make_case(floor.lender)
        asked = propose(floor, floor.agencies[:1])
        batch = rows("SELECT id FROM placement_batch WHERE approval_id = %s", asked)[0][0]
        refused = refused_by_database
        assert (
            refused(gate, "UPDATE placement_batch SET handed_over_at = now() WHERE id = %s", batch)
            == "RestrictViolation"
        )
        assert refused(gate, "UPDATE placement_batch SET hand = 2 WHERE id = %s", batch) == "InsufficientPrivilege"
        assert refused(gate, "DELETE FROM placement WHERE case_id = %s", case.case_id) == "InsufficientPrivilege"
        approve(floor, asked)
        back = "UPDATE placement SET state = 'proposed', placed_at = NULL WHERE case_id = %s"
        assert refused(gate, back, case.case_id) == "RestrictViolation"
        now = "SET CONSTRAINTS ALL IMMEDIATE"
        gate.execute(now)
        ended = (
            "UPDATE placement SET state = 'recalled', ended_at = now(), ended_by = 1, ended_ground = 'x'"
            " WHERE case_id = %s"
        )
        assert refused(gate, ended, case.case_id) == "RestrictViolation"

    def test_rows_and_leaves_say_the_same(self, floor: Floor) -> None:
        case = make_case(floor.lender)
        place(floor, floor.agencies[0], term_days=30)
        extend(ExtendPlacement(case.number, TODAY + timedelta(days=60), "分期协商中", floor.asks), TEN + MINUTE)
        recall(floor, case)
        sequence_all(TEN)
        size = rows("SELECT max(size) FROM checkpoint")[0][0]
        with open_log() as log:
            found = {one.position for one in compare(log.stored_leaves(), iter([None] * size), log.object_digest)}
        own = rows(
            "SELECT position, source_table FROM leaf WHERE kind = 'placement' AND source_person_id = %s",
            case.who.person,
        )
        assert found.isdisjoint(position for position, _ in own)
        kinds = Counter(table for _, table in own)
        assert kinds == {"placement": 2, "placement_extension": 1}


def open_inquiry(floor: Floor, permit: int, person: int) -> int:
    """Somebody has to explain a contact."""
    ((inquiry,),) = rows(
        "INSERT INTO breach_inquiry (lender_id, subject, source, source_name, \"on\", kind, fingerprint, person_id,"
        " permit_id, sealed, state, opened_at, due_at) VALUES (%s, gen_random_uuid(), 'line', '线路', %s,"
        " 'permit_without_record', %s, %s, %s, %s, 'open', %s, %s) RETURNING id",
        floor.lender.pk, TODAY, permit.to_bytes(8, "big"), person, permit, b"-", TEN, TEN + timedelta(days=5),
    )  # fmt: skip
    return int(inquiry)


@pytest.fixture
def gate(store: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The gate's login, with raw SQL."""
    with psycopg.connect(store) as owner:
        owner.execute(f"SET ROLE {GATE_LOGIN}")
        yield owner
