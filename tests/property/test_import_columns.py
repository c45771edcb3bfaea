"""A column that is read at once holds what its cells hold when they are read one by one."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.kernel.money import Currency
from zhizhi.usecases.intake import columns, values
from zhizhi.usecases.intake.problems import BadValue

IDENTITY_NUMBERS = ("750101199003070037", "75010119900307003X", "11010519491231002X", "75010119900307003", "")
CELLS = st.one_of(
    st.text(min_size=1, max_size=6),
    st.sampled_from(IDENTITY_NUMBERS[:-1]),
    st.sampled_from(("0", "12", "12.00", "1.5", "-3.00", "1234567890123", "1,000", "1\n2", "1.00\n2.00", "٣", "１２")),
    st.sampled_from(("10912345678", "+8610912345678", "109 1234 5678", "20912345678", "109123456789")),
    st.sampled_from(("a@b.cn", "A@B.cn", " a@b.cn", "a@b\nc@d", "a@@b", "ä@b.cn", "a@b\x1cc")),
    st.sampled_from(("张三", " 张三", "张\t三", "=1+1", "a\ufffdb", "\u200b", " ", "　", "9" * 65)),
)
PAIRS: dict[str, tuple[columns.ColumnReader, values.Reader]] = {
    "numbers": (columns.numbers, values.number),
    "texts": (columns.texts(5), values.text(5)),
    "identity numbers": (columns.identity_numbers, values.identity_number),
    "mobiles": (columns.mobiles, values.mobile),
    "emails": (columns.emails, values.email),
    "minor amounts": (columns.amounts("minor", Currency.CNY), values.amount("minor", Currency.CNY)),  # type: ignore[dict-item]  # there is one
    "yuan amounts": (columns.amounts("yuan", Currency.CNY), values.amount("yuan", Currency.CNY)),  # type: ignore[dict-item]  # there is one
}
COMMON: dict[str, Sequence[str]] = {
    "numbers": ("A1", "C000000001"),
    "texts": ("张三", "李四四"),
    "identity numbers": ("750101199003070037", "11010519491231002X"),
    "mobiles": ("10912345678", "19900000000"),
    "emails": ("a@b.cn", "C000@mail.example"),
    "minor amounts": ("0", "999999999999"),
    "yuan amounts": ("0.00", "123456789.05"),
}


@pytest.mark.parametrize("name", PAIRS)
@given(cells=st.lists(CELLS, min_size=1, max_size=4))
def test_a_column_read_at_once_is_its_cells_read_one_by_one(name: str, cells: list[str]) -> None:
    read_column, read_cell = PAIRS[name]
    found = read_column(cells)
    if found is not None:
        assert list(found) == [_read(read_cell, cell) for cell in cells]


@pytest.mark.parametrize("name", PAIRS)
def test_the_common_form_is_read_at_once(name: str) -> None:
    read_column, read_cell = PAIRS[name]
    found = read_column(COMMON[name])
    assert found is not None
    assert list(found) == [read_cell(cell) for cell in COMMON[name]]


@given(st.integers(0, 10**17 - 1), st.sampled_from("0123456789X"))
def test_an_identity_number_passes_in_a_column_where_it_passes_alone(body: int, check: str) -> None:
    cell = f"{body:017d}{check}"
    assert (columns.identity_numbers([cell]) is not None) == (_read(values.identity_number, cell) == cell)


def test_yen_have_no_decimals_to_read_at_once() -> None:
    assert columns.amounts("yuan", Currency.JPY) is None


def _read(read: Callable[[str], object], cell: str) -> object:
    try:
        return read(cell)
    except BadValue as refusal:
        return refusal
