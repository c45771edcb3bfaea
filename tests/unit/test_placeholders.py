"""What stands in braces is found with its place; a text message is counted in the parts that carriers count."""

import pytest

from zhizhi.core.screening.lock_screen import telling_words
from zhizhi.core.screening.placeholders import Place, message_parts, placeholders, unknown_place
from zhizhi.usecases.wording_preview import preview_wording


def test_everything_in_braces_has_its_place() -> None:
    assert placeholders("甲{name}\n乙{x} {") == (
        Place("{name}", "name", 1, 2),
        Place("{x}", "x", 2, 2),
        Place("{", None, 2, 6),
    )
    assert unknown_place("{name}{days}", ("name", "days")) is None
    assert unknown_place("{name}{days}", ("name",)) == Place("{days}", "days", 1, 7)


@pytest.mark.parametrize(("characters", "parts"), [(0, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)])
def test_a_message_is_counted_in_parts(characters: int, parts: int) -> None:
    assert message_parts("字" * characters) == parts


def test_a_character_outside_the_basic_plane_takes_two_places() -> None:
    assert (message_parts("𠮷" * 35), message_parts("𠮷" * 36)) == (1, 2)


def test_the_preview_is_the_longest_message_with_its_signature() -> None:
    text = preview_wording("sms", "{name}您好，应还{amount}元", "甲消费金融", "甲金")
    assert text.text.startswith("【甲金】某某")
    assert "99,999,999.99" in text.text
    assert (text.characters, text.parts) == (len(text.text), 1)
    script = preview_wording("voice", "{lender}{days}", "甲消费金融", "甲金")
    assert (script.text, script.parts) == ("甲消费金融9,999", None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("您好，有一项服务通知，请登录官方渠道查看", ()),
        ("您的借款逾期", ("逾期",)),
        ("应还 1,234.50 元", ("应还", "1,234.50 元")),
        ("共３０００元", ("３０００元",)),
        ("请拨 95500 核实", ()),
    ],
)
def test_words_of_debt_and_amounts_are_found(text: str, found: tuple[str, ...]) -> None:
    assert telling_words(text) == found
