"""The map and its readers: strict about keys, exact about amounts and days, silent about what stood in a cell."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.kernel.money import Currency
from zhizhi.store.imports.account_values import AccountValues
from zhizhi.usecases.intake import values
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.intake.demonstration import MAPS
from zhizhi.usecases.intake.guess import guess_map
from zhizhi.usecases.intake.kinds import FIELDS, Kind
from zhizhi.usecases.intake.months import MonthsReader, month_end, newest_month
from zhizhi.usecases.intake.problems import BadValue, FileRefused, MapRefused, Problem
from zhizhi.usecases.intake.row_reader import ReadingOfFile, RowReader
from zhizhi.usecases.intake.table_shape import check_no_address_book

ON = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
PAYMENTS = """[file]
kind = "payments"
lender = "T1"
unit = "yuan"

[columns]
account = "账号"
reference = "流水号"
paid_on = { column = "日期", format = "%Y%m%d" }
amount = { column = "金额" }
"""


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("0", 0),
        ("1234.5", 123450),
        ("1,234.50", 123450),
        ("￥12", 1200),
        ("１２", 1200),
        ("-0.00", 0),
        ("9999999999.99", 10**12 - 1),
    ],
)
def test_an_amount_in_yuan_becomes_minor_units_without_rounding(cell: str, minor: int) -> None:
    assert values.amount("yuan")(cell) == minor


@pytest.mark.parametrize(
    ("unit", "cell", "code"),
    [
        ("yuan", "1.005", "too_many_decimals"),
        ("minor", "1.5", "not_whole_minor"),
        ("yuan", "-1", "negative_amount"),
        ("yuan", "10000000000", "amount_too_large"),
        ("minor", "1000000000000", "amount_too_large"),
        ("minor", "9" * 30, "amount_too_large"),
        ("yuan", "1E+11", "scientific"),
        ("yuan", "1,23", "not_an_amount"),
        ("yuan", "١٢", "not_an_amount"),
        ("yuan", "", "not_an_amount"),
    ],
)
def test_an_amount_that_is_none_is_refused_by_name(unit: str, cell: str, code: str) -> None:
    with pytest.raises(BadValue) as refused:
        values.amount(unit)(cell)
    assert refused.value.code == code


def test_a_round_amount_of_a_statistics_program_is_read_only_where_the_map_says_so() -> None:
    assert values.amount("yuan", Currency.TWD, scientific="exact")("1.00E+05") == 10_000_000
    with pytest.raises(BadValue):
        values.amount("yuan", Currency.TWD)("1.00E+05")


def test_yen_have_no_minor_unit() -> None:
    assert values.amount("yuan", Currency.JPY)("1234") == 1234
    with pytest.raises(BadValue, match="too_many_decimals"):
        values.amount("yuan", Currency.JPY)("1234.5")


@pytest.mark.parametrize("cell", ["75010119900307003X ", "750101199003070037", "750101900307003"])
def test_an_identity_number_is_taken_with_a_fitting_check_digit_only(cell: str) -> None:
    read = values.identity_number
    if cell.startswith("75010119900307003X"):
        with pytest.raises(BadValue, match="bad_identity_checksum"):
            read(cell)
    else:
        assert read(cell) == cell


def test_a_number_that_a_spreadsheet_rounded_is_named_as_such() -> None:
    with pytest.raises(BadValue, match="scientific"):
        values.identity_number("1.10101199003E+17")
    with pytest.raises(BadValue, match="scientific"):
        values.number("6.22E+18")


def test_a_day_may_be_an_instant_and_is_then_the_day_in_shanghai() -> None:
    read = values.day("%Y-%m-%d", ON, may_lie_ahead=False)
    assert read("2026-03-01T20:30:00+00:00") == date(2026, 3, 2)
    assert read("2026-03-02") == ON
    for cell, code in (("2026-03-03", "future_day"), ("1900-01-01", "day_too_early"), ("2026-13-01", "not_a_day")):
        with pytest.raises(BadValue, match=code):
            read(cell)


def test_the_values_of_an_account_stand_in_the_order_of_its_fields() -> None:
    assert AccountValues._fields == tuple(field.name for field in FIELDS[Kind.ACCOUNTS])


def test_an_unknown_key_names_line_place_and_what_would_be_right() -> None:
    with pytest.raises(MapRefused) as refused:
        read_map(PAYMENTS.replace("format =", "fromat ="), "m.toml")
    assert refused.value.text.en.startswith(
        "m.toml:9: columns.paid_on.fromat: unknown key `fromat`; help: one of column"
    )
    assert refused.value.text.zh.startswith("m.toml:9:")


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('kind = "payments"', 'kind = "wages"', "`kind` must be one of"),
        ('reference = "流水号"\n', "", "required fields have no column: reference"),
        ('{ column = "金额" }', '{ column = "金额", constant = "1" }', "exactly one of"),
        ('account = "账号"', 'account = { column = "账号", unit = "yuan" }', "fits amounts only"),
        ('unit = "yuan"', 'unit = "euro"', "must be one of minor, yuan"),
        ("[columns]", "[colums]", "unknown key `colums`"),
        ('lender = "T1"', 'lender = "T1"\nas_of = "soon"', "is a day such as"),
        ('account = "账号"', 'account = { column = "账号", label = "{}{}" }', "exactly one {}"),
        ('{ column = "金额" }', '{ constant = "ten" }', "the constant of `amount`, 'ten': not an amount"),
    ],
)
def test_a_map_says_what_is_wrong_with_it(was: str, now: str, says: str) -> None:
    with pytest.raises(MapRefused) as refused:
        read_map(PAYMENTS.replace(was, now))
    assert says in refused.value.text.en


def test_the_maps_of_a_generated_book_are_sound() -> None:
    assert {kind: read_map(body).kind for kind, body in MAPS.items()} == {kind: kind for kind in Kind}


def read_one(body: str, header: tuple[str, ...], *cells: str) -> object:
    book_map = read_map(body)
    reading = ReadingOfFile(book_map, header, ON, AT)
    return RowReader(reading).read([cells[index] for index in reading.picked])


def test_a_row_becomes_values_in_the_order_of_the_fields() -> None:
    header = ("流水号", "账号", "日期", "金额")
    got = read_one(PAYMENTS, header, "P1", "A1", "20260301", "12.30")
    assert got == ("T1", "A1", "P1", "payment", date(2026, 3, 1), 1230, None, None)


def test_a_problem_names_the_column_and_never_the_value() -> None:
    header = ("流水号", "账号", "日期", "金额")
    got = read_one(PAYMENTS, header, "P1", "A1", "20260301", "secret 5")
    assert isinstance(got, Problem)
    assert (got.column, got.code) == ("金额", "not_an_amount")
    assert "secret" not in got.text.zh + got.text.en


ACCOUNTS = """[file]
kind = "accounts"
lender = "T1"
[columns]
customer = "c"
account = "a"
name = { column = "a", label = "账户 {}" }
product = { column = "p", values = { "卡" = "credit_card" } }
oldest_unpaid_due_on = { first_of = ["d1", "d2"] }
principal = "x"
total = { first_of = ["t1", "t2"] }
"""


def test_labels_values_and_first_of_are_applied() -> None:
    header = ("c", "a", "p", "d1", "d2", "x", "t1", "t2")
    got = read_one(ACCOUNTS, header, "C1", "A1", "卡", "", "2026-03-20", "0", "", "500")
    assert isinstance(got, tuple)
    made = AccountValues(*got)
    assert (made.name, made.product, made.oldest_unpaid_due_on) == ("账户 A1", "credit_card", date(2026, 3, 20))
    assert made.principal == 500, "a total without parts is principal"


def test_parts_that_do_not_add_up_to_the_total_are_refused() -> None:
    header = ("c", "a", "p", "d1", "d2", "x", "t1", "t2")
    got = read_one(ACCOUNTS, header, "C1", "A1", "卡", "2026-03-20", "", "400", "500", "")
    assert isinstance(got, Problem)
    assert got.code == "components_do_not_add_up"


CELLS = (
    st.sampled_from(("C1", "C2", "")),
    st.sampled_from(("A1", "A2", "A\x00", "")),
    st.sampled_from(("卡", "credit_card", "?", "")),
    st.sampled_from(("2026-02-01", "2026-13-01", "")),
    st.sampled_from(("2026-03-20", "合计", "")),
    st.sampled_from(("0", "400", "4e2", "")),
    st.sampled_from(("500", "-1", "")),
    st.sampled_from(("400", "")),
)


@given(st.lists(st.tuples(*CELLS), min_size=1, max_size=30))
def test_rows_read_together_are_what_each_is_alone(rows: list[tuple[str, ...]]) -> None:
    reading = ReadingOfFile(read_map(ACCOUNTS), ("c", "a", "p", "d1", "d2", "x", "t1", "t2"), ON, AT)
    reader = RowReader(reading)
    picked = [[row[index] for index in reading.picked] for row in rows]
    assert reader.read_many(picked) == [reader.read(cells) for cells in picked]


MONTHS = """[file]
kind = "accounts"
lender = "T1"
[columns]
customer = "id"
account = "id"
name = "id"
product = { constant = "credit_card" }
[months]
newest = "2005-09"
unit = "yuan"
statements = ["b1", "b2", "b3"]
payments = ["p1", "p2", "p3"]
status = ["s1", "s2", "s3"]
"""


def test_a_constant_out_of_its_list_is_told_where_it_stands() -> None:
    with pytest.raises(MapRefused) as refused:
        read_map(MONTHS.replace("credit_card", "pawn"), "m.toml")
    assert refused.value.text.en.startswith("m.toml:8: columns.product: the constant of `product`, 'pawn': not one of")


def months_of(*cells: str) -> object:
    book_map = read_map(MONTHS)
    assert book_map.months is not None
    columns = book_map.months.columns
    reader = MonthsReader(book_map.months, {name: index for index, name in enumerate(columns)}, Currency.CNY, ON)
    return reader.read(cells)


def test_months_are_moved_so_that_the_newest_is_the_last_full_month() -> None:
    assert newest_month(ON) == date(2026, 2, 1)
    assert month_end(newest_month(ON)) == date(2026, 2, 28)
    assert newest_month(date(2026, 1, 31)) == date(2025, 12, 1)


def test_months_past_due_give_the_oldest_unpaid_due_day() -> None:
    said = months_of("300", "200", "100", "0", "50", "0", "2", "1", "0")
    assert not isinstance(said, Problem)
    assert (said.balance_minor, said.oldest_unpaid_due_on, said.is_overdue) == (30000, date(2026, 1, 31), True)
    assert [(one.due_on, one.amount, one.paid) for one in said.statements] == [
        (date(2026, 1, 31), 10000, 5000),
        (date(2026, 2, 28), 20000, 0),
        (date(2026, 3, 31), 30000, 0),
    ]
    assert [(one.paid_on, one.amount) for one in said.payments] == [(date(2026, 1, 15), 5000)]


def test_a_credit_balance_owes_nothing_and_a_negative_payment_is_refused() -> None:
    said = months_of("-5", "0", "0", "0", "0", "0", "-2", "-2", "-2")
    assert not isinstance(said, Problem)
    assert (said.balance_minor, said.oldest_unpaid_due_on) == (0, None)
    wrong = months_of("5", "0", "0", "-1", "0", "0", "0", "0", "0")
    assert isinstance(wrong, Problem)
    assert (wrong.column, wrong.code) == ("p1", "negative_amount")


def test_the_guess_finds_chinese_and_english_headings_and_the_form_of_days() -> None:
    header = ["客户编号", "借据号", "客户姓名", "手机号码", "逾期日期", "逾期本金", "备注"]
    body = guess_map(header, [["1", "2", "张三", "10900000000", "20260101", "12.50", ""]])
    assert 'kind = "accounts"' in body
    assert 'oldest_unpaid_due_on = { column = "逾期日期", format = "%Y%m%d" }' in body
    assert 'unit = "yuan"' in body
    assert "备注" in body.splitlines()[-1]
    assert '# product = ""' in body
    assert 'kind = "payments"' in guess_map(["payment_id", "account_number", "paid_on", "amount_minor"], [])


@pytest.mark.parametrize(
    "header",
    [
        ["a", "通讯录"],
        ["a", "通话记录"],
        ["call_log"],
        ["contact_list"],
        [f"contact_{n}" for n in range(1, 7)],
        [f"联系人{n}电话" for n in range(1, 8)],
    ],
)
def test_columns_of_an_address_book_are_refused_and_named(header: list[str]) -> None:
    with pytest.raises(FileRefused) as refused:
        check_no_address_book(header, [])
    assert refused.value.code == "address_book"
    assert header[-1] in refused.value.text.zh


def test_two_mobiles_and_two_named_contact_persons_are_no_address_book() -> None:
    check_no_address_book(
        ["mobile", "mobile_2", "contact_1_name", "contact_1_mobile", "contact_2_name"], [["10900000000"] * 5]
    )
