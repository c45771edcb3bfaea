"""A clear value costs a ground, a count and a trace: by the use case, and below it by the table."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import psycopg
import pytest

from gatework import at_once, refused_by_database, rows
from web.book import AT
from web.rights_book import NAME, Row, make_rights_book
from zhizhi.config.databases import GATE_LOGIN, WEB_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.masks import MaskKind
from zhizhi.store.approvals.models import Approval
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.models import Agency, Staff
from zhizhi.store.lenders.rights import RIGHTS, Right
from zhizhi.store.select import select
from zhizhi.store.transact.sequencer import sequence
from zhizhi.store.unmasking.acts import LimitReached
from zhizhi.store.unmasking.grounds import AGENCY_ROLES, GROUNDS, Ground, grounds_of, wants_proof
from zhizhi.store.unmasking.models import UnmaskLimit
from zhizhi.store.unmasking.reads import load_looks_at_me
from zhizhi.store.viewer import PersonViewer, reading
from zhizhi.store.words import STAFF_ROLES
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.start_call import RecordOutcome, StartCall, record_outcome, start_call
from zhizhi.usecases.unmask import Unmask, Unmasked, unmask
from zhizhi.usecases.unmask_limit import AskLimit, ask_limit

pytestmark = pytest.mark.usefixtures("store")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Values:
    """Ids of what a case of the book holds, and the clear values as the book wrote them."""

    person: int
    case: int
    debtor: int
    contact: int
    mobile: int
    relay: int
    email: int
    debt: int
    number: str


@pytest.fixture(scope="module")
def book(store: str) -> dict[str, Row]:
    return make_rights_book()


@pytest.fixture
def anew(book: dict[str, Row], store: str) -> None:
    """No look was written yet; the owner forgets them, nobody else can."""
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("ALTER TABLE unmasking DISABLE TRIGGER unmasking_only_added")
        owner.execute("DELETE FROM unmasking")
        owner.execute("ALTER TABLE unmasking ENABLE TRIGGER unmasking_only_added")


def values_of(row: Row) -> Values:
    parties = dict(rows("SELECT role, id FROM party WHERE person_id = %s", row.person))
    points = {(party, kind): point for party, kind, point in rows(
        "SELECT party_id, kind, id FROM point WHERE person_id = %s", row.person)}  # fmt: skip
    debtor, contact = parties["debtor"], parties["contact"]
    return Values(
        *(row.person, rows("SELECT id FROM collection_case WHERE person_id = %s", row.person)[0][0], debtor, contact),
        *(points[debtor, "mobile"], points[contact, "mobile"], points[debtor, "email"]),
        *(rows("SELECT id FROM debt WHERE person_id = %s", row.person)[0][0], f"1090000{row.person % 10000:04d}"),
    )


def staff(login: str) -> int:
    return int(Staff.objects.using("gate").get(login=login).pk)


def look(of: Values, what: str, target: int, ground: str, login: str, at: datetime = AT) -> Unmasked:
    return unmask(Unmask(of.person, of.case, what, target, ground, staff(login)), at)


def looks() -> int:
    return int(rows("SELECT count(*) FROM unmasking")[0][0])


def test_a_role_has_the_right_exactly_where_there_is_a_ground_for_it() -> None:
    named = {role for terms in GROUNDS.values() for role in terms.roles}
    assert named == {role for role in STAFF_ROLES if Right.UNMASK in RIGHTS[role]}
    assert named.isdisjoint({"administrator", "auditor", "quality", "assignment", "head", "agency_manager"})


def test_an_agency_never_sees_what_identifies_or_pays_and_nobody_dials_without_a_permit() -> None:
    for role in AGENCY_ROLES:
        for kind in (MaskKind.ID, MaskKind.ACCOUNT, MaskKind.CARD, MaskKind.EMAIL, MaskKind.HANDLE):
            assert grounds_of(role, kind, is_third=False) == ()
    for role in ("collector", "agency_collector", "team_leader", "field_officer"):
        for is_third in (False, True):
            assert set(grounds_of(role, MaskKind.MOBILE, is_third=is_third)) <= {Ground.PERMIT}
    for kind in MaskKind:
        assert set(grounds_of("collector", kind, is_third=True)) <= {Ground.PERMIT}
    assert [kind for kind in MaskKind if not wants_proof(kind, is_third=False)] == [
        MaskKind.NAME, MaskKind.MOBILE, MaskKind.LANDLINE,
    ]  # fmt: skip
    assert all(wants_proof(kind, is_third=True) for kind in MaskKind)


@pytest.mark.usefixtures("anew")
def test_a_look_answers_the_value_and_leaves_a_row_and_a_leaf_without_it(book: dict[str, Row]) -> None:
    of = values_of(book["own"])
    last = f"{of.person % 10000:04d}"
    for what, target, ground, login, value in (
        ("name", of.debtor, "verify", "collector", NAME),
        ("id_number", of.debtor, "verify", "collector", f"75010119900101{last}"),
        ("point", of.mobile, "complaint", "complaint_handler", of.number),
        ("point", of.email, "rights", "complaint_handler", f"p{of.person}@example.invalid"),
        ("name", of.contact, "review", "compliance", "张三姐"),
    ):
        seen = look(of, what, target, ground, login)
        assert (seen.value, seen.until) == (value, AT + timedelta(seconds=60))
        assert value not in repr(seen)
    assert looks() == 5
    kept = rows("SELECT what, ground, staff_id, role, party_id FROM unmasking ORDER BY id LIMIT 1")
    assert kept == [("name", "verify", staff("collector"), "collector", of.debtor)]
    leaves = rows("SELECT body, kind FROM leaf WHERE source_table = 'unmasking' AND source_person_id = %s", of.person)
    assert {kind for _, kind in leaves} == {"view"}
    assert len(leaves) == 5
    assert not [body for body, _ in leaves if NAME.encode() in bytes(body) or of.number.encode() in bytes(body)]
    sequence(AT)
    with open_log() as log:
        size = rows("SELECT max(size) FROM checkpoint")[0][0]
        assert list(compare(log.stored_leaves(), iter([None] * size), log.object_digest)) == []


@pytest.mark.usefixtures("anew")
def test_what_is_not_for_the_role_the_ground_or_the_eyes_is_refused_and_leaves_nothing(book: dict[str, Row]) -> None:
    own, others = values_of(book["own"]), values_of(book["colleague's"])
    placed = values_of(book["placed with the agency"])
    for of, what, target, ground, login in (
        (own, "name", own.debtor, "verify", "auditor"),
        (own, "name", own.debtor, "verify", "administrator"),
        (others, "name", others.debtor, "verify", "collector"),
        (own, "name", own.contact, "verify", "collector"),
        (own, "account", own.debt, "verify", "collector"),
        (own, "point", own.email, "permit", "collector"),
        (placed, "id_number", placed.debtor, "verify", "agency_collector"),
        (placed, "account", placed.debt, "verify", "agency_collector"),
    ):
        with pytest.raises(NotAllowed):
            look(of, what, target, ground, login)
    for what, target, ground, code in (
        ("name", own.debtor, "complaint", "no_ground"),
        ("name", own.debtor, "", "no_ground"),
        ("name", own.debtor, "because", "no_ground"),
        ("point", own.mobile, "permit", "no_permit_in_use"),
        ("name", others.debtor, "verify", "no_value"),
        ("id_number", own.contact, "verify", "no_value"),
        ("whatever", own.debtor, "verify", "no_value"),
    ):
        with pytest.raises(UseCaseRefused, match=code):
            look(own, what, target, ground, "collector")
    assert looks() == 0


@pytest.mark.usefixtures("anew")
def test_an_agency_dials_without_a_number_and_gets_it_under_its_permit_alone(book: dict[str, Row]) -> None:
    of, login = values_of(book["agency's colleague's"]), "agency_colleague"
    days = dict.fromkeys(("evaluated_on", "inspected_on"), AT.date()) | {"contract_ends_on": date(2027, 1, 1)}
    Agency.objects.using("gate").filter(code="A1").update(**days)
    wish = ProposeContact(of.person, of.debtor, of.mobile, "voice", "interactive", "collect", "call-plan", staff(login))
    proposed = propose_contact(wish, AT)
    assert proposed.permit_id is not None, proposed.decision
    permit = proposed.permit_id
    with pytest.raises(UseCaseRefused, match="no_permit_in_use"):  # minted, not used
        look(of, "point", of.mobile, "permit", login)
    card = start_call(StartCall(of.person, permit, staff(login)), AT)
    assert card.masked is not None
    assert card.number == f"109****{of.number[-4:]}"
    with pytest.raises(NotAllowed):  # another collector's case
        look(of, "point", of.mobile, "permit", "agency_collector")
    with pytest.raises(UseCaseRefused, match="no_permit_in_use"):  # another number
        look(of, "point", of.relay, "permit", login)
    assert look(of, "point", of.mobile, "permit", login).value == of.number
    ended = RecordOutcome(of.person, permit, "no_answer", 20, "no_answer", None, None, None, staff(login))
    record_outcome(ended, AT + timedelta(minutes=1))
    with pytest.raises(UseCaseRefused, match="no_permit_in_use"):
        look(of, "point", of.mobile, "permit", login, AT + timedelta(minutes=2))
    assert looks() == 1


@pytest.mark.usefixtures("anew")
def test_one_more_than_the_limit_is_refused_and_the_hour_lets_go(book: dict[str, Row]) -> None:
    of = values_of(book["own"])
    for n in range(5):
        look(of, "name", of.debtor, "verify", "collector", AT + timedelta(minutes=n))
    with pytest.raises(LimitReached) as of_person:
        look(of, "name", of.debtor, "verify", "team_leader", AT + timedelta(minutes=30))
    assert "5" in of_person.value.text.zh
    assert NAME not in str(of_person.value)
    assert looks() == 5
    look(of, "name", of.debtor, "verify", "team_leader", AT + HOUR)  # the first is an hour old, and counts no more
    with pytest.raises(LimitReached):
        look(of, "name", of.debtor, "verify", "team_leader", AT + HOUR)


@pytest.mark.usefixtures("anew")
def test_a_member_of_staff_has_a_limit_over_all_persons(book: dict[str, Row]) -> None:
    every = [values_of(row) for name, row in book.items() if name not in ("other lender",)]
    for of in every[:10]:
        look(of, "name", of.debtor, "review", "compliance")
    last = every[0]
    with pytest.raises(LimitReached) as refused:
        look(last, "name", last.debtor, "review", "compliance")
    assert "您" in refused.value.text.zh


@pytest.mark.usefixtures("anew")
@pytest.mark.parametrize("seed", range(3))
def test_eight_at_once_do_not_pass_the_limit_of_a_person_or_of_a_member(seed: int, book: dict[str, Row]) -> None:
    of, by = values_of(book["own"]), ("collector", "team_leader", "complaint_handler", "supervisor")
    asked = [partial(look, of, "name", of.debtor, "verify", by[(n + seed) % 4]) for n in range(8)]
    answers = at_once(asked)
    assert sum(isinstance(one, Unmasked) for one in answers) == 5, answers
    assert sum(isinstance(one, LimitReached) for one in answers) == 3, answers
    assert looks() == 5
    persons = [values_of(row) for name, row in book.items() if name != "other lender"][:8]
    twice = [partial(look, one, "name", one.debtor, "review", "compliance") for one in persons if one != of] * 2
    answers = at_once(twice)
    assert sum(isinstance(one, Unmasked) for one in answers) == 10, answers
    assert sum(isinstance(one, LimitReached) for one in answers) == len(twice) - 10, answers


@pytest.mark.usefixtures("anew")
def test_a_second_person_raises_a_limit_and_nobody_else_does(book: dict[str, Row]) -> None:
    of = values_of(book["own"])
    lender = rows("SELECT lender_id FROM person WHERE id = %s", of.person)[0][0]
    wanted = AskLimit(lender, "person", 1, 6, "季末集中核对资料", staff("supervisor"))
    with pytest.raises(NotAllowed):
        ask_limit(AskLimit(lender, "person", 1, 6, "季末集中核对资料", staff("collector")), AT)
    with pytest.raises(UseCaseRefused, match="bad_limit"):
        ask_limit(AskLimit(lender, "person", 1, 61, "季末集中核对资料", staff("supervisor")), AT)
    asked = ask_limit(wanted, AT)
    digest = Approval.objects.using("gate").get(pk=asked).digest
    with pytest.raises(Refused):
        rule(Rule(asked, digest, True, staff("supervisor")), AT)
    rule(Rule(asked, digest, True, staff("compliance")), AT)
    for n in range(6):
        look(of, "name", of.debtor, "verify", "collector", AT + timedelta(minutes=n))
    with pytest.raises(LimitReached):
        look(of, "name", of.debtor, "verify", "collector", AT + timedelta(minutes=9))
    lower = ask_limit(AskLimit(lender, "person", 1, 5, "季末已过，恢复原值", staff("supervisor")), AT)
    rule(Rule(lower, Approval.objects.using("gate").get(pk=lower).digest, True, staff("compliance")), AT)


def test_no_statement_of_either_login_writes_a_look_or_a_limit_of_its_own(book: dict[str, Row], store: str) -> None:
    of = values_of(book["own"])
    lender, by = rows("SELECT lender_id FROM person WHERE id = %s", of.person)[0][0], staff("collector")
    look(of, "name", of.debtor, "verify", "collector", AT + 9 * HOUR)
    insert = (
        "INSERT INTO unmasking (person_id, id, lender_id, case_id, party_id, what, target_id, ground, staff_id, role,"
        " at, until) VALUES (%s, 1, %s, %s, %s, 'name', 1, 'verify', %s, %s, now(), now() + interval '1 minute')"
    )
    limit = (
        "INSERT INTO unmask_limit (lender_id, per, hours, most, from_at, approval_id)"
        " VALUES (%s, 'person', 1, %s, now(), %s)"
    )
    unlike = Approval.objects.using("gate").filter(act="unmask_limit").first()
    gate, web = (psycopg.connect(store, user=login) for login in (GATE_LOGIN, WEB_LOGIN))
    with gate, web:
        for statement in (
            "UPDATE unmasking SET ground = 'review'",
            "DELETE FROM unmasking",
            "DELETE FROM unmask_limit",
        ):
            assert refused_by_database(gate, statement) == "InsufficientPrivilege"
        wrong_role = (of.person, lender, of.case, of.debtor, by, "compliance")
        assert refused_by_database(gate, insert, *wrong_role) == "RestrictViolation"
        no_case = (of.person, lender, 1, of.debtor, by, "collector")
        assert refused_by_database(gate, insert, *no_case) == "RestrictViolation"
        assert refused_by_database(web, insert, of.person, lender, of.case, of.debtor, by, "collector") == (
            "InsufficientPrivilege"
        )
        assert refused_by_database(gate, limit, lender, 50, None) == "RestrictViolation"
        assert refused_by_database(gate, limit, None, 50, None) == "RestrictViolation"
        assert refused_by_database(web, limit, lender, 50, None) == "InsufficientPrivilege"
        if unlike is not None:  # an approval of another number says nothing of this one
            assert refused_by_database(gate, limit, lender, 50, unlike.pk) == "RestrictViolation"
        gate.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        assert refused_by_database(gate, insert, of.person, lender, of.case, of.debtor, by, "collector") == (
            "RestrictViolation"
        )
    assert UnmaskLimit.objects.using("gate").filter(most__gt=60).count() == 0


@pytest.mark.usefixtures("anew")
def test_the_person_reads_when_what_role_and_ground_of_the_own_values_and_nobody_reads_a_name(
    book: dict[str, Row],
) -> None:
    of, other = values_of(book["own"]), values_of(book["colleague's"])
    look(of, "name", of.debtor, "verify", "collector")
    look(of, "name", of.contact, "complaint", "complaint_handler")
    look(other, "name", other.debtor, "court", "legal")
    with reading(PersonViewer("borrower", of.person, of.debtor)):
        assert [(one.what, one.role, one.ground) for one in load_looks_at_me()] == [("name", "collector", "verify")]
        assert select("SELECT count(*) FROM unmasking", {}) == [(0,)]
    with reading(PersonViewer("contact_person", of.person, of.contact)):
        assert [one.role for one in load_looks_at_me()] == ["complaint_handler"]
    assert select("SELECT count(*) FROM zhizhi_looks_at_me()", {}) == [(0,)]


@pytest.mark.usefixtures("anew")
def test_of_somebody_who_was_erased_nothing_opens_and_nothing_is_written(book: dict[str, Row]) -> None:
    of = values_of(book["field officer's"])
    rows("UPDATE person SET data_key = NULL WHERE id = %s RETURNING 1", of.person)
    with pytest.raises(UseCaseRefused, match="does_not_open"):
        look(of, "name", of.debtor, "review", "compliance")
    assert looks() == 0
