"""The table of masks: what it promises of every kind and view, whatever the value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.debt import mask as contract
from zhizhi.core.kernel.masks import HIDDEN, TABLE, Form, MaskKind, View, fits, listed_name, listed_number, mask
from zhizhi.store.lenders.scopes import SCOPE_OF_ROLE
from zhizhi.store.lenders.views import VIEW_OF_ROLE, view_of
from zhizhi.store.people.rows import mask_name, mask_number, mask_point
from zhizhi.store.words import STAFF_ROLES

DESKS = (View.COLLECTOR, View.AGENCY, View.APPROVER, View.AUDITOR)
SHOWN = tuple(view for view in View if view is not View.SELF)
VALUES = st.text(
    alphabet="王小伟欧阳·- .'省市区县0123456789Xx@abc１２３＊*", max_size=30
) | st.from_regex(r"1[0-9]{10}|[0-9]{17}X|[0-9]{12,19}|[a-z]{1,9}@b\.cn", fullmatch=True)  # fmt: skip


def test_every_kind_has_a_form_for_every_view() -> None:
    assert set(TABLE) == set(MaskKind)
    for row in TABLE.values():
        assert set(row) == set(View)
        assert row[View.SELF] is Form.CLEAR
        assert row[View.NOBODY] is Form.HIDDEN
        assert [view for view in SHOWN if row[view] is Form.CLEAR] == []


def test_a_role_that_sees_cases_has_a_view_and_any_other_sees_nothing() -> None:
    assert set(VIEW_OF_ROLE) == {*STAFF_ROLES, "borrower"} - {"administrator"}
    assert {role for role in VIEW_OF_ROLE if VIEW_OF_ROLE[role] is View.SELF} == {"borrower"}
    assert {role for role in SCOPE_OF_ROLE if view_of(role) is View.AGENCY} == {"agency_manager", "agency_collector"}
    assert {view_of(role) for role in ("administrator", "contact_person", "service_account", "", "root")} == {
        View.NOBODY
    }


@given(VALUES, st.sampled_from(MaskKind), st.sampled_from(SHOWN))
def test_a_mask_never_fails_and_never_shows_the_whole_value(value: str, kind: MaskKind, view: View) -> None:
    masked = mask(kind, value, view)
    assert "*" in masked
    assert len(value) < 2 or value not in masked or set(value) <= {"*"}
    assert mask(kind, value, View.SELF) == value


@given(VALUES, st.sampled_from(MaskKind), st.sampled_from((View.PAPER, View.API, View.EXPORT)))
def test_what_leaves_a_desk_shows_no_more_than_a_desk_does(value: str, kind: MaskKind, view: View) -> None:
    own, desk = mask(kind, value, view), mask(kind, value, View.COLLECTOR)
    visible = lambda masked: sum(character != "*" for character in masked)  # noqa: E731  a name for one line
    assert visible(own) <= visible(desk)


@given(VALUES, st.sampled_from(contract.MaskKind), st.sampled_from(contract.Audience))
def test_the_contract_and_the_screens_have_one_mask(
    value: str, kind: contract.MaskKind, audience: contract.Audience
) -> None:
    if fits(MaskKind(kind), value):
        expected = mask(MaskKind(kind), value, contract.VIEWS[audience])
        assert contract.mask(contract.Masking(kind, value, audience)) == expected


@given(VALUES, st.sampled_from(DESKS))
def test_what_lists_keep_is_what_every_desk_sees(value: str, view: View) -> None:
    """Lists keep one form for everybody, so the desks must not differ in names and telephone numbers."""
    assert mask(MaskKind.NAME, value, view) == mask_name(value)
    assert not value or mask(MaskKind.MOBILE, value, view) == mask_number(value)
    assert listed_name(mask_name(value)) == mask_name(value)
    assert listed_number(mask_number(value)) == mask_number(value)


@pytest.mark.parametrize(
    ("older", "now"),
    [
        *(("王*伟", "王**"), ("欧**明", "欧***"), ("张*", "张*"), ("*", "*"), ("阿***r", "阿****"), ("", "")),
        ("O'****-***** **.", "O'****-***** **."),
    ],
)
def test_a_name_that_an_older_mask_wrote_loses_its_last_character(older: str, now: str) -> None:
    assert listed_name(older) == now


@pytest.mark.parametrize(
    ("older", "now"),
    [
        *(("138****5678", "138****5678"), ("010****5678", "****5678"), ("+86****5678", "****5678")),
        *(("*******", "*******"), ("", "")),
    ],
)
def test_a_number_that_is_no_mobile_shrinks_to_its_last_four(older: str, now: str) -> None:
    assert listed_number(older) == now


@pytest.mark.parametrize(
    ("kind", "value", "desk", "paper"),
    [
        ("mobile", "10912345678", "109****5678", "****5678"),
        ("mobile", "+8610912345678", "****5678", "****5678"),
        ("mobile", "1091234", HIDDEN, HIDDEN),
        ("landline", "010-87654321", "****4321", "****4321"),
        ("email", "abcdefgh@b.cn", "abc*****@b.cn", "****@b.cn"),
        ("email", "no address", HIDDEN, HIDDEN),
        ("postal", "浙江省宁波市镇海区某街道1号", "浙江省宁波市镇海区****", "浙江省宁波市镇海区****"),
        ("place", "某大厦15层", HIDDEN, HIDDEN),
        ("im", "wechat-of-somebody", HIDDEN, HIDDEN),
        ("of no kind", "whatever it is", HIDDEN, HIDDEN),
    ],
)
def test_a_point_is_masked_as_its_kind(kind: str, value: str, desk: str, paper: str) -> None:
    assert mask_point(kind, value, View.AGENCY) == desk
    assert mask_point(kind, value, View.PAPER) == paper
