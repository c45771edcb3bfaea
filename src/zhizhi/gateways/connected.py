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
from zhizhi.gateways.inbound import Receipt, Reply
from zhizhi.gateways.letter.channel import LetterChannel, LetterSettings
from zhizhi.gateways.permit import SendingChannel
from zhizhi.gateways.sink.account import open_account
from zhizhi.gateways.smpp.channel import SmppChannel, SmppSettings
from zhizhi.gateways.sms_http.channel import HttpSmsChannel, SmsSettings
from zhizhi.gateways.smtp.channel import SmtpChannel
from zhizhi.gateways.smtp.lines import SmtpLines
from zhizhi.gateways.smtp.settings import Security, SmtpSettings
from zhizhi.gateways.voice.settings import VoiceSettings

SINK = "sink"
MANUAL = "manual"
SIP = "sip"
DIALLED = (MANUAL, SIP)  # a call has no `send`: a person or a keeper of calls carries it
DEMONSTRATION = {"sms": SINK, "email": SINK, "letter": SINK, "voice": MANUAL}
SINK_SENDER = "zhizhi@sink.invalid"
SINK_LETTERHEAD = "演示机构 · demonstration"
HTTP_TIMEOUT_SECONDS, SMPP_TIMEOUT_SECONDS, SMTP_TIMEOUT_SECONDS = 10.0, 10.0, 20.0
AT_ONCE = {("sms", "sms_http"): 4, ("sms", "smpp"): 4, ("email", "smtp"): 2}
"""Messages that may be on their way at once where nothing is said; what is not named takes one at a time."""
AT_ONCE_MAX = 16
TIMEOUT_SECONDS_MIN, TIMEOUT_SECONDS_MAX = 1.0, 60.0  # a claim counts as lost after five minutes (`claims.py`)
Options = Mapping[str, Any]


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
                f"{path.name} 的 [{channel}] 无法识别；可用：{known}",
                f"[{channel}] of {path.name} is not known; help: {known}",
            )
    return ChannelSettings({channel: str(table["gateway"]) for channel, table in tables.items()}, tables)


@dataclass(frozen=True, slots=True)
class Surrounding:
    """What channels need beside their own settings: the demonstration outbox, the real clock, a keeper of what
    comes in."""

    sink_state: Path
    sink_url: str
    sink_smtp_port: int
    wall: Callable[[], datetime]
    keep: Callable[[Receipt | Reply], None]


def build(settings: ChannelSettings, around: Surrounding) -> dict[str, dict[str, SendingChannel]]:
    """Gateway name -> channel name -> channel, for those that leave by themselves. Refuses: a setting that is
    missing."""
    built: dict[str, dict[str, SendingChannel]] = {}
    for channel, gateway in settings.gateways.items():
        if gateway in DIALLED:
            continue
        try:
            one = BUILDERS[channel, gateway](settings.options.get(channel, {}), around)
        except KeyError as error:
            raise ChannelsRefused(
                f"[{channel}] 缺少设置 `{error.args[0]}`", f"[{channel}] lacks the setting `{error.args[0]}`"
            ) from error
        built.setdefault(gateway, {})[channel] = one
    return built


def _sink_sms(_options: Options, around: Surrounding) -> SendingChannel:
    account = open_account(around.sink_state)
    return HttpSmsChannel(SmsSettings(around.sink_url, account.access_key, account.secret, into_sink=True), around.wall)


def _sink_email(_options: Options, around: Surrounding) -> SendingChannel:
    return SmtpChannel(SmtpSettings("127.0.0.1", around.sink_smtp_port, SINK_SENDER, Security.PLAIN, into_sink=True))


def _sink_letter(_options: Options, around: Surrounding) -> SendingChannel:
    return LetterChannel(LetterSettings(around.sink_state / "letters", SINK_LETTERHEAD, is_demonstration=True))


def _print_folder(options: Options, _around: Surrounding) -> SendingChannel:
    return LetterChannel(LetterSettings(Path(options["folder"]), options["sender"]))


def _sms_http(options: Options, around: Surrounding) -> SendingChannel:
    settings = SmsSettings(
        options["base_url"],
        options["access_key"],
        _secret(options),
        timeout_seconds=_timeout(options, HTTP_TIMEOUT_SECONDS),
    )
    return HttpSmsChannel(settings, around.wall)


