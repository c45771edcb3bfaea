"""The worked example of docs/examples: real accounts become a book whose sums are those of the file."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from zhizhi.gateways.files.opening import open_table
from zhizhi.usecases.import_file import ImportFile, import_file
from zhizhi.usecases.intake.book_map import read_map

MAP = Path(__file__).resolve().parents[2] / "docs" / "examples" / "uci_credit_card_tw" / "map.toml"
ON = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def source(shared: Path) -> Path:
    path = shared / "data" / "uci_credit_card_tw" / "UCI_Credit_Card.csv"
    if not path.exists():
        pytest.skip("the UCI file is absent from the folder `shared`")
    return path


def one(question: str) -> Any:
    with connections["gate"].cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()


def test_twenty_thousand_accounts_become_a_book_whose_sums_are_those_of_the_file(store: str, source: Path) -> None:
    command = ImportFile(
        source.name, read_map(MAP.read_text(encoding="utf-8")), ON, profile="cn.bank.card", synthetic_points=True
    )
    with open_table(source) as table:
        report = import_file(command, table, at=AT)
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cents = lambda row, name: max(0, int(Decimal(row[name]) * 100))  # noqa: E731 - a word for the sums below
    bills = [cents(row, f"BILL_AMT{month}") for row in rows for month in range(1, 7)]
    paid = [cents(row, f"PAY_AMT{month}") for row in rows for month in range(1, 7)]
    overdue = sum(int(row["PAY_0"]) > 0 and cents(row, "BILL_AMT1") > 0 for row in rows)
    assert report.counts.rows == report.counts.accepted + report.counts.refused == len(rows) == 20_902
    assert report.counts.refused == 0
    balance = sum(cents(row, "BILL_AMT1") for row in rows)
    assert one("SELECT count(*), sum(balance_minor), count(*) FILTER (WHERE state = 'overdue') FROM debt") == (
        20_902,
        balance,
        overdue,
    )
    assert one("SELECT count(*), sum(amount_minor) FROM instalment") == (sum(bill > 0 for bill in bills), sum(bills))
    assert one("SELECT count(*), sum(amount_minor) FROM payment") == (sum(part > 0 for part in paid), sum(paid))
    assert one("SELECT sum(amount_minor) FROM entry") == (balance,)
    assert one("SELECT count(*) FROM point") == (20_902,)
    assert one("SELECT max(as_of_on), max(oldest_unpaid_due_on) FROM debt") == (date(2026, 10, 31), date(2026, 11, 30))


def test_no_column_about_the_person_is_named_by_the_map() -> None:
    book_map = read_map(MAP.read_text(encoding="utf-8"))
    assert not {"SEX", "AGE", "EDUCATION", "MARRIAGE"} & set(book_map.columns)
