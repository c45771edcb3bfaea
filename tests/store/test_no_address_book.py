"""Other people's numbers come in by no path: not by a note, not by a file, not by a row written by hand."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import TEN, refused_by_database, rows
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.kernel.limits import CONTACT_PERSONS_MAX
from zhizhi.gateways.files.opening import open_table
from zhizhi.store.imports.reads import iterate_refused
from zhizhi.store.keyring import person_seal
from zhizhi.store.lenders.models import Lender
from zhizhi.store.people.rows import open_note, open_point
from zhizhi.store.transact.person import NoSuchRow
from zhizhi.usecases.free_text import PersonalInText
from zhizhi.usecases.import_file import ImportFile, ImportReport, import_file
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.record_note import RecordNote, ToldPoint, record_note
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.run_day import RunDay, run_day

pytestmark = pytest.mark.usefixtures("store")
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
NUMBER = "一零九 1234 五六七八"
DIGITS = "10912345678"
PEOPLE = """[file]
kind = "contact_persons"
lender = "L1"
[columns]
customer = "c"
party = "p"
name = "n"
relation = "r"
mobile = "m"
"""
NOTES = """[file]
kind = "notes"
lender = "L1"
[columns]
customer = "c"
reference = "i"
at = "at"
action = { constant = "CALL_OUT" }
outcome = { constant = "NO_ANSWER" }
words = "w"
next_step = { constant = "CALL" }
next_step_at = "s"
"""


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return make_staff("writer", "supervisor", lender, 50).pk


@pytest.fixture(scope="module")
def who(lender: Lender, by: int) -> Borrower:
    made = make_borrower(lender, 1)
    run_day(RunDay(lender.pk, date(2026, 3, 2), "declared"), TEN - timedelta(hours=1), nothing, nothing)
    return made


def nothing(*_: object) -> None:
    """Delivers nothing, tells nothing."""


def note(who: Borrower, by: int, text: str, **changes: Any) -> RecordNote:
    case_id = rows("SELECT id FROM collection_case WHERE person_id = %s", who.person)[0][0]
    plain: dict[str, Any] = {
        "person_id": who.person, "case_id": case_id, "action": "CALL_OUT", "outcome": "PROMISE", "overdue_reason": None,
        "text": text, "next_step": "CALL", "next_step_at": TEN + timedelta(days=1), "contact_id": None,
        "promise": None, "by": by,
    }  # fmt: skip
    return RecordNote(**(plain | changes))


def written(who: Borrower, note_id: int) -> str:
    ((sealed, data_key),) = rows(
        "SELECT n.sealed, p.data_key FROM note n JOIN person p ON p.id = n.person_id WHERE p.id = %s AND n.id = %s",
        *(who.person, note_id),
    )
    return open_note(person_seal(data_key), sealed, note_id)


def points(who: Borrower) -> list[tuple[Any, ...]]:
    return rows(
        "SELECT o.id, o.party_id, o.kind, o.source, o.sealed, p.data_key FROM point o"
        " JOIN person p ON p.id = o.person_id WHERE p.id = %s AND o.id <> %s ORDER BY o.id",
        *(who.person, who.mobile),
    )


def test_a_number_in_a_note_is_questioned_and_nothing_is_written(who: Borrower, by: int) -> None:
    before = rows("SELECT count(*) FROM note")
    with pytest.raises(PersonalInText) as questioned:
        record_note(note(who, by, f"新号码 {NUMBER}，住人民路12号3栋"), TEN)
    assert "手机号码、地址" in questioned.value.text.zh
    assert "1234" not in str(questioned.value)
    assert rows("SELECT count(*) FROM note") == before
    assert points(who) == []


def test_hidden_the_note_is_kept_without_it(who: Borrower, by: int) -> None:
    kept = record_note(note(who, by, f"新号码 {NUMBER}，住人民路12号3栋，承诺 3 月 5 日还 1,200.00 元", hide=True), TEN)
    assert written(who, kept) == "新号码 ****，住****，承诺 3 月 5 日还 1,200.00 元"
    assert points(who) == []


def test_told_whose_and_where_from_it_becomes_a_point_and_is_hidden_in_the_note(who: Borrower, by: int) -> None:
    told = ToldPoint(who.party, "given")
    kept = record_note(note(who, by, f"新号码 +86 {NUMBER}", told=told), TEN)
    assert DIGITS not in written(who, kept)
    ((point_id, party, kind, source, sealed, data_key),) = points(who)
    assert (party, kind, source) == (who.party, "mobile", "given")
    assert open_point(person_seal(data_key), sealed, point_id) == DIGITS
    leaves = rows("SELECT body FROM leaf WHERE kind = 'person' AND source_person_id = %s", who.person)
    assert len(leaves) == 1
    assert DIGITS.encode() not in bytes(leaves[0][0])
    record_note(note(who, by, f"再报一次 {DIGITS}", told=told), TEN)
    assert len(points(who)) == 1, "the same number is one point"


def test_a_point_needs_one_number_a_known_party_and_a_source_of_the_list(who: Borrower, by: int) -> None:
    before = rows("SELECT count(*) FROM note"), points(who)
    for text, told, refusal in (
        (f"{DIGITS} 和 10987654321", ToldPoint(who.party, "given"), "not_one_number"),
        ("住人民路12号3栋", ToldPoint(who.party, "given"), "not_one_number"),
        (f"新 {DIGITS}", ToldPoint(who.party, "address_book"), "unknown_source"),
        (f"新 {DIGITS}", ToldPoint(who.party, "purchased"), "unknown_source"),
    ):
        with pytest.raises(UseCaseRefused, match=refusal):
            record_note(note(who, by, text, told=told), TEN)
    with pytest.raises(NoSuchRow):
        record_note(note(who, by, f"新 {DIGITS}", told=ToldPoint(1, "given")), TEN)
    assert (rows("SELECT count(*) FROM note"), points(who)) == before


def test_no_row_of_an_address_book_stands_in_the_database(who: Borrower, store: str) -> None:
    insert = (
        "INSERT INTO point (person_id, id, party_id, kind, sealed, value_key, source)"
        " VALUES (%s, 1, %s, 'mobile', '', 1, %s)"
    )
    with psycopg.connect(store, user=GATE_LOGIN) as gate:
        for source in ("address_book", "purchased"):
            assert refused_by_database(gate, insert, who.person, who.party, source) == "CheckViolation"
            update = "UPDATE point SET source = %s WHERE id = %s"
            assert refused_by_database(gate, update, source, who.mobile) == "CheckViolation"


def send(folder: Path, body: str, header: str, *lines: str) -> ImportReport:
    path = folder / "file.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    with open_table(path) as table:
        return import_file(ImportFile("file.csv", read_map(body), on=AT.date()), table, at=AT)


def refused() -> list[tuple[int, str]]:
    file_id = rows("SELECT max(id) FROM imported_file")[0][0]
    return [(row.row_number, row.code) for row in iterate_refused(file_id)]


def test_more_contact_persons_than_a_borrower_names_are_refused_row_by_row(
    who: Borrower, lender: Lender, tmp_path: Path
) -> None:
    first, names = CONTACT_PERSONS_MAX - 2, "甲乙丙丁戊己庚辛"
    lines = [f"C1,p{n + 1},某某{names[n]},朋友,1090001{n:04d}" for n in range(first)]
    report = send(tmp_path, PEOPLE, "c,p,n,r,m", *lines)
    assert (report.counts.new, report.counts.refused) == (first, 0)
    more = [f"C1,p{first + n + 1},另{names[n]},同事,1090002{n:04d}" for n in range(4)]
    more.append("C1,p9,某人 10912345678,朋友,")
    report = send(tmp_path, PEOPLE, "c,p,n,r,m", *more)
    assert report.counts.new == 2
    assert sorted(code for _, code in refused()) == ["number_in_text", "too_many_contacts", "too_many_contacts"]
    assert rows("SELECT count(*) FROM party WHERE person_id = %s AND role = 'contact'", who.person) == [
        (CONTACT_PERSONS_MAX,)
    ]


def test_a_note_with_several_numbers_is_refused_and_with_one_it_is_hidden(
    who: Borrower, lender: Lender, tmp_path: Path
) -> None:
    report = send(
        tmp_path,
        NOTES,
        "c,i,at,w,s",
        f"C1,N1,2026-02-20T10:00:00+08:00,张三{DIGITS} 李四10987654321,2026-03-20T10:00:00+08:00",
        f"C1,N2,2026-02-21T10:00:00+08:00,新号码{DIGITS} 未接,2026-03-20T10:00:00+08:00",
    )
    assert (report.counts.new, report.counts.refused) == (1, 1)
    assert refused() == [(1, "several_numbers")] or refused() == [(2, "several_numbers")]
    (latest,) = rows("SELECT max(id) FROM note WHERE person_id = %s AND import_id IS NOT NULL", who.person)
    assert written(who, latest[0]) == "新号码**** 未接"
