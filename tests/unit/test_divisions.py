"""Divisions: which residence may lie in which area, and how somebody names one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.kernel.divisions import is_division, may_lie_in, stem
from zhizhi.usecases.bulk_stops.divisions import division_name, divisions, find_division
from zhizhi.usecases.refused import UseCaseRefused

CODES = st.sampled_from(sorted(divisions()))


def test_every_published_code_is_one() -> None:
    assert len(divisions()) > 3_000
    assert [code for code in divisions() if not is_division(code)] == []


@pytest.mark.parametrize(
    ("code", "digits"), [("410000", "41"), ("410100", "4101"), ("371000", "3710"), ("110101", "110101")]
)
def test_a_stem_is_what_says_something(code: str, digits: str) -> None:
    assert stem(code) == digits


@given(CODES, CODES)
def test_who_lives_within_or_around_an_area_may_live_in_it_and_nobody_else(lives: str, area: str) -> None:
    shared = min(len(stem(lives)), len(stem(area)))
    assert may_lie_in(lives, [area]) == (lives[:shared] == area[:shared])


@given(CODES, st.lists(CODES, min_size=1), CODES)
def test_more_areas_never_mean_fewer(lives: str, areas: list[str], more: str) -> None:
    assert may_lie_in(lives, areas) <= may_lie_in(lives, [*areas, more])


@given(st.lists(CODES))
def test_who_lives_nobody_knows_where_may_live_anywhere(areas: list[str]) -> None:
    assert may_lie_in(None, areas)


@given(CODES)
def test_no_area_is_everywhere(lives: str) -> None:
    assert may_lie_in(lives, [])


@given(CODES)
def test_a_whole_name_finds_its_code(code: str) -> None:
    assert find_division(division_name(code), "areas") == code


@pytest.mark.parametrize(
    ("typed", "code"), [("郑州市", "410100"), ("河南省 郑州市", "410100"), (" 410102 ", "410102"), ("410199", "410199")]
)
def test_a_name_or_a_code_is_found(typed: str, code: str) -> None:
    assert find_division(typed, "areas") == code


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("鼓楼区", "many_divisions"),
        ("不存在市", "no_division"),
        ("990101", "no_division"),
        ("4101", "no_division"),
        ("", "no_division"),
    ],
)
def test_what_is_not_one_division_is_refused(typed: str, why: str) -> None:
    with pytest.raises(UseCaseRefused) as refused:
        find_division(typed, "areas")
    assert (refused.value.code, refused.value.field) == (why, "areas")
