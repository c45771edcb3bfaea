"""结清证明: written once nothing is owed, void the moment money goes back, and what leaves is what the digest says."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from book import make_lender, make_staff
from commissionwork import pay
from gatework import MINUTE, TEN, refused_by_database, rows
from placework import Placed, make_case
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.certificates.keeping import Certified, certify_settled
from zhizhi.store.certificates.reads import CertificateRow, load_certificates, open_certificate
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.certificates.issuing import certify_now
from zhizhi.usecases.exports.certificate import certificate_page
from zhizhi.usecases.exports.content import Stamp

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(100))


@pytest.fixture
def case(store: str) -> Placed:
    """A debt of a lender of its own."""
    return make_case(make_lender(f"Z{next(NUMBERS)}"), balance_minor=10_000)


def lender_of(case: Placed) -> int:
    ((lender,),) = rows("SELECT lender_id FROM person WHERE id = %s", case.who.person)
    return int(lender)


def certify(case: Placed, days: int = 1) -> Certified:
    at = TEN + timedelta(days=days)
    return certify_settled(lender_of(case), at.date(), at)


def seen(case: Placed) -> list[CertificateRow]:
    head = make_staff(f"head-z{next(NUMBERS)}", "head").pk
    with reading(Viewer(head, Scope.LENDER, None, None)):
        return [row for row in load_certificates() if row.person_id == case.who.person]


def owed_again(case: Placed) -> None:
    """As a reversal leaves the debt."""
    rows(
        "UPDATE debt SET state = 'overdue', balance_minor = 10000, principal_minor = 10000 WHERE id = %s RETURNING 1",
        case.who.debt,
    )


def test_nothing_is_certified_before_the_last_fen(case: Placed) -> None:
    pay(case, 9_999, TEN)
    assert certify(case) == Certified()
    pay(case, 1, TEN + MINUTE)
    assert certify(case) == Certified(issued=1)
    assert certify(case, 2) == Certified()
    (row,) = seen(case)
    assert (row.stands, row.with_waiver, row.case_number) == (True, False, case.number)
    assert row.number.startswith("JQ20260303-")


def test_money_that_goes_back_makes_it_void_at_once_and_a_later_one_has_its_own_number(case: Placed) -> None:
    pay(case, 10_000, TEN)
    certify(case)
    (row,) = seen(case)
    owed_again(case)
    assert not seen(case)[0].stands
    assert taken(case, row.id) is None
    assert certify(case, 2) == Certified(withdrawn=1)
    pay(case, 10_000, TEN + timedelta(days=3))
    assert certify(case, 4) == Certified(issued=1)
    latest, first = seen(case)
    assert (latest.stands, first.stands, first.withdrawn_at is not None) == (True, False, True)
    assert latest.number != first.number


def taken(case: Placed, certificate: int) -> bytes | None:
    """The file of one, as an export makes it."""
    head = make_staff(f"taker-z{next(NUMBERS)}", "head").pk
    with reading(Viewer(head, Scope.LENDER, None, None)):
        content = certificate_page(str(certificate))
    if content is None:
        return None
    assert (content.rows, content.units, content.person_id) == (1, 100, case.who.person)
    return content.make(Stamp("E1", "head", "客户本人", TEN)).octets


def test_the_file_names_the_person_and_its_digest_is_that_of_the_document(case: Placed) -> None:
    pay(case, 10_000, TEN)
    certify(case)
    (row,) = seen(case)
    octets = taken(case, row.id)
    assert octets is not None
    page = zipfile.ZipFile(io.BytesIO(octets)).read(f"{row.number}.html").decode()
    assert row.number in page
    assert row.digest in page
    assert "余额为零" in page
    head = make_staff(f"reader-z{next(NUMBERS)}", "head").pk
    with reading(Viewer(head, Scope.LENDER, None, None)):
        found = open_certificate(row.id)
    assert found is not None
    assert found[1]["name"] in page
    assert hashlib.sha256(canonical_of(found[1])).hexdigest() == row.digest


def canonical_of(document: dict[str, object]) -> bytes:
    """RFC 8785, by the standard library: the document has no fraction."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_what_a_book_brought_as_settled_is_not_certified_here(case: Placed) -> None:
    rows(
        "UPDATE debt SET state = 'settled', balance_minor = 0, principal_minor = 0 WHERE id = %s RETURNING 1",
        case.who.debt,
    )
    assert certify(case) == Certified()


def test_only_whoever_may_certifies(case: Placed) -> None:
    lender = lender_of(case)
    clerk, other = (make_staff(f"{role}-z{next(NUMBERS)}", role).pk for role in ("settlement_clerk", "collector"))
    pay(case, 10_000, TEN)
    with pytest.raises(Refused, match="not_allowed"):
        certify_now(lender, other, TEN)
    assert certify_now(lender, clerk, TEN) == Certified(issued=1)


def test_the_database_certifies_nothing_that_is_owed(
    case: Placed, gate: psycopg.Connection[tuple[object, ...]]
) -> None:
    pay(case, 10_000, TEN)
    certify(case)
    owed_again(case)
    again = (
        "INSERT INTO certificate (person_id, id, lender_id, debt_id, number, case_number, issued_on, issued_at,"
        " with_waiver, digest, sealed) SELECT person_id, id + 1, lender_id, debt_id, 'X', '', issued_on, issued_at,"
        " false, digest, sealed FROM certificate WHERE person_id = %s"
    )
    assert refused_by_database(gate, again, case.who.person) == "RestrictViolation"
    changed = "UPDATE certificate SET number = 'X' WHERE person_id = %s"
    assert refused_by_database(gate, changed, case.who.person) == "InsufficientPrivilege"
    gone = "DELETE FROM certificate WHERE person_id = %s"
    assert refused_by_database(gate, gone, case.who.person) == "InsufficientPrivilege"


def test_rows_and_leaves_say_the_same(case: Placed) -> None:
    pay(case, 10_000, TEN)
    certify(case)
    owed_again(case)
    certify(case, 2)
    sequence_all(TEN)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        found = {one.position for one in compare(log.stored_leaves(), iter([None] * size), log.object_digest)}
    own = rows(
        "SELECT position FROM leaf WHERE source_table = 'certificate' AND source_person_id = %s", case.who.person
    )
    assert len(own) == 2
    assert found.isdisjoint(position for (position,) in own)


@pytest.fixture
def gate(store: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The gate's login, with raw SQL."""
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute(f"SET ROLE {GATE_LOGIN}")
        yield owner
