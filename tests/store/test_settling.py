"""Whoever says how a contact ended brings proof, it is kept sealed, and nobody gives back what they used themselves."""

from datetime import timedelta

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, ToldChannel, propose_call, propose_sms, rows
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import Unknown
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.keyring import person_seal
from zhizhi.store.lenders.models import Lender
from zhizhi.store.people.models import Person
from zhizhi.store.settlements.rows import open_file, open_reference
from zhizhi.store.transact.deliveries import OwnCall
from zhizhi.store.transact.person import NoSuchRow
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.settle_unknown import FILE_BYTES_MAX, SettleUnknown, settle_unknown
from zhizhi.usecases.start_call import StartCall, start_call

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1000))
PDF = b"%PDF-1.7 a bill"
GROUND = "与运营商账单核对"


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return make_staff("collector", "collector", lender, 50).pk


@pytest.fixture(scope="module")
def ruler(lender: Lender) -> int:
    return make_staff("leader", "team_leader", lender).pk


@pytest.fixture
def who(lender: Lender) -> Borrower:
    return make_borrower(lender, next(NUMBERS))


@pytest.fixture
def unknown(who: Borrower, by: int) -> int:
    """A message that nobody knows the end of."""
    channel = ToldChannel(answer=lambda _grant: Unknown("no_answer", Text("无应答", "no answer")))
    propose_sms(who, by, TEN)
    Outbox({"sink": {"sms": channel}}, "test").drain(TEN)
    return int(str(rows("SELECT id FROM delivery WHERE person_id = %s", who.person)[0][0]))


def test_a_proof_is_kept_sealed_with_what_was_said(who: Borrower, unknown: int, ruler: int) -> None:
    said = SettleUnknown(
        who.person, unknown, False, None, GROUND, ruler, "回执 20260302100000123456", PDF, "pdf"
    )  # a reference may hold the number that the other record is found by
    settle_unknown(said, TEN + MINUTE)
    row = rows(
        "SELECT id, has_left, ground, sealed_reference, sealed_file, file_kind, file_sha256, settled_by_id"
        " FROM settlement WHERE delivery_id = %s",
        unknown,
    )[0]
    seal = person_seal(Person.objects.using("gate").get(id=who.person).data_key)
    assert row[1:3] == (False, GROUND)
    assert open_reference(seal, row[3], row[0]) == "回执 20260302100000123456"
    assert open_file(seal, row[4], row[0]) == PDF
    assert row[5] == "pdf"
    assert row[7] == ruler
    assert b"20260302100000123456" not in bytes(row[3])
    assert rows("SELECT state FROM permit WHERE person_id = %s", who.person) == [("released",)]


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        ({}, "no_proof"),
        ({"reference": "   "}, "no_proof"),
        ({"reference": "abc"}, "reference_length"),
        ({"reference": "a" * 201}, "reference_length"),
        ({"file": b"MZ\x90", "file_kind": "exe"}, "file_kind"),
        ({"file": b"MZ\x90", "file_kind": "pdf"}, "file_kind"),
        ({"file": b"%PDF-" + b"0" * FILE_BYTES_MAX, "file_kind": "pdf"}, "file_too_large"),
    ],
    ids=["none", "blank", "short", "long", "program", "program named pdf", "large"],
)
def test_without_a_proof_nothing_is_settled(
    who: Borrower, unknown: int, ruler: int, proof: dict[str, object], code: str
) -> None:
    said = SettleUnknown(who.person, unknown, False, None, GROUND, ruler, **proof)  # type: ignore[arg-type]  # by case
    with pytest.raises(UseCaseRefused, match=code):
        settle_unknown(said, TEN + MINUTE)
    assert rows("SELECT state FROM delivery WHERE id = %s", unknown) == [("unknown",)]
    assert rows("SELECT count(*) FROM settlement WHERE delivery_id = %s", unknown) == [(0,)]


def test_an_outcome_belongs_to_what_left(who: Borrower, unknown: int, ruler: int) -> None:
    said = SettleUnknown(who.person, unknown, False, "delivered", GROUND, ruler, "LOG-1")
    with pytest.raises(UseCaseRefused, match="unknown_outcome"):
        settle_unknown(said, TEN + MINUTE)


def test_whoever_made_a_call_does_not_say_that_it_was_never_made(who: Borrower, ruler: int, lender: Lender) -> None:
    by = make_staff("calling-leader", "team_leader", lender).pk
    permit = propose_call(who, by, TEN).permit_id
    assert permit is not None
    start_call(StartCall(who.person, permit, by), TEN)
    delivery = rows("SELECT id FROM delivery WHERE person_id = %s", who.person)[0][0]
    with pytest.raises(OwnCall):
        settle_unknown(SettleUnknown(who.person, delivery, False, None, GROUND, by, "LOG-1"), TEN + MINUTE)
    assert rows("SELECT state FROM permit WHERE person_id = %s", who.person) == [("used",)]
    settle_unknown(SettleUnknown(who.person, delivery, False, None, GROUND, ruler, "LOG-1"), TEN + MINUTE)
    assert rows("SELECT state FROM permit WHERE person_id = %s", who.person) == [("released",)]


def test_a_proof_of_an_erased_person_cannot_be_kept_and_the_contact_stays_counted(
    who: Borrower, unknown: int, ruler: int
) -> None:
    rows("UPDATE person SET data_key = NULL WHERE id = %s RETURNING 1", who.person)
    with pytest.raises(NoSuchRow):
        settle_unknown(SettleUnknown(who.person, unknown, False, None, GROUND, ruler, "LOG-1"), TEN + MINUTE)
    assert rows("SELECT state FROM permit WHERE person_id = %s", who.person) == [("used",)]


def test_what_was_said_is_never_changed(store: str, who: Borrower, unknown: int, ruler: int) -> None:
    settle_unknown(SettleUnknown(who.person, unknown, True, "sent", GROUND, ruler, "LOG-1"), TEN + timedelta(hours=1))
    for wrong in ("UPDATE settlement SET ground = 'x'", "DELETE FROM settlement"):
        with psycopg.connect(store) as owner, pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute(f"{wrong} WHERE delivery_id = %s", [unknown])
