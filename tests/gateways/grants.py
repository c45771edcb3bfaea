"""Permits for the gateway tests: made here, since only the store mints real ones."""

from datetime import UTC, datetime, timedelta
from typing import Any

from zhizhi.gateways.permit import Content, Origin, PermitGrant

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def make_grant(channel: str, address: str, **changes: Any) -> PermitGrant:
    """A permit valid for an hour around AT; any field may be changed, `body`, `subject`, … go into the content."""
    content_fields = {
        name: changes.pop(name)
        for name in ("body", "subject", "template_id", "signature", "variables")
        if name in changes
    }
    content = Content(**{"body": "您的账单已到期,请查看账户。", "subject": "还款提醒", **content_fields})
    fields: dict[str, Any] = {
        "permit_id": 7,
        "person_id": 11,
        "party_id": 12,
        "point_id": 13,
        "channel": channel,
        "address": address,
        "content": content,
        "content_digest": content.digest(),
        "not_before": AT - timedelta(minutes=5),
        "expires_at": AT + timedelta(minutes=55),
        "must_end_by": None,
        "origin": Origin.SYSTEM,
        "idempotency_key": "permit-7",
        **changes,
    }
    return PermitGrant(**fields)
