"""Closed lists of webhooks: how a message stands, why an endpoint is off, how a try ended."""

from zhizhi.core.kernel.text import Text

STATE_WORDS = {
    "waiting": Text("待送达", "waiting"),
    "delivered": Text("已送达", "delivered"),
    "failed": Text("失败", "failed"),
    "missed": Text("地址停用，未送", "missed: the endpoint was off"),
    "withheld": Text("已无权知悉，未送", "withheld: no longer theirs to know"),
}
STATES = tuple(STATE_WORDS)
NOT_TOLD = ("failed", "missed", "withheld")

OFF_WORDS = {
    "asked": Text("由对方停用", "turned off by its owner"),
    "gone": Text("对方答复 410", "answered 410"),
    "failing": Text("持续失败", "failed for days"),
    "deleted": Text("已删除", "deleted"),
}
OFF_REASONS = tuple(OFF_WORDS)

TRY_WORDS = {
    "accepted": Text("对方已收", "accepted"),
    "status": Text("对方答复非 2xx", "another status than 2xx"),
    "redirect": Text("对方要求跳转，不跟随", "a redirect, which is not followed"),
    "gone": Text("对方答复 410", "gone (410)"),
    "timeout": Text("超时", "timed out"),
    "unreachable": Text("连接不上", "could not be reached"),
    "tls": Text("TLS 证书无效", "its certificate is not valid"),
    "address": Text("地址不得连接", "an address that may not be reached"),
    "protocol": Text("答复不是 HTTP", "its answer is no HTTP"),
    "unreadable": Text("密钥打不开，未发", "its secret does not open: not sent"),
}
TRIES = tuple(TRY_WORDS)
