"""The states of a filing, and which follows which."""

from zhizhi.core.kernel.text import Text

DRAFT, SUBMITTED, APPROVED, REJECTED, WITHDRAWN = "draft", "submitted", "approved", "rejected", "withdrawn"
STATES = {
    DRAFT: Text("准备中", "in preparation"),
    SUBMITTED: Text("已提交", "submitted"),
    APPROVED: Text("已通过", "approved"),
    REJECTED: Text("被驳回", "rejected"),
    WITHDRAWN: Text("已撤销", "withdrawn"),
}
EXPIRED = Text("已过期", "expired")
NOTHING = Text("未报备", "not filed")
MAY_FOLLOW: dict[str | None, tuple[str, ...]] = {
    None: (DRAFT, SUBMITTED),
    DRAFT: (SUBMITTED, WITHDRAWN),
    SUBMITTED: (APPROVED, REJECTED, WITHDRAWN),
    APPROVED: (APPROVED, REJECTED, WITHDRAWN),
    REJECTED: (DRAFT, SUBMITTED),
    WITHDRAWN: (DRAFT, SUBMITTED),
}
"""A filing that is approved again is renewed; one that the carrier takes back is rejected."""
SIGNATURE, TEMPLATE = "signature", "template"
FILED_CHANNELS = ("sms",)
"""Channels on which carriers ask for filed signatures and templates."""
