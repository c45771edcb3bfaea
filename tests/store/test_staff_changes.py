"""Who joins, moves and leaves: two persons, by the use case and below it by the table; what is lost is lost at once."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from book import make_borrower, make_lender
from gatework import TEN, at_once, propose_call, refused_by_database, rows
from raw_sql import REFUSED
from zhizhi.config.databases import GATE_LOGIN, WEB_LOGIN
from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.files.opening import open_table
from zhizhi.store.cases.models import Case
from zhizhi.store.evidence.models import Leaf
from zhizhi.store.ids import ids
from zhizhi.store.lenders.changes import Place
from zhizhi.store.lenders.models import Agency, Lender, Staff, StaffChange
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.sign_in.devices import ShownDevice
from zhizhi.store.sign_in.factors import kinds_of
from zhizhi.store.sign_in.members import begin, find_member
from zhizhi.store.sign_in.models import Invitation, StaffSession
from zhizhi.store.sign_in.proofs import NewFactor, keep_factor
from zhizhi.store.viewer import Viewer
from zhizhi.usecases.import_file import ImportFile, ImportReport, import_file
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.staff.asking import AskJoin, AskMove, AskPassword, ask_join, ask_move, ask_password, withdraw
from zhizhi.usecases.staff.beginning import First
from zhizhi.usecases.staff.beginning import begin as begin_installation
from zhizhi.usecases.staff.inviting import Choose, choose_password, invite, show_invitation
from zhizhi.usecases.staff.leaving import Leave, leave
from zhizhi.usecases.staff.ruling import RuleChange, rule_change

pytestmark = pytest.mark.usefixtures("store")
GROUND = "入职手续已核对"
GOOD = "correct horse battery staple 27"


def admitted(login: str, role: str, lender: Lender | None = None, agency: Agency | None = None) -> int:
    """Somebody who may sign in, as a demonstration makes them."""
    row = Staff.objects.using("gate").create(
        login=login, name=login, role=role, lender=lender, agency=agency, team="A", is_admitted=True, password="!"
    )
    return int(row.pk)


@pytest.fixture(scope="module")
def house(store: str) -> dict[str, int]:
    lender, other = make_lender("L1"), make_lender("L2")
    agency = Agency.objects.using("gate").create(code="A1", name="A1")
    return {
        "lender": lender.pk, "other": other.pk, "agency": agency.pk,
        "admin": admitted("admin", "administrator"), "admin2": admitted("admin2", "administrator"),
        "head": admitted("head", "head"), "compliance": admitted("compliance", "compliance"),
        "keeper": admitted("keeper", "administrator", lender),
        "manager": admitted("manager", "agency_manager", None, agency),
        "collector": admitted("collector", "collector", lender),
    }  # fmt: skip


def collector(house: dict[str, int], team: str = "A") -> Place:
    return Place("collector", house["lender"], None, team)


def joined(house: dict[str, int], login: str, place: Place | None = None) -> int:
    change = ask_join(AskJoin(login, "新人", place or collector(house), GROUND, house["admin"]), TEN)
    rule_change(RuleChange(change, True, GROUND, house["head"]), TEN)
    return int(StaffChange.objects.using("gate").get(pk=change).staff_id)


def test_somebody_new_is_there_once_a_second_person_says_so(house: dict[str, int]) -> None:
    change = ask_join(AskJoin("new1", "新人", collector(house), GROUND, house["admin"]), TEN)
    row = StaffChange.objects.using("gate").get(pk=change)
    assert not Staff.objects.using("gate").get(pk=row.staff_id).is_active
    with pytest.raises(Refused, match="not_allowed"):
        rule_change(RuleChange(change, True, GROUND, house["admin"]), TEN)
    with pytest.raises(Refused, match="not_admitted"):
        invite(row.staff_id, house["admin"], TEN)
    rule_change(RuleChange(change, True, GROUND, house["head"]), TEN)
    member = Staff.objects.using("gate").get(pk=row.staff_id)
    assert (member.is_active, member.is_admitted, member.role) == (True, True, "collector")
    leaves = Leaf.objects.using("gate").filter(source_table="staff_change", source_id=change)
    assert leaves.count() == 2
    with pytest.raises(Refused, match="not_waiting"):
        rule_change(RuleChange(change, True, GROUND, house["compliance"]), TEN)


def test_whoever_asks_is_not_whoever_approves_nor_whoever_is_meant(house: dict[str, int]) -> None:
    oneself = AskMove(house["admin"], Place("head", None, None, ""), GROUND, house["admin"])
    with pytest.raises(Refused, match="oneself"):
        ask_move(oneself, TEN)
    change = ask_move(AskMove(house["head"], Place("head", house["lender"], None, ""), GROUND, house["admin"]), TEN)
    with pytest.raises(Refused, match="oneself"):
        rule_change(RuleChange(change, True, GROUND, house["head"]), TEN)
    with pytest.raises(Refused, match="waits"):
        ask_password(AskPassword(house["head"], GROUND, house["admin2"]), TEN)
    with pytest.raises(Refused, match="not_yours"):
        withdraw(change, house["admin2"], TEN)
    withdraw(change, house["admin"], TEN)
    with pytest.raises(Refused, match="not_waiting"):
        rule_change(RuleChange(change, True, GROUND, house["compliance"]), TEN)


def test_an_asker_who_has_another_role_since_is_no_asker(house: dict[str, int]) -> None:
    asker = joined(house, "asker", Place("administrator", None, None, ""))
    change = ask_join(AskJoin("new2", "新人", collector(house), GROUND, asker), TEN)
    moved = ask_move(AskMove(asker, Place("auditor", None, None, ""), GROUND, house["admin"]), TEN)
    rule_change(RuleChange(moved, True, GROUND, house["head"]), TEN)
    with pytest.raises(Refused, match="not_waiting"):
        rule_change(RuleChange(change, True, GROUND, house["head"]), TEN)
    rule_change(RuleChange(change, False, GROUND, house["head"]), TEN)


@pytest.mark.parametrize(
    ("by", "role", "lender", "agency", "code"),
    [
        ("keeper", "collector", "other", None, "unknown_place"),
        ("keeper", "collector", None, None, "unknown_place"),
        ("manager", "agency_collector", None, None, "needs_agency"),
        ("manager", "collector", "lender", None, "unknown_place"),
        ("admin", "agency_collector", "lender", None, "needs_agency"),
        ("admin", "head", None, "agency", "not_of_agency"),
        ("admin", "borrower", None, None, "unknown_role"),
        ("head", "collector", "lender", None, "not_allowed"),
        ("collector", "collector", "lender", None, "not_allowed"),
    ],
)
def test_nobody_gives_a_place_that_is_not_theirs_to_give(
    house: dict[str, int], by: str, role: str, lender: str | None, agency: str | None, code: str
) -> None:
    place = Place(role, house[lender] if lender else None, house[agency] if agency else None, "")
    with pytest.raises(Refused, match=code):
        ask_join(AskJoin("nobody", "某人", place, GROUND, house[by]), TEN)
    assert not Staff.objects.using("gate").filter(login="nobody").exists()


def test_an_agencys_manager_asks_for_the_own_people_and_sees_nobody_elses(house: dict[str, int]) -> None:
    place = Place("agency_collector", None, house["agency"], "")
    change = ask_join(AskJoin("agency1", "委外新人", place, GROUND, house["manager"]), TEN)
    rule_change(RuleChange(change, True, GROUND, house["head"]), TEN)
    with pytest.raises(Refused, match="nobody"):
        leave(Leave(house["collector"], GROUND, house["manager"]), TEN)
    with pytest.raises(Refused, match="nobody"):
        invite(house["collector"], house["manager"], TEN)


BY_HAND = (
    "UPDATE staff SET role = 'head' WHERE login = 'collector'",
    "UPDATE staff SET lender_id = NULL WHERE login = 'collector'",
    "UPDATE staff SET team = 'B' WHERE login = 'collector'",
    "UPDATE staff SET is_admitted = true WHERE login = 'author-L1'",
    "UPDATE staff SET is_admitted = false WHERE login = 'collector'",
    "DELETE FROM staff_change",
    "DELETE FROM invitation",
    "INSERT INTO staff_change (staff_id, kind, role, team, ground, asked_by_id, asked_at, state, ruled_by_id, ruled_at,"
    " ruled_ground) SELECT id, 'move', 'head', '', 'x', {admin}, now(), 'done', {head}, now(), 'x' FROM staff"
    " WHERE login = 'collector'",
    "INSERT INTO staff_change (staff_id, kind, role, team, ground, asked_at, state, ruled_at, ruled_ground)"
    " SELECT id, 'begin', 'head', '', '', now(), 'done', now(), '' FROM staff WHERE login = 'collector'",
    "INSERT INTO staff_change (staff_id, kind, role, team, ground, asked_by_id, asked_at, state, ruled_ground)"
    " SELECT id, 'move', 'head', '', 'x', id, now(), 'asked', '' FROM staff WHERE login = 'collector'",
)  # fmt: skip


@pytest.mark.parametrize("statement", BY_HAND, ids=lambda one: one[:60])
def test_the_tables_refuse_one_persons_change_whichever_code_asks(
    store: str, house: dict[str, int], statement: str
) -> None:
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate, pytest.raises(psycopg.Error) as refused:
        gate.execute(statement.format(**house).encode())
    assert refused.value.sqlstate in ("23001", "23514", REFUSED)


@pytest.mark.parametrize("ruler", ["admin", "collector"])
def test_the_table_refuses_a_second_word_of_the_first_or_of_whoever_is_meant(
    store: str, house: dict[str, int], ruler: str
) -> None:
    change = ask_move(AskMove(house["collector"], collector(house, "C"), GROUND, house["admin"]), TEN)
    ruled = "UPDATE staff_change SET state = 'done', ruled_at = now(), ruled_by_id = %s WHERE id = %s"
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
        assert refused_by_database(gate, ruled, house[ruler], change) == "CheckViolation"
        assert refused_by_database(gate, "UPDATE staff_change SET role = 'head' WHERE id = %s", change)
    withdraw(change, house["admin"], TEN)


def with_everything(house: dict[str, int], login: str) -> int:
    """Somebody with a factor, a session, a password."""
    staff_id = joined(house, login)
    choose_password(Choose(show_invitation(invite(staff_id, house["admin"], TEN).code, "10.0.0.1", TEN), GOOD), TEN)
    keep_factor(staff_id, NewFactor("totp", "手机", b"secret", 5), TEN)
    known = find_member(login)
    assert known is not None
    assert begin(known, ShownDevice(None, "Chrome"), "totp", TEN) is not None
    return staff_id


def test_a_leaver_has_no_way_in_and_nothing_open(house: dict[str, int]) -> None:
    staff_id = with_everything(house, "leaver")
    asked = ask_move(AskMove(staff_id, collector(house, "B"), GROUND, house["admin"]), TEN)
    with pytest.raises(Refused, match="not_allowed"):
        leave(Leave(staff_id, GROUND, house["head"]), TEN)
    with pytest.raises(Refused, match="no_ground"):
        leave(Leave(staff_id, " x ", house["admin"]), TEN)
    leave(Leave(staff_id, GROUND, house["admin"]), TEN)
    member = Staff.objects.using("gate").get(pk=staff_id)
    assert (member.is_active, member.password, kinds_of(staff_id)) == (False, "!", set())
    assert not StaffSession.objects.using("gate").filter(staff_id=staff_id, ended_at=None).exists()
    assert StaffChange.objects.using("gate").get(pk=asked).state == "withdrawn"
    with pytest.raises(Refused, match="has_left"):
        leave(Leave(staff_id, GROUND, house["admin"]), TEN)
    with pytest.raises(Refused, match="has_left"):
        invite(staff_id, house["admin"], TEN)
    back = ask_move(AskMove(staff_id, collector(house, "B"), GROUND, house["admin"]), TEN)
    rule_change(RuleChange(back, True, GROUND, house["compliance"]), TEN)
    assert StaffChange.objects.using("gate").get(pk=back).kind == "return"
    assert invite(staff_id, house["admin"], TEN).code


def test_what_a_leaver_asked_for_falls_with_the_leaver(house: dict[str, int]) -> None:
    asker = joined(house, "asker2", Place("administrator", None, None, ""))
    change = ask_join(AskJoin("new3", "新人", collector(house), GROUND, asker), TEN)
    leave(Leave(asker, GROUND, house["admin"]), TEN)
    with pytest.raises(Refused, match="not_waiting"):
        rule_change(RuleChange(change, True, GROUND, house["head"]), TEN)


def test_calls_that_wait_for_a_leavers_click_are_pulled_back(house: dict[str, int]) -> None:
    staff_id = joined(house, "caller")
    lender = Lender.objects.using("gate").get(pk=house["lender"])
    who = make_borrower(lender, 7001)
    Staff.objects.using("gate").filter(pk=staff_id).update(trained_on="2026-01-05", certified_until="2027-01-05")
    permit = propose_call(who, staff_id, TEN).permit_id
    assert permit is not None
    leave(Leave(staff_id, GROUND, house["admin"]), TEN)
    found = rows(
        "SELECT m.state, m.released_because, d.state FROM permit m JOIN delivery d ON d.person_id = m.person_id"
        " AND d.permit_id = m.id WHERE m.person_id = %s AND m.id = %s",
        who.person, permit,
    )  # fmt: skip
    assert found == [("released", "caller_left", "cancelled")]


def test_the_last_who_may_approve_stays(house: dict[str, int]) -> None:
    move = ask_move(AskMove(house["head"], collector(house), GROUND, house["admin"]), TEN)
    rule_change(RuleChange(move, True, GROUND, house["compliance"]), TEN)
    with pytest.raises(Refused, match="last"):
        leave(Leave(house["compliance"], GROUND, house["admin"]), TEN)
    back = ask_move(AskMove(house["head"], Place("head", None, None, ""), GROUND, house["admin"]), TEN)
    rule_change(RuleChange(back, True, GROUND, house["compliance"]), TEN)


def test_two_who_turn_each_other_out_at_once_leave_one(house: dict[str, int]) -> None:
    """Whoever comes second has left when asked: a right is asked for once nobody else changes staff."""
    pair = house["admin"], house["admin2"]
    ends = at_once(
        [lambda: leave(Leave(pair[1], GROUND, pair[0]), TEN), lambda: leave(Leave(pair[0], GROUND, pair[1]), TEN)]
    )
    assert sum(isinstance(end, Refused) and end.code == "not_allowed" for end in ends) == 1
    kept, gone = pair if Staff.objects.using("gate").get(pk=pair[0]).is_active else pair[::-1]
    back = ask_move(AskMove(gone, Place("administrator", None, None, "A"), GROUND, kept), TEN)
    rule_change(RuleChange(back, True, GROUND, house["head"]), TEN)


def test_two_who_end_each_others_last_approver_at_once_leave_one(house: dict[str, int]) -> None:
    jobs = [
        lambda: leave(Leave(house["head"], GROUND, house["admin"]), TEN),
        lambda: leave(Leave(house["compliance"], GROUND, house["admin"]), TEN),
    ]
    ends = at_once(jobs)
    assert sum(isinstance(end, Refused) and end.code == "last" for end in ends) == 1
    gone = next(name for name in ("head", "compliance") if not Staff.objects.using("gate").get(login=name).is_active)
    kept = "compliance" if gone == "head" else "head"
    back = ask_move(AskMove(house[gone], Place(gone, None, None, ""), GROUND, house["admin"]), TEN)
    rule_change(RuleChange(back, True, GROUND, house[kept]), TEN)


def test_a_move_ends_the_sight_of_the_old_rows_at_once(store: str, house: dict[str, int]) -> None:
    staff_id = joined(house, "mover")
    who = make_borrower(Lender.objects.using("gate").get(pk=house["lender"]), 7002)
    Case.objects.using("gate").create(
        person_id=who.person, id=ids.take(), number="C-7002", lender_id=house["lender"], stage="early",
        collector_id=staff_id, days_past_due=10, balance_minor=100, product="instalment_loan", masked=b"",
        opened_on=TEN.date(), aged_on=TEN.date(),
    )  # fmt: skip
    settings = Viewer(staff_id, Scope.NONE, None, None).settings
    with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as web:

        def seen() -> int:
            with web.transaction():
                for name, value in settings.items():
                    web.execute("SELECT set_config(%s, %s, true)", [name, value])
                row = web.execute("SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM point)").fetchone()
            assert row is not None
            return int(str(row[0]))

        assert seen() == 2
        place = Place("agency_collector", None, house["agency"], "")
        change = ask_move(AskMove(staff_id, place, GROUND, house["admin"]), TEN)
        assert seen() == 2
        rule_change(RuleChange(change, True, GROUND, house["head"]), TEN)
        assert seen() == 0
        other = ask_move(AskMove(staff_id, Place("collector", house["other"], None, "B"), GROUND, house["admin"]), TEN)
        rule_change(RuleChange(other, True, GROUND, house["head"]), TEN)
        assert seen() == 0


BOOK = """[file]
kind = "staff"
[columns]
code = "code"
name = "name"
role = "role"
team = "team"
capacity = "capacity"
"""


def test_a_file_makes_nobody_who_may_sign_in_and_moves_nobody_who_may(house: dict[str, int], tmp_path: Path) -> None:
    def bring(*rows: str) -> ImportReport:
        path = tmp_path / "staff.csv"
        path.write_text("\n".join(("code,name,role,team,capacity", *rows)) + "\n", encoding="utf-8")
        with open_table(path) as table:
            command = ImportFile("staff.csv", read_map(BOOK), profile="cn.bank.card", on=TEN.date())
            return import_file(command, table, at=TEN)

    joined(house, "E5001", Place("collector", None, None, "A"))
    assert bring("E5001,新人,head,A,10", "E5002,某人,head,A,10").counts.refused == 1
    kept, fresh = (Staff.objects.using("gate").get(login=login) for login in ("E5001", "E5002"))
    assert (kept.role, kept.capacity) == ("collector", 0)
    assert (fresh.is_admitted, fresh.password) == (False, "!")
    with pytest.raises(Refused, match="not_admitted"):
        invite(fresh.pk, house["admin"], TEN)
    assert bring("E5001,新人,collector,A,25").counts.refused == 0
    assert Staff.objects.using("gate").get(login="E5001").capacity == 25
    change = ask_move(AskMove(fresh.pk, collector(house), GROUND, house["admin"]), TEN)
    assert StaffChange.objects.using("gate").get(pk=change).kind == "admit"
    rule_change(RuleChange(change, True, GROUND, house["head"]), TEN)
    assert invite(fresh.pk, house["admin"], TEN).code


def test_an_invitation_opens_once_for_a_day_and_only_the_newest(house: dict[str, int]) -> None:
    staff_id = joined(house, "invited")
    first, second = invite(staff_id, house["admin"], TEN), invite(staff_id, house["admin"], TEN)
    other = second.code[:-1] + ("2" if second.code[-1] != "2" else "3")
    for wrong in (first.code, other, f"{second.id}-", "", "x-y", "9" * 30, second.code.partition("-")[2]):
        with pytest.raises(Refused, match="invitation"):
            show_invitation(wrong, "10.0.0.2", TEN)
    assert (
        show_invitation(second.code.upper().replace("-", " ").replace(" ", "-", 1), "10.0.0.3", TEN).staff_id
        == staff_id
    )
    with pytest.raises(Refused, match="invitation"):
        show_invitation(second.code, "10.0.0.7", TEN + timedelta(hours=24))
    opened = show_invitation(second.code, "10.0.0.8", TEN + timedelta(hours=23, minutes=59))
    with pytest.raises(Refused, match="password_too_short"):
        choose_password(Choose(opened, "short"), TEN)
    ends = at_once([lambda: choose_password(Choose(opened, GOOD), TEN) for _ in range(4)])
    assert sum(not isinstance(end, Exception) for end in ends) == 1
    with pytest.raises(Refused, match="invitation"):
        show_invitation(second.code, "10.0.0.9", TEN)
    with pytest.raises(Refused, match="has_password"):
        invite(staff_id, house["admin"], TEN)
    change = ask_password(AskPassword(staff_id, GROUND, house["admin"]), TEN)
    rule_change(RuleChange(change, True, GROUND, house["head"]), TEN)
    assert Staff.objects.using("gate").get(pk=staff_id).password == "!"
    assert invite(staff_id, house["admin"], TEN).code != second.code


def test_a_row_that_is_written_by_hand_opens_nothing(store: str, house: dict[str, int]) -> None:
    """Whoever writes the table has no key: the mark of another member's invitation fits no other row."""
    rich, poor = joined(house, "rich"), joined(house, "poor")
    made = invite(rich, house["admin"], TEN)
    mark = bytes(Invitation.objects.using("gate").get(pk=made.id).mark)
    row = Invitation.objects.using("gate").create(
        staff_id=poor, mark=mark, made_at=TEN, ends_at=made.ends_at, made_by_id=house["admin"]
    )
    with pytest.raises(Refused, match="invitation"):
        show_invitation(f"{row.pk}-{made.code.partition('-')[2]}", "10.0.0.4", TEN)
    assert made.code.partition("-")[2] not in repr(made)


