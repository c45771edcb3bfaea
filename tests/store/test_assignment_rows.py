"""案件分配 in rows: written whole, told for ever, undone, moved on at once; and seen only by whom it concerns."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connections, transaction

from book import TODAY, Borrower, make_borrower, make_staff
from gatework import TEN, rows
from zhizhi.core.assignment.digest import digest_of
from zhizhi.core.assignment.facts import Move, Unplaced, Why
from zhizhi.core.assignment.undo import Stuck
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.ops.assign import assign as assign_command
from zhizhi.store.assignment.of_case import load_moves
from zhizhi.store.assignment.reads import access_assignment, load_desks, load_without, spread_of
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.transact.ageing import EntryRules, age_book
from zhizhi.store.transact.assigning import FactsChanged, NoSuchAssignment
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.assignment.running import Assign, Undo, assign_now, preview, preview_undoing, undo
from zhizhi.usecases.assignment.seats import (
    EndFact,
    RecordAbsence,
    School,
    record_absence,
    school,
    take_back_absence,
    take_back_schooling,
)
from zhizhi.usecases.assignment.withholding import Bar, EndWithheld, Reserve, bar, end_reserved, lift_bar, reserve
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.staff.leaving import Leave, leave

pytestmark = pytest.mark.usefixtures("store")
RULES = EntryRules(-3, 3, 1000, ((-30, "reminder"), (4, "early"), (31, "middle"), (91, "litigation")))
NUMBERS = iter(range(500_000, 600_000))
LENDERS = iter(range(1000))
WEEK = timedelta(days=7)


class Floor:
    """A lender of its own with somebody who assigns, and collectors who are trained."""

    def __init__(self) -> None:
        n = next(LENDERS)
        self.lender = Lender.objects.using("gate").create(
            code=f"A{n}",
            name=f"测试机构{n}",
            profile="cn.consumer_finance.online.cba",
            recorder="on",
            is_synthetic=True,
        )
        self.head = self.staff("assigner", "assignment")
        self.ann, self.bob = self.staff("ann"), self.staff("bob")

    def staff(self, name: str, role: str = "collector", capacity: int = 50, agency: Agency | None = None) -> Staff:
        made = make_staff(f"{name}-{self.lender.code}", role, self.lender, capacity if "collector" in role else 0)
        if agency is not None:
            Staff.objects.using("gate").filter(pk=made.pk).update(agency=agency)
        return made

    def borrowers(self, count: int, days: int = 10) -> list[Borrower]:
        found = [
            make_borrower(
                self.lender, next(NUMBERS), due_on=TODAY - timedelta(days=days), amount_minor=10_000 + 731 * n
            )
            for n in range(count)
        ]
        with transaction.atomic(using="gate"):
            age_book(self.lender.pk, RULES, TODAY, datetime.combine(TODAY, datetime.min.time(), BEIJING))
        return found

    def assign(self, on: date = TODAY, *, reshuffles: bool = False) -> int:
        return assign_now(Assign(self.lender.pk, on, self.head.pk, reshuffles), TEN)

    def holders(self) -> dict[int, int | None]:
        found = rows(
            "SELECT person_id, collector_id FROM collection_case WHERE lender_id = %s AND closed_on IS NULL",
            self.lender.pk,
        )
        return dict(found)

    def spread(self) -> dict[int | None, int]:
        held = list(self.holders().values())
        return {holder: held.count(holder) for holder in held}

    def of(self, staff: Staff) -> int:
        """A person whose case somebody has."""
        return next(person for person, holder in self.holders().items() if holder == staff.pk)

    def last_move(self, person: int) -> tuple[object, ...]:
        columns = "why, from_id, to_id, home_after, unplaced"
        return rows(f"SELECT {columns} FROM assignment_move WHERE person_id = %s ORDER BY id DESC LIMIT 1", person)[0]


@pytest.fixture
def floor(store: str) -> Iterator[Floor]:
    made = Floor()
    yield made
    Staff.objects.using("gate").filter(lender=made.lender, is_active=True).update(capacity=0)


class TestAnAssignment:
    def test_is_kept_with_every_move_its_desks_and_a_leaf_that_says_the_same(self, floor: Floor) -> None:
        people = floor.borrowers(5)
        number = floor.assign()
        ((counts, digest, kind),) = rows("SELECT counts, digest, kind FROM assignment WHERE id = %s", number)
        counts = json.loads(counts)
        assert (counts["moved"], counts["by_reason"], counts["without"], kind) == (5, {"new": 5}, {}, "act")
        columns = "case_id, from_id, to_id, why, home_after, held, capacity, among, unplaced"
        kept = rows(f"SELECT {columns} FROM assignment_move WHERE assignment_id = %s", number)
        moves = [
            Move(one, was, now, Why(why), home, held, capacity, among, Unplaced(nobody) if nobody else None)
            for one, was, now, why, home, held, capacity, among, nobody in kept
        ]
        assert bytes(digest) == digest_of(moves)
        assert {(move.capacity, move.among) for move in moves} == {(50, 2)}
        assert sorted(floor.spread().values()) == [2, 3]
        desks = rows("SELECT staff_id, cases, got, gave FROM assignment_desk WHERE assignment_id = %s", number)
        assert {(staff, cases) for staff, cases, _, _ in desks} >= set(floor.spread().items())
        leaf = rows("SELECT count(*) FROM leaf WHERE source_table = 'assignment' AND source_id = %s", number)
        assert leaf == [(1,)]
        assert rows("SELECT DISTINCT held_since FROM collection_case WHERE person_id = %s", people[0].person) == [
            (TODAY,)
        ]

    def test_done_again_moves_nothing_and_repeats_no_reason(self, floor: Floor) -> None:
        (who,) = floor.borrowers(1)
        Staff.objects.using("gate").filter(pk__in=[floor.ann.pk, floor.bob.pk]).update(trained_on=None)
        Staff.objects.using("gate").filter(lender=None).update(capacity=0)
        floor.assign()
        again = floor.assign()
        assert floor.last_move(who.person) == ("new", None, None, None, "nobody_fits")
        assert rows("SELECT count(*) FROM assignment_move WHERE person_id = %s", who.person) == [(1,)]
        ((counts,),) = rows("SELECT counts FROM assignment WHERE id = %s", again)
        assert json.loads(counts)["without"] == {"nobody_fits": 1}
        with reading(viewer(floor.head)):
            (without,) = load_without(floor.lender.pk)
        assert (without.reason, without.count) == (Unplaced.NOBODY_FITS.label, 1)

    def test_what_is_confirmed_is_what_was_previewed(self, floor: Floor) -> None:
        floor.borrowers(4)
        seen = preview(Assign(floor.lender.pk, TODAY, floor.head.pk))
        assert rows("SELECT count(*) FROM assignment WHERE lender_id = %s", floor.lender.pk) == [(0,)]
        record_absence(RecordAbsence(floor.ann.pk, TODAY, TODAY + WEEK, floor.head.pk), TEN)
        with pytest.raises(FactsChanged):
            assign_now(Assign(floor.lender.pk, TODAY, floor.head.pk, digest=seen.digest), TEN)
        assert floor.spread() == {None: 4}
        seen = preview(Assign(floor.lender.pk, TODAY, floor.head.pk))
        number = assign_now(Assign(floor.lender.pk, TODAY, floor.head.pk, digest=seen.digest), TEN)
        assert floor.spread() == {floor.bob.pk: 4}
        assert bytes(rows("SELECT digest FROM assignment WHERE id = %s", number)[0][0]) == seen.digest

    def test_a_case_that_changed_hands_meanwhile_is_read_again_and_never_overwritten(
        self, floor: Floor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from zhizhi.store.transact import assigning

        first, second = floor.borrowers(2)
        whole, tries = assigning.write, []

        def overtaken(*given: object) -> int:
            tries.append(1)
            if len(tries) == 1:
                sql = "UPDATE collection_case SET collector_id = %s WHERE person_id = %s RETURNING id"
                rows(sql, floor.bob.pk, first.person)
            return whole(*given)  # type: ignore[arg-type]  # as it was given

        monkeypatch.setattr(assigning, "write", overtaken)
        floor.assign()
        assert len(tries) == 2
        assert floor.holders() == {first.person: floor.bob.pk, second.person: floor.ann.pk}
        assert rows("SELECT count(*) FROM assignment WHERE lender_id = %s", floor.lender.pk) == [(1,)]

    def test_somebody_schooled_for_a_queue_or_a_language_gets_that_and_others_do_not(self, floor: Floor) -> None:
        early, late = floor.borrowers(1, 10), floor.borrowers(1, 50)
        rows("UPDATE collection_case SET language = 'yue' WHERE person_id = %s RETURNING id", late[0].person)
        schooled = school(School(floor.ann.pk, "queue", "m2", floor.head.pk), TEN)
        floor.assign()
        assert floor.holders() == {early[0].person: floor.bob.pk, late[0].person: None}
        school(School(floor.ann.pk, "language", "yue", floor.head.pk), TEN)
        floor.assign()
        assert floor.holders()[late[0].person] == floor.ann.pk
        with pytest.raises(UseCaseRefused, match="already"):
            school(School(floor.ann.pk, "queue", "m2", floor.head.pk), TEN)
        take_back_schooling(EndFact(schooled, floor.head.pk), TEN)
        with pytest.raises(UseCaseRefused, match="not_standing"):
            take_back_schooling(EndFact(schooled, floor.head.pk), TEN)

    def test_only_who_assigns_for_the_lender_may(self, floor: Floor) -> None:
        stranger = Floor()
        for by in (floor.ann, stranger.head):
            with pytest.raises(NotAllowed):
                assign_now(Assign(floor.lender.pk, TODAY, by.pk), TEN)
            with pytest.raises(NotAllowed):
                preview(Assign(floor.lender.pk, TODAY, by.pk))
        Lender.objects.using("gate").filter(pk=floor.lender.pk).update(is_synthetic=False)
        with pytest.raises(UseCaseRefused, match="other_day"):
            floor.assign(TODAY - timedelta(days=1))


class TestUndo:
    def test_what_is_still_there_goes_back_and_the_rest_is_told(self, floor: Floor) -> None:
        people = floor.borrowers(4)
        floor.assign()
        before = floor.holders()
        gone_on = TODAY + timedelta(days=40)
        absence = record_absence(RecordAbsence(floor.ann.pk, TODAY, TODAY + WEEK, floor.head.pk), TEN)
        ((flowed,),) = rows("SELECT max(id) FROM assignment WHERE lender_id = %s", floor.lender.pk)
        moved = [person for person, holder in before.items() if holder == floor.ann.pk]
        assert set(floor.holders().values()) == {floor.bob.pk}
        closed = moved[0]
        rows(
            "UPDATE collection_case SET closed_on = %s, exit = 'cured' WHERE person_id = %s RETURNING id",
            gone_on,
            closed,
        )
        command = Undo(floor.lender.pk, flowed, floor.head.pk)
        seen = preview_undoing(command, TEN)
        assert [why for _, why in seen.stuck] == [Stuck.CLOSED]
        number, stuck = undo(Undo(floor.lender.pk, flowed, floor.head.pk, seen.digest), TEN)
        assert stuck == seen.stuck
        assert floor.holders() == {person: holder for person, holder in before.items() if person != closed}
        assert floor.last_move(moved[1])[:4] == ("undone", floor.bob.pk, floor.ann.pk, None)
        kind = rows("SELECT kind, undoes_id FROM assignment WHERE id = %s", number)
        assert (kind, len(people)) == ([("undo", flowed)], 4)
        since = rows("SELECT held_since FROM collection_case WHERE person_id = %s", moved[1])
        assert since == [(TODAY,)]
        take_back_absence(EndFact(absence, floor.head.pk), TEN)

    def test_twice_moves_nothing_and_an_unknown_one_is_refused(self, floor: Floor) -> None:
        floor.borrowers(2)
        number = floor.assign()
        undo(Undo(floor.lender.pk, number, floor.head.pk), TEN)
        assert floor.spread() == {None: 2}
        _, stuck = undo(Undo(floor.lender.pk, number, floor.head.pk), TEN)
        assert [why for _, why in stuck] == [Stuck.MOVED_ON, Stuck.MOVED_ON]
        with pytest.raises(NoSuchAssignment):
            undo(Undo(Floor().lender.pk, number, make_staff(f"all{number}", "supervisor").pk), TEN)


class TestAtOnce:
    def test_cases_of_somebody_who_leaves_find_others_in_the_same_commit(self, floor: Floor) -> None:
        floor.borrowers(4)
        floor.assign()
        asker = make_staff(f"admin-{floor.lender.code}", "administrator", floor.lender)
        leave(Leave(floor.ann.pk, "合同到期", asker.pk), TEN)
        assert floor.spread() == {floor.bob.pk: 4}
        kinds = rows(
            "SELECT kind, by_id FROM assignment WHERE lender_id = %s ORDER BY id DESC LIMIT 1", floor.lender.pk
        )
        assert kinds == [("reflow", asker.pk)]

    def test_somebody_away_for_long_gives_cases_away_and_has_them_back_a_negotiation_stays(self, floor: Floor) -> None:
        floor.borrowers(4)
        floor.assign()
        before = floor.holders()
        kept = floor.of(floor.ann)
        reserve(Reserve(kept, TODAY + WEEK, "正在协商分期", floor.head.pk), TEN)
        brief = record_absence(RecordAbsence(floor.ann.pk, TODAY, TODAY + timedelta(days=1), floor.head.pk), TEN)
        assert floor.holders() == before
        absence = record_absence(RecordAbsence(floor.ann.pk, TODAY, TODAY + WEEK, floor.head.pk), TEN)
        assert floor.spread() == {floor.bob.pk: 3, floor.ann.pk: 1}
        assert floor.holders()[kept] == floor.ann.pk
        take_back_absence(EndFact(absence, floor.head.pk), TEN)
        assert floor.holders() == before
        take_back_absence(EndFact(brief, floor.head.pk), TEN)
        other = next(person for person, holder in before.items() if holder == floor.ann.pk and person != kept)
        assert floor.last_move(other)[:3] == ("back_home", floor.bob.pk, floor.ann.pk)

    def test_a_barred_collector_loses_the_case_now_and_never_gets_it_back(self, floor: Floor) -> None:
        floor.borrowers(2)
        floor.assign()
        who = floor.of(floor.ann)
        row = bar(Bar(who, floor.ann.pk, "complained_of", "", floor.head.pk), TEN)
        assert floor.holders()[who] == floor.bob.pk
        assert floor.last_move(who)[:3] == ("holder_barred", floor.ann.pk, floor.bob.pk)
        Staff.objects.using("gate").filter(pk=floor.bob.pk).update(capacity=0, trained_on=None)
        Staff.objects.using("gate").filter(lender=None).update(capacity=0)
        floor.assign()
        assert floor.holders()[who] is None
        with pytest.raises(UseCaseRefused, match="already"):
            bar(Bar(who, floor.ann.pk, "complained_of", "", floor.head.pk), TEN)
        lift_bar(EndWithheld(who, row, "投诉已撤回", floor.head.pk), TEN)
        floor.assign()
        assert floor.holders()[who] == floor.ann.pk

    def test_a_reserved_negotiation_ends_on_a_ground_and_nobody_reserves_twice(self, floor: Floor) -> None:
        (who,) = floor.borrowers(1)
        with pytest.raises(UseCaseRefused, match="nothing_to_reserve"):
            reserve(Reserve(who.person, TODAY + WEEK, "正在协商分期", floor.head.pk), TEN)
        floor.assign()
        row = reserve(Reserve(who.person, TODAY + WEEK, "正在协商分期", floor.head.pk), TEN)
        with pytest.raises(UseCaseRefused, match="nothing_to_reserve"):
            reserve(Reserve(who.person, TODAY + WEEK, "正在协商分期", floor.head.pk), TEN)
        end_reserved(EndWithheld(who.person, row, "已经谈妥", floor.head.pk), TEN)
        with pytest.raises(UseCaseRefused, match="bad_day"):
            reserve(Reserve(who.person, TODAY + timedelta(days=61), "正在协商分期", floor.head.pk), TEN)

    def test_what_decides_is_set_once_and_ended_once(self, floor: Floor) -> None:
        record_absence(RecordAbsence(floor.ann.pk, TODAY, TODAY + WEEK, floor.head.pk), TEN)
        sqls = (
            "UPDATE staff_absence SET to_on = to_on + 1",
            "DELETE FROM staff_absence",
            "DELETE FROM assignment_move",
        )
        for sql in sqls:
            with pytest.raises(DatabaseError), transaction.atomic(using="gate"):
                connections["gate"].cursor().execute(sql)
        for bad in ((TODAY, TODAY - timedelta(days=1)), (TODAY, TODAY + timedelta(days=400))):
            with pytest.raises(UseCaseRefused):
                record_absence(RecordAbsence(floor.ann.pk, *bad, floor.head.pk), TEN)


def viewer(staff: Staff) -> Viewer:
    scope = {"assignment": Scope.LENDER, "agency_manager": Scope.AGENCY}.get(staff.role, Scope.SELF)
    agency = Staff.objects.using("gate").values_list("agency_id", flat=True).get(pk=staff.pk)
    return Viewer(staff.pk, scope, staff.lender_id, agency)


class TestWhoSees:
    def test_an_agency_sees_the_moves_and_desks_of_its_own_and_no_assignment(self, floor: Floor) -> None:
        here, there = (
            Agency.objects.using("gate").create(code=f"{name}{floor.lender.code}", name=name) for name in "HT"
        )
        one, other = floor.borrowers(2)
        for who, agency in ((one, here), (other, there)):
            rows("UPDATE collection_case SET agency_id = %s WHERE person_id = %s RETURNING id", agency.pk, who.person)
        ours, theirs = (
            floor.staff(name, "agency_collector", 9, agency) for name, agency in (("h", here), ("t", there))
        )
        manager = floor.staff("manager", "agency_manager", agency=here)
        number = floor.assign()
        assert floor.holders() == {one.person: ours.pk, other.person: theirs.pk}
        with reading(viewer(manager)):
            assert access_assignment(number) is None
            assert [row.to_name for row in moves_of(one)] == [ours.name]
            assert moves_of(other) == []
            desks = connections["default"].cursor()
            desks.execute("SELECT staff_id FROM assignment_desk WHERE assignment_id = %s", [number])
            assert desks.fetchall() == [(ours.pk,)]
        with reading(viewer(ours)):
            assert [row.why for row in moves_of(one)] == [Why.NEW]
        with reading(viewer(floor.head)):
            told = access_assignment(number)
            assert told is not None
            assert told.moved == 2
            assert {desk.staff_id: desk.cases for desk in load_desks(floor.lender.pk, TODAY)}[ours.pk] == 1


def moves_of(who: Borrower) -> list[object]:
    ((case_id,),) = rows("SELECT id FROM collection_case WHERE person_id = %s", who.person)
    return list(load_moves(who.person, case_id))


class TestTheCommand:
    def said(self, *words: object, code: int = 0) -> str:
        done = CliRunner().invoke(assign_command, [str(word) for word in words])
        assert done.exit_code == code, done.output
        return done.output

    def test_previews_assigns_and_undoes_in_somebodys_name(self, floor: Floor) -> None:
        floor.borrowers(3)
        ours = ("--lender", floor.lender.code, "--by", floor.head.login)
        assert "未写入" in self.said(*ours, "--on", TODAY, "--dry-run")
        assert floor.spread() == {None: 3}
        told = self.said(*ours, "--on", TODAY)
        assert "新案，尚无催收员 · new, without a collector: 3" in told
        ((number,),) = rows("SELECT max(id) FROM assignment WHERE lender_id = %s", floor.lender.pk)
        assert floor.spread().keys() == {floor.ann.pk, floor.bob.pk}
        assert "已撤销" in self.said(*ours, "--undo", number)
        assert floor.spread() == {None: 3}

    def test_refuses_in_words(self, floor: Floor) -> None:
        assert "无权" in self.said("--lender", floor.lender.code, "--by", floor.ann.login, code=1)
        assert "没有这个登录名" in self.said("--lender", floor.lender.code, "--by", "nobody", code=1)
        ours = ("--by", floor.head.login)
        assert "没有这个金融机构" in self.said("--lender", "NONE", *ours, code=1)
        assert "没有这次分配" in self.said("--lender", floor.lender.code, *ours, "--undo", 999_999_999, code=1)
        both = self.said("--lender", floor.lender.code, *ours, "--undo", 1, "--reshuffle", code=1)
        assert "不能与" in both


def test_how_evenly_it_lies_is_told_of_the_desks_to_which_cases_are_dealt(floor: Floor) -> None:
    floor.borrowers(4)
    away, ended = floor.staff("away"), floor.staff("ended")
    yesterday, long_ago = TODAY - timedelta(days=1), TODAY - timedelta(days=366)
    Staff.objects.using("gate").filter(pk=floor.bob.pk).update(trained_on=long_ago)
    Staff.objects.using("gate").filter(pk=ended.pk).update(certified_until=yesterday)
    record_absence(RecordAbsence(away.pk, TODAY, TODAY + WEEK, floor.head.pk), TEN)
    floor.assign()
    with reading(viewer(floor.head)):
        desks = load_desks(floor.lender.pk, TODAY)
    own = {desk.staff_id: desk for desk in desks if desk.login.endswith(floor.lender.code)}
    assert {staff for staff, desk in own.items() if desk.is_dealt} == {floor.ann.pk}
    (spread,) = spread_of(list(own.values()))
    assert (spread.spread.desks, spread.spread.fewest, spread.spread.most) == (1, 4, 4)
