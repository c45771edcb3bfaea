"""Where webhooks may go beside public addresses: what `webhooks.toml` says; without the file nowhere.

The file stands in the state folder (or where ZHIZHI_WEBHOOKS points) and is documented in docs/webhooks.md.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhizhi.core.kernel.addresses import NO_NETWORKS, OwnNetworks, read_networks
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text

_KNOWN = frozenset(("own_networks", "plain_http", "authority"))
_WRONG = Text("{file} 无法使用：{what}（见 docs/webhooks.md）", "{file} cannot be used: {what} (docs/webhooks.md)")


class WebhookSettingsRefused(Refused):
    """`webhooks.toml` cannot be used; the text names the setting."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """`own`: the operator's networks. `plain`: they may be reached without TLS. `authority`: a file of certificates."""

    own: OwnNetworks = NO_NETWORKS
    plain: bool = False
    authority: str | None = None


def load_webhook_settings(path: Path) -> WebhookSettings:
    """The settings. Refuses: WebhookSettingsRefused for anything that does not fit."""
    if not path.exists():
        return WebhookSettings()
    try:
        options: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(path, "TOML") from error
    if unknown := sorted(set(options) - _KNOWN):
        raise _refused(path, ", ".join(unknown))
    networks, plain, authority = (
        options.get("own_networks", []),
        options.get("plain_http", False),
        options.get("authority"),
    )
    if not isinstance(networks, list) or not all(isinstance(one, str) for one in networks):
        raise _refused(path, "own_networks")
    if not isinstance(plain, bool):
        raise _refused(path, "plain_http")
    if authority is not None and (not isinstance(authority, str) or not Path(authority).is_file()):
        raise _refused(path, "authority")
    try:
        return WebhookSettings(read_networks(networks), plain, authority)
    except ValueError as error:
        raise _refused(path, "own_networks") from error


def _refused(path: Path, what: str) -> WebhookSettingsRefused:
    return WebhookSettingsRefused("bad_settings", _WRONG.fill(file=path.name, what=what))
