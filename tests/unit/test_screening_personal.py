"""Numbers and addresses of persons are found however they are written, hidden whole, and nothing else is."""

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.kernel.masks import MaskKind
from zhizhi.core.screening.personal import find_personal, hidden, telephone_numbers
from zhizhi.usecases.free_text import TEXT_CHARACTERS_MAX

FOUND = [
    (MaskKind.MOBILE, "10912345678"),
    (MaskKind.MOBILE, "109 1234 5678"),
    (MaskKind.MOBILE, "109-1234-5678"),
    (MaskKind.MOBILE, "109，1234，5678"),
    (MaskKind.MOBILE, "１０９１２３４５６７８"),
    (MaskKind.MOBILE, "①⓪⑨①②③④⑤⑥⑦⑧"),
    (MaskKind.MOBILE, "一零九一二三四五六七八"),
    (MaskKind.MOBILE, "幺零九 幺二三四 五六七八"),
    (MaskKind.MOBILE, "壹〇玖壹贰叁肆伍陆柒捌"),
    (MaskKind.MOBILE, "1零9一2三4五6七8"),
    (MaskKind.MOBILE, "+86 109 1234 5678"),
    (MaskKind.MOBILE, "8610912345678"),
    (MaskKind.MOBILE, "1.0.9.1.2.3.4.5.6.7.8"),
    (MaskKind.MOBILE, "1 0 9 1 2 3 4 5 6 7 8"),
    (MaskKind.MOBILE, "109\u200b1234\u200b5678"),
    (MaskKind.MOBILE, "109\u00a01234\u30005678"),
    (MaskKind.MOBILE, "𝟭𝟬𝟵𝟭𝟮𝟯𝟰𝟱𝟲𝟳𝟴"),
    (MaskKind.MOBILE, "(109)1234-5678"),
    (MaskKind.LANDLINE, "010-87654321"),
    (MaskKind.LANDLINE, "0755 8765432"),
    (MaskKind.LANDLINE, "（021）87654321"),
    (MaskKind.LANDLINE, "零一零八七六五四三二一"),
    (MaskKind.LANDLINE, "400-123-4567"),
    (MaskKind.ID, "75010119900307003X"),
    (MaskKind.ID, "750101199003070037"),
    (MaskKind.ID, "７５０１０１１９９００３０７００３Ｘ"),
    (MaskKind.ID, "750101 19900307 003x"),
    (MaskKind.ID, "750101900307003"),
    (MaskKind.ID, "七五零一零一一九九零零三零七零零三七"),
    (MaskKind.CARD, "6222020000000000000"),
    (MaskKind.CARD, "6222 0200 0000 0000"),
    (MaskKind.EMAIL, "someone.else@example.invalid"),
    (MaskKind.ADDRESS, "测试省测试市测试区人民路12号3栋501室"),
    (MaskKind.ADDRESS, "解放街道建设路三十五号"),
    (MaskKind.ADDRESS, "张家村三组"),
    (MaskKind.ADDRESS, "阳光花园6幢2单元1102"),
]
FRAMES = ["{}", "客户新号码{}，请更新", "call {} tomorrow", "他说：{}。", "下午 3 点联系 {} 张姐"]


@pytest.mark.parametrize(("kind", "written"), FOUND)
@pytest.mark.parametrize("frame", FRAMES)
def test_what_is_of_a_person_is_found_with_its_kind_and_hidden(kind: MaskKind, written: str, frame: str) -> None:
    text = frame.format(written)
    assert kind in {one.kind for one in find_personal(text)}, find_personal(text)
    kept = hidden(text)
    assert find_personal(kept) == ()
    assert written not in kept
    assert len([character for character in kept if character.isdigit()]) <= 1  # of the frame


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("家里座机 87654321", MaskKind.LANDLINE),
        ("电话：8765432", MaskKind.LANDLINE),
        ("加微信 abc_12345", MaskKind.HANDLE),
        ("QQ：12345678", MaskKind.HANDLE),
        ("vx号test-user-01", MaskKind.HANDLE),
    ],
)
def test_a_word_before_it_says_that_a_number_is_one_of_a_person(text: str, kind: MaskKind) -> None:
    assert [one.kind for one in find_personal(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "承诺 3 月 5 日还 12,486.30 元",
        "承诺三月五日还一万二千四百八十六元三角",
        "案件 C-2026-000123",
        "2026-03-05 10:30 再联系",
        "2026-03-05 10:30，2026-04-05 11:30 各一次",
        "2026-03-05 10:30 2026-04-05 11:30 未接",
        "已还 1,000.00、2,000.00、3,500.50、4,000.00 元",
        "还款 1000.00元 2000.00元 3000.00元 4000.00元",
        "2026年3月5日至2026年4月5日每天9:00-21:00可联系",
        "拨打 3 次，未接",
        "逾期 120 天，期数 12/24",
        "三期共欠 1,234,567.89 元，本金 1000000.00 元",
        "客户在南京路附近上班",
        "一二三季度都逾期",
        "扣款失败，代码 50013，重试 2 次",
        "他住三楼，不方便",
        "",
    ],
)
def test_days_amounts_counts_and_numbers_of_cases_may_stand(text: str) -> None:
    assert find_personal(text) == ()
    assert hidden(text) == text


def test_several_are_counted_and_each_is_hidden() -> None:
    text = "张三 10912345678，李四10987654321，单位 010-87654321"
    assert telephone_numbers(text) == 3
    assert hidden(text) == "张三 ****，李四****，单位 ****"


@given(
    st.text(alphabet="甲乙abc ，。次", max_size=10),
    st.integers(13_000_000_000, 19_999_999_999).map(str),
    st.lists(st.sampled_from(["", " ", "-", "·", "—", "．", "\u200b", " - "]), min_size=10, max_size=10),
    st.lists(st.integers(0, 3), min_size=11, max_size=11),
)
def test_a_mobile_number_is_found_however_it_is_spaced_and_written(
    before: str, number: str, gaps: list[str], forms: list[int]
) -> None:
    alphabets = ("0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖")
    written = [alphabets[form][int(digit)] for form, digit in zip(forms, number, strict=True)]
    spaced = written[0] + "".join(gap + digit for gap, digit in zip(gaps, written[1:], strict=True))
    assert MaskKind.MOBILE in {one.kind for one in find_personal(before + spaced)}
    assert find_personal(hidden(before + spaced)) == ()


@given(st.text(max_size=60))
def test_of_any_text_the_places_are_in_order_inside_and_hidden_for_good(text: str) -> None:
    found = find_personal(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= after.start for one, after in pairwise(found))
    assert find_personal(hidden(text)) == ()


@pytest.mark.parametrize(
    "piece", ["市", "一", "1", "路", "号", "一号", "路一", "1 ", "1.", "元", "1元", "2026-01-01 ", "a@", "微信", "-1"]
)
def test_no_text_is_slow(piece: str) -> None:
    """The longest note of one thing repeated: what such a pattern costs is its steps, not its length."""
    text = (piece * TEXT_CHARACTERS_MAX)[:TEXT_CHARACTERS_MAX]
    begun = process_time()
    find_personal(text)
    assert process_time() - begun < 1.0
