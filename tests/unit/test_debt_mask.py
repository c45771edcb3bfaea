"""Masks: what stays visible, and that whatever does not fit is refused for everybody."""

import pytest

from zhizhi.core.debt.mask import Audience, Masking, MaskKind
from zhizhi.core.debt.solve import solve


def result(kind: str, value: object, audience: str = "staff") -> dict:
    return solve({"id": "m", "op": "mask", "in": {"kind": kind, "value": value, "audience": audience}})


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("name", "张三", "张*"),
        ("name", "欧阳", "欧*"),
        ("name", "欧阳小明", "欧阳**"),
        ("name", "第五某", "第五*"),
        ("name", "张", "*"),
        ("name", "A", "*"),
        ("name", "O'Neil-Smith Jr.", "O'****-***** **."),
        ("name", "阿·布", "阿·*"),
        ("name", "𠀀𠀁", "𠀀*"),
        ("mobile", "10912345678", "109****5678"),
        ("id", "75010119900307451x", "7****************x"),
        ("card", "1" * 12, "111111**1111"),
        ("card", "1" * 19, "111111*********1111"),
        ("email", "a@b", "*@b"),
        ("email", "ab@b", "a*@b"),
        ("email", "abcdefgh@b", "abc*****@b"),
        ("address", "内蒙古自治区锡林郭勒盟锡林浩特市某街1号", "内蒙古自治区锡林郭勒盟锡林浩特市****"),
        ("address", "江西省景德镇市珠山区某路", "江西省景德镇市珠山区****"),
        ("address", "河南省新乡市卫滨区某街", "河南省新乡市卫滨区****"),
        ("address", "黑龙江省大兴安岭地区漠河市某街", "黑龙江省大兴安岭地区漠河市****"),
        ("address", "浙江省宁波市镇海区某街道", "浙江省宁波市镇海区****"),
        ("address", "湖北省长阳土家族自治县某镇", "湖北省长阳土家族自治县****"),
        ("address", "江苏省苏州市工业园区某街", "江苏省苏州市****"),
        ("address", "海淀区中关村", "海淀区****"),
        ("address", "Room 5", "****"),
    ],
)
def test_staff_see_the_part_that_the_kind_leaves_visible(kind: str, value: str, masked: str) -> None:
    assert result(kind, value)["out"] == {"masked": masked}
    assert result(kind, value, "self")["out"] == {"masked": value}


def test_an_agency_sees_less_of_a_card() -> None:
    assert result("card", "6222021234567890123", "agency")["out"] == {"masked": "***************0123"}


@pytest.mark.parametrize("audience", ["staff", "agency", "self"])
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("name", ""),
        ("name", " 张三"),
        ("name", "张三\u3000"),
        ("name", "张" * 41),
        ("mobile", "23812345678"),
        ("mobile", "109123456789"),
        ("mobile", "١٣٨١٢٣٤٥٦٧٨"),
        ("mobile", "10912345678\n"),
        ("id", "1101011990030745"),
        ("id", "X10101199003074514"),
        ("card", "1" * 11),
        ("card", "1" * 20),
        ("email", "a@b@c"),
        ("email", "@b"),
        ("email", "a@"),
        ("email", "a b@c"),
        ("address", ""),
        ("address", "路" * 201),
    ],
)
def test_what_does_not_fit_is_refused_for_every_audience(kind: str, value: str, audience: str) -> None:
    error = result(kind, value, audience)["error"]
    assert error == {"code": "bad_value", "message": "value does not fit its kind"}


def test_a_mask_has_no_currency_and_takes_text_only() -> None:
    case = {
        "id": "m",
        "op": "mask",
        "currency": "CNY",
        "in": {"kind": "mobile", "value": "10912345678", "audience": "staff"},
    }
    assert solve(case)["error"]["code"] == "conflict"
    assert solve({**case, "currency": "XAU"})["error"]["code"] == "bad_currency"
    assert result("mobile", 10912345678)["error"]["code"] == "bad_type"
    answered = result("mobile", "10912345678")
    assert (answered["rounding"], answered["cites"], answered["tables"]) == ([], ["JR/T 0171-2020"], {})


def test_a_value_to_be_masked_does_not_show_in_a_traceback() -> None:
    assert "109" not in repr(Masking(MaskKind.MOBILE, "10912345678", Audience.STAFF))
