"""Which channels an installation has: the demonstration outbox for all of them, or what `channels.toml` names.

The file stands in the state folder (or where ZHIZHI_CHANNELS points) and is documented in docs/channels.md. A
channel that is not named is not connected:
wishes for it are skipped and counted.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import SendingChannel
from zhizhi.gateways.sink.account import open_account
from zhizhi.gateways.sms_http.channel import HttpSmsChannel, SmsSettings
from zhizhi.gateways.smtp.channel import Security, SmtpChannel, SmtpSettings

SINK = "sink"
MANUAL = "manual"
DEMONSTRATION = {"sms": SINK, "email": SINK, "voice": MANUAL}
SINK_SENDER = "zhizhi@sink.invalid"
GATEWAYS = {"sms": ("sink", "sms_http"), "email": ("sink", "smtp"), "voice": ("manual",)}


class ChannelsRefused(Exception):
    """`channels.toml` cannot be used; `text` names the place and the remedy."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """The channels by name; `options` hold what the gateway needs, secrets never shown."""

    gateways: Mapping[str, str]
    options: Mapping[str, Mapping[str, Any]] = field(repr=False, default_factory=dict)


def load_settings(path: Path) -> ChannelSettings:
    """Read the file; without one, everything goes into the demonstration outbox. Refuses: unknown channels or
    gateways."""
    if not path.exists():
        return ChannelSettings(DEMONSTRATION)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ChannelsRefused(f"无法读取 {path.name}：{error}", f"{path.name} cannot be read: {error}") from error
    for channel, table in tables.items():
        if channel not in GATEWAYS or not isinstance(table, dict) or table.get("gateway") not in GATEWAYS[channel]:
            known = "; ".join(f"[{name}] gateway = {' | '.join(choices)}" for name, choices in GATEWAYS.items())
            raise ChannelsRefused(
                f"{path.name} 的 [{channel}] 无法识别；可用：{known}", f"[{channel}] of {path.name} is not known; help: {known}"
            )
    return ChannelSettings({channel: str(table["gateway"]) for channel, table in tables.items()}, tables)


def build(
    settings: ChannelSettings, sink_state: Path, sink_url: str, sink_smtp_port: int, wall: Callable[[], datetime]
) -> dict[str, dict[str, SendingChannel]]:
    """Gateway name -> channel name -> channel, for those that leave by themselves."""
    built: dict[str, dict[str, SendingChannel]] = {}
    for channel, gateway in settings.gateways.items():
        if gateway == MANUAL:
            continue
        options = settings.options.get(channel, {})
        one: SendingChannel
        if gateway == SINK and channel == "sms":
            account = open_account(sink_state)
            one = HttpSmsChannel(SmsSettings(sink_url, account.access_key, account.secret, into_sink=True), wall)
        elif gateway == SINK:
            one = SmtpChannel(SmtpSettings("127.0.0.1", sink_smtp_port, SINK_SENDER, Security.PLAIN, into_sink=True))
        elif gateway == "sms_http":
            one = HttpSmsChannel(SmsSettings(options["base_url"], options["access_key"], _secret(options)), wall)
        else:
            one = SmtpChannel(
                SmtpSettings(
                    host=options["host"],
                    port=int(options["port"]),
                    sender=options["sender"],
                    security=Security(options.get("security", "starttls")),
                    login=options.get("login", ""),
                    password=_secret(options) if "secret_file" in options else "",
                )
            )
        built.setdefault(gateway, {})[channel] = one
    return built


def _secret(options: Mapping[str, Any]) -> str:
    """Secrets stand in files of their own, so that the settings can be shown."""
    return Path(options["secret_file"]).read_text(encoding="utf-8").strip()