def _smpp(options: Options, around: Surrounding) -> SendingChannel:
    return SmppChannel(
        SmppSettings(
            host=options["host"],
            port=int(options["port"]),
            system_id=options["system_id"],
            password=_secret(options),
            source=options["source"],
            timeout_seconds=_timeout(options, SMPP_TIMEOUT_SECONDS),
            receipt_ids_are_decimal=bool(options.get("receipt_ids_are_decimal", False)),
        ),
        around.keep,
        around.wall,
    )


def smtp_settings(options: Options) -> SmtpSettings:
    """The mail server that `[email]` names. Refuses: KeyError for a setting that is missing."""
    return SmtpSettings(
        host=options["host"],
        port=int(options["port"]),
        sender=options["sender"],
        security=Security(options.get("security", "starttls")),
        login=options.get("login", ""),
        password=_secret(options) if "secret_file" in options else "",
        timeout_seconds=_timeout(options, SMTP_TIMEOUT_SECONDS),
    )


def _smtp(options: Options, _around: Surrounding) -> SendingChannel:
    return SmtpLines(smtp_settings(options), _at_once(options, "email", "smtp"))


def all_at_once(settings: ChannelSettings) -> dict[tuple[str, str], int]:
    """How many messages may be on their way at once, by gateway and channel. Refuses: what is no such number."""
    return {
        (gateway, channel): _at_once(settings.options.get(channel, {}), channel, gateway)
        for channel, gateway in settings.gateways.items()
        if gateway not in DIALLED
    }


def _at_once(options: Options, channel: str, gateway: str) -> int:
    usual = AT_ONCE.get((channel, gateway), 1)
    most = AT_ONCE_MAX if usual > 1 else 1
    given = options.get("at_once", usual)
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= most:
        raise ChannelsRefused(
            f"[{channel}] 的 `at_once` 须为 1–{most} 的整数",
            f"`at_once` of [{channel}] is a whole number from 1 to {most}",
        )
    return given


def voice_settings(settings: ChannelSettings, state: Path) -> VoiceSettings:
    """How calls are placed. Refuses: voice is not connected to a telephone system, a setting that is missing."""
    options = settings.options.get("voice", {})
    if settings.gateways.get("voice") != SIP:
        raise ChannelsRefused("[voice] 未设置 gateway = sip", "[voice] does not say gateway = sip")
    try:
        return VoiceSettings(
            line=options["line"],
            desk=options["desk"],
            account=options["account"],
            desk_account=options["desk_account"],
            spool=Path(options.get("spool") or state / "calls"),
            transport=options.get("transport", "udp"),
            media=options.get("media", "plain"),
            outbound=options.get("outbound", ""),
            login=options.get("login", ""),
            password=_secret(options) if "secret_file" in options else "",
            listen=options.get("listen", "0.0.0.0:0"),
            shows=options.get("shows", ""),
        )
    except KeyError as error:
        raise ChannelsRefused(
            f"[voice] 缺少设置 `{error.args[0]}`", f"[voice] lacks the setting `{error.args[0]}`"
        ) from error


def _timeout(options: Options, usual: float) -> float:
    """How long an answer is waited for. Refuses: what is no number, or so long that the claim would count as lost."""
    given = options.get("timeout_seconds", usual)
    if isinstance(given, bool) or not isinstance(given, int | float):
        given = 0.0
    if not TIMEOUT_SECONDS_MIN <= given <= TIMEOUT_SECONDS_MAX:
        between = f"{TIMEOUT_SECONDS_MIN:.0f}–{TIMEOUT_SECONDS_MAX:.0f}"
        raise ChannelsRefused(f"`timeout_seconds` 须为 {between} 秒", f"`timeout_seconds` is {between} seconds")
    return float(given)


def _secret(options: Options) -> str:
    """Secrets stand in files of their own, so that the settings can be shown."""
    return Path(options["secret_file"]).read_text(encoding="utf-8").strip()


BUILDERS: dict[tuple[str, str], Callable[[Options, Surrounding], SendingChannel]] = {
    ("sms", "sink"): _sink_sms,
    ("sms", "sms_http"): _sms_http,
    ("sms", "smpp"): _smpp,
    ("email", "sink"): _sink_email,
    ("email", "smtp"): _smtp,
    ("letter", "sink"): _sink_letter,
    ("letter", "print_folder"): _print_folder,
}
GATEWAYS = {
    channel: tuple(gateway for of, gateway in BUILDERS if of == channel) for channel in ("sms", "email", "letter")
} | {"voice": DIALLED}
