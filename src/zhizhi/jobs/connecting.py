"""The channels of this installation, ready to use: the demonstration outbox at hand, real providers as
`channels.toml` says."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from zhizhi.gateways.connected import ChannelSettings, Surrounding, all_at_once, build, load_settings
from zhizhi.gateways.inbound import Receipt, Reply
from zhizhi.gateways.permit import SendingChannel
from zhizhi.gateways.sink.at_hand import sink_at_hand
from zhizhi.gateways.smpp.channel import SmppChannel
from zhizhi.store.inbox.arrivals import Arrival, keep_arrivals

PUSHED = "smpp"  # providers that push keep no cursor


@dataclass(frozen=True, slots=True)
class Connected:
    """Gateway name -> channel name -> channel, the settings that they were built from, and how many messages of each
    may be on their way at once."""

    settings: ChannelSettings
    channels: Mapping[str, Mapping[str, SendingChannel]]
    at_once: Mapping[tuple[str, str], int]


@contextlib.contextmanager
def connected(state: Path, wall: Callable[[], datetime]) -> Iterator[Connected]:
    """Build every channel; a provider that pushes is bound, so that receipts and replies come in."""
    settings = load_settings(Path(os.environ.get("ZHIZHI_CHANNELS") or state / "channels.toml"))
    with sink_at_hand(state / "sink", wall) as sink:
        around = Surrounding(state / "sink", sink.url, sink.smtp_port, wall, _keeper(wall))
        channels = build(settings, around)
        for of_gateway in channels.values():
            for channel in of_gateway.values():
                if isinstance(channel, SmppChannel):
                    channel.listen()
        yield Connected(settings, channels, all_at_once(settings))


def _keeper(wall: Callable[[], datetime]) -> Callable[[Receipt | Reply], None]:
    """Keep what was pushed before the provider is told that it arrived."""

    def keep(event: Receipt | Reply) -> None:
        what = "receipts" if isinstance(event, Receipt) else "replies"
        keep_arrivals(f"{PUSHED}/{what}", [arrival_of(event)], "", wall())

    return keep


def arrival_of(event: Receipt | Reply) -> Arrival:
    """An event as the inbox keeps it: sealed, with the words of a reply, which somebody may have to read."""
    if isinstance(event, Receipt):
        body = {
            "provider_message_id": event.provider_message_id,
            "state": event.state.value,
            "at": event.at.isoformat(),
            "out_id": event.idempotency_key,
        }
        return Arrival(event.key, body)
    body = {
        "address": event.address,
        "kind": event.kind.value,
        "text": event.text,
        "at": event.at.isoformat(),
        "channel": "sms",
    }
    return Arrival(event.key, body)
