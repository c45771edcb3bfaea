"""Signatures and wordings are filed with the demonstration provider, as a lender files them with a carrier."""

from collections.abc import Mapping

from zhizhi.gateways.permit import SendingChannel
from zhizhi.gateways.sms_http.channel import HttpSmsChannel
from zhizhi.store.templates.approved import load_approved

SINK = "sink"


def file_templates(channels: Mapping[str, Mapping[str, SendingChannel]], lender_id: int) -> int:
    """File a lender's approved SMS wordings with the built-in provider; a real one is filed by hand. Answers how
    many."""
    channel = channels.get(SINK, {}).get("sms")
    if not isinstance(channel, HttpSmsChannel):
        return 0
    wordings = [template for template in load_approved(lender_id).values() if template.channel == "sms"]
    for template in wordings:
        channel.file_signature(template.signature)
        channel.file_template(template.provider_template, template.body.replace("{", "${"))
    return len(wordings)
