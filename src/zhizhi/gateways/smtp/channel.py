"""E-mail over SMTP, one message a permit."""

from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import (
    Deadline,
    Failed,
    FailureKind,
    PermitGrant,
    SendOutcome,
    refuse,
    refuse_unless_valid,
)
from zhizhi.gateways.smtp.line import SmtpLine, mail_address
from zhizhi.gateways.smtp.settings import SmtpSettings


class SmtpChannel:
    """Sends e-mail by one connection, which serves one thread at a time."""

    channel = "email"

    def __init__(self, settings: SmtpSettings) -> None:
        self._into_sink = settings.into_sink
        self._line = SmtpLine(settings)

    def send(self, grant: PermitGrant, at: datetime) -> SendOutcome:
        """Send one message. Refuses: an invalid permit, an address or subject that is no e-mail, before any traffic."""
        refusal = refuse_unless_valid(grant, at, channel=self.channel, into_sink=self._into_sink)
        if refusal:
            return refusal
        address = mail_address(grant.address)
        if address is None:
            return _BAD_ADDRESS
        deadline, content = Deadline([grant], at), grant.content
        late = refuse("permit_expired")
        return self._line.deliver(address, content.subject, content.body, grant.idempotency_key, at, deadline, late)

    def close(self) -> None:
        """End the open connection, if there is one."""
        self._line.close()


_BAD_ADDRESS = Failed(
    FailureKind.PERMANENT,
    "bad_address",
    Text(
        zh="联系方式不是可投递的邮箱地址,请更正联系方式",
        en="the contact point is no deliverable e-mail address; correct the point",
    ),
)
