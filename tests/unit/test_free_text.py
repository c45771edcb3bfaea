"""Free text of staff keeps no telephone, identity or card number, however it is written; everything else may stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.usecases.free_text import TEXT_CHARACTERS_MAX, checked_text
from zhizhi.usecases.refused import UseCaseRefused

NUMBERS = [
    "10900000000",
    "109 0000 0000",
    "109-0000-0000",
    "138.0000.0000",
    "１３８００００００００",
    "010-12345678",
    "0755 1234567",
    "75010119900307003X",
    "750101199003070037",
    "750101900307003",
    "6222020000000000000",
    "6222 0200 0000 0000",
    "6222—0200—0000—0000",
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("frame", ["{}", "客户新号码{}，请更新", "call {} tomorrow", "电话：{}。"])
def test_a_number_that_belongs_into_a_sealed_field_is_refused(number: str, frame: str) -> None:
    with pytest.raises(UseCaseRefused) as refused:
        checked_text(frame.format(number), "text")
    assert refused.value.code == "number_in_text"
    assert refused.value.field == "text"
    assert number not in refused.value.text.zh + refused.value.text.en


@pytest.mark.parametrize(
    "text",
    [
        "承诺 3 月 5 日还 12,486.30 元",
        "案件 C-2026-000123",
        "2026-03-05 10:30 再联系",
        "拨打 3 次，未接",
        "逾期 120 天",
    ],
)
def test_days_amounts_and_case_numbers_may_stand(text: str) -> None:
    assert checked_text(f"  {text}\n", "text") == text


@pytest.mark.parametrize(("text", "least", "code"), [("", 4, "too_short"), ("  ab ", 4, "too_short")])
def test_a_ground_says_something(text: str, least: int, code: str) -> None:
    with pytest.raises(UseCaseRefused, match=code):
        checked_text(text, "ground", characters_min=least)


def test_a_text_has_an_end() -> None:
    assert len(checked_text("好" * TEXT_CHARACTERS_MAX, "text")) == TEXT_CHARACTERS_MAX
    with pytest.raises(UseCaseRefused, match="too_long"):
        checked_text("好" * (TEXT_CHARACTERS_MAX + 1), "text")


@given(
    st.text(alphabet="甲乙abc ，。", max_size=10),
    st.integers(13_000_000_000, 19_999_999_999).map(str),
    st.lists(st.sampled_from(["", " ", "-", "·", "—"]), min_size=10, max_size=10),
)
def test_a_mobile_number_is_found_however_it_is_spaced(before: str, number: str, gaps: list[str]) -> None:
    spaced = number[0] + "".join(gap + digit for gap, digit in zip(gaps, number[1:], strict=True))
    with pytest.raises(UseCaseRefused, match="number_in_text"):
        checked_text(before + spaced, "text")
