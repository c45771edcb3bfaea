"""Words that nobody but the debtor may read, found in a message that a lock screen would show to anybody."""

import re

_WORDS = (
    *("欠", "债", "贷", "逾期", "催", "还款", "账单", "应还", "余额", "金额", "分期", "利息", "罚息", "违约", "征信"),
    *("信用卡", "额度", "协商", "减免", "起诉", "诉讼", "仲裁", "律师", "法院", "失信"),
)
_AMOUNT = re.compile(r"[0-9０-９][0-9０-９,，.．]*\s*(?:元|块|万)|[¥￥$]")


def telling_words(text: str) -> tuple[str, ...]:
    """The words of debt and the amounts of a text, each once, in the order of the list; none where anybody may read it.

    Boundary: a list finds what is on it; a person who approves reads the text.
    """
    amounts = [found.group() for found in _AMOUNT.finditer(text)]
    return tuple(word for word in _WORDS if word in text) + tuple(dict.fromkeys(amounts))
