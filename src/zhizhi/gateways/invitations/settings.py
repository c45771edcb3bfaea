"""Whether invitations may go by mail here: `[email]` of `channels.toml`, with the domains of the house."""

import re
from dataclasses import dataclass

from zhizhi.gateways.connected import ChannelSettings, ChannelsRefused, smtp_settings
from zhizhi.gateways.invitations.sender import InvitationSender

DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9](-?[a-z0-9])*\.)+[a-z][a-z0-9-]*[a-z0-9]")
DOMAINS_MAX = 50
PAGE = "/invitation"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`is_connected`: a real mail server is. `domains`: of the house, in lower case; empty where none is named."""

    is_connected: bool
    domains: frozenset[str]


def load_mail_settings(settings: ChannelSettings) -> MailSettings:
    """What the file says. Refuses: `staff_domains` that is no list of domains."""
    given = settings.options.get("email", {}).get("staff_domains", [])
    named = isinstance(given, list) and all(isinstance(one, str) and DOMAIN.fullmatch(one.lower()) for one in given)
    if not named or len(given) > DOMAINS_MAX:
        raise ChannelsRefused(
            f"[email] 的 `staff_domains` 须为域名的列表，至多 {DOMAINS_MAX} 个",
            f"`staff_domains` of [email] is a list of domains, {DOMAINS_MAX} at most",
        )
    return MailSettings(settings.gateways.get("email") == "smtp", frozenset(one.lower() for one in given))


def open_invitation_sender(settings: ChannelSettings, origin: str) -> InvitationSender | None:
    """Who sends them; None where no mail server, no domain of the house, or no https origin is set."""
    found = load_mail_settings(settings)
    if not found.is_connected or not found.domains or not is_origin(origin):
        return None
    return InvitationSender(smtp_settings(settings.options["email"]), found.domains, origin + PAGE)


def is_origin(origin: str) -> bool:
    """Whether a link below this origin may carry a code: only over TLS."""
    return origin.startswith("https://")
