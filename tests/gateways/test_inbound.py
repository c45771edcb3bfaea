"""Which replies refuse the medium."""

import pytest

from zhizhi.gateways.inbound import ReplyKind, classify_reply

REFUSALS = (
    "退订| 退 订 。|TD|td|ＴＤ|T|t.|N|n!|回复TD|【知止示范】TD|退订退订|请给我退订!!|拒收|不要再发了|STOP|T\r\n|“退订”",
    "unsubscribe me|退訂|QX|取消|我要退订这个号码的短信",
)


@pytest.mark.parametrize("text", [text for block in REFUSALS for text in block.split("|")])
def test_a_refusal_in_any_habit_of_writing_refuses(text: str) -> None:
    assert classify_reply(text) is ReplyKind.REFUSE_MEDIUM


@pytest.mark.parametrize(
    "text",
    [
        "",
        "好的",
        "我明天还款",
        "你是谁",
        "Not me",
        "今天已还",
        "TDK公司",
        "能不能分期",
        "1",
        "不需要分期,我一次还清",
        "Tomorrow",
    ],
)
def test_everything_else_stays_free_text_for_a_person(text: str) -> None:
    assert classify_reply(text) is ReplyKind.FREE_TEXT
