"""What a code of the portal is to the law, and what the operator reads where none can leave."""

from zhizhi.core.kernel.text import Text
from zhizhi.store.words import SIGN_IN_WORDING

CHANNEL, PURPOSE, SIGN_IN = "sms", "answer_request", SIGN_IN_WORDING
NO_WORDING = Text(
    "没有已批准的查询验证码短信模板；请先送审",
    "no wording for codes is approved; help: have one approved",
)
