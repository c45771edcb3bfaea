"""The files of a generated book agree, name nobody real, and keep the law but for the planted actors."""

import csv
import json
import os
from collections import Counter, defaultdict
from datetime import date, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from zhizhi.gateways.generator.book import Book
from zhizhi.gateways.generator.identity import check_digit
from zhizhi.gateways.generator.organisation import BESIDE_SYSTEM, RINGS_ONCE
from zhizhi.gateways.generator.tables import TABLES
from zhizhi.gateways.generator.writing import write_book

ON = date(2026, 3, 2)
SEED = 20260301
ACCOUNTS = 3000
SHARED = Path(os.environ.get("ZHIZHI_SHARED", Path(__file__).parents[3] / "shared"))
PROVINCES = {
    11,
    12,
    13,
    14,
    15,
    21,
    22,
    23,
    *range(31, 38),
    *range(41, 47),
    *range(50, 55),
    *range(61, 66),
    71,
    81,
    82,
    83,
    91,
}

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("book")
    write_book(Book(SEED, ON), out, ACCOUNTS)
    return out


@pytest.fixture(scope="module")
def book(folder: Path) -> dict[str, Rows]:
    return {name: read(folder / f"{name}.csv") for name in TABLES}


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def by_account(rows: Rows) -> dict[str, Rows]:
    grouped: dict[str, Rows] = defaultdict(list)
    for row in rows:
        grouped[row["account_number"]].append(row)
    return grouped


