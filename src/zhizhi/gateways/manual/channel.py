"""Contacts that a person makes: the system shows number and script and says when the call must end. No traffic."""

from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.gateways.permit import BAD_TELEPHONE, Failed, PermitGrant, is_telephone, refuse_unless_valid


@dataclass(frozen=True, slots=True)
class CallSheet:
    """What the console shows while the collector calls. `begin_by`: dialling later needs a new permit."""

    permit_id: int
    number: str = field(repr=False)
    subject: str = field(repr=False)
    script: str = field(repr=False)
    begin_by: datetime
    must_end_by: datetime | None


class ManualChannel:
    """Calls by hand; a person can dial for real, so only a demonstration shows a number on a declared clock."""

    channel = "voice"

    def __init__(self, *, demonstration: bool = False) -> None:
        self._demonstration = demonstration

    def open_call(self, grant: PermitGrant, at: datetime) -> CallSheet | Failed:
        """The sheet of one call; showing the number is what counts as "perhaps called" until an outcome is recorded."""
        refusal = refuse_unless_valid(grant, at, channel=self.channel, into_sink=self._demonstration)
        if refusal:
            return refusal
        if not is_telephone(grant.address):
            return BAD_TELEPHONE
        return CallSheet(
            permit_id=grant.permit_id,
            number=grant.address,
            subject=grant.content.subject,
            script=grant.content.body,
            begin_by=grant.expires_at,
            must_end_by=grant.must_end_by,
        )