def test_guesses_of_invitations_are_slowed_by_their_address(house: dict[str, int]) -> None:
    codes = set()
    for _ in range(50):
        with pytest.raises(Refused) as refused:
            show_invitation("1-aaaaaaaaaaaaaaaaaaaaaaaa", "10.0.0.5", TEN)
        codes.add(refused.value.code)
    assert codes == {"invitation", "waits"}


def test_an_installation_begins_with_two_and_never_again(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("UPDATE staff SET is_active = false, is_synthetic = false")
    first, second = begin_installation(First("root1", "管理员"), First("root2", "负责人"), TEN)
    for made, role in ((first, "administrator"), (second, "head")):
        opened = show_invitation(made.code, "10.0.0.6", TEN)
        member, _ = choose_password(Choose(opened, GOOD), TEN)
        assert member.role == role
    with pytest.raises(Refused, match="begun"):
        begin_installation(First("root3", "某"), First("root4", "某"), TEN)


def test_the_webs_login_reads_no_hash_and_no_mark_of_an_invitation(store: str) -> None:
    with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as web:
        for statement in (
            "SELECT password FROM staff",
            "SELECT mark FROM invitation",
            "SELECT * FROM provider_session",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(statement.encode())
        assert web.execute("SELECT count(*) FROM staff_change").fetchone() == (0,)
        assert web.execute("SELECT count(*) FROM invitation").fetchone() == (0,)