def test_the_manifest_says_synthetic_and_its_digests_are_those_of_the_files(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["synthetic"] is True
    assert (manifest["seed"], manifest["on"], manifest["accounts"]) == (SEED, "2026-03-02", ACCOUNTS)
    assert manifest["never_import"] == ["truth"]
    for name, entry in manifest["files"].items():
        raw = (folder / f"{name}.csv").read_bytes()
        assert entry["sha256"] == sha256(raw).hexdigest()
        assert entry["rows"] == raw.count(b"\n") - 1


def test_every_row_of_every_file_is_marked_synthetic_and_as_wide_as_its_header(book: dict[str, Rows]) -> None:
    for name, rows in book.items():
        assert rows, name
        assert {row["synthetic"] for row in rows} == {"true"}, name
        assert all(None not in row and None not in row.values() for row in rows), name


def test_no_identity_number_can_exist(book: dict[str, Rows]) -> None:
    codes = {row["id_number"][:6] for row in book["accounts"]}
    assert all(int(code[:2]) not in PROVINCES for code in codes)
    for row in book["accounts"]:
        number = row["id_number"]
        assert len(number) == 18
        assert number[17] == check_digit(number[:17])
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        assert (date.fromisoformat(row["opened_on"]) - born).days > 18 * 365.25


def test_no_region_code_was_ever_assigned_by_the_state_tables(book: dict[str, Rows]) -> None:
    table = SHARED / "data" / "gb2260" / "gb2260_union.tsv"
    if not table.exists():
        pytest.skip("the state's table of region codes is not present")
    assigned = {line.split("\t")[0] for line in table.read_text(encoding="utf-8").splitlines()[1:]}
    assert len(assigned) > 5000
    used = {row["id_number"][:6] for row in book["accounts"]}
    assert not used & assigned
    assert not {code[:2] for code in used} & {code[:2] for code in assigned}


def test_the_check_digit_is_that_of_the_published_example() -> None:
    assert check_digit("11010519491231002") == "X"  # the example of GB 11643 itself


def test_no_telephone_number_can_be_a_subscriber_and_none_is_used_twice(book: dict[str, Rows]) -> None:
    persons = {row["customer_number"]: row for row in book["accounts"]}.values()
    numbers = [row[name] for row in persons for name in ("mobile", "mobile_2") if row[name]]
    numbers += [row["mobile"] for row in book["contact_persons"]]
    assert all(len(number) == 11 and number.isdecimal() and number.startswith("109") for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert all(not row["email"] or row["email"].endswith(".example") for row in persons)


def test_one_identity_number_is_one_person(book: dict[str, Rows]) -> None:
    owners = {(row["id_number"], row["lender_code"], row["customer_number"]) for row in book["accounts"]}
    assert len({number for number, _, _ in owners}) == len(owners)
    assert len(owners) < ACCOUNTS  # some hold two accounts


def test_names_try_the_screens(book: dict[str, Rows]) -> None:
    names = {row["name"] for row in book["accounts"]}
    assert any(ord(character) > 0xFFFF for name in names for character in name)
    assert any("·" in name and len(name) >= 8 for name in names)
    assert any(len(name) == 4 for name in names)


def test_what_is_due_is_what_the_unpaid_instalments_sum_to(book: dict[str, Rows]) -> None:
    instalments = by_account(book["instalments"])
    for row in book["accounts"]:
        due = [entry for entry in instalments[row["account_number"]] if entry["due_on"] <= ON.isoformat()]
        whole = sum(int(entry["principal_minor"]) + int(entry["interest_minor"]) for entry in due)
        paid = sum(int(entry["paid_minor"]) for entry in due)
        assert int(row["due_principal_minor"]) + int(row["due_term_interest_minor"]) == whole - paid
        parts = ("due_principal_minor", "due_term_interest_minor", "due_penalty_interest_minor", "due_fees_minor")
        assert int(row["due_total_minor"]) == sum(int(row[part]) for part in parts)
        assert int(row["outstanding_minor"]) >= int(row["due_total_minor"])


def test_days_past_due_count_from_the_oldest_instalment_that_is_not_paid(book: dict[str, Rows]) -> None:
    instalments = by_account(book["instalments"])
    for row in book["accounts"]:
        open_on = [
            entry["due_on"]
            for entry in instalments[row["account_number"]]
            if entry["due_on"] <= ON.isoformat()
            and int(entry["paid_minor"]) < int(entry["principal_minor"]) + int(entry["interest_minor"])
        ]
        assert row["oldest_unpaid_due_on"] == (min(open_on) if open_on else "")
        days = (ON - date.fromisoformat(min(open_on))).days if open_on else 0
        assert int(row["days_past_due"]) == days
        assert (row["state"] in {"overdue", "plan_performing", "plan_broken"}) == (days > 0)


def test_the_principal_of_a_loan_is_the_sum_of_its_instalments(book: dict[str, Rows]) -> None:
    instalments = by_account(book["instalments"])
    for row in book["accounts"]:
        if row["product"] == "instalment_loan":
            parts = instalments[row["account_number"]]
            assert sum(int(entry["principal_minor"]) for entry in parts) == int(row["principal_minor"])
            assert [int(entry["n"]) for entry in parts] == list(range(1, int(row["months"]) + 1))


def test_payments_less_reversals_are_what_the_instalments_were_paid(book: dict[str, Rows]) -> None:
    paid: Counter[str] = Counter()
    known: dict[str, dict[str, str]] = {}
    for row in book["payments"]:
        parts = ("principal_minor", "term_interest_minor", "penalty_interest_minor", "fees_minor")
        if row["result"] == "succeeded":
            assert int(row["amount_minor"]) == sum(int(row[part]) for part in parts)
            sign = -1 if row["kind"] == "reversal" else 1
            paid[row["account_number"]] += sign * (int(row["principal_minor"]) + int(row["term_interest_minor"]))
        else:
            assert row["kind"] == "direct_debit_attempt"
            assert all(row[part] == "0" for part in parts)
        if row["kind"] == "reversal":
            back = known[row["reverses"]]
            assert (back["account_number"], back["amount_minor"]) == (row["account_number"], row["amount_minor"])
        known[row["payment_id"]] = row
    assert len(known) == len(book["payments"])
    for number, rows in by_account(book["instalments"]).items():
        assert paid[number] == sum(int(row["paid_minor"]) for row in rows)
    kinds = {"repayment", "direct_debit", "direct_debit_attempt", "partial_repayment", "reversal"}
    assert {row["kind"] for row in book["payments"]} == kinds


def test_nothing_happens_after_the_morning_of_the_day_or_before_the_account_was_opened(book: dict[str, Rows]) -> None:
    opened = {row["account_number"]: row["opened_on"] for row in book["accounts"]}
    columns = {
        "payments": ("at",),
        "contacts": ("at",),
        "statements": ("at",),
        "promises": ("made_at", "settled_on"),
        "stops": ("from_on", "reported_at"),
        "notes": ("at",),
        "plans": ("agreed_on", "broken_on"),
        "instalments": ("paid_on",),
    }
    for table, names in columns.items():
        for row in book[table]:
            for name in names:
                if row[name]:
                    assert opened[row["account_number"]] <= row[name][:10] < ON.isoformat(), (table, row)


def test_rows_refer_only_to_what_exists(book: dict[str, Rows]) -> None:
    keys = {(row["lender_code"], row["customer_number"]) for row in book["accounts"]}
    parties = {(row["customer_number"], row["party"]) for row in book["contact_persons"]}
    contacts = {row["contact_id"] for row in book["contacts"]}
    staff = {row["staff_code"] for row in book["staff"]} | {"SYSTEM", "ROBOT", "V1+V2"}
    for table in (
        "instalments",
        "payments",
        "contact_persons",
        "contacts",
        "statements",
        "promises",
        "stops",
        "notes",
        "truth",
    ):
        assert {(row["lender_code"], row["customer_number"]) for row in book[table]} <= keys
    for row in book["statements"]:
        assert row["by"] in {"debtor", "o1"} or (row["customer_number"], row["by"]) in parties
        assert not row["contact_id"] or row["contact_id"] in contacts
    for row in book["contacts"]:
        assert row["party"] == "debtor" or (row["customer_number"], row["party"]) in parties
        assert row["by"] in staff
        assert not row["in_reply_to"] or row["in_reply_to"] in contacts
    assert all(row["contact_id"] in contacts for row in book["promises"])
    assert len(contacts) == len(book["contacts"])
    assert {row["lender_code"] for row in book["accounts"]} == {row["lender_code"] for row in book["lenders"]}
    assert {row["collector_code"] for row in book["accounts"]} - {""} <= staff


def test_the_recorded_year_keeps_hours_and_daily_counts(book: dict[str, Rows]) -> None:
    dials: Counter[tuple[str, str, str]] = Counter()
    talks: Counter[tuple[str, str]] = Counter()
    for row in book["contacts"]:
        at = datetime.fromisoformat(row["at"])
        assert at.utcoffset() is not None
        assert 8 <= at.hour < 22
        if row["channel"] == "voice" and row["direction"] == "out":
            day = row["at"][:10]
            dials[row["customer_number"], row["point"], day] += 1
            talks[row["customer_number"], day] += int(row["talk_seconds"]) > 0
    assert max(dials.values()) <= 6
    assert max(talks.values()) <= 3


def test_letters_lie_a_week_apart_and_visits_have_consent(book: dict[str, Rows]) -> None:
    letters: dict[str, list[date]] = defaultdict(list)
    consents = {(row["customer_number"], row["on"]) for row in book["statements"] if row["kind"] == "consent_visit"}
    for row in book["contacts"]:
        if row["channel"] == "letter":
            letters[row["customer_number"]].append(date.fromisoformat(row["at"][:10]))
        if row["channel"] == "visit":
            assert (row["customer_number"], row["at"][:10]) in consents
            assert row["by"] == "V1+V2"
    for days in letters.values():
        assert all((later - earlier).days > 7 for earlier, later in pairwise(days))


def test_contact_persons_are_asked_only_to_restore_contact_and_never_after_they_refused(book: dict[str, Rows]) -> None:
    refused: dict[tuple[str, str], str] = {}
    for row in book["statements"]:
        if row["kind"] == "refuse_contact" and row["by"].startswith("c"):
            refused[row["customer_number"], row["by"]] = row["at"]
    assert refused
    for row in book["contacts"]:
        if row["party"] != "debtor":
            assert (row["purpose"], row["about_debt"]) == ("locate", "false")
            assert row["at"] <= refused.get((row["customer_number"], row["party"]), "9999")
    assert max(Counter(row["account_number"] for row in book["contact_persons"]).values()) <= 2


def test_a_contact_person_is_called_only_on_a_day_after_three_dials_failed(book: dict[str, Rows]) -> None:
    by_person: dict[str, Rows] = defaultdict(list)
    for row in book["contacts"]:
        by_person[row["customer_number"]].append(row)
    located = 0
    for rows in by_person.values():
        for place, row in enumerate(rows):
            if row["purpose"] == "locate":
                located += 1
                before = [r for r in rows[:place] if r["point"] in {"m1", "m2"} and r["channel"] == "voice"][-3:]
                assert len(before) == 3
                assert all(r["right_party"] != "true" for r in before)
                assert all(r["at"][:10] < row["at"][:10] for r in before)
    assert located


def test_a_refused_medium_and_agreed_hours_are_kept_from_then_on(book: dict[str, Rows]) -> None:
    no_sms = {r["customer_number"]: r["at"] for r in book["statements"] if r["kind"] == "refuse_medium"}
    hours = {r["customer_number"]: r for r in book["statements"] if r["kind"] == "agree_hours"}
    assert no_sms
    assert hours
    for row in book["contacts"]:
        if row["channel"] == "sms" and row["direction"] == "out":
            assert row["at"] <= no_sms.get(row["customer_number"], "9999")
        agreed = hours.get(row["customer_number"])
        if agreed and row["at"][:10] > agreed["at"][:10] and row["party"] == "debtor":
            assert agreed["from"] <= row["at"][11:16] < agreed["to"]


def test_nobody_is_worked_while_a_stop_holds(book: dict[str, Rows]) -> None:
    stops: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in book["stops"]:
        stops[row["customer_number"]].append((row["from_on"], row["until_on"] or "9999"))
    for row in book["contacts"]:
        if row["direction"] == "out" and row["purpose"] == "collect" and row["channel"] == "voice":
            day = row["at"][:10]
            assert not any(first < day <= last for first, last in stops[row["customer_number"]]), row


def test_only_the_truth_file_names_the_planted_actors(book: dict[str, Rows], folder: Path) -> None:
    marks = {mark for row in book["truth"] for mark in row["planted"].split("|")} - {""}
    assert marks == {"rings_once", "private_account", "beside_system"}
    for name in set(TABLES) - {"truth"}:
        text = (folder / f"{name}.csv").read_text(encoding="utf-8")
        assert not any(mark in text for mark in marks)


def test_the_planted_actors_leave_the_traces_that_a_review_can_find(book: dict[str, Rows]) -> None:
    rang = [
        int(r["ring_seconds"]) for r in book["contacts"] if r["by"] == RINGS_ONCE and r["line_result"] == "no_answer"
    ]
    others = [
        int(r["ring_seconds"]) for r in book["contacts"] if r["by"] != RINGS_ONCE and r["line_result"] == "no_answer"
    ]
    assert sum(ring < 5 for ring in rang) / len(rang) > 0.4
    assert min(others) >= 25
    recorded = {(r["customer_number"], r["at"][:16]) for r in book["contacts"]}
    persons = {row["mobile"]: row["customer_number"] for row in book["accounts"]}
    beside = [r for r in book["carrier_records"] if (persons[r["called_number"]], r["at"][:16]) not in recorded]
    assert beside
    assert {r["agency_code"] for r in beside} == {BESIDE_SYSTEM}
    assert any(not "08:00" <= r["at"][11:16] < "22:00" for r in beside)


def test_an_account_is_the_same_in_a_book_of_any_size(folder: Path, tmp_path: Path) -> None:
    write_book(Book(SEED, ON), tmp_path, 251, only=("accounts", "instalments", "payments"))
    for name in ("accounts", "instalments", "payments"):
        small = (tmp_path / f"{name}.csv").read_bytes()
        assert (folder / f"{name}.csv").read_bytes().startswith(small)


def test_parquet_holds_the_same_rows_as_csv(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    book = Book(SEED, ON)
    write_book(book, tmp_path, 120)
    write_book(book, tmp_path, 120, format="parquet")
    for name in ("accounts", "contacts", "payments"):
        table = pq.read_table(tmp_path / f"{name}.parquet")
        assert table.schema.metadata[b"synthetic"] == b"true"
        told = [{key: "" if value is None else str(value) for key, value in row.items()} for row in table.to_pylist()]
        assert told == read(tmp_path / f"{name}.csv")
